/* The dialect of KR-CU16 boards (16 locks): requests 02 ADDR CMD 03 SUM, SUM the low byte of the
 * sum of all before; CMD 30 status, 31 unlock; ADDR high nibble the board, low nibble the lock.
 * Status answer: 02 ADDR 35 hook1-8 hook9-16 ir1-8 ir9-16 03 SUM; bit 0 is lock 1; hook 1 is
 * locked, ir 1 is something seen. An unlock has no answer unless the option says so. Used by
 * board.c alone. */
#ifndef SIM_MODELS_CU16_H
#define SIM_MODELS_CU16_H

#include "models/dialect.h"

extern const struct sim_dialect sim_dialect_cu16;

#endif
