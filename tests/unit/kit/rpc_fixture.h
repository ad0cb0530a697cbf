/* A client on a bus that only remembers: the test plays the executor. One test process, one
 * thread. */
#ifndef TESTS_UNIT_KIT_RPC_FIXTURE_H
#define TESTS_UNIT_KIT_RPC_FIXTURE_H

#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "fakes/fakes.h"
#include "kit/base/text.h"
#include "kit/rpc/client.h"

struct ending {
    int count;
    int code;
    char text[KIT_ERROR_TEXT_SIZE];
    char type[KIT_ERROR_TYPE_SIZE];
    bool has_body;
};

struct fixture {
    struct fake_world *world;
    struct kit_service_ports ports;
    struct kit_rpc_client *client;
    char path[FAKE_PATH_SIZE];
    struct ending ending;
};

static int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));
    f->world = fake_world_new(9);
    f->ports = fake_ports(f->world, "none", f->path);
    f->client = kit_rpc_client_new("bridge", &f->ports.bus, &f->ports.clock, &f->ports.rng);
    *state = f;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    kit_rpc_client_free(f->client);
    fake_world_free(f->world);
    test_free(f);
    return 0;
}

static void on_done(void *context, const struct kit_rpc_outcome *outcome)
{
    struct ending *ending = context;
    ending->count++;
    ending->code = outcome->code;
    ending->has_body = outcome->body != NULL;
    if (outcome->error != NULL) {
        kit_text_copy(ending->text, sizeof(ending->text), outcome->error->text);
        kit_text_copy(ending->type, sizeof(ending->type), outcome->error->type);
    }
}

static inline int call(struct fixture *f, struct kit_error *err)
{
    const struct kit_rpc_call rpc = {
        .instance = "rental",
        .method = "get",
        .body = "{\"id\":1}",
        .body_size_bytes = 8,
        .key = "",
        .traceparent = "",
        .timeout_ms = 100,
        .on_done = on_done,
        .context = &f->ending,
    };
    return kit_rpc_client_call(f->client, &rpc, err);
}

static inline void reply(struct fixture *f, const char *topic, const struct fake_message *to,
                         const char *status, const char *json)
{
    struct kit_message message = {
        .topic = topic,
        .payload = json,
        .payload_size_bytes = strlen(json),
        .has_correlation = true,
        .response_topic = "",
        .status = status,
        .key = "",
        .traceparent = "",
    };
    memcpy(message.correlation, to->correlation, sizeof(message.correlation));
    assert_true(kit_rpc_client_on_message(f->client, &message));
}

static inline void presence(struct fixture *f, const char *json)
{
    const struct kit_message message = {
        .topic = "lockstock/v1/service/rental/state",
        .payload = json,
        .payload_size_bytes = strlen(json),
        .retain = true,
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    assert_true(kit_rpc_client_on_message(f->client, &message));
}

#endif
