/* A flash part in a file: NOR rules are kept, and a program or erase that returned is on the disk.
 *
 * The file is the part's image and nothing else: erased bytes are 0xFF. Its size decides the number
 * of blocks. Two processes never use one file: it is locked while it is open. */
#ifndef FW_LINUX_FLASH_H
#define FW_LINUX_FLASH_H

#include "ports/linux/world.h"

#define FW_LINUX_FLASH_BLOCK_BYTES 4096
#define FW_LINUX_FLASH_WORD_BYTES 4
#define FW_LINUX_FLASH_BLOCKS_MAX 4096

struct fw_linux_flash {
    int fd;
    uint32_t block_count;
};

/**
 * fw_linux_flash_open() - Open the file, or make an erased one.
 *
 * A new file appears under its name only when it is complete: a kill in between leaves none.
 *
 * @block_count: of a new file; an existing one must have as many.
 *
 * Errors:  FW_E_IO, FW_E_INVALID another size, FW_E_FULL another process holds it, FW_E_CORRUPT
 *          something else is in the file. The sentence says what to do.
 */
int fw_linux_flash_open(struct fw_linux_flash *flash, const char *path, uint32_t block_count,
                        char error[FW_LINUX_ERROR_SIZE]);

void fw_linux_flash_close(struct fw_linux_flash *flash);

/* Its functions give FW_E_INVALID for a range that is not there or not in whole words, FW_E_CORRUPT
 * for a program that would have to set a bit, FW_E_IO when the disk fails. */
struct fw_flash fw_linux_flash_port(struct fw_linux_flash *flash);

#endif
