/* For unit tests with planted bugs, which have a main() of their own: LOCKSTOCK_PLANT names the bug
 * that is switched on. */
#include <err.h>
#include <stdlib.h>

#include "mutants/planted.h"

__attribute__((constructor)) static void choose(void)
{
    const char *name = getenv("LOCKSTOCK_PLANT");
    if (name != NULL && !planted_choose(name))
        errx(64, "no bug %s is planted here; tests/mutants/run --list names them", name);
}
