/* Scans that are numbered, and a service that counts the effects of each: whatever happens to a
 * device and its flash, every scan that it took has one effect. One world for each test file. */
#ifndef TESTS_UNIT_FIRMWARE_SESSION_WORLD_H
#define TESTS_UNIT_FIRMWARE_SESSION_WORLD_H

#include "core/session_up.h"
#include "device_world.h"

#define SCANS_MAX 100
#define STEPS_MAX 100

static struct world world;
static uint8_t image[FW_FAKE_FLASH_BYTES_MAX];
static int64_t scan_count;          /* given to the device: their values are 0, 1, 2 ... */
static uint32_t effects[SCANS_MAX]; /* in the service, by value */
static bool is_promised[SCANS_MAX]; /* the append said FW_OK */

static inline void session_world_init(void)
{
    scan_count = 0;
    memset(effects, 0, sizeof(effects));
    memset(is_promised, 0, sizeof(is_promised));
    world_init(&world);
    assert_int_equal(world_boot(&world), FW_OK);
}

static inline void scan(int count)
{
    for (int i = 0; i < count; i++) {
        char value[4] = { (char)('0' + scan_count / 10), (char)('0' + scan_count % 10), '\0' };
        assert_true(scan_count < SCANS_MAX);
        is_promised[scan_count++] = world_scan(&world, value) == FW_OK;
    }
}

static inline int64_t scan_of(const struct fw_device_record *record)
{
    return (record->value[0] - '0') * 10 + record->value[1] - '0';
}

/* The service takes an `up`, and makes its answer. */
static inline void take_up(const struct fw_device_up *up, struct fw_device_ack *ret_ack)
{
    world.up = *up;
    if (strcmp(up->epoch, world.epoch) != 0)
        world_take_epoch(&world);
    for (size_t i = 0; i < up->records_count; i++) {
        const struct fw_device_record *record = &up->records[i];
        if (record->seq <= world.stored_seq)
            continue;
        world.stored_seq = record->seq;
        if (record->kind == FW_MSG_DEVICE_RECORD_KIND_SCAN)
            effects[scan_of(record)]++;
    }
    world_ack_make(&world, ret_ack);
}

/* The service takes the last `up`, and answers it, unless that is lost. */
static inline void answer(bool is_lost)
{
    struct fw_device_ack ack;
    const struct fw_device_up up = world.up;
    take_up(&up, &ack);
    if (!is_lost)
        (void)world_send_ack(&world, &ack);
}

static inline void connect(void)
{
    fw_session_on_link(&world.session, true);
    for (int i = 0; i < STEPS_MAX && !world.flash.is_off; i++) {
        uint32_t count = world.up_count;
        world_tick(&world);
        if (world.up_count == count)
            break;
        answer(false);
    }
}

static inline void check_each_scan_has_one_effect(void)
{
    connect();
    assert_int_equal(world.log.first_seq, world.log.next_seq);
    for (int64_t i = 0; i < scan_count; i++) {
        if (is_promised[i] ? effects[i] != 1 : effects[i] > 1)
            fail_msg("scan %d has %d effects", (int)i, (int)effects[i]);
    }
}

static inline bool is_renewed(void)
{
    return memcmp(world.session.stored.log.told_epoch, world.log.epoch, FW_EPOCH_BYTES) != 0;
}

static inline void keep_image(void)
{
    memcpy(image, world.flash.bytes, sizeof(image));
}

static inline void restore_image(void)
{
    memcpy(world.flash.bytes, image, sizeof(image));
    assert_int_equal(world_boot(&world), FW_OK);
}

#endif
