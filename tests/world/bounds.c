/* See bounds.h. What a service holds it says itself, as to operators (METRICS.md). */
#include "world/bounds.h"

#include <inttypes.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define METRICS_BYTES_MAX (256 << 10)
#define NAME_SIZE 64
#define CACHE_BYTES_MAX (5 << 20)     /* of a database: cache_size in kit/store/db.c, and a bit */
#define STATEMENT_BYTES_MAX (1 << 20) /* of a service, and its schema: twice the largest */
#define WAL_BYTES_MAX (16 << 20)      /* SQLite begins anew after 8 MiB, when it can */
#define DEAD_LETTERS_MAX 10000

static void KIT_FORMAT(3, 4) blame(struct world *world, const char *who, const char *format, ...)
{
    char text[160];
    va_list arguments;
    if (world->violation[0] != '\0')
        return;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    (void)snprintf(world->violation, sizeof(world->violation), "%s %s", who, text);
}

/* ---- what a service says ---- */

/* The number of that name without labels; 0: there is none. */
static int64_t read_metric(const char *text, const char *name)
{
    char line[NAME_SIZE];
    (void)snprintf(line, sizeof(line), "\nlockstock_%s ", name);
    const char *found = strstr(text, line);
    return found == NULL ? 0 : strtoll(found + strlen(line), NULL, 10);
}

static int64_t limit(size_t own, int64_t most)
{
    return own > 0 ? (int64_t)own : most;
}

static void check_gauges(struct world *world, const struct world_node *node, const char *text,
                         bool is_at_rest)
{
    const struct {
        const char *name;
        int64_t most;
        bool is_empty_at_rest;
    } gauges[] = {
        { "requests_waiting", limit(node->limits.tickets, KIT_SERVICE_TICKETS_MAX), true },
        { "calls_open", limit(node->limits.calls, KIT_RPC_CALLS_MAX), true },
        { "product_updates_waiting", limit(node->limits.calls, KIT_RPC_CALLS_MAX), true },
        { "dead_letters", DEAD_LETTERS_MAX, false },
    };
    for (size_t i = 0; i < KIT_COUNT(gauges); i++) {
        const int64_t value = read_metric(text, gauges[i].name);
        const int64_t most = is_at_rest && gauges[i].is_empty_at_rest ? 0 : gauges[i].most;
        if (value < 0 || value > most)
            blame(world, node->row->desc->name, "has %s %" PRId64 ", and may have %" PRId64 "%s",
                  gauges[i].name, value, most, is_at_rest ? " when nobody waits" : "");
    }
    if (is_at_rest && read_metric(text, "log_published") != read_metric(text, "log_head"))
        blame(world, node->row->desc->name, "has events that the broker has not confirmed");
}

/* ---- memory and files ---- */

static int64_t memory_bytes(const struct world_node *node, int what)
{
    int now = 0, most = 0;
    sqlite3 *db = kit_db_handle(kit_service_db(node->service));
    CHECK(sqlite3_db_status(db, what, &now, &most, 0) == SQLITE_OK);
    return now;
}

static void check_memory(struct world *world, const struct world_node *node)
{
    const int64_t cache = memory_bytes(node, SQLITE_DBSTATUS_CACHE_USED);
    const int64_t statements = memory_bytes(node, SQLITE_DBSTATUS_STMT_USED) +
                               memory_bytes(node, SQLITE_DBSTATUS_SCHEMA_USED);
    char file[NAME_SIZE + 8];
    size_t wal = 0;
    (void)snprintf(file, sizeof(file), "%s-wal", node->file);
    (void)sim_disk_get(node->disk, file, &wal);
    if (cache > CACHE_BYTES_MAX)
        blame(world, node->row->desc->name, "keeps %" PRId64 " bytes of its database", cache);
    if (statements > STATEMENT_BYTES_MAX)
        blame(world, node->row->desc->name, "takes %" PRId64 " bytes for statements", statements);
    if (wal > WAL_BYTES_MAX)
        blame(world, node->row->desc->name, "has a write-ahead log of %zu bytes", wal);
}

static void check_bridge(struct world *world)
{
    const struct world_web *web = &world->web;
    const struct feed_ring *ring = &web->bridge.feed.view.ring;
    const size_t most = web->calls_max > 0 ? (size_t)web->calls_max : BRIDGE_CALLS_MAX;
    if (!web->is_running)
        return;
    if (kit_rpc_client_open_count(web->bridge.rpc) > most)
        blame(world, "bridge", "has more than %zu calls under way", most);
    if (ring->next - ring->first > FEED_EVENTS_MAX)
        blame(world, "bridge", "keeps more than %d events for pages", FEED_EVENTS_MAX);
}

void world_bounds_check(struct world *world, bool is_at_rest)
{
    struct kit_buf text;
    kit_buf_init(&text, METRICS_BYTES_MAX);
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++) {
        const struct world_node *node = &world->nodes[i];
        if (node->service == NULL)
            continue;
        kit_buf_reset(&text);
        kit_service_metrics(node->service, &text);
        kit_buf_add_char(&text, '\0');
        CHECK(!text.overflow);
        check_gauges(world, node, text.data, is_at_rest);
        check_memory(world, node);
    }
    kit_buf_done(&text);
    check_bridge(world);
}
