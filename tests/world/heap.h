/* What is going to happen, in order: by virtual time, then by a seeded number, so that things of
 * one moment come in an order of their own in each seed, then by age. One thread. */
#ifndef TESTS_WORLD_HEAP_H
#define TESTS_WORLD_HEAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct world_message;

/* message: may be NULL; one reference of it is the callee's. number: whatever was pushed with it.
 */
typedef void (*world_event_cb)(void *self, struct world_message *message, uint64_t number);

struct world_event {
    int64_t at_us;
    uint64_t tie;
    uint64_t age; /* filled in by the push */
    world_event_cb run;
    void *self;
    struct world_message *message;
    uint64_t number;
};

struct world_heap {
    struct world_event *events;
    size_t count, room;
    uint64_t pushed;
};

/* Empty. */
void world_heap_init(struct world_heap *heap);
/* Drops what is pending, and the messages with it. */
void world_heap_done(struct world_heap *heap);
/* The event is copied; its message's reference is the heap's from now on. */
void world_heap_push(struct world_heap *heap, const struct world_event *event);
/* The next event; false: there is none. */
bool world_heap_pop(struct world_heap *heap, struct world_event *ret_event);

#endif
