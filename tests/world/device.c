/* See device.h. As firmware/ports/linux wires it, without files, lines or sockets. */
#include "world/device.h"

#include <cjson/cJSON.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "drivers/cu16.h"
#include "kit/base/check.h"
#include "kit/base/mac.h"
#include "kit/base/text.h"
#include "kit/rpc/topic.h"
#include "world/keys.h"

#define SITE "main"
#define FIRMWARE "0.0.0-world"
#define SIZES "SSML" /* of all doors; of fewer, the last ones */
#define FLASH_BLOCK_BYTES 4096
#define FLASH_BLOCKS 12
#define FLASH_WORD_BYTES 16
#define CUT_STEPS_MAX 40
#define USE_STEPS_MAX 450 /* words of one use of a lock: journal, record, journal */
#define USE_US 700000
#define CUT_WITHIN_US 2000000 /* power goes without a write, when none comes */
#define RESTART_US 1000000
#define HAND_US 1000000
#define SETTLE_US 500000
#define AGAIN_US 1000
#define OLD_PERMILLE 300 /* of lockers */
#define JAM_PERMILLE 200 /* of the uses of a locker */
#define QUIET_PERMILLE 400
#define NO_CATCH_PERMILLE 250
#define WEAR_SEED UINT64_C(0x5745415200000000)
#define BROKEN_MS_MIN 5000
#define BROKEN_MS_MAX 15000

/* ---- ports ---- */

static int64_t mono_ms(void *self)
{
    return world_clock_mono_ms(((struct world_device *)self)->clock);
}

static int64_t no_wall_ms(void *self)
{
    (void)self;
    return 0; /* no battery: the service tells the time */
}

static void print_topic(const struct world_device *device, const char *leaf,
                        char ret_topic[KIT_TOPIC_SIZE])
{
    const struct kit_device_topic parts = { .site = SITE,
                                            .kind = device->is_locker ? "locker" : "scanner",
                                            .device = device->id,
                                            .leaf = leaf };
    kit_topic_device(ret_topic, &parts);
}

/* What firmware of protocol 1 does not say: it is taken out of an `up`. */
static size_t say_as_old(char *text, size_t size)
{
    static const char begin[] = ",\"protocol\":", end[] = ",\"firstSeq\":";
    char *from = strstr(text, begin), *to = strstr(text, end);
    if (from == NULL || to == NULL || to < from)
        return size;
    const size_t rest = size - (size_t)(to - text);
    memmove(from, to, rest);
    return (size_t)(from - text) + rest;
}

static int publish(void *self, enum fw_leaf leaf, const char *payload, size_t size)
{
    struct world_device *device = self;
    char topic[KIT_TOPIC_SIZE], old[FW_PAYLOAD_MAX + 1];
    struct kit_error err;
    if (device->is_old && leaf == FW_LEAF_UP) {
        CHECK(size < sizeof(old));
        memcpy(old, payload, size);
        old[size] = '\0';
        size = say_as_old(old, size);
        payload = old;
    }
    print_topic(device, leaf == FW_LEAF_STATE ? "state" : "up", topic);
    if (world_wire_is_mute(&device->wire))
        return FW_OK;
    const struct kit_message message = {
        .topic = topic,
        .payload = payload,
        .payload_size_bytes = size,
        .qos = 1,
        .retain = leaf == FW_LEAF_STATE,
    };
    return world_client_publish(device->client, &message, 0, &err) == KIT_OK ? FW_OK : FW_E_AWAY;
}

static void reconnect(void *self)
{
    ((struct world_device *)self)->wants_reconnect = true;
}

static void show(void *self, enum fw_signal signal, const char *text)
{
    struct world_device *device = self;
    world_clock_trace(device->clock, device->id, "shows %d \"%s\"", (int)signal, text);
    if (device->flash.is_off)
        return;
    device->heard_count += signal == FW_SIGNAL_STORED;
    if (device->events.on_panel != NULL)
        device->events.on_panel(device->events.self, signal, text);
}

static void write_trace(void *self, const char *text)
{
    const struct world_device *device = self;
    world_clock_trace(device->clock, device->id, "%s", text);
}

static void sign(void *self, const void *bytes, size_t size, uint8_t ret_mac[FW_MAC_BYTES])
{
    const struct world_device *device = self;
    uint8_t key[KIT_KEY_BYTES];
    (void)world_find_key(NULL, device->id, key, NULL);
    kit_mac(key, bytes, size, ret_mac);
}

static int read_line(void *self, void *ret_bytes, size_t size_max)
{
    struct world_device *device = self;
    const size_t size = device->line_size < size_max ? device->line_size : size_max;
    memcpy(ret_bytes, device->line, size);
    device->line_size -= size;
    memmove(device->line, device->line + size, device->line_size);
    return (int)size;
}

static int write_nothing(void *self, const void *bytes, size_t size)
{
    (void)self;
    (void)bytes;
    (void)size;
    return FW_OK;
}

static int do_nothing(void *self)
{
    (void)self;
    return FW_OK;
}

static int read_board(void *self, void *ret_bytes, size_t size_max)
{
    struct world_device *device = self;
    return (int)sim_board_take(&device->board, mono_ms(device), ret_bytes, size_max);
}

static int write_board(void *self, const void *bytes, size_t size)
{
    struct world_device *device = self;
    sim_board_feed(&device->board, bytes, size, mono_ms(device));
    return FW_OK;
}

/* ---- doors ---- */

static void watch_doors(struct world_device *device)
{
    for (uint32_t i = 0; i < device->doors; i++)
        world_openings_see(&device->openings, i + 1, device->compartments[i].open_count);
}

struct sim_compartment *world_device_door(struct world_device *device, uint32_t n)
{
    PRE(n >= 1 && n <= device->doors);
    return &device->compartments[n - 1];
}

static void on_push(void *self, struct world_message *message, uint64_t n)
{
    struct world_device *device = self;
    struct sim_compartment *door = world_device_door(device, (uint32_t)n);
    (void)message;
    sim_compartment_advance(door, mono_ms(device));
    watch_doors(device);
    if (sim_compartment_push(door, mono_ms(device)) != SIM_HAND_NOT_CAUGHT)
        return;
    device->openings.seen[n - 1] = door->open_count; /* the spring opened it, and nobody else */
    world_device_shut(device, (uint32_t)n);
}

void world_device_shut(struct world_device *device, uint32_t n)
{
    world_clock_in(device->clock, HAND_US, on_push, device, n);
}

/* ---- what is used breaks ---- */

static void on_right(void *self, struct world_message *message, uint64_t number)
{
    struct world_device *device = self;
    (void)message;
    (void)number;
    for (uint32_t n = 1; n <= device->doors; n++)
        sim_compartment_set_latch_fault(world_device_door(device, n), SIM_LATCH_OK);
    if (device->board.is_dead)
        sim_board_set_dead(&device->board, false);
    device->wear.is_broken = false;
}

static bool breaks(struct world_device *device, bool may_break, uint32_t permille)
{
    return may_break && sim_rng_chance(&device->wear.rng, permille);
}

/* Somebody wants a door opened: its locks may jam, or the board say nothing, for a while. */
static void wear(struct world_device *device)
{
    struct world_wear *wear = &device->wear;
    if (wear->is_broken || device->clock->now_us >= wear->until_us)
        return;
    const bool is_quiet = breaks(device, wear->may_be_quiet, QUIET_PERMILLE);
    const bool is_jammed = !is_quiet && breaks(device, wear->may_jam, JAM_PERMILLE);
    if (!is_quiet && !is_jammed)
        return;
    wear->is_broken = true;
    world_fact(&device->clock->facts, "trouble", is_quiet ? "board" : "jam");
    world_clock_trace(device->clock, device->id,
                      is_quiet ? "its lock board has no power" : "its locks do not move");
    const enum sim_latch_fault fault = sim_rng_chance(&wear->rng, NO_CATCH_PERMILLE)
                                           ? SIM_LATCH_NO_CATCH
                                           : SIM_LATCH_JAMMED;
    for (uint32_t n = 1; is_jammed && n <= device->doors; n++)
        sim_compartment_set_latch_fault(world_device_door(device, n), fault);
    wear->was_quiet |= is_quiet;
    if (is_quiet)
        sim_board_set_dead(&device->board, true);
    world_clock_in(device->clock, sim_rng_between(&wear->rng, BROKEN_MS_MIN, BROKEN_MS_MAX) * 1000,
                   on_right, device, 0);
}

/* ---- turns ---- */

static void end(struct world_device *device, int64_t down_us);

static int64_t run(void *self, int64_t now_ms)
{
    struct world_device *device = self;
    if (device->is_locker)
        sim_board_advance(&device->board, now_ms);
    int64_t next_ms = device->is_locker ? fw_locker_step(&device->fw.locker, now_ms)
                                        : fw_scanner_step(&device->fw.scanner, now_ms);
    if (device->is_locker) {
        watch_doors(device);
        const int64_t board_ms = sim_board_next_due_ms(&device->board);
        next_ms = board_ms < next_ms ? board_ms : next_ms;
    }
    if (device->flash.is_off) {
        world_clock_trace(device->clock, device->id, "loses its power in a write");
        device->cut_count++;
        end(device, RESTART_US);
        return next_ms;
    }
    if (device->wants_reconnect) {
        device->wants_reconnect = false;
        (void)world_client_reset(device->client);
    }
    return next_ms;
}

bool world_device_read(struct world_device *device, const char *text)
{
    const size_t size = strlen(text);
    if (!device->is_running) { /* nobody is there to hear it */
        kit_text_copy(device->waiting, sizeof(device->waiting), text);
        return true;
    }
    if (device->line_size + size + 1 > sizeof(device->line))
        return false;
    world_clock_trace(device->clock, device->id, "reads %s", text);
    memcpy(device->line + device->line_size, text, size);
    device->line_size += size;
    device->line[device->line_size++] = '\r';
    if (device->is_locker) {
        wear(device);
        world_openings_type(&device->openings, text);
        world_wire_on_typed(&device->wire);
    }
    world_turns_wake(&device->turns);
    return true;
}

/* Somebody stands there, and has waited for the display to come back: the locker does not know the
 * time yet. */
static void type_at_once(struct world_device *device)
{
    const char *code = device->waiting[0] != '\0' ? device->waiting
                                                  : world_openings_newest_code(&device->openings);
    if (code == NULL)
        return;
    (void)world_device_read(device, code);
    device->waiting[0] = '\0';
    for (uint32_t n = 1; n <= device->doors; n++)
        world_device_shut(device, n);
}

/* ---- the link ---- */

static void on_link(void *self, bool is_up)
{
    struct world_device *device = self;
    if (device->is_locker)
        fw_locker_on_link(&device->fw.locker, is_up);
    else
        fw_scanner_on_link(&device->fw.scanner, is_up);
    world_turns_wake(&device->turns);
}

static void take(void *self, const struct kit_message *message)
{
    struct world_device *device = self;
    const char *leaf = strrchr(message->topic, '/');
    const enum fw_leaf kind = strcmp(leaf, "/ack") == 0   ? FW_LEAF_ACK
                              : strcmp(leaf, "/cmd") == 0 ? FW_LEAF_CMD
                                                          : FW_LEAF_CONFIG;
    if (!device->is_running)
        return;
    if (kind == FW_LEAF_CMD) {
        wear(device);
        world_openings_command(&device->openings, message);
    }
    if (device->is_locker)
        fw_locker_on_message(&device->fw.locker, kind, message->payload,
                             message->payload_size_bytes);
    else
        fw_scanner_on_message(&device->fw.scanner, kind, message->payload,
                              message->payload_size_bytes);
    world_turns_wake(&device->turns);
}

static void on_message(void *self, const struct kit_message *message)
{
    struct world_device *device = self;
    const bool is_ack = strcmp(strrchr(message->topic, '/'), "/ack") == 0;
    const bool may_be_lied_to = device->is_locker && device->is_running &&
                                device->fw.locker.device.session.owner_protocol >= FW_PROTOCOL_2;
    if (!is_ack) {
        world_wire_bring(&device->wire, message);
        return;
    }
    if (may_be_lied_to)
        world_wire_lie(&device->wire, message);
    take(device, message);
}

static void write_will(void *self, char ret_topic[KIT_TOPIC_SIZE], char *ret_payload,
                       size_t size_max)
{
    struct world_device *device = self;
    print_topic(device, "state", ret_topic);
    const int size = device->is_locker
                         ? fw_locker_will(&device->fw.locker, ret_payload, size_max - 1)
                         : fw_scanner_will(&device->fw.scanner, ret_payload, size_max - 1);
    CHECK(size > 0);
    ret_payload[size] = '\0';
}

static void connect_broker(struct world_device *device)
{
    static const char *const LEAVES[] = { "ack", "cmd", "config" };
    struct world_filter filters[KIT_COUNT(LEAVES)];
    const size_t count = device->is_locker ? KIT_COUNT(LEAVES) : 1;
    const struct world_client_events events = {
        .on_link = on_link, .on_message = on_message, .will = write_will, .self = device
    };
    for (size_t i = 0; i < count; i++) {
        print_topic(device, LEAVES[i], filters[i].filter);
        filters[i].qos = 1;
    }
    device->client = world_client_new(device->broker, device->id, filters, count, &events);
}

/* ---- life ---- */

static int open_firmware(struct world_device *device)
{
    const struct fw_device_setup ports = { .flash = &device->flash.port,
                                           .clock = &device->fw_clock,
                                           .net = &device->net,
                                           .rng = &device->rng,
                                           .panel = &device->panel,
                                           .trace = &device->trace,
                                           .firmware = FIRMWARE };
    if (!device->is_locker) {
        const struct fw_scanner_setup setup = { .device = ports, .uart = &device->uart };
        return fw_scanner_open(&device->fw.scanner, &setup);
    }
    struct fw_locker_setup setup = { .device = ports,
                                     .site = SITE,
                                     .id = device->id,
                                     .compartments = &SIZES[WORLD_COMPARTMENTS - device->doors],
                                     .uart = &device->uart,
                                     .mac = &device->mac,
                                     .bank = { .board_count = 1,
                                               .timers = fw_door_timers_default } };
    setup.bank.boards[0] = (struct fw_bank_board_config){ .driver = &fw_cu16,
                                                          .uart = &device->board_uart };
    const int rc = fw_bank_map_in_order(&setup.bank, (uint8_t)device->doors, 0);
    if (rc != FW_OK)
        return rc;
    return fw_locker_open(&device->fw.locker, &setup);
}

static void on_start(void *self, struct world_message *message, uint64_t life)
{
    struct world_device *device = self;
    (void)message;
    if (life != device->turns.life || device->is_running)
        return;
    fw_fake_flash_power_on(&device->flash);
    memset(&device->fw, 0, sizeof(device->fw));
    device->line_size = 0;
    device->wants_reconnect = false;
    world_clock_trace(device->clock, device->id, "starts");
    const int rc = open_firmware(device);
    if (rc != FW_OK || device->flash.is_off) {
        if (!device->flash.is_off && device->wrong[0] == '\0')
            (void)snprintf(device->wrong, sizeof(device->wrong), "%s does not start: %d",
                           device->id, rc);
        end(device, RESTART_US);
        return;
    }
    device->is_running = true;
    connect_broker(device);
    world_turns_wake(&device->turns);
    if (device->is_locker)
        type_at_once(device);
}

/* What was pulsed before the power went opens all the same. */
static void on_settled(void *self, struct world_message *message, uint64_t number)
{
    struct world_device *device = self;
    (void)message;
    (void)number;
    sim_board_advance(&device->board, mono_ms(device));
    watch_doors(device);
}

static void end(struct world_device *device, int64_t down_us)
{
    world_client_free(device->client, false);
    device->client = NULL;
    device->is_running = false;
    world_openings_end(&device->openings);
    if (device->is_locker)
        world_clock_in(device->clock, SETTLE_US, on_settled, device, 0);
    world_turns_end(&device->turns);
    world_clock_in(device->clock, down_us, on_start, device, device->turns.life);
}

static void open_doors(struct world_device *device, uint64_t seed)
{
    struct sim_board_options options = sim_board_options_default(SIM_BOARD_CU16);
    const struct sim_compartment_options doors = sim_compartment_options_default();
    sim_board_init(&device->board, device->id, &options, seed, NULL);
    for (uint32_t i = 0; i < device->doors; i++) {
        sim_compartment_init(&device->compartments[i], device->id, &doors, NULL);
        sim_board_wire(&device->board, i + 1, &device->compartments[i]);
    }
}

static void on_power(void *self, struct world_message *message, uint64_t life)
{
    struct world_device *device = self;
    (void)message;
    if (life != device->turns.life || !device->is_running)
        return;
    world_clock_trace(device->clock, device->id, "loses its power");
    end(device, RESTART_US);
}

/* In one of the next writes to flash, or soon without one. */
static void cut_use(void *self)
{
    struct world_device *device = self;
    if (!device->is_running)
        return;
    fw_fake_flash_cut_somewhere(&device->flash, USE_STEPS_MAX, &device->random);
    world_clock_in(device->clock, (int64_t)(fw_fake_random(&device->random) % USE_US), on_power,
                   device, device->turns.life);
}

void world_device_init(struct world_device *device, struct world_broker *broker, const char *id,
                       uint32_t doors, uint64_t seed)
{
    struct sim_rng rng;
    memset(device, 0, sizeof(*device));
    device->clock = world_broker_clock(broker);
    device->broker = broker;
    device->is_locker = doors > 0;
    device->doors = doors;
    kit_text_copy(device->id, sizeof(device->id), id);
    sim_rng_init(&rng, seed, id);
    device->random = sim_rng_next(&rng);
    device->is_old = device->is_locker && sim_rng_chance(&rng, OLD_PERMILLE);
    fw_fake_flash_init(&device->flash, FLASH_BLOCK_BYTES, FLASH_BLOCKS, FLASH_WORD_BYTES);
    device->fw_clock = (struct fw_clock){ mono_ms, no_wall_ms, device };
    device->net = (struct fw_net){ publish, reconnect, device };
    device->rng = fw_fake_rng(&device->random);
    device->panel = (struct fw_panel){ show, device };
    device->trace = (struct fw_trace){ write_trace, device };
    device->mac = (struct fw_mac){ sign, device, FW_KEY_NO_FIRST };
    device->uart = (struct fw_uart){ read_line, write_nothing, do_nothing, do_nothing, device };
    device->board_uart = (struct fw_uart){ read_board, write_board, do_nothing, do_nothing,
                                           device };
    device->turns = (struct world_turns){
        .clock = device->clock, .run = run, .self = device, .again_us = AGAIN_US, .at_us = INT64_MAX
    };
    sim_rng_init(&device->wear.rng, seed ^ WEAR_SEED, id);
    const struct world_wire_ends ends = { .bring = take, .cut = cut_use, .self = device };
    world_wire_init(&device->wire, device->clock, seed, device->id, &ends);
    world_openings_init(&device->openings, device->clock, device->id);
    if (device->is_locker)
        open_doors(device, seed);
}

void world_device_done(struct world_device *device)
{
    world_wire_done(&device->wire);
    world_client_free(device->client, false);
}

void world_device_start(struct world_device *device)
{
    world_clock_in(device->clock, 0, on_start, device, device->turns.life);
}

bool world_device_kill(struct world_device *device, int64_t down_us)
{
    if (!device->is_running)
        return false;
    world_clock_trace(device->clock, device->id, "is killed");
    end(device, down_us);
    return true;
}

bool world_device_cut(struct world_device *device, int64_t down_us)
{
    if (!device->is_running)
        return false;
    fw_fake_flash_cut_somewhere(&device->flash, CUT_STEPS_MAX, &device->random);
    world_clock_in(device->clock, down_us < CUT_WITHIN_US ? down_us : CUT_WITHIN_US, on_power,
                   device, device->turns.life);
    return true;
}
