/* Simulated lock boards on a serial line (fw_fake_line.h). */
#include "fakes/fw_fake_line.h"

#include <string.h>

#define NOISE 0x02 /* the worst: each byte looks like the start of a frame */

static uint8_t sum_of(const uint8_t *bytes, size_t size)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + bytes[i]);
    return sum;
}

void fw_fake_line_inject(struct fw_fake_line *line, const uint8_t *bytes, size_t size,
                         int64_t due_ms)
{
    for (size_t i = 0; i < size && line->size < FW_FAKE_LINE_BYTES_MAX; i++) {
        line->bytes[line->size] = bytes[i];
        line->bytes_due_ms[line->size++] = due_ms;
    }
}

static void reply(struct fw_fake_line *line, struct fw_fake_board *board, uint8_t *bytes,
                  size_t size)
{
    int64_t due_ms = line->now_ms + board->delay_ms;
    for (int i = 0; i < line->noise; i++)
        fw_fake_line_inject(line, &(uint8_t){ NOISE }, 1, due_ms);
    if (board->garbled > 0) {
        board->garbled--;
        bytes[size / 2] ^= 0x10;
    }
    fw_fake_line_inject(line, bytes, size, due_ms);
}

static uint16_t hooks(const struct fw_fake_board *board, uint16_t mask)
{
    uint16_t locked = (uint16_t)~board->open_bits;
    return (uint16_t)((board->is_hook_inverted ? board->open_bits : locked) & mask);
}

static void pulse(struct fw_fake_line *line, struct fw_fake_board *board, int lock)
{
    board->pulses[lock]++;
    if (board->pulse_lost > 0) {
        board->pulse_lost--;
        return;
    }
    if (!(board->jammed_bits >> lock & 1))
        board->opens_ms[lock] = line->now_ms + FW_FAKE_LATCH_MS;
}

static void hear_cu16(struct fw_fake_line *line, struct fw_fake_board *board, const uint8_t *bytes)
{
    if (bytes[2] == 0x31) {
        pulse(line, board, bytes[1] & 0x0F);
        return;
    }
    board->statuses++;
    uint16_t hook = hooks(board, 0xFFFF);
    uint8_t frame[9] = { 0x02,
                         (uint8_t)(board->address << 4),
                         0x35,
                         (uint8_t)hook,
                         (uint8_t)(hook >> 8),
                         (uint8_t)board->presence_bits,
                         (uint8_t)(board->presence_bits >> 8),
                         0x03,
                         0 };
    frame[8] = sum_of(frame, 8);
    reply(line, board, frame, sizeof(frame));
}

static void hear_cu12(struct fw_fake_line *line, struct fw_fake_board *board, const uint8_t *bytes)
{
    bool is_unlock = bytes[3] == 0x81;
    uint8_t refusal = is_unlock ? board->refusal : board->status_refusal;
    bool has_data = !is_unlock && refusal == 0;
    uint16_t hook = hooks(board, 0x0FFF);
    uint8_t frame[10] = { 0x02,
                          board->address,
                          bytes[2],
                          bytes[3],
                          refusal != 0 ? refusal : 0x10,
                          has_data ? 2 : 0,
                          0x03,
                          0,
                          0,
                          0 };
    if (is_unlock && refusal == 0)
        pulse(line, board, bytes[2]);
    if (has_data) {
        board->statuses++;
        frame[8] = (uint8_t)hook;
        frame[9] = (uint8_t)(hook >> 8);
    }
    frame[7] = (uint8_t)(sum_of(frame, 7) + sum_of(frame + 8, 2));
    reply(line, board, frame, has_data ? 10 : 8);
}

static void hear(struct fw_fake_line *line, const uint8_t *bytes, size_t size)
{
    for (int i = 0; i < line->board_count; i++) {
        struct fw_fake_board *board = &line->boards[i];
        if (board->is_mute)
            continue;
        if (board->is_cu12 && size == 8 && bytes[1] == board->address)
            hear_cu12(line, board, bytes);
        if (!board->is_cu12 && size == 5 && bytes[1] >> 4 == board->address)
            hear_cu16(line, board, bytes);
    }
}

static int fake_read(void *self, void *ret_bytes, size_t size_max)
{
    struct fw_fake_line *line = self;
    if (line->is_gone)
        return FW_E_IO;
    size_t count = 0;
    size_t most = line->chunk > 0 && (size_t)line->chunk < size_max ? (size_t)line->chunk
                                                                    : size_max;
    while (count < most && count < line->size && line->bytes_due_ms[count] <= line->now_ms)
        count++;
    memcpy(ret_bytes, line->bytes, count);
    line->size -= count;
    memmove(line->bytes, line->bytes + count, line->size);
    memmove(line->bytes_due_ms, line->bytes_due_ms + count, line->size * sizeof(int64_t));
    return (int)count;
}

static int fake_write(void *self, const void *bytes, size_t size)
{
    struct fw_fake_line *line = self;
    if (line->is_gone)
        return FW_E_IO;
    line->writes++;
    if (line->is_stuck)
        return FW_OK;
    if (line->is_stalled) {
        if (line->parked_size + size > FW_FAKE_LINE_BYTES_MAX)
            return FW_E_IO;
        memcpy(line->parked + line->parked_size, bytes, size);
        line->parked_size += size;
        return FW_OK;
    }
    if (line->has_echo)
        fw_fake_line_inject(line, bytes, size, line->now_ms);
    hear(line, bytes, size);
    return FW_OK;
}

/* What has arrived goes, and what has not left; what a slow board will still say comes later. */
static int fake_flush(void *self)
{
    uint8_t bytes[FW_FAKE_LINE_BYTES_MAX];
    struct fw_fake_line *line = self;
    int chunk = line->chunk;
    line->chunk = 0;
    line->parked_size = 0;
    int count = fake_read(self, bytes, sizeof(bytes));
    line->chunk = chunk;
    return count < 0 ? FW_E_IO : FW_OK;
}

static int fake_reopen(void *self)
{
    struct fw_fake_line *line = self;
    line->reopens++;
    line->is_stuck = false;
    return line->is_gone ? FW_E_IO : FW_OK;
}

void fw_fake_line_init(struct fw_fake_line *line)
{
    *line = (struct fw_fake_line){ .uart = { .read = fake_read,
                                             .write = fake_write,
                                             .flush = fake_flush,
                                             .reopen = fake_reopen } };
    line->uart.self = line;
}

struct fw_fake_board *fw_fake_line_add_board(struct fw_fake_line *line, bool is_cu12,
                                             uint8_t address)
{
    struct fw_fake_board *board = &line->boards[line->board_count++];
    *board = (struct fw_fake_board){ .is_cu12 = is_cu12, .address = address };
    for (int lock = 0; lock < 16; lock++)
        board->opens_ms[lock] = INT64_MAX;
    return board;
}

void fw_fake_line_advance(struct fw_fake_line *line, int64_t now_ms)
{
    line->now_ms = now_ms;
    for (int i = 0; i < line->board_count; i++) {
        for (int lock = 0; lock < 16; lock++) {
            if (line->boards[i].opens_ms[lock] <= now_ms)
                fw_fake_board_open(&line->boards[i], lock);
        }
    }
}

/* Requests have 5 bytes (CU16) or 8 (CU12); on one stalled line there is one kind of board. */
void fw_fake_line_unstall(struct fw_fake_line *line)
{
    size_t size = line->boards[0].is_cu12 ? 8 : 5;
    line->is_stalled = false;
    for (size_t at = 0; at + size <= line->parked_size; at += size)
        hear(line, line->parked + at, size);
    line->parked_size = 0;
}

void fw_fake_board_close(struct fw_fake_board *board, int lock)
{
    board->open_bits &= (uint16_t) ~(1u << lock);
}

void fw_fake_board_open(struct fw_fake_board *board, int lock)
{
    board->open_bits |= (uint16_t)(1u << lock);
    board->opens_ms[lock] = INT64_MAX;
}
