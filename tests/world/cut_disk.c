/* See cut_disk.h. */
#include "world/cut_disk.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "world/cut_again.h"
#include "world/cut_promise.h"

#define COPY "cut"
#define CHAIN_MAX 20000
#define SHOWN_MAX 10
#define SMALL_CACHE_PERMILLE 300

/* A database of the world that is played. */
struct database {
    const struct world_service_row *row;
    const struct kit_service_desc *desc;
    char file[64];             /* on its disk, and on the copy */
    char path[80];             /* on the copy */
    uint64_t chain[CHAIN_MAX]; /* digests of its committed states */
    size_t count;              /* of them */
    size_t told;               /* the one out of which something has left */
    size_t first, commits;     /* states when its process began, and commits since */
    int64_t looked_changes;    /* of its disk, at the last look */
};

static struct cut_options how;
static struct cut_counts counts;
static struct database databases[WORLD_SERVICE_COUNT];
static struct sim_disk *copy;
static struct sim_rng rng;
static uint64_t seed_now;

struct cut_counts *cut_counts(void)
{
    return &counts;
}

void cut_blame(const char *who, uint64_t *kind, const char *format, ...)
{
    va_list rest;
    (*kind)++;
    if (counts.violations++ >= SHOWN_MAX)
        return;
    (void)printf("seed %" PRIu64 ", %s: ", seed_now, who);
    va_start(rest, format);
    (void)vprintf(format, rest);
    va_end(rest);
    (void)printf("\n");
}

static struct database *find(const char *name)
{
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++) {
        if (strcmp(databases[i].desc->name, name) == 0)
            return &databases[i];
    }
    return NULL;
}

/* ---- one cut ---- */

/* What a loss of power leaves is opened as the service opens it; NULL: it does not open. */
static struct kit_db *open_copy(struct database *database, const struct sim_disk *disk,
                                enum sim_disk_death death)
{
    struct kit_error err;
    struct kit_db *db = NULL;
    const struct kit_store_port port = { .path = database->path, .vfs = SIM_DISK_VFS };
    sim_disk_cut(copy, disk, death);
    if (kit_db_open(&db, &port, database->desc->migrations, database->desc->migration_count,
                    &err) != KIT_OK) {
        cut_blame(database->desc->name, &counts.unopened, "does not open: %s", err.text);
        return NULL;
    }
    return db;
}

static struct kit_db *cut(struct database *database, const struct sim_disk *disk,
                          enum sim_disk_death death)
{
    counts.of_databases[database - databases]++;
    return open_copy(database, disk, death);
}

/* Of the copy, closed: closing moves the whole log into the database, so that its bytes are what is
 * there, and nothing else. */
static uint64_t digest_of(const struct database *database)
{
    size_t size = 0;
    uint64_t word, digest = 0;
    const unsigned char *bytes = sim_disk_get(copy, database->file, &size);
    for (size_t at = 0; at + sizeof(word) <= size; at += sizeof(word)) {
        memcpy(&word, bytes + at, sizeof(word));
        digest = (digest ^ word) * UINT64_C(0x9E3779B97F4A7C15);
        digest ^= digest >> 29;
    }
    return digest ^ size;
}

static uint64_t close_and_digest(const struct database *database, struct kit_db *db)
{
    kit_db_close(db);
    return digest_of(database);
}

/* ---- states ---- */

static size_t place_of(const struct database *database, uint64_t digest)
{
    size_t i = database->count;
    while (i > 0 && database->chain[i - 1] != digest)
        i--;
    return i; /* 0: nowhere, else from 1 */
}

static void judge(struct database *database, uint64_t digest)
{
    const size_t place = place_of(database, digest);
    if (place == 0)
        cut_blame(database->desc->name, &counts.strange, "after a cut it is as it never was");
    else if (place - 1 < database->told)
        cut_blame(database->desc->name, &counts.lost,
                  "after a cut it is %zu commits behind what has left", database->told + 1 - place);
}

/* A copy on which everything written has stayed: is it a state that was not seen yet? */
static void follow(struct database *database, const struct sim_disk *disk)
{
    struct kit_db *db = cut(database, disk, SIM_DISK_KILL);
    if (db == NULL)
        return;
    const uint64_t digest = close_and_digest(database, db);
    if (database->count > 0 && database->chain[database->count - 1] == digest)
        return;
    CHECK(database->count < CHAIN_MAX);
    database->chain[database->count++] = digest;
    counts.states++;
    if (database->count - database->first > database->commits)
        cut_blame(database->desc->name, &counts.strange, "it has another state without a commit");
    db = open_copy(database, disk, SIM_DISK_KILL);
    if (db == NULL)
        return;
    cut_check_state(database->desc, db);
    kit_db_close(db);
}

static void cut_and_judge(struct database *database, const struct sim_disk *disk,
                          enum sim_disk_death death)
{
    struct kit_db *db = cut(database, disk, death);
    if (db != NULL)
        judge(database, close_and_digest(database, db));
}

static void look(struct database *database, const struct sim_disk *disk)
{
    database->looked_changes = sim_disk_changes(disk);
    follow(database, disk);
    cut_and_judge(database, disk, SIM_DISK_POWER_ALL);
    for (uint32_t i = 0; i < how.torn_count; i++)
        cut_and_judge(database, disk, SIM_DISK_POWER);
}

/* ---- what a world tells ---- */

static void on_change(void *self, const struct sim_disk *disk, enum sim_disk_change change)
{
    struct database *database = find(sim_disk_name(disk));
    (void)self;
    if (database == NULL || sim_disk_is_dead(disk))
        return;
    if (change != SIM_DISK_WRITE || sim_rng_below(&rng, how.every) == 0)
        look(database, disk);
}

static int on_commit(void *self)
{
    ((struct database *)self)->commits++;
    return 0;
}

/* Small caches and logs: what is not committed yet reaches the disk, and logs begin anew often. */
static void on_started(struct world_node *node)
{
    char sql[80];
    sqlite3 *handle = kit_db_handle(kit_service_db(node->service));
    struct database *database = find(node->row->desc->name);
    database->row = node->row; /* some worlds have other settings */
    look(database, node->disk);
    database->first = database->count;
    database->commits = 0;
    (void)sqlite3_commit_hook(handle, on_commit, database);
    (void)snprintf(sql, sizeof(sql), "PRAGMA wal_autocheckpoint=%d",
                   10 + (int)sim_rng_below(&rng, 200));
    CHECK(sqlite3_exec(handle, sql, NULL, NULL, NULL) == SQLITE_OK);
    if (sim_rng_chance(&rng, SMALL_CACHE_PERMILLE))
        CHECK(sqlite3_exec(handle, "PRAGMA cache_size=10", NULL, NULL, NULL) == SQLITE_OK);
    if (how.is_normal)
        CHECK(sqlite3_exec(handle, "PRAGMA synchronous=NORMAL", NULL, NULL, NULL) == SQLITE_OK);
    sim_disk_lie(node->disk, how.is_lying);
}

/* The service goes on from the copy, and is asked again what it has just answered. Some forget at a
 * start what was of their process alone, so it is started once before. */
static void ask_again(const struct database *database, const struct kit_message *reply)
{
    const struct kit_message *request = cut_promise_request_of(reply);
    if (request == NULL)
        return;
    counts.again++;
    const char *wrong = cut_ask_again(database->row, database->path, NULL, reply);
    const uint64_t digest = digest_of(database);
    if (wrong == NULL)
        wrong = cut_ask_again(database->row, database->path, request, reply);
    if (wrong == NULL && digest_of(database) != digest)
        wrong = "a request that comes again changes something";
    if (wrong != NULL)
        cut_blame(database->desc->name, &counts.twice, "%s", wrong);
}

/* A message leaves: the power goes right behind it. */
static void on_publish(struct world_node *node, const struct kit_message *message)
{
    struct database *database = find(node->row->desc->name);
    if (node->service == NULL || !cut_promise_is_one(message))
        return;
    if (database->looked_changes != sim_disk_changes(node->disk))
        follow(database, node->disk);
    database->told = database->count - 1;
    struct kit_db *db = cut(database, node->disk, SIM_DISK_POWER_ALL);
    if (db == NULL)
        return;
    counts.promises++;
    cut_check_promise(database->desc, db, message);
    judge(database, close_and_digest(database, db));
    ask_again(database, message);
    if (database->looked_changes != sim_disk_changes(node->disk))
        look(database, node->disk);
}

static void on_message(struct world_node *node, const struct kit_message *message)
{
    cut_promise_note_request(node->row->desc, message);
}

void cut_disks_begin(const struct cut_options *options, uint64_t seed)
{
    static const struct world_watch watch = { .on_started = on_started,
                                              .on_message = on_message,
                                              .on_publish = on_publish };
    how = *options;
    seed_now = seed;
    sim_rng_init(&rng, seed, "cuts");
    copy = sim_disk_new(COPY, sim_rng_next(&rng));
    for (size_t i = 0; i < WORLD_SERVICE_COUNT; i++) {
        struct database *database = &databases[i];
        database->row = NULL; /* until its process has started */
        database->desc = world_services[i].desc;
        database->count = database->told = database->first = 0;
        database->commits = CHAIN_MAX; /* until its process has opened it */
        database->looked_changes = -1;
        (void)snprintf(database->file, sizeof(database->file), "%s.db", database->desc->name);
        (void)snprintf(database->path, sizeof(database->path), COPY "/%s.db", database->desc->name);
    }
    cut_promise_begin();
    world_watch = &watch;
    sim_disk_watch(on_change, NULL);
}

void cut_disks_end(void)
{
    world_watch = NULL;
    sim_disk_watch(NULL, NULL);
    sim_disk_free(copy);
}
