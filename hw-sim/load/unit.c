/* The ports in memory, and what a unit counts. One thread. */
#include "load/unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "drivers/cu16.h"
#include "kit/base/text.h"
#include "port/check.h"

#define FIRMWARE_TEXT "load-" LOCKSTOCK_VERSION
#define BOARD_SEED 1

int64_t load_now_us(void)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

int64_t load_now_ms(void)
{
    return load_now_us() / 1000;
}

uint32_t load_random(struct load_fleet *fleet, uint32_t below)
{
    return below == 0 ? 0 : sim_rng_below(&fleet->random, below);
}

/* ---- the reader's line ---- */

static int read_line(void *self, void *ret_bytes, size_t size_max)
{
    struct load_unit *unit = self;
    size_t size = unit->line_size - unit->line_at;

    if (size > size_max)
        size = size_max;
    memcpy(ret_bytes, unit->line + unit->line_at, size);
    unit->line_at += size;
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

/* ---- a locker's board ---- */

static int read_board(void *self, void *ret_bytes, size_t size_max)
{
    struct load_unit *unit = self;
    const int64_t now_ms = load_now_ms();
    sim_board_advance(unit->board, now_ms);
    return (int)sim_board_take(unit->board, now_ms, ret_bytes, size_max);
}

static int write_board(void *self, const void *bytes, size_t size)
{
    struct load_unit *unit = self;
    sim_board_feed(unit->board, bytes, size, load_now_ms());
    return FW_OK;
}

static void open_board(struct load_unit *unit)
{
    struct sim_board_options options = sim_board_options_default(SIM_BOARD_CU16);
    const struct sim_compartment_options doors = sim_compartment_options_default();

    unit->board = calloc(1, sizeof(*unit->board));
    unit->compartments = calloc(LOAD_LOCKER_COMPARTMENTS, sizeof(*unit->compartments));
    CHECK(unit->board != NULL && unit->compartments != NULL);
    options.reply_ms = 0;
    sim_board_init(unit->board, "board", &options, BOARD_SEED, NULL);
    for (uint32_t i = 0; i < LOAD_LOCKER_COMPARTMENTS; i++) {
        sim_compartment_init(&unit->compartments[i], "compartment", &doors, NULL);
        sim_board_wire(unit->board, i + 1, &unit->compartments[i]);
    }
    unit->board_uart = (struct fw_uart){ read_board, write_board, do_nothing, do_nothing, unit };
}

/* ---- the panel ---- */

static void show(void *self, enum fw_signal signal, const char *text)
{
    struct load_unit *unit = self;

    if (signal == FW_SIGNAL_ERROR && !unit->is_locker) {
        if (unit->fleet->refused++ == 0)
            (void)fprintf(stderr, "%s: %s\n", unit->id, text);
    }
}

/* ---- life ---- */

static int open_firmware(struct load_unit *unit)
{
    struct load_fleet *fleet = unit->fleet;
    const struct fw_device_setup device = {
        .flash = &unit->flash_port,
        .clock = &fleet->clock,
        .net = &unit->net,
        .rng = &fleet->rng,
        .panel = &unit->panel,
        .firmware = FIRMWARE_TEXT,
    };
    if (!unit->is_locker) {
        const struct fw_scanner_setup setup = { .device = device, .uart = &unit->uart };
        return fw_scanner_open(&unit->fw.scanner, &setup);
    }
    struct fw_locker_setup setup = {
        .device = device,
        .site = fleet->site,
        .id = unit->id,
        .compartments = "SSML",
        .mac = &fleet->mac,
        .bank = { .board_count = 1, .timers = fw_door_timers_default },
    };
    setup.bank.boards[0] = (struct fw_bank_board_config){ .driver = &fw_cu16,
                                                          .uart = &unit->board_uart };
    const int rc = fw_bank_map_in_order(&setup.bank, LOAD_LOCKER_COMPARTMENTS, 0);
    if (rc != FW_OK)
        return rc;
    return fw_locker_open(&unit->fw.locker, &setup);
}

static const struct fw_device *get_device(const struct load_unit *unit)
{
    return unit->is_locker ? &unit->fw.locker.device : &unit->fw.scanner.device;
}

int load_unit_open(struct load_unit *unit, struct load_fleet *fleet,
                   const struct sim_mqtt_login *login, struct kit_error *err)
{
    unit->fleet = fleet;
    unit->flash_port = load_flash_init(&unit->flash);
    unit->uart = (struct fw_uart){ read_line, write_nothing, do_nothing, do_nothing, unit };
    unit->panel = (struct fw_panel){ .show = show, .self = unit };
    if (unit->is_locker)
        open_board(unit);
    int rc = load_link_init(unit, login, err);
    if (rc != KIT_OK)
        return rc;
    const int status = open_firmware(unit);
    if (status != FW_OK)
        return kit_error_set(err, KIT_E_IO, "the firmware of %s does not start (%d)", unit->id,
                             status);
    unit->counted_seq = get_device(unit)->log.next_seq - 1;
    unit->acked_seq = get_device(unit)->log.first_seq - 1;
    unit->act_at_ms = INT64_MAX;
    return KIT_OK;
}

void load_unit_close(struct load_unit *unit)
{
    load_link_done(unit);
    free(unit->board);
    free(unit->compartments);
}

/* ---- work ---- */

int64_t load_unit_held(const struct load_unit *unit)
{
    const struct fw_flash_log *log = &get_device(unit)->log;
    return log->next_seq - log->first_seq;
}

bool load_unit_scan(struct load_unit *unit, const char *line)
{
    if (unit->line_at < unit->line_size || load_unit_held(unit) >= LOAD_HELD_MAX - 8)
        return false;
    const int size = snprintf(unit->line, sizeof(unit->line), "%s\r", line);
    PRE(size > 0 && (size_t)size < sizeof(unit->line));
    unit->line_size = (size_t)size;
    unit->line_at = 0;
    return true;
}

/* What the log says has happened: new records are taken, freed ones are acknowledged. Those from
 * before the start of the run (`start`) are in counted_seq already. */
static void count(struct load_unit *unit, int64_t begun_us)
{
    struct load_fleet *fleet = unit->fleet;
    const struct fw_flash_log *log = &get_device(unit)->log;

    for (; unit->counted_seq + 1 < log->next_seq; unit->counted_seq++) {
        unit->started_us[(unit->counted_seq + 1) % LOAD_HELD_MAX] = begun_us;
        *(unit->is_locker ? &fleet->records : &fleet->taken) += 1;
    }
    for (; unit->acked_seq + 1 < log->first_seq; unit->acked_seq++) {
        const int64_t started_us = unit->started_us[(unit->acked_seq + 1) % LOAD_HELD_MAX];
        if (started_us == 0)
            continue; /* the `start` record */
        unit->started_us[(unit->acked_seq + 1) % LOAD_HELD_MAX] = 0;
        *(unit->is_locker ? &fleet->records_acked : &fleet->acked) += 1;
        if (!unit->is_locker)
            load_meter_add(&fleet->verdicts, (uint64_t)(load_now_us() - started_us));
    }
}

void load_unit_step(struct load_unit *unit)
{
    const int64_t begun_us = load_now_us();
    const int64_t now_ms = begun_us / 1000;

    load_link_tick(unit, now_ms);
    int64_t next_ms = unit->is_locker ? fw_locker_step(&unit->fw.locker, now_ms)
                                      : fw_scanner_step(&unit->fw.scanner, now_ms);
    count(unit, begun_us);
    load_link_watch(unit);
    const int64_t link_ms = load_link_next_ms(unit);
    if (link_ms < next_ms)
        next_ms = link_ms;
    if (unit->act_at_ms < next_ms)
        next_ms = unit->act_at_ms;
    load_heap_set(&unit->fleet->heap, unit->slot, next_ms);
}

/* A bug in the firmware: the process ends here, and says where. */
_Noreturn void fw_panic(const char *file, int line)
{
    (void)fprintf(stderr, "firmware check failed at %s:%d\n", file, line);
    abort();
}
