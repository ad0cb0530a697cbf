/* KR-CU12 on the wire: see cu12.h. No state; any thread. */
#include "models/cu12.h"

#include <string.h>

#define HEAD_BYTES 8
#define DATA_BYTES_MAX (SIM_BOARD_FRAME_BYTES - HEAD_BYTES)
#define STATUS_DATA_BYTES 2
#define COMMAND_STATUS 0x80
#define COMMAND_UNLOCK 0x81
#define ASK_REQUEST 0x00
#define ASK_OK 0x10
#define ASK_FAILED 0x11
#define ASK_UNKNOWN 0x13
#define ASK_BAD_SUM 0x14
#define ADDRESS_MAX 15
#define LOCK_ALL 0x0C

enum { AT_STX, AT_ADDRESS, AT_LOCK, AT_COMMAND, AT_ASK, AT_LENGTH, AT_ETX, AT_SUM, AT_DATA };

static enum sim_request_kind get_kind(uint8_t command)
{
    if (command == COMMAND_STATUS)
        return SIM_REQUEST_STATUS;
    return command == COMMAND_UNLOCK ? SIM_REQUEST_UNLOCK : SIM_REQUEST_OTHER;
}

/* The sum runs over everything but itself. */
static uint8_t get_sum(const uint8_t *frame, size_t data_size)
{
    return (uint8_t)(sim_sum(frame, AT_SUM) + sim_sum(frame + AT_DATA, data_size));
}

static enum sim_parse parse(const uint8_t *bytes, size_t size, struct sim_request *ret_request)
{
    if (bytes[AT_STX] != SIM_STX || (size > AT_ASK && bytes[AT_ASK] != ASK_REQUEST) ||
        (size > AT_LENGTH && bytes[AT_LENGTH] > DATA_BYTES_MAX) ||
        (size > AT_ETX && bytes[AT_ETX] != SIM_ETX))
        return SIM_PARSE_NO;
    if (size < HEAD_BYTES || size < HEAD_BYTES + (size_t)bytes[AT_LENGTH])
        return SIM_PARSE_MORE;
    *ret_request = (struct sim_request){
        .kind = get_kind(bytes[AT_COMMAND]),
        .size = HEAD_BYTES + (size_t)bytes[AT_LENGTH],
        .address = bytes[AT_ADDRESS],
        .lock = bytes[AT_LOCK],
        .command = bytes[AT_COMMAND],
    };
    bool is_sum_right = bytes[AT_SUM] == get_sum(bytes, bytes[AT_LENGTH]);
    return is_sum_right ? SIM_PARSE_FRAME : SIM_PARSE_BAD_SUM;
}

static uint8_t get_ask(enum sim_outcome outcome)
{
    static const uint8_t asks[] = { [SIM_OUTCOME_OK] = ASK_OK,
                                    [SIM_OUTCOME_FAILED] = ASK_FAILED,
                                    [SIM_OUTCOME_UNKNOWN] = ASK_UNKNOWN,
                                    [SIM_OUTCOME_BAD_SUM] = ASK_BAD_SUM };
    return asks[outcome];
}

static size_t answer(const struct sim_board *board, const struct sim_request *request,
                     enum sim_outcome outcome, uint8_t ret_bytes[SIM_BOARD_FRAME_BYTES])
{
    bool has_data = outcome == SIM_OUTCOME_OK && request->kind == SIM_REQUEST_STATUS;
    size_t data_size = has_data ? STATUS_DATA_BYTES : 0;
    uint16_t hooks = sim_board_hook_bits(board);
    memset(ret_bytes, 0, HEAD_BYTES + STATUS_DATA_BYTES);
    ret_bytes[AT_STX] = SIM_STX;
    ret_bytes[AT_ADDRESS] = request->address;
    ret_bytes[AT_LOCK] = request->lock;
    ret_bytes[AT_COMMAND] = request->command;
    ret_bytes[AT_ASK] = get_ask(outcome);
    ret_bytes[AT_LENGTH] = (uint8_t)data_size;
    ret_bytes[AT_ETX] = SIM_ETX;
    if (has_data) {
        ret_bytes[AT_DATA] = (uint8_t)(hooks & 0xFF);
        ret_bytes[AT_DATA + 1] = (uint8_t)(hooks >> 8);
    }
    ret_bytes[AT_SUM] = get_sum(ret_bytes, data_size);
    return HEAD_BYTES + data_size;
}

const struct sim_dialect sim_dialect_cu12 = { 12, ADDRESS_MAX, LOCK_ALL, parse, answer };
