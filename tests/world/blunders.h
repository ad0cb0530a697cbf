/* Requests that are wrong whoever gets them, with the problem that each must be answered with. */
#ifndef TESTS_WORLD_BLUNDERS_H
#define TESTS_WORLD_BLUNDERS_H

#include "world/web.h"

struct world_blunder {
    const char *problem; /* its slug */
    struct world_ask ask;
};

/* How many there are. */
uint32_t world_blunder_count(void);
/* One of them; borrowed for ever. */
const struct world_blunder *world_blunder_at(uint32_t index);

#endif
