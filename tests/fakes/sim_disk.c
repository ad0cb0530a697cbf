/* See sim_disk.h. */
#include "fakes/sim_disk.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"

#define DISKS_MAX 16
#define FILES_MAX 4
#define NAME_SIZE 64
#define SECTOR_BYTES 512
#define NAMELESS "/" /* of a file that was removed while it was open */
#define JULIAN_2026_MS INT64_C(212633683200000)

struct bytes {
    unsigned char *data;
    size_t size, room;
};

struct sim_file {
    char name[NAME_SIZE]; /* "": unused */
    struct bytes now, synced;
    size_t dirty_from, dirty_to; /* beyond this range they are the same, but for their ends */
    int open_count;
};

struct sim_disk {
    char name[NAME_SIZE];
    struct sim_file files[FILES_MAX];
    int64_t changes, die_at; /* die_at 0: it lives */
    enum sim_disk_death death;
    int64_t reads;
    int64_t fail_from, fail_to; /* changes, or reads, that meet the fault; fail_to not included */
    enum sim_disk_fault fault;
    uint64_t hits[3]; /* of each fault */
    uint64_t random;
    int open_count;
    bool is_dead;
    bool is_lying; /* a sync does nothing */
};

struct handle {
    sqlite3_file base;
    struct sim_disk *disk;
    struct sim_file *file;
};

static struct sim_disk *disks[DISKS_MAX];
static sim_disk_watch_cb watch; /* NULL: nobody */
static void *watcher;
static uint64_t salt; /* of SQLite's own random numbers: those of WAL headers */

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
    if (size > 0)
        memcpy(bytes->data + offset, from, size);
}

static void copy(struct bytes *to, const struct bytes *from)
{
    resize(to, from->size);
    if (from->size > 0)
        memcpy(to->data, from->data, from->size);
}

static void sync_bytes(struct sim_file *file)
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

static void note_dirty(struct sim_file *file, size_t from, size_t to)
{
    file->dirty_from = from < file->dirty_from ? from : file->dirty_from;
    file->dirty_to = to > file->dirty_to ? to : file->dirty_to;
}

static uint64_t xorshift(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return *state;
}

/* ---- files ---- */

static struct sim_file *find(const struct sim_disk *disk, const char *name)
{
    for (size_t i = 0; i < FILES_MAX; i++) {
        if (strcmp(disk->files[i].name, name) == 0)
            return (struct sim_file *)&disk->files[i];
    }
    return NULL;
}

static struct sim_file *add(struct sim_disk *disk, const char *name)
{
    struct sim_file *file = find(disk, "");
    CHECK(file != NULL && strlen(name) < NAME_SIZE);
    memcpy(file->name, name, strlen(name) + 1);
    file->now.size = file->synced.size = 0;
    file->dirty_from = SIZE_MAX;
    file->dirty_to = 0;
    return file;
}

static void forget(struct sim_file *file)
{
    file->name[0] = '\0';
    file->now.size = file->synced.size = 0;
}

void sim_disk_put(struct sim_disk *disk, const char *name, const void *bytes, size_t size_bytes)
{
    struct sim_file *file = find(disk, name);
    if (file == NULL)
        file = add(disk, name);
    file->now.size = 0;
    put(&file->now, 0, bytes, size_bytes);
    copy(&file->synced, &file->now);
}

const void *sim_disk_get(const struct sim_disk *disk, const char *name, size_t *ret_size_bytes)
{
    const struct sim_file *file = find(disk, name);
    if (file == NULL)
        return NULL;
    *ret_size_bytes = file->now.size;
    return file->now.data;
}

void sim_disk_remove(struct sim_disk *disk, const char *name)
{
    struct sim_file *file = find(disk, name);
    if (file != NULL && file->open_count > 0)
        memcpy(file->name, NAMELESS, sizeof(NAMELESS));
    else if (file != NULL)
        forget(file);
}

void sim_disk_clear(struct sim_disk *disk)
{
    PRE(disk->open_count == 0);
    for (size_t i = 0; i < FILES_MAX; i++)
        forget(&disk->files[i]);
}

/* ---- life and death ---- */

struct sim_disk *sim_disk_new(const char *name, uint64_t seed)
{
    struct sim_disk *disk = calloc(1, sizeof(*disk));
    size_t slot = 0;
    CHECK(disk != NULL && strlen(name) < NAME_SIZE);
    memcpy(disk->name, name, strlen(name) + 1);
    disk->random = seed * UINT64_C(0x9E3779B97F4A7C15) + 1;
    while (slot < DISKS_MAX && disks[slot] != NULL) {
        CHECK(strcmp(disks[slot]->name, name) != 0);
        slot++;
    }
    CHECK(slot < DISKS_MAX);
    disks[slot] = disk;
    salt = seed + 1;
    return disk;
}

void sim_disk_free(struct sim_disk *disk)
{
    if (disk == NULL)
        return;
    PRE(disk->open_count == 0);
    for (size_t i = 0; i < DISKS_MAX; i++) {
        if (disks[i] == disk)
            disks[i] = NULL;
    }
    for (size_t i = 0; i < FILES_MAX; i++) {
        free(disk->files[i].now.data);
        free(disk->files[i].synced.data);
    }
    free(disk);
}

const char *sim_disk_name(const struct sim_disk *disk)
{
    return disk->name;
}

int64_t sim_disk_changes(const struct sim_disk *disk)
{
    return disk->changes;
}

bool sim_disk_is_dead(const struct sim_disk *disk)
{
    return disk->is_dead;
}

void sim_disk_die(struct sim_disk *disk, enum sim_disk_death death)
{
    disk->is_dead = true;
    disk->death = death;
}

void sim_disk_die_in(struct sim_disk *disk, int64_t n, enum sim_disk_death death)
{
    disk->die_at = n > 0 ? disk->changes + n : 0;
    disk->death = death;
}

void sim_disk_fail_in(struct sim_disk *disk, int64_t n, int64_t count, enum sim_disk_fault fault)
{
    disk->fail_from = (fault == SIM_DISK_READ ? disk->reads : disk->changes) + n;
    disk->fail_to = disk->fail_from + count;
    disk->fault = fault;
}

uint64_t sim_disk_hits(const struct sim_disk *disk, enum sim_disk_fault fault)
{
    return disk->hits[fault];
}

/* Each sector as it was synced, which `into` holds already, or as it was written since; so with the
 * end of the file. */
static void tear(uint64_t *random, const struct sim_file *file, struct bytes *into)
{
    const struct bytes *now = &file->now;
    const size_t size = xorshift(random) % 2 == 0 ? now->size : file->synced.size;
    const size_t end = file->dirty_to < now->size ? file->dirty_to : now->size;
    const size_t written = end < size ? end : size;
    resize(into, size);
    if (file->dirty_from >= written)
        return;
    for (size_t at = file->dirty_from / SECTOR_BYTES * SECTOR_BYTES; at < written;
         at += SECTOR_BYTES) {
        const size_t length = written - at < SECTOR_BYTES ? written - at : SECTOR_BYTES;
        if (xorshift(random) % 2 == 0)
            memcpy(into->data + at, now->data + at, length);
    }
}

void sim_disk_restart(struct sim_disk *disk)
{
    PRE(disk->open_count == 0);
    for (size_t i = 0; i < FILES_MAX; i++) {
        struct sim_file *file = &disk->files[i];
        if (file->name[0] == '\0')
            continue;
        if (disk->is_dead && disk->death == SIM_DISK_POWER)
            tear(&disk->random, file, &file->synced);
        if (disk->is_dead && disk->death != SIM_DISK_KILL)
            copy(&file->now, &file->synced);
        sync_bytes(file);
    }
    disk->is_dead = false;
    disk->die_at = 0;
}

void sim_disk_cut(struct sim_disk *to, const struct sim_disk *from, enum sim_disk_death death)
{
    PRE(to->open_count == 0);
    for (size_t i = 0; i < FILES_MAX; i++) {
        const struct sim_file *file = &from->files[i];
        struct sim_file *cut = &to->files[i];
        memcpy(cut->name, file->name, sizeof(cut->name));
        copy(&cut->now, death == SIM_DISK_KILL ? &file->now : &file->synced);
        if (death == SIM_DISK_POWER)
            tear(&to->random, file, &cut->now);
        cut->dirty_from = SIZE_MAX;
        cut->dirty_to = 0;
    }
}

void sim_disk_watch(sim_disk_watch_cb before_change, void *self)
{
    watch = before_change;
    watcher = self;
}

void sim_disk_lie(struct sim_disk *disk, bool is_lying)
{
    disk->is_lying = is_lying;
}

void sim_disk_flip(struct sim_disk *disk, const char *name, size_t offset_bytes, unsigned bit)
{
    struct sim_file *file = find(disk, name);
    PRE(file != NULL && offset_bytes < file->now.size && bit < 8);
    file->now.data[offset_bytes] ^= (unsigned char)(1U << bit);
    if (offset_bytes < file->synced.size)
        file->synced.data[offset_bytes] ^= (unsigned char)(1U << bit);
}

enum outcome {
    DONE = 0,
    DIES = 1, /* in this change, or dead before it */
    FAILS = 2,
};

/* Whether the fault comes with what is counted so. */
static bool is_met(const struct sim_disk *disk, int64_t number)
{
    return number >= disk->fail_from && number < disk->fail_to;
}

/* What becomes of the next change. */
static enum outcome judge(struct sim_disk *disk, enum sim_disk_change change)
{
    if (disk->is_dead)
        return DIES;
    if (watch != NULL)
        watch(watcher, disk, change);
    disk->changes++;
    if (disk->changes == disk->die_at) {
        disk->is_dead = true;
        return DIES;
    }
    if (disk->fault == SIM_DISK_READ || !is_met(disk, disk->changes))
        return DONE;
    if (disk->fault == SIM_DISK_FULL && change == SIM_DISK_SYNC)
        return DONE;
    disk->hits[disk->fault]++;
    return FAILS;
}

/* ---- what SQLite asks for ---- */

static struct handle *handle_of(sqlite3_file *base)
{
    return (struct handle *)base;
}

static int on_close(sqlite3_file *base)
{
    struct sim_file *file = handle_of(base)->file;
    handle_of(base)->disk->open_count--;
    file->open_count--;
    if (strcmp(file->name, NAMELESS) == 0)
        forget(file);
    return SQLITE_OK;
}

static int on_read(sqlite3_file *base, void *ret, int size, sqlite3_int64 offset)
{
    struct sim_disk *disk = handle_of(base)->disk;
    const struct bytes *now = &handle_of(base)->file->now;
    const size_t from = (size_t)offset < now->size ? (size_t)offset : now->size;
    const size_t got = now->size - from < (size_t)size ? now->size - from : (size_t)size;
    if (disk->is_dead)
        return SQLITE_IOERR_READ;
    if (is_met(disk, ++disk->reads) && disk->fault == SIM_DISK_READ) {
        disk->hits[SIM_DISK_READ]++;
        return SQLITE_IOERR_READ;
    }
    memset(ret, 0, (size_t)size);
    if (got > 0)
        memcpy(ret, now->data + from, got);
    return got == (size_t)size ? SQLITE_OK : SQLITE_IOERR_SHORT_READ;
}

static int on_write(sqlite3_file *base, const void *bytes, int size, sqlite3_int64 offset)
{
    struct sim_disk *disk = handle_of(base)->disk;
    struct sim_file *file = handle_of(base)->file;
    const bool was_dead = disk->is_dead;
    const enum outcome outcome = judge(disk, SIM_DISK_WRITE);
    const size_t written = outcome == DONE ? (size_t)size : (size_t)size / 2;
    if (outcome == FAILS)
        return disk->fault == SIM_DISK_FULL ? SQLITE_FULL : SQLITE_IOERR_WRITE;
    if (!was_dead) {
        put(&file->now, (size_t)offset, bytes, written);
        note_dirty(file, (size_t)offset, (size_t)offset + written);
    }
    return outcome == DONE ? SQLITE_OK : SQLITE_IOERR_WRITE;
}

static int on_truncate(sqlite3_file *base, sqlite3_int64 size)
{
    struct sim_file *file = handle_of(base)->file;
    if (judge(handle_of(base)->disk, SIM_DISK_TRUNCATE) != DONE)
        return SQLITE_IOERR_TRUNCATE;
    note_dirty(file, (size_t)size, file->now.size); /* what grows there again */
    resize(&file->now, (size_t)size);
    return SQLITE_OK;
}

static int on_sync(sqlite3_file *base, int flags)
{
    (void)flags;
    if (judge(handle_of(base)->disk, SIM_DISK_SYNC) != DONE)
        return SQLITE_IOERR_FSYNC;
    if (!handle_of(base)->disk->is_lying)
        sync_bytes(handle_of(base)->file);
    return SQLITE_OK;
}

static int on_size(sqlite3_file *base, sqlite3_int64 *ret_size)
{
    *ret_size = (sqlite3_int64)handle_of(base)->file->now.size;
    return handle_of(base)->disk->is_dead ? SQLITE_IOERR_FSTAT : SQLITE_OK;
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

/* Which disk a path lies on; *ret_name: the rest of it. */
static struct sim_disk *disk_of(const char *path, const char **ret_name)
{
    for (size_t i = 0; i < DISKS_MAX; i++) {
        const size_t length = disks[i] == NULL ? 0 : strlen(disks[i]->name);
        if (length > 0 && strncmp(path, disks[i]->name, length) == 0 && path[length] == '/') {
            *ret_name = path + length + 1;
            return disks[i];
        }
    }
    return NULL;
}

static int on_open(sqlite3_vfs *vfs, const char *path, sqlite3_file *base, int flags,
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
    struct handle *handle = handle_of(base);
    const char *name = NULL;
    (void)vfs;
    base->pMethods = NULL;
    if (path == NULL) /* a nameless one is temporary: temp_store=MEMORY */
        return SQLITE_CANTOPEN;
    handle->disk = disk_of(path, &name);
    if (handle->disk == NULL || handle->disk->is_dead)
        return SQLITE_CANTOPEN;
    handle->file = find(handle->disk, name);
    if (handle->file == NULL && (flags & SQLITE_OPEN_CREATE) == 0)
        return SQLITE_CANTOPEN;
    if (handle->file == NULL)
        handle->file = add(handle->disk, name);
    base->pMethods = &methods;
    handle->disk->open_count++;
    handle->file->open_count++;
    if (ret_flags != NULL)
        *ret_flags = flags;
    return SQLITE_OK;
}

static int on_delete(sqlite3_vfs *vfs, const char *path, int sync_folder)
{
    const char *name = NULL;
    struct sim_disk *disk = disk_of(path, &name);
    (void)vfs;
    (void)sync_folder;
    if (disk == NULL || judge(disk, SIM_DISK_DELETE) != DONE)
        return SQLITE_IOERR_DELETE;
    struct sim_file *file = find(disk, name);
    if (file == NULL)
        return SQLITE_IOERR_DELETE_NOENT;
    forget(file);
    return SQLITE_OK;
}

static int on_access(sqlite3_vfs *vfs, const char *path, int flags, int *ret_is_there)
{
    const char *name = NULL;
    const struct sim_disk *disk = disk_of(path, &name);
    (void)vfs;
    (void)flags;
    *ret_is_there = disk != NULL && find(disk, name) != NULL;
    return SQLITE_OK;
}

static int on_full_path(sqlite3_vfs *vfs, const char *name, int size, char *ret_path)
{
    (void)vfs;
    PRE(strlen(name) < (size_t)size);
    memcpy(ret_path, name, strlen(name) + 1);
    return SQLITE_OK;
}

static int on_randomness(sqlite3_vfs *vfs, int size, char *ret_bytes)
{
    (void)vfs;
    for (int i = 0; i < size; i++)
        ret_bytes[i] = (char)xorshift(&salt);
    return size;
}

static int on_sleep(sqlite3_vfs *vfs, int micros)
{
    (void)vfs;
    return micros;
}

static int on_time(sqlite3_vfs *vfs, sqlite3_int64 *ret_julian_ms)
{
    (void)vfs;
    *ret_julian_ms = JULIAN_2026_MS;
    return SQLITE_OK;
}

void sim_disk_register(void)
{
    static sqlite3_vfs vfs;
    vfs = *sqlite3_vfs_find(NULL);
    vfs.zName = SIM_DISK_VFS;
    vfs.pNext = NULL;
    vfs.szOsFile = sizeof(struct handle);
    vfs.xOpen = on_open;
    vfs.xDelete = on_delete;
    vfs.xAccess = on_access;
    vfs.xFullPathname = on_full_path;
    vfs.xRandomness = on_randomness;
    vfs.xSleep = on_sleep;
    vfs.xCurrentTimeInt64 = on_time;
    CHECK(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}
