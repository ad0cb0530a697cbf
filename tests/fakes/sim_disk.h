/* Disks in memory for SQLite, which die, tear, refuse and forget as real ones do. A file belongs to
 * the disk that the first piece of its path names: "stock/stock.db" lies on the disk "stock". What
 * a power cut leaves was synced, sector by sector, or not. One thread; for databases in exclusive
 * locking mode, which need no shared memory. */
#ifndef TESTS_FAKES_SIM_DISK_H
#define TESTS_FAKES_SIM_DISK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_DISK_VFS "sim-disk"

struct sim_disk;

enum sim_disk_death {
    SIM_DISK_KILL = 0,  /* what was written stays, of the write that was under way its first half */
    SIM_DISK_POWER = 1, /* of what was not synced, each sector stays or not */
    SIM_DISK_POWER_ALL = 2, /* of what was not synced, nothing stays */
};

enum sim_disk_fault {
    SIM_DISK_IO = 0,   /* a write or a sync fails */
    SIM_DISK_FULL = 1, /* a write finds no room; syncs work */
    SIM_DISK_READ = 2, /* a read fails */
};

enum sim_disk_change {
    SIM_DISK_WRITE = 0,
    SIM_DISK_TRUNCATE = 1,
    SIM_DISK_SYNC = 2,
    SIM_DISK_DELETE = 3,
};

/* Registers the VFS, once. Its clock stands still and its random source is seeded, so that the same
 * calls make the same bytes. */
void sim_disk_register(void);

/* An empty disk; the name is copied, and no other living disk may have it. */
struct sim_disk *sim_disk_new(const char *name, uint64_t seed);
/* No file of it may be open. NULL is fine. */
void sim_disk_free(struct sim_disk *disk);

/* One more file, synced; an existing one is replaced. name: without the disk's. */
void sim_disk_put(struct sim_disk *disk, const char *name, const void *bytes, size_t size_bytes);
/* Borrowed until the next change; NULL: there is no such file. */
const void *sim_disk_get(const struct sim_disk *disk, const char *name, size_t *ret_size_bytes);
/* If it is there: nobody finds it any more; whoever has it open goes on with it. */
void sim_disk_remove(struct sim_disk *disk, const char *name);
/* Removes all files. None may be open. */
void sim_disk_clear(struct sim_disk *disk);

/* Without the name of a file. Borrowed. */
const char *sim_disk_name(const struct sim_disk *disk);

/* Writes, truncations, syncs and deletions since the disk is there. */
int64_t sim_disk_changes(const struct sim_disk *disk);
/* Is told of each change of each living disk before it happens; it may open databases of other
 * disks. NULL: nobody is. */
typedef void (*sim_disk_watch_cb)(void *self, const struct sim_disk *disk,
                                  enum sim_disk_change change);
void sim_disk_watch(sim_disk_watch_cb before_change, void *self);
/* `to` becomes what `from` would be if it died now and the machine started again. No file of `to`
 * may be open; `from` stays as it is. */
void sim_disk_cut(struct sim_disk *to, const struct sim_disk *from, enum sim_disk_death death);

/* The disk dies now: every call fails and changes nothing, until sim_disk_restart(). */
void sim_disk_die(struct sim_disk *disk, enum sim_disk_death death);
/* It dies in the n-th change from now; 0: it does not. */
void sim_disk_die_in(struct sim_disk *disk, int64_t n, enum sim_disk_death death);
bool sim_disk_is_dead(const struct sim_disk *disk);
/* The machine starts again: on the disk is what survived. Nothing may be open. */
void sim_disk_restart(struct sim_disk *disk);

/* From now on it says that it has synced, and has not. */
void sim_disk_lie(struct sim_disk *disk, bool is_lying);
/* One bit of a file changes by itself, as on a bad medium. The file must be as long as that. */
void sim_disk_flip(struct sim_disk *disk, const char *name, size_t offset_bytes, unsigned bit);

/* From the n-th change on (1: the next), or read, `count` of them meet the fault. */
void sim_disk_fail_in(struct sim_disk *disk, int64_t n, int64_t count, enum sim_disk_fault fault);
/* How many changes, or reads, have met that fault since the disk is there. */
uint64_t sim_disk_hits(const struct sim_disk *disk, enum sim_disk_fault fault);

#endif
