/* The small ports of a PC: clocks, randomness, and the key that signs. */
#ifndef FW_LINUX_WORLD_H
#define FW_LINUX_WORLD_H

#include "port/port.h"

#define FW_LINUX_ERROR_SIZE 256  /* a sentence that says what is wrong and what to do */
#define FW_LINUX_SECRET_SIZE 128 /* a broker password, with NUL */
#define FW_LINUX_KEY_DIGITS (2 * FW_KEY_BYTES)

struct fw_linux_mac {
    uint8_t key[FW_KEY_BYTES];
};

/* The PC's battery clock is trusted like any other: as a bound, never against the service's time.
 */
struct fw_clock fw_linux_clock(void);

struct fw_rng fw_linux_rng(void);

/**
 * fw_linux_mac_load() - Read the device's own key.
 *
 * @path:  a file of 64 hex digits; blanks and a newline after them are passed over.
 *
 * Errors:  FW_E_IO cannot be read, FW_E_INVALID something else is in it; the sentence is in error
 *          and never shows what was in the file.
 */
int fw_linux_mac_load(struct fw_linux_mac *mac, const char *path, char error[FW_LINUX_ERROR_SIZE]);

struct fw_mac fw_linux_mac_port(struct fw_linux_mac *mac);

/* The first line of a file, without its end. Errors as above. */
int fw_linux_secret_load(const char *path, char ret_secret[FW_LINUX_SECRET_SIZE],
                         char error[FW_LINUX_ERROR_SIZE]);

#endif
