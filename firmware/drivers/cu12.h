/* KR-CU12 lock board on RS-485, 19200 8N1: see drivers/board.h for what a driver does. */
#ifndef FW_DRIVERS_CU12_H
#define FW_DRIVERS_CU12_H

#include "drivers/board.h"

/* Confirms an unlock; senses no objects. */
extern const struct fw_board_driver fw_cu12;

#endif
