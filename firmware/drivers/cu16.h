/* KR-CU16 lock board on RS-485, 19200 8N1: see drivers/board.h for what a driver does. */
#ifndef FW_DRIVERS_CU16_H
#define FW_DRIVERS_CU16_H

#include "drivers/board.h"

/* Does not confirm an unlock; senses objects by infrared. */
extern const struct fw_board_driver fw_cu16;

#endif
