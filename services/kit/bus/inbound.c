/* From paho's threads to the loop: callbacks copy into the inbox and wake the loop when it was
 * empty. A callback holds paho's global mutex, so it must be short and must never call paho (but
 * for freeing) nor wait. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "kit/base/text.h"
#include "kit/bus/internal.h"

#define REASON_REFUSED_MIN 0x80 /* MQTT 5: reason codes from here on are failures */

/* ---- lists ---- */

void bus_list_append(struct bus_list *list, struct bus_list *tail)
{
    if (tail->first == NULL)
        return;
    if (list->first == NULL)
        list->first = tail->first;
    else
        list->last->next = tail->first;
    list->last = tail->last;
    *tail = (struct bus_list){ 0 };
}

struct bus_inbound *bus_list_pop(struct bus_list *list)
{
    struct bus_inbound *item = list->first;
    if (item != NULL) {
        list->first = item->next;
        if (list->first == NULL)
            list->last = NULL;
    }
    return item;
}

void bus_list_free(struct bus_list *list)
{
    struct bus_inbound *item;
    while ((item = bus_list_pop(list)) != NULL)
        free(item);
}

/* ---- the inbox ---- */

struct bus_inbox *bus_inbox_new(void)
{
    struct bus_inbox *inbox = calloc(1, sizeof(*inbox));
    CHECK(inbox != NULL);
    pthread_condattr_t attributes;
    CHECK(pthread_mutex_init(&inbox->lock, NULL) == 0);
    CHECK(pthread_condattr_init(&attributes) == 0);
    CHECK(pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC) == 0);
    CHECK(pthread_cond_init(&inbox->changed, &attributes) == 0);
    pthread_condattr_destroy(&attributes);
    return inbox;
}

void bus_inbox_free(struct bus_inbox *inbox)
{
    if (inbox == NULL)
        return;
    bus_list_free(&inbox->messages);
    bus_list_free(&inbox->own_states);
    pthread_cond_destroy(&inbox->changed);
    pthread_mutex_destroy(&inbox->lock);
    free(inbox);
}

/* Releases the lock after a change; wakes whoever waits for it. */
static void unlock_changed(struct kit_bus_paho *bus)
{
    struct bus_inbox *inbox = bus->inbox;
    bool wake = !inbox->wake_pending;
    inbox->wake_pending = true;
    if (inbox->closer_waits)
        pthread_cond_signal(&inbox->changed);
    pthread_mutex_unlock(&inbox->lock);
    if (wake)
        kit_loop_wake(bus->loop); /* one system call per batch, not per message */
}

static void append(struct bus_list *list, struct bus_inbound *item)
{
    struct bus_list one = { item, item };
    bus_list_append(list, &one);
}

static void sort(struct kit_bus_paho *bus, struct bus_list *messages)
{
    struct bus_inbound *item;

    while ((item = bus_list_pop(messages)) != NULL) {
        item->next = NULL;
        const bool is_urgent = bus->is_urgent != NULL && bus->is_urgent(item->message.topic);
        append(is_urgent ? &bus->urgent : &bus->patient, item);
    }
}

void bus_inbox_take(struct kit_bus_paho *bus)
{
    struct bus_inbox *inbox = bus->inbox;
    struct bus_taken *taken = &bus->taken;
    struct bus_list messages;

    pthread_mutex_lock(&inbox->lock);
    inbox->message_count -= bus->handed_count;
    inbox->message_bytes -= bus->handed_bytes;
    inbox->wake_pending = false;
    messages = inbox->messages;
    taken->own_states = inbox->own_states;
    inbox->messages = inbox->own_states = (struct bus_list){ 0 };
    taken->completion_count = inbox->completion_count;
    memcpy(taken->completions, inbox->completions,
           inbox->completion_count * sizeof(inbox->completions[0]));
    inbox->completion_count = 0;
    taken->link = inbox->link;
    inbox->link.events = 0;
    bus->stats.inbound_dropped = inbox->dropped;
    bus->stats.inbound_waiting = inbox->message_count;
    bus->stats.inbound_refused = inbox->refused;
    pthread_mutex_unlock(&inbox->lock);
    bus->handed_count = 0;
    bus->handed_bytes = 0;
    sort(bus, &messages);
}

void bus_inbox_next_connection(struct kit_bus_paho *bus)
{
    pthread_mutex_lock(&bus->inbox->lock);
    bus->inbox->connection = ++bus->connection;
    bus->inbox->link.events = 0;
    bus->inbox->completion_count = 0;
    pthread_mutex_unlock(&bus->inbox->lock);
}

void bus_inbox_want_qos0(struct kit_bus_paho *bus, bool is_wanted)
{
    pthread_mutex_lock(&bus->inbox->lock);
    bus->inbox->qos0_waits = is_wanted;
    bool is_overdue = is_wanted && bus->inbox->completion_count > 0;
    pthread_mutex_unlock(&bus->inbox->lock);
    if (is_overdue) /* completions of quiet messages came before the queue waited for them */
        kit_loop_wake(bus->loop);
}

void bus_inbox_wait(struct kit_bus_paho *bus, int64_t until_mono_ms)
{
    struct bus_inbox *inbox = bus->inbox;
    struct timespec until = { .tv_sec = (time_t)(until_mono_ms / 1000),
                              .tv_nsec = (long)(until_mono_ms % 1000) * 1000000 };
    pthread_mutex_lock(&inbox->lock);
    inbox->closer_waits = true;
    while (inbox->completion_count == 0 && inbox->link.events == 0)
        if (pthread_cond_timedwait(&inbox->changed, &inbox->lock, &until) == ETIMEDOUT)
            break;
    pthread_mutex_unlock(&inbox->lock);
}

/* ---- link events ---- */

static void post_lost(struct kit_bus_paho *bus, const char *reason)
{
    struct bus_link_events *link = &bus->inbox->link;
    atomic_store(&bus_is_connecting, true); /* before the thread that calls us sleeps */
    pthread_mutex_lock(&bus->inbox->lock);
    if ((link->events & BUS_EVENT_LOST) == 0) /* the first reason tells most */
        kit_text_copy(link->reason, sizeof(link->reason), reason);
    link->events |= BUS_EVENT_LOST;
    unlock_changed(bus);
}

void bus_on_lost(void *context, char *cause)
{
    post_lost(context, cause && cause[0] ? cause : "the connection broke");
    if (cause != NULL)
        MQTTAsync_free(cause);
}

/* A DISCONNECT from the broker: paho calls this one instead of the other. */
void bus_on_disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes reason)
{
    (void)properties;
    char text[BUS_REASON_SIZE];
    const char *name = MQTTReasonCode_toString(reason);
    snprintf(text, sizeof(text), "the broker ended the connection: %s (0x%02x)",
             name ? name : "unknown reason", (unsigned)reason);
    post_lost(context, text);
}

void bus_on_connected(void *context, MQTTAsync_successData5 *data)
{
    struct kit_bus_paho *bus = context;
    int receive_maximum = BUS_RECEIVE_MAXIMUM_DEFAULT;
    if (MQTTProperties_hasProperty(&data->properties, MQTTPROPERTY_CODE_RECEIVE_MAXIMUM))
        receive_maximum = (int)MQTTProperties_getNumericValue(&data->properties,
                                                              MQTTPROPERTY_CODE_RECEIVE_MAXIMUM);
    pthread_mutex_lock(&bus->inbox->lock);
    bus->inbox->link.events |= BUS_EVENT_CONNECTED;
    bus->inbox->link.receive_maximum = receive_maximum;
    unlock_changed(bus);
}

static void explain_silence(struct kit_bus_paho *bus, char text[BUS_REASON_SIZE])
{
    pthread_mutex_lock(&bus->inbox->lock);
    if (bus->inbox->tls_error[0] != '\0')
        snprintf(text, BUS_REASON_SIZE, "TLS: %s; deploy/certificates shows ours",
                 bus->inbox->tls_error);
    else
        snprintf(text, BUS_REASON_SIZE, "nobody answers there%s",
                 bus->tls.is_on ? ", or it is not whom its certificate names" : "");
    pthread_mutex_unlock(&bus->inbox->lock);
}

void bus_on_connect_failed(void *context, MQTTAsync_failureData5 *data)
{
    char text[BUS_REASON_SIZE];
    int code = data ? (data->reasonCode ? (int)data->reasonCode : data->code) : 0;
    if (code == MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD || code == MQTTREASONCODE_NOT_AUTHORIZED)
        snprintf(text, sizeof(text),
                 "the broker refused the user or password (0x%02x); check "
                 "--instance and --mqtt-password-file",
                 (unsigned)code);
    else if (code > 0)
        snprintf(text, sizeof(text), "the broker refused the connection (0x%02x)", (unsigned)code);
    else
        explain_silence(context, text);
    post_lost(context, text);
}

void bus_on_subscribed(void *context, MQTTAsync_successData5 *data)
{
    struct kit_bus_paho *bus = context;
    /* paho fills the list only for more than one topic. */
    int count = data->alt.sub.reasonCodeCount;
    for (int i = 0; i < count; i++) {
        int code = count == 1 ? (int)data->reasonCode : (int)data->alt.sub.reasonCodes[i];
        if (code >= REASON_REFUSED_MIN) {
            char text[BUS_REASON_SIZE];
            snprintf(text, sizeof(text), "subscription %d of %d was refused (0x%02x)", i + 1, count,
                     (unsigned)code);
            post_lost(bus, text);
            return;
        }
    }
    pthread_mutex_lock(&bus->inbox->lock);
    bus->inbox->link.events |= BUS_EVENT_SUBSCRIBED;
    unlock_changed(bus);
}

void bus_on_subscribe_failed(void *context, MQTTAsync_failureData5 *data)
{
    char text[BUS_REASON_SIZE];
    snprintf(text, sizeof(text), "the subscriptions were refused (0x%02x)",
             data ? (unsigned)data->reasonCode : 0u);
    post_lost(context, text);
}

/* ---- completions ---- */

static void post_completion(struct bus_slot *slot, int code)
{
    struct kit_bus_paho *bus = slot->bus;
    struct bus_inbox *inbox = bus->inbox;
    pthread_mutex_lock(&inbox->lock);
    CHECK(inbox->completion_count < BUS_SLOTS);
    inbox->completions[inbox->completion_count++] =
        (struct bus_completion){ .slot = (uint32_t)(slot - bus->out.slots), .code = code };
    if (slot->is_quiet && !inbox->qos0_waits && !inbox->closer_waits)
        pthread_mutex_unlock(&inbox->lock); /* the loop sees it when it comes by */
    else
        unlock_changed(bus);
}

void bus_on_sent(void *slot, MQTTAsync_successData5 *data)
{
    (void)data;
    post_completion(slot, KIT_OK);
}

void bus_on_send_failed(void *slot, MQTTAsync_failureData5 *data)
{
    int reason = data ? (int)data->reasonCode : 0;
    int code = KIT_E_UNAVAILABLE;
    if (reason == MQTTREASONCODE_NOT_AUTHORIZED)
        code = KIT_E_FORBIDDEN;
    else if (reason == MQTTREASONCODE_PACKET_TOO_LARGE)
        code = KIT_E_TOO_LARGE;
    else if (reason == MQTTREASONCODE_QUOTA_EXCEEDED)
        code = KIT_E_LIMIT;
    post_completion(slot, code);
}

/* ---- messages ---- */

/* Returns the item if there was no room for it. Lock held. */
static struct bus_inbound *accept(struct kit_bus_paho *bus, struct bus_inbound *item)
{
    struct bus_inbox *inbox = bus->inbox;
    item->connection = inbox->connection;
    if (inbox->message_count >= KIT_BUS_INBOUND_MAX ||
        inbox->message_bytes + item->size_bytes > KIT_BUS_INBOUND_BYTES_MAX) {
        inbox->dropped++;
        return item;
    }
    inbox->message_count++;
    inbox->message_bytes += item->size_bytes;
    bool is_own = strcmp(item->message.topic, bus->state_topic) == 0;
    append(is_own ? &inbox->own_states : &inbox->messages, item);
    return NULL;
}

/* Always returns 1: the broker gets its PUBACK whatever we return, and 0 would only make paho keep
 * the message in memory without a limit. */
int bus_on_arrived(void *context, char *topic, int topic_length, MQTTAsync_message *message)
{
    struct kit_bus_paho *bus = context;
    size_t length = topic_length > 0 ? (size_t)topic_length : strlen(topic);
    struct bus_inbound *item = bus_message_copy(topic, length, message);
    MQTTAsync_freeMessage(&message);
    MQTTAsync_free(topic);

    pthread_mutex_lock(&bus->inbox->lock);
    struct bus_inbound *unwanted = NULL;
    if (item == NULL)
        bus->inbox->refused++;
    else
        unwanted = accept(bus, item);
    unlock_changed(bus);
    free(unwanted);
    return 1;
}
