/* Whether each opening of a locker's doors has a reason: a command, or a code, for that very
 * compartment, which was right when the locker got it, and opens once. Knows the rules (devices.md
 * 4 and 5), and nothing of the firmware. One thread. */
#ifndef TESTS_WORLD_OPENINGS_H
#define TESTS_WORLD_OPENINGS_H

#include "kit/port/ports.h"
#include "world/clock.h"

#define WORLD_COMPARTMENTS 4
#define WORLD_REASONS_MAX 512

/* A command that was sent, or a code that somebody was given. */
struct world_reason {
    char name[40]; /* the command's id, or the code's digits */
    uint32_t compartment;
    int64_t expires_ms;    /* by the wall clock of whoever made it */
    int64_t live_until_us; /* it is with the locker: by then, its door has opened, or does not */
    bool is_used, is_withdrawn;
};

struct world_openings {
    struct world_clock *clock;
    const char *device;
    int64_t tolerance_ms; /* by which clocks may differ from the right time */
    struct world_reason reasons[WORLD_REASONS_MAX];
    size_t reason_count;
    uint64_t seen[WORLD_COMPARTMENTS]; /* of each door's own count */
    char wrong[200];                   /* "": nothing */
};

/* No door has opened yet. Clock and name of the device are borrowed. */
void world_openings_init(struct world_openings *openings, struct world_clock *clock,
                         const char *device);

/* A command has reached the locker, whoever sent it, and however often it came before. */
void world_openings_command(struct world_openings *openings, const struct kit_message *message);
/* Somebody was given a code for a compartment of this locker. */
void world_openings_know(struct world_openings *openings, const char *code, uint32_t compartment,
                         int64_t expires_ms);
/* A code is typed; one that nobody was given opens nothing. */
void world_openings_type(struct world_openings *openings, const char *code);
/* Somebody was told that what the code was for has ended. */
void world_openings_withdraw(struct world_openings *openings, const char *code);
/* One of the codes that people were given, of before or now; NULL: there is none. */
const char *world_openings_any_code(const struct world_openings *openings, struct sim_rng *rng);

/* The one that somebody was given last, and that may still open; NULL: there is none. */
const char *world_openings_newest_code(const struct world_openings *openings);

/* The locker's program has ended: what it has not pulsed yet, it never will. */
void world_openings_end(struct world_openings *openings);
/* The count of door n, from 1, as it is now: if it has grown, by one, that needs a
 * reason. */
void world_openings_see(struct world_openings *openings, uint32_t n, uint64_t open_count);

#endif
