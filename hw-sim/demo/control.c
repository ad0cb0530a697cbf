/* Requests over MQTT, and their answers; what they come to is not known here. See control.h. */
#include "demo/control.h"

#include <mqtt_protocol.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/json/gate.h"
#include "msg/rpc_problem.gen.h"
#include "msg/rpc_simulator_act_request.gen.h"
#include "msg/rpc_simulator_get_request.gen.h"
#include "msg/rpc_simulator_response.gen.h"

#define USER "simulator"
#define REQUESTS "lockstock/v1/rpc/" USER "/"
#define FILTER REQUESTS "+/+"
#define STATE_TOPIC "lockstock/v1/service/" USER "/state"
#define REQUEST_BYTES_MAX 1024
#define TOPIC_SIZE 160
#define NAME_SIZE 48
#define STATE_SIZE 80
#define KEEPALIVE_S 10
#define PACKETS_PER_TURN 20
#define RETRY_MS 500
#define KEEP_ALIVE_MS 1000
#define PROPERTIES_MAX 16 /* user properties that are looked at */

/* One request, as it came. */
struct question {
    char method[NAME_SIZE], caller[NAME_SIZE];
    char key[CREW_KEY_SIZE]; /* "": none */
    int64_t left_ms;         /* that the caller waits; 0: it is of 0.3, and says until when */
    int64_t deadline_ms;     /* since 1970; 0: none */
    void *correlation;       /* owned */
    uint16_t correlation_size;
};

/* ---- presence ---- */

static int print_state(const struct crew_control *control, const char *status, char ret[STATE_SIZE])
{
    return snprintf(ret, STATE_SIZE, "{\"status\":\"%s\",\"epoch\":%lld}", status,
                    (long long)control->epoch);
}

static void on_connack(void *owner, int reason)
{
    static char requests[] = FILTER;
    char *const filters[] = { requests };
    struct crew_control *control = owner;

    if (reason == MQTT_RC_SUCCESS)
        (void)sim_mqtt_subscribe(&control->mqtt, filters, 1, 1);
}

/* From now on requests arrive. */
static void on_suback(void *owner)
{
    struct crew_control *control = owner;
    char state[STATE_SIZE];

    int size = print_state(control, "online", state);
    (void)sim_mqtt_publish(&control->mqtt, STATE_TOPIC, state, size, true);
}

/* ---- a question ---- */

static void read_user_properties(const mosquitto_property *all, struct question *question)
{
    char *name = NULL, *value = NULL;
    const mosquitto_property *at = mosquitto_property_read_string_pair(all, MQTT_PROP_USER_PROPERTY,
                                                                       &name, &value, false);

    for (int i = 0; at != NULL && i < PROPERTIES_MAX; i++) {
        if (strcmp(name, "idempotency-key") == 0)
            kit_text_copy(question->key, sizeof(question->key), value);
        else if (strcmp(name, "deadline") == 0)
            question->deadline_ms = strtoll(value, NULL, 10);
        else if (strcmp(name, "left") == 0)
            question->left_ms = strtoll(value, NULL, 10);
        free(name);
        free(value);
        name = value = NULL;
        at = mosquitto_property_read_string_pair(at, MQTT_PROP_USER_PROPERTY, &name, &value, true);
    }
    free(name);
    free(value);
}

/* False: it cannot be answered. *ret is all zero before. The broker has proved who asks: the caller
 * is in the topic. */
static bool read_question(const struct sim_mqtt_message *message, struct question *ret)
{
    const char *method = message->topic + strlen(REQUESTS);
    const char *slash = strchr(method, '/');

    if (strncmp(message->topic, REQUESTS, strlen(REQUESTS)) != 0 || slash == NULL ||
        (size_t)(slash - method) >= sizeof(ret->method) || strlen(slash + 1) >= sizeof(ret->caller))
        return false;
    (void)snprintf(ret->method, sizeof(ret->method), "%.*s", (int)(slash - method), method);
    kit_text_copy(ret->caller, sizeof(ret->caller), slash + 1);
    read_user_properties(message->properties, ret);
    (void)mosquitto_property_read_binary(message->properties, MQTT_PROP_CORRELATION_DATA,
                                         &ret->correlation, &ret->correlation_size, false);
    return ret->correlation != NULL && (ret->left_ms > 0 || ret->deadline_ms > sim_wall_ms());
}

/* ---- an answer ---- */

static void reply(struct crew_control *control, const struct question *question, const char *status,
                  const struct kit_buf *body)
{
    char topic[TOPIC_SIZE];
    mosquitto_property *properties = NULL;

    (void)snprintf(topic, sizeof(topic), "lockstock/v1/reply/%s/" USER, question->caller);
    if (mosquitto_property_add_binary(&properties, MQTT_PROP_CORRELATION_DATA,
                                      question->correlation,
                                      question->correlation_size) == MOSQ_ERR_SUCCESS &&
        mosquitto_property_add_string_pair(&properties, MQTT_PROP_USER_PROPERTY, "status",
                                           status) == MOSQ_ERR_SUCCESS)
        (void)sim_mqtt_reply(&control->mqtt, topic, body->data, (int)body->size_bytes, properties);
    mosquitto_property_free_all(&properties);
}

static void refuse(struct crew_control *control, const struct question *question,
                   const struct kit_error *err)
{
    struct msg_rpc_problem problem = { .has_pointer = err->pointer[0] != '\0' };
    struct kit_buf body;

    kit_buf_init(&body, CREW_ANSWER_BYTES_MAX);
    kit_text_copy(problem.type, sizeof(problem.type),
                  err->type[0] != '\0' ? err->type : kit_code_type(err->code));
    kit_text_copy(problem.detail, sizeof(problem.detail), err->text);
    kit_text_copy(problem.pointer, sizeof(problem.pointer), err->pointer);
    msg_rpc_problem_encode(&problem, &body);
    reply(control, question, kit_code_name(err->code), &body);
    kit_buf_done(&body);
}

static void tell_world(struct crew_control *control)
{
    struct msg_rpc_simulator_response response;

    control->setup.tell_world(control->setup.owner, &response.simulator);
    kit_buf_reset(&control->answer);
    msg_rpc_simulator_response_encode(&response, &control->answer);
}

/* The same request again has the same answer and no second effect. */
static int act(struct crew_control *control, const struct question *question, const cJSON *body,
               struct kit_error *err)
{
    struct msg_rpc_simulator_act_request request;

    int rc = msg_rpc_simulator_act_request_decode(body, &request, err);
    if (rc != KIT_OK)
        return rc;
    if (question->key[0] == '\0')
        return kit_error_set(err, KIT_E_INVALID, "an effect needs an idempotency key");
    if (strcmp(question->key, control->key) == 0)
        return KIT_OK;
    rc = control->setup.make_happen(control->setup.owner, &request.simulator_act, err);
    if (rc != KIT_OK)
        return rc;
    kit_text_copy(control->key, sizeof(control->key), question->key);
    return KIT_OK;
}

static int answer(struct crew_control *control, const struct question *question, const cJSON *body,
                  struct kit_error *err)
{
    struct msg_rpc_simulator_get_request get;

    if (strcmp(question->method, "act") == 0)
        return act(control, question, body, err);
    if (strcmp(question->method, "get") == 0)
        return msg_rpc_simulator_get_request_decode(body, &get, err);
    return kit_error_set(err, KIT_E_NOT_FOUND, "the simulator has no method %s", question->method);
}

static int read_and_answer(struct crew_control *control, const struct question *question,
                           const struct sim_mqtt_message *message, struct kit_error *err)
{
    cJSON *body = NULL;

    int rc = kit_json_parse(message->payload, message->size, REQUEST_BYTES_MAX, &body, err);
    if (rc != KIT_OK)
        return rc;
    rc = answer(control, question, body, err);
    cJSON_Delete(body);
    return rc;
}

static void on_message(void *owner, const struct sim_mqtt_message *message)
{
    struct crew_control *control = owner;
    struct question question = { .correlation = NULL };
    struct kit_error err = { 0 };

    if (!message->is_retained && read_question(message, &question)) {
        if (read_and_answer(control, &question, message, &err) != KIT_OK) {
            refuse(control, &question, &err);
        } else {
            tell_world(control);
            reply(control, &question, "ok", &control->answer);
        }
    }
    free(question.correlation);
}

/* ---- the connection ---- */

static void connect_again(struct crew_control *control, int64_t now_ms)
{
    char state[STATE_SIZE];

    if (now_ms < control->retry_at_ms)
        return;
    control->retry_at_ms = now_ms + RETRY_MS;
    control->epoch = sim_wall_ms();
    int size = print_state(control, "offline", state);
    if (sim_mqtt_set_will(&control->mqtt, STATE_TOPIC, state, size))
        (void)sim_mqtt_connect(&control->mqtt, control->setup.system->mqtt_port, KEEPALIVE_S);
}

static size_t add_fds(void *self, struct pollfd *fds, size_t max)
{
    const struct crew_control *control = self;
    return sim_mqtt_add_fds(&control->mqtt, fds, max);
}

static void on_turn(void *self, const struct pollfd *fds, size_t count, int64_t now_ms)
{
    struct crew_control *control = self;

    if (count == 0)
        connect_again(control, now_ms);
    else /* a connection that ends here has no file any more */
        (void)sim_mqtt_on_poll(&control->mqtt, &fds[0], PACKETS_PER_TURN);
}

static int64_t next_due_ms(void *self)
{
    const struct crew_control *control = self;
    return sim_mqtt_fd(&control->mqtt) < 0 ? control->retry_at_ms : sim_now_ms() + KEEP_ALIVE_MS;
}

int crew_control_open(struct crew_control *control, const struct crew_control_setup *setup,
                      struct kit_error *err)
{
    static const struct sim_mqtt_handler handler = { on_connack, on_suback, on_message };
    const struct sim_part part = {
        .add_fds = add_fds, .on_turn = on_turn, .next_due_ms = next_due_ms, .self = control
    };
    char path[SIM_FILE_SIZE], password[SIM_SECRET_SIZE];

    (void)snprintf(path, sizeof(path), "%s/secrets/" USER, setup->system->data);
    if (!sim_read_line(path, password, sizeof(password)))
        return kit_error_set(err, KIT_E_UNAVAILABLE,
                             "there is no password for the user " USER " in '%.200s': start the "
                             "system with deploy/up of this version",
                             path);
    *control = (struct crew_control){ .setup = *setup };
    const struct sim_mqtt_login login = { .user = USER, .password = password };
    if (!sim_mqtt_open(&control->mqtt, &login, &handler, control))
        return kit_error_set(err, KIT_E_LIMIT, "libmosquitto cannot start: not enough memory");
    kit_buf_init(&control->answer, CREW_ANSWER_BYTES_MAX);
    sim_loop_add(setup->loop, &part);
    return KIT_OK;
}

void crew_control_close(struct crew_control *control)
{
    if (control->setup.loop == NULL)
        return;
    sim_loop_remove(control->setup.loop, control);
    sim_mqtt_close(&control->mqtt);
    kit_buf_done(&control->answer);
    control->setup.loop = NULL;
}
