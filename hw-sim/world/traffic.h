/* What a device and its service have said to each other, as it passed through the proxy: numbers of
 * the device's last `up`, and every verdict once, in order. No I/O; one thread. */
#ifndef SIM_WORLD_TRAFFIC_H
#define SIM_WORLD_TRAFFIC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_VERDICTS_MAX 100000
#define SIM_EPOCH_SIZE 33
#define SIM_UPS_MAX 100000

struct sim_verdict {
    int64_t seq;
    char result[16];
    char signal[8];
    char prompt[260]; /* 64 characters of at most four bytes */
};

/* One `up` as the device has sent it: whether the broker was there to carry it or not. */
struct sim_up {
    size_t entry; /* of the report, the next one at that time */
    char *payload;
};

struct sim_traffic {
    char epoch[SIM_EPOCH_SIZE]; /* of the device's log; "": nothing heard yet */
    int64_t boot;
    int64_t config_revision;
    int64_t config_sent; /* latest revision that the broker has had for it */
    int64_t bounced;
    int64_t unreadable;
    int64_t overflowed;
    int64_t last_seq;     /* highest record that the device has sent */
    int64_t acked;        /* highest record that the service has acknowledged */
    int64_t told;         /* highest record whose verdict the device was told */
    int64_t record_count; /* different records of this log that were sent */
    int64_t gap_count;    /* records that should have come before another and did not */
    struct sim_verdict *verdicts;
    size_t verdict_count; /* different ones */
    size_t verdict_next;  /* first that no step has looked at */
    size_t verdict_capacity;
    struct sim_up *ups;
    size_t up_count;
    size_t up_capacity;
};

/* The device has sent an `up`. Here and below payload is JSON of any quality; what does not fit is
 * left out. */
void sim_traffic_on_up(struct sim_traffic *traffic, const void *payload, size_t size);

/* Keeps an `up` whole, for conditions on records; entry: of the report, the next one. */
void sim_traffic_keep_up(struct sim_traffic *traffic, size_t entry, const void *payload,
                         size_t size);

/* The device has been sent an `ack`. */
void sim_traffic_on_ack(struct sim_traffic *traffic, const void *payload, size_t size);

/* The broker has had a configuration for the device. */
void sim_traffic_on_config(struct sim_traffic *traffic, const void *payload, size_t size);

/* Forgets payloads and verdicts so far, and what steps have not looked at yet with them. For runs
 * without an end. */
void sim_traffic_forget(struct sim_traffic *traffic);

/* Frees verdicts and payloads. */
void sim_traffic_done(struct sim_traffic *traffic);

/* Numbers by their name in scenarios ("acked", "unacked", ...). False: no such number. */
bool sim_traffic_counter(const struct sim_traffic *traffic, const char *name, int64_t *ret_value);

#endif
