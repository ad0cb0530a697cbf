/* The whole core linked into one image, to see its size with the parts of the C library that it
 * needs (copying, comparing, dividing 64 bits). Never run. */
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
