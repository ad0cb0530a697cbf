/* A flash part in a file. NOR rules are kept, and when a program or an erase has returned, the disk
 * has it. The file is the part's image and nothing else: erased bytes are 0xFF, its size is that of
 * all blocks. It is locked while it is open, so that two processes never use it. Loop's thread. */
#ifndef FW_PORTS_LINUX_FLASH_H
#define FW_PORTS_LINUX_FLASH_H

#include "ports/linux/world.h"

#define FW_LINUX_FLASH_BLOCK_BYTES 4096
#define FW_LINUX_FLASH_WORD_BYTES 4
#define FW_LINUX_FLASH_BLOCKS_MAX 4096

struct fw_linux_flash {
    int fd; /* -1: closed */
    uint32_t block_count;
};

/**
 * fw_linux_flash_open() - Open the file, or make an erased one.
 *
 * A new file gets its name only when it is complete: a kill in between leaves none.
 *
 * @block_count: of a new file; an existing one must have as many.
 * @error:       written on failure: a sentence that says what to do.
 *
 * Errors:  FW_E_IO: the file cannot be opened, made or read. FW_E_INVALID: it has another size, or
 *          @block_count is out of range. FW_E_FULL: another process has it open. FW_E_CORRUPT: it
 *          is not the memory of a device.
 */
int fw_linux_flash_open(struct fw_linux_flash *flash, const char *path, uint32_t block_count,
                        char error[FW_LINUX_ERROR_SIZE]);

/** fw_linux_flash_close() - Close and unlock the file; a closed one stays closed. */
void fw_linux_flash_close(struct fw_linux_flash *flash);

/**
 * fw_linux_flash_port() - The port of an open file, which is borrowed for the port's life.
 *
 * Its functions return FW_E_INVALID for a range that is outside or not of whole words, FW_E_CORRUPT
 * for a program that would have to set a bit, FW_E_IO when the disk fails. They block for the disk.
 */
struct fw_flash fw_linux_flash_port(struct fw_linux_flash *flash);

#endif
