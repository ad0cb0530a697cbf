/* See flip.h. */
#include "world/flip.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"

#define FLIP_PERMILLE 250
#define SQL_SIZE 160
#define TEXT_SIZE 4096

static sqlite3 *open_log(const struct world_node *node)
{
    sqlite3 *db = NULL;
    CHECK(sqlite3_open_v2(node->path, &db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                          SIM_DISK_VFS) == SQLITE_OK);
    CHECK(sqlite3_exec(db, "PRAGMA locking_mode = EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK);
    return db;
}

static sqlite3_stmt *prepare(sqlite3 *db, const char *sql)
{
    sqlite3_stmt *stmt = NULL;
    CHECK(sqlite3_prepare_v2(db, sql, -1, &stmt, NULL) == SQLITE_OK);
    return stmt;
}

/* The number of an event between the first and the last; 0: there is none. */
static int64_t choose_event(sqlite3 *db, struct sim_rng *rng)
{
    sqlite3_stmt *stmt = prepare(db, "SELECT coalesce(min(seq), 1), coalesce(max(seq), 0)"
                                     " FROM event_log");
    CHECK(sqlite3_step(stmt) == SQLITE_ROW);
    const int64_t first = sqlite3_column_int64(stmt, 0), last = sqlite3_column_int64(stmt, 1);
    sqlite3_finalize(stmt);
    return last < first ? 0 : sim_rng_between(rng, first, last);
}

/* Changes the bit wherever the disk has these bytes: in the row, and in what is left of where it
 * was before. */
static void flip_all(struct world_node *node, const char *text, size_t size, uint32_t where)
{
    size_t end = 0, at = 0;
    const char *bytes = sim_disk_get(node->disk, node->file, &end), *found;
    while ((found = memmem(bytes + at, end - at, text, size)) != NULL) {
        at = (size_t)(found - bytes) + size;
        sim_disk_flip(node->disk, node->file, at - size + where / 8 % size, where % 8);
    }
    CHECK(at > 0); /* no event takes more than its page */
}

/* Changes a bit of the event on the disk, whose files are closed: nothing waits in a log. */
static void change_bit(struct world_node *node, int64_t seq, uint32_t where)
{
    char sql[SQL_SIZE], text[TEXT_SIZE];
    sqlite3 *db = open_log(node);
    (void)snprintf(sql, sizeof(sql), "SELECT envelope FROM event_log WHERE seq = %" PRId64, seq);
    sqlite3_stmt *stmt = prepare(db, sql);
    CHECK(sqlite3_step(stmt) == SQLITE_ROW);
    const size_t size = (size_t)sqlite3_column_bytes(stmt, 0);
    CHECK(size > 0 && size < sizeof(text));
    memcpy(text, sqlite3_column_text(stmt, 0), size);
    sqlite3_finalize(stmt);
    CHECK(sqlite3_close(db) == SQLITE_OK);
    flip_all(node, text, size, where);
}

bool world_flip_begin(struct world *world)
{
    struct world_flip *flip = &world->flip;
    struct sim_rng rng;
    sim_rng_init(&rng, world->plan.seed, "flip");
    if (!sim_rng_chance(&rng, FLIP_PERMILLE))
        return false;
    struct world_node *source = &world->nodes[sim_rng_below(&rng, WORLD_SERVICE_COUNT)];
    sqlite3 *db = open_log(source);
    flip->seq = choose_event(db, &rng);
    flip->where = (uint32_t)sim_rng_below(&rng, 1U << 20);
    CHECK(sqlite3_close(db) == SQLITE_OK);
    if (flip->seq == 0)
        return false;
    change_bit(source, flip->seq, flip->where);
    flip->source = source;
    source->is_restored = true;
    world_fact(&world->clock.facts, "disk", "flip");
    world_clock_trace(&world->clock, source->row->desc->name, "bit %u of event %" PRId64 " flips",
                      flip->where, flip->seq);
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++)
        world_node_start(&world->nodes[i]);
    return true;
}

void world_flip_end(struct world *world)
{
    if (world->flip.source == NULL)
        return;
    change_bit(world->flip.source, world->flip.seq, world->flip.where);
}

int64_t world_flip_letters(const struct world *world, const struct kit_service_desc *desc)
{
    for (size_t i = 0; world->flip.source != NULL && i < desc->subscription_count; i++) {
        if (strcmp(desc->subscriptions[i].source, world->flip.source->row->desc->name) == 0)
            return 1;
    }
    return 0;
}
