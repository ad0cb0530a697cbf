/* A bank over simulated boards on simulated lines, in virtual time. Used by test_bank.c and
 * test_bank_line.c; each has its own `world`. */
#ifndef TESTS_UNIT_FIRMWARE_BANK_WORLD_H
#define TESTS_UNIT_FIRMWARE_BANK_WORLD_H

#include "fakes/cmocka_all.h"

#include <string.h>

#include "core/bank.h"
#include "drivers/cu12.h"
#include "drivers/cu16.h"
#include "fakes/fw_fake_line.h"

#define EVENTS_MAX 256
#define TICK_MS 5

struct world {
    struct fw_fake_line lines[2];
    struct fw_bank_config config;
    struct fw_bank bank;
    int64_t now_ms;
    struct fw_bank_event events[EVENTS_MAX];
    int event_count;
};

static struct world world;

static inline void on_event(void *user, const struct fw_bank_event *event)
{
    struct world *w = user;
    assert_true(w->event_count < EVENTS_MAX);
    w->events[w->event_count++] = *event;
}

static inline struct fw_fake_board *add_board(int line, const struct fw_board_driver *driver,
                                              uint8_t address)
{
    struct fw_bank_board_config *board = &world.config.boards[world.config.board_count++];
    board->driver = driver;
    board->uart = &world.lines[line].uart;
    board->address = address;
    return fw_fake_line_add_board(&world.lines[line], driver == &fw_cu12, address);
}

static inline int set_up(void **state)
{
    (void)state;
    memset(&world, 0, sizeof(world));
    world.config.timers = fw_door_timers_default;
    fw_fake_line_init(&world.lines[0]);
    fw_fake_line_init(&world.lines[1]);
    return 0;
}

static inline void start(uint8_t compartment_count)
{
    assert_int_equal(fw_bank_map_in_order(&world.config, compartment_count), FW_OK);
    assert_int_equal(fw_bank_init(&world.bank, &world.config, on_event, &world), FW_OK);
}

static inline int64_t step(void)
{
    fw_fake_line_advance(&world.lines[0], world.now_ms);
    fw_fake_line_advance(&world.lines[1], world.now_ms);
    return fw_bank_step(&world.bank, world.now_ms);
}

static inline void run_until(int64_t until_ms)
{
    while (world.now_ms < until_ms) {
        int64_t due_ms = step();
        assert_true(due_ms >= world.now_ms && due_ms < INT64_MAX);
        world.now_ms += TICK_MS;
    }
    step();
}

static inline void run_for(int64_t duration_ms)
{
    run_until(world.now_ms + duration_ms);
}

static inline int count_of(enum fw_bank_event_kind kind, uint8_t compartment)
{
    int count = 0;
    for (int i = 0; i < world.event_count; i++)
        count += world.events[i].kind == kind &&
                 (kind == FW_BANK_BOARD || world.events[i].compartment == compartment);
    return count;
}

/* The latest of a kind; there must be one. */
static inline struct fw_bank_event last_of(enum fw_bank_event_kind kind, uint8_t compartment)
{
    for (int i = world.event_count - 1; i >= 0; i--) {
        if (world.events[i].kind == kind &&
            (kind == FW_BANK_BOARD || world.events[i].compartment == compartment))
            return world.events[i];
    }
    fail_msg("no event of kind %d for compartment %d", (int)kind, compartment);
    return (struct fw_bank_event){ 0 };
}

static inline enum fw_door door_of(uint8_t compartment)
{
    return fw_bank_compartment(&world.bank, compartment)->door;
}

static inline int pulses_of(const struct fw_fake_board *board)
{
    int count = 0;
    for (int lock = 0; lock < 16; lock++)
        count += board->pulses[lock];
    return count;
}

#endif
