/* Work off the loop, and requests of the operator on this machine. */
#include <string.h>

#include "fakes/cmocka_all.h"
#include "fakes/fakes.h"

#include "kit/service/routes.h"
#include "msg/rpc_get_request.gen.h"

/* double {id}: answers twice the id later, 13 is refused then. same {id}: answers it at once. */
struct work_app {
    struct kit_service *service;
};

struct number {
    uint64_t ticket;
    int64_t value;
};

static void double_it(void *data)
{
    struct number *number = data;
    number->value *= 2;
}

static int on_doubled(void *app_pointer, void *data, struct kit_error *err)
{
    struct work_app *app = app_pointer;
    const struct number *number = data;
    const struct msg_rpc_get_request answer = { .id = number->value };

    if (number->value == 26)
        return kit_error_set(err, KIT_E_REFUSED, "26 is refused");
    return kit_service_reply(app->service, number->ticket, KIT_BODY(rpc_get_request, &answer), err);
}

static int on_double(struct work_app *app, const struct msg_rpc_get_request *in,
                     struct msg_rpc_get_request *out, struct kit_error *err)
{
    const struct number number = { kit_service_request(app->service)->ticket, in->id };

    (void)out;
    int rc = kit_service_work(app->service,
                              &(struct kit_service_work){ .run = double_it,
                                                          .on_done = on_doubled,
                                                          .data = &number,
                                                          .size_bytes = sizeof(number) },
                              err);
    if (rc != KIT_OK)
        return rc;
    return KIT_PENDING;
}

static int on_same(struct work_app *app, const struct msg_rpc_get_request *in,
                   struct msg_rpc_get_request *out, struct kit_error *err)
{
    (void)app;
    (void)err;
    *out = *in;
    return KIT_OK;
}

#define WORK_REQUESTS(X)                                                                           \
    X("double", KIT_RPC_SECRET, rpc_get_request, rpc_get_request, on_double)                       \
    X("same", KIT_RPC_EFFECT, rpc_get_request, rpc_get_request, on_same)
KIT_RPC_TABLE(work_requests, struct work_app, WORK_REQUESTS);

static int open_app(void *app_pointer, struct kit_service *service, struct kit_error *err)
{
    struct work_app *app = app_pointer;
    (void)err;
    app->service = service;
    return KIT_OK;
}

static void close_app(void *app)
{
    (void)app;
}

static const struct kit_service_desc work_service = {
    .name = "work",
    .app_size_bytes = sizeof(struct work_app),
    .requests = &work_requests,
    .open = open_app,
    .close = close_app,
};

/* A port that holds jobs until the test lets them run. */
struct holder {
    struct kit_job *held[8], *ended[8];
    size_t held_count, ended_count;
};

static void hold(void *self, struct kit_job *job)
{
    struct holder *holder = self;
    holder->held[holder->held_count++] = job;
}

static struct kit_job *take(void *self)
{
    struct holder *holder = self;
    return holder->ended_count > 0 ? holder->ended[--holder->ended_count] : NULL;
}

static void let_run(struct holder *holder)
{
    struct kit_job *job = holder->held[0];
    memmove(holder->held, holder->held + 1, --holder->held_count * sizeof(holder->held[0]));
    job->run(job->data);
    holder->ended[holder->ended_count++] = job;
}

struct place {
    struct fake_world *world;
    struct fake_service work;
    struct holder holder;
    char path[FAKE_PATH_SIZE];
};

static int setup(void **state)
{
    static struct place place;

    place = (struct place){ .world = fake_world_new(1) };
    place.work = fake_service_open(place.world, &work_service, NULL, 0);
    *state = &place;
    return 0;
}

/* The same with a port that holds. */
static int setup_held(void **state)
{
    static struct place place;

    place = (struct place){ .world = fake_world_new(1) };
    struct kit_service_ports ports = fake_ports(place.world, "work", place.path);
    ports.work = (struct kit_work){ .start = hold, .take = take, .self = &place.holder };
    const struct kit_service_setup service = { .instance = "work", .ports = &ports };
    place.work = (struct fake_service){ .world = place.world, .desc = &work_service };
    assert_int_equal(kit_service_new(&place.work.service, &work_service, &service, NULL), KIT_OK);
    kit_service_on_link(place.work.service, true);
    *state = &place;
    return 0;
}

static int teardown(void **state)
{
    struct place *place = *state;
    fake_service_close(&place->work);
    fake_world_free(place->world);
    return 0;
}

static const struct fake_message *ask(struct place *place, const char *method, const char *body)
{
    return fake_request(&place->work, "bridge", method, "", body);
}

static void test_work_answers_its_request(void **state)
{
    struct place *place = *state;

    assert_string_equal(ask(place, "double", "{\"id\":4}")->payload, "{\"id\":8}");
    const struct fake_message *refused = ask(place, "double", "{\"id\":13}");
    assert_string_equal(refused->status, "refused");
    assert_int_equal(fake_sql_int(&place->work, "SELECT count(*) FROM rpc_response"), 0);
    assert_true(kit_service_is_idle(place->work.service));
}

static void test_two_run_at_once_and_the_others_wait_in_a_row(void **state)
{
    struct place *place = *state;

    for (int i = 1; i <= 3; i++)
        assert_null(ask(place, "double",
                        i == 1   ? "{\"id\":1}"
                        : i == 2 ? "{\"id\":2}"
                                 : "{\"id\":3}"));
    assert_int_equal(place->holder.held_count, 2);
    assert_false(kit_service_is_idle(place->work.service));
    let_run(&place->holder);
    fake_settle(&place->work);
    assert_string_equal(fake_last(place->world, "lockstock/v1/reply/bridge/work")->payload,
                        "{\"id\":2}");
    assert_int_equal(place->holder.held_count, 2); /* the third has begun */
    let_run(&place->holder);
    let_run(&place->holder);
    fake_settle(&place->work);
    assert_int_equal(fake_count(place->world, "lockstock/v1/reply/bridge/work"), 3);
    assert_true(kit_service_is_idle(place->work.service));
}

static void test_too_many_are_told_so(void **state)
{
    struct place *place = *state;

    for (int i = 0; i < KIT_SERVICE_WORK_AT_ONCE + KIT_SERVICE_WORK_WAITING_MAX; i++)
        assert_null(ask(place, "double", "{\"id\":1}"));
    const struct fake_message *refused = ask(place, "double", "{\"id\":1}");
    assert_string_equal(refused->status, "limit");
    assert_non_null(strstr(refused->payload, "\"type\":\"busy\""));
    /* The rest is thrown away with the service. */
}

static void test_operator_asks_without_a_broker(void **state)
{
    struct place *place = *state;
    struct kit_error err = { 0 };
    struct kit_buf out;

    kit_buf_init(&out, 4096);
    kit_service_on_link(place->work.service, false);
    assert_int_equal(kit_service_ask(place->work.service, "same", "{\"id\":4}", &out, &err),
                     KIT_OK);
    assert_int_equal(out.size_bytes, strlen("{\"id\":4}"));
    assert_memory_equal(out.data, "{\"id\":4}", out.size_bytes);
    assert_int_equal(kit_service_ask(place->work.service, "other", "{}", &out, &err),
                     KIT_E_NOT_FOUND);
    assert_int_equal(kit_service_ask(place->work.service, "same", "{", &out, &err),
                     KIT_E_MALFORMED);
    assert_int_equal(kit_service_ask(place->work.service, "same", "{}", &out, &err), KIT_E_INVALID);
    assert_int_equal(kit_service_ask(place->work.service, "double", "{\"id\":4}", &out, &err),
                     KIT_E_REFUSED);
    fake_settle(&place->work); /* what was begun ends, and answers nobody */
    assert_int_equal(fake_count(place->world, "lockstock/v1/reply/bridge/work"), 0);
    assert_int_equal(fake_sql_int(&place->work, "SELECT count(*) FROM rpc_response"), 0);
    kit_buf_done(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_work_answers_its_request, setup, teardown),
        cmocka_unit_test_setup_teardown(test_two_run_at_once_and_the_others_wait_in_a_row,
                                        setup_held, teardown),
        cmocka_unit_test_setup_teardown(test_too_many_are_told_so, setup_held, teardown),
        cmocka_unit_test_setup_teardown(test_operator_asks_without_a_broker, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
