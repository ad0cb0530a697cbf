/* The debugger's services (ARM semihosting), which QEMU gives to a board that has nothing else: a
 * console, and an exit status. Blocks; for tests and the demonstration only. */
#ifndef FW_PORTS_CORTEX_M_SEMIHOST_H
#define FW_PORTS_CORTEX_M_SEMIHOST_H

#include <stdint.h>

#define SEMIHOST_EXIT_PANIC 70
#define SEMIHOST_EXIT_FAULT 71

void semihost_write(const char *text);
_Noreturn void semihost_exit(int status);

/* Deepest stack so far. */
uint32_t semihost_stack_used_bytes(void);

#endif
