/* Power cuts of the flash of a world's devices, in each operation on it: before it, in it, behind
 * it, or with any of its words written. The log of records is opened again from the copy: it is the
 * same one, and holds every record that it held, and at most the one that was being written. (The
 * snapshots beside it have unit tests: unit.firmware-snapshot, unit.firmware-gate_cut.) One thread.
 */
#ifndef TESTS_WORLD_CUT_FLASH_H
#define TESTS_WORLD_CUT_FLASH_H

#include <stdint.h>

/* Watches the flash of all devices, until cut_flash_end(). Counts in cut_counts(). */
void cut_flash_begin(uint64_t seed);
void cut_flash_end(void);

#endif
