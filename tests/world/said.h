/* What services have published of their logs: nothing of it may be anything else than what they
 * have committed. One thread. */
#ifndef TESTS_WORLD_SAID_H
#define TESTS_WORLD_SAID_H

#include <sqlite3.h>

#include "kit/port/ports.h"

struct world_said_row {
    const char *source; /* borrowed for ever */
    char *payload;
    int64_t at_us; /* when */
};

struct world_said {
    struct world_said_row *rows;
    size_t count, room;
    int64_t last_us; /* when something was said for the last time */
};

/* Nothing yet: all zero. A message that is no events of a log is passed over. */
void world_said_add(struct world_said *said, const char *source, const struct kit_message *message,
                    int64_t now_us);
void world_said_done(struct world_said *said);

/* As the table said (source, payload, at_us), whose payloads are JSON arrays of events. */
void world_said_write(const struct world_said *said, sqlite3 *db);

#endif
