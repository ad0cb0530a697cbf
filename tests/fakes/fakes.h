/* The simulated ports of unit tests: a clock that stands still, a seeded random source, a bus that
 * only remembers, and a service on top of them. Everything runs on the test's thread. */
#ifndef TESTS_FAKES_FAKES_H
#define TESTS_FAKES_FAKES_H

#include "kit/service/service.h"

#define FAKE_MESSAGES_MAX 4096
#define FAKE_PATH_SIZE 256

struct fake_message {
    char topic[KIT_TOPIC_SIZE];
    char response_topic[KIT_TOPIC_SIZE];
    char status[32];
    char key[KIT_KEY_SIZE];
    uint8_t correlation[KIT_CORRELATION_SIZE];
    char *payload; /* NUL-terminated copy */
    size_t payload_size_bytes;
    int64_t deadline_ms, left_ms, sent_mono_ms, now_ms;
    uint32_t sender_life;
    struct kit_actor actor;
    uint64_t cookie;
    int qos;
    bool retain;
};

struct fake_world {
    int64_t wall_ms, mono_ms;
    uint64_t random;
    int publish_rc;         /* not KIT_OK: the bus refuses */
    struct kit_actor actor; /* for whom fake_request() asks, and fake_event() tells */
    bool is_closed;         /* of services that are opened from now on */
    struct fake_message messages[FAKE_MESSAGES_MAX];
    size_t message_count;
    char folder[FAKE_PATH_SIZE];
    int log_count[KIT_ERROR + 1];
    const char *lost_key; /* whose names begin so, their keys are gone; NULL: nobody's. Borrowed */
    int lost_key_code;    /* what a look at those ends in; 0: KIT_E_NOT_FOUND */
    bool has_no_keys;     /* the folder of the keys cannot be read */
    bool was_restored;    /* the next starts are those with --new-epoch 1 */
    bool existed;         /* where there is no database, one was lost */
    int64_t begin_at;
    int fail_in; /* see fake_tried() */
    bool fails_now;
};

/* wall 2026-01-01, mono 1000000, a fresh temporary folder. */
struct fake_world *fake_world_new(uint64_t seed);
void fake_world_free(struct fake_world *world);   /* removes the folder */
void fake_world_forget(struct fake_world *world); /* drops the remembered messages */
void fake_world_advance(struct fake_world *world, int64_t ms);
/* The ports; the database is <folder>/<name>.db. path must outlive the service. */
struct kit_service_ports fake_ports(struct fake_world *world, const char *name,
                                    char path[FAKE_PATH_SIZE]);
/* The last remembered message of that topic, or NULL. */
const struct fake_message *fake_last(const struct fake_world *world, const char *topic);
size_t fake_count(const struct fake_world *world, const char *topic);

/* One service in a world. */
struct fake_service {
    struct fake_world *world;
    const struct kit_service_desc *desc;
    const struct kit_setting *settings;
    size_t setting_count;
    char path[FAKE_PATH_SIZE];
    struct kit_service *service;
};

/* Opens the service and brings its link up; fails the test if it cannot. */
struct fake_service fake_service_open(struct fake_world *world, const struct kit_service_desc *desc,
                                      const struct kit_setting *settings, size_t setting_count);
void fake_service_close(struct fake_service *fake);
void fake_service_reopen(struct fake_service *fake); /* a restart: what was taken in is saved */
void fake_service_crash(struct fake_service *fake);  /* kill -9: what was not committed is gone */
void fake_settle(struct fake_service *fake);

/* Does a step again and again, each time with a failure of the database in one statement more, and
 * at last without: whatever a statement brings down leaves nothing half done, and the step can be
 * taken again after a restart. The step must be one that may come twice. Returns how many failed.
 */
int fake_tried(struct fake_service *fake, void (*step)(void *context), void *context);

/* Sends a request as `caller` and settles. Returns the reply, NULL if there was none (yet). */
const struct fake_message *fake_request(struct fake_service *fake, const char *caller,
                                        const char *method, const char *key, const char *json);

/* Feeds one event of a source, said now, as its stream would, and settles. data: JSON text. */
struct fake_event {
    const char *source;
    int64_t seq;
    const char *type;
    const char *subject;
    int64_t version;
    const char *data;
};
void fake_event(struct fake_service *fake, const struct fake_event *event);
#define FAKE_EPOCH "00112233445566778899aabbccddeeff"

/* Answers the newest call that the service made of instance.method; NULL status means "ok".
 * Settles. false: there is no such call. */
bool fake_answer(struct fake_service *fake, const char *instance, const char *method,
                 const char *status, const char *json);

/* A device of site main publishes, and the service settles: kind "scanner", "scanner-1/up", JSON.
 * What the service tells it: fake_last(world, "lockstock/v1/device/main/scanner/scanner-1/ack"). */
void fake_device(struct fake_service *fake, const char *kind, const char *device_and_leaf,
                 const char *json);
/* Every name has a key, which this tells, but names that begin with "keyless". */
void fake_key(const char *name, uint8_t ret_key[KIT_KEY_BYTES]);

/* Presence of another instance: tells the service that it is online or offline. */
void fake_presence(struct fake_service *fake, const char *instance, bool is_online, int64_t epoch);

/* The instance stops, and says that it will be back. */
void fake_presence_restarting(struct fake_service *fake, const char *instance, int64_t epoch);

/* Reads one number from the service's database, in a transaction of its own. */
int64_t fake_sql_int(struct fake_service *fake, const char *sql);
/* Payload of the event log row at seq as text in buf; false if there is none. */
bool fake_log_row(struct fake_service *fake, int64_t seq, char *buf, size_t size_bytes);

#endif
