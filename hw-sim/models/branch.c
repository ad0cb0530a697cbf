/* One serial line with its boards: every board hears every byte, and each answers for itself.
 * One thread. */
#include "models/board.h"

#include <string.h>

#define READ_BYTES 256
#define READS_MAX 16 /* for each wake-up: the other models want their turn */

int sim_branch_open(struct sim_branch *branch, const char *name,
                    const struct sim_listener *listener, struct kit_error *err)
{
    memset(branch, 0, sizeof(*branch));
    return sim_pty_open(&branch->pty, name, listener, err);
}

void sim_branch_close(struct sim_branch *branch)
{
    sim_pty_close(&branch->pty);
}

int sim_branch_add(struct sim_branch *branch, struct sim_board *board, struct kit_error *err)
{
    if (branch->board_count == SIM_BRANCH_BOARDS_MAX)
        return kit_error_set(err, KIT_E_INVALID, "the line %s has %d boards already",
                             branch->pty.name, SIM_BRANCH_BOARDS_MAX);
    if (board->options.address > sim_board_address_max(board->options.kind))
        return kit_error_set(err, KIT_E_INVALID, "board %s has the address %d; the highest is %d",
                             board->name, board->options.address,
                             sim_board_address_max(board->options.kind));
    for (size_t i = 0; i < branch->board_count; i++) {
        const struct sim_board *other = branch->boards[i];
        if (other->options.kind != board->options.kind)
            return kit_error_set(err, KIT_E_INVALID,
                                 "boards of two kinds on the line %s: give %s a line of its own",
                                 branch->pty.name, board->name);
        if (other->options.address == board->options.address)
            return kit_error_set(
                err, KIT_E_INVALID, "boards %s and %s on the line %s have the same address %d",
                other->name, board->name, branch->pty.name, board->options.address);
    }
    branch->boards[branch->board_count++] = board;
    return KIT_OK;
}

static int poll_fd(void *self)
{
    return sim_pty_poll_fd(&((struct sim_branch *)self)->pty);
}

static void on_readable(void *self, int64_t now_ms)
{
    struct sim_branch *branch = self;
    uint8_t bytes[READ_BYTES];
    for (int i = 0; i < READS_MAX; i++) {
        size_t size = sim_pty_read(&branch->pty, bytes, sizeof(bytes), now_ms);
        if (size == 0)
            return;
        for (size_t b = 0; b < branch->board_count; b++)
            sim_board_feed(branch->boards[b], bytes, size, now_ms);
    }
}

static int64_t next_due_ms(void *self)
{
    const struct sim_branch *branch = self;
    int64_t due_ms = sim_pty_next_due_ms(&branch->pty);
    for (size_t b = 0; b < branch->board_count; b++)
        due_ms = sim_earlier(due_ms, sim_board_next_due_ms(branch->boards[b]));
    return due_ms;
}

static void send_due(struct sim_branch *branch, struct sim_board *board, int64_t now_ms)
{
    uint8_t bytes[SIM_BOARD_FRAME_BYTES];
    for (size_t i = 0; i < (size_t)SIM_TX_FRAMES_MAX * SIM_BOARD_FRAME_BYTES; i++) {
        size_t size = sim_board_take(board, now_ms, bytes, sizeof(bytes));
        if (size == 0)
            return;
        (void)sim_pty_write(&branch->pty, bytes, size, now_ms);
    }
}

static void advance(void *self, int64_t now_ms)
{
    struct sim_branch *branch = self;
    sim_pty_advance(&branch->pty, now_ms);
    for (size_t b = 0; b < branch->board_count; b++) {
        sim_board_advance(branch->boards[b], now_ms);
        send_due(branch, branch->boards[b], now_ms);
    }
}

struct sim_model sim_branch_model(struct sim_branch *branch)
{
    return (struct sim_model){ poll_fd, on_readable, next_due_ms, advance, branch };
}
