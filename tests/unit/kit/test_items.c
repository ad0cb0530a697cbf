/* The hooks of a service: the one at the end of an item runs behind every item whose work
 * succeeded, and shares its fate; the one before the commit runs once for a batch. */
#include "thing_fixture.h"

/* What the hook of a test does; one process a file, so that statics serve. */
static bool hook_is_on; /* off while the fixture opens, whose first tick runs the timer */
static int hook_count;
static int hook_code; /* not KIT_OK: the hook fails so, after it has written */

static int after_item(void *app, struct kit_error *err)
{
    if (!hook_is_on)
        return KIT_OK;
    hook_count++;
    int rc = thing_add_row(app, 1000 + hook_count, "hook", err);
    if (rc != KIT_OK)
        return rc;
    if (hook_code == KIT_OK)
        return thing_append(app, 1000 + hook_count, err);
    return kit_error_set(err, hook_code, "the hook does not like it");
}

static struct kit_service_desc hooked;

static int set_up_hooked(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));
    hooked = thing_service;
    hooked.after_item = after_item;
    f->world = fake_world_new(7);
    hook_is_on = false;
    f->thing = fake_service_open(f->world, &hooked, NULL, 0);
    hook_is_on = true;
    hook_count = 0;
    hook_code = KIT_OK;
    *state = f;
    return 0;
}

static int64_t rows_of(struct fixture *f, const char *origin)
{
    char sql[96];
    snprintf(sql, sizeof(sql), "SELECT count(*) FROM thing WHERE origin = '%s'", origin);
    return fake_sql_int(&f->thing, sql);
}

/* Runs one step of a test and tells how often the hook ran in it. */
#define HOOKS_IN(step) (hook_count = 0, (void)(step), hook_count)

static void test_after_item_runs_behind_each_kind_of_item(void **state)
{
    struct fixture *f = *state;
    fake_presence(&f->thing, "friend", true, 1);
    /* The fixture settles after each step, which runs no item of its own. */
    assert_int_equal(HOOKS_IN(fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}")), 1);
    assert_int_equal(HOOKS_IN(fake_request(&f->thing, "bridge", "get", "", "{\"id\":5}")), 1);
    assert_int_equal(HOOKS_IN(send_product(f, 1, "fine")), 1);
    assert_int_equal(HOOKS_IN(fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":6}")), 1);
    assert_int_equal(HOOKS_IN(fake_request(&f->thing, "bridge", "add", "k2", "{\"id\":99}")), 1);
    assert_int_equal(HOOKS_IN(fake_answer(&f->thing, "friend", "help", NULL, "{}")), 1);
    assert_int_equal(rows_of(f, "help"), 1);
    fake_world_advance(f->world, THING_TIMER_MS);
    assert_int_equal(HOOKS_IN(fake_settle(&f->thing)), 1);
}

static void test_after_item_shares_what_the_item_says(void **state)
{
    char row[1024];
    struct fixture *f = *state;
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    assert_string_equal(reply->status, "ok");
    assert_true(fake_log_row(&f->thing, 1, row, sizeof(row)));
    assert_non_null(strstr(row, "thing/5"));
    assert_true(fake_log_row(&f->thing, 2, row, sizeof(row))); /* the hook spoke after the work */
    assert_non_null(strstr(row, "thing/1001"));
}

static void test_after_item_that_fails_undoes_the_item(void **state)
{
    struct fixture *f = *state;
    hook_code = KIT_E_REFUSED;
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    assert_string_equal(reply->status, "refused");
    assert_non_null(strstr(reply->payload, "the hook does not like it"));
    assert_int_equal(things(f), 0);
    assert_int_equal(fake_count(f->world, "lockstock/v1/stream/thing"), 0);

    fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":6}");
    assert_int_equal(things(f), 0);
    assert_null(fake_last(f->world, "lockstock/v1/device/main/scanner/scanner-1/ack"));

    send_product(f, 1,
                 "fine"); /* parked, as its item can never succeed: no hook runs behind that */
    assert_int_equal(rows_of(f, "event"), 0);
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM dead_letter"), 1);
}

/* The question was part of the item: a friend who heard it would answer to nobody. */
static void test_after_item_that_fails_undoes_the_items_calls(void **state)
{
    struct fixture *f = *state;
    hook_code = KIT_E_REFUSED;
    const struct fake_message *reply = fake_request(&f->thing, "bridge", "add", "k1",
                                                    "{\"id\":99}");
    assert_non_null(reply);
    assert_string_equal(reply->status, "refused");
    assert_int_equal(fake_count(f->world, "lockstock/v1/rpc/friend/help/thing"), 0);
}

/* A retry that the hook undoes leaves the letter, and its subject waits on. */
static void test_after_item_that_undoes_a_retry_leaves_the_letter(void **state)
{
    struct fixture *f = *state;
    send_product_of(f, 1, 1, "refuse");
    hook_code = KIT_E_REFUSED;
    assert_int_equal(kit_service_dead_letter_skip(f->thing.service, 1, NULL), KIT_E_REFUSED);
    hook_code = KIT_OK;
    send_product_of(f, 2, 1, "fine");
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM dead_letter"), 2);
    assert_int_equal(rows_of(f, "event"), 0);
}

static void test_after_item_does_not_follow_work_that_failed(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(HOOKS_IN(fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":13}")), 0);
    assert_int_equal(HOOKS_IN(fake_device(&f->thing, "scanner", "scanner-1/up", "{\"id\":13}")), 0);
    assert_int_equal(things(f), 0);
}

/* ---- before the commit ---- */

static int before_commit(void *app, struct kit_error *err)
{
    return hook_is_on ? thing_append_named(app, "thing-a", err) : KIT_OK;
}

static int set_up_committing(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));
    hooked = thing_service;
    hooked.before_commit = before_commit;
    hooked.before_commit_waits = *state != NULL;
    f->world = fake_world_new(7);
    hook_is_on = false;
    f->thing = fake_service_open(f->world, &hooked, NULL, 0);
    hook_is_on = true;
    *state = f;
    return 0;
}

static int64_t log_rows(struct fixture *f)
{
    return fake_sql_int(&f->thing, "SELECT count(*) FROM event_log");
}

static void test_before_commit_ends_a_quiet_batch_at_once(void **state)
{
    struct fixture *f = *state;
    char row[1024];
    send_product(f, 1, "fine");
    assert_int_equal(log_rows(f), 1);
    assert_true(fake_log_row(&f->thing, 1, row, sizeof(row)));
    assert_non_null(strstr(row, "\"subject\":\"thing/thing-a\""));
}

static void test_before_commit_that_waits_leaves_a_quiet_batch_open(void **state)
{
    struct fixture *f = *state;
    send_product(f, 1, "fine");
    send_product(f, 2, "fine");
    assert_int_equal(log_rows(f), 0);
    fake_world_advance(f->world, KIT_SERVICE_QUIET_MS);
    fake_settle(&f->thing);
    assert_int_equal(log_rows(f), 1);
    send_product(f, 3, "fine"); /* a loud item takes the quiet ones along */
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    assert_int_equal(log_rows(f), 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_after_item_runs_behind_each_kind_of_item,
                                        set_up_hooked, tear_down),
        cmocka_unit_test_setup_teardown(test_after_item_shares_what_the_item_says, set_up_hooked,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_after_item_that_fails_undoes_the_item, set_up_hooked,
                                        tear_down),
        cmocka_unit_test_setup_teardown(test_after_item_that_fails_undoes_the_items_calls,
                                        set_up_hooked, tear_down),
        cmocka_unit_test_setup_teardown(test_after_item_that_undoes_a_retry_leaves_the_letter,
                                        set_up_hooked, tear_down),
        cmocka_unit_test_setup_teardown(test_after_item_does_not_follow_work_that_failed,
                                        set_up_hooked, tear_down),
        cmocka_unit_test_setup_teardown(test_before_commit_ends_a_quiet_batch_at_once,
                                        set_up_committing, tear_down),
        cmocka_unit_test_prestate_setup_teardown(
            test_before_commit_that_waits_leaves_a_quiet_batch_open, set_up_committing, tear_down,
            &hooked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
