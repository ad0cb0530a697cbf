/* What has really happened in worlds, by name: every kind of trouble where it strikes, and every
 * refusal that people, devices and services are told. One table says what there is, and why what
 * is not seen here cannot be. */
#ifndef TESTS_WORLD_FACTS_H
#define TESTS_WORLD_FACTS_H

#include "kit/port/ports.h"

#define WORLD_FACTS_MAX 160

struct world_fact_row {
    const char *kind, *name;
    const char *never; /* why it does not happen in a world; NULL: it has to */
};

struct world_facts {
    uint64_t counts[WORLD_FACTS_MAX];
    char unknown[64]; /* the first one that is not in the table; "": none */
};

/* The row of that number; NULL: there are fewer. */
const struct world_fact_row *world_fact_at(size_t index);
/* It has happened. */
void world_fact(struct world_facts *facts, const char *kind, const char *name);
/* It has happened so often. */
void world_fact_times(struct world_facts *facts, const char *kind, const char *name,
                      uint64_t times);
/* Each name that follows `before` in the message's payload, up to the next quotation mark. */
void world_facts_in(struct world_facts *facts, const char *kind, const char *before,
                    const struct kit_message *message);
/* What a service says: the status of its reply, its verdicts on scans. */
void world_facts_said(struct world_facts *facts, const struct kit_message *message);
/* What a service hears: the records of lockers. */
void world_facts_heard(struct world_facts *facts, const struct kit_message *message);

#endif
