/* KR-CU16: 16 locks, hook and infrared bits.
 *
 *   request  02 ADDR CMD 03 SUM           CMD 30 status, 31 unlock
 *   status   02 ADDR 35 H1-8 H9-16 I1-8 I9-16 03 SUM
 *
 * ADDR: board in the high nibble, lock in the low one. SUM: low byte of the sum of all bytes before
 * SUM. Hook 1 = locked, infrared 1 = object seen, bit 0 is lock 1. An unlock has no reply of its
 * own: the next status shows what it did. CMD 33, unlock all, is never sent. */
#include "drivers/cu16.h"

#include "drivers/frame.h"
#include "port/check.h"

#define STX 0x02
#define ETX 0x03
#define CMD_STATUS 0x30
#define CMD_UNLOCK 0x31
#define REPLY_STATUS 0x35
#define REQUEST_SIZE 5
#define STATUS_SIZE 9
#define LOCK_COUNT 16
#define ADDRESS_MAX 9

static size_t encode(uint8_t address, uint8_t lock, uint8_t command,
                     uint8_t ret_bytes[FW_BOARD_REQUEST_BYTES_MAX])
{
    FW_CHECK(address <= ADDRESS_MAX && lock < LOCK_COUNT);
    ret_bytes[0] = STX;
    ret_bytes[1] = (uint8_t)(address << 4 | lock);
    ret_bytes[2] = command;
    ret_bytes[3] = ETX;
    ret_bytes[4] = fw_frame_sum(ret_bytes, 4);
    return REQUEST_SIZE;
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

/* May these bytes be the beginning of a status reply, or a whole one with a right sum? */
static bool may_be_status(const uint8_t *bytes, size_t size)
{
    return bytes[0] == STX && (size <= 1 || bytes[1] >> 4 <= ADDRESS_MAX) &&
           (size <= 2 || bytes[2] == REPLY_STATUS) && (size <= 7 || bytes[7] == ETX) &&
           (size <= 8 || bytes[8] == fw_frame_sum(bytes, 8));
}

static size_t decode(const uint8_t *bytes, size_t size, struct fw_board_frame *ret_frame,
                     bool *ret_is_found)
{
    *ret_is_found = false;
    size_t skip = 0;
    while (skip < size && !may_be_status(bytes + skip, size - skip))
        skip++;
    if (skip > 0 || size < STATUS_SIZE)
        return skip;

    *ret_frame = (struct fw_board_frame){
        .reply = FW_BOARD_STATUS,
        .address = (uint8_t)(bytes[1] >> 4),
        .hook_bits = fw_frame_bits(bytes + 3),
        .presence_bits = fw_frame_bits(bytes + 5),
    };
    *ret_is_found = true;
    return STATUS_SIZE;
}

const struct fw_board_driver fw_cu16 = {
    .name = "cu16",
    .lock_count = LOCK_COUNT,
    .address_max = ADDRESS_MAX,
    .has_presence = true,
    .confirms_unlock = false,
    .encode_status = encode_status,
    .encode_unlock = encode_unlock,
    .decode = decode,
};
