/* One message: encoded, published, forgotten. */
#include "kit/rpc/status.h"

#include "kit/base/buf.h"
#include "kit/base/check.h"
#include "kit/base/error.h"
#include "kit/rpc/topic.h"

bool kit_word_publish(const struct kit_bus *bus, const char *topic, const struct kit_buf *payload)
{
    CHECK(!payload->overflow);
    const struct kit_message message = {
        .topic = topic,
        .payload = payload->data,
        .payload_size_bytes = payload->size_bytes,
        .response_topic = "",
        .status = "",
        .key = "",
        .traceparent = "",
    };
    return bus->publish(bus->self, &message, 0, NULL) == KIT_OK;
}

bool kit_status_publish(const struct kit_bus *bus, const char *instance,
                        const struct msg_wire_service_status *status)
{
    char topic[KIT_TOPIC_SIZE];
    struct kit_buf payload;

    kit_buf_init(&payload, KIT_STATUS_BYTES_MAX);
    msg_wire_service_status_encode(status, &payload);
    kit_topic_status(topic, instance);
    const bool is_sent = kit_word_publish(bus, topic, &payload);
    kit_buf_done(&payload);
    return is_sent;
}
