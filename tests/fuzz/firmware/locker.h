/* A locker of four compartments for the targets that fuzz its gate. Every MAC and every code hash
 * is right when it is all zeros, or else nothing would get through. Each target is one process, so
 * that statics serve. */
#ifndef TESTS_FUZZ_FIRMWARE_LOCKER_H
#define TESTS_FUZZ_FIRMWARE_LOCKER_H

#include <string.h>

#include "core/gate.h"
#include "fakes/fw_fake_flash.h"
#include "port/check.h"

#define COMPARTMENTS 4
#define WALL_MS INT64_C(1790000000000)

static struct fw_fake_flash flash;
static struct fw_flash_log log_;
static struct fw_snapshot session_snapshot, gate_snapshot;
static struct fw_clock_state clock_state;
static struct fw_session session;
static struct fw_gate gate;
static int64_t mono_ms;
static int64_t wall_ms; /* 0: there is no battery clock */

static int64_t port_mono_ms(void *self)
{
    (void)self;
    return mono_ms;
}

static int64_t port_wall_ms(void *self)
{
    (void)self;
    return wall_ms;
}

static int port_publish(void *self, enum fw_leaf leaf, const char *payload, size_t size)
{
    (void)self;
    FW_CHECK(leaf == FW_LEAF_UP || leaf == FW_LEAF_STATE);
    FW_CHECK(payload[0] == '{' && payload[size - 1] == '}' && size <= FW_PAYLOAD_MAX);
    return FW_OK;
}

static void port_reconnect(void *self)
{
    (void)self; /* there is no link */
}

static void port_fill(void *self, void *ret_bytes, size_t size)
{
    (void)self;
    memset(ret_bytes, 0, size); /* so the epoch is 32 zeros */
}

static void port_sign(void *self, const void *bytes, size_t size, uint8_t ret_mac[FW_MAC_BYTES])
{
    (void)self;
    (void)bytes;
    FW_CHECK(size > 0);
    memset(ret_mac, 0, FW_MAC_BYTES);
}

static const struct fw_clock clock_port = { port_mono_ms, port_wall_ms, NULL };
static const struct fw_net net = { port_publish, port_reconnect, NULL };
static const struct fw_rng rng = { port_fill, NULL };
static const struct fw_mac mac = { port_sign, NULL, FW_KEY_NO_FIRST };

static void open_flash(void)
{
    fw_clock_init(&clock_state, &clock_port);
    FW_CHECK(fw_flash_log_open(&log_, &flash.port, 0, 2, &rng) == FW_OK);
    FW_CHECK(fw_snapshot_open(&session_snapshot, &flash.port, 2, 2, 1) == FW_OK);
    FW_CHECK(fw_snapshot_open(&gate_snapshot, &flash.port, 4, 2, FW_GATE_LAYOUT) == FW_OK);
}

static int boot(void)
{
    const struct fw_session_setup session_setup = { .kind = FW_MSG_DEVICE_KIND_LOCKER,
                                                    .firmware = "0",
                                                    .compartments = "SSSS",
                                                    .log = &log_,
                                                    .snapshot = &session_snapshot,
                                                    .clock = &clock_state,
                                                    .net = &net,
                                                    .rng = &rng };
    const struct fw_gate_setup gate_setup = { .identity = { "main", "locker-1", &mac },
                                              .compartment_count = COMPARTMENTS,
                                              .session = &session,
                                              .snapshot = &gate_snapshot,
                                              .clock = &clock_state };
    open_flash();
    fw_session_open(&session, &session_setup);
    return fw_gate_open(&gate, &gate_setup);
}

#endif
