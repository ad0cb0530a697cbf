/* The small ports of a PC: clocks, randomness, and the key that signs; and what the files of this
 * port share. Loop's thread. */
#ifndef FW_PORTS_LINUX_WORLD_H
#define FW_PORTS_LINUX_WORLD_H

#include "port/port.h"

#define FW_LINUX_PATH_SIZE 256
#define FW_LINUX_ERROR_SIZE 256  /* a sentence that says what is wrong and what to do */
#define FW_LINUX_SECRET_SIZE 128 /* a broker password, with NUL */
#define FW_LINUX_KEY_DIGITS (2 * FW_KEY_BYTES)

struct fw_linux_mac {
    uint8_t key[FW_KEY_BYTES];
};

/**
 * fw_linux_clock() - CLOCK_BOOTTIME, which counts a PC's sleep, and the PC's time of day.
 *
 * The core trusts the time of day as any battery clock: only until the service tells its time.
 */
struct fw_clock fw_linux_clock(void);

/** fw_linux_rng() - Random bytes of the kernel. */
struct fw_rng fw_linux_rng(void);

/**
 * fw_linux_mac_load() - Read the device's own key.
 *
 * @path:  a file of 64 hex digits; blanks and a newline behind them are passed over.
 * @error: written on failure: a sentence that never shows what was in the file.
 *
 * Errors:  FW_E_IO: cannot be read. FW_E_INVALID: something else is in it.
 */
int fw_linux_mac_load(struct fw_linux_mac *mac, const char *path, char error[FW_LINUX_ERROR_SIZE]);

/**
 * fw_linux_mac_port() - The port that signs with the key, which is borrowed for the port's life.
 */
struct fw_mac fw_linux_mac_port(struct fw_linux_mac *mac);

/**
 * fw_linux_secret_load() - Read a password: the first line of a file, without its end.
 *
 * Errors:  FW_E_IO: cannot be read. FW_E_INVALID: empty, or longer than FW_LINUX_SECRET_SIZE - 2.
 */
int fw_linux_secret_load(const char *path, char ret_secret[FW_LINUX_SECRET_SIZE],
                         char error[FW_LINUX_ERROR_SIZE]);

/** fw_linux_copy_text() - Copy a text; one that is too long is cut to @size - 1 bytes. */
void fw_linux_copy_text(char *ret, size_t size, const char *text);

#endif
