/* See cut_vfs.h. Without shared memory: for databases in exclusive locking mode. */
#include "fakes/cut_vfs.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"

#define FILES_MAX 8
#define NAME_SIZE 64
#define SECTOR_BYTES 512

struct bytes {
    unsigned char *data;
    size_t size, room;
};

struct cut_file {
    char name[NAME_SIZE]; /* "": unused */
    struct bytes now, synced;
    size_t dirty_from, dirty_to; /* beyond this range they are the same, but for their ends */
};

struct handle {
    sqlite3_file base;
    struct cut_file *file;
};

static struct disk {
    struct cut_file files[FILES_MAX];
    int64_t changes, die_at;
    enum cut_kind kind;
    uint64_t random;
    int open_count;
    bool is_dead;
} disk;

/* ---- bytes ---- */

static void resize(struct bytes *bytes, size_t size)
{
    if (size > bytes->room) {
        bytes->room = size * 2;
        bytes->data = realloc(bytes->data, bytes->room);
        CHECK(bytes->data != NULL);
    }
    if (size > bytes->size)
        memset(bytes->data + bytes->size, 0, size - bytes->size);
    bytes->size = size;
}

static void put(struct bytes *bytes, size_t offset, const void *from, size_t size)
{
    if (offset + size > bytes->size)
        resize(bytes, offset + size);
    memcpy(bytes->data + offset, from, size);
}

static void copy(struct bytes *to, const struct bytes *from)
{
    resize(to, from->size);
    if (from->size > 0)
        memcpy(to->data, from->data, from->size);
}

static void sync_bytes(struct cut_file *file)
{
    const struct bytes *now = &file->now;
    const size_t to = file->dirty_to < now->size ? file->dirty_to : now->size;
    resize(&file->synced, now->size);
    if (file->dirty_from < to)
        memcpy(file->synced.data + file->dirty_from, now->data + file->dirty_from,
               to - file->dirty_from);
    file->dirty_from = SIZE_MAX;
    file->dirty_to = 0;
}

static void note_dirty(struct cut_file *file, size_t from, size_t to)
{
    file->dirty_from = from < file->dirty_from ? from : file->dirty_from;
    file->dirty_to = to > file->dirty_to ? to : file->dirty_to;
}

static uint64_t random_next(void)
{
    disk.random ^= disk.random << 13;
    disk.random ^= disk.random >> 7;
    disk.random ^= disk.random << 17;
    return disk.random;
}

/* ---- life and death ---- */

/* Does the disk live through this change? */
static bool is_alive_for_change(void)
{
    if (disk.is_dead)
        return false;
    disk.changes++;
    disk.is_dead = disk.changes == disk.die_at;
    return !disk.is_dead;
}

static struct cut_file *find(const char *name)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        if (strcmp(disk.files[i].name, name) == 0)
            return &disk.files[i];
    }
    return NULL;
}

static struct cut_file *add(const char *name)
{
    struct cut_file *file = find("");
    CHECK(file != NULL && strlen(name) < NAME_SIZE);
    memcpy(file->name, name, strlen(name) + 1);
    file->now.size = file->synced.size = 0;
    file->dirty_from = SIZE_MAX;
    file->dirty_to = 0;
    return file;
}

/* Each sector as it was synced, or as it was written since; so with the end of the file. */
static void tear(struct cut_file *file)
{
    struct bytes *now = &file->now, *synced = &file->synced;
    const size_t size = random_next() % 2 == 0 ? now->size : synced->size;
    const size_t end = file->dirty_to < now->size ? file->dirty_to : now->size;
    const size_t written = end < size ? end : size;
    resize(synced, size);
    if (file->dirty_from >= written)
        return;
    for (size_t at = file->dirty_from / SECTOR_BYTES * SECTOR_BYTES; at < written;
         at += SECTOR_BYTES) {
        const size_t length = written - at < SECTOR_BYTES ? written - at : SECTOR_BYTES;
        if (random_next() % 2 == 0)
            memcpy(synced->data + at, now->data + at, length);
    }
}

void cut_disk_restart(void)
{
    PRE(disk.open_count == 0);
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct cut_file *file = &disk.files[i];
        if (file->name[0] == '\0')
            continue;
        if (disk.is_dead && disk.kind == CUT_POWER) {
            tear(file);
            copy(&file->now, &file->synced);
        }
        sync_bytes(file);
    }
    disk.is_dead = false;
    disk.die_at = 0;
}

void cut_disk_clear(void)
{
    PRE(disk.open_count == 0);
    for (size_t i = 0; i < FILES_MAX; i++) {
        disk.files[i].name[0] = '\0';
        disk.files[i].now.size = disk.files[i].synced.size = 0;
    }
    disk.is_dead = false;
    disk.die_at = 0;
}

void cut_disk_put(const char *name, const void *bytes, size_t size_bytes)
{
    struct cut_file *file = add(name);
    put(&file->now, 0, bytes, size_bytes);
    copy(&file->synced, &file->now);
}

void cut_disk_die_at(int64_t n, enum cut_kind kind, uint64_t seed)
{
    disk.changes = 0;
    disk.die_at = n;
    disk.kind = kind;
    disk.random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
}

int64_t cut_disk_changes(void)
{
    return disk.changes;
}

bool cut_disk_is_dead(void)
{
    return disk.is_dead;
}

/* ---- what SQLite asks for ---- */

static struct cut_file *file_of(sqlite3_file *base)
{
    return ((struct handle *)base)->file;
}

static int on_close(sqlite3_file *base)
{
    (void)base;
    disk.open_count--;
    return SQLITE_OK;
}

static int on_read(sqlite3_file *base, void *ret, int size, sqlite3_int64 offset)
{
    const struct bytes *now = &file_of(base)->now;
    const size_t from = (size_t)offset < now->size ? (size_t)offset : now->size;
    const size_t got = now->size - from < (size_t)size ? now->size - from : (size_t)size;
    if (disk.is_dead)
        return SQLITE_IOERR_READ;
    memset(ret, 0, (size_t)size);
    if (got > 0)
        memcpy(ret, now->data + from, got);
    return got == (size_t)size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int on_write(sqlite3_file *base, const void *bytes, int size, sqlite3_int64 offset)
{
    const bool was_dead = disk.is_dead;
    const bool is_alive = is_alive_for_change();
    const size_t written = is_alive ? (size_t)size : (size_t)size / 2;
    if (!was_dead) {
        put(&file_of(base)->now, (size_t)offset, bytes, written);
        note_dirty(file_of(base), (size_t)offset, (size_t)offset + written);
    }
    return is_alive ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

static int on_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    if (!is_alive_for_change())
        return SQLITE_IOERR_TRUNCATE;
    note_dirty(file_of(base), (size_t)size, file_of(base)->now.size); /* what grows there again */
    resize(&file_of(base)->now, (size_t)size);
    return SQLITE_OK;
}

static int on_sync(sqlite3_file *base, int flags)
{
    (void)flags;
    if (!is_alive_for_change())
        return SQLITE_IOERR_FSYNC;
    sync_bytes(file_of(base));
    return SQLITE_OK;
}

static int on_size(sqlite3_file *base, sqlite3_int64 *ret_size)
{
    *ret_size = (sqlite3_int64)file_of(base)->now.size;
    return disk.is_dead ? SQLITE_IOERR_FSTAT : SQLITE_OK;
}

static int on_lock(sqlite3_file *base, int lock)
{
    (void)base;
    (void)lock;
    return SQLITE_OK;
}

static int on_is_locked(sqlite3_file *base, int *ret_is_locked)
{
    (void)base;
    *ret_is_locked = 0;
    return SQLITE_OK;
}

static int on_control(sqlite3_file *base, int operation, void *argument)
{
    (void)base;
    (void)operation;
    (void)argument;
    return SQLITE_NOTFOUND;
}

static int on_sector_size(sqlite3_file *base)
{
    (void)base;
    return SECTOR_BYTES;
}

static int on_characteristics(sqlite3_file *base)
{
    (void)base;
    return 0;
}

static int on_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *base, int flags,
                   int *ret_flags)
{
    static const sqlite3_io_methods methods = {
        .iVersion = 1,
        .xClose = on_close,
        .xRead = on_read,
        .xWrite = on_write,
        .xTruncate = on_truncate,
        .xSync = on_sync,
        .xFileSize = on_size,
        .xLock = on_lock,
        .xUnlock = on_lock,
        .xCheckReservedLock = on_is_locked,
        .xFileControl = on_control,
        .xSectorSize = on_sector_size,
        .xDeviceCharacteristics = on_characteristics,
    };
    (void)vfs;
    base->pMethods = NULL;
    if (disk.is_dead || name == NULL) /* a nameless one is temporary: temp_store=MEMORY */
        return SQLITE_CANTOPEN;
    struct cut_file *file = find(name);
    if (file == NULL)
        file = add(name);
    ((struct handle *)base)->file = file;
    base->pMethods = &methods;
    disk.open_count++;
    if (ret_flags != NULL)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *vfs, const char *name, int sync_folder)
{
    (void)vfs;
    (void)sync_folder;
    if (!is_alive_for_change())
        return SQLITE_IOERR_DELETE;
    struct cut_file *file = find(name);
    if (file == NULL)
        return SQLITE_IOERR_DELETE_NOENT;
    file->name[0] = '\0';
    file->now.size = file->synced.size = 0;
    return SQLITE_OK;
}

static int on_access(sqlite3_vfs *vfs, const char *name, int flags, int *ret_is_there)
{
    (void)vfs;
    (void)flags;
    *ret_is_there = find(name) != NULL;
    return SQLITE_OK;
}

static int on_full_path(sqlite3_vfs *vfs, const char *name, int size, char *ret_path)
{
    (void)vfs;
    PRE(strlen(name) < (size_t)size);
    memcpy(ret_path, name, strlen(name) + 1);
    return SQLITE_OK;
}

void cut_vfs_register(void)
{
    static sqlite3_vfs vfs; /* clock and random source are those of the default one */
    vfs = *sqlite3_vfs_find(NULL);
    vfs.zName = CUT_VFS_NAME;
    vfs.pNext = NULL;
    vfs.szOsFile = sizeof(struct handle);
    vfs.xOpen = on_open;
    vfs.xDelete = on_delete;
    vfs.xAccess = on_access;
    vfs.xFullPathname = on_full_path;
    CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}
