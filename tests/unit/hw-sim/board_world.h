/* A board of any kind with its compartments, without a line: bytes in, bytes out. */
#ifndef TESTS_UNIT_HW_SIM_BOARD_WORLD_H
#define TESTS_UNIT_HW_SIM_BOARD_WORLD_H

#include "fakes/cmocka_all.h"
#include "models/board.h"
#include "sim_world.h"

struct board_world {
    struct sim_heard heard;
    struct sim_board board;
    struct sim_compartment boxes[SIM_LOCKS_MAX]; /* all wired */
};

static inline void board_world_init(struct board_world *world,
                                    const struct sim_board_options *options)
{
    struct sim_listener listener = sim_heard_listener(&world->heard);
    struct sim_compartment_options box = sim_compartment_options_default();
    sim_board_init(&world->board, "board-0", options, 1, &listener);
    for (uint32_t i = 0; i < sim_board_lock_count(options->kind); i++) {
        sim_compartment_init(&world->boxes[i], "box", &box, &listener);
        sim_board_wire(&world->board, i + 1, &world->boxes[i]);
    }
}

/* What the board says to the bytes within answer_ms. */
static inline size_t board_ask(struct board_world *world, const uint8_t *bytes, size_t size,
                               int64_t now_ms, uint8_t ret_bytes[SIM_TX_FRAME_BYTES])
{
    size_t got = 0;
    size_t count;
    sim_board_feed(&world->board, bytes, size, now_ms);
    while ((count = sim_board_take(&world->board, now_ms + SIM_BOARD_REPLY_MS, ret_bytes + got,
                                   SIM_TX_FRAME_BYTES - got)) > 0)
        got += count;
    return got;
}

#define assert_answer(world, now_ms, request, ...)                                                 \
    do {                                                                                           \
        uint8_t answer_[SIM_TX_FRAME_BYTES];                                                       \
        const uint8_t wanted_[] = { __VA_ARGS__ };                                                 \
        size_t size_ = board_ask(world, request, sizeof(request), now_ms, answer_);                \
        assert_int_equal(size_, sizeof(wanted_));                                                  \
        assert_memory_equal(answer_, wanted_, sizeof(wanted_));                                    \
    } while (0)

#define assert_silence(world, now_ms, request)                                                     \
    do {                                                                                           \
        uint8_t answer_[SIM_TX_FRAME_BYTES];                                                       \
        assert_int_equal(board_ask(world, request, sizeof(request), now_ms, answer_), 0);          \
    } while (0)

#endif
