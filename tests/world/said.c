/* See said.h. */
#include "world/said.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"

#define STREAM_PREFIX "lockstock/v1/stream/"
#define ROOM_MIN 64

void world_said_add(struct world_said *said, const char *source, const struct kit_message *message,
                    int64_t now_us)
{
    const size_t length = strlen(STREAM_PREFIX);
    if (strncmp(message->topic, STREAM_PREFIX, length) != 0 ||
        strchr(message->topic + length, '/') != NULL)
        return;
    if (said->count == said->room) {
        said->room = said->room == 0 ? ROOM_MIN : said->room * 2;
        said->rows = realloc(said->rows, said->room * sizeof(said->rows[0]));
        CHECK(said->rows != NULL);
    }
    struct world_said_row *row = &said->rows[said->count++];
    row->source = source;
    row->at_us = now_us;
    row->payload = strndup(message->payload, message->payload_size_bytes);
    CHECK(row->payload != NULL);
    said->last_us = now_us;
}

void world_said_done(struct world_said *said)
{
    for (size_t i = 0; i < said->count; i++)
        free(said->rows[i].payload);
    free(said->rows);
}

void world_said_write(const struct world_said *said, sqlite3 *db)
{
    sqlite3_stmt *stmt = NULL;
    CHECK(sqlite3_exec(db, "CREATE TEMP TABLE said (source, payload, at_us)", NULL, NULL, NULL) ==
          SQLITE_OK);
    CHECK(sqlite3_prepare_v2(db, "INSERT INTO said VALUES (?, ?, ?)", -1, &stmt, NULL) ==
          SQLITE_OK);
    for (size_t i = 0; i < said->count; i++) {
        CHECK(sqlite3_bind_text(stmt, 1, said->rows[i].source, -1, SQLITE_STATIC) == SQLITE_OK);
        CHECK(sqlite3_bind_text(stmt, 2, said->rows[i].payload, -1, SQLITE_STATIC) == SQLITE_OK);
        CHECK(sqlite3_bind_int64(stmt, 3, said->rows[i].at_us) == SQLITE_OK);
        CHECK(sqlite3_step(stmt) == SQLITE_DONE);
        CHECK(sqlite3_reset(stmt) == SQLITE_OK);
    }
    sqlite3_finalize(stmt);
}
