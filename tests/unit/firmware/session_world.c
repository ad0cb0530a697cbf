/* See session_world.h. */
#include "session_world.h"

#define CONNECT_STEPS_MAX 100

void session_world_init(struct session_world *at)
{
    at->scan_count = 0;
    memset(at->effects, 0, sizeof(at->effects));
    memset(at->is_promised, 0, sizeof(at->is_promised));
    world_init(&at->world);
    assert_int_equal(world_boot(&at->world), FW_OK);
}

void session_scan(struct session_world *at, int count)
{
    for (int i = 0; i < count; i++) {
        int64_t n = at->scan_count;
        char value[4] = { (char)('0' + n / 10), (char)('0' + n % 10), '\0' };
        assert_true(n < SCANS_MAX);
        at->is_promised[n] = world_scan(&at->world, value) == FW_OK;
        at->scan_count++;
    }
}

static int64_t get_number(const struct fw_device_record *record)
{
    return (record->value[0] - '0') * 10 + record->value[1] - '0';
}

void session_take_up(struct session_world *at, const struct fw_device_up *up,
                     struct fw_device_ack *ret_ack)
{
    struct world *world = &at->world;
    world->up = *up;
    if (strcmp(up->epoch, world->epoch) != 0)
        world_take_epoch(world);
    for (size_t i = 0; i < up->records_count; i++) {
        const struct fw_device_record *record = &up->records[i];
        if (record->seq <= world->stored_seq)
            continue;
        world->stored_seq = record->seq;
        if (record->kind == FW_MSG_DEVICE_RECORD_KIND_SCAN)
            at->effects[get_number(record)]++;
    }
    world_ack_make(world, ret_ack);
}

void session_answer(struct session_world *at, bool is_lost)
{
    struct fw_device_ack ack;
    const struct fw_device_up up = at->world.up;
    session_take_up(at, &up, &ack);
    if (!is_lost)
        (void)world_send_ack(&at->world, &ack);
}

void session_connect(struct session_world *at)
{
    fw_session_on_link(&at->world.session, true);
    for (int i = 0; i < CONNECT_STEPS_MAX && !at->world.flash.is_off; i++) {
        uint32_t count = at->world.up_count;
        world_tick(&at->world);
        if (at->world.up_count == count)
            break;
        session_answer(at, false);
    }
}

void session_check_effects(struct session_world *at)
{
    session_connect(at);
    assert_int_equal(at->world.log.first_seq, at->world.log.next_seq);
    for (int64_t i = 0; i < at->scan_count; i++) {
        if (at->is_promised[i] ? at->effects[i] != 1 : at->effects[i] > 1)
            fail_msg("scan %d has %d effects", (int)i, (int)at->effects[i]);
    }
}

bool session_is_renewed(const struct session_world *at)
{
    return memcmp(at->world.session.stored.log.told_epoch, at->world.log.epoch, FW_EPOCH_BYTES) !=
           0;
}

void session_keep_image(struct session_world *at)
{
    memcpy(at->image, at->world.flash.bytes, sizeof(at->image));
}

void session_restore_image(struct session_world *at)
{
    memcpy(at->world.flash.bytes, at->image, sizeof(at->image));
    assert_int_equal(world_boot(&at->world), FW_OK);
}
