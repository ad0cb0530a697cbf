/* What staff do with compartments without an order: out of service and back, opened, walked to; all
 * of it in the history (rules/delivery.md 7.7 to 7.10). */
#include "locker_fixture.h"

#define OPEN_MS 10000

/* An act of Mina's. members: what follows "act" and its value. */
static const struct fake_message *act(struct fixture *fixture, const char *kind,
                                      const char *members)
{
    char json[256];
    (void)snprintf(json, sizeof(json), "{\"device\":\"locker-1\",\"act\":\"%s\",\"by\":\"Mina\"%s}",
                   kind, members);
    return request(fixture, "bridge", "locker-act", json);
}

#define CLEAN(n) ",\"compartment\":" #n ",\"reason\":\"cleaning\""
#define NUMBER(n) ",\"compartment\":" #n
#define WALK(n, opened) ",\"compartment\":" #n ",\"opened\":" #opened

static const char *history(struct fixture *fixture)
{
    return request(fixture, "bridge", "locker-acts", "{\"device\":\"locker-1\"}")->payload;
}

static int64_t act_count(struct fixture *fixture)
{
    return sql_int(fixture, "SELECT count(*) FROM staff_act");
}

/* Rules 7.8: the command is signed, short, and changes nothing else. */
static void test_open_is_a_short_command_for_a_compartment_out_of_service(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "SS");

    assert_reply(act(fixture, "out", CLEAN(1)), "ok", "\"use\":\"out_of_order\"");
    assert_reply(act(fixture, "open", CLEAN(1)), "ok", "\"device\":\"locker-1\"");
    cJSON *cmd = told(fixture, &box, "cmd");
    assert_int_equal(number_of(cmd, "compartment"), 1);
    assert_int_equal(number_of(cmd, "expiresAt"), fixture->world->wall_ms + OPEN_MS);
    cJSON_Delete(cmd);
    box_effect(fixture, &box, "opened"); /* which looks at its MAC, too */
    box_door(fixture, &box, 1, "open", "absent");
    assert_reply(act(fixture, "open", CLEAN(1)), "ok", ""); /* already open: the locker says so */
    box_effect(fixture, &box, "already_open");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_reply(act(fixture, "in", NUMBER(1)), "ok", "\"use\":\"free\"");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM compartment WHERE story <> 0"), 0);
    pick(fixture, 1, 1, "");
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
}

static void test_open_in_service_is_refused(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    const struct fake_message *reply = act(fixture, "open", CLEAN(1));
    assert_reply(reply, "refused", "is in service: take it out of service before you open it");
    assert_int_equal(told_count(fixture, &box, "cmd"), 0);
    assert_int_equal(act_count(fixture), 0);
}

static void test_open_says_why_and_where(void **state)
{
    struct fixture *fixture = *state;
    (void)shop(fixture, "S", "S");

    assert_reply(act(fixture, "out", NUMBER(1)), "invalid", "\"pointer\":\"/reason\"");
    assert_reply(act(fixture, "open", NUMBER(1)), "invalid", "\"pointer\":\"/reason\"");
    assert_reply(act(fixture, "open", ",\"reason\":\"x\""), "invalid",
                 "\"pointer\":\"/compartment\"");
    assert_reply(act(fixture, "walk", ",\"opened\":1"), "invalid", "\"pointer\":\"/compartment\"");
    assert_reply(act(fixture, "walk", NUMBER(1)), "invalid", "\"pointer\":\"/opened\"");
    assert_reply(act(fixture, "open", CLEAN(9)), "not_found", "no compartment 9 of locker-1");
    assert_reply(act(fixture, "walk", WALK(9, 9)), "not_found", "no compartment 9 of locker-1");
    assert_reply(request(fixture, "bridge", "locker-act",
                         "{\"device\":\"locker-9\",\"act\":\"in\",\"by\":\"M\"}"),
                 "not_found", "There is no locker locker-9");
    assert_int_equal(act_count(fixture), 0);
}

/* Nobody waits in front of a locker for a command that comes when it is back. */
static void test_open_while_the_locker_is_away_sends_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    (void)act(fixture, "out", CLEAN(1));
    box_state(fixture, &box, "offline", "S");
    assert_reply(act(fixture, "open", CLEAN(1)), "unavailable", "\"type\":\"locker-unavailable\"");
    assert_int_equal(told_count(fixture, &box, "cmd"), 0);
}

/* Goods stay; and when they do not, they are missed as ever (rules 8.7). */
static void test_open_with_goods_needs_a_word_of_its_own(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "S");
    const size_t commands = told_count(fixture, &box, "cmd");

    (void)act(fixture, "out", CLEAN(1));
    assert_reply(act(fixture, "open", CLEAN(1)), "refused", "Goods lie in compartment 1");
    assert_int_equal(told_count(fixture, &box, "cmd"), commands);
    assert_reply(act(fixture, "open", CLEAN(1) ",\"goods\":\"stay\""), "ok", "");
    box_effect(fixture, &box, "opened");
    box_door(fixture, &box, 1, "open", "present");
    box_door(fixture, &box, 1, "closed", "present");
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_LOADED);
    assert_int_equal(grants_told(fixture, &box), 1); /* the customer's code is still good */
    assert_non_null(strstr(history(fixture), "\"goods\":\"stay\""));

    (void)act(fixture, "open", CLEAN(1) ",\"goods\":\"stay\"");
    box_effect(fixture, &box, "opened");
    box_door(fixture, &box, 1, "open", "absent");
    box_door(fixture, &box, 1, "closed", "absent");
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_ASSIGNED);
    assert_reason(fixture, 1, "is empty, but nobody has collected");
}

/* One door, one command; and the next order does not find it open. */
static void test_open_that_may_still_come_keeps_others_away(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    (void)act(fixture, "out", CLEAN(1));
    (void)act(fixture, "open", CLEAN(1));
    assert_reply(act(fixture, "open", CLEAN(1)), "refused", "about to open it");
    assert_reply(act(fixture, "in", NUMBER(1)), "refused", "may still do so");
    assert_int_equal(told_count(fixture, &box, "cmd"), 1);
    pass_time(fixture, OPEN_MS + 10000);
    pass_time(fixture, TIMER_MS); /* nothing was heard of it */
    assert_metric(fixture, "lockstock_locker_commands_unanswered_total 1\n");
    assert_reply(act(fixture, "in", NUMBER(1)), "ok", "\"use\":\"free\"");
    assert_int_equal(act_count(fixture), 3);
}

static void test_open_of_a_door_that_jams_is_told(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    (void)act(fixture, "out", CLEAN(1));
    (void)act(fixture, "open", CLEAN(1));
    box_effect(fixture, &box, "jammed");
    assert_reply(act(fixture, "in", NUMBER(1)), "ok", "\"door\":\"jammed\"");
}

/* Rules 7.7: all at once, and nobody is sent to a sibling that is out a moment later. */
static void test_out_without_a_compartment_is_the_whole_locker(void **state)
{
    struct fixture *fixture = *state;
    (void)shop(fixture, "S", "SS");
    struct box other = box_ready(fixture, "locker-2", "S");

    pick(fixture, 1, 1, "locker-1");
    assert_reply(act(fixture, "out", ",\"reason\":\"moves house\""), "ok", "out_of_order");
    assert_int_equal(sql_of(fixture, 1, "locker = 'locker-2'"), 1);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM compartment WHERE out_since_ms > 0"),
                     2);
    load(fixture, &other, 1, 1);
    assert_reply(act(fixture, "in", ""), "ok", "\"use\":\"free\"");
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM compartment WHERE out_since_ms > 0"),
                     0);
    assert_int_equal(act_count(fixture), 4);
}

/* Rules 7.9: a wire that opens another door serves nobody before it is mended. */
static void test_walk_that_finds_another_door_keeps_it_out(void **state)
{
    struct fixture *fixture = *state;
    (void)shop(fixture, "S", "SS");

    assert_reply(act(fixture, "walk", WALK(1, 1)), "refused", "before you walk to it");
    (void)act(fixture, "out", ",\"reason\":\"new boards\"");
    assert_reply(act(fixture, "walk", WALK(1, 2)), "ok", "");
    assert_reply(act(fixture, "walk", WALK(2, 0)), "ok", "");
    assert_reply(act(fixture, "in", NUMBER(1)), "refused", "another door opened: mend the wire");
    assert_reply(act(fixture, "in", ""), "refused", "another door opened");
    assert_reply(act(fixture, "in", NUMBER(2)), "refused", "no door opened");
    (void)act(fixture, "walk", WALK(1, 1));
    assert_reply(act(fixture, "in", NUMBER(1)), "ok", "\"use\":\"free\"");
}

/* Rules 7.10. */
static void test_history_says_who_when_and_why(void **state)
{
    struct fixture *fixture = *state;
    (void)shop(fixture, "S", "S");

    assert_string_equal(history(fixture), "{\"items\":[]}");
    (void)act(fixture, "out", CLEAN(1));
    (void)act(fixture, "out", CLEAN(1)); /* it is out already */
    (void)act(fixture, "walk", WALK(1, 0));
    const char *told_acts = history(fixture);
    const char *walked = strstr(told_acts, "\"act\":\"walk\",\"compartment\":1,\"by\":\"Mina\","
                                           "\"opened\":0");
    const char *out = strstr(told_acts, "\"act\":\"out\",\"compartment\":1,"
                                        "\"reason\":\"cleaning\",\"by\":\"Mina\"");
    assert_non_null(walked);
    assert_non_null(out);
    assert_true(walked < out); /* the newest first */
    assert_int_equal(act_count(fixture), 2);
    fake_service_reopen(&fixture->delivery);
    assert_int_equal(act_count(fixture), 2);
}

/* ---- by scans (rules 7.12) ---- */

static void scan(struct fixture *fixture, const char *kind, int compartment)
{
    char json[160];
    (void)snprintf(json, sizeof(json),
                   "{\"locker\":\"locker-1\",\"compartment\":%d,\"act\":\"%s\","
                   "\"scanner\":\"scanner-1\"}",
                   compartment, kind);
    struct fake_event event = { "stock",     ++fixture->stock_seq, "CompartmentActed",
                                "scanner/4", fixture->stock_seq,   json };
    fake_event(&fixture->delivery, &event);
}

static int64_t out_count(struct fixture *fixture)
{
    return sql_int(fixture, "SELECT count(*) FROM compartment WHERE out_since_ms > 0");
}

static void test_scan_takes_out_and_in(void **state)
{
    struct fixture *fixture = *state;
    (void)shop(fixture, "S", "SS");

    scan(fixture, "out", 1);
    assert_int_equal(out_count(fixture), 1);
    assert_non_null(strstr(history(fixture), "\"by\":\"scanner-1\""));
    pick(fixture, 1, 1, "");
    assert_int_equal(sql_of(fixture, 1, "compartment"), 2);
    scan(fixture, "in", 1);
    assert_int_equal(out_count(fixture), 0);
}

static void test_scan_opens_what_it_takes_out_first(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop(fixture, "S", "S");

    scan(fixture, "open", 1);
    assert_int_equal(out_count(fixture), 1);
    assert_int_equal(act_count(fixture), 2);
    assert_int_equal(told_count(fixture, &box, "cmd"), 1);
    box_effect(fixture, &box, "opened");
}

static void test_scan_that_is_not_allowed_changes_nothing(void **state)
{
    struct fixture *fixture = *state;
    struct box box = shop_with_ready(fixture, "SS");
    const size_t commands = told_count(fixture, &box, "cmd");

    scan(fixture, "open", 1); /* goods lie in it */
    scan(fixture, "open", 9); /* there is none */
    scan(fixture, "walk", 2); /* not by scan */
    fixture->world->wall_ms -= OPEN_MS + 1;
    scan(fixture, "open", 2); /* nobody stands there any more */
    fixture->world->wall_ms += OPEN_MS + 1;
    box_state(fixture, &box, "offline", "SS");
    scan(fixture, "open", 2); /* nobody hears it */
    assert_int_equal(told_count(fixture, &box, "cmd"), commands);
    assert_int_equal(out_count(fixture), 0);
    assert_int_equal(act_count(fixture), 0);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM dead_letter"), 0);
    assert_metric(fixture, "lockstock_locker_requests_ignored_total 5\n");
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_open_is_a_short_command_for_a_compartment_out_of_service),
        TEST(test_open_in_service_is_refused),
        TEST(test_open_says_why_and_where),
        TEST(test_open_while_the_locker_is_away_sends_nothing),
        TEST(test_open_with_goods_needs_a_word_of_its_own),
        TEST(test_open_that_may_still_come_keeps_others_away),
        TEST(test_open_of_a_door_that_jams_is_told),
        TEST(test_out_without_a_compartment_is_the_whole_locker),
        TEST(test_walk_that_finds_another_door_keeps_it_out),
        TEST(test_history_says_who_when_and_why),
        TEST(test_scan_takes_out_and_in),
        TEST(test_scan_opens_what_it_takes_out_first),
        TEST(test_scan_that_is_not_allowed_changes_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
