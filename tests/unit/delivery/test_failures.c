/* The database fails, in each statement of each step of a locker order's life: what a step began is
 * undone as a whole, the process starts again, and the same step is taken as if for the first
 * time. */
#include "locker_fixture.h"

static struct fixture *fixture, before;
static struct box box, box_before;
static int number; /* of the compartment, or of the order's step */
static const char *what;

/* A step that comes again is the same one: it has the numbers that it had. The locker is online, as
 * a process that has just started does not know. */
static void begin_again(void)
{
    fixture->rental_seq = before.rental_seq;
    fixture->stock_seq = before.stock_seq;
    fixture->product_seq = before.product_seq;
    fixture->key_count = before.key_count;
    box = box_before;
    box_hello(fixture, &box);
}

static void try_step(void (*step)(void *context))
{
    before = *fixture;
    box_before = box;
    assert_true(fake_tried(&fixture->delivery, step, NULL) > 0);
}

static void order(void *context)
{
    (void)context;
    begin_again();
    feed_locker_order(fixture, 1, 2, "");
}

static void reserve(void *context)
{
    (void)context;
    begin_again();
    feed_reserved(fixture, 1);
}

static void stock_says(void *context)
{
    (void)context;
    begin_again();
    feed_step(fixture, 1, what);
}

static void stand_before_it(void *context)
{
    (void)context;
    begin_again();
    feed_requested(fixture, 1, &box, number, what);
}

static void opened(void *context)
{
    (void)context;
    begin_again();
    box_effect(fixture, &box, "opened");
}

static void open_empty(void *context)
{
    (void)context;
    begin_again();
    box_door(fixture, &box, number, "open", "absent");
}

static void close_on(void *context)
{
    (void)context;
    begin_again();
    box_door(fixture, &box, number, "closed", what);
}

static int64_t grant;

static void use_code(void *context)
{
    (void)context;
    begin_again();
    box_use(fixture, &box, grant, number, "opened");
}

static void confirm(void *context)
{
    (void)context;
    begin_again();
    box_hello(fixture, &box);
}

static void bring_back(void *context)
{
    (void)context;
    begin_again();
    (void)request(fixture, "bridge", "return", "{\"id\":1}");
}

static void read_all(void *context)
{
    (void)context;
    begin_again();
    (void)request(fixture, "bridge", "get", "{\"id\":1}");
    (void)request(fixture, "bridge", "pickup-code", "{\"id\":1}");
    (void)request(fixture, "bridge", "list", "{\"page\":0,\"size\":5}");
    (void)request(fixture, "bridge", "locker-list", "{\"page\":0,\"size\":5}");
}

static void pass(void *context)
{
    (void)context;
    begin_again();
    pass_time(fixture, TIMER_MS);
}

/* The locker stores what it was told last, and says so; its grant's code is typed. */
static void type_code(void)
{
    char code[GRANT_CODE_SIZE];
    box_hello(fixture, &box); /* after a restart it is told again */
    box_take_config(fixture, &box);
    try_step(confirm);
    code_of(fixture, 1, code);
    grant = grant_of_code(fixture, &box, code);
    assert_true(grant > 0);
    try_step(use_code);
}

static void test_order_whose_every_statement_fails_once_ends_as_any_other(void **state)
{
    fixture = *state;
    number = 1;
    box = shop(fixture, "S", "M");
    try_step(order);
    try_step(reserve);
    what = "StockPicked";
    try_step(stock_says);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_PICKED);
    try_step(pass); /* it found no locker that it had heard of since its start */
    assert_int_equal(sql_of(fixture, 1, "compartment"), 1);
    what = "load";
    fake_world_forget(fixture->world); /* it remembers some thousands of messages */
    try_step(stand_before_it);
    try_step(opened);
    try_step(open_empty);
    what = "present";
    try_step(close_on);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_READY);
    type_code();
    try_step(read_all);
    try_step(open_empty);
    what = "absent";
    try_step(close_on);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_DELIVERED);
    fake_world_forget(fixture->world);
    try_step(bring_back);
    type_code();
    what = "present";
    try_step(close_on);
    assert_int_equal(sql_of(fixture, 1, "compartment_use"), COMPARTMENT_USE_LOADED);
    try_step(pass);
    what = "StockReturned";
    try_step(stock_says);
    assert_int_equal(status_of(fixture, 1), DELIVERY_STATUS_RETURNED);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM delivery"), 1);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM dead_letter"), 0);
    assert_int_equal(sql_int(fixture, "SELECT max(seq) - count(*) FROM event_log"), 0);
    assert_int_equal(sql_int(fixture, "SELECT count(*) FROM delivery_history"),
                     sql_of(fixture, 1, "version"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(
            test_order_whose_every_statement_fails_once_ends_as_any_other, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
