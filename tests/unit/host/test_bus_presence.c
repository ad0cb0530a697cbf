/* Presence against a real mosquitto: who is there, since which connection, and what happens to
 * states and wills of another time. */
#include "bus_client.h"
#include "fakes/cmocka_all.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "kit/bus/internal.h"
#include "kit/json/gate.h"
#include "kit/process/system.h"
#include "msg/wire_service_state.gen.h"

#define PRESENCE "lockstock/v1/service/+/state"

static struct broker broker;
static struct client observer;
static struct client subject;
static struct client *both[] = { &observer, &subject };
static char name[32]; /* of the subject: another one in each test */
static char topic[KIT_TOPIC_SIZE];

static int setup(void **state)
{
    (void)state;
    broker = (struct broker){ 0 };
    broker_start(&broker, "allow_anonymous true\n");
    client_start(&observer, &broker, "observer", PRESENCE);
    client_until_up(&observer);
    return 0;
}

static int reset(void **state)
{
    (void)state;
    static int number;
    number++;
    snprintf(name, sizeof(name), "subject-%d", number);
    snprintf(topic, sizeof(topic), "lockstock/v1/service/%s/state", name);
    client_reset(&observer);
    memcpy(observer.only, topic, sizeof(topic));
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    client_stop(&observer, 1000);
    broker_done(&broker);
    return 0;
}

static struct msg_wire_service_state decode(const struct client_message *message)
{
    struct msg_wire_service_state ret;
    struct kit_error err;
    cJSON *root = NULL;
    assert_string_equal(message->topic, topic);
    assert_int_equal(
        kit_json_parse(message->payload, message->payload_size_bytes, 1024, &root, &err), KIT_OK);
    assert_int_equal(msg_wire_service_state_decode(root, &ret, &err), KIT_OK);
    cJSON_Delete(root);
    return ret;
}

static bool is_up(void *context)
{
    const struct client *client = context;
    return kit_bus_paho_is_up(client->bus);
}

static bool observer_has(void *context)
{
    const int64_t *count = context;
    return observer.message_count >= *count;
}

static void test_presence_online_then_offline_on_close(void **state)
{
    (void)state;
    int64_t before = kit_system_clock()->wall_ms(NULL);
    int64_t one = 1;
    client_start(&subject, &broker, name, NULL);
    clients_until(both, 2, observer_has, &one);
    struct msg_wire_service_state online = decode(&observer.last);
    assert_int_equal(online.status, SERVICE_PRESENCE_ONLINE);
    assert_true(online.epoch >= before);
    assert_int_equal(observer.last.qos, 1);

    client_stop(&subject, 5000);
    client_until_messages(&observer, 2);
    struct msg_wire_service_state offline = decode(&observer.last);
    assert_int_equal(offline.status, SERVICE_PRESENCE_OFFLINE);
    assert_int_equal(offline.epoch, online.epoch);

    struct client late; /* the last word is retained */
    client_start(&late, &broker, "late", topic);
    client_until_messages(&late, 1);
    assert_true(late.last.retain);
    assert_int_equal(decode(&late.last).status, SERVICE_PRESENCE_OFFLINE);
    client_stop(&late, 1000);
}

static bool is_said(void *context)
{
    (void)context;
    struct kit_bus_stats stats;
    kit_bus_paho_stats(subject.bus, &stats);
    return stats.in_flight == 0;
}

/* A process that connects and is killed. It has to be another process: only a connection that
 * breaks, not one that is closed, makes the broker publish the will. */
static void die_connected(int port, const char *as)
{
    struct broker there = { .port = port };
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    client_start(&subject, &there, as, NULL);
    client_until_up(&subject);
    clients_until(&both[1], 1, is_said, NULL);
    raise(SIGKILL);
}

static pid_t start_dying(const char *self)
{
    char port[16];
    snprintf(port, sizeof(port), "%d", broker.port);
    pid_t pid = fork();
    assert_true(pid >= 0);
    if (pid == 0) {
        execl("/proc/self/exe", self, "die-connected", port, name, (char *)NULL);
        _exit(127);
    }
    return pid;
}

static void test_presence_will_has_the_epoch_of_its_connection(void **state)
{
    (void)state;
    pid_t pid = start_dying("test_bus_presence");
    client_until_messages(&observer, 2);
    int status;
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_true(WIFSIGNALED(status));
    struct msg_wire_service_state online = decode(&observer.kept[0]);
    struct msg_wire_service_state offline = decode(&observer.kept[1]);
    assert_int_equal(online.status, SERVICE_PRESENCE_ONLINE);
    assert_int_equal(offline.status, SERVICE_PRESENCE_OFFLINE);
    assert_int_equal(offline.epoch, online.epoch);
}

static void retain_state(const char *status, int64_t epoch)
{
    char text[80];
    snprintf(text, sizeof(text), "{\"status\":\"%s\",\"epoch\":%" PRId64 "}", status, epoch);
    broker_publish(&broker, "-t", topic, "-r", "-q", "1", "-m", text, NULL);
}

static bool is_online_above(void *context)
{
    const int64_t *epoch = context;
    if (observer.message_count == 0 || observer.last.payload_size_bytes == 0)
        return false;
    struct msg_wire_service_state last = decode(&observer.last);
    return last.status == SERVICE_PRESENCE_ONLINE && last.epoch > *epoch;
}

static void test_presence_above_a_retained_epoch_of_the_future(void **state)
{
    (void)state;
    int64_t future = kit_system_clock()->wall_ms(NULL) + 1000000000;
    retain_state("offline", future);
    client_start(&subject, &broker, name, NULL);
    clients_until(both, 2, is_online_above, &future);
    assert_int_equal(decode(&observer.last).epoch, future + 1);
    assert_non_null(strstr(subject.log, "epoch_behind"));
    clients_until(both, 2, is_up, &subject);
    client_stop(&subject, 1000);
}

static void test_presence_contradicted_while_up_connects_again_above(void **state)
{
    (void)state;
    int64_t one = 1;
    client_start(&subject, &broker, name, NULL);
    clients_until(both, 2, observer_has, &one);
    int64_t epoch = decode(&observer.last).epoch;
    retain_state("offline", epoch); /* as the late will of our own connection would */
    clients_until(both, 2, is_online_above, &epoch);
    assert_int_equal(subject.downs, 1);
    client_stop(&subject, 1000);
}

static void test_presence_of_an_older_epoch_is_ignored(void **state)
{
    (void)state;
    int64_t count = 1;
    struct kit_bus_stats stats;
    retain_state("offline", 5);
    client_start(&subject, &broker, name, "test/after");
    count = 2; /* what was retained, then ours */
    clients_until(both, 2, observer_has, &count);
    retain_state("offline", 6);
    broker_publish(&broker, "-t", topic, "-r", "-m", "not json", NULL);
    broker_publish(&broker, "-t", "test/after", "-m", "x", NULL);
    client_until_messages(&subject, 1); /* it has seen all of them by now */
    client_turn(&subject);
    kit_bus_paho_stats(subject.bus, &stats);
    assert_int_equal(subject.downs, 0);
    assert_int_equal(stats.connects, 1);
    assert_non_null(strstr(subject.log, "own_state_unreadable"));
    client_stop(&subject, 1000);
}

static void test_presence_epoch_grows_with_each_connection(void **state)
{
    (void)state;
    int64_t one = 1;
    client_start(&subject, &broker, name, NULL);
    clients_until(both, 2, observer_has, &one);
    int64_t first = decode(&observer.last).epoch;
    broker_end(&broker, SIGKILL);
    client_until_down(&subject);
    client_until_down(&observer);
    broker_restart(&broker);
    clients_until(both, 2, is_online_above, &first);
    client_stop(&subject, 1000);
}

/* Else the birth of the second connection is older than the will of the first. */
static void test_presence_epoch_grows_over_a_wall_clock_that_steps_back(void **state)
{
    (void)state;
    int64_t one = 1;
    client_start(&subject, &broker, name, NULL);
    clients_until(both, 2, observer_has, &one);
    int64_t last = decode(&observer.last).epoch;
    for (int time = 1; time <= 2; time++) {
        subject.wall_shift_ms = -3600000 * time;
        broker_end(&broker, SIGKILL);
        client_until_down(&subject);
        client_until_down(&observer);
        broker_restart(&broker);
        clients_until(both, 2, is_online_above, &last);
        assert_int_equal(decode(&observer.last).epoch, last + 1);
        last++;
    }
    assert_null(strstr(subject.log, "epoch_behind")); /* nobody had to tell it */
    client_stop(&subject, 1000);
}

int main(int argc, char **argv)
{
    if (argc == 4 && strcmp(argv[1], "die-connected") == 0)
        die_connected((int)strtol(argv[2], NULL, 10), argv[3]);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_presence_online_then_offline_on_close, reset),
        cmocka_unit_test_setup(test_presence_will_has_the_epoch_of_its_connection, reset),
        cmocka_unit_test_setup(test_presence_above_a_retained_epoch_of_the_future, reset),
        cmocka_unit_test_setup(test_presence_contradicted_while_up_connects_again_above, reset),
        cmocka_unit_test_setup(test_presence_of_an_older_epoch_is_ignored, reset),
        cmocka_unit_test_setup(test_presence_epoch_grows_with_each_connection, reset),
        cmocka_unit_test_setup(test_presence_epoch_grows_over_a_wall_clock_that_steps_back, reset),
    };
    return cmocka_run_group_tests(tests, setup, teardown);
}
