/* See message.h. */
#include "world/message.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"

/* Puts a text behind the others; returns where it stands. */
static const char *append(char **at, const char *text)
{
    const size_t size = text == NULL ? 1 : strlen(text) + 1;
    char *begin = *at;
    memcpy(begin, text == NULL ? "" : text, size);
    *at += size;
    return begin;
}

static size_t text_size(const char *text)
{
    return text == NULL ? 1 : strlen(text) + 1;
}

struct world_message *world_message_copy(const struct kit_message *message)
{
    const size_t size = sizeof(struct world_message) + message->payload_size_bytes + 1 +
                        text_size(message->topic) + text_size(message->response_topic) +
                        text_size(message->status) + text_size(message->key) +
                        text_size(message->traceparent);
    struct world_message *copy = malloc(size);
    CHECK(copy != NULL);
    copy->references = 1;
    copy->cookie = 0;
    copy->view = *message;
    char *at = (char *)(copy + 1);
    copy->view.payload = at;
    if (message->payload_size_bytes > 0)
        memcpy(at, message->payload, message->payload_size_bytes);
    at += message->payload_size_bytes;
    *at++ = '\0';
    copy->view.topic = append(&at, message->topic);
    copy->view.response_topic = append(&at, message->response_topic);
    copy->view.status = append(&at, message->status);
    copy->view.key = append(&at, message->key);
    copy->view.traceparent = append(&at, message->traceparent);
    return copy;
}

struct world_message *world_message_share(struct world_message *message)
{
    message->references++;
    return message;
}

void world_message_release(struct world_message *message)
{
    if (message == NULL)
        return;
    PRE(message->references > 0);
    if (--message->references == 0)
        free(message);
}
