/* Random lives of orders and lockers: whatever comes, in whatever order, twice or late, the
 * invariants hold after every step. Above all: no code that a locker still has opens a compartment
 * that belongs to another order by now. */
#include <stdlib.h>

#include "locker_fixture.h"

#define SEEDS 16
#define STEPS 500
#define ORDERS 16
#define BOXES 2
#define COMPARTMENTS 2

/* A locker, with what it has stored. */
struct model {
    struct box box;
    struct stored_grant {
        int64_t id;
        int compartment;
        bool is_used;
    } grants[GRANTS_MAX];
    size_t grant_count;
    bool is_online;
};

struct play {
    struct fixture *fixture;
    struct model boxes[BOXES];
    uint64_t random;
    int orders; /* made so far */
};

static uint64_t roll(struct play *play, uint64_t sides)
{
    play->random = play->random * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (play->random >> 33) % sides;
}

/* ---- what may happen ---- */

static void take_config(struct play *play, struct model *model)
{
    struct grant known[GRANTS_MAX];
    size_t known_count = model->grant_count;
    const cJSON *item;

    if (!model->is_online || told_count(play->fixture, &model->box, "config") == 0)
        return;
    for (size_t i = 0; i < known_count; i++) {
        known[i].id = model->grants[i].id;
        known[i].state = model->grants[i].is_used ? GRANT_USED : GRANT_LIVE;
    }
    box_take_config(play->fixture, &model->box);
    cJSON *config = told(play->fixture, &model->box, "config");
    model->grant_count = 0;
    cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(config, "grants"))
    {
        struct stored_grant *grant = &model->grants[model->grant_count++];
        *grant = (struct stored_grant){ .id = number_of(item, "id"),
                                        .compartment = (int)number_of(item, "compartment") };
        for (size_t i = 0; i < known_count; i++) /* used ids are kept (devices 5.3) */
            grant->is_used = grant->is_used ||
                             (known[i].id == grant->id && known[i].state == GRANT_USED);
    }
    cJSON_Delete(config);
}

static void random_door(struct play *play, struct model *model)
{
    /* Mostly somebody tidies up, or no locker would be usable for long. */
    static const char *const doors[] = { "closed", "closed", "closed", "closed", "closed",
                                         "closed", "open",   "ajar",   "jammed", "unknown" };
    static const char *const presences[] = { "absent", "absent",  "absent", "absent",
                                             "absent", "present", "unknown" };
    box_door(play->fixture, &model->box, 1 + (int)roll(play, COMPARTMENTS),
             doors[roll(play, KIT_COUNT(doors))], presences[roll(play, KIT_COUNT(presences))]);
}

static const char *random_effect(struct play *play)
{
    static const char *const effects[] = { "opened", "opened",    "opened",     "already_open",
                                           "jammed", "no_answer", "interrupted" };
    return effects[roll(play, KIT_COUNT(effects))];
}

/* Somebody types a code that the locker has. */
static void random_use(struct play *play, struct model *model)
{
    if (model->grant_count == 0)
        return;
    struct stored_grant *grant = &model->grants[roll(play, model->grant_count)];
    if (grant->is_used)
        return;
    grant->is_used = true;
    int number = grant->compartment;
    box_use(play->fixture, &model->box, grant->id, number, random_effect(play));
    if (roll(play, 2) == 0)
        box_door(play->fixture, &model->box, number, "closed",
                 roll(play, 2) == 0 ? "absent" : "present");
}

static void random_state(struct play *play, struct model *model)
{
    model->is_online = roll(play, 4) != 0;
    box_state(play->fixture, &model->box, model->is_online ? "online" : "offline", "SM");
}

static void random_order_step(struct play *play, int id)
{
    struct fixture *fixture = play->fixture;
    char json[64];
    static const char *const steps[] = { "StockPicked", "StockPicked", "StockPicked",
                                         "StockHandedOver", "StockHandedOver" };
    switch (roll(play, 11)) {
    case 0:
        feed_reserved(fixture, id);
        break;
    case 1:
        if (roll(play, 3) == 0)
            (void)cancel_locker(fixture, id, 1);
        break;
    case 2:
    case 5:
    case 6:
        (void)snprintf(json, sizeof(json), "{\"id\":%d}", id);
        (void)request(fixture, "bridge", "return", json);
        break;
    case 3:
        feed_released(fixture, id);
        break;
    case 4:
    case 7:
        feed_step(fixture, id, "StockReturned");
        break;
    default:
        feed_reserved(fixture, id);
        feed_step(fixture, id, steps[roll(play, KIT_COUNT(steps))]);
        break;
    }
}

/* Staff scan the right compartment, if it has one. */
static void random_request(struct play *play, int id)
{
    struct fixture *fixture = play->fixture;
    char sql[160];
    (void)snprintf(sql, sizeof(sql),
                   "SELECT coalesce(max(compartment), 0) FROM delivery"
                   " WHERE id = %d",
                   id);
    int number = (int)sql_int(fixture, sql);
    if (number == 0)
        return;
    (void)snprintf(sql, sizeof(sql), "SELECT locker = 'locker-1' FROM delivery WHERE id = %d", id);
    struct model *model = &play->boxes[sql_int(fixture, sql) == 1 ? 0 : 1];
    size_t before = told_count(fixture, &model->box, "cmd");
    feed_requested(fixture, id, &model->box, number, roll(play, 2) == 0 ? "load" : "fetch");
    if (told_count(fixture, &model->box, "cmd") == before || roll(play, 4) == 0)
        return;
    box_effect(fixture, &model->box, random_effect(play));
    if (roll(play, 2) == 0) {
        box_door(fixture, &model->box, number, "open", "present");
        box_door(fixture, &model->box, number, "closed", roll(play, 3) == 0 ? "absent" : "present");
    }
}

static void step(struct play *play)
{
    struct fixture *fixture = play->fixture;
    struct model *model = &play->boxes[roll(play, BOXES)];
    int id = 1 + (int)roll(play, (uint64_t)play->orders);

    switch (roll(play, 12)) {
    case 0:
        if (play->orders < ORDERS)
            feed_locker_order(fixture, ++play->orders, 1, roll(play, 2) == 0 ? "locker-2" : "");
        break;
    case 1:
    case 2:
        random_order_step(play, id);
        break;
    case 3:
    case 4:
        random_request(play, id);
        break;
    case 5:
    case 6:
        random_door(play, model);
        break;
    case 7:
        random_use(play, model);
        break;
    case 8:
    case 9:
        take_config(play, model);
        box_hello(fixture, &model->box);
        break;
    case 10:
        random_state(play, model);
        break;
    default:
        if (roll(play, 10) == 0)
            fake_world_advance(fixture->world, HOLD_MS);
        else
            fake_world_advance(fixture->world, 1500);
        fake_settle(&fixture->delivery);
        break;
    }
}

/* ---- what must hold ---- */

static void check_sql(struct play *play, const char *what, const char *sql)
{
    if (sql_int(play->fixture, sql) != 0)
        fail_msg("%s: %s", what, sql);
}

static void check_tables(struct play *play)
{
    check_sql(play, "a compartment and its delivery do not agree",
              "SELECT count(*) FROM compartment c JOIN delivery d ON d.id = c.delivery_id"
              " WHERE d.locker IS NOT c.locker OR d.compartment IS NOT c.number");
    check_sql(play, "a delivery's compartment is not its own",
              "SELECT count(*) FROM delivery d LEFT JOIN compartment c ON c.locker = d.locker AND"
              " c.number = d.compartment WHERE d.locker IS NOT NULL"
              " AND c.delivery_id IS NOT d.id");
    check_sql(play, "a live code of one who must not have any",
              "SELECT count(*) FROM access_grant g JOIN delivery d ON d.id = g.delivery_id"
              " WHERE g.state = 1 AND (d.wish <> 0 OR d.locker IS NOT g.locker"
              "  OR d.compartment IS NOT g.compartment"
              "  OR NOT ((d.status = 8 AND d.compartment_use = 2) OR (d.status = 9 AND "
              "d.compartment_use = 1)))");
    check_sql(play, "versions and history do not agree",
              "SELECT count(*) FROM delivery d WHERE d.version <>"
              " (SELECT count(*) FROM delivery_history h WHERE h.delivery_id = d.id)");
    check_sql(play, "not every version was told",
              "SELECT (SELECT count(*) FROM delivery_history) - (SELECT count(*) FROM event_log"
              " WHERE instr(envelope, '\"subject\":\"delivery/') > 0)");
    check_sql(play, "an event was parked", "SELECT count(*) FROM dead_letter");
}

/* What was told last of a locker is what it shows (rules 10.1). */
static void check_told(struct play *play)
{
    for (int i = 0; i < BOXES; i++) {
        char json[64], sql[256], row[8192];
        const char *name = play->boxes[i].box.name;
        (void)snprintf(json, sizeof(json), "{\"device\":\"%s\"}", name);
        (void)snprintf(sql, sizeof(sql), "SELECT told FROM locker_told WHERE name = '%s'", name);
        if (sql_int(play->fixture, sql) == 0)
            continue; /* with the commit, which is still to come */
        (void)snprintf(sql, sizeof(sql),
                       "SELECT max(seq) FROM event_log WHERE instr(envelope, 'LockerChanged') > 0"
                       " AND instr(envelope, '\"device\":\"%s\"') > 0",
                       name);
        assert_true(
            fake_log_row(&play->fixture->delivery, sql_int(play->fixture, sql), row, sizeof(row)));
        const struct fake_message *shown = request(play->fixture, "bridge", "locker-get", json);
        if (strstr(row, shown->payload) == NULL)
            fail_msg("told %s; shown %s", row, shown->payload);
    }
}

/* No unused code that a locker has opens the compartment of another order. */
static void check_codes(struct play *play)
{
    for (int i = 0; i < BOXES; i++) {
        const struct model *model = &play->boxes[i];
        for (size_t j = 0; j < model->grant_count; j++) {
            char sql[256];
            if (model->grants[j].is_used)
                continue;
            (void)snprintf(sql, sizeof(sql),
                           "SELECT count(*) FROM compartment c JOIN access_grant g ON"
                           " g.locker = c.locker AND g.compartment = c.number WHERE g.id = %" PRId64
                           " AND c.delivery_id IS NOT NULL AND c.delivery_id <> g.delivery_id",
                           model->grants[j].id);
            check_sql(play, "an old code opens another's compartment", sql);
        }
    }
}

/* One play; returns a bit for each status that some order had at its end. */
static int64_t run(uint64_t seed)
{
    void *state = NULL;
    int64_t seen = 0;
    assert_int_equal(set_up(&state), 0);
    struct play play = { .fixture = state, .random = seed };

    feed_product(play.fixture, 7, "S");
    play.boxes[0] = (struct model){ .box = box_ready(play.fixture, "locker-1", "SM"),
                                    .is_online = true };
    play.boxes[1] = (struct model){ .box = box_ready(play.fixture, "locker-2", "SM"),
                                    .is_online = true };
    feed_locker_order(play.fixture, ++play.orders, 1, ""); /* first contact with each stream, */
    feed_reserved(play.fixture, 1);                        /* before time is moved */
    for (int i = 0; i < STEPS; i++) {
        step(&play);
        check_tables(&play);
        check_codes(&play);
        check_told(&play);
        if (play.fixture->world->message_count > FAKE_MESSAGES_MAX / 2) {
            for (int b = 0; b < BOXES; b++)
                take_config(&play, &play.boxes[b]);
            fake_world_forget(play.fixture->world);
        }
    }
    for (int status = 1; status <= DELIVERY_STATUS_MAX; status++) {
        char sql[96];
        (void)snprintf(sql, sizeof(sql),
                       "SELECT count(*) FROM delivery_history WHERE to_status = %d", status);
        if (sql_int(play.fixture, sql) > 0)
            seen |= INT64_C(1) << status;
    }
    (void)tear_down(&state);
    return seen;
}

static void test_random_lives_keep_the_invariants(void **state)
{
    (void)state;
    int64_t seen = 0;
    for (uint64_t seed = 1; seed <= SEEDS; seed++)
        seen |= run(seed);
    /* The plays are worth something: they reach every status that a locker order can have. */
    for (int status = DELIVERY_STATUS_REQUESTED; status <= DELIVERY_STATUS_MAX; status++) {
        if (status != DELIVERY_STATUS_CANCELED_OUT_OF_STOCK &&
            status != DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT &&
            (seen & INT64_C(1) << status) == 0)
            fail_msg("no play reached status %d", status);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_random_lives_keep_the_invariants),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
