/* A lock board as the firmware sees it: what can be asked of it and what its bytes mean. A driver
 * is a codec without state: it never touches a line, never waits and never keeps anything.
 * drivers/branch carries the bytes, core/bank decides what to ask. One more kind of board is one
 * more constant of struct fw_board_driver. */
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
    FW_BOARD_TAKEN = 1,   /* an unlock was taken. Never means that a door opened */
    FW_BOARD_REFUSED = 2, /* the board says that it could not, and nothing about the doors */
};

/* One whole reply whose sum is right. Lock 0 is the first: the board's "lock 1", bit 0. */
struct fw_board_frame {
    enum fw_board_reply reply;
    uint8_t address;        /* of the board that answered */
    uint8_t lock;           /* of FW_BOARD_TAKEN, and of a refused unlock; else 0 */
    bool is_unlock;         /* FW_BOARD_REFUSED: an unlock was refused, else a status request */
    uint16_t hook_bits;     /* FW_BOARD_STATUS: 1 = locked, as the board sent it (no polarity) */
    uint16_t presence_bits; /* FW_BOARD_STATUS: 1 = object seen; 0 without has_presence */
};

/**
 * struct fw_board_driver - One kind of lock board.
 *
 * @encode_status: writes the request for all bits of the board; returns its size in bytes.
 * @encode_unlock: writes the request for one pulse of one lock (0 is the first); returns its size.
 *                 There is no request that unlocks more than one.
 * @decode:        looks for one reply at the start of what was received. Returns how many bytes to
 *                 drop now: those of the frame when *ret_is_found, else noise before a frame. 0
 *                 and not found: more bytes are needed. Any bytes are fine: echoes of our own
 *                 requests, halves of frames and noise are passed over.
 *
 * Shapes:  `bytes` holds `size` received bytes; *ret_frame is written only when found.
 * Errors:  none; address and lock in range are the caller's duty (FW_CHECK).
 * Thread:  any; pure.
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
