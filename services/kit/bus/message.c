/* From a PUBLISH of paho to one allocation of ours, properties included. What does not fit our
 * limits is refused here and counted. Runs on paho's receive thread, with its mutex held. */
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "kit/bus/internal.h"

#define STATUS_SIZE 32

static const char HEX[] = "0123456789abcdef";

struct text {
    const char *data;
    size_t length;
};

/* What a PUBLISH says, still in paho's memory. */
struct parsed {
    struct text topic, response_topic, status, key, traceparent;
    struct kit_actor actor;
    const MQTTLenString *correlation;
    int64_t deadline_ms, left_ms, sent_mono_ms, now_ms;
    uint32_t sender_life;
    bool has_deadline, has_left, has_sent, has_now, has_actor, has_account;
};

static bool is_clean(const char *data, size_t length, size_t size_max)
{
    return length < size_max && (length == 0 || memchr(data, '\0', length) == NULL);
}

/* false: longer than its place, or given twice. */
static bool take_text(struct text *text, const MQTTLenString *value, size_t size_max)
{
    if (text->data != NULL || value->len < 0 ||
        !is_clean(value->data, (size_t)value->len, size_max))
        return false;
    text->data = value->len > 0 ? value->data : "";
    text->length = (size_t)value->len;
    return true;
}

static bool read_number(const char *digits, int count, int64_t *ret_number)
{
    if (count < 1 || count > BUS_NUMBER_DIGITS_MAX)
        return false;
    *ret_number = 0;
    for (int i = 0; i < count; i++) {
        if (digits[i] < '0' || digits[i] > '9')
            return false;
        *ret_number = *ret_number * 10 + (digits[i] - '0');
    }
    return true;
}

/* false: not a number, or given twice. */
static bool take_number(bool *is_taken, int64_t *number, const MQTTLenString *value)
{
    if (*is_taken)
        return false;
    *is_taken = true;
    return read_number(value->data, value->len, number);
}

/* "<8 hexadecimal digits>-<ms>" */
static bool take_sent(struct parsed *parsed, const MQTTLenString *value)
{
    if (parsed->has_sent || value->len <= BUS_LIFE_DIGITS || value->data[BUS_LIFE_DIGITS] != '-')
        return false;
    parsed->has_sent = true;
    for (int i = 0; i < BUS_LIFE_DIGITS; i++) {
        const char *digit = strchr(HEX, value->data[i]);
        if (value->data[i] == '\0' || digit == NULL)
            return false;
        parsed->sender_life = parsed->sender_life << 4 | (uint32_t)(digit - HEX);
    }
    return read_number(value->data + BUS_LIFE_DIGITS + 1, value->len - BUS_LIFE_DIGITS - 1,
                       &parsed->sent_mono_ms);
}

/* false: no role, or given twice. */
static bool take_role(struct parsed *parsed, const MQTTLenString *value)
{
    char name[KIT_ROLE_SIZE];

    if (parsed->actor.role != KIT_ROLE_NONE || value->len < 0 ||
        !is_clean(value->data, (size_t)value->len, sizeof(name)))
        return false;
    if (value->len > 0)
        memcpy(name, value->data, (size_t)value->len);
    name[value->len] = '\0';
    return kit_role_from_name(name, &parsed->actor.role);
}

static bool name_is(const MQTTLenString *name, const char *text)
{
    size_t length = strlen(text);
    return name->len == (int)length && memcmp(name->data, text, length) == 0;
}

static bool take_user_property(struct parsed *parsed, const MQTTLenString *name,
                               const MQTTLenString *value)
{
    if (name_is(name, "deadline"))
        return take_number(&parsed->has_deadline, &parsed->deadline_ms, value);
    if (name_is(name, "left"))
        return take_number(&parsed->has_left, &parsed->left_ms, value);
    if (name_is(name, "now"))
        return take_number(&parsed->has_now, &parsed->now_ms, value);
    if (name_is(name, "sent"))
        return take_sent(parsed, value);
    if (name_is(name, "status"))
        return take_text(&parsed->status, value, STATUS_SIZE);
    if (name_is(name, "idempotency-key"))
        return take_text(&parsed->key, value, KIT_KEY_SIZE);
    if (name_is(name, "traceparent"))
        return take_text(&parsed->traceparent, value, KIT_TRACEPARENT_SIZE);
    if (name_is(name, "actor"))
        return take_number(&parsed->has_actor, &parsed->actor.person, value);
    if (name_is(name, "account"))
        return take_number(&parsed->has_account, &parsed->actor.account, value);
    if (name_is(name, "role"))
        return take_role(parsed, value);
    return true; /* not ours: passed over */
}

static bool take_properties(struct parsed *parsed, const MQTTProperties *properties)
{
    for (int i = 0; i < properties->count; i++) {
        const MQTTProperty *property = &properties->array[i];
        if (property->identifier == MQTTPROPERTY_CODE_CORRELATION_DATA)
            parsed->correlation = &property->value.data;
        else if (property->identifier == MQTTPROPERTY_CODE_RESPONSE_TOPIC) {
            if (!take_text(&parsed->response_topic, &property->value.data, KIT_TOPIC_SIZE))
                return false;
        } else if (property->identifier == MQTTPROPERTY_CODE_USER_PROPERTY) {
            if (!take_user_property(parsed, &property->value.data, &property->value.value))
                return false;
        }
    }
    return true;
}

static const char *put_text(char **at, const struct text *text)
{
    char *start = *at;
    if (text->length > 0)
        memcpy(start, text->data, text->length);
    start[text->length] = '\0';
    *at = start + text->length + 1;
    return start;
}

static struct bus_inbound *copy_out(const struct parsed *parsed, const MQTTAsync_message *from)
{
    size_t payload_size = (size_t)from->payloadlen;
    size_t size = sizeof(struct bus_inbound) + payload_size + 1 + parsed->topic.length + 1 +
                  parsed->response_topic.length + 1 + parsed->status.length + 1 +
                  parsed->key.length + 1 + parsed->traceparent.length + 1;
    struct bus_inbound *item = malloc(size);
    CHECK(item != NULL);
    *item = (struct bus_inbound){ .size_bytes = size };

    char *at = item->data;
    struct kit_message *to = &item->message;
    struct text payload = { from->payload, payload_size };
    to->payload = put_text(&at, &payload);
    to->payload_size_bytes = payload_size;
    to->topic = put_text(&at, &parsed->topic);
    to->response_topic = put_text(&at, &parsed->response_topic);
    to->status = put_text(&at, &parsed->status);
    to->key = put_text(&at, &parsed->key);
    to->traceparent = put_text(&at, &parsed->traceparent);
    to->deadline_ms = parsed->deadline_ms;
    to->left_ms = parsed->left_ms;
    to->sender_life = parsed->sender_life;
    to->sent_mono_ms = parsed->sent_mono_ms;
    to->now_ms = parsed->now_ms;
    to->actor = parsed->actor;
    to->qos = from->qos;
    to->retain = from->retained != 0;
    if (parsed->correlation != NULL && parsed->correlation->len == KIT_CORRELATION_SIZE) {
        memcpy(to->correlation, parsed->correlation->data, KIT_CORRELATION_SIZE);
        to->has_correlation = true;
    }
    return item;
}

struct bus_inbound *bus_message_copy(const char *topic, size_t topic_length,
                                     const MQTTAsync_message *from)
{
    struct parsed parsed = { .topic = { topic, topic_length } };
    if (from->payloadlen < 0 || from->payloadlen > KIT_PAYLOAD_BYTES_MAX ||
        !is_clean(topic, topic_length, KIT_TOPIC_SIZE) ||
        !take_properties(&parsed, &from->properties))
        return NULL;
    return copy_out(&parsed, from);
}
