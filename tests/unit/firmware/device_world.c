/* See device_world.h. */
#include "device_world.h"

static int64_t world_mono_ms(void *self)
{
    return ((struct world *)self)->mono_ms;
}

static int64_t world_wall_ms(void *self)
{
    return ((struct world *)self)->battery_ms;
}

static int world_publish(void *self, enum fw_leaf leaf, const char *payload, size_t size)
{
    struct world *world = self;
    if (world->publish_rc != FW_OK)
        return world->publish_rc;
    assert_true(size <= WORLD_TEXT_SIZE && size <= FW_PAYLOAD_MAX);
    if (leaf == FW_LEAF_STATE) {
        memcpy(world->state_text, payload, size);
        world->state_size = size;
        world->state_count++;
        return FW_OK;
    }
    memcpy(world->up_text, payload, size);
    world->up_size = size;
    world->up_count++;
    assert_int_equal(fw_device_up_decode(payload, size, &world->up), FW_OK);
    return FW_OK;
}

/* A port ends the connection soon, and makes another one: world_tick(). */
static void world_reconnect(void *self)
{
    ((struct world *)self)->is_reconnect_due = true;
}

static void world_on_verdict(void *self, const struct fw_device_verdict *verdict)
{
    struct world *world = self;
    if (world->flash.is_off)
        return; /* without power nobody hears anything */
    assert_true(verdict->seq > 0 && verdict->seq < SEQS_MAX);
    assert_true(verdict->seq > world->told_last); /* in order */
    world->told_last = verdict->seq;
    world->told[verdict->seq]++;
    world->told_ever[verdict->seq]++;
}

int world_boot_as(struct world *world, const char *compartments)
{
    struct fw_session_setup setup = { .kind = compartments == NULL ? FW_MSG_DEVICE_KIND_SCANNER
                                                                   : FW_MSG_DEVICE_KIND_LOCKER,
                                      .firmware = "0.1.0",
                                      .compartments = compartments,
                                      .log = &world->log,
                                      .snapshot = &world->snapshot,
                                      .clock = &world->clock,
                                      .net = &world->net,
                                      .rng = &world->rng,
                                      .identity = world->identity,
                                      .on_verdict = world_on_verdict,
                                      .self = world };
    const struct fw_flash *flash = &world->flash.port;
    fw_fake_flash_power_on(&world->flash);
    if (world->boot_cut_in > 0)
        fw_fake_flash_cut_in(&world->flash, world->boot_cut_in - 1, FW_FAKE_CUT_TORN,
                             world->boot_cut_in);
    world->boot_cut_in = 0;
    memset(world->told, 0, sizeof(world->told));
    world->told_last = 0;
    fw_clock_init(&world->clock, &world->clock_port);
    int rc = fw_flash_log_open(&world->log, flash, 0, LOG_BLOCKS, &world->rng);
    if (rc != FW_OK)
        return rc;
    rc = fw_snapshot_open(&world->snapshot, flash, LOG_BLOCKS, SNAPSHOT_BLOCKS, 1);
    if (rc != FW_OK)
        return rc;
    rc = fw_snapshot_open(&world->gate_snapshot, flash, LOG_BLOCKS + SNAPSHOT_BLOCKS,
                          SNAPSHOT_BLOCKS, FW_GATE_LAYOUT);
    if (rc != FW_OK)
        return rc;
    fw_session_open(&world->session, &setup);
    return FW_OK;
}

int world_boot(struct world *world)
{
    return world_boot_as(world, NULL);
}

void world_init(struct world *world)
{
    memset(world, 0, sizeof(*world));
    fw_fake_flash_init(&world->flash, BLOCK_BYTES, LOG_BLOCKS + 2 * SNAPSHOT_BLOCKS, 16);
    world->rng = fw_fake_rng(&world->rng_state);
    world->clock_port = (struct fw_clock){ world_mono_ms, world_wall_ms, world };
    world->net = (struct fw_net){ world_publish, world_reconnect, world };
    world->mono_ms = 1000;
}

int64_t world_tick(struct world *world)
{
    if (world->is_reconnect_due) {
        world->is_reconnect_due = false;
        fw_session_on_link(&world->session, false);
        fw_session_on_link(&world->session, true);
    }
    return fw_session_tick(&world->session, world->mono_ms);
}

int world_send_ack(struct world *world, const struct fw_device_ack *ack)
{
    char text[WORLD_TEXT_SIZE];
    int size = fw_device_ack_encode(ack, text, sizeof(text));
    assert_true(size > 0);
    return fw_session_on_ack(&world->session, text, (size_t)size);
}

void world_ack_make(const struct world *world, struct fw_device_ack *ret)
{
    memset(ret, 0, sizeof(*ret));
    memcpy(ret->epoch, world->up.epoch, sizeof(ret->epoch));
    ret->has_stored = world->up.records_count == 0;
    ret->stored = ret->has_stored ? world->stored_seq : 0;
    ret->seq = ret->has_stored ? world->up.first_seq - 1
                               : world->up.records[world->up.records_count - 1].seq;
    ret->now = WALL_MS + world->mono_ms;
    for (size_t i = 0; i < world->up.records_count; i++) {
        if (world->up.records[i].kind != FW_MSG_DEVICE_RECORD_KIND_SCAN)
            continue;
        struct fw_device_verdict *verdict = &ret->verdicts[ret->verdicts_count++];
        verdict->seq = world->up.records[i].seq;
        verdict->result = FW_MSG_SCAN_RESULT_ACCEPTED;
        verdict->signal = FW_MSG_SCAN_SIGNAL_OK;
        memcpy(verdict->prompt, "Next", 5);
    }
    if (world->sign_ack != NULL && world->up.has_nonce)
        world->sign_ack(world, ret);
}

void world_take_epoch(struct world *world)
{
    bool is_back = strcmp(world->up.epoch, world->epoch_before) == 0;
    int64_t stored_seq = is_back ? world->stored_seq_before : world->up.first_seq - 1;
    memcpy(world->epoch_before, world->epoch, sizeof(world->epoch));
    memcpy(world->epoch, world->up.epoch, sizeof(world->epoch));
    world->stored_seq_before = world->stored_seq;
    world->stored_seq = stored_seq;
}

void world_store(struct world *world)
{
    if (strcmp(world->up.epoch, world->epoch) != 0)
        world_take_epoch(world);
    for (size_t i = 0; i < world->up.records_count; i++) {
        const struct fw_device_record *record = &world->up.records[i];
        assert_true(record->seq < SEQS_MAX);
        if (record->seq <= world->stored_seq) {
            assert_memory_equal(&world->stored[record->seq], record, sizeof(*record));
            continue;
        }
        assert_int_equal(record->seq, world->stored_seq + 1);
        world->stored[record->seq] = *record;
        world->stored_seq = record->seq;
    }
}

int world_answer(struct world *world)
{
    struct fw_device_ack ack;
    world_store(world);
    world_ack_make(world, &ack);
    return world_send_ack(world, &ack);
}

void world_meet(struct world *world)
{
    fw_session_on_link(&world->session, true);
    world_tick(world);
    assert_int_equal(world->up.records_count, 0);
    assert_int_equal(world->up.config_revision, 0);
    assert_int_equal(world_answer(world), FW_OK);
}

void world_drain(struct world *world)
{
    fw_session_on_link(&world->session, true);
    for (int i = 0; i < SEQS_MAX; i++) {
        uint32_t count = world->up_count;
        world_tick(world);
        if (world->up_count > count)
            assert_int_equal(world_answer(world), FW_OK);
        else
            break;
    }
    assert_int_equal(world->log.first_seq, world->log.next_seq);
}

int world_scan(struct world *world, const char *value)
{
    struct fw_device_record record = { .kind = FW_MSG_DEVICE_RECORD_KIND_SCAN,
                                       .has_label = true,
                                       .label = FW_MSG_LABEL_KIND_PRODUCT,
                                       .has_value = true };
    memcpy(record.value, value, strlen(value) + 1);
    return fw_session_append(&world->session, &record);
}
