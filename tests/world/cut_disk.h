/* Power cuts of the databases of a world, without playing it again: at each change of a disk its
 * copy is cut and opened as the service opens it. One thread.
 *
 * What must be there afterwards is judged by its bytes. A copy on which everything that was written
 * has stayed shows each committed state in turn; every other copy must show one of those states,
 * and none from before the one out of which something has left the process. */
#ifndef TESTS_WORLD_CUT_DISK_H
#define TESTS_WORLD_CUT_DISK_H

#include "world/world.h"

struct cut_options {
    uint32_t every;      /* looks at one write in so many; at each sync, truncation and deletion */
    uint32_t torn_count; /* cuts of each change in which sectors stay or not, by chance */
    bool is_normal;      /* synchronous=NORMAL, which must be caught */
    bool is_lying;       /* disks that do not sync, which must be caught */
};

struct cut_counts {
    /* Power losses, each with recovery and checks. */
    uint64_t of_databases[WORLD_SERVICE_COUNT], of_flash;
    uint64_t states;            /* committed ones that were seen */
    uint64_t promises;          /* messages held against what a cut right behind them left */
    uint64_t again;             /* of these, answers that a service started there gave again */
    uint64_t violations;        /* of all kinds: */
    uint64_t unopened, damaged; /* does not open; integrity, foreign keys, a gap in the log */
    uint64_t strange;           /* a state that was never committed */
    uint64_t twice;             /* an answer that is another one, or a second effect */
    uint64_t lost;              /* a state from before something that has left */
};

/* Watches the disks of the world that is played next, until cut_disks_end(). */
void cut_disks_begin(const struct cut_options *options, uint64_t seed);
void cut_disks_end(void);
/* So far, over all worlds of this process. */
struct cut_counts *cut_counts(void);

/* Counts a violation and prints the first ones. */
void cut_blame(const char *who, uint64_t *kind, const char *format, ...) KIT_FORMAT(3, 4);

#endif
