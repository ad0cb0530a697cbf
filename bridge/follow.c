/* The follower of one stream. See follow.h. */
#include "bridge/follow.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/json/gate.h"
#include "kit/rpc/topic.h"
#include "msg/rpc_replay_request.gen.h"
#include "msg/rpc_replay_response.gen.h"
#include "msg/wire_head.gen.h"

#define HEAD_BYTES_MAX 256
#define FETCH_BODY_BYTES_MAX 128

void follow_init(struct follow *follow, const char *source, const struct follow_ports *ports,
                 const struct follow_owner *owner, void *self)
{
    *follow = (struct follow){
        .clock = ports->clock, .rng = ports->rng, .log = ports->log, .owner = owner, .self = self
    };
    kit_follower_init(&follow->follower, source);
}

void follow_resume(struct follow *follow, const char *epoch, int64_t seq)
{
    (void)kit_follower_on_fetch_epoch(&follow->follower, epoch);
    kit_follower_jump(&follow->follower, seq);
    follow->is_known = true;
}

static int64_t now_ms(const struct follow *follow)
{
    return follow->clock->mono_ms(follow->clock->self);
}

void follow_on_link(struct follow *follow, bool is_up)
{
    kit_follower_on_link(&follow->follower, is_up, now_ms(follow));
    follow->is_level = false; /* until the source has said how far it is */
}

/* ---- events ---- */

/* The log has dropped what we asked for. */
static void jump_hole(struct follow *follow, int64_t seq)
{
    kit_log_write(follow->log, KIT_INFO, "stream_hole",
                  "%s has no events between %" PRId64 " and %" PRId64 " any more",
                  follow->follower.source, follow->follower.seq, seq);
    kit_follower_jump(&follow->follower, seq - 1);
    follow->owner->skip(follow->self, seq - 1);
}

static uint8_t draw_jitter(struct follow *follow)
{
    uint8_t random = 0;
    follow->rng->fill(follow->rng->self, &random, 1);
    return random;
}

/* Takes what is next, passes what is old, stops at a gap. is_page: out of the log itself, in which
 * a gap is a hole. false: an element is no envelope of this source, or the owner cannot take it. */
static bool take_batch(struct follow *follow, const cJSON *batch, bool is_page)
{
    struct kit_follower *follower = &follow->follower;
    struct msg_wire_event event;
    const cJSON *node;

    cJSON_ArrayForEach(node, batch)
    {
        if (msg_wire_event_decode(node, &event, NULL) != KIT_OK ||
            strcmp(event.source, follower->source) != 0)
            return false;
        const int64_t seq = strtoll(event.sequence, NULL, 10);
        enum kit_event_verdict verdict = kit_follower_judge(follower, event.epoch, seq);
        if (verdict == KIT_EVENT_GAP && is_page && seq > follower->seq &&
            strcmp(event.epoch, follower->epoch) == 0) {
            jump_hole(follow, seq);
            verdict = KIT_EVENT_NEXT;
        }
        if (verdict == KIT_EVENT_GAP) {
            kit_follower_on_gap(follower, now_ms(follow));
            return true;
        }
        if (verdict == KIT_EVENT_DUPLICATE)
            continue;
        if (!follow->owner->take(follow->self, &event, seq)) {
            kit_follower_on_fetch_failed(follower, now_ms(follow), draw_jitter(follow));
            return false;
        }
        kit_follower_on_applied(follower, seq);
    }
    return true;
}

/* ---- what comes by itself ---- */

static int parse(const struct kit_message *message, size_t bytes_max, cJSON **ret_root)
{
    return kit_json_parse(message->payload, message->payload_size_bytes, bytes_max, ret_root, NULL);
}

static bool on_stream(struct follow *follow, const struct kit_message *message)
{
    cJSON *batch = NULL;

    if (parse(message, KIT_STREAM_BYTES_MAX, &batch) != KIT_OK)
        return false;
    const bool is_fine = cJSON_IsArray(batch) && take_batch(follow, batch, false);
    cJSON_Delete(batch);
    return is_fine;
}

static bool on_head(struct follow *follow, const struct kit_message *message)
{
    struct msg_wire_head head;
    cJSON *root = NULL;

    if (parse(message, HEAD_BYTES_MAX, &root) != KIT_OK)
        return false;
    int rc = msg_wire_head_decode(root, &head, NULL);
    cJSON_Delete(root);
    if (rc != KIT_OK || strcmp(head.source, follow->follower.source) != 0)
        return false;
    kit_follower_on_head(&follow->follower, head.epoch, head.seq, now_ms(follow));
    return true;
}

bool follow_on_message(struct follow *follow, const struct kit_message *message)
{
    char source[KIT_INSTANCE_SIZE];
    const bool is_head = kit_topic_parse(message->topic, "stream", "head", source);

    if (!is_head && !kit_topic_parse(message->topic, "stream", NULL, source))
        return false;
    if (strcmp(source, follow->follower.source) != 0)
        return false;
    const bool is_fine = is_head ? on_head(follow, message)
                                 : !message->retain && on_stream(follow, message);
    follow->refused_total += !is_fine;
    return true;
}

/* ---- asking ---- */

/* Must we begin anew? */
static bool must_begin(const struct follow *follow, const struct msg_rpc_replay_response *page)
{
    const struct kit_follower *follower = &follow->follower;

    return !follow->is_known || strcmp(follower->epoch, page->epoch) != 0 ||
           page->head < follower->seq || page->head - follower->seq > follow->owner->lag_max;
}

/* false: the owner cannot begin now. */
static bool begin(struct follow *follow, const struct msg_rpc_replay_response *page)
{
    const int64_t seq = follow->owner->begin(follow->self, page->epoch, page->head);

    if (seq < 0)
        return false;
    follow_resume(follow, page->epoch, seq);
    follow->is_level = false;
    kit_log_write(follow->log, KIT_INFO, "stream_begun",
                  "following %s from event %" PRId64 " of %" PRId64, follow->follower.source, seq,
                  page->head);
    return true;
}

static void on_page(struct follow *follow, const cJSON *body)
{
    struct kit_follower *follower = &follow->follower;
    struct msg_rpc_replay_response page;

    if (msg_rpc_replay_response_decode(body, &page, NULL) != KIT_OK ||
        !(must_begin(follow, &page) ? begin(follow, &page)
                                    : take_batch(follow, page.events.node, true))) {
        follow->refused_total++;
        kit_follower_on_fetch_failed(follower, now_ms(follow), 255);
        return;
    }
    const bool was_stuck = follower->is_stuck;
    (void)kit_follower_on_fetch_applied(follower, page.head, now_ms(follow), draw_jitter(follow));
    if (follower->is_stuck && !was_stuck)
        kit_log_write(follow->log, KIT_ERROR, "stream_stuck",
                      "%s has events after %" PRId64 " but does not give them; asking on",
                      follower->source, follower->seq);
    follow->is_level = follow->is_level || follower->seq >= page.head;
}

static void on_fetched(void *context, const struct kit_rpc_outcome *outcome)
{
    struct follow *follow = context;

    if (!follow->follower.is_fetching)
        return; /* the link went down and came back meanwhile */
    if (outcome->code == KIT_OK)
        on_page(follow, outcome->body);
    else
        kit_follower_on_fetch_failed(&follow->follower, now_ms(follow), draw_jitter(follow));
}

/* Before the first answer the question is how far the log is, not what it holds. */
static int ask(struct follow *follow)
{
    const struct msg_rpc_replay_request request = {
        .after = follow->follower.seq,
        .limit = follow->is_known ? KIT_FETCH_LIMIT_PATIENT : 1,
    };
    struct kit_buf body;

    kit_buf_init(&body, FETCH_BODY_BYTES_MAX);
    msg_rpc_replay_request_encode(&request, &body);
    CHECK(!body.overflow);
    const struct kit_rpc_call call = {
        .instance = follow->follower.source,
        .method = "replay",
        .body = body.data,
        .body_size_bytes = body.size_bytes,
        .key = "",
        .traceparent = "",
        .timeout_ms = KIT_FETCH_TIMEOUT_MS,
        .on_done = on_fetched,
        .context = follow,
    };
    int rc = kit_rpc_client_call(follow->rpc, &call, NULL);
    kit_buf_done(&body);
    return rc;
}

static void fetch(struct follow *follow)
{
    struct kit_follower *follower = &follow->follower;

    if (kit_follower_may_send(follower, follow->is_online) && ask(follow) == KIT_OK)
        kit_follower_on_fetch_sent(follower);
    else
        kit_follower_on_fetch_failed(follower, now_ms(follow), draw_jitter(follow));
}

static void look_at_presence(struct follow *follow, int64_t now_mono_ms)
{
    const bool is_online = kit_rpc_client_is_online(follow->rpc, follow->follower.source);

    if (is_online && !follow->is_online)
        kit_follower_on_online(&follow->follower, now_mono_ms);
    follow->is_online = is_online;
}

int64_t follow_tick(struct follow *follow, int64_t now_mono_ms)
{
    if (follow->rpc == NULL)
        return INT64_MAX;
    look_at_presence(follow, now_mono_ms);
    if (kit_follower_wants_fetch(&follow->follower, now_mono_ms))
        fetch(follow);
    return kit_follower_next(&follow->follower);
}
