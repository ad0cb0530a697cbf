/* The debugger's services (ARM semihosting), which QEMU gives to a board that has nothing else: a
 * console, and an exit status. Blocks; for tests and the demonstration only. */
#ifndef FW_PORTS_CORTEX_M_SEMIHOST_H
#define FW_PORTS_CORTEX_M_SEMIHOST_H

#include <stdint.h>

#define SEMIHOST_EXIT_PANIC 70
#define SEMIHOST_EXIT_FAULT 71

/* Writes a text to the console. */
void semihost_write(const char *text);
/* Ends the emulation with that exit status. */
_Noreturn void semihost_exit(int status);

/* How deep the stack was at most since the reset, in bytes. */
uint32_t semihost_stack_used_bytes(void);

#endif
