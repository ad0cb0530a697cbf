/* A disk in memory for SQLite that dies at its n-th change, as by kill -9 or by a cut of power.
 * What is left of it can be opened again. One disk, one thread; its files go by the names that
 * SQLite gives. */
#ifndef TESTS_FAKES_CUT_VFS_H
#define TESTS_FAKES_CUT_VFS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CUT_VFS_NAME "cut"

enum cut_kind {
    CUT_KILL = 0,  /* what was written stays, of the n-th write its first half */
    CUT_POWER = 1, /* of what was not synced, each sector stays or not */
};

/* Registers it with SQLite. Once, before all else. */
void cut_vfs_register(void);

/* Empties the disk; then one file for each call of put. */
void cut_disk_clear(void);
void cut_disk_put(const char *name, const void *bytes, size_t size_bytes);

/* From now on changes (writes, truncations, syncs, deletions) are counted from 1. In the n-th the
 * disk dies: that and every later one fails and changes nothing more. 0: it lives. */
void cut_disk_die_at(int64_t n, enum cut_kind kind, uint64_t seed);
int64_t cut_disk_changes(void);
bool cut_disk_is_dead(void);

/* The machine starts again: on the disk is what survived. Nothing may be open. */
void cut_disk_restart(void);

#endif
