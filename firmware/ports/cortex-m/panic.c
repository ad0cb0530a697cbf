/* A failed assertion of the core ends the run: the emulated board is not started again. */
#include "port/check.h"
#include "semihost.h"

_Noreturn void fw_panic(const char *file, int line)
{
    char digits[] = "00000\n";
    (void)file; /* empty: FW_CHECK_SHORT_NAME */
    for (int i = 4, left = line; i >= 0; i--, left /= 10)
        digits[i] = (char)('0' + left % 10);
    semihost_write("fw_panic: a check failed in line ");
    semihost_write(digits);
    semihost_exit(SEMIHOST_EXIT_PANIC);
}
