/* The dialect of KR-CU12 boards (12 locks): 02 ADDR LOCK CMD ASK LEN 03 SUM DATA; DATA follows SUM
 * and is counted in it. CMD 80 status, 81 unlock; LOCK from 0, 0C is all; ASK 00 request, 10 ok, 11
 * failed, 12 timeout, 13 unknown command, 14 bad sum. The data of a status answer are two hook
 * bytes, bit 0 is lock 1, 1 is locked; there is no presence. Used by board.c alone. */
#ifndef SIM_MODELS_CU12_H
#define SIM_MODELS_CU12_H

#include "models/dialect.h"

extern const struct sim_dialect sim_dialect_cu12;

#endif
