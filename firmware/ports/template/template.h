/* A port to copy: a function for each one that port/port.h wants of a board. Every body is empty
 * and ends in fw_panic(), with the function's name in `template_missing`: a half done port stops
 * where work is left. ports/linux and ports/cortex-m are ports that are done. */
#ifndef FW_PORTS_TEMPLATE_TEMPLATE_H
#define FW_PORTS_TEMPLATE_TEMPLATE_H

#include "port/port.h"

extern const struct fw_clock template_clock;
extern const struct fw_flash template_flash;
extern const struct fw_uart template_reader; /* scan head, or keypad of a locker */
extern const struct fw_uart template_branch; /* locker: RS-485 line of the lock boards */
extern const struct fw_net template_net;
extern const struct fw_rng template_rng;
extern const struct fw_mac template_mac; /* locker */
extern const struct fw_panel template_panel;
extern const struct fw_trace template_trace;

/* The function whose body is still empty; for the debugger. */
extern const char *volatile template_missing;

/* main_scanner.c: runs a scanner; called by the board's main. Returns only when the device cannot
 * start: enum fw_status. */
int template_run_scanner(void);

/* main_locker.c: runs a locker, as above. */
int template_run_locker(void);

/* Called by the port when the broker connection came or went. In main_*.c. */
void template_on_link(bool is_up);

/* Called by the port for each message that arrives. In main_*.c. */
void template_on_message(enum fw_leaf leaf, const char *payload, size_t size);

#endif
