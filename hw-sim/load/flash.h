/* Flash in memory for devices of a load run: NOR rules, no cuts. A device of a load run keeps its
 * records as long as the process lives, through every loss of the broker. One thread. */
#ifndef SIM_LOAD_FLASH_H
#define SIM_LOAD_FLASH_H

#include "port/port.h"

#define LOAD_FLASH_BLOCK_BYTES 4096 /* one copy of the gate of a locker has to fit */
#define LOAD_FLASH_BLOCKS 12        /* log, session, and the gate of a locker */

struct load_flash {
    uint8_t bytes[LOAD_FLASH_BLOCKS][LOAD_FLASH_BLOCK_BYTES];
};

/* Erased. The port borrows flash. */
struct fw_flash load_flash_init(struct load_flash *flash);

#endif
