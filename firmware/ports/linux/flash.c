/* Flash in a file (ports/linux/flash.h). pread and pwrite only: the page cache has the writes of a
 * process that was killed, and the disk those before the last fdatasync that returned. */
#include "ports/linux/flash.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#define CHUNK_BYTES 512 /* compared at a time before programming */

/* The marks in the blocks of a device: of its log (core/flash_log_inside.h) and of its snapshots
 * (core/snapshot.c). test_linux_flash.c fails when they move. */
#define LOG_MARK "FSL1"
#define LOG_MARK_OFFSET 32
#define SNAPSHOT_MARK "FSP1"
#define MARK_BYTES 4

/* ---- the part ---- */

static bool is_inside(const struct fw_linux_flash *flash, uint32_t offset, uint32_t size_bytes)
{
    uint64_t total = (uint64_t)flash->block_count * FW_LINUX_FLASH_BLOCK_BYTES;
    return (uint64_t)offset + size_bytes <= total;
}

static int read_all(int fd, void *ret_bytes, size_t size, off_t offset)
{
    uint8_t *at = ret_bytes;
    while (size > 0) {
        ssize_t got = pread(fd, at, size, offset);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return FW_E_IO;
        at += got;
        offset += got;
        size -= (size_t)got;
    }
    return FW_OK;
}

static int write_all(int fd, const void *bytes, size_t size, off_t offset)
{
    const uint8_t *at = bytes;
    while (size > 0) {
        ssize_t put = pwrite(fd, at, size, offset);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return FW_E_IO;
        at += put;
        offset += put;
        size -= (size_t)put;
    }
    return FW_OK;
}

static int read_flash(void *self, uint32_t offset, void *ret_bytes, uint32_t size_bytes)
{
    const struct fw_linux_flash *flash = self;
    if (!is_inside(flash, offset, size_bytes))
        return FW_E_INVALID;
    return read_all(flash->fd, ret_bytes, size_bytes, offset);
}

/* FW_E_CORRUPT when a bit would have to be set: a real part cannot, and would keep other bytes. */
static int check_clears_only(const struct fw_linux_flash *flash, uint32_t offset,
                             const uint8_t *bytes, uint32_t size_bytes)
{
    uint8_t old[CHUNK_BYTES];
    for (uint32_t done = 0; done < size_bytes;) {
        uint32_t size = size_bytes - done < CHUNK_BYTES ? size_bytes - done : CHUNK_BYTES;
        int rc = read_all(flash->fd, old, size, offset + done);
        if (rc != FW_OK)
            return rc;
        for (uint32_t i = 0; i < size; i++) {
            if ((bytes[done + i] & ~old[i]) != 0)
                return FW_E_CORRUPT;
        }
        done += size;
    }
    return FW_OK;
}

static int program_flash(void *self, uint32_t offset, const void *bytes, uint32_t size_bytes)
{
    const struct fw_linux_flash *flash = self;
    if (!is_inside(flash, offset, size_bytes) || offset % FW_LINUX_FLASH_WORD_BYTES != 0 ||
        size_bytes % FW_LINUX_FLASH_WORD_BYTES != 0)
        return FW_E_INVALID;
    int rc = check_clears_only(flash, offset, bytes, size_bytes);
    if (rc != FW_OK)
        return rc;
    rc = write_all(flash->fd, bytes, size_bytes, offset);
    if (rc != FW_OK)
        return rc;
    return fdatasync(flash->fd) == 0 ? FW_OK : FW_E_IO;
}

static int erase_flash(void *self, uint32_t block)
{
    const struct fw_linux_flash *flash = self;
    if (block >= flash->block_count)
        return FW_E_INVALID;
    uint8_t erased[FW_LINUX_FLASH_BLOCK_BYTES];
    memset(erased, 0xff, sizeof(erased));
    int rc = write_all(flash->fd, erased, sizeof(erased),
                       (off_t)block * FW_LINUX_FLASH_BLOCK_BYTES);
    if (rc != FW_OK)
        return rc;
    return fdatasync(flash->fd) == 0 ? FW_OK : FW_E_IO;
}

struct fw_flash fw_linux_flash_port(struct fw_linux_flash *flash)
{
    return (struct fw_flash){ .block_size_bytes = FW_LINUX_FLASH_BLOCK_BYTES,
                              .block_count = flash->block_count,
                              .word_size_bytes = FW_LINUX_FLASH_WORD_BYTES,
                              .read = read_flash,
                              .program = program_flash,
                              .erase = erase_flash,
                              .self = flash };
}

/* ---- the file ---- */

static int say(char error[FW_LINUX_ERROR_SIZE], int rc, const char *path, const char *what)
{
    snprintf(error, FW_LINUX_ERROR_SIZE, "the flash file %s %s", path, what);
    return rc;
}

static int say_errno(char error[FW_LINUX_ERROR_SIZE], const char *path, const char *what)
{
    snprintf(error, FW_LINUX_ERROR_SIZE, "the flash file %s %s: %s", path, what, strerror(errno));
    return FW_E_IO;
}

static int sync_folder_of(const char *path)
{
    char copy[PATH_MAX];
    fw_linux_copy_text(copy, sizeof(copy), path);
    int fd = open(dirname(copy), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0)
        return FW_E_IO;
    int rc = fsync(fd);
    close(fd);
    return rc == 0 ? FW_OK : FW_E_IO;
}

static int write_erased(int fd, uint32_t block_count)
{
    struct fw_linux_flash flash = { .fd = fd, .block_count = block_count };
    uint8_t erased[FW_LINUX_FLASH_BLOCK_BYTES];
    memset(erased, 0xff, sizeof(erased));
    for (uint32_t block = 0; block < flash.block_count; block++) {
        int rc = write_all(fd, erased, sizeof(erased), (off_t)block * FW_LINUX_FLASH_BLOCK_BYTES);
        if (rc != FW_OK)
            return rc;
    }
    return fsync(fd) == 0 ? FW_OK : FW_E_IO;
}

/* By link() and not rename(): the file of another process that was faster stays. */
static int make_file(const char *path, uint32_t block_count, char error[FW_LINUX_ERROR_SIZE])
{
    char temporary[PATH_MAX];
    int length = snprintf(temporary, sizeof(temporary), "%s.%ld.new", path, (long)getpid());
    if (length < 0 || (size_t)length >= sizeof(temporary))
        return say(error, FW_E_INVALID, path, "has too long a name");
    (void)unlink(temporary); /* of a process of that number which was killed, or a trap */
    int fd = open(temporary, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0)
        return say_errno(error, path, "cannot be made");
    int rc = write_erased(fd, block_count);
    close(fd);
    if (rc == FW_OK && link(temporary, path) != 0 && errno != EEXIST)
        rc = FW_E_IO;
    if (rc != FW_OK)
        (void)say_errno(error, path, "cannot be made");
    (void)unlink(temporary);
    if (rc != FW_OK)
        return rc;
    if (sync_folder_of(path) != FW_OK)
        return say_errno(error, path, "cannot be made safe on the disk");
    return FW_OK;
}

static bool is_blank(const uint8_t block[FW_LINUX_FLASH_BLOCK_BYTES])
{
    for (size_t i = 0; i < FW_LINUX_FLASH_BLOCK_BYTES; i++) {
        if (block[i] != 0xff)
            return false;
    }
    return true;
}

/* Is this the memory of a device? Yes if a block has a mark; or if half of the blocks or more were
 * never written, as the first write to a new memory may have been cut. Any other file is not ours
 * to erase. */
static int check_content(int fd, const char *path, uint32_t block_count,
                         char error[FW_LINUX_ERROR_SIZE])
{
    uint8_t block[FW_LINUX_FLASH_BLOCK_BYTES];
    uint32_t blanks = 0;
    for (uint32_t i = 0; i < block_count; i++) {
        if (read_all(fd, block, sizeof(block), (off_t)i * FW_LINUX_FLASH_BLOCK_BYTES) != FW_OK)
            return say_errno(error, path, "cannot be read");
        if (memcmp(block, SNAPSHOT_MARK, MARK_BYTES) == 0 ||
            memcmp(block + LOG_MARK_OFFSET, LOG_MARK, MARK_BYTES) == 0)
            return FW_OK;
        blanks += is_blank(block);
    }
    if (blanks * 2 >= block_count)
        return FW_OK;
    return say(error, FW_E_CORRUPT, path,
               "is no device's memory: something else is in it; name another file");
}

static int check_file(int fd, const char *path, uint32_t block_count,
                      char error[FW_LINUX_ERROR_SIZE])
{
    struct stat info;
    if (fstat(fd, &info) != 0)
        return say_errno(error, path, "cannot be looked at");
    if (info.st_size != (off_t)block_count * FW_LINUX_FLASH_BLOCK_BYTES) {
        snprintf(error, FW_LINUX_ERROR_SIZE,
                 "the flash file %s has %lld bytes, not %u blocks of %d; name another file, or say "
                 "--flash-blocks as when it was made",
                 path, (long long)info.st_size, block_count, FW_LINUX_FLASH_BLOCK_BYTES);
        return FW_E_INVALID;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) != 0)
        return say(error, FW_E_FULL, path, "is in use by another device; give each its own");
    return check_content(fd, path, block_count, error);
}

int fw_linux_flash_open(struct fw_linux_flash *flash, const char *path, uint32_t block_count,
                        char error[FW_LINUX_ERROR_SIZE])
{
    if (block_count == 0 || block_count > FW_LINUX_FLASH_BLOCKS_MAX)
        return say(error, FW_E_INVALID, path, "cannot have that many blocks");
    int fd = open(path, O_RDWR | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT) {
        int rc = make_file(path, block_count, error);
        if (rc != FW_OK)
            return rc;
        fd = open(path, O_RDWR | O_CLOEXEC);
    }
    if (fd < 0)
        return say_errno(error, path, "cannot be opened");
    int rc = check_file(fd, path, block_count, error);
    if (rc != FW_OK) {
        close(fd);
        return rc;
    }
    *flash = (struct fw_linux_flash){ .fd = fd, .block_count = block_count };
    return FW_OK;
}

void fw_linux_flash_close(struct fw_linux_flash *flash)
{
    if (flash->fd >= 0)
        close(flash->fd);
    flash->fd = -1;
}
