/* See heap.h. A binary heap in one array. */
#include "world/heap.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "world/message.h"

#define ROOM_AT_FIRST 1024

void world_heap_init(struct world_heap *heap)
{
    memset(heap, 0, sizeof(*heap));
}

void world_heap_done(struct world_heap *heap)
{
    for (size_t i = 0; i < heap->count; i++)
        world_message_release(heap->events[i].message);
    free(heap->events);
    world_heap_init(heap);
}

static bool is_before(const struct world_event *a, const struct world_event *b)
{
    if (a->at_us != b->at_us)
        return a->at_us < b->at_us;
    if (a->tie != b->tie)
        return a->tie < b->tie;
    return a->age < b->age;
}

void world_heap_push(struct world_heap *heap, const struct world_event *event)
{
    if (heap->count == heap->room) {
        heap->room = heap->room == 0 ? ROOM_AT_FIRST : heap->room * 2;
        heap->events = realloc(heap->events, heap->room * sizeof(*heap->events));
        CHECK(heap->events != NULL);
    }
    struct world_event added = *event;
    added.age = heap->pushed++;
    size_t at = heap->count++;
    while (at > 0 && is_before(&added, &heap->events[(at - 1) / 2])) {
        heap->events[at] = heap->events[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    heap->events[at] = added;
}

bool world_heap_pop(struct world_heap *heap, struct world_event *ret_event)
{
    if (heap->count == 0)
        return false;
    *ret_event = heap->events[0];
    const struct world_event last = heap->events[--heap->count];
    size_t at = 0;
    for (;;) {
        size_t child = 2 * at + 1;
        if (child >= heap->count)
            break;
        if (child + 1 < heap->count && is_before(&heap->events[child + 1], &heap->events[child]))
            child++;
        if (!is_before(&heap->events[child], &last))
            break;
        heap->events[at] = heap->events[child];
        at = child;
    }
    heap->events[at] = last;
    return true;
}
