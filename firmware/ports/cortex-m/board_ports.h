/* The ports (port/port.h) of the emulated board mps2-an385: UART 0, SysTick, and what it lacks made
 * of RAM: the flash. One thread and one interrupt, the clock's. */
#ifndef FW_PORTS_CORTEX_M_BOARD_PORTS_H
#define FW_PORTS_CORTEX_M_BOARD_PORTS_H

#include "port/port.h"

#define BOARD_FLASH_BLOCK_BYTES 1024
#define BOARD_FLASH_BLOCKS 32

/* Starts the clock and the UART, and erases the flash. To be called once, before all else. */
void board_open(void);

extern const struct fw_clock board_clock; /* no wall clock */
extern const struct fw_flash board_flash;
extern const struct fw_uart board_uart;
extern const struct fw_net board_net; /* there is none: always away */
extern const struct fw_rng board_rng; /* not random: see board_ports.c */
extern const struct fw_panel board_panel;

/* Has EOT (0x04) come from the line, which ends the demonstration? */
bool board_is_over(void);

/* Sleeps until the next tick of the clock. */
void board_sleep(void);

#endif
