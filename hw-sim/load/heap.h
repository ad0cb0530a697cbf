/* Who is due next, among many: a binary heap of slots ordered by time. One thread. */
#ifndef SIM_LOAD_HEAP_H
#define SIM_LOAD_HEAP_H

#include <stddef.h>
#include <stdint.h>

struct load_heap {
    size_t count;
    int64_t *due_ms;    /* by slot */
    uint32_t *order;    /* the heap: slots */
    uint32_t *position; /* by slot: where in order */
};

/* Slots 0 to count-1, all due at INT64_MAX. */
void load_heap_init(struct load_heap *heap, size_t count);

/* Frees. Fine for a heap that is all zero. */
void load_heap_done(struct load_heap *heap);

/* Moves the slot to another time. */
void load_heap_set(struct load_heap *heap, uint32_t slot, int64_t due_ms);

/* The slot that is due first; count must not be 0. */
uint32_t load_heap_first(const struct load_heap *heap);

#endif
