/* The window of one stream, in memory. See feed.h. */
#include "bridge/feed.h"

#include <stdlib.h>
#include <string.h>

#include "bridge/feed_text.h"
#include "bridge/route.h"
#include "kit/rpc/topic.h"

#define TEXT_BYTES_MAX (2 * KIT_ENVELOPE_BYTES_MAX)

/* ---- events ---- */

/* Whose what it tells is. */
static int64_t account_of(const struct msg_wire_event *event)
{
    const cJSON *account = cJSON_GetObjectItemCaseSensitive(event->data.node, "account");
    return cJSON_IsNumber(account) ? (int64_t)account->valuedouble : 0;
}

static bool take(void *self, const struct msg_wire_event *event, int64_t seq)
{
    struct feed *feed = self;
    enum feed_kind kind;

    feed->news++;
    if (strcmp(event->type, KIT_EVENT_DAMAGED) == 0) { /* nobody knows what: all load anew */
        feed_ring_start(&feed->view.ring, feed->follow.follower.epoch, seq);
        return true;
    }
    if (!feed_kind_of_type(event->type, &kind)) {
        feed_ring_skip(&feed->view.ring, seq);
        return true;
    }
    kit_buf_reset(&feed->text);
    feed_text_write(event, kind, seq, &feed->text);
    if (feed->text.overflow) {
        feed_ring_skip(&feed->view.ring, seq);
        return true;
    }
    const struct feed_item item = { .seq = seq,
                                    .kind = kind,
                                    .account = account_of(event),
                                    .subject = event->subject,
                                    .text = feed->text.data,
                                    .size_bytes = feed->text.size_bytes };
    feed_ring_append(&feed->view.ring, &item);
    return true;
}

/* All readers that are further back must load anew. */
static void skip(void *self, int64_t seq)
{
    struct feed *feed = self;
    feed_ring_start(&feed->view.ring, feed->follow.follower.epoch, seq);
}

static int64_t begin(void *self, const char *epoch, int64_t head_seq)
{
    struct feed *feed = self;
    const int64_t seq = head_seq > FEED_REPLAY_MAX ? head_seq - FEED_REPLAY_MAX : 0;

    feed_ring_start(&feed->view.ring, epoch, seq);
    feed->view.is_level = false;
    feed->news++;
    return seq;
}

static const struct follow_owner OWNER = {
    .begin = begin, .skip = skip, .take = take, .lag_max = FEED_LAG_MAX
};

/* ---- life ---- */

void feed_init(struct feed *feed, const struct kit_clock *clock, const struct kit_rng *rng,
               const struct kit_log *log)
{
    const struct follow_ports ports = { .clock = clock, .rng = rng, .log = log };
    struct feed_slot *slots = calloc(FEED_EVENTS_MAX, sizeof(*slots));
    char *bytes = malloc(FEED_BYTES_MAX);

    CHECK(slots != NULL && bytes != NULL);
    feed_ring_init(&feed->view.ring, slots, FEED_EVENTS_MAX, bytes, FEED_BYTES_MAX);
    follow_init(&feed->follow, FEED_SOURCE, &ports, &OWNER, feed);
    kit_buf_init(&feed->text, TEXT_BYTES_MAX);
}

void feed_done(struct feed *feed)
{
    free(feed->view.ring.slots);
    free(feed->view.ring.bytes);
    kit_buf_done(&feed->text);
    *feed = (struct feed){ .news = 0 };
}

void feed_on_link(struct feed *feed, bool is_up)
{
    follow_on_link(&feed->follow, is_up);
    feed->view.is_level = false;
}

bool feed_on_message(struct feed *feed, const struct kit_message *message)
{
    return follow_on_message(&feed->follow, message);
}

/* What readers see of the source. */
static void look(struct feed *feed)
{
    struct feed_view *view = &feed->view;
    const bool is_online = feed->follow.is_online;
    const bool is_level = feed->follow.is_level;
    const bool is_simulated = kit_rpc_client_is_online(feed->follow.rpc, BRIDGE_SIMULATOR);

    feed->news += is_online != view->is_online || is_level != view->is_level ||
                  is_simulated != view->is_simulated;
    view->is_online = is_online;
    view->is_level = is_level;
    view->is_simulated = is_simulated;
}

int64_t feed_tick(struct feed *feed, int64_t now_mono_ms)
{
    const int64_t due = follow_tick(&feed->follow, now_mono_ms);

    if (feed->follow.rpc != NULL)
        look(feed);
    return due;
}
