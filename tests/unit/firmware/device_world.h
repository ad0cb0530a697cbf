/* A device on a desk for tests of the session and the gate: flash that can lose its power, clocks
 * that the test sets, a link that keeps what was published, and a service that stores and
 * acknowledges. */
#ifndef TESTS_UNIT_FIRMWARE_DEVICE_WORLD_H
#define TESTS_UNIT_FIRMWARE_DEVICE_WORLD_H

#include <string.h>

#include "core/gate.h"
#include "core/json.h"
#include "core/session.h"
#include "fakes/cmocka_all.h"
#include "fakes/fw_fake_flash.h"
#include "fw/device_up.gen.h"

#define BLOCK_BYTES 4096
#define LOG_BLOCKS 3
#define SNAPSHOT_BLOCKS 2
#define WORLD_TEXT_SIZE 4096
#define SEQS_MAX 400
#define WALL_MS INT64_C(1790000000000)

struct world {
    struct fw_fake_flash flash;
    struct fw_clock clock_port;
    struct fw_net net;
    struct fw_rng rng;
    uint64_t rng_state;
    int64_t mono_ms, battery_ms;
    uint64_t boot_cut_in; /* steps after which the power goes in the next boot; 0: it stays */
    struct fw_flash_log log;
    struct fw_snapshot snapshot, gate_snapshot;
    struct fw_clock_state clock;
    struct fw_session session;

    /* The link. */
    int publish_rc;
    bool is_reconnect_due;
    uint32_t up_count, state_count;
    char up_text[WORLD_TEXT_SIZE], state_text[WORLD_TEXT_SIZE];
    size_t up_size, state_size;
    struct fw_device_up up; /* the last one */

    /* The service: what it has stored. A record is stored once, whatever is sent again. */
    char epoch[33], epoch_before[33];
    int64_t stored_seq, stored_seq_before;
    struct fw_device_record stored[SEQS_MAX];

    struct fw_identity identity; /* of the device; zeros: it has no key */
    void (*sign_ack)(const struct world *world, struct fw_device_ack *ack); /* NULL: it cannot */

    /* The person: how often each verdict was told, in this boot and in all. */
    uint32_t told[SEQS_MAX], told_ever[SEQS_MAX];
    int64_t told_last;
};

/* New flash, no link, a service that has stored nothing. Boots nothing. */
void world_init(struct world *world);

/* Power comes (back). @compartments: of a locker; NULL: a scanner. FW_OK, or what the log or a
 * snapshot said. */
int world_boot_as(struct world *world, const char *compartments);

/* Power comes (back) to a scanner. */
int world_boot(struct world *world);

/* One tick of the session; before it the link that the session asked for. Returns when the session
 * wants the next one. */
int64_t world_tick(struct world *world);

/* An ack arrives. Returns what fw_session_on_ack() returned. */
int world_send_ack(struct world *world, const struct fw_device_ack *ack);

/* The ack of the last `up`, with a verdict for each of its scans (rules 1.3). */
void world_ack_make(const struct world *world, struct fw_device_ack *ret);

/* The last `up` is of another log than those before it (rules 1.5): the service begins with it. */
void world_take_epoch(struct world *world);

/* The service stores the last `up`. A gap means that the device has lost something. */
void world_store(struct world *world);

/* The service stores the last `up`, and its ack arrives. Returns what fw_session_on_ack() did. */
int world_answer(struct world *world);

/* The first `up` of a start: the service says how far it is (rules 1.2). */
void world_meet(struct world *world);

/* The link comes, and the service answers until it has every record. */
void world_drain(struct world *world);

/* A scan of a product label. Returns what fw_session_append() returned. */
int world_scan(struct world *world, const char *value);

#endif
