/* See growth.h. */
#include "world/growth.h"

#include <inttypes.h>
#include <stdio.h>

#include "world/world.h"

#define EVENTS_MAX 5000
#define DB_BYTES_MIN (4 << 20)     /* all databases, without orders */
#define ORDER_BYTES_MAX (64 << 10) /* one more order, in all of them */
#define WAL_BYTES_MAX (16 << 20)   /* of one: SQLite begins anew after 4 MiB, when it can */

static uint64_t file_bytes(const struct world_node *node, const char *end)
{
    char file[64];
    size_t size_bytes = 0;
    (void)snprintf(file, sizeof(file), "%.40s.db%s", node->row->desc->name, end);
    return sim_disk_get(node->disk, file, &size_bytes) != NULL ? size_bytes : 0;
}

static void blame(struct world *world, uint32_t day, const char *wrong)
{
    if (world->violation[0] == '\0')
        (void)snprintf(world->violation, sizeof(world->violation), "%s on day %" PRIu32, wrong,
                       day);
}

void world_growth_check(struct world *world, uint32_t day)
{
    const uint64_t orders = (uint64_t)world->plan.order_count * day / world->plan.days;
    uint64_t db_bytes = 0, wal_bytes = 0;
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++) {
        const uint64_t bytes = file_bytes(&world->nodes[i], "-wal");
        wal_bytes = bytes > wal_bytes ? bytes : wal_bytes;
        db_bytes += file_bytes(&world->nodes[i], "");
    }
    world_clock_trace(&world->clock, "world",
                      "day %" PRIu32 ": %zu events wait, databases have %" PRIu64
                      " KiB, the largest log %" PRIu64 " KiB",
                      day, world->clock.heap.count, db_bytes / 1024, wal_bytes / 1024);
    if (world->clock.heap.count > EVENTS_MAX)
        blame(world, day, "more and more waits to happen");
    if (db_bytes > DB_BYTES_MIN + orders * ORDER_BYTES_MAX)
        blame(world, day, "databases have grown by more than their orders");
    if (wal_bytes > WAL_BYTES_MAX)
        blame(world, day, "the log of a database is never emptied");
}
