/* KR-CU16 on the wire: see cu16.h. No state; any thread. */
#include "models/cu16.h"

#define REQUEST_BYTES 5
#define STATUS_BYTES 9
#define COMMAND_STATUS 0x30
#define COMMAND_UNLOCK 0x31
#define ANSWER_STATUS 0x35
#define ADDRESS_MAX 9 /* the switches on a board; F means all boards */
#define NO_LOCK_IS_ALL 0xFF

static enum sim_request_kind get_kind(uint8_t command)
{
    if (command == COMMAND_STATUS)
        return SIM_REQUEST_STATUS;
    return command == COMMAND_UNLOCK ? SIM_REQUEST_UNLOCK : SIM_REQUEST_OTHER;
}

static enum sim_parse parse(const uint8_t *bytes, size_t size, struct sim_request *ret_request)
{
    if (bytes[0] != SIM_STX || (size >= 4 && bytes[3] != SIM_ETX))
        return SIM_PARSE_NO;
    if (size < REQUEST_BYTES)
        return SIM_PARSE_MORE;
    *ret_request = (struct sim_request){
        .kind = get_kind(bytes[2]),
        .size = REQUEST_BYTES,
        .address = bytes[1] >> 4,
        .lock = bytes[1] & 0x0F,
        .command = bytes[2],
    };
    return bytes[4] == sim_sum(bytes, 4) ? SIM_PARSE_FRAME : SIM_PARSE_BAD_SUM;
}

/* The protocol has no negative answer: a request that failed gets none. */
static size_t answer(const struct sim_board *board, const struct sim_request *request,
                     enum sim_outcome outcome, uint8_t ret_bytes[SIM_BOARD_FRAME_BYTES])
{
    bool is_told = request->kind == SIM_REQUEST_STATUS ||
                   (request->kind == SIM_REQUEST_UNLOCK && board->options.answers_unlock);
    if (outcome != SIM_OUTCOME_OK || !is_told)
        return 0;
    uint16_t hooks = sim_board_hook_bits(board);
    uint16_t seen = sim_board_presence_bits(board);
    ret_bytes[0] = SIM_STX;
    ret_bytes[1] = (uint8_t)(request->address << 4);
    ret_bytes[2] = ANSWER_STATUS;
    ret_bytes[3] = (uint8_t)(hooks & 0xFF);
    ret_bytes[4] = (uint8_t)(hooks >> 8);
    ret_bytes[5] = (uint8_t)(seen & 0xFF);
    ret_bytes[6] = (uint8_t)(seen >> 8);
    ret_bytes[7] = SIM_ETX;
    ret_bytes[8] = sim_sum(ret_bytes, STATUS_BYTES - 1);
    return STATUS_BYTES;
}

const struct sim_dialect sim_dialect_cu16 = { 16, ADDRESS_MAX, NO_LOCK_IS_ALL, parse, answer };
