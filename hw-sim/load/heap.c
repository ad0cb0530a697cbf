/* A binary heap with positions, so that a slot's time can change. One thread. */
#include "load/heap.h"

#include <stdlib.h>

#include "kit/base/check.h"

void load_heap_init(struct load_heap *heap, size_t count)
{
    heap->count = count;
    heap->due_ms = calloc(count + 1, sizeof(*heap->due_ms));
    heap->order = calloc(count + 1, sizeof(*heap->order));
    heap->position = calloc(count + 1, sizeof(*heap->position));
    CHECK(heap->due_ms != NULL && heap->order != NULL && heap->position != NULL);
    for (uint32_t slot = 0; slot < count; slot++) {
        heap->due_ms[slot] = INT64_MAX;
        heap->order[slot] = slot;
        heap->position[slot] = slot;
    }
}

void load_heap_done(struct load_heap *heap)
{
    free(heap->due_ms);
    free(heap->order);
    free(heap->position);
    *heap = (struct load_heap){ 0 };
}

static int64_t get_due(const struct load_heap *heap, size_t position)
{
    return heap->due_ms[heap->order[position]];
}

static void swap(struct load_heap *heap, size_t a, size_t b)
{
    const uint32_t slot = heap->order[a];
    heap->order[a] = heap->order[b];
    heap->order[b] = slot;
    heap->position[heap->order[a]] = (uint32_t)a;
    heap->position[heap->order[b]] = (uint32_t)b;
}

void load_heap_set(struct load_heap *heap, uint32_t slot, int64_t due_ms)
{
    PRE(slot < heap->count);
    size_t at = heap->position[slot];

    heap->due_ms[slot] = due_ms;
    while (at > 0 && get_due(heap, at) < get_due(heap, (at - 1) / 2)) {
        swap(heap, at, (at - 1) / 2);
        at = (at - 1) / 2;
    }
    for (;;) { /* at most once for each level */
        size_t least = at;
        for (size_t child = 2 * at + 1; child <= 2 * at + 2 && child < heap->count; child++) {
            if (get_due(heap, child) < get_due(heap, least))
                least = child;
        }
        if (least == at)
            return;
        swap(heap, at, least);
        at = least;
    }
}

uint32_t load_heap_first(const struct load_heap *heap)
{
    PRE(heap->count > 0);
    return heap->order[0];
}
