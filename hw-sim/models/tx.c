/* The queue of frames to be sent. Pure; one thread. */
#include "models/tx.h"

#include <string.h>

#include "kit/base/check.h"
#include "models/model.h"

void sim_tx_init(struct sim_tx *tx)
{
    tx->first = 0;
    tx->count = 0;
}

bool sim_tx_push(struct sim_tx *tx, const uint8_t *bytes, size_t size, int64_t due_ms,
                 int64_t gap_ms)
{
    PRE(size > 0 && gap_ms >= 0);
    if (tx->count == SIM_TX_FRAMES_MAX || size > SIM_TX_FRAME_BYTES)
        return false;
    struct sim_tx_frame *frame = &tx->frames[(tx->first + tx->count) % SIM_TX_FRAMES_MAX];
    frame->due_ms = due_ms;
    frame->gap_ms = gap_ms;
    frame->size = size;
    frame->sent = 0;
    memcpy(frame->bytes, bytes, size);
    tx->count++;
    return true;
}

int64_t sim_tx_next_due_ms(const struct sim_tx *tx)
{
    return tx->count == 0 ? SIM_NEVER : tx->frames[tx->first].due_ms;
}

size_t sim_tx_take(struct sim_tx *tx, int64_t now_ms, uint8_t *ret_bytes, size_t size_max,
                   bool *ret_ended)
{
    PRE(size_max > 0);
    *ret_ended = false;
    if (tx->count == 0 || now_ms < tx->frames[tx->first].due_ms)
        return 0;
    struct sim_tx_frame *frame = &tx->frames[tx->first];
    size_t size = frame->gap_ms > 0 ? 1 : frame->size - frame->sent;
    if (size > size_max)
        size = size_max;
    memcpy(ret_bytes, frame->bytes + frame->sent, size);
    frame->sent += size;
    frame->due_ms += frame->gap_ms;
    if (frame->sent == frame->size) {
        tx->first = (tx->first + 1) % SIM_TX_FRAMES_MAX;
        tx->count--;
        *ret_ended = true;
    }
    return size;
}

const struct sim_tx_frame *sim_tx_ended(const struct sim_tx *tx)
{
    return &tx->frames[(tx->first + SIM_TX_FRAMES_MAX - 1) % SIM_TX_FRAMES_MAX];
}
