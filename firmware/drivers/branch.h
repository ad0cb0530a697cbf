/* One serial line with the lock boards on it (an RS-485 branch): carries one request at a time and
 * waits for its reply. Knows nothing of doors. Late, garbled and missing replies, and a line that
 * has gone, all end as FW_BRANCH_NO_REPLY; when to ask again is the bank's decision.
 * Never blocks; the caller steps it. */
#ifndef FW_DRIVERS_BRANCH_H
#define FW_DRIVERS_BRANCH_H

#include "drivers/board.h"
#include "port/port.h"

#define FW_BRANCH_RECEIVED_BYTES_MAX 64 /* more than two replies and an echo */
#define FW_BRANCH_READS_MAX 16          /* uart reads in one step */
#define FW_BRANCH_LEAVE_MS 20           /* 8 bytes take 9 ms at 9600 baud */

enum fw_branch_result {
    FW_BRANCH_IDLE = 0,     /* nothing under way */
    FW_BRANCH_WAITING = 1,  /* until fw_branch_due_ms() */
    FW_BRANCH_REPLY = 2,    /* *ret_frame holds it; the branch is idle again */
    FW_BRANCH_NO_REPLY = 3, /* time is up or the line failed; the branch is idle again */
};

struct fw_branch_request {
    const struct fw_board_driver *driver;
    uint8_t address;
    bool is_unlock; /* else status */
    uint8_t lock;   /* of the unlock */
    int32_t patience_ms;
};

struct fw_branch {
    const struct fw_uart *uart;
    struct fw_branch_request request;
    int64_t due_ms;
    bool is_busy;
    bool is_broken; /* the line said FW_E_IO: reopen before the next request */
    uint8_t received[FW_BRANCH_RECEIVED_BYTES_MAX];
    size_t received_size;
    uint32_t dropped_bytes; /* noise, echoes, replies of others; wraps */
};

/**
 * fw_branch_init() - An idle branch on an open line.
 *
 * @uart: borrowed as long as the branch lives.
 */
void fw_branch_init(struct fw_branch *branch, const struct fw_uart *uart);

/**
 * fw_branch_begin() - Drop what was received and what has not left, and send one request.
 *
 * @request: copied. The branch must be idle (FW_CHECK).
 * @now_ms:  monotonic.
 *
 * Errors:  FW_E_IO: the line is gone (it was tried to reopen it); nothing is under way.
 */
int fw_branch_begin(struct fw_branch *branch, const struct fw_branch_request *request,
                    int64_t now_ms);

/**
 * fw_branch_step() - Read what came, and see whether the request has ended.
 *
 * A status request ends with the first FW_BOARD_STATUS or refusal of its board; an unlock with the
 * answer for its lock. Replies of other boards, for other locks or of other kinds are dropped.
 * An unlock of a board that does not confirm ends with FW_BRANCH_REPLY, FW_BOARD_TAKEN when it has
 * had the time to leave. A request whose time is up is taken back, if it still waits in the port:
 * nothing opens when its caller has been told that it did not. While idle, what comes is dropped.
 *
 * @ret_frame: written with FW_BRANCH_REPLY only.
 */
enum fw_branch_result fw_branch_step(struct fw_branch *branch, int64_t now_ms,
                                     struct fw_board_frame *ret_frame);

/* When a request under way ends at the latest; INT64_MAX while idle. */
int64_t fw_branch_due_ms(const struct fw_branch *branch);

/* Reopen the line before the next request. */
void fw_branch_mark_broken(struct fw_branch *branch);

#endif
