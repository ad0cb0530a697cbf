/* Memory for one work item: allocated piece by piece, freed all at once when the handler returns.
 * Nothing in it survives the handler. One thread at a time. */
#ifndef KIT_BASE_ARENA_H
#define KIT_BASE_ARENA_H

#include <stddef.h>

struct kit_arena_block;

struct kit_arena {
    struct kit_arena_block *first;
    size_t used_bytes;
    size_t max_bytes;
};

/* Makes an empty arena that gives at most max_bytes between two resets. Allocates nothing yet. */
void kit_arena_init(struct kit_arena *arena, size_t max_bytes);
/* Frees every block; afterwards the arena is as after its init. */
void kit_arena_done(struct kit_arena *arena);
/* Ends the life of all that was taken; the largest block is kept for the next item. */
void kit_arena_reset(struct kit_arena *arena);

/* Zeroed, aligned for any type. Passing max_bytes is a bug of the handler and aborts. */
void *kit_arena_take(struct kit_arena *arena, size_t size_bytes);

#endif
