/* The follower of one stream, in memory. See feed.h. */
#include "bridge/feed.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "bridge/feed_text.h"
#include "bridge/route.h"
#include "kit/json/gate.h"
#include "kit/rpc/topic.h"
#include "msg/rpc_replay_request.gen.h"
#include "msg/rpc_replay_response.gen.h"
#include "msg/wire_head.gen.h"

#define HEAD_BYTES_MAX 256
#define FETCH_BODY_BYTES_MAX 128
#define TEXT_BYTES_MAX (2 * KIT_ENVELOPE_BYTES_MAX)

void feed_init(struct feed *feed, const struct kit_clock *clock, const struct kit_rng *rng,
               const struct kit_log *log)
{
    struct feed_slot *slots = calloc(FEED_EVENTS_MAX, sizeof(*slots));
    char *bytes = malloc(FEED_BYTES_MAX);

    CHECK(slots != NULL && bytes != NULL);
    feed_ring_init(&feed->view.ring, slots, FEED_EVENTS_MAX, bytes, FEED_BYTES_MAX);
    kit_follower_init(&feed->follower, FEED_SOURCE);
    kit_buf_init(&feed->text, TEXT_BYTES_MAX);
    feed->clock = clock;
    feed->rng = rng;
    feed->log = log;
}

void feed_done(struct feed *feed)
{
    free(feed->view.ring.slots);
    free(feed->view.ring.bytes);
    kit_buf_done(&feed->text);
    *feed = (struct feed){ .rpc = NULL };
}

static int64_t now_ms(const struct feed *feed)
{
    return feed->clock->mono_ms(feed->clock->self);
}

void feed_on_link(struct feed *feed, bool is_up)
{
    kit_follower_on_link(&feed->follower, is_up, now_ms(feed));
    feed->view.is_level = false; /* until the source has said how far it is */
}

/* ---- events ---- */

static void take_event(struct feed *feed, const struct msg_wire_event *event, int64_t seq)
{
    enum feed_kind kind;

    kit_follower_on_applied(&feed->follower, seq);
    feed->news++;
    if (strcmp(event->type, KIT_EVENT_DAMAGED) == 0) { /* nobody knows what: all load anew */
        feed_ring_start(&feed->view.ring, feed->follower.epoch, seq);
        return;
    }
    if (!feed_kind_of_type(event->type, &kind)) {
        feed_ring_skip(&feed->view.ring, seq);
        return;
    }
    kit_buf_reset(&feed->text);
    feed_text_write(event, kind, seq, &feed->text);
    if (feed->text.overflow) {
        feed_ring_skip(&feed->view.ring, seq);
        return;
    }
    const struct feed_item item = { .seq = seq,
                                    .kind = kind,
                                    .subject = event->subject,
                                    .text = feed->text.data,
                                    .size_bytes = feed->text.size_bytes };
    feed_ring_append(&feed->view.ring, &item);
}

/* The log has dropped what we asked for: all readers that are further back must load anew. */
static void jump_hole(struct feed *feed, int64_t seq)
{
    kit_log_write(feed->log, KIT_INFO, "feed_hole",
                  "information has no events between %" PRId64 " and %" PRId64 " any more",
                  feed->follower.seq, seq);
    kit_follower_jump(&feed->follower, seq - 1);
    feed_ring_start(&feed->view.ring, feed->follower.epoch, seq - 1);
}

/* Takes what is next, passes what is old, stops at a gap. is_page: out of the log itself, in which
 * a gap is a hole. false: an element is no envelope of this source. */
static bool take_batch(struct feed *feed, const cJSON *batch, bool is_page)
{
    struct msg_wire_event event;
    const cJSON *node;

    cJSON_ArrayForEach(node, batch)
    {
        if (msg_wire_event_decode(node, &event, NULL) != KIT_OK ||
            strcmp(event.source, FEED_SOURCE) != 0)
            return false;
        const int64_t seq = strtoll(event.sequence, NULL, 10);
        enum kit_event_verdict verdict = kit_follower_judge(&feed->follower, event.epoch, seq);
        if (verdict == KIT_EVENT_GAP && is_page && seq > feed->follower.seq &&
            strcmp(event.epoch, feed->follower.epoch) == 0) {
            jump_hole(feed, seq);
            verdict = KIT_EVENT_NEXT;
        }
        if (verdict == KIT_EVENT_GAP) {
            kit_follower_on_gap(&feed->follower, now_ms(feed));
            return true;
        }
        if (verdict == KIT_EVENT_NEXT)
            take_event(feed, &event, seq);
    }
    return true;
}

/* ---- what comes by itself ---- */

static int parse(const struct kit_message *message, size_t bytes_max, cJSON **ret_root)
{
    return kit_json_parse(message->payload, message->payload_size_bytes, bytes_max, ret_root, NULL);
}

static bool on_stream(struct feed *feed, const struct kit_message *message)
{
    cJSON *batch = NULL;

    if (parse(message, KIT_STREAM_BYTES_MAX, &batch) != KIT_OK)
        return false;
    const bool is_fine = cJSON_IsArray(batch) && take_batch(feed, batch, false);
    cJSON_Delete(batch);
    return is_fine;
}

static bool on_head(struct feed *feed, const struct kit_message *message)
{
    struct msg_wire_head head;
    cJSON *root = NULL;

    if (parse(message, HEAD_BYTES_MAX, &root) != KIT_OK)
        return false;
    int rc = msg_wire_head_decode(root, &head, NULL);
    cJSON_Delete(root);
    if (rc != KIT_OK || strcmp(head.source, FEED_SOURCE) != 0)
        return false;
    kit_follower_on_head(&feed->follower, head.epoch, head.seq, now_ms(feed));
    return true;
}

bool feed_on_message(struct feed *feed, const struct kit_message *message)
{
    char source[KIT_INSTANCE_SIZE];
    const bool is_head = kit_topic_parse(message->topic, "stream", "head", source);

    if (!is_head && !kit_topic_parse(message->topic, "stream", NULL, source))
        return false;
    if (strcmp(source, FEED_SOURCE) != 0)
        return is_head; /* heads of others only keep us awake */
    const bool is_fine = is_head ? on_head(feed, message)
                                 : !message->retain && on_stream(feed, message);
    feed->refused_total += !is_fine;
    return true;
}

/* ---- asking ---- */

static uint8_t draw_jitter(struct feed *feed)
{
    uint8_t random = 0;
    feed->rng->fill(feed->rng->self, &random, 1);
    return random;
}

static bool is_known(const struct feed *feed)
{
    return feed->view.ring.epoch[0] != '\0';
}

/* Must we begin anew, near the end of the log? */
static bool must_begin(const struct feed *feed, const struct msg_rpc_replay_response *page)
{
    const struct kit_follower *follower = &feed->follower;

    return !is_known(feed) || strcmp(follower->epoch, page->epoch) != 0 ||
           page->head < follower->seq || page->head - follower->seq > FEED_LAG_MAX;
}

static void begin(struct feed *feed, const struct msg_rpc_replay_response *page)
{
    const int64_t seq = page->head > FEED_REPLAY_MAX ? page->head - FEED_REPLAY_MAX : 0;

    (void)kit_follower_on_fetch_epoch(&feed->follower, page->epoch);
    kit_follower_jump(&feed->follower, seq);
    feed_ring_start(&feed->view.ring, page->epoch, seq);
    feed->view.is_level = false;
    feed->news++;
    kit_log_write(feed->log, KIT_INFO, "feed_begun",
                  "following information from event %" PRId64 " of %" PRId64, seq, page->head);
}

static void on_page(struct feed *feed, const cJSON *body)
{
    struct kit_follower *follower = &feed->follower;
    struct msg_rpc_replay_response page;

    if (msg_rpc_replay_response_decode(body, &page, NULL) != KIT_OK) {
        feed->refused_total++;
        kit_follower_on_fetch_failed(follower, now_ms(feed), 255);
        return;
    }
    if (must_begin(feed, &page)) {
        begin(feed, &page);
    } else if (!take_batch(feed, page.events.node, true)) {
        feed->refused_total++;
        kit_follower_on_fetch_failed(follower, now_ms(feed), 255);
        return;
    }
    const bool was_stuck = follower->is_stuck;
    (void)kit_follower_on_fetch_applied(follower, page.head, now_ms(feed), draw_jitter(feed));
    if (follower->is_stuck && !was_stuck)
        kit_log_write(feed->log, KIT_ERROR, "stream_stuck",
                      "information has events after %" PRId64 " but does not give them; asking on",
                      follower->seq);
    if (follower->seq >= page.head && !feed->view.is_level) {
        feed->view.is_level = true;
        feed->news++;
    }
}

static void on_fetched(void *context, const struct kit_rpc_outcome *outcome)
{
    struct feed *feed = context;

    if (!feed->follower.is_fetching)
        return; /* the link went down and came back meanwhile */
    if (outcome->code == KIT_OK)
        on_page(feed, outcome->body);
    else
        kit_follower_on_fetch_failed(&feed->follower, now_ms(feed), draw_jitter(feed));
}

/* Before the first answer the question is how far the log is, not what it holds. */
static int ask(struct feed *feed)
{
    const struct msg_rpc_replay_request request = {
        .after = feed->follower.seq,
        .limit = is_known(feed) ? KIT_FETCH_LIMIT : 1,
    };
    struct kit_buf body;

    kit_buf_init(&body, FETCH_BODY_BYTES_MAX);
    msg_rpc_replay_request_encode(&request, &body);
    CHECK(!body.overflow);
    const struct kit_rpc_call call = {
        .instance = FEED_SOURCE,
        .method = "replay",
        .body = body.data,
        .body_size_bytes = body.size_bytes,
        .key = "",
        .traceparent = "",
        .timeout_ms = KIT_FETCH_TIMEOUT_MS,
        .on_done = on_fetched,
        .context = feed,
    };
    int rc = kit_rpc_client_call(feed->rpc, &call, NULL);
    kit_buf_done(&body);
    return rc;
}

static void fetch(struct feed *feed)
{
    struct kit_follower *follower = &feed->follower;

    if (kit_follower_may_send(follower, feed->view.is_online) && ask(feed) == KIT_OK)
        kit_follower_on_fetch_sent(follower);
    else
        kit_follower_on_fetch_failed(follower, now_ms(feed), draw_jitter(feed));
}

static void look_at_presence(struct feed *feed, int64_t now_mono_ms)
{
    const bool is_online = kit_rpc_client_is_online(feed->rpc, FEED_SOURCE);
    const bool is_simulated = kit_rpc_client_is_online(feed->rpc, BRIDGE_SIMULATOR);

    if (is_simulated != feed->view.is_simulated)
        feed->news++;
    feed->view.is_simulated = is_simulated;
    if (is_online == feed->view.is_online)
        return;
    feed->view.is_online = is_online;
    feed->news++;
    if (is_online)
        kit_follower_on_online(&feed->follower, now_mono_ms);
}

int64_t feed_tick(struct feed *feed, int64_t now_mono_ms)
{
    if (feed->rpc == NULL)
        return INT64_MAX;
    look_at_presence(feed, now_mono_ms);
    if (kit_follower_wants_fetch(&feed->follower, now_mono_ms))
        fetch(feed);
    return kit_follower_next(&feed->follower);
}
