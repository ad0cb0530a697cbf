/* Tables of routes: which handler a row reaches, with which part of the app; and what handlers say
 * through the kit. What must not compile is in test_refused.py. */
#include "kit/service/routes.h"
#include "msg/event_product.gen.h"
#include "msg/rpc_get_request.gen.h"
#include "msg/rpc_replay_request.gen.h"
#include "thing_fixture.h"
#include "unit/base/aborts.h"

struct shelf {
    int64_t seen;
};

struct house {
    int64_t seen;
    struct shelf shelf;
};

static int take(struct house *house, const struct msg_rpc_get_request *in,
                struct msg_rpc_replay_request *out, struct kit_error *err)
{
    if (in->id == 13)
        return kit_error_set(err, KIT_E_REFUSED, "13 is not taken");
    house->seen += in->id;
    out->after = in->id;
    return KIT_OK;
}

static int shelve(struct shelf *shelf, const struct msg_rpc_get_request *in,
                  struct msg_rpc_replay_request *out, struct kit_error *err)
{
    (void)err;
    shelf->seen += in->id;
    out->after = -in->id;
    return KIT_OK;
}

static int note(struct house *house, const struct msg_event_product *event, struct kit_error *err)
{
    (void)err;
    house->seen += event->product.version;
    return KIT_OK;
}

static int put(struct shelf *shelf, const char *device, const struct msg_rpc_get_request *body,
               struct kit_error *err)
{
    (void)err;
    shelf->seen += body->id + (int64_t)strlen(device);
    return KIT_OK;
}

#define REQUESTS(X)                                                                                \
    X("take", KIT_RPC_EFFECT, rpc_get_request, rpc_replay_request, take)                           \
    X("shelve", KIT_RPC_READ, rpc_get_request, rpc_replay_request, shelve, shelf)
KIT_RPC_TABLE(house_requests, struct house, REQUESTS);

#define EVENTS(X)                                                                                  \
    X("ProductSaved", event_product, note)                                                         \
    X("ProductSavedAgain", event_product, note) /* one handler may have two rows */
KIT_EVENT_TABLE(house_events, struct house, EVENTS);

#define DEVICES(X) X("scanner", "up", rpc_get_request, put, shelf)
KIT_DEVICE_TABLE(house_devices, struct house, DEVICES);

static void test_table_has_what_its_rows_say(void **state)
{
    (void)state;
    assert_int_equal(house_requests.count, 2);
    assert_string_equal(house_requests.methods[1].name, "shelve");
    assert_int_equal(house_requests.methods[0].kind, KIT_RPC_EFFECT);
    assert_int_equal(house_requests.methods[1].kind, KIT_RPC_READ);
    assert_ptr_equal(house_requests.methods[0].in, &msg_rpc_get_request_shape);
    assert_ptr_equal(house_requests.methods[0].out, &msg_rpc_replay_request_shape);
    assert_int_equal(house_events.count, 2);
    assert_string_equal(house_events.types[1].name, "ProductSavedAgain");
    assert_ptr_equal(house_events.types[1].data, &msg_event_product_shape);
    assert_int_equal(house_devices.count, 1);
    assert_string_equal(house_devices.leaves[0].kind, "scanner");
    assert_string_equal(house_devices.leaves[0].name, "up");
}

static void test_row_reaches_its_handler_with_its_part(void **state)
{
    struct house house = { 0 };
    struct kit_error err = { 0 };
    struct msg_rpc_get_request in = { .id = 5 };
    struct msg_rpc_replay_request out = { 0 };
    const struct kit_rpc_exchange exchange = { &in, &out };
    (void)state;
    assert_int_equal(house_requests.run(&house, 0, &exchange, &err), KIT_OK);
    assert_int_equal(out.after, 5);
    assert_int_equal(house.seen, 5);
    assert_int_equal(house_requests.run(&house, 1, &exchange, &err), KIT_OK);
    assert_int_equal(out.after, -5);
    assert_int_equal(house.shelf.seen, 5);
    in.id = 13;
    assert_int_equal(house_requests.run(&house, 0, &exchange, &err), KIT_E_REFUSED);
    assert_string_equal(err.text, "13 is not taken");

    const struct msg_event_product event = { .product = { .version = 100 } };
    assert_int_equal(house_events.run(&house, 1, &event, &err), KIT_OK);
    assert_int_equal(house.seen, 105);
    assert_int_equal(house_devices.run(&house, 0, "abc", &in, &err), KIT_OK);
    assert_int_equal(house.shelf.seen, 5 + 13 + 3);
}

static void run_beyond(void)
{
    struct house house = { 0 };
    const struct kit_rpc_exchange exchange = { 0 };
    (void)house_requests.run(&house, house_requests.count, &exchange, NULL);
}

static void test_row_that_is_not_there_aborts(void **state)
{
    (void)state;
    assert_true(aborts(run_beyond));
}

/* ---- through a service ---- */

static void test_append_names_the_aggregate_and_encodes_its_state(void **state)
{
    char row[1024];
    struct fixture *f = *state;
    (void)fake_request(&f->thing, "bridge", "add", "k1", "{\"id\":5}");
    assert_true(fake_log_row(&f->thing, 1, row, sizeof(row)));
    assert_non_null(strstr(row, "\"type\":\"ThingAdded\""));
    assert_non_null(strstr(row, "\"subject\":\"thing/5\""));
    assert_non_null(strstr(row, "\"version\":1"));
    assert_non_null(strstr(row, "\"data\":{\"id\":5}"));
}

static void test_event_of_another_shape_is_parked_with_a_sentence(void **state)
{
    struct fixture *f = *state;
    fake_event(&f->thing, &(struct fake_event){ "product", 1, "ProductSaved", "product/1", 1,
                                                "{\"id\":1,\"colour\":\"red\"}" });
    assert_int_equal(fake_sql_int(&f->thing, "SELECT count(*) FROM dead_letter WHERE code='invalid'"
                                             " AND reason LIKE '%/colour%'"),
                     1);
    assert_int_equal(things(f), 0);
}

static struct fixture *asked;

static int ask_for_request(void *app, struct kit_error *err)
{
    (void)app;
    (void)err;
    (void)kit_service_request(asked->thing.service);
    return KIT_OK;
}

static void run_timer(void)
{
    fake_world_advance(asked->world, THING_TIMER_MS);
    fake_settle(&asked->thing);
}

static void test_request_of_an_item_that_has_none_aborts(void **state)
{
    struct kit_service_desc desc = thing_service;
    asked = *state;
    fake_service_close(&asked->thing);
    asked->thing = fake_service_open(asked->world, &desc, NULL, 0);
    desc.on_timer = ask_for_request;
    assert_true(aborts(run_timer));
    desc.on_timer = thing_service.on_timer;
    assert_false(aborts(run_timer));
    fake_service_close(&asked->thing);
    asked->thing = fake_service_open(asked->world, &thing_service, NULL, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_table_has_what_its_rows_say),
        cmocka_unit_test(test_row_reaches_its_handler_with_its_part),
        cmocka_unit_test(test_row_that_is_not_there_aborts),
        TEST(test_append_names_the_aggregate_and_encodes_its_state),
        TEST(test_event_of_another_shape_is_parked_with_a_sentence),
        TEST(test_request_of_an_item_that_has_none_aborts),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
