/* READY, but empty: goods that are gone without a code, that are back, or that never were gone
 * (rules/delivery.md 8.5, 8.7). */
#include "delivery/store/delivery.h"
#include "locker_fixture.h"

/* READY, and the goods are gone without a code: forced, or taken out again by a worker. */
static struct box box_emptied(struct fixture *fixture)
{
    struct box box = shop_with_ready(fixture, "S");
    box_door(fixture, &box, 1, "open", "present"); /* nobody typed a code */
    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_ASSIGNED);
    assert_reason(fixture, 1, "is empty, but nobody has collected");
    return box;
}

static void test_ready_whose_goods_are_gone_has_no_code_until_they_are_back(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_emptied(fixture);

    assert_int_equal(grants_told(fixture, &box), 0);
    assert_reply(request(fixture, "bridge", "pickup-code", "{\"id\":1}"), "not_found", "no-code");
    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 1, "open", "present");
    box_door(fixture, &box, 1, "closed", "present");
    assert_int_equal(grants_told(fixture, &box), 1);
    box_confirm(fixture, &box);
    assert_int_equal(sql_of(fixture, 1, "reason IS NULL"), 1);
    box_code(fixture, &box, 1, 1);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
}

/* A worker finds them at the dock, and lays them in once more: the hold time begins again. */
static void test_ready_whose_goods_are_gone_is_loaded_again_by_staff(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_emptied(fixture);

    pass_time(fixture, HOLD_MS - TIMER_MS);
    box_confirm(fixture, &box);
    open_and_close(fixture, &box, 1, 1, "absent"); /* forgotten */
    assert_reason(fixture, 1, "nothing was sensed");
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_ASSIGNED);
    load(fixture, &box, 1, 1);
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_LOADED);
    assert_int_equal(sql_of(fixture, 1, "reason IS NULL"), 1);
    assert_int_equal(sql_of(fixture, 1, "deadline_ms"), fixture->world->wall_ms + HOLD_MS);
    box_code(fixture, &box, 1, 1);
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
}

/* The locker does not know yet that the code is withdrawn: whoever types it finds nothing. */
static void test_ready_whose_goods_are_gone_is_not_collected_with_the_old_code(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_emptied(fixture);
    const int64_t grant = sql_int(fixture, "SELECT max(id) FROM access_grant");

    box_use(fixture, &box, grant, 1, "opened");
    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_reason(fixture, 1, "is empty, but nobody has collected");
}

/* Its sensor was wrong for a moment, and is right again when the customer opens the door. */
static void test_ready_that_only_seemed_empty_is_collected_with_the_old_code(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    const int64_t grant = sql_int(fixture, "SELECT max(id) FROM access_grant");

    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_ASSIGNED);
    box_use(fixture, &box, grant, 1, "opened");
    box_door(fixture, &box, 1, "open", "present");
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_LOADED);
    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    assert_int_equal(grants_told(fixture, &box), 0);
}

/* The same, but a cancel waits for the locker: who has collected is not canceled. */
static void test_ready_that_only_seemed_empty_is_collected_while_a_cancel_waits(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    const int64_t grant = sql_int(fixture, "SELECT max(id) FROM access_grant");

    box_door(fixture, &box, 1, "closed", "absent");
    assert_null(cancel_locker(fixture, 1, 1));
    box_use(fixture, &box, grant, 1, "opened");
    box_door(fixture, &box, 1, "open", "present");
    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 1, "closed", "absent");
    box_confirm(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    assert_reply(cancel_locker(fixture, 1, 1), "refused", "already-collected");
}

/* The customer looks in and leaves them there: a new code, as ever. */
static void test_ready_that_only_seemed_empty_and_is_left_there_has_a_new_code(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    const int64_t grant = sql_int(fixture, "SELECT max(id) FROM access_grant");

    box_door(fixture, &box, 1, "closed", "absent");
    box_use(fixture, &box, grant, 1, "opened");
    box_door(fixture, &box, 1, "open", "present");
    assert_int_equal(grants_told(fixture, &box), 0);
    box_door(fixture, &box, 1, "closed", "present");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_int_equal(grants_told(fixture, &box), 1);
    assert_reason(fixture, 1, "the goods are still");
}

/* ---- a database of the version before ---- */

#define MIGRATIONS_BEFORE 7 /* up to "locker care" */

/* As that version left it: the code was taken away, and the compartment is called loaded still. */
static const char ROBBED_ROWS[] =
    "BEGIN;"
    "INSERT INTO delivery VALUES (1, 7, 1, 2, NULL, 8, 'compartment 1 of locker-1 is empty', 5,"
    "  1000, 'locker-1', 1, 2, 1767398400000, 0, 1, 0);"
    "INSERT INTO delivery_history VALUES (1, 1, NULL, 1, NULL, 900, NULL, NULL, NULL);"
    "INSERT INTO locker (name, is_online, state_epoch, state_boot, epoch, seq, revision_wanted,"
    "  revision_known, wrong_codes, compartment_count)"
    "  VALUES ('locker-1', 1, '" LOCKER_EPOCH "', 1, '" LOCKER_EPOCH "', 9, 12, 12, 0, 1);"
    "INSERT INTO compartment (locker, number, size, door, presence, is_doubtful, delivery_id,"
    "  story, empty_count, pending_until_ms, clean_revision)"
    "  VALUES ('locker-1', 1, 1, 1, 1, 0, 1, 0, 0, 0, 12);"
    "INSERT INTO access_grant VALUES (5, 1, 1, 'locker-1', 1, 1, 3, 1000, 1767398400000,"
    "  '0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef', 11);"
    "COMMIT;";

/* Writes that database, and the present service opens it. */
static struct box open_robbed(struct fixture *fixture)
{
    struct kit_error err = { 0 };
    struct kit_db *db = NULL;
    char path[FAKE_PATH_SIZE];
    struct fake_world *world = fake_world_new(8);
    struct kit_service_ports ports = fake_ports(world, "delivery", path);
    const struct fake_service before = fixture->delivery;

    assert_int_equal(kit_db_open(&db, &ports.store, delivery_migrations, MIGRATIONS_BEFORE, &err),
                     KIT_OK);
    assert_int_equal(sqlite3_exec(kit_db_handle(db), ROBBED_ROWS, NULL, NULL, NULL), SQLITE_OK);
    kit_db_close(db);
    assert_int_equal(tear_down((void **)&fixture), 0);
    fixture->world = world;
    fixture->delivery = fake_service_open(world, before.desc, before.settings,
                                          before.setting_count);
    struct box box = box_named("locker-1");
    box.next_seq = 10;
    box.revision = 12;
    return box;
}

static void test_ready_robbed_before_the_upgrade_is_told_so_when_the_locker_connects(void **state)
{
    struct fixture *fixture = *state;
    struct box box = open_robbed(fixture);

    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_LOADED);
    box_state(fixture, &box, "online", "S");
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_ASSIGNED);
    assert_reason(fixture, 1, "is empty, but nobody has collected");
    assert_log(fixture, 1, "DeliveryUpdated", "\"compartmentUse\":\"assigned\"");
    box_state(fixture, &box, "online", "S"); /* once */
    assert_int_equal(log_size(fixture), 1);
    load(fixture, &box, 1, 1);
    box_code(fixture, &box, 1, 1);
}

static void test_ready_robbed_before_the_upgrade_has_a_code_when_goods_are_sensed(void **state)
{
    struct fixture *fixture = *state;
    struct box box = open_robbed(fixture);

    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 1, "open", "present");
    box_door(fixture, &box, 1, "closed", "present");
    assert_int_equal(grants_told(fixture, &box), 1);
    assert_int_equal(sql_of(fixture, 1, "reason IS NULL"), 1);
    box_code(fixture, &box, 1, 1);
}

/* ---- loading again at a door that does not open (rules 8.5) ---- */

static void assert_loaded_elsewhere(struct fixture *fixture, const char *effect)
{
    struct box box = box_emptied(fixture);
    struct box other = box_ready(fixture, "locker-2", "S");
    const int64_t deadline_ms = sql_of(fixture, 1, "deadline_ms");

    feed_requested(fixture, 1, &box, 1, "load");
    box_effect(fixture, &box, effect);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    assert_int_equal(sql_of(fixture, 1, "locker = 'locker-2' AND compartment_use = 1"), 1);
    assert_int_equal(sql_of(fixture, 1, "deadline_ms"), deadline_ms);
    assert_reason(fixture, 1, "did not open: the goods come into compartment 1 of locker-2");
    assert_int_equal(
        sql_int(fixture, "SELECT count(*) FROM compartment WHERE delivery_id IS NOT NULL"), 1);
    load(fixture, &other, 1, 1);
    box_code(fixture, &other, 1, 1);
    box_door(fixture, &other, 1, "closed", "absent");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
}

static void test_ready_loaded_again_at_a_jammed_door_gets_another_compartment(void **state)
{
    assert_loaded_elsewhere(*state, "jammed");
}

static void test_ready_loaded_again_at_a_silent_board_gets_another_compartment(void **state)
{
    assert_loaded_elsewhere(*state, "no_answer");
}

static void test_ready_loaded_again_at_a_jammed_door_stays_while_no_other_is_free(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_emptied(fixture);

    feed_requested(fixture, 1, &box, 1, "load");
    box_effect(fixture, &box, "jammed");
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
    assert_reason(fixture, 1, "did not open: jammed");
    struct box other = box_ready(fixture, "locker-2", "S");
    feed_requested(fixture, 1, &box, 1, "load"); /* the next scan finds one */
    box_effect(fixture, &box, "jammed");
    assert_int_equal(sql_of(fixture, 1, "locker = 'locker-2'"), 1);
    load(fixture, &other, 1, 1);
}

static void test_ready_whose_goods_are_gone_can_be_canceled(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_emptied(fixture);

    assert_null(cancel_locker(fixture, 1, 1)); /* its code may still be in the locker: waits */
    feed_requested(fixture, 1, &box, 1, "load");
    assert_metric(fixture, "lockstock_locker_requests_ignored_total 1\n");
    box_confirm(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
    assert_int_equal(sql_of(fixture, 1, "compartment_use IS NULL"), 1);
    pick(fixture, 2, 1, "");
    assert_int_equal(sql_of(fixture, 2, "compartment"), 1);
}

/* Rules 6.2: the locker has confirmed long ago, and says nothing more until its next hello. */
static void test_ready_whose_code_is_gone_is_canceled_at_once(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_emptied(fixture);

    box_confirm(fixture, &box);
    const size_t commands = told_count(fixture, &box, "cmd");
    assert_reply(cancel_locker(fixture, 1, 1), "ok", "\"status\":\"CANCELED\"");
    assert_int_equal(sql_of(fixture, 1, "compartment_use IS NULL"), 1);
    feed_requested(fixture, 1, &box, 1, "load"); /* scanned before the worker heard of it */
    assert_int_equal(told_count(fixture, &box, "cmd"), commands);
    assert_int_equal(grants_told(fixture, &box), 0);
}

/* The same while the locker is away: it has nothing to give up. */
static void test_ready_whose_code_is_gone_is_canceled_while_the_locker_is_away(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_emptied(fixture);

    box_confirm(fixture, &box);
    box_state(fixture, &box, "offline", "S");
    assert_reply(cancel_locker(fixture, 1, 1), "ok", "\"status\":\"CANCELED\"");
}

/* A command is out that may open it: nothing opens for an order that was canceled. */
static void test_ready_about_to_be_loaded_again_is_not_canceled_before_the_door_has_spoken(
    void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_emptied(fixture);

    box_confirm(fixture, &box);
    feed_requested(fixture, 1, &box, 1, "load");
    assert_null(cancel_locker(fixture, 1, 1));
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    box_effect(fixture, &box, "jammed");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
}

/* The cancel comes while a worker stands at the open door and lays them in. */
static void test_ready_canceled_while_it_is_loaded_again_keeps_what_is_in_it(void **state)
{
    struct fixture *fixture = *state;
    struct box box = box_emptied(fixture);

    feed_requested(fixture, 1, &box, 1, "load");
    box_effect(fixture, &box, "opened");
    box_door(fixture, &box, 1, "open", "absent");
    assert_null(cancel_locker(fixture, 1, 1));
    box_confirm(fixture, &box);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY); /* somebody is at the door */
    box_door(fixture, &box, 1, "closed", "present");
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_CANCELED);
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_LOADED);
    assert_int_equal(grants_told(fixture, &box), 0);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_ready_whose_goods_are_gone_has_no_code_until_they_are_back),
        TEST(test_ready_whose_goods_are_gone_is_loaded_again_by_staff),
        TEST(test_ready_whose_goods_are_gone_is_not_collected_with_the_old_code),
        TEST(test_ready_that_only_seemed_empty_is_collected_with_the_old_code),
        TEST(test_ready_that_only_seemed_empty_is_collected_while_a_cancel_waits),
        TEST(test_ready_that_only_seemed_empty_and_is_left_there_has_a_new_code),
        TEST(test_ready_robbed_before_the_upgrade_is_told_so_when_the_locker_connects),
        TEST(test_ready_robbed_before_the_upgrade_has_a_code_when_goods_are_sensed),
        TEST(test_ready_loaded_again_at_a_jammed_door_gets_another_compartment),
        TEST(test_ready_loaded_again_at_a_silent_board_gets_another_compartment),
        TEST(test_ready_loaded_again_at_a_jammed_door_stays_while_no_other_is_free),
        TEST(test_ready_whose_goods_are_gone_can_be_canceled),
        TEST(test_ready_whose_code_is_gone_is_canceled_at_once),
        TEST(test_ready_whose_code_is_gone_is_canceled_while_the_locker_is_away),
        TEST(test_ready_about_to_be_loaded_again_is_not_canceled_before_the_door_has_spoken),
        TEST(test_ready_canceled_while_it_is_loaded_again_keeps_what_is_in_it),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
