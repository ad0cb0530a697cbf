/* What the session sends, and when (schemas/rules/devices.md 1.2, 1.8). A record lies in the log as
 * the JSON that it is in `up`, so an `up` is put together by copying. */
#include "core/session_up.h"

#include <string.h>

#include "port/check.h"

_Static_assert(FW_SESSION_UP_BYTES_MAX <= FW_PAYLOAD_MAX, "one message");
_Static_assert(FW_SESSION_UP_BYTES_MAX >=
                   400 + FW_SESSION_RECORDS_MAX * (FW_SESSION_RECORD_BYTES_MAX + 1),
               "eight of the longest records and the numbers before them");
_Static_assert(FW_SESSION_RECORD_BYTES_MAX <= FW_FLASH_LOG_RECORD_BYTES_MAX, "one payload");

void fw_session_epoch(const struct fw_session *session, char ret_text[FW_SESSION_EPOCH_SIZE])
{
    struct fw_json_out out;
    fw_json_out_init(&out, ret_text, FW_SESSION_EPOCH_SIZE);
    fw_json_out_add_hex(&out, session->stored.log.told_epoch, FW_EPOCH_BYTES);
    fw_json_out_add(&out, "", 1);
}

static void add_number(struct fw_json_out *out, const char *key, int64_t value)
{
    fw_json_out_add_text(out, ",\"");
    fw_json_out_add_text(out, key);
    fw_json_out_add_text(out, "\":");
    fw_json_out_add_int(out, value);
}

/* rules/devices.md 8.1: the answer is a proof that the service has it, and knows the key. */
static void add_question(const struct fw_session *session, struct fw_json_out *out)
{
    if (session->proof.asked_ms == 0)
        return;
    add_number(out, "protocol", FW_PROTOCOL_2);
    fw_json_out_add_text(out, ",\"nonce\":\"");
    fw_json_out_add_hex(out, session->proof.nonce, sizeof(session->proof.nonce));
    fw_json_out_add_text(out, "\"");
}

/* Everything but the records. test_session.c holds it to device.up.schema.json. */
static void add_numbers(const struct fw_session *session, struct fw_json_out *out, bool is_all)
{
    char epoch[FW_SESSION_EPOCH_SIZE];
    fw_session_epoch(session, epoch);
    fw_json_out_add_text(out, "{\"epoch\":");
    fw_json_out_add_quoted(out, epoch);
    add_number(out, "boot", session->stored.boot);
    add_question(session, out);
    add_number(out, "firstSeq", session->setup.log->first_seq);
    add_number(out, "configRevision", is_all ? session->config_revision : 0);
    add_number(out, "bounced", session->stored.counts[FW_SESSION_BOUNCED]);
    add_number(out, "unreadable", session->stored.counts[FW_SESSION_UNREADABLE]);
    add_number(out, "overflowed", session->stored.counts[FW_SESSION_OVERFLOWED]);
    fw_json_out_add_text(out, ",\"records\":[");
}

static int read_record(struct fw_session *session, int64_t seq)
{
    return fw_flash_log_read(session->setup.log, seq, session->scratch.up,
                             sizeof(session->scratch.up));
}

/* Can a later record be read? If none can, the whole part may be away for a while only. */
static bool is_one_readable_after(struct fw_session *session, int64_t seq)
{
    while (++seq < session->setup.log->next_seq) {
        if (read_record(session, seq) > 0)
            return true;
    }
    return false;
}

/* Passes over the oldest records that flash has lost, and the service sees the gap. A record that
 * could not be read for a minute counts as lost when a later one can be read: no newer record may
 * leave before it. */
static void drop_lost(struct fw_session *session)
{
    struct fw_flash_log *log = session->setup.log;
    while (log->first_seq < log->next_seq) {
        int64_t seq = log->first_seq;
        int size = read_record(session, seq);
        if (size > 0)
            session->failed_reads = 0;
        if (size > 0 ||
            (size != FW_E_CORRUPT && (session->failed_reads < FW_SESSION_READS_FAILED_MAX ||
                                      !is_one_readable_after(session, seq))))
            return;
        (void)fw_flash_log_release(log, seq); /* it is held: FW_OK */
        session->lost_count++;
    }
}

/* Adds the oldest records, at most as many as an `up` holds, and sets flight_seq to the last of
 * them. Returns false when a record could not be read: the records behind it wait. */
static bool add_records(struct fw_session *session, struct fw_json_out *out)
{
    struct fw_flash_log *log = session->setup.log;
    int count = 0;
    for (int64_t seq = log->first_seq; seq < log->next_seq && count < FW_SESSION_RECORDS_MAX;
         seq++) {
        size_t comma = count == 0 ? 0 : 1;
        int size = fw_flash_log_read(log, seq, out->bytes + out->size + comma,
                                     out->size_max - out->size - comma);
        if (size == FW_E_CORRUPT)
            continue;
        if (size < 0)
            return false;
        if (comma > 0)
            out->bytes[out->size] = ',';
        out->size += comma + (size_t)size;
        session->flight_seq = seq;
        count++;
    }
    return true;
}

/* is_all: fewer than 8 records in this `up` are all that the log holds (rules/devices.md 1.2).
 * Returns false when they are not. */
static bool build_up(struct fw_session *session, struct fw_json_out *out, bool is_all)
{
    session->flight_seq = 0;
    fw_json_out_init(out, session->scratch.up, sizeof(session->scratch.up));
    add_numbers(session, out, is_all);
    bool is_whole = session->phase == FW_SESSION_ASKING || add_records(session, out);
    fw_json_out_add_text(out, "]}");
    FW_CHECK(!out->is_over);
    return is_whole;
}

/* rules/devices.md 1.2: the first `up` of a start only asks how far the service is. */
static void compose(struct fw_session *session, struct fw_json_out *out, int64_t now_ms)
{
    const bool is_asking = session->phase == FW_SESSION_ASKING;
    drop_lost(session);
    if (!build_up(session, out, !is_asking))
        (void)build_up(session, out, false);
    bool holds_records = session->setup.log->first_seq < session->setup.log->next_seq;
    if (is_asking || !holds_records || session->flight_seq != 0) {
        session->read_at_ms = 0;
    } else if (now_ms >= session->read_at_ms) {
        session->failed_reads++;
        session->read_at_ms = now_ms + FW_SESSION_READ_AGAIN_MS;
    }
}

/* Up to a quarter more, so that a thousand devices do not come back in step. */
static uint32_t draw_jitter_ms(const struct fw_session *session, uint32_t pause_ms)
{
    uint32_t random;
    session->setup.rng->fill(session->setup.rng->self, &random, sizeof(random));
    return random % (pause_ms / 4);
}

static void set_resend(struct fw_session *session, int64_t now_ms)
{
    uint32_t pause_ms = session->resend_ms;
    session->resend_at_ms = now_ms + pause_ms + draw_jitter_ms(session, pause_ms);
    session->resend_ms = pause_ms < FW_SESSION_RESEND_MAX_MS / 2 ? 2 * pause_ms
                                                                 : FW_SESSION_RESEND_MAX_MS;
}

/* An `up` had no ack for so long. The service may not have heard our `state`, without which it
 * takes no `up` of ours: a broker may lose either (rules/devices.md 1.8). */
static bool is_unanswered(const struct fw_session *session, int64_t now_ms)
{
    return session->link == FW_SESSION_WAITING && now_ms >= session->resend_at_ms;
}

/* A question of its own for each `up`, so that no answer can be kept for later. */
static void draw_question(struct fw_session *session, bool is_again, int64_t now_ms)
{
    const struct fw_rng *rng = session->setup.rng;
    struct fw_session_proof *proof = &session->proof;
    const bool was_plain = proof->asked_ms == 0,
               is_owner_2 = session->owner_protocol >= FW_PROTOCOL_2;
    if (session->setup.identity.mac == NULL)
        return;
    if (is_again)
        proof->plain_to_ms = was_plain ? 0 : now_ms + (is_owner_2 ? 1 : FW_SESSION_PROBE_MS);
    proof->asked_ms = now_ms < proof->plain_to_ms ? 0 : now_ms;
    if (proof->asked_ms != 0)
        rng->fill(rng->self, proof->nonce, sizeof(proof->nonce));
}

/* A publish that the port refuses is tried again after the pause, like one without an ack. */
static void send_up(struct fw_session *session, int64_t now_ms)
{
    const struct fw_net *net = session->setup.net;
    struct fw_json_out out;
    draw_question(session, is_unanswered(session, now_ms), now_ms);
    compose(session, &out, now_ms);
    session->flight_next_seq = session->setup.log->next_seq;
    fw_session_set_link(session, FW_SESSION_WAITING);
    set_resend(session, now_ms);
    if (net->publish(net->self, FW_LEAF_UP, out.bytes, out.size) != FW_OK)
        return;
    session->is_hello_due = false;
    session->sent_count++;
}

/* Is a hello under way, and records were made since? They do not wait for its ack. */
static bool has_overtaken_hello(const struct fw_session *session)
{
    return session->phase != FW_SESSION_ASKING && session->flight_seq == 0 &&
           session->setup.log->next_seq > session->flight_next_seq;
}

/* With a link. */
static bool is_up_due(const struct fw_session *session, int64_t now_ms)
{
    const struct fw_flash_log *log = session->setup.log;
    if (session->link == FW_SESSION_WAITING)
        return is_unanswered(session, now_ms) || has_overtaken_hello(session);
    bool is_read_due = log->first_seq < log->next_seq && now_ms >= session->read_at_ms;
    return is_read_due || session->is_hello_due || now_ms >= session->hello_at_ms;
}

static void copy_text(char *ret, size_t size_max, const char *text)
{
    size_t size = strlen(text) + 1;
    FW_CHECK(size <= size_max); /* the port's own texts */
    memcpy(ret, text, size);
}

static int encode_state(const struct fw_session *session, enum fw_msg_device_status status,
                        char *buf, size_t size_max)
{
    const char *compartments = session->setup.compartments;
    struct fw_device_state state = { .status = status, .kind = session->setup.kind };
    fw_session_epoch(session, state.epoch);
    state.boot = (int32_t)session->stored.boot;
    copy_text(state.firmware, sizeof(state.firmware), session->setup.firmware);
    state.has_compartments = compartments != NULL;
    if (compartments != NULL)
        copy_text(state.compartments, sizeof(state.compartments), compartments);
    return fw_device_state_encode(&state, buf, size_max);
}

int fw_session_will(const struct fw_session *session, char *buf, size_t size_max)
{
    return encode_state(session, FW_MSG_DEVICE_STATUS_OFFLINE, buf, size_max);
}

static void send_state(struct fw_session *session)
{
    const struct fw_net *net = session->setup.net;
    char text[FW_SESSION_STATE_BYTES_MAX];
    int size = encode_state(session, FW_MSG_DEVICE_STATUS_ONLINE, text, sizeof(text));
    FW_CHECK(size > 0);
    session->is_state_due = net->publish(net->self, FW_LEAF_STATE, text, (size_t)size) != FW_OK;
}

/* Each ack moves the time; saving it each time would wear the flash out (rules 1.7). */
static void note_time(struct fw_session *session)
{
    int64_t moved_ms = session->setup.clock->floor_ms - session->stored.floor_ms;
    if (moved_ms >= FW_SESSION_FLOOR_STEP_MS || moved_ms < 0)
        session->is_dirty = true;
}

/* Tries the `start` record seldom when flash does not take it: each try may erase blocks. */
static void append_start(struct fw_session *session, int64_t now_ms)
{
    if (!session->is_start_due || now_ms < session->start_at_ms)
        return;
    session->start_at_ms = now_ms + FW_SESSION_SAVE_MS;
    (void)fw_session_start(session);
}

/* When there is something to send next, if nothing happens before. */
static int64_t find_up_due_ms(const struct fw_session *session, int64_t now_ms)
{
    const bool is_waiting = session->link == FW_SESSION_WAITING;
    int64_t up_ms = is_waiting ? session->resend_at_ms : session->hello_at_ms;
    if (!is_waiting && session->read_at_ms > now_ms && session->read_at_ms < up_ms)
        up_ms = session->read_at_ms;
    if (session->is_state_due && up_ms > now_ms + FW_SESSION_RESEND_MIN_MS)
        up_ms = now_ms + FW_SESSION_RESEND_MIN_MS;
    return up_ms;
}

int64_t fw_session_tick(struct fw_session *session, int64_t now_ms)
{
    int64_t next_ms = now_ms + FW_SESSION_HELLO_MS;
    append_start(session, now_ms);
    note_time(session);
    if (session->is_dirty && now_ms >= session->save_at_ms)
        (void)fw_session_save(session, now_ms);
    if (session->is_dirty && session->save_at_ms < next_ms)
        next_ms = session->save_at_ms;
    if (session->link == FW_SESSION_DOWN)
        return next_ms;

    if (session->is_state_due || is_unanswered(session, now_ms))
        send_state(session);
    if (is_up_due(session, now_ms))
        send_up(session, now_ms);
    int64_t up_ms = find_up_due_ms(session, now_ms);
    return up_ms < next_ms ? up_ms : next_ms;
}
