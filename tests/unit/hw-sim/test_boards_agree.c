/* The firmware's drivers and bank against the simulated boards: two implementations of the same
 * wire, written apart from each other. What the firmware believes is compared with what really
 * moved. Virtual time; the lines between them lose nothing but what a fault takes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "board_world.h"
#include "core/bank.h"
#include "drivers/cu12.h"
#include "drivers/cu16.h"
#include "port/check.h"

#define BOARDS 4
#define LOCKS_USED 4 /* of each board */
#define BOXES (BOARDS * LOCKS_USED)

_Noreturn void fw_panic(const char *file, int line)
{
    fprintf(stderr, "fw_panic: %s:%d\n", file, line);
    abort();
}

/* Two CU16 share the first line, two CU12 the second. */
struct line {
    struct sim_board *boards[2];
};

static struct {
    int64_t now_ms;
    struct sim_board boards[BOARDS];
    struct sim_compartment boxes[BOXES];
    struct line lines[2];
    struct fw_uart uarts[2];
    struct fw_bank bank;
    uint32_t effect_count[BOXES];
    enum fw_unlock_effect effect[BOXES];
} world;

static int line_read(void *self, void *ret_bytes, size_t size_max)
{
    const struct line *line = self;
    size_t got = 0;
    for (int b = 0; b < 2 && got < size_max; b++)
        got += sim_board_take(line->boards[b], world.now_ms, (uint8_t *)ret_bytes + got,
                              size_max - got);
    return (int)got;
}

static int line_write(void *self, const void *bytes, size_t size)
{
    const struct line *line = self;
    for (int b = 0; b < 2; b++)
        sim_board_feed(line->boards[b], bytes, size, world.now_ms);
    return FW_OK;
}

static int line_flush(void *self)
{
    uint8_t dropped[SIM_TX_FRAME_BYTES];
    while (line_read(self, dropped, sizeof(dropped)) > 0)
        continue;
    return FW_OK;
}

static int line_reopen(void *self)
{
    return line_flush(self);
}

static void on_event(void *user, const struct fw_bank_event *event)
{
    (void)user;
    if (event->kind != FW_BANK_EFFECT)
        return;
    world.effect_count[event->compartment - 1]++;
    world.effect[event->compartment - 1] = event->effect;
}

static void init_boards(uint64_t seed)
{
    struct sim_compartment_options box = sim_compartment_options_default();
    for (uint32_t b = 0; b < BOARDS; b++) {
        char name[SIM_NAME_SIZE];
        struct sim_board_options options = sim_board_options_default(b < 2 ? SIM_BOARD_CU16
                                                                           : SIM_BOARD_CU12);
        options.address = (uint8_t)(b % 2 * 3);
        (void)snprintf(name, sizeof(name), "board-%u", b);
        sim_board_init(&world.boards[b], name, &options, seed, NULL);
        world.lines[b / 2].boards[b % 2] = &world.boards[b];
        for (uint32_t i = 0; i < LOCKS_USED; i++) {
            sim_compartment_init(&world.boxes[b * LOCKS_USED + i], name, &box, NULL);
            sim_board_wire(&world.boards[b], i + 1, &world.boxes[b * LOCKS_USED + i]);
        }
    }
}

static void init_world(uint64_t seed)
{
    memset(&world, 0, sizeof(world));
    world.now_ms = 1000;
    init_boards(seed);
    struct fw_bank_config config = { .board_count = BOARDS,
                                     .compartment_count = BOXES,
                                     .timers = fw_door_timers_default };
    for (int i = 0; i < 2; i++)
        world.uarts[i] = (struct fw_uart){ line_read, line_write, line_flush, line_reopen,
                                           &world.lines[i] };
    for (uint8_t b = 0; b < BOARDS; b++) {
        config.boards[b].driver = b < 2 ? &fw_cu16 : &fw_cu12;
        config.boards[b].uart = &world.uarts[b / 2];
        config.boards[b].address = world.boards[b].options.address;
        for (uint8_t i = 0; i < LOCKS_USED; i++)
            config.locks[b * LOCKS_USED + i] = (struct fw_bank_lock){ b, i };
    }
    assert_int_equal(fw_bank_init(&world.bank, &config, on_event, NULL), FW_OK);
}

static int fresh(void **state)
{
    (void)state;
    init_world(1);
    return 0;
}

static void run_for(int64_t duration_ms)
{
    for (int64_t end_ms = world.now_ms + duration_ms; world.now_ms < end_ms; world.now_ms++) {
        for (int b = 0; b < BOARDS; b++)
            sim_board_advance(&world.boards[b], world.now_ms);
        (void)fw_bank_step(&world.bank, world.now_ms);
    }
}

static enum fw_door door(uint8_t box)
{
    return fw_bank_compartment(&world.bank, (uint8_t)(box + 1))->door;
}

static void unlock(uint8_t box)
{
    assert_int_equal(fw_bank_unlock(&world.bank, (uint8_t)(box + 1), world.now_ms), FW_OK);
}

static void check_one_state(struct board_world *one, const struct fw_board_driver *driver,
                            uint32_t bits)
{
    uint8_t request[FW_BOARD_REQUEST_BYTES_MAX];
    uint8_t answer[SIM_TX_FRAME_BYTES];
    struct fw_board_frame frame;
    bool is_found = false;
    for (uint32_t i = 0; i < driver->lock_count; i++) {
        one->boxes[i].is_held = (bits >> i & 1) != 0;
        one->boxes[i].object_count = (bits >> i & 2) != 0 ? 1 : 0;
    }
    size_t size = driver->encode_status(one->board.options.address, request);
    size = board_ask(one, request, size, 0, answer);
    assert_int_equal(driver->decode(answer, size, &frame, &is_found), size);
    assert_true(is_found);
    assert_int_equal(frame.reply, FW_BOARD_STATUS);
    assert_int_equal(frame.address, one->board.options.address);
    uint32_t mask = (1u << driver->lock_count) - 1;
    assert_int_equal(frame.hook_bits & mask, bits & mask);
    if (driver->has_presence)
        assert_int_equal(frame.presence_bits, (bits >> 1) & mask);
}

static void test_status_of_any_state_and_address_is_read_as_it_is(void **state)
{
    (void)state;
    static struct board_world one;
    struct sim_rng rng;
    sim_rng_init(&rng, 5, "states");
    for (int kind = 0; kind < 2; kind++) {
        const struct fw_board_driver *driver = kind == SIM_BOARD_CU16 ? &fw_cu16 : &fw_cu12;
        struct sim_board_options options = sim_board_options_default((enum sim_board_kind)kind);
        assert_int_equal(driver->lock_count, sim_board_lock_count(options.kind));
        for (uint8_t address = 0; address <= driver->address_max; address++) {
            options.address = address;
            board_world_init(&one, &options);
            one.board.listener.fn = NULL;
            for (int i = 0; i < 50; i++)
                check_one_state(&one, driver, sim_rng_below(&rng, 1u << 17));
        }
    }
}

static void test_unlock_of_each_lock_pulses_that_one_alone(void **state)
{
    (void)state;
    static struct board_world one;
    for (int kind = 0; kind < 2; kind++) {
        const struct fw_board_driver *driver = kind == SIM_BOARD_CU16 ? &fw_cu16 : &fw_cu12;
        struct sim_board_options options = sim_board_options_default((enum sim_board_kind)kind);
        for (uint8_t lock = 0; lock < driver->lock_count; lock++) {
            uint8_t request[FW_BOARD_REQUEST_BYTES_MAX];
            uint8_t answer[SIM_TX_FRAME_BYTES];
            board_world_init(&one, &options);
            size_t size = driver->encode_unlock(0, lock, request);
            size = board_ask(&one, request, size, 0, answer);
            for (uint8_t i = 0; i < driver->lock_count; i++)
                assert_int_equal(one.boxes[i].pulse_count, i == lock ? 1 : 0);
            assert_int_equal(size > 0, driver->confirms_unlock);
        }
    }
}

static void test_bank_opens_every_compartment_and_sees_it_shut_again(void **state)
{
    (void)state;
    run_for(2000);
    for (uint8_t box = 0; box < BOXES; box++) {
        assert_int_equal(door(box), FW_DOOR_CLOSED);
        unlock(box);
        run_for(2000);
        assert_int_equal(world.effect_count[box], 1);
        assert_int_equal(world.effect[box], FW_UNLOCK_OPENED);
        assert_int_equal(door(box), FW_DOOR_OPEN);
        assert_int_equal(sim_compartment_push(&world.boxes[box], world.now_ms), SIM_HAND_DONE);
        run_for(2000);
        assert_int_equal(door(box), FW_DOOR_CLOSED);
        assert_int_equal(world.boxes[box].pulse_count, 1);
    }
}

static void test_bank_with_a_jammed_lock_says_jammed(void **state)
{
    (void)state;
    run_for(2000);
    for (uint8_t box = 0; box < BOXES; box += LOCKS_USED) { /* on each board: acknowledged or not */
        sim_compartment_set_latch_fault(&world.boxes[box], SIM_LATCH_JAMMED);
        unlock(box);
        run_for(5000);
        assert_int_equal(world.effect[box], FW_UNLOCK_JAMMED);
        assert_int_equal(door(box), FW_DOOR_JAMMED);
        assert_true(world.boxes[box].pulse_count >= 1);
        assert_true(sim_compartment_is_hooked(&world.boxes[box]));
    }
}

static void test_bank_with_a_dead_board_goes_on_with_the_others(void **state)
{
    (void)state;
    run_for(2000);
    sim_board_set_dead(&world.boards[0], true);
    run_for(10000);
    assert_int_equal(door(0), FW_DOOR_UNKNOWN);
    unlock(0);
    for (uint8_t box = LOCKS_USED; box < BOXES; box += LOCKS_USED)
        unlock(box);
    run_for(5000);
    assert_int_equal(world.effect[0], FW_UNLOCK_NO_ANSWER);
    assert_int_equal(world.boxes[0].pulse_count, 0);
    for (uint8_t box = LOCKS_USED; box < BOXES; box += LOCKS_USED)
        assert_int_equal(world.effect[box], FW_UNLOCK_OPENED);
    sim_board_set_dead(&world.boards[0], false);
    run_for(15000);
    assert_int_equal(door(0), FW_DOOR_CLOSED);
    assert_int_equal(world.boxes[0].open_count, 0); /* a late answer opens nothing */
}

static void add_troubles(void)
{
    static const enum sim_fault_kind kinds[BOARDS][2] = {
        { SIM_FAULT_GARBLE, SIM_FAULT_DROP },
        { SIM_FAULT_DEAF, SIM_FAULT_DELAY },
        { SIM_FAULT_TRUNCATE, SIM_FAULT_NOISE },
        { SIM_FAULT_DELAY, SIM_FAULT_GARBLE },
    };
    for (int b = 0; b < BOARDS; b++) {
        for (int i = 0; i < 2; i++) {
            struct sim_fault fault = { .kind = kinds[b][i], .permille = 150, .delay_ms = 350 };
            assert_true(sim_board_add_fault(&world.boards[b], &fault));
        }
    }
}

/* opened is said only of a door that left its lock; nothing opens that was not asked for. */
static void check_unlock(uint8_t box)
{
    uint64_t opened = world.boxes[box].open_count;
    uint32_t told = world.effect_count[box];
    enum sim_door_place before = world.boxes[box].door.place;
    unlock(box);
    run_for(6000);
    assert_int_equal(world.effect_count[box], told + 1);
    if (world.effect[box] == FW_UNLOCK_OPENED)
        assert_int_equal(world.boxes[box].open_count, opened + 1);
    if (world.effect[box] == FW_UNLOCK_ALREADY_OPEN)
        assert_int_not_equal(before, SIM_DOOR_SHUT);
}

static void test_bank_on_troubled_lines_never_claims_what_did_not_happen(void **state)
{
    (void)state;
    uint32_t opened_count = 0;
    for (uint64_t seed = 1; seed <= 5; seed++) {
        init_world(seed);
        add_troubles();
        run_for(2000);
        for (uint8_t box = 0; box < BOXES; box += 2) {
            check_unlock(box);
            opened_count += world.effect[box] == FW_UNLOCK_OPENED ? 1 : 0;
            (void)sim_compartment_push(&world.boxes[box], world.now_ms);
            assert_int_equal(world.boxes[box + 1].pulse_count, 0);
        }
        for (int b = 0; b < BOARDS; b++)
            sim_board_clear_faults(&world.boards[b]);
        run_for(20000);
        for (uint8_t box = 0; box < BOXES; box++) {
            bool is_hooked = sim_compartment_is_hooked(&world.boxes[box]);
            assert_true(is_hooked ? door(box) == FW_DOOR_CLOSED || door(box) == FW_DOOR_JAMMED
                                  : door(box) == FW_DOOR_OPEN || door(box) == FW_DOOR_AJAR);
        }
    }
    assert_true(opened_count >= 30); /* of 40: most unlocks come through */
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(test_status_of_any_state_and_address_is_read_as_it_is, fresh),
        cmocka_unit_test_setup(test_unlock_of_each_lock_pulses_that_one_alone, fresh),
        cmocka_unit_test_setup(test_bank_opens_every_compartment_and_sees_it_shut_again, fresh),
        cmocka_unit_test_setup(test_bank_with_a_jammed_lock_says_jammed, fresh),
        cmocka_unit_test_setup(test_bank_with_a_dead_board_goes_on_with_the_others, fresh),
        cmocka_unit_test_setup(test_bank_on_troubled_lines_never_claims_what_did_not_happen, fresh),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
