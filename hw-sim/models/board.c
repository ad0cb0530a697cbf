/* A lock board behind its wire: cuts requests out of bytes, does them, answers, and goes wrong
 * where a fault says so. One thread. */
#include "models/board.h"

#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"
#include "models/cu12.h"
#include "models/cu16.h"

#define NOISE_BYTES_MAX 8

/* An answer on its way through the faults. */
struct reply {
    uint32_t faults; /* bit of each enum sim_fault_kind that works */
    int64_t delay_ms;
};

struct sim_board_options sim_board_options_default(enum sim_board_kind kind)
{
    return (struct sim_board_options){ .kind = kind, .reply_ms = SIM_BOARD_REPLY_MS };
}

static const struct sim_dialect *get_dialect(enum sim_board_kind kind)
{
    return kind == SIM_BOARD_CU16 ? &sim_dialect_cu16 : &sim_dialect_cu12;
}

void sim_board_init(struct sim_board *board, const char *name,
                    const struct sim_board_options *options, uint64_t seed,
                    const struct sim_listener *listener)
{
    PRE(options->reply_ms >= 0 && options->byte_gap_ms >= 0);
    memset(board, 0, sizeof(*board));
    kit_text_copy(board->name, sizeof(board->name), name);
    board->options = *options;
    if (listener != NULL)
        board->listener = *listener;
    sim_rng_init(&board->rng, seed, board->name);
    sim_tx_init(&board->tx);
}

uint32_t sim_board_lock_count(enum sim_board_kind kind)
{
    return get_dialect(kind)->lock_count;
}

uint8_t sim_board_address_max(enum sim_board_kind kind)
{
    return get_dialect(kind)->address_max;
}

void sim_board_wire(struct sim_board *board, uint32_t lock, struct sim_compartment *compartment)
{
    PRE(lock >= 1 && lock <= sim_board_lock_count(board->options.kind));
    board->locks[lock - 1] = compartment;
}

bool sim_board_add_fault(struct sim_board *board, const struct sim_fault *fault)
{
    for (size_t i = 0; i < SIM_BOARD_FAULTS_MAX; i++) {
        if (board->faults[i].kind != SIM_FAULT_NONE)
            continue;
        board->faults[i] = *fault;
        board->faults[i].seen_count = 0;
        board->faults[i].hit_count = 0;
        return true;
    }
    return false;
}

void sim_board_clear_faults(struct sim_board *board)
{
    memset(board->faults, 0, sizeof(board->faults));
}

void sim_board_set_dead(struct sim_board *board, bool is_dead)
{
    board->is_dead = is_dead;
    board->buffered = 0;
    sim_tx_init(&board->tx);
}

uint8_t sim_sum(const uint8_t *bytes, size_t size)
{
    uint8_t sum = 0;
    for (size_t i = 0; i < size; i++)
        sum = (uint8_t)(sum + bytes[i]);
    return sum;
}

/* Bit 0 is lock 1; where nothing is wired, the switch says no. */
static uint16_t read_switches(const struct sim_board *board, bool is_inverted,
                              bool (*is_on)(const struct sim_compartment *))
{
    uint32_t bits = 0;
    uint32_t count = sim_board_lock_count(board->options.kind);
    for (uint32_t i = 0; i < count; i++) {
        if ((board->locks[i] != NULL && is_on(board->locks[i])) != is_inverted)
            bits |= 1u << i;
    }
    return (uint16_t)bits;
}

uint16_t sim_board_hook_bits(const struct sim_board *board)
{
    return read_switches(board, board->options.is_hook_inverted, sim_compartment_is_hooked);
}

uint16_t sim_board_presence_bits(const struct sim_board *board)
{
    return read_switches(board, board->options.is_presence_inverted, sim_compartment_sees_object);
}

static const char *name_fault(enum sim_fault_kind kind)
{
    static const char *const names[] = {
        [SIM_FAULT_NONE] = "none", [SIM_FAULT_DELAY] = "delay",       [SIM_FAULT_GARBLE] = "garble",
        [SIM_FAULT_DROP] = "drop", [SIM_FAULT_TRUNCATE] = "truncate", [SIM_FAULT_NOISE] = "noise",
        [SIM_FAULT_DEAF] = "deaf", [SIM_FAULT_REFUSE] = "refuse",
    };
    return names[kind];
}

static bool has_fault(const struct reply *reply, enum sim_fault_kind kind)
{
    return (reply->faults & 1u << kind) != 0;
}

static bool does_hit(struct sim_board *board, struct sim_fault *fault, enum sim_request_kind kind)
{
    if (fault->kind == SIM_FAULT_NONE || (fault->on != SIM_REQUEST_ANY && fault->on != kind))
        return false;
    if (fault->times_max > 0 && fault->hit_count >= fault->times_max)
        return false;
    fault->seen_count++;
    bool hits = fault->every_nth > 0 ? fault->seen_count % fault->every_nth == 0
                                     : sim_rng_chance(&board->rng, fault->permille);
    if (hits)
        fault->hit_count++;
    return hits;
}

static struct reply plan_reply(struct sim_board *board, enum sim_request_kind kind, int64_t now_ms)
{
    struct reply reply = { .delay_ms = board->options.reply_ms };
    for (size_t i = 0; i < SIM_BOARD_FAULTS_MAX; i++) {
        struct sim_fault *fault = &board->faults[i];
        if (!does_hit(board, fault, kind))
            continue;
        reply.faults |= 1u << fault->kind;
        reply.delay_ms += fault->kind == SIM_FAULT_DELAY ? fault->delay_ms : 0;
        board->counts.faults++;
        sim_tell(&board->listener, board->name, SIM_EVENT_FAULT, now_ms, name_fault(fault->kind));
    }
    return reply;
}

static void queue(struct sim_board *board, const uint8_t *bytes, size_t size, int64_t due_ms)
{
    if (!sim_tx_push(&board->tx, bytes, size, due_ms, board->options.byte_gap_ms))
        board->counts.overflows++;
}

static void queue_noise(struct sim_board *board, int64_t due_ms)
{
    uint8_t noise[NOISE_BYTES_MAX];
    size_t size = 1 + sim_rng_below(&board->rng, NOISE_BYTES_MAX);
    for (size_t i = 0; i < size; i++)
        noise[i] = (uint8_t)sim_rng_below(&board->rng, 256);
    queue(board, noise, size, due_ms);
}

static void tell_reply(const struct sim_board *board, const uint8_t *bytes, size_t size,
                       int64_t now_ms, int64_t delay_ms)
{
    char hex[SIM_EVENT_TEXT_SIZE];
    char text[SIM_EVENT_TEXT_SIZE];
    sim_hex(bytes, (uint32_t)size, hex);
    (void)snprintf(text, sizeof(text), "%.300s in %lld ms", hex, (long long)delay_ms);
    sim_tell(&board->listener, board->name, SIM_EVENT_REPLY, now_ms, text);
}

static void send_reply(struct sim_board *board, const struct sim_request *request,
                       const struct reply *reply, enum sim_outcome outcome, int64_t now_ms)
{
    uint8_t bytes[SIM_BOARD_FRAME_BYTES];
    size_t size = get_dialect(board->options.kind)->answer(board, request, outcome, bytes);
    int64_t due_ms = now_ms + reply->delay_ms;
    if (has_fault(reply, SIM_FAULT_NOISE))
        queue_noise(board, due_ms);
    if (size == 0 || has_fault(reply, SIM_FAULT_DROP))
        return;
    if (has_fault(reply, SIM_FAULT_GARBLE))
        bytes[sim_rng_below(&board->rng, (uint32_t)size)] ^=
            (uint8_t)(1u << sim_rng_below(&board->rng, 8));
    if (has_fault(reply, SIM_FAULT_TRUNCATE))
        size /= 2;
    board->counts.replies++;
    queue(board, bytes, size, due_ms);
    if (request->kind != SIM_REQUEST_STATUS)
        tell_reply(board, bytes, size, now_ms, reply->delay_ms);
}

/* Energises coils. Whether a door opens is up to its latch. */
static enum sim_outcome unlock(struct sim_board *board, const struct sim_request *request,
                               int64_t now_ms)
{
    const struct sim_dialect *dialect = get_dialect(board->options.kind);
    bool is_all = request->lock == dialect->all_locks;
    if (!is_all && request->lock >= dialect->lock_count)
        return SIM_OUTCOME_FAILED;
    for (uint32_t i = 0; i < dialect->lock_count; i++) {
        if ((is_all || i == request->lock) && board->locks[i] != NULL)
            sim_compartment_pulse(board->locks[i], now_ms);
    }
    return SIM_OUTCOME_OK;
}

static enum sim_outcome do_request(struct sim_board *board, const struct sim_request *request,
                                   int64_t now_ms)
{
    if (request->kind == SIM_REQUEST_STATUS)
        return SIM_OUTCOME_OK;
    return request->kind == SIM_REQUEST_UNLOCK ? unlock(board, request, now_ms)
                                               : SIM_OUTCOME_UNKNOWN;
}

static void count_request(struct sim_board *board, enum sim_request_kind kind)
{
    if (kind == SIM_REQUEST_STATUS)
        board->counts.status++;
    else if (kind == SIM_REQUEST_UNLOCK)
        board->counts.unlock++;
    else
        board->counts.other++;
}

static void on_request(struct sim_board *board, const struct sim_request *request,
                       bool is_sum_right, int64_t now_ms)
{
    if (request->address != board->options.address)
        return;
    char hex[SIM_EVENT_TEXT_SIZE];
    bool is_poll = is_sum_right && request->kind == SIM_REQUEST_STATUS;
    sim_tell(&board->listener, board->name, is_poll ? SIM_EVENT_POLL : SIM_EVENT_REQUEST, now_ms,
             sim_hex(board->buffer, (uint32_t)request->size, hex));
    struct reply reply = plan_reply(board, request->kind, now_ms);
    if (has_fault(&reply, SIM_FAULT_DEAF))
        return;
    sim_board_advance(board, now_ms); /* Switches are read as they are now. */
    if (!is_sum_right) {
        board->counts.bad_sum++;
        send_reply(board, request, &reply, SIM_OUTCOME_BAD_SUM, now_ms);
        return;
    }
    count_request(board, request->kind);
    enum sim_outcome outcome = has_fault(&reply, SIM_FAULT_REFUSE)
                                   ? SIM_OUTCOME_FAILED
                                   : do_request(board, request, now_ms);
    send_reply(board, request, &reply, outcome, now_ms);
}

static void drop_bytes(struct sim_board *board, size_t count)
{
    board->buffered -= count;
    memmove(board->buffer, board->buffer + count, board->buffered);
}

/* Takes every complete request. Where none can begin it skips a byte. */
static void take_requests(struct sim_board *board, int64_t now_ms)
{
    const struct sim_dialect *dialect = get_dialect(board->options.kind);
    while (board->buffered > 0) { /* each turn drops at least one byte, or ends */
        struct sim_request request;
        enum sim_parse parse = dialect->parse(board->buffer, board->buffered, &request);
        if (parse == SIM_PARSE_MORE)
            return;
        if (parse == SIM_PARSE_FRAME || parse == SIM_PARSE_BAD_SUM)
            on_request(board, &request, parse == SIM_PARSE_FRAME, now_ms);
        if (parse != SIM_PARSE_FRAME)
            board->counts.skipped++;
        drop_bytes(board, parse == SIM_PARSE_FRAME ? request.size : 1);
    }
}

void sim_board_feed(struct sim_board *board, const uint8_t *bytes, size_t size, int64_t now_ms)
{
    if (board->is_dead)
        return;
    if (board->buffered > 0 && now_ms - board->last_byte_at_ms > SIM_BOARD_GAP_MS) {
        board->counts.skipped += board->buffered;
        board->buffered = 0;
    }
    board->last_byte_at_ms = now_ms;
    for (size_t i = 0; i < size; i++) {
        CHECK(board->buffered <
              sizeof(board->buffer)); /* a full buffer is a frame, or a byte of it was skipped */
        board->buffer[board->buffered++] = bytes[i];
        take_requests(board, now_ms);
    }
}

size_t sim_board_take(struct sim_board *board, int64_t now_ms, uint8_t *ret_bytes, size_t size_max)
{
    bool has_ended;
    return sim_tx_take(&board->tx, now_ms, ret_bytes, size_max, &has_ended);
}

int64_t sim_board_next_due_ms(const struct sim_board *board)
{
    int64_t due_ms = sim_tx_next_due_ms(&board->tx);
    for (size_t i = 0; i < SIM_LOCKS_MAX; i++) {
        if (board->locks[i] != NULL)
            due_ms = sim_earlier(due_ms, sim_compartment_next_due_ms(board->locks[i]));
    }
    return due_ms;
}

void sim_board_advance(struct sim_board *board, int64_t now_ms)
{
    for (size_t i = 0; i < SIM_LOCKS_MAX; i++) {
        if (board->locks[i] != NULL)
            sim_compartment_advance(board->locks[i], now_ms);
    }
}
