/* KR-CU12: 12 locks, hook bits only.
 *
 *   02 ADDR LOCK CMD ASK LEN 03 SUM DATA...      CMD 80 status, 81 unlock
 *
 * DATA follows SUM, which covers it too. ASK: 00 request; 10 ok, 11 failed, 12 timeout, 13 unknown
 * command, 14 bad sum. A status reply has two bytes of hook bits (1 = locked, bit 0 is lock 1).
 * LOCK 0C, all of them, is never sent. */
#include "drivers/cu12.h"

#include "drivers/frame.h"
#include "port/check.h"

#define STX 0x02
#define ETX 0x03
#define CMD_STATUS 0x80
#define CMD_UNLOCK 0x81
#define ASK_REQUEST 0x00
#define ASK_OK 0x10
#define ASK_REFUSED_FIRST 0x11
#define ASK_REFUSED_LAST 0x14
#define HEAD_SIZE 8
#define STATUS_DATA_SIZE 2
#define DATA_SIZE_MAX (FW_BOARD_REPLY_BYTES_MAX - HEAD_SIZE)
#define LOCK_COUNT 12
#define ADDRESS_MAX 16

static size_t encode(uint8_t address, uint8_t lock, uint8_t command,
                     uint8_t ret_bytes[FW_BOARD_REQUEST_BYTES_MAX])
{
    FW_CHECK(address <= ADDRESS_MAX && lock < LOCK_COUNT);
    ret_bytes[0] = STX;
    ret_bytes[1] = address;
    ret_bytes[2] = lock;
    ret_bytes[3] = command;
    ret_bytes[4] = ASK_REQUEST;
    ret_bytes[5] = 0;
    ret_bytes[6] = ETX;
    ret_bytes[7] = fw_frame_sum(ret_bytes, 7);
    return HEAD_SIZE;
}

static size_t encode_status(uint8_t address, uint8_t ret_bytes[FW_BOARD_REQUEST_BYTES_MAX])
{
    return encode(address, 0, CMD_STATUS, ret_bytes);
}

static size_t encode_unlock(uint8_t address, uint8_t lock,
                            uint8_t ret_bytes[FW_BOARD_REQUEST_BYTES_MAX])
{
    return encode(address, lock, CMD_UNLOCK, ret_bytes);
}

static bool is_reply(uint8_t ask)
{
    return ask == ASK_OK || (ask >= ASK_REFUSED_FIRST && ask <= ASK_REFUSED_LAST);
}

/* May these bytes be the beginning of a reply's head, or all of it? */
static bool may_be_head(const uint8_t *bytes, size_t size)
{
    return bytes[0] == STX && (size <= 1 || bytes[1] <= ADDRESS_MAX) &&
           (size <= 2 || bytes[2] <= LOCK_COUNT) &&
           (size <= 3 || bytes[3] == CMD_STATUS || bytes[3] == CMD_UNLOCK) &&
           (size <= 4 || is_reply(bytes[4])) && (size <= 5 || bytes[5] <= DATA_SIZE_MAX) &&
           (size <= 6 || bytes[6] == ETX);
}

/* May these bytes be the beginning of a reply, or a whole one with a right sum? */
static bool may_be_reply(const uint8_t *bytes, size_t size)
{
    if (!may_be_head(bytes, size))
        return false;
    if (size < HEAD_SIZE || size < HEAD_SIZE + (size_t)bytes[5])
        return true;
    bool has_status = bytes[3] == CMD_STATUS && bytes[4] == ASK_OK;
    uint8_t sum = (uint8_t)(fw_frame_sum(bytes, 7) + fw_frame_sum(bytes + HEAD_SIZE, bytes[5]));
    return bytes[7] == sum && (!has_status || bytes[5] == STATUS_DATA_SIZE);
}

static struct fw_board_frame read_frame(const uint8_t *bytes)
{
    bool is_unlock = bytes[3] == CMD_UNLOCK;
    struct fw_board_frame frame = {
        .reply = FW_BOARD_REFUSED,
        .address = bytes[1],
        .lock = is_unlock ? bytes[2] : 0,
        .is_unlock = is_unlock,
    };
    if (bytes[4] != ASK_OK)
        return frame;
    frame.reply = is_unlock ? FW_BOARD_TAKEN : FW_BOARD_STATUS;
    if (!is_unlock)
        frame.hook_bits = fw_frame_bits(bytes + HEAD_SIZE);
    return frame;
}

static size_t decode(const uint8_t *bytes, size_t size, struct fw_board_frame *ret_frame,
                     bool *ret_is_found)
{
    *ret_is_found = false;
    size_t skip = 0;
    while (skip < size && !may_be_reply(bytes + skip, size - skip))
        skip++;
    if (skip > 0 || size < HEAD_SIZE || size < HEAD_SIZE + (size_t)bytes[5])
        return skip;
    *ret_frame = read_frame(bytes);
    *ret_is_found = true;
    return HEAD_SIZE + (size_t)bytes[5];
}

const struct fw_board_driver fw_cu12 = {
    .name = "cu12",
    .lock_count = LOCK_COUNT,
    .address_max = ADDRESS_MAX,
    .has_presence = false,
    .confirms_unlock = true,
    .encode_status = encode_status,
    .encode_unlock = encode_unlock,
    .decode = decode,
};
