/* Lists of columns: the SQL that they give, rows that come back as they went in, and a list that
 * does not fit its table. */
#include <string.h>

#include "fakes/cmocka_all.h"
#include "fakes/fakes.h"
#include "kit/store/table.h"
#include "unit/base/aborts.h"

enum colour { COLOUR_RED = 1, COLOUR_BLUE = 2 };

struct thing_key {
    int64_t v;
};

struct thing {
    struct thing_key id;
    enum colour colour;
    int64_t owner; /* 0: none */
    bool is_lent;
    int shelf;
    char name[16];
    char note[8]; /* "": none */
    bool has_code;
    char code[8];
    bool has_weight;
    int64_t weight;
};

#define THING_CHANGING(X, AND) X(INT, colour, colour) AND X(INT0, owner, owner)
#define THING_COLUMNS(X, AND)                                                                      \
    X(INT0, id, id.v)                                                                              \
    AND THING_CHANGING(X, AND)                                                                     \
    AND X(INT, is_lent, is_lent)                                                                   \
    AND X(INT, shelf, shelf)                                                                       \
    AND X(TEXT, name, name)                                                                        \
    AND X(TEXT0, note, note)                                                                       \
    AND X(OPT_TEXT, code, code)                                                                    \
    AND X(OPT_INT, weight, weight)
#define OTHER_COLUMNS(X, AND) X(INT, id, id.v) AND X(TEXT, label, name)

KIT_ROW_FUNCTIONS(thing, struct thing, THING_COLUMNS);
KIT_ROW_BIND(changing, struct thing, THING_CHANGING);

static const struct kit_migration MIGRATIONS[] = {
    { "0001", "CREATE TABLE thing(id INTEGER PRIMARY KEY, colour INTEGER NOT NULL, owner INTEGER,"
              " is_lent INTEGER NOT NULL, shelf INTEGER NOT NULL, name TEXT NOT NULL, note TEXT,"
              " code TEXT, weight INTEGER) STRICT;" },
};

enum { Q_ADD, Q_GET, Q_SET, Q_PAGE, Q_TOTAL, Q_NULLS };
static const char *const QUERIES[] = {
    [Q_ADD] = "INSERT INTO thing (" KIT_COLUMN_NAMES(THING_COLUMNS) ") VALUES (" KIT_COLUMN_MARKS(
        THING_COLUMNS) ") RETURNING id",
    [Q_GET] = "SELECT " KIT_COLUMN_NAMES(THING_COLUMNS) " FROM thing WHERE id = ?",
    [Q_SET] = "UPDATE thing SET " KIT_COLUMN_SETS(THING_CHANGING) " WHERE id = ?",
    [Q_PAGE] = "SELECT " KIT_COLUMN_NAMES(THING_COLUMNS) " FROM thing ORDER BY id LIMIT ?2"
                                                         " OFFSET ?1",
    [Q_TOTAL] = "SELECT count(*) FROM thing",
    /* In parentheses: to clang, two literals in a table look like a forgotten comma. */
    [Q_NULLS] = ("SELECT (owner IS NULL) + (note IS NULL) + (code IS NULL) + (weight IS NULL)"
                 " FROM thing WHERE id = ?"),
};

struct fixture {
    struct fake_world *world;
    char path[FAKE_PATH_SIZE];
    struct kit_db *db;
    struct kit_statements statements;
};

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));
    f->world = fake_world_new(1);
    const struct kit_service_ports ports = fake_ports(f->world, "things", f->path);
    assert_int_equal(kit_db_open(&f->db, &ports.store, MIGRATIONS, 1, NULL), KIT_OK);
    assert_int_equal(
        kit_statements_prepare(&f->statements, f->db, QUERIES, KIT_COUNT(QUERIES), NULL), KIT_OK);
    assert_int_equal(kit_db_begin(f->db, NULL), KIT_OK);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    kit_db_rollback(f->db);
    kit_statements_done(&f->statements);
    kit_db_close(f->db);
    fake_world_free(f->world);
    test_free(f);
    return 0;
}

static int64_t add(struct fixture *f, const struct thing *thing)
{
    int64_t id = 0;
    struct kit_query query = kit_query_start(&f->statements, Q_ADD);
    thing_bind(&query, thing);
    assert_int_equal(kit_query_number(&query, &id, NULL), KIT_OK);
    return id;
}

static bool find(struct fixture *f, int64_t id, struct thing *ret_thing)
{
    bool is_found = false;
    struct kit_query query = kit_query_start(&f->statements, Q_GET);
    kit_query_int(&query, id);
    assert_int_equal(thing_read_one(&query, ret_thing, &is_found, NULL), KIT_OK);
    return is_found;
}

static int64_t nulls(struct fixture *f, int64_t id)
{
    int64_t count = 0;
    struct kit_query query = kit_query_start(&f->statements, Q_NULLS);
    kit_query_int(&query, id);
    assert_int_equal(kit_query_number(&query, &count, NULL), KIT_OK);
    return count;
}

static const struct thing FULL = { { 7 }, COLOUR_BLUE, 4,    true, -2, "lamp",
                                   "old", true,        "x1", true, 0 };
static const struct thing BARE = { .colour = COLOUR_RED, .name = "" };

static void test_columns_give_sql(void **state)
{
    (void)state;
    assert_string_equal(KIT_COLUMN_NAMES(THING_COLUMNS),
                        "id, colour, owner, is_lent, shelf, name, note, code, weight");
    assert_string_equal(KIT_COLUMN_MARKS(THING_CHANGING), "?, ?");
    assert_string_equal(KIT_COLUMN_SETS(THING_CHANGING), "colour = ?, owner = ?");
    assert_string_equal(KIT_COLUMN_UPSERTS(THING_CHANGING),
                        "colour = excluded.colour, owner = excluded.owner");
}

static void assert_same(const struct thing *a, const struct thing *b)
{
    assert_int_equal(a->id.v, b->id.v);
    assert_int_equal(a->colour, b->colour);
    assert_int_equal(a->owner, b->owner);
    assert_int_equal(a->is_lent, b->is_lent);
    assert_int_equal(a->shelf, b->shelf);
    assert_string_equal(a->name, b->name);
    assert_string_equal(a->note, b->note);
    assert_int_equal(a->has_code, b->has_code);
    assert_string_equal(a->code, b->code);
    assert_int_equal(a->has_weight, b->has_weight);
    assert_int_equal(a->weight, b->weight);
}

static void test_row_full_comes_back_as_it_went_in(void **state)
{
    struct fixture *f = *state;
    struct thing thing;
    assert_int_equal(add(f, &FULL), 7);
    memset(&thing, 'x', sizeof(thing));
    assert_true(find(f, 7, &thing));
    assert_same(&thing, &FULL);
    assert_int_equal(nulls(f, 7), 0); /* a weight of 0 is not none */
}

static void test_row_bare_has_nulls_and_a_number_of_the_database(void **state)
{
    struct fixture *f = *state;
    struct thing thing, expected = BARE;
    expected.id.v = add(f, &BARE);
    assert_int_equal(expected.id.v, 1);
    memset(&thing, 'x', sizeof(thing));
    assert_true(find(f, 1, &thing));
    assert_same(&thing, &expected);
    assert_int_equal(nulls(f, 1), 4);
}

static void test_read_one_without_a_row_writes_nothing(void **state)
{
    struct fixture *f = *state;
    struct thing thing = FULL;
    assert_false(find(f, 99, &thing));
    assert_same(&thing, &FULL);
}

static void test_bind_of_some_columns_is_followed_by_others(void **state)
{
    struct fixture *f = *state;
    struct thing thing = FULL, expected = FULL;
    (void)add(f, &FULL);
    expected.colour = COLOUR_RED;
    expected.owner = 0;
    struct kit_query query = kit_query_start(&f->statements, Q_SET);
    changing_bind(&query, &expected);
    kit_query_int(&query, 7);
    assert_int_equal(kit_query_run(&query, NULL, NULL), KIT_OK);
    assert_true(find(f, 7, &thing));
    assert_same(&thing, &expected);
}

static void test_page_has_its_rows_and_no_more(void **state)
{
    struct fixture *f = *state;
    struct thing things[2];
    for (int i = 0; i < 5; i++)
        (void)add(f, &BARE);
    struct kit_page page = { .number = 1, .size = 2 };
    static const struct kit_page_queries LIST = { Q_PAGE, Q_TOTAL };
    assert_int_equal(thing_read_page(&f->statements, &LIST, &page, things, NULL), KIT_OK);
    assert_int_equal(page.total, 5);
    assert_int_equal(page.count, 2);
    assert_int_equal(things[0].id.v, 3);
    assert_int_equal(things[1].id.v, 4);
    page.number = 2;
    assert_int_equal(thing_read_page(&f->statements, &LIST, &page, things, NULL), KIT_OK);
    assert_int_equal(page.count, 1);
}

static struct kit_query *read_on;

static void read_next(void)
{
    (void)kit_query_next_int(read_on);
}

static void test_read_beyond_the_columns_aborts(void **state)
{
    struct fixture *f = *state;
    bool is_found = false;
    (void)add(f, &FULL);
    struct kit_query query = kit_query_start(&f->statements, Q_NULLS);
    kit_query_int(&query, 7);
    assert_int_equal(kit_query_row(&query, &is_found, NULL), KIT_OK);
    assert_int_equal(kit_query_next_int(&query), 0);
    read_on = &query;
    assert_true(aborts(read_next));
    kit_query_end(&query);
}

/* Opens a store that has the thing's table, and one of that name and those columns. */
static int open_with(struct fixture *f, const char *name, const char *columns,
                     struct kit_error *err)
{
    const struct kit_table tables[] = {
        KIT_TABLE(thing, THING_COLUMNS),
        { name, columns },
    };
    const struct kit_store_spec spec = KIT_STORE_SPEC(tables, QUERIES);
    struct kit_statements statements;
    int rc = kit_store_open(&statements, f->db, &spec, err);
    if (rc == KIT_OK)
        kit_statements_done(&statements);
    return rc;
}

static void test_store_open_names_what_one_side_lacks(void **state)
{
    static const struct {
        const char *name, *columns, *needle;
    } CASES[] = {
        { "thing", "id, colour, owner, is_lent, shelf, name, note, code", "a column weight" },
        { "thing", KIT_COLUMN_NAMES(THING_COLUMNS) ", size", "no column size" },
        { "other", KIT_COLUMN_NAMES(OTHER_COLUMNS), "no column id" },
        { "thing", "id, col, owner, is_lent, shelf, name, note, code, weight", "no column col" },
    };
    struct fixture *f = *state;
    struct kit_error err = { 0 };
    assert_int_equal(open_with(f, "thing", KIT_COLUMN_NAMES(THING_COLUMNS), &err), KIT_OK);
    for (size_t i = 0; i < KIT_COUNT(CASES); i++) {
        assert_int_equal(open_with(f, CASES[i].name, CASES[i].columns, &err), KIT_E_CORRUPT);
        assert_non_null(strstr(err.text, CASES[i].name));
        assert_non_null(strstr(err.text, CASES[i].needle));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_columns_give_sql),
        cmocka_unit_test_setup_teardown(test_row_full_comes_back_as_it_went_in, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_row_bare_has_nulls_and_a_number_of_the_database,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read_one_without_a_row_writes_nothing, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_bind_of_some_columns_is_followed_by_others, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_page_has_its_rows_and_no_more, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_read_beyond_the_columns_aborts, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_store_open_names_what_one_side_lacks, set_up,
                                        tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
