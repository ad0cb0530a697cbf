/* Gives back what a burst has left free. malloc() keeps it, page after page, below whatever still
 * lives at the top, and each thread that once took messages has a heap of its own. A look costs
 * microseconds, giving back a millisecond or two, so it waits until the process has little to do.
 * Loop thread. */
#ifndef KIT_PROCESS_MEMORY_H
#define KIT_PROCESS_MEMORY_H

#include <stdbool.h>
#include <stdint.h>

#define KIT_MEMORY_PERIOD_MS 1000          /* between two looks */
#define KIT_MEMORY_QUIET_PERCENT 10        /* of one core since the last look, at most */
#define KIT_MEMORY_GROWTH_BYTES (1U << 20) /* so much more is free: worth giving back */

struct kit_memory {
    int64_t due_mono_ms;
    int64_t looked_mono_ms;
    int64_t cpu_ms;     /* at the last look */
    int64_t free_bytes; /* in the heaps, when there was least since we gave back */
    bool was_busy;      /* at a look since then */
};

/* What a look sees. */
struct kit_memory_look {
    int64_t mono_ms;
    int64_t cpu_ms; /* of the whole process, since its start */
    int64_t free_bytes;
};

/* Whether it is time to give back, and notes the look. Pure but for *memory. */
bool kit_memory_judge(struct kit_memory *memory, const struct kit_memory_look *look);

/* Looks when that is due, and gives back; a ticker of the loop. context: struct kit_memory, zeroed
 * at first. */
int64_t kit_memory_tick(void *context, int64_t now_mono_ms);

#endif
