/* From the loop to paho: two lanes, each with a window and a queue in front. paho must never hold
 * more than the broker will take at once: at its Receive Maximum, paho 1.3.12 sleeps up to a second
 * (22 messages/s instead of 30,000). Loop thread only; the inbox lock is never held here. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/bus/internal.h"

#define PROPERTIES_MAX 14
#define NUMBER_SIZE 24
#define SENT_SIZE 32
#define CONTENT_TYPE "application/json"

/* ---- slots ---- */

void bus_outbox_init(struct kit_bus_paho *bus)
{
    for (size_t i = BUS_SLOTS; i-- > 0;) {
        struct bus_slot *slot = &bus->out.slots[i];
        slot->bus = bus;
        slot->next_free = bus->out.free_slots;
        bus->out.free_slots = slot;
    }
}

static struct bus_slot *take_slot(struct kit_bus_paho *bus, enum bus_lane_id lane, uint64_t cookie)
{
    struct bus_slot *slot = bus->out.free_slots;
    CHECK(slot != NULL); /* the lanes' limits add up to BUS_SLOTS */
    bus->out.free_slots = slot->next_free;
    slot->next_free = NULL;
    slot->cookie = cookie;
    slot->lane = lane;
    slot->is_busy = true;
    slot->is_quiet = lane == BUS_LANE_QOS0 && cookie == 0;
    bus->out.lanes[lane].in_flight++;
    return slot;
}

static void free_slot(struct bus_slot *slot)
{
    struct bus_outbox *out = &slot->bus->out;
    CHECK(slot->is_busy);
    slot->is_busy = false;
    slot->next_free = out->free_slots;
    out->free_slots = slot;
    out->lanes[slot->lane].in_flight--;
}

/* ---- sending ---- */

static MQTTLenString borrow(const char *text)
{
    /* paho only reads it: MQTTAsync_send() copies every property. */
    return (MQTTLenString){ .len = (int)strlen(text), .data = (char *)(uintptr_t)text };
}

static void add_text(MQTTProperties *list, enum MQTTPropertyCodes code, const char *text)
{
    CHECK(list->count < PROPERTIES_MAX);
    MQTTProperty *property = &list->array[list->count++];
    property->identifier = code;
    property->value.data = borrow(text);
}

static void add_user(MQTTProperties *list, const char *name, const char *text)
{
    if (text == NULL || text[0] == '\0')
        return;
    add_text(list, MQTTPROPERTY_CODE_USER_PROPERTY, name);
    list->array[list->count - 1].value.value = borrow(text);
}

/* What is made up as text, until paho has copied it. */
struct property_texts {
    char deadline[NUMBER_SIZE], left[NUMBER_SIZE], sent[SENT_SIZE], now[NUMBER_SIZE];
    char actor[NUMBER_SIZE], account[NUMBER_SIZE];
};

static void add_times(MQTTProperties *list, const struct kit_message *message,
                      struct property_texts *texts)
{
    if (message->deadline_ms > 0) {
        snprintf(texts->deadline, sizeof(texts->deadline), "%" PRId64, message->deadline_ms);
        add_user(list, "deadline", texts->deadline);
    }
    if (message->left_ms > 0) {
        snprintf(texts->left, sizeof(texts->left), "%" PRId64, message->left_ms);
        add_user(list, "left", texts->left);
    }
    if (message->now_ms > 0) {
        snprintf(texts->now, sizeof(texts->now), "%" PRId64, message->now_ms);
        add_user(list, "now", texts->now);
    }
    if (message->sender_life != 0) {
        snprintf(texts->sent, sizeof(texts->sent), "%08" PRIx32 "-%" PRId64, message->sender_life,
                 message->sent_mono_ms);
        add_user(list, "sent", texts->sent);
    }
}

static void add_actor(MQTTProperties *list, const struct kit_actor *actor,
                      struct property_texts *texts)
{
    if (actor->person > 0) {
        snprintf(texts->actor, sizeof(texts->actor), "%" PRId64, actor->person);
        add_user(list, "actor", texts->actor);
    }
    if (actor->account > 0) {
        snprintf(texts->account, sizeof(texts->account), "%" PRId64, actor->account);
        add_user(list, "account", texts->account);
    }
    add_user(list, "role", kit_role_name(actor->role));
}

/* Builds the list in the caller's array, without the allocations of MQTTProperties_add(). */
static void list_properties(const struct kit_message *message, MQTTProperties *list,
                            struct property_texts *texts)
{
    add_text(list, MQTTPROPERTY_CODE_CONTENT_TYPE, CONTENT_TYPE);
    if (message->response_topic != NULL && message->response_topic[0] != '\0')
        add_text(list, MQTTPROPERTY_CODE_RESPONSE_TOPIC, message->response_topic);
    if (message->has_correlation) {
        add_text(list, MQTTPROPERTY_CODE_CORRELATION_DATA, "");
        list->array[list->count - 1].value.data = (MQTTLenString){
            .len = KIT_CORRELATION_SIZE, .data = (char *)(uintptr_t)message->correlation
        };
    }
    add_times(list, message, texts);
    add_user(list, "status", message->status);
    add_user(list, "idempotency-key", message->key);
    add_user(list, "traceparent", message->traceparent);
    add_actor(list, &message->actor, texts);
}

static enum bus_lane_id choose_lane(const struct kit_message *message)
{
    return message->qos == 0 ? BUS_LANE_QOS0 : BUS_LANE_QOS1;
}

/* Gives one message to paho, which copies it. KIT_OK: a completion follows. */
static int send_now(struct kit_bus_paho *bus, const struct kit_message *message, uint64_t cookie)
{
    MQTTProperty array[PROPERTIES_MAX];
    struct property_texts texts;
    MQTTAsync_responseOptions options = MQTTAsync_responseOptions_initializer;
    options.properties = (MQTTProperties){ .max_count = PROPERTIES_MAX, .array = array };
    list_properties(message, &options.properties, &texts);

    struct bus_slot *slot = take_slot(bus, choose_lane(message), cookie);
    options.onSuccess5 = bus_on_sent;
    options.onFailure5 = bus_on_send_failed;
    options.context = slot;
    int rc = MQTTAsync_send(bus->handle, message->topic, (int)message->payload_size_bytes,
                            message->payload, message->qos, message->retain, &options);
    if (rc != MQTTASYNC_SUCCESS) {
        free_slot(slot);
        return KIT_E_UNAVAILABLE;
    }
    bus->stats.messages_out++;
    bus->stats.bytes_out += (int64_t)message->payload_size_bytes;
    return KIT_OK;
}

/* ---- queue in front of a lane ---- */

static size_t measure_text(const char *text)
{
    return text == NULL ? 1 : strlen(text) + 1;
}

static const char *put(char **at, const void *bytes, size_t size)
{
    char *start = *at;
    if (size > 0)
        memcpy(start, bytes, size);
    start[size] = '\0';
    *at = start + size + 1;
    return start;
}

static const char *put_text(char **at, const char *text)
{
    return put(at, text, text == NULL ? 0 : strlen(text));
}

static struct bus_outbound *copy_message(const struct kit_message *message, uint64_t cookie)
{
    size_t size = sizeof(struct bus_outbound) + message->payload_size_bytes + 1 +
                  measure_text(message->topic) + measure_text(message->response_topic) +
                  measure_text(message->status) + measure_text(message->key) +
                  measure_text(message->traceparent);
    struct bus_outbound *item = malloc(size);
    CHECK(item != NULL);
    *item = (struct bus_outbound){ .cookie = cookie, .size_bytes = size, .message = *message };
    char *at = item->data;
    item->message.payload = put(&at, message->payload, message->payload_size_bytes);
    item->message.topic = put_text(&at, message->topic);
    item->message.response_topic = put_text(&at, message->response_topic);
    item->message.status = put_text(&at, message->status);
    item->message.key = put_text(&at, message->key);
    item->message.traceparent = put_text(&at, message->traceparent);
    return item;
}

static int enqueue(struct kit_bus_paho *bus, const struct kit_message *message, uint64_t cookie,
                   struct kit_error *err)
{
    struct bus_outbox *out = &bus->out;
    struct bus_lane *lane = &out->lanes[choose_lane(message)];
    if (out->waiting_count >= KIT_BUS_OUTBOUND_MAX ||
        out->waiting_bytes + message->payload_size_bytes > BUS_OUTBOUND_BYTES_MAX)
        return kit_error_set(err, KIT_E_LIMIT,
                             "%zu messages already wait for the broker; try "
                             "again later",
                             out->waiting_count);
    struct bus_outbound *item = copy_message(message, cookie);
    if (lane->first == NULL)
        lane->first = item;
    else
        lane->last->next = item;
    lane->last = item;
    out->waiting_count++;
    out->waiting_bytes += item->size_bytes;
    if (choose_lane(message) == BUS_LANE_QOS0)
        bus_inbox_want_qos0(bus, true);
    return KIT_OK;
}

static struct bus_outbound *dequeue(struct bus_outbox *out, struct bus_lane *lane)
{
    struct bus_outbound *item = lane->first;
    if (item == NULL)
        return NULL;
    lane->first = item->next;
    if (lane->first == NULL)
        lane->last = NULL;
    out->waiting_count--;
    out->waiting_bytes -= item->size_bytes;
    return item;
}

static void tell(struct kit_bus_paho *bus, uint64_t cookie, int code)
{
    if (code != KIT_OK)
        bus->stats.publish_failed++;
    if (cookie != 0)
        bus->events.on_published(bus->events.context, cookie, code);
}

static void pump_lane(struct kit_bus_paho *bus, struct bus_lane *lane)
{
    /* Bounded by the window: a sent message takes a place in it. A message that paho refuses does
     * not, but each one shortens the queue. */
    while (lane->in_flight < lane->limit && lane->first != NULL) {
        struct bus_outbound *item = dequeue(&bus->out, lane);
        int rc = send_now(bus, &item->message, item->cookie);
        uint64_t cookie = item->cookie;
        free(item);
        if (rc != KIT_OK)
            tell(bus, cookie, rc);
    }
}

/* ---- for paho.c ---- */

int bus_outbox_publish(void *self, const struct kit_message *message, uint64_t cookie,
                       struct kit_error *err)
{
    struct kit_bus_paho *bus = self;
    PRE(message->topic != NULL && message->topic[0] != '\0');
    PRE(message->qos == 0 || message->qos == 1);

    /* Above the broker's packet limit a message would be sent again for ever (on 2.0.11). */
    if (message->payload_size_bytes > KIT_PAYLOAD_BYTES_MAX)
        return kit_error_set(err, KIT_E_TOO_LARGE,
                             "a message of %zu bytes is above the limit of "
                             "%d",
                             message->payload_size_bytes, KIT_PAYLOAD_BYTES_MAX);
    struct bus_lane *lane = &bus->out.lanes[choose_lane(message)];
    if (lane->limit == 0)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "there is no connection to the broker now");
    if (lane->first != NULL || lane->in_flight >= lane->limit)
        return enqueue(bus, message, cookie, err);
    if (send_now(bus, message, cookie) != KIT_OK)
        return kit_error_set(err, KIT_E_UNAVAILABLE, "the connection to the broker just broke");
    return KIT_OK;
}

void bus_outbox_open(struct kit_bus_paho *bus, int receive_maximum)
{
    int window = receive_maximum - BUS_WINDOW_RESERVE;
    if (window > BUS_WINDOW_MAX)
        window = BUS_WINDOW_MAX;
    bus->out.lanes[BUS_LANE_QOS1].limit = window < 1 ? 1 : (size_t)window;
    bus->out.lanes[BUS_LANE_QOS0].limit = BUS_QOS0_MAX;
}

void bus_outbox_shut(struct kit_bus_paho *bus)
{
    for (size_t i = 0; i < KIT_COUNT(bus->out.lanes); i++)
        bus->out.lanes[i].limit = 0;
}

void bus_outbox_complete(struct kit_bus_paho *bus, const struct bus_completion *completions,
                         size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct bus_slot *slot = &bus->out.slots[completions[i].slot];
        uint64_t cookie = slot->cookie;
        free_slot(slot); /* before the callback: it may publish */
        tell(bus, cookie, completions[i].code);
    }
}

void bus_outbox_pump(struct kit_bus_paho *bus)
{
    pump_lane(bus, &bus->out.lanes[BUS_LANE_QOS1]);
    struct bus_lane *qos0 = &bus->out.lanes[BUS_LANE_QOS0];
    if (qos0->first == NULL)
        return;
    pump_lane(bus, qos0);
    if (qos0->first == NULL)
        bus_inbox_want_qos0(bus, false);
}

void bus_outbox_fail_all(struct kit_bus_paho *bus)
{
    bus_outbox_shut(bus); /* what callbacks publish now is refused, not queued */
    for (size_t i = 0; i < BUS_SLOTS; i++) {
        struct bus_slot *slot = &bus->out.slots[i];
        if (!slot->is_busy)
            continue;
        uint64_t cookie = slot->cookie;
        free_slot(slot);
        tell(bus, cookie, KIT_E_UNAVAILABLE);
    }
    for (size_t i = 0; i < KIT_COUNT(bus->out.lanes); i++) {
        struct bus_outbound *item;
        while ((item = dequeue(&bus->out, &bus->out.lanes[i])) != NULL) {
            tell(bus, item->cookie, KIT_E_UNAVAILABLE);
            free(item);
        }
    }
    bus_inbox_want_qos0(bus, false);
}

bool bus_outbox_is_idle(const struct kit_bus_paho *bus)
{
    return bus->out.waiting_count == 0 && bus->out.lanes[BUS_LANE_QOS0].in_flight == 0 &&
           bus->out.lanes[BUS_LANE_QOS1].in_flight == 0;
}
