/* Everything linked together and nothing else, to see what it takes with the parts of the C library
 * that it pulls in (copying, comparing, dividing 64 bits). Never run. */
#include "port/check.h"

extern void whole_start(void);

_Noreturn void fw_panic(const char *file, int line)
{
    (void)file, (void)line;
    for (;;)
        ;
}

void whole_start(void)
{
}
