/* What a process owes or lacks while it answers all the same: ready and degraded are two words. One
 * struct for a process; whoever sees something tells it at each look, and this decides when a
 * reason comes and goes, so that it does not flap. No I/O but the log and the bus that are given;
 * time is a parameter. Loop thread. */
#ifndef KIT_RPC_DEGRADED_H
#define KIT_RPC_DEGRADED_H

#include "kit/port/ports.h"
#include "msg/wire_service_degraded.gen.h"

#define KIT_DEGRADED_COUNT (DEGRADED_REASON_MAX + 1)
#define KIT_DEGRADED_TEXT_SIZE 200  /* the schema allows 199 characters */
#define KIT_DEGRADED_BYTES_MAX 8192 /* of the message */

/* Between the two limits of a reason nothing changes. */
enum kit_degraded_level {
    KIT_DEGRADED_FINE = 0,
    KIT_DEGRADED_BETWEEN = 1,
    KIT_DEGRADED_BAD = 2,
};

/* What somebody sees of one reason. */
struct kit_degraded_view {
    enum kit_degraded_level level;
    char text[KIT_DEGRADED_TEXT_SIZE]; /* one sentence; "" where it is fine */
};

/* The moment of a look. */
struct kit_degraded_now {
    int64_t mono_ms, wall_ms;
};

struct kit_degraded {
    const struct kit_log *log;
    struct msg_degraded_reason reasons[KIT_DEGRADED_COUNT]; /* valid where is_on */
    bool is_on[KIT_DEGRADED_COUNT];
    int64_t changing_mono_ms[KIT_DEGRADED_COUNT]; /* since then it is seen to differ from is_on;
                                                     INT64_MAX: it does not */
    bool was_told;                                /* the last word on the bus had reasons */
};

/* Nothing is owed. The log is borrowed. */
void kit_degraded_init(struct kit_degraded *degraded, const struct kit_log *log);

/* BAD from `bad` on, FINE up to `fine`, which is less. */
enum kit_degraded_level kit_degraded_level(int64_t value, int64_t bad, int64_t fine);

/* Takes what is seen of a reason. It comes when that is BAD, and goes when that is FINE, without a
 * break for as long as the table in degraded.c says; one line of the log each. Its text is that of
 * the last look that was not FINE. */
void kit_degraded_look(struct kit_degraded *degraded, enum degraded_reason reason,
                       const struct kit_degraded_view *view, struct kit_degraded_now now);

/* Copies the reasons that are, in their order; returns how many. */
size_t kit_degraded_list(const struct kit_degraded *degraded,
                         struct msg_degraded_reason ret[KIT_DEGRADED_COUNT]);

/* Publishes the reasons for the map of the system, at QoS 0; once without any when the last one has
 * gone, and nothing at all before there was one. Behind each status. */
void kit_degraded_tell(struct kit_degraded *degraded, const struct kit_bus *bus,
                       const char *instance);

/* The body of /readyz: {"ready":true,"degraded":[...]}; not ready: "why", too. why: NULL is ready.
 * Ends with a line break. */
void kit_degraded_write_ready(const struct kit_degraded *degraded, const char *why,
                              struct kit_buf *out);

/* lockstock_degraded{reason="..."}: 1 while it is. */
void kit_degraded_write_metrics(const struct kit_degraded *degraded, struct kit_buf *out);

#endif
