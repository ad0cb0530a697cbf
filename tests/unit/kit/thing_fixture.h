/* A thing service in a world of its own, for the tests that share it. */
#ifndef TESTS_UNIT_KIT_THING_FIXTURE_H
#define TESTS_UNIT_KIT_THING_FIXTURE_H

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"
#include "fakes/fakes.h"
#include "thing.h"

struct fixture {
    struct fake_world *world;
    struct fake_service thing;
};

static inline int set_up(void **state)
{
    struct fixture *f = test_calloc(1, sizeof(*f));
    f->world = fake_world_new(7);
    f->thing = fake_service_open(f->world, &thing_service, NULL, 0);
    *state = f;
    return 0;
}

static inline int tear_down(void **state)
{
    struct fixture *f = *state;
    fake_service_close(&f->thing);
    fake_world_free(f->world);
    test_free(f);
    return 0;
}

static inline int64_t things(struct fixture *f)
{
    return fake_sql_int(&f->thing, "SELECT count(*) FROM thing");
}

/* From here on each commit is noted while it is under way, and fails while it is made to: SQLite
 * undoes it, as on a disk without room for it. */
struct commits {
    bool fail;
    int count;
    size_t messages_before; /* that the world had seen at the last one */
    struct fake_world *world;
};

static inline int note_commit(void *context)
{
    struct commits *commits = context;
    commits->count++;
    commits->messages_before = commits->world->message_count;
    return commits->fail; /* not 0: SQLite rolls back */
}

static inline void watch_commits(struct fixture *f, struct commits *commits)
{
    *commits = (struct commits){ .world = f->world };
    sqlite3_commit_hook(kit_db_handle(kit_service_db(f->thing.service)), note_commit, commits);
}

static inline void send_product_of(struct fixture *f, int64_t seq, int64_t id, const char *name)
{
    char data[256], subject[32];
    snprintf(data, sizeof(data),
             "{\"id\":%" PRId64 ",\"name\":\"%s\",\"registeredQty\":5,\"registration\":1,"
             "\"version\":1,\"tracking\":\"bulk\",\"size\":\"S\"}",
             id, name);
    snprintf(subject, sizeof(subject), "product/%" PRId64, id);
    fake_event(&f->thing, &(struct fake_event){ "product", seq, "ProductSaved", subject, 1, data });
}

static inline void send_product(struct fixture *f, int64_t seq, const char *name)
{
    send_product_of(f, seq, seq, name);
}

static inline struct kit_message good_request(const struct fixture *f)
{
    return (struct kit_message){
        .topic = "lockstock/v1/rpc/thing/add/bridge",
        .payload = "{\"id\":5}",
        .payload_size_bytes = 8,
        .response_topic = "lockstock/v1/reply/bridge/thing",
        .has_correlation = true,
        .deadline_ms = f->world->wall_ms + 1000,
        .status = "",
        .key = "k1",
        .traceparent = "",
    };
}

/* It has no effect, and is counted as the first one of that reason. */
static inline void expect_refused(struct fixture *f, const struct kit_message *message,
                                  const char *reason)
{
    char needle[96];
    struct kit_buf out;
    fake_world_forget(f->world);
    kit_service_on_message(f->thing.service, message);
    kit_service_flush(f->thing.service);
    assert_int_equal(f->world->message_count, 0);
    kit_buf_init(&out, 1 << 16);
    kit_service_metrics(f->thing.service, &out);
    snprintf(needle, sizeof(needle), "messages_refused_total{reason=\"%s\"} 1", reason);
    assert_non_null(strstr(out.data, needle));
    kit_buf_done(&out);
}

#endif
