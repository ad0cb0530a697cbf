/* See branch.h. The line is flushed before a request, so that a late answer to the last request is
 * not taken for the answer to this one; and after a request that failed or had no reply in time, so
 * that bytes which wait in the port (a stalled converter, a busy line) do not leave later. */
#include "drivers/branch.h"

#include <string.h>

#include "port/check.h"

void fw_branch_init(struct fw_branch *branch, const struct fw_uart *uart)
{
    *branch = (struct fw_branch){ .uart = uart, .due_ms = INT64_MAX };
}

void fw_branch_mark_broken(struct fw_branch *branch)
{
    branch->is_broken = true;
}

int64_t fw_branch_due_ms(const struct fw_branch *branch)
{
    return branch->is_busy ? branch->due_ms : INT64_MAX;
}

static bool is_unconfirmed(const struct fw_branch_request *request)
{
    return request->is_unlock && !request->driver->confirms_unlock;
}

static size_t encode(const struct fw_branch_request *request,
                     uint8_t ret_bytes[FW_BOARD_REQUEST_BYTES_MAX])
{
    const struct fw_board_driver *driver = request->driver;
    return request->is_unlock ? driver->encode_unlock(request->address, request->lock, ret_bytes)
                              : driver->encode_status(request->address, ret_bytes);
}

int fw_branch_begin(struct fw_branch *branch, const struct fw_branch_request *request,
                    int64_t now_ms)
{
    FW_CHECK(!branch->is_busy);
    FW_CHECK(request->patience_ms > 0);
    const struct fw_uart *uart = branch->uart;
    if (branch->is_broken && uart->reopen(uart->self) != FW_OK)
        return FW_E_IO;
    branch->is_broken = false;

    uint8_t bytes[FW_BOARD_REQUEST_BYTES_MAX];
    size_t size = encode(request, bytes);
    branch->received_size = 0;
    if (uart->flush(uart->self) != FW_OK || uart->write(uart->self, bytes, size) != FW_OK) {
        (void)uart->flush(uart->self); /* the port may have taken a part of the bytes */
        branch->is_broken = true;
        return FW_E_IO;
    }
    branch->request = *request;
    branch->due_ms = now_ms + (is_unconfirmed(request) ? FW_BRANCH_LEAVE_MS : request->patience_ms);
    branch->is_busy = true;
    return FW_OK;
}

/* Does this reply end the request? */
static bool is_answer(const struct fw_branch_request *request, const struct fw_board_frame *frame)
{
    if (frame->address != request->address)
        return false;
    switch (frame->reply) {
    case FW_BOARD_STATUS:
        return !request->is_unlock;
    case FW_BOARD_TAKEN:
        return request->is_unlock && frame->lock == request->lock;
    case FW_BOARD_REFUSED:
        return request->is_unlock == frame->is_unlock &&
               (!request->is_unlock || frame->lock == request->lock);
    }
    FW_UNREACHABLE();
}

static void drop(struct fw_branch *branch, size_t count)
{
    branch->received_size -= count;
    memmove(branch->received, branch->received + count, branch->received_size);
}

/* Looks for the answer in the received bytes. Each turn drops a byte at least, so the loop ends. */
static bool find_answer(struct fw_branch *branch, struct fw_board_frame *ret_frame)
{
    const struct fw_branch_request *request = &branch->request;
    while (branch->received_size > 0) {
        struct fw_board_frame frame;
        bool is_found = false;
        size_t count = request->driver->decode(branch->received, branch->received_size, &frame,
                                               &is_found);
        FW_CHECK(count <= branch->received_size);
        if (count == 0) {
            FW_CHECK(branch->received_size < FW_BOARD_REPLY_BYTES_MAX);
            return false;
        }
        drop(branch, count);
        if (is_found && is_answer(request, &frame)) {
            *ret_frame = frame;
            return true;
        }
        branch->dropped_bytes += (uint32_t)count;
    }
    return false;
}

/* Reads and drops echoes, late answers and noise. */
static enum fw_branch_result drop_all(struct fw_branch *branch, enum fw_branch_result result)
{
    int count = 1;
    for (int i = 0; i < FW_BRANCH_READS_MAX && count > 0; i++) {
        count = branch->uart->read(branch->uart->self, branch->received,
                                   FW_BRANCH_RECEIVED_BYTES_MAX);
        if (count > 0)
            branch->dropped_bytes += (uint32_t)count;
    }
    if (count < 0)
        branch->is_broken = true;
    branch->received_size = 0;
    return result;
}

static enum fw_branch_result end(struct fw_branch *branch, enum fw_branch_result result)
{
    branch->is_busy = false;
    return result;
}

enum fw_branch_result fw_branch_step(struct fw_branch *branch, int64_t now_ms,
                                     struct fw_board_frame *ret_frame)
{
    if (!branch->is_busy)
        return drop_all(branch, FW_BRANCH_IDLE);
    const struct fw_branch_request *request = &branch->request;
    if (is_unconfirmed(request)) {
        if (now_ms < branch->due_ms)
            return drop_all(branch, FW_BRANCH_WAITING);
        *ret_frame = (struct fw_board_frame){ .reply = FW_BOARD_TAKEN,
                                              .address = request->address,
                                              .lock = request->lock,
                                              .is_unlock = true };
        return end(branch, FW_BRANCH_REPLY);
    }
    for (int i = 0; i < FW_BRANCH_READS_MAX; i++) {
        int count = branch->uart->read(branch->uart->self, branch->received + branch->received_size,
                                       FW_BRANCH_RECEIVED_BYTES_MAX - branch->received_size);
        if (count < 0) {
            branch->is_broken = true;
            return end(branch, FW_BRANCH_NO_REPLY);
        }
        if (count == 0)
            break;
        branch->received_size += (size_t)count;
        FW_CHECK(branch->received_size <= FW_BRANCH_RECEIVED_BYTES_MAX);
        if (find_answer(branch, ret_frame))
            return end(branch, FW_BRANCH_REPLY);
    }
    if (now_ms < branch->due_ms)
        return FW_BRANCH_WAITING;
    if (branch->uart->flush(branch->uart->self) != FW_OK)
        branch->is_broken = true;
    return end(branch, FW_BRANCH_NO_REPLY);
}
