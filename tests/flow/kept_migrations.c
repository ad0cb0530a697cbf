/* Opens a kept database with a service's migrations of today, cut at every change of the disk, by
 * kill -9 and by loss of power: the next start opens it, finds it whole, and has the same rows as
 * after a start that nobody disturbed. Usage: kept_migrations SERVICE DATABASE [others]
 *
 * With `others` not the migrations of today, which may be none, but: all of them from an empty
 * disk; one more that copies every table; and a bad one, which must be noticed. */
#include <err.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "delivery/service.h"
#include "fakes/sim_disk.h"
#include "information/service.h"
#include "kit/base/text.h"
#include "kit/service/service.h"
#include "kit/store/kit_schema.h"
#include "product/service.h"
#include "rental/service.h"
#include "stock/service.h"

#define DISK "kept"
#define CUT_DISK "cut" /* what is left of it */
#define DATABASE "kept.db"
#define MIGRATIONS_MAX 64
#define POWER_CUTS 2     /* at one change, with other sectors lost each time */
#define FRESH_STEP 3     /* from nothing there are many migrations, all of them old */
#define CUTS_MIN 20      /* of a migration: else nothing was tested */
#define CUTS_TODAY_MIN 5 /* one column more is as little as that */
#define SQL_BYTES_MAX 65536
#define TABLES_MAX 64

static const struct kit_service_desc *const SERVICES[] = {
    &product_service, &rental_service, &delivery_service, &stock_service, &information_service,
};

struct kept {
    unsigned char *bytes[2]; /* the database and its -wal */
    size_t size[2];
};

struct list {
    const char *name;
    int64_t step; /* cut at each change, or at each third */
    struct kit_migration items[MIGRATIONS_MAX];
    size_t count;
};

static const struct kit_store_port PORT = { .path = DISK "/" DATABASE, .vfs = SIM_DISK_VFS };
static const struct kit_store_port CUT_PORT = { .path = CUT_DISK "/" DATABASE,
                                                .vfs = SIM_DISK_VFS };
static struct sim_disk *disk, *cut_disk;

/* ---- what lies in a database ---- */

static uint64_t mixed(uint64_t hash, const void *bytes, size_t size)
{
    for (size_t i = 0; i < size; i++)
        hash = (hash ^ ((const unsigned char *)bytes)[i]) * UINT64_C(0x100000001B3);
    return hash;
}

/* A hash of all rows of a query, with the types of their values. */
static uint64_t rows_hash(struct kit_db *db, const char *sql)
{
    uint64_t hash = UINT64_C(0xCBF29CE484222325);
    sqlite3_stmt *stmt = NULL;
    if (sqlite3_prepare_v2(kit_db_handle(db), sql, -1, &stmt, NULL) != SQLITE_OK)
        errx(1, "%s: %s", sql, sqlite3_errmsg(kit_db_handle(db)));
    int rc;
    while ((rc = sqlite3_step(stmt)) == SQLITE_ROW) {
        for (int i = 0; i < sqlite3_column_count(stmt); i++) {
            const int type = sqlite3_column_type(stmt, i);
            const void *value = sqlite3_column_blob(stmt, i);
            hash = mixed(hash, &type, sizeof(type));
            hash = mixed(hash, value, (size_t)sqlite3_column_bytes(stmt, i));
        }
    }
    if (rc != SQLITE_DONE)
        errx(1, "%s: %s", sql, sqlite3_errmsg(kit_db_handle(db)));
    sqlite3_finalize(stmt);
    return hash;
}

struct contents {
    char names[TABLES_MAX][64];
    uint64_t rows[TABLES_MAX];
    uint64_t schema;
    size_t count;
};

static void read_contents(struct kit_db *db, struct contents *ret)
{
    char sql[128];
    sqlite3_stmt *stmt = NULL;
    memset(ret, 0, sizeof(*ret));
    ret->schema = rows_hash(db, "SELECT type, name, sql FROM sqlite_schema ORDER BY type, name");
    CHECK(sqlite3_prepare_v2(kit_db_handle(db),
                             "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name",
                             -1, &stmt, NULL) == SQLITE_OK);
    while (sqlite3_step(stmt) == SQLITE_ROW) {
        CHECK(ret->count < TABLES_MAX);
        kit_text_copy(ret->names[ret->count++], sizeof(ret->names[0]),
                      (const char *)sqlite3_column_text(stmt, 0));
    }
    sqlite3_finalize(stmt);
    for (size_t i = 0; i < ret->count; i++) {
        snprintf(sql, sizeof(sql), "SELECT * FROM \"%s\"", ret->names[i]);
        ret->rows[i] = rows_hash(db, sql);
    }
}

/* ---- one start ---- */

static void put_on_disk(const struct kept *kept)
{
    sim_disk_free(disk);
    disk = sim_disk_new(DISK, 0);
    if (kept->bytes[0] != NULL)
        sim_disk_put(disk, DATABASE, kept->bytes[0], kept->size[0]);
    if (kept->bytes[1] != NULL)
        sim_disk_put(disk, DATABASE "-wal", kept->bytes[1], kept->size[1]);
}

/* Opens it and closes it again: a cut may come while it closes as well. */
static int start(const struct kit_store_port *port, const struct list *list,
                 struct contents *ret_contents, struct kit_error *err)
{
    static const char ok[] = "SELECT 'ok'";
    struct kit_db *db = NULL;
    int rc = kit_db_open(&db, port, list->items, list->count, err);
    if (rc != KIT_OK)
        return rc;
    if (rows_hash(db, "PRAGMA integrity_check") != rows_hash(db, ok))
        rc = kit_error_set(err, KIT_E_CORRUPT, "integrity_check");
    else if (rows_hash(db, "PRAGMA foreign_key_check") != rows_hash(db, "SELECT 1 WHERE 0"))
        rc = kit_error_set(err, KIT_E_CORRUPT, "foreign_key_check");
    else
        read_contents(db, ret_contents);
    kit_db_close(db);
    return rc;
}

/* A start that is cut again and again, each time in a copy of its disk, while it goes on. */
struct cutting {
    const struct list *list;
    const struct contents *expected; /* after a start that nobody disturbed */
    int64_t at;                      /* changes until now */
    char wrong[256];                 /* the first thing; "" while there is none */
};

static void start_after_cut(struct cutting *cutting, enum sim_disk_death death)
{
    const struct contents *expected = cutting->expected;
    struct kit_error err = { 0 };
    struct contents contents;
    char *wrong = cutting->wrong;

    if (wrong[0] != '\0')
        return;
    sim_disk_cut(cut_disk, disk, death);
    if (start(&CUT_PORT, cutting->list, &contents, &err) != KIT_OK) {
        snprintf(wrong, 256, "cut at change %" PRId64 ": %.180s", cutting->at, err.text);
        return;
    }
    if (contents.schema != expected->schema || contents.count != expected->count)
        snprintf(wrong, 256, "cut at change %" PRId64 ": the tables are others", cutting->at);
    for (size_t i = 0; i < contents.count && wrong[0] == '\0'; i++) {
        if (contents.rows[i] != expected->rows[i])
            snprintf(wrong, 256, "cut at change %" PRId64 ": the rows of %s are others",
                     cutting->at, contents.names[i]);
    }
}

static void before_change(void *self, const struct sim_disk *changed, enum sim_disk_change change)
{
    struct cutting *cutting = self;
    (void)change;
    if (changed != disk || cutting->at++ % cutting->list->step != 0)
        return;
    start_after_cut(cutting, SIM_DISK_KILL);
    for (int i = 0; i < POWER_CUTS; i++)
        start_after_cut(cutting, SIM_DISK_POWER);
}

/* Cuts at every change, or every step-th; the first thing that is wrong. Returns how many changes
 * there were. */
static int64_t cut_everywhere(const struct kept *kept, const struct list *list, char ret_wrong[256])
{
    struct kit_error err = { 0 };
    static struct contents expected, again;
    struct cutting cutting = { .list = list, .expected = &expected };

    put_on_disk(kept);
    if (start(&PORT, list, &expected, &err) != KIT_OK)
        errx(1, "%s: undisturbed: %s", list->name, err.text);
    put_on_disk(kept);
    sim_disk_free(cut_disk);
    cut_disk = sim_disk_new(CUT_DISK, 1);
    sim_disk_watch(before_change, &cutting);
    CHECK(start(&PORT, list, &again, &err) == KIT_OK);
    sim_disk_watch(NULL, NULL);
    kit_text_copy(ret_wrong, 256, cutting.wrong);
    return cutting.at;
}

/* ---- the lists ---- */

static struct list list_of(const struct kit_service_desc *service, const char *name)
{
    struct list list = { .name = name, .step = 1, .count = service->migration_count };
    CHECK(service->migration_count < MIGRATIONS_MAX);
    memcpy(list.items, service->migrations, list.count * sizeof(list.items[0]));
    return list;
}

/* How many migrations of today the database has not had, those of the kit among them. */
static int64_t missing(const struct kept *kept, const struct list *list)
{
    sqlite3 *db = NULL;
    sqlite3_stmt *stmt = NULL;
    put_on_disk(kept);
    CHECK(sqlite3_open_v2(PORT.path, &db, SQLITE_OPEN_READWRITE, PORT.vfs) == SQLITE_OK);
    CHECK(sqlite3_exec(db, "PRAGMA locking_mode=EXCLUSIVE", NULL, NULL, NULL) == SQLITE_OK);
    CHECK(sqlite3_prepare_v2(db, "SELECT sum(done) FROM kit_migration", -1, &stmt, NULL) ==
          SQLITE_OK);
    CHECK(sqlite3_step(stmt) == SQLITE_ROW);
    const int64_t done = sqlite3_column_int64(stmt, 0);
    sqlite3_finalize(stmt);
    CHECK(sqlite3_close(db) == SQLITE_OK);
    return (int64_t)(list->count + kit_schema_migration_count) - done;
}

/* Adds a migration that copies every table; with a commit in its middle it is a bad one. */
static void add_copying(const struct kept *kept, struct list *list, const char *in_the_middle,
                        char sql[SQL_BYTES_MAX])
{
    struct kit_error err = { 0 };
    struct contents contents;
    size_t length = 0;

    put_on_disk(kept);
    CHECK(start(&PORT, list, &contents, &err) == KIT_OK);
    for (size_t i = 0; i < contents.count; i++) {
        length += (size_t)snprintf(sql + length, SQL_BYTES_MAX - length,
                                   "CREATE TABLE \"copy of %s\" AS SELECT * FROM \"%s\";%s",
                                   contents.names[i], contents.names[i],
                                   i == contents.count / 2 ? in_the_middle : "");
        CHECK(length < SQL_BYTES_MAX);
    }
    list->items[list->count++] = (struct kit_migration){ "copies", sql };
}

static void must_hold(const struct kept *kept, const struct list *list, int64_t cuts_min)
{
    char wrong[256];
    const int64_t changes = cut_everywhere(kept, list, wrong);
    if (wrong[0] != '\0')
        errx(1, "%s: %s", list->name, wrong);
    if (changes < cuts_min)
        errx(1, "%s: only %" PRId64 " changes of the disk", list->name, changes);
    printf("  %-24s %3zu migrations, cut at %" PRId64 " changes\n", list->name, list->count,
           changes);
}

static void run_today(const struct kit_service_desc *service, const struct kept *kept)
{
    const struct list today = list_of(service, "today");
    const int64_t pending = missing(kept, &today);
    printf("  %" PRId64 " migrations are new since then\n", pending);
    must_hold(kept, &today, pending > 0 ? CUTS_TODAY_MIN : 0);
}

static void run_others(const struct kit_service_desc *service, const struct kept *kept)
{
    static char sql[SQL_BYTES_MAX];
    static const struct kept nothing;
    char wrong[256];
    struct list fresh = list_of(service, "from nothing");
    struct list next = list_of(service, "with another one"),
                bad = list_of(service, "with a bad one");

    fresh.step = FRESH_STEP;
    must_hold(&nothing, &fresh, CUTS_MIN);
    add_copying(kept, &next, "", sql);
    must_hold(kept, &next, CUTS_MIN);
    add_copying(kept, &bad, "COMMIT; BEGIN;", sql);
    (void)cut_everywhere(kept, &bad, wrong);
    if (wrong[0] == '\0')
        errx(1, "a migration of two halves was not noticed");
    printf("  %-24s %s\n", bad.name, wrong);
}

static void load(const char *path, const char *suffix, unsigned char **ret_bytes, size_t *ret_size)
{
    char name[4096];
    snprintf(name, sizeof(name), "%s%s", path, suffix);
    FILE *file = fopen(name, "rb");
    if (file == NULL && suffix[0] != '\0')
        return;
    if (file == NULL || fseek(file, 0, SEEK_END) != 0)
        err(1, "%s", name);
    *ret_size = (size_t)ftell(file);
    *ret_bytes = malloc(*ret_size + 1);
    rewind(file);
    if (*ret_bytes == NULL || fread(*ret_bytes, 1, *ret_size, file) != *ret_size)
        err(1, "%s", name);
    fclose(file);
}

int main(int argc, char **argv)
{
    struct kept kept = { 0 };

    const bool is_others = argc == 4 && strcmp(argv[3], "others") == 0;
    if (argc != 3 && !is_others)
        errx(2, "usage: kept_migrations SERVICE DATABASE [others]");
    sim_disk_register();
    load(argv[2], "", &kept.bytes[0], &kept.size[0]);
    load(argv[2], "-wal", &kept.bytes[1], &kept.size[1]);
    for (size_t i = 0; i < KIT_COUNT(SERVICES); i++) {
        if (strcmp(SERVICES[i]->name, argv[1]) == 0) {
            (is_others ? run_others : run_today)(SERVICES[i], &kept);
            free(kept.bytes[0]);
            free(kept.bytes[1]);
            return 0;
        }
    }
    errx(2, "there is no service '%s'", argv[1]);
}
