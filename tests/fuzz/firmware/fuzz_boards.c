/* Any bytes from the lock boards, with unlocks between them. Twice: straight into both decoders,
 * and as a script for a bank with a CU16 and a CU12 on one line. Whatever a line says, a lock is
 * pulsed only for an unlock that was asked for and is not old, at most FW_PULSES_MAX times, and
 * each unlock ends exactly once.
 *
 * A script is a row of operations, one byte each: low two bits 0: 4 ms for each of the upper six
 * pass; 1: unlock; 2: so many raw bytes follow; 3: a true status whose bits follow (bit 2: CU12).
 */
#include "../fuzz_json.h"

#include <stdlib.h>
#include <string.h>

#include "core/bank.h"
#include "drivers/cu12.h"
#include "drivers/cu16.h"
#include "port/check.h"

#define LINE_BYTES_MAX 256
#define MS_PER_STEP 4
#define END_MS (3 * FW_DOOR_JAM_MS)

struct line {
    uint8_t bytes[LINE_BYTES_MAX];
    size_t size;
    int64_t now_ms;
    int64_t asked_ms[FW_BANK_COMPARTMENTS_MAX]; /* when its unlock was accepted */
    int pulses[FW_BANK_COMPARTMENTS_MAX];       /* since */
    bool is_waiting[FW_BANK_COMPARTMENTS_MAX];  /* for its effect */
};

static int line_read(void *self, void *ret_bytes, size_t size_max)
{
    struct line *line = self;
    size_t count = line->size < size_max ? line->size : size_max;
    memcpy(ret_bytes, line->bytes, count);
    line->size -= count;
    memmove(line->bytes, line->bytes + count, line->size);
    return (int)count;
}

/* Compartments 1 to 8 are on the CU16, 9 to 16 on the CU12. */
static int line_write(void *self, const void *bytes, size_t size)
{
    struct line *line = self;
    const uint8_t *frame = bytes;
    bool is_cu12 = size == 8;
    FW_CHECK(is_cu12 || size == 5);
    if (frame[is_cu12 ? 3 : 2] == (is_cu12 ? 0x80 : 0x30))
        return FW_OK;
    FW_CHECK(frame[is_cu12 ? 3 : 2] == (is_cu12 ? 0x81 : 0x31));
    size_t index = is_cu12 ? 8u + frame[2] : (size_t)(frame[1] & 0x0F);
    FW_CHECK(index < FW_BANK_COMPARTMENTS_MAX && line->is_waiting[index]);
    FW_CHECK(line->now_ms - line->asked_ms[index] < 2 * FW_DOOR_JAM_MS);
    FW_CHECK(++line->pulses[index] <= FW_PULSES_MAX);
    return FW_OK;
}

static int line_flush(void *self)
{
    (void)self; /* Keeps everything: the worst line, where stale bytes get through. */
    return FW_OK;
}

static void on_event(void *user, const struct fw_bank_event *event)
{
    struct line *line = user;
    if (event->kind != FW_BANK_EFFECT)
        return;
    FW_CHECK(line->is_waiting[event->compartment - 1]);
    line->is_waiting[event->compartment - 1] = false;
    FW_CHECK((event->effect == FW_UNLOCK_OPENED) ==
             (event->door == FW_DOOR_OPEN && line->pulses[event->compartment - 1] > 0));
}

static void put(struct line *line, const uint8_t *bytes, size_t size)
{
    if (size > LINE_BYTES_MAX - line->size)
        size = LINE_BYTES_MAX - line->size;
    memcpy(line->bytes + line->size, bytes, size);
    line->size += size;
}

static void put_status(struct line *line, bool is_cu12, uint8_t hook)
{
    uint8_t cu16[] = { 0x02, 0x00, 0x35, hook, 0xFF, hook, 0x00, 0x03, 0 };
    uint8_t cu12[] = { 0x02, 0x01, 0x00, 0x80, 0x10, 0x02, 0x03, 0, hook, 0x0F };
    cu16[8] = (uint8_t)(0x02 + 0x35 + hook + 0xFF + hook + 0x03);
    cu12[7] = (uint8_t)(0x02 + 0x01 + 0x80 + 0x10 + 0x02 + 0x03 + hook + 0x0F);
    put(line, is_cu12 ? cu12 : cu16, is_cu12 ? sizeof(cu12) : sizeof(cu16));
}

/* From one need of the bank to the next. */
static void step(struct fw_bank *bank, struct line *line, int64_t duration_ms)
{
    int64_t end_ms = line->now_ms + duration_ms;
    while (line->now_ms < end_ms) {
        int64_t due_ms = fw_bank_step(bank, line->now_ms);
        FW_CHECK(due_ms >= line->now_ms);
        if (due_ms < line->now_ms + MS_PER_STEP)
            due_ms = line->now_ms + MS_PER_STEP;
        line->now_ms = due_ms < end_ms ? due_ms : end_ms;
    }
    FW_CHECK(fw_bank_step(bank, line->now_ms) >= line->now_ms);
}

static void unlock(struct fw_bank *bank, struct line *line, uint8_t compartment)
{
    uint8_t index = (uint8_t)(compartment - 1);
    if (fw_bank_unlock(bank, compartment, line->now_ms) != FW_OK) {
        FW_CHECK(compartment == 0 || compartment > FW_BANK_COMPARTMENTS_MAX ||
                 line->is_waiting[index]);
        return;
    }
    FW_CHECK(!line->is_waiting[index]);
    line->is_waiting[index] = true;
    line->asked_ms[index] = line->now_ms;
    line->pulses[index] = 0;
}

static void run_script(const uint8_t *data, size_t size)
{
    struct line line = { .now_ms = 0 };
    const struct fw_uart uart = { .read = line_read,
                                  .write = line_write,
                                  .flush = line_flush,
                                  .reopen = line_flush,
                                  .self = &line };
    struct fw_bank_config config = {
        .boards = { { .driver = &fw_cu16, .uart = &uart }, { &fw_cu12, &uart, 1, false, false } },
        .board_count = 2,
        .compartment_count = FW_BANK_COMPARTMENTS_MAX,
        .timers = fw_door_timers_default,
    };
    for (uint8_t i = 0; i < FW_BANK_COMPARTMENTS_MAX; i++)
        config.locks[i] = (struct fw_bank_lock){ (uint8_t)(i / 8), (uint8_t)(i % 8) };
    struct fw_bank bank;
    FW_CHECK(fw_bank_init(&bank, &config, on_event, &line) == FW_OK);

    for (size_t i = 0; i < size;) {
        uint8_t operation = data[i++];
        uint8_t count = operation >> 2;
        size_t left = size - i;
        switch (operation & 3) {
        case 0:
            step(&bank, &line, (int64_t)count * MS_PER_STEP);
            break;
        case 1:
            unlock(&bank, &line, count);
            break;
        case 2:
            put(&line, data + i, count < left ? count : left);
            i += count < left ? count : left;
            break;
        case 3:
            if (left > 0)
                put_status(&line, count & 1, data[i++]);
            break;
        }
    }
    step(&bank, &line, END_MS);
    for (int i = 0; i < FW_BANK_COMPARTMENTS_MAX; i++)
        FW_CHECK(!line.is_waiting[i]);
}

/* Every decoder makes progress, and finds only whole frames with a right sum. */
static void run_decoder(const struct fw_board_driver *driver, const uint8_t *data, size_t size)
{
    for (size_t start = 0; start < size;) {
        struct fw_board_frame frame;
        bool is_found = false;
        size_t count = driver->decode(data + start, size - start, &frame, &is_found);
        FW_CHECK(count <= size - start);
        if (count == 0) {
            FW_CHECK(!is_found && size - start < FW_BOARD_REPLY_BYTES_MAX);
            return;
        }
        if (is_found) {
            unsigned int sum = 0;
            size_t sum_at = driver == &fw_cu12 ? 7 : 8;
            for (size_t i = 0; i < count; i++)
                sum += i == sum_at ? 0 : data[start + i];
            FW_CHECK(data[start] == 0x02 && data[start + sum_at] == (uint8_t)sum);
            FW_CHECK(frame.address <= driver->address_max);
        }
        start += count;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size_bytes)
{
    run_decoder(&fw_cu16, data, size_bytes);
    run_decoder(&fw_cu12, data, size_bytes);
    run_script(data, size_bytes);
    return 0;
}
