/* A message on its way: one copy, shared by all whom it goes to, and freed with the last of them.
 * One thread. */
#ifndef TESTS_WORLD_MESSAGE_H
#define TESTS_WORLD_MESSAGE_H

#include "kit/port/ports.h"

struct world_message {
    struct kit_message view; /* its texts are in this allocation */
    size_t references;
    uint64_t cookie; /* of the publisher; 0: nobody waits */
};

/* A copy with one reference, the caller's. */
struct world_message *world_message_copy(const struct kit_message *message);
/* One more reference; returns the message. */
struct world_message *world_message_share(struct world_message *message);
/* Gives one back. NULL is fine. */
void world_message_release(struct world_message *message);

#endif
