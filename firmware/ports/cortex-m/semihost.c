/* See semihost.h. The numbers are of ARM's "Semihosting for AArch32 and AArch64". */
#include "semihost.h"

#define SYS_WRITE0 0x04U
#define SYS_EXIT_EXTENDED 0x20U
#define ADP_STOPPED_APPLICATION_EXIT 0x20026U

static void call(uint32_t operation, const void *argument)
{
    register uint32_t r0 __asm__("r0") = operation;
    register const void *r1 __asm__("r1") = argument;
    __asm__ volatile("bkpt 0xAB" : "+r"(r0) : "r"(r1) : "memory");
}

void semihost_write(const char *text)
{
    call(SYS_WRITE0, text);
}

_Noreturn void semihost_exit(int status)
{
    const uint32_t block[2] = { ADP_STOPPED_APPLICATION_EXIT, (uint32_t)status };
    call(SYS_EXIT_EXTENDED, block);
    for (;;) /* without a debugger, there is no way out */
        __asm__ volatile("wfi");
}
