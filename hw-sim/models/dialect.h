/* What one kind of lock board adds to sim_board: how requests are cut out of bytes, and how answers
 * are written. No state; any thread. */
#ifndef SIM_MODELS_DIALECT_H
#define SIM_MODELS_DIALECT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/board.h"

#define SIM_STX 0x02
#define SIM_ETX 0x03

enum sim_parse {
    SIM_PARSE_MORE = 0,    /* may become a frame: wait for bytes */
    SIM_PARSE_NO = 1,      /* no frame begins here: skip a byte */
    SIM_PARSE_BAD_SUM = 2, /* a frame but for its sum; size is set */
    SIM_PARSE_FRAME = 3,
};

struct sim_request {
    enum sim_request_kind kind;
    size_t size;     /* bytes of the frame */
    uint8_t address; /* of the board */
    uint8_t lock;    /* from 0, as on the wire */
    uint8_t command;
};

enum sim_outcome {
    SIM_OUTCOME_OK = 0,
    SIM_OUTCOME_FAILED = 1,  /* no such lock, or told to refuse */
    SIM_OUTCOME_UNKNOWN = 2, /* no such command */
    SIM_OUTCOME_BAD_SUM = 3,
};

struct sim_dialect {
    uint32_t lock_count;
    uint8_t address_max;
    uint8_t all_locks; /* lock number that means all; 0xFF: there is none */
    enum sim_parse (*parse)(const uint8_t *bytes, size_t size, struct sim_request *ret_request);
    /* Writes the answer and returns its size; 0: the board does not answer. */
    size_t (*answer)(const struct sim_board *board, const struct sim_request *request,
                     enum sim_outcome outcome, uint8_t ret_bytes[SIM_BOARD_FRAME_BYTES]);
};

/* What the switches say, as on the wire: polarity included. */
uint16_t sim_board_hook_bits(const struct sim_board *board);

/* What the sensors say, likewise. */
uint16_t sim_board_presence_bits(const struct sim_board *board);

/* The low byte of the sum. */
uint8_t sim_sum(const uint8_t *bytes, size_t size);

#endif
