/* Clocks by clock_gettime, randomness by the kernel, HMAC-SHA-256 by libsodium; and reading the two
 * files that hold a device's secrets. */
#include "ports/linux/world.h"

#include <errno.h>
#include <fcntl.h>
#include <sodium.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MS_PER_S 1000
#define NS_PER_MS 1000000

static int64_t read_clock_ms(clockid_t id)
{
    struct timespec now = { 0 };
    (void)clock_gettime(id, &now); /* cannot fail for these clocks */
    return (int64_t)now.tv_sec * MS_PER_S + now.tv_nsec / NS_PER_MS;
}

static int64_t read_mono_ms(void *self)
{
    (void)self;
    return read_clock_ms(CLOCK_BOOTTIME); /* counts the sleep of the PC: a code ages in it */
}

static int64_t read_wall_ms(void *self)
{
    (void)self;
    return read_clock_ms(CLOCK_REALTIME);
}

struct fw_clock fw_linux_clock(void)
{
    return (struct fw_clock){ .mono_ms = read_mono_ms, .wall_ms = read_wall_ms };
}

static void fill(void *self, void *ret_bytes, size_t size)
{
    (void)self;
    randombytes_buf(ret_bytes, size);
}

struct fw_rng fw_linux_rng(void)
{
    return (struct fw_rng){ .fill = fill };
}

static void sign(void *self, const void *bytes, size_t size, uint8_t ret_mac[FW_MAC_BYTES])
{
    const struct fw_linux_mac *mac = self;
    crypto_auth_hmacsha256(ret_mac, bytes, size, mac->key);
}

struct fw_mac fw_linux_mac_port(struct fw_linux_mac *mac)
{
    return (struct fw_mac){ .sign = sign, .self = mac, .key_no = FW_KEY_NO_FIRST };
}

/* Reads the first line, without its end; an empty file gives "". */
static int read_line(const char *path, char *ret_text, size_t size_max,
                     char error[FW_LINUX_ERROR_SIZE])
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        snprintf(error, FW_LINUX_ERROR_SIZE, "%s cannot be read: %s", path, strerror(errno));
        return FW_E_IO;
    }
    ssize_t size = read(fd, ret_text, size_max - 1);
    int read_error = errno;
    close(fd);
    if (size < 0) {
        snprintf(error, FW_LINUX_ERROR_SIZE, "%s cannot be read: %s", path, strerror(read_error));
        return FW_E_IO;
    }
    ret_text[size] = '\0';
    ret_text[strcspn(ret_text, "\r\n")] = '\0';
    return FW_OK;
}

int fw_linux_mac_load(struct fw_linux_mac *mac, const char *path, char error[FW_LINUX_ERROR_SIZE])
{
    char text[FW_LINUX_KEY_DIGITS + 16];
    int rc = read_line(path, text, sizeof(text), error);
    if (rc != FW_OK)
        return rc;
    size_t size = 0;
    uint8_t key[FW_KEY_BYTES];
    bool is_key = sodium_hex2bin(key, sizeof(key), text, strlen(text), " \t", &size, NULL) == 0 &&
                  size == FW_KEY_BYTES;
    sodium_memzero(text, sizeof(text));
    if (!is_key) {
        sodium_memzero(key, sizeof(key));
        snprintf(error, FW_LINUX_ERROR_SIZE, "%s is not a key; it must hold %d hex digits", path,
                 FW_LINUX_KEY_DIGITS);
        return FW_E_INVALID;
    }
    memcpy(mac->key, key, sizeof(key));
    sodium_memzero(key, sizeof(key));
    return FW_OK;
}

int fw_linux_secret_load(const char *path, char ret_secret[FW_LINUX_SECRET_SIZE],
                         char error[FW_LINUX_ERROR_SIZE])
{
    char text[FW_LINUX_SECRET_SIZE];
    int rc = read_line(path, text, sizeof(text), error);
    if (rc != FW_OK)
        return rc;
    size_t length = strlen(text);
    if (length == 0 || length == sizeof(text) - 1) {
        snprintf(error, FW_LINUX_ERROR_SIZE, "%s must hold a password of 1 to %d characters", path,
                 FW_LINUX_SECRET_SIZE - 2);
        return FW_E_INVALID;
    }
    memcpy(ret_secret, text, sizeof(text));
    sodium_memzero(text, sizeof(text));
    return FW_OK;
}

void fw_linux_copy_text(char *ret, size_t size, const char *text)
{
    size_t length = strnlen(text, size - 1);
    memcpy(ret, text, length);
    ret[length] = '\0';
}
