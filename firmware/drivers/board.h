/* A lock board as the firmware sees it: the requests that it takes, and the meaning of its replies.
 * A driver is a codec without state: it touches no line and never waits. drivers/branch carries the
 * bytes, core/bank decides what to ask. A further kind of board is a further constant of struct
 * fw_board_driver. */
#ifndef FW_DRIVERS_BOARD_H
#define FW_DRIVERS_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FW_BOARD_LOCKS_MAX 16        /* locks of one board: its bits fit 16 */
#define FW_BOARD_REQUEST_BYTES_MAX 8 /* the longest request of any driver */
#define FW_BOARD_REPLY_BYTES_MAX 24  /* the longest reply of any driver */

enum fw_board_reply {
    FW_BOARD_STATUS = 0,  /* hook_bits and presence_bits are what the board sensed */
    FW_BOARD_TAKEN = 1,   /* the board took an unlock, which does not mean that a door opened */
    FW_BOARD_REFUSED = 2, /* the board could not do what was asked; says nothing of the doors */
};

/* One whole reply with a right sum. Lock 0 is the board's "lock 1", bit 0. */
struct fw_board_frame {
    enum fw_board_reply reply;
    uint8_t address;        /* of the board that answered */
    uint8_t lock;           /* of FW_BOARD_TAKEN, and of a refused unlock; otherwise 0 */
    bool is_unlock;         /* FW_BOARD_REFUSED: of an unlock; otherwise of a status request */
    uint16_t hook_bits;     /* FW_BOARD_STATUS: 1 = locked, as sent: no polarity is applied */
    uint16_t presence_bits; /* FW_BOARD_STATUS: 1 = object seen; 0 without has_presence */
};

/**
 * struct fw_board_driver - One kind of lock board; all its functions are pure.
 *
 * @encode_status: writes the request for all bits of the board; returns its size in bytes.
 * @encode_unlock: writes the request for one pulse of one lock (0 is the first); returns its size.
 *                 There is no request that unlocks more than one.
 * @decode:        looks for one reply at the start of the received bytes. Returns how many bytes
 *                 the caller must drop: those of the reply when *ret_is_found, otherwise the
 *                 noise before a reply. 0 and not found: more bytes are needed. Any bytes are
 *                 fine: echoes of requests, halves of replies and noise are passed over.
 *
 * Shapes:  `bytes` holds `size` received bytes; *ret_frame is written only when found.
 * Errors:  none; address and lock in range are the caller's duty (FW_CHECK).
 * Thread:  any.
 * Source:  schemas/rules/devices.md 6; the frames are in cu16.c and cu12.c.
 */
struct fw_board_driver {
    const char *name; /* as in --board: "cu16" */
    uint8_t lock_count;
    uint8_t address_max;  /* addresses are 0 to this */
    bool has_presence;    /* senses objects in the compartments */
    bool confirms_unlock; /* answers an unlock with FW_BOARD_TAKEN or FW_BOARD_REFUSED */
    size_t (*encode_status)(uint8_t address, uint8_t ret_bytes[FW_BOARD_REQUEST_BYTES_MAX]);
    size_t (*encode_unlock)(uint8_t address, uint8_t lock,
                            uint8_t ret_bytes[FW_BOARD_REQUEST_BYTES_MAX]);
    size_t (*decode)(const uint8_t *bytes, size_t size, struct fw_board_frame *ret_frame,
                     bool *ret_is_found);
};

#endif
