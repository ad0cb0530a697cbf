/* One serial line with lock boards on it (an RS-485 branch): carries one request at a time, and
 * waits for its reply. Knows nothing of doors. Late, garbled and missing replies, and a line that
 * is gone, all end as FW_BRANCH_NO_REPLY; the bank decides when to ask again. Never blocks; the
 * caller steps it on the firmware's loop. */
#ifndef FW_DRIVERS_BRANCH_H
#define FW_DRIVERS_BRANCH_H

#include "drivers/board.h"
#include "port/port.h"

#define FW_BRANCH_RECEIVED_BYTES_MAX 64 /* more than two replies and an echo */
#define FW_BRANCH_READS_MAX 16          /* uart reads in one step */
#define FW_BRANCH_LEAVE_MS 20           /* 8 bytes take 9 ms at 9600 baud */

enum fw_branch_result {
    FW_BRANCH_IDLE = 0,     /* no request is under way */
    FW_BRANCH_WAITING = 1,  /* for the reply, until fw_branch_due_ms() */
    FW_BRANCH_REPLY = 2,    /* *ret_frame holds the reply; the branch is idle again */
    FW_BRANCH_NO_REPLY = 3, /* time is up or the line failed; the branch is idle again */
};

struct fw_branch_request {
    const struct fw_board_driver *driver;
    uint8_t address;
    bool is_unlock;      /* otherwise a status request */
    uint8_t lock;        /* of the unlock */
    int32_t patience_ms; /* until the reply counts as missing; more than 0 */
};

struct fw_branch {
    const struct fw_uart *uart;
    struct fw_branch_request request;
    int64_t due_ms;
    bool is_busy;
    bool is_broken; /* the line is opened again before the next request */
    uint8_t received[FW_BRANCH_RECEIVED_BYTES_MAX];
    size_t received_size;
    uint32_t dropped_bytes; /* noise, echoes, replies of other boards; wraps */
};

/**
 * fw_branch_init() - An idle branch on a line.
 *
 * @uart: open, or not plugged in yet; borrowed for the branch's life.
 */
void fw_branch_init(struct fw_branch *branch, const struct fw_uart *uart);

/**
 * fw_branch_begin() - Flush the line, and send one request. The branch must be idle (FW_CHECK).
 *
 * The flush drops received bytes and those that have not left yet.
 *
 * @request: copied.
 * @now_ms:  monotonic.
 *
 * Errors:  FW_E_IO: the line is gone, or could not be opened again; no request is under way.
 */
int fw_branch_begin(struct fw_branch *branch, const struct fw_branch_request *request,
                    int64_t now_ms);

/**
 * fw_branch_step() - Read the received bytes, and see whether the request has ended.
 *
 * A status request ends with the first FW_BOARD_STATUS or refusal of its board, an unlock with the
 * first answer for its lock. Replies of other boards, for other locks or of other kinds are
 * dropped. An unlock to a board that does not confirm ends with FW_BRANCH_REPLY and FW_BOARD_TAKEN
 * as soon as its bytes have had the time to leave. A request without a reply in time is flushed, so
 * that no unlock leaves after its caller was told that nothing opened. While the branch is idle,
 * received bytes are dropped.
 *
 * @ret_frame: written with FW_BRANCH_REPLY only.
 */
enum fw_branch_result fw_branch_step(struct fw_branch *branch, int64_t now_ms,
                                     struct fw_board_frame *ret_frame);

/** fw_branch_due_ms() - When the request ends at the latest, monotonic; INT64_MAX while idle. */
int64_t fw_branch_due_ms(const struct fw_branch *branch);

/** fw_branch_mark_broken() - Open the line again before the next request. */
void fw_branch_mark_broken(struct fw_branch *branch);

#endif
