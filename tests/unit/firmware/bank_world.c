/* See bank_world.h. */
#include "bank_world.h"

void bank_world_init(struct bank_world *world)
{
    memset(world, 0, sizeof(*world));
    world->config.timers = fw_door_timers_default;
    fw_fake_line_init(&world->lines[0]);
    fw_fake_line_init(&world->lines[1]);
}

struct fw_fake_board *bank_add_board(struct bank_world *world, int line,
                                     const struct fw_board_driver *driver, uint8_t address)
{
    struct fw_bank_board_config *board = &world->config.boards[world->config.board_count++];
    board->driver = driver;
    board->uart = &world->lines[line].uart;
    board->address = address;
    return fw_fake_line_add_board(&world->lines[line], driver == &fw_cu12, address);
}

static void on_event(void *user, const struct fw_bank_event *event)
{
    struct bank_world *world = user;
    assert_true(world->event_count < BANK_EVENTS_MAX);
    world->events[world->event_count++] = *event;
}

int bank_init(struct bank_world *world, const struct fw_bank_config *config)
{
    return fw_bank_init(&world->bank, config, on_event, world);
}

void bank_start(struct bank_world *world, uint8_t compartment_count)
{
    assert_int_equal(fw_bank_map_in_order(&world->config, compartment_count, 0), FW_OK);
    assert_int_equal(bank_init(world, &world->config), FW_OK);
}

int64_t bank_step(struct bank_world *world)
{
    fw_fake_line_advance(&world->lines[0], world->now_ms);
    fw_fake_line_advance(&world->lines[1], world->now_ms);
    return fw_bank_step(&world->bank, world->now_ms);
}

void bank_run_for(struct bank_world *world, int64_t duration_ms)
{
    int64_t until_ms = world->now_ms + duration_ms;
    while (world->now_ms < until_ms) {
        int64_t due_ms = bank_step(world);
        assert_true(due_ms >= world->now_ms && due_ms < INT64_MAX);
        world->now_ms += BANK_TICK_MS;
    }
    bank_step(world);
}

static bool is_of(const struct fw_bank_event *event, enum fw_bank_event_kind kind,
                  uint8_t compartment)
{
    return event->kind == kind && (kind == FW_BANK_BOARD || event->compartment == compartment);
}

int bank_count(const struct bank_world *world, enum fw_bank_event_kind kind, uint8_t compartment)
{
    int count = 0;
    for (int i = 0; i < world->event_count; i++)
        count += is_of(&world->events[i], kind, compartment);
    return count;
}

struct fw_bank_event bank_last(const struct bank_world *world, enum fw_bank_event_kind kind,
                               uint8_t compartment)
{
    for (int i = world->event_count - 1; i >= 0; i--) {
        if (is_of(&world->events[i], kind, compartment))
            return world->events[i];
    }
    fail_msg("no event of kind %d for compartment %d", (int)kind, compartment);
    return (struct fw_bank_event){ 0 };
}

enum fw_door bank_door(const struct bank_world *world, uint8_t compartment)
{
    return fw_bank_compartment(&world->bank, compartment)->door;
}

int bank_pulses(const struct fw_fake_board *board)
{
    int count = 0;
    for (int lock = 0; lock < FW_BOARD_LOCKS_MAX; lock++)
        count += board->pulses[lock];
    return count;
}
