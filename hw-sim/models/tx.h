/* What a device is about to send: frames with a time each, and with gaps between their bytes if
 * wanted. A queue: a late frame holds up the ones behind it, as one microcontroller would.
 * All storage inside; pure but for that; one thread. */
#ifndef SIM_MODELS_TX_H
#define SIM_MODELS_TX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIM_TX_FRAMES_MAX 32
#define SIM_TX_FRAME_BYTES 512

struct sim_tx_frame {
    int64_t due_ms; /* of the next byte */
    int64_t gap_ms; /* between two bytes; 0: all at once */
    size_t size;
    size_t sent;
    uint8_t bytes[SIM_TX_FRAME_BYTES];
};

struct sim_tx {
    size_t first;
    size_t count;
    struct sim_tx_frame frames[SIM_TX_FRAMES_MAX];
};

/* Nothing waits to be sent. */
void sim_tx_init(struct sim_tx *tx);

/* False, and nothing is queued: no room for the frame, or it is longer than SIM_TX_FRAME_BYTES. */
bool sim_tx_push(struct sim_tx *tx, const uint8_t *bytes, size_t size, int64_t due_ms,
                 int64_t gap_ms);

/* When the next byte is due; SIM_NEVER: the queue is empty. */
int64_t sim_tx_next_due_ms(const struct sim_tx *tx);

/* Takes what is due of the first frame: at most size_max bytes; *ret_ended: that was its last byte.
 * 0: nothing is due. Call until 0. */
size_t sim_tx_take(struct sim_tx *tx, int64_t now_ms, uint8_t *ret_bytes, size_t size_max,
                   bool *ret_ended);

/* The frame whose last byte sim_tx_take() gave last; good until the next push. */
const struct sim_tx_frame *sim_tx_ended(const struct sim_tx *tx);

#endif
