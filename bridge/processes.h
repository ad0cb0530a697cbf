/* What the processes say of themselves (wire.service-status, wire.service-degraded): the last word
 * of each, and when it was heard. What was not heard lately is called silent, never fine. The
 * bridge tells its own in the same way, and hears it come back: that is the way to the broker and
 * back. No I/O but the bus that is given; loop thread. */
#ifndef BRIDGE_PROCESSES_H
#define BRIDGE_PROCESSES_H

#include "kit/base/buf.h"
#include "kit/port/ports.h"
#include "kit/rpc/client.h"
#include "kit/rpc/degraded.h"
#include "msg/http_process_list.gen.h"
#include "msg/wire_service_status.gen.h"

#define PROCESSES_MAX 16         /* beside this bridge; see processes_on_message() */
#define PROCESSES_SILENT_MS 6000 /* three words missed */
#define PROCESSES_FILTER "lockstock/v1/service/+/status"
#define PROCESSES_DEGRADED_FILTER "lockstock/v1/service/+/degraded"

struct process {
    char instance[KIT_INSTANCE_SIZE];
    bool was_heard;
    int64_t heard_mono_ms;
    struct msg_wire_service_status status;
    int64_t degraded_mono_ms; /* when what it owes was heard; over when it is not heard again */
    struct msg_wire_service_degraded degraded;
};

/* What a bridge counts since its start, of what its status tells the difference. */
struct processes_totals {
    int64_t requests, events_out, events_in;
};

/* How this bridge is now. */
struct processes_self {
    const char *why;    /* not ready; NULL: ready */
    const char *source; /* whose stream it follows */
    int64_t requests_open, calls_open, readers, lag;
    struct processes_totals totals;
    struct kit_degraded *degraded;
};

struct processes {
    char instance[KIT_INSTANCE_SIZE]; /* of this bridge */
    struct process known[PROCESSES_MAX];
    size_t known_count, expected_count; /* the expected ones are the first */
    int64_t refused_total;              /* words that could not be read */

    /* of this bridge itself */
    int64_t opened_mono_ms, told_mono_ms;
    int64_t due_mono_ms; /* when the next word is to be said */
    struct processes_totals told;
    struct msg_wire_service_status own; /* its last word */
    struct msg_wire_service_degraded own_degraded;
    bool is_up;            /* the link to the broker */
    bool is_sent;          /* that word has not come back yet */
    int64_t round_trip_ms; /* -1: not measured */
};

/* Begins with the link down. expected: the instances that there should be, silent until they are
 * heard; at most PROCESSES_MAX. */
void processes_init(struct processes *processes, const char *instance, int64_t now_mono_ms,
                    const char *const *expected, size_t expected_count);

/* The broker came or went. */
void processes_on_link(struct processes *processes, bool is_up);

/* Takes a word of an instance; false: the message is on another topic. One that cannot be read is
 * counted, and the one before stays. One instance too many takes the place of the one that was
 * silent the longest and is not expected. */
bool processes_on_message(struct processes *processes, const struct kit_message *message,
                          int64_t now_mono_ms);

/* Says a word of our own, with the counts since the one before, and keeps it. A broker that is away
 * does not hear it, and does not keep it from GET /processes. */
void processes_tell(struct processes *processes, const struct processes_self *self,
                    const struct kit_bus *bus, int64_t now_mono_ms);

/* Was nothing heard of it lately? */
bool processes_is_silent(const struct process *process, int64_t now_mono_ms);

/* Writes all but `at` and the links of GET /processes; *ret is all zero before. rpc: knows who has
 * said good-bye. */
void processes_fill(const struct processes *processes, const struct kit_rpc_client *rpc,
                    int64_t now_mono_ms, struct msg_http_process_list *ret);

#endif
