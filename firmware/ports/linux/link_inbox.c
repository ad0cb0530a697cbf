/* The inbox of the link (ports/linux/link_internal.h has the rules): paho's threads fill it, the
 * loop empties it. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "ports/linux/link_internal.h"

#define REASON_CODE_ERROR 0x80 /* this and higher ones are refusals */

/* ---- paho's threads ---- */

static void wake(const struct fw_linux_link *link)
{
    uint64_t one = 1;
    ssize_t ignored = write(link->wake_fd, &one,
                            sizeof(one)); /* fails only when readable already */
    (void)ignored;
}

static void note(struct fw_linux_link *link, unsigned event, const char *reason)
{
    pthread_mutex_lock(&link->inbox.lock);
    link->inbox.events |= event;
    if (reason != NULL)
        fw_linux_copy_text(link->inbox.reason, sizeof(link->inbox.reason), reason);
    pthread_cond_broadcast(&link->inbox.changed);
    pthread_mutex_unlock(&link->inbox.lock);
    wake(link);
}

void link_on_connected(void *context, MQTTAsync_successData5 *data)
{
    (void)data;
    note(context, LINK_CONNECTED, NULL);
}

static void explain(char reason[FW_LINUX_REASON_SIZE], const char *what,
                    const MQTTAsync_failureData5 *data)
{
    const char *text = data != NULL && data->message != NULL ? data->message : "";
    if (data != NULL && (int)data->reasonCode >= REASON_CODE_ERROR) {
        const char *code = MQTTReasonCode_toString(data->reasonCode);
        snprintf(reason, FW_LINUX_REASON_SIZE, "%s: %s", what, code != NULL ? code : "refused");
        return;
    }
    snprintf(reason, FW_LINUX_REASON_SIZE, "%s%s%s", what, text[0] != '\0' ? ": " : "", text);
}

/* thread:error:code:library:function:reason:file:line: */
#define TLS_REASON_AT 5

int link_on_tls_error(const char *line, size_t length, void *context)
{
    struct fw_linux_link *link = context;
    const char *at = line, *const end = line + length;
    for (int i = 0; i < TLS_REASON_AT && at != NULL; i++) {
        at = memchr(at, ':', (size_t)(end - at));
        if (at != NULL)
            at++;
    }
    if (at == NULL)
        return 0;
    const char *stop = memchr(at, ':', (size_t)(end - at));
    pthread_mutex_lock(&link->inbox.lock);
    snprintf(link->inbox.tls_error, sizeof(link->inbox.tls_error), "%.*s",
             (int)((stop != NULL ? stop : end) - at), at);
    pthread_mutex_unlock(&link->inbox.lock);
    return 0;
}

static void explain_silence(struct fw_linux_link *link, char reason[FW_LINUX_REASON_SIZE])
{
    pthread_mutex_lock(&link->inbox.lock);
    if (link->inbox.tls_error[0] != '\0')
        snprintf(reason, FW_LINUX_REASON_SIZE,
                 "TLS: %s; deploy/add-device makes certificates, is the clock right?",
                 link->inbox.tls_error);
    else
        snprintf(reason, FW_LINUX_REASON_SIZE, "nobody answers at the broker's address%s",
                 link->has_tls ? ", or it is not whom its certificate names" : "");
    pthread_mutex_unlock(&link->inbox.lock);
}

void link_on_connect_failed(void *context, MQTTAsync_failureData5 *data)
{
    char reason[FW_LINUX_REASON_SIZE];
    /* paho has the code of a CONNACK in reasonCode or in code, by the version of the answer. */
    int code = data == NULL ? 0 : data->reasonCode != 0 ? (int)data->reasonCode : data->code;
    if (code == MQTTREASONCODE_BAD_USER_NAME_OR_PASSWORD || code == MQTTREASONCODE_NOT_AUTHORIZED)
        snprintf(reason, sizeof(reason),
                 "the broker refuses this id or its password: has deploy/add-device added it, and "
                 "is the password file the one it named?");
    else if (code >= REASON_CODE_ERROR)
        snprintf(reason, sizeof(reason), "the broker refuses the connection (0x%02x)",
                 (unsigned)code);
    else
        explain_silence(context, reason);
    note(context, LINK_LOST, reason);
}

void link_on_subscribed(void *context, MQTTAsync_successData5 *data)
{
    (void)data;
    note(context, LINK_SUBSCRIBED, NULL);
}

void link_on_subscribe_failed(void *context, MQTTAsync_failureData5 *data)
{
    char reason[FW_LINUX_REASON_SIZE];
    explain(reason, "the broker refuses the subscriptions", data);
    note(context, LINK_LOST, reason);
}

void link_on_lost(void *context, char *cause)
{
    note(context, LINK_LOST, cause != NULL ? cause : "the connection broke");
}

void link_on_disconnected(void *context, MQTTProperties *properties, enum MQTTReasonCodes code)
{
    (void)properties;
    const char *text = code == MQTTREASONCODE_SESSION_TAKEN_OVER
                           ? "another device uses our name and password"
                           : MQTTReasonCode_toString(code);
    char reason[FW_LINUX_REASON_SIZE];
    snprintf(reason, sizeof(reason), "the broker ended the connection: %s",
             text != NULL ? text : "no reason");
    note(context, LINK_LOST, reason);
}

void link_release_flight(struct fw_linux_link *link)
{
    pthread_mutex_lock(&link->inbox.lock);
    if (link->inbox.in_flight > 0)
        link->inbox.in_flight--;
    pthread_cond_broadcast(&link->inbox.changed);
    pthread_mutex_unlock(&link->inbox.lock);
}

void link_on_sent(void *context, MQTTAsync_successData5 *data)
{
    (void)data;
    link_release_flight(context);
}

/* The log still holds the records of a refused `up`, and sends them again. */
void link_on_send_failed(void *context, MQTTAsync_failureData5 *data)
{
    (void)data;
    link_release_flight(context);
}

void link_on_gone(void *context, MQTTAsync_successData5 *data)
{
    (void)data;
    note(context, LINK_GONE, NULL);
}

void link_on_gone_badly(void *context, MQTTAsync_failureData5 *data)
{
    (void)data;
    note(context, LINK_GONE, NULL);
}

static bool find_leaf(const struct fw_linux_link *link, const char *topic, size_t length,
                      enum fw_leaf *ret_leaf)
{
    static const struct {
        const char *name;
        enum fw_leaf leaf;
    } leaves[] = { { "ack", FW_LEAF_ACK }, { "cmd", FW_LEAF_CMD }, { "config", FW_LEAF_CONFIG } };

    size_t prefix = strlen(link->prefix);
    if (length <= prefix || memcmp(topic, link->prefix, prefix) != 0)
        return false;
    for (size_t i = 0; i < sizeof(leaves) / sizeof(leaves[0]); i++) {
        size_t size = strlen(leaves[i].name);
        if (length - prefix == size && memcmp(topic + prefix, leaves[i].name, size) == 0) {
            *ret_leaf = leaves[i].leaf;
            return true;
        }
    }
    return false;
}

static struct link_message *copy_message(const struct fw_linux_link *link, const char *topic,
                                         size_t topic_length, const MQTTAsync_message *from)
{
    enum fw_leaf leaf;
    if (from->payloadlen < 0 || from->payloadlen > FW_PAYLOAD_MAX ||
        !find_leaf(link, topic, topic_length, &leaf))
        return NULL;
    struct link_message *message = calloc(1, sizeof(*message) + (size_t)from->payloadlen + 1);
    if (message == NULL)
        return NULL;
    message->leaf = leaf;
    message->size = (size_t)from->payloadlen;
    if (message->size > 0)
        memcpy(message->payload, from->payload, message->size);
    return message;
}

int link_on_arrived(void *context, char *topic, int topic_length, MQTTAsync_message *from)
{
    struct fw_linux_link *link = context;
    size_t length = topic_length > 0 ? (size_t)topic_length : strlen(topic);
    struct link_message *message = copy_message(link, topic, length, from);

    pthread_mutex_lock(&link->inbox.lock);
    if (message == NULL || link->inbox.count >= LINK_INBOX_MAX) {
        link->inbox.dropped++;
        free(message);
    } else {
        *link->inbox.end = message;
        link->inbox.end = &message->next;
        link->inbox.count++;
    }
    pthread_mutex_unlock(&link->inbox.lock);
    wake(link);
    MQTTAsync_freeMessage(&from);
    MQTTAsync_free(topic);
    return 1; /* with 0, paho would keep the message in memory and deliver it again */
}

/* ---- the loop's thread ---- */

int link_inbox_open(struct fw_linux_link *link)
{
    link->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (link->wake_fd < 0)
        return FW_E_IO;
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&link->inbox.changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&link->inbox.lock, NULL);
    link->inbox.end = &link->inbox.first;
    return FW_OK;
}

void link_inbox_close(struct fw_linux_link *link)
{
    pthread_cond_destroy(&link->inbox.changed);
    pthread_mutex_destroy(&link->inbox.lock);
    close(link->wake_fd);
}

void link_free_messages(struct link_message *first)
{
    while (first != NULL) {
        struct link_message *next = first->next;
        free(first);
        first = next;
    }
}

struct link_message *link_inbox_take_messages(struct fw_linux_link *link)
{
    pthread_mutex_lock(&link->inbox.lock);
    struct link_message *first = link->inbox.first;
    link->inbox.first = NULL;
    link->inbox.end = &link->inbox.first;
    link->inbox.count = 0;
    pthread_mutex_unlock(&link->inbox.lock);
    return first;
}

void link_inbox_clear(struct fw_linux_link *link)
{
    link_free_messages(link_inbox_take_messages(link));
    pthread_mutex_lock(&link->inbox.lock);
    link->inbox.events = 0;
    link->inbox.in_flight = 0;
    link->inbox.reason[0] = '\0';
    link->inbox.tls_error[0] = '\0';
    pthread_mutex_unlock(&link->inbox.lock);
}

unsigned link_inbox_take_events(struct fw_linux_link *link, char reason[FW_LINUX_REASON_SIZE])
{
    uint64_t count;
    ssize_t ignored = read(link->wake_fd, &count,
                           sizeof(count)); /* before the events: a later one wakes again */
    (void)ignored;
    pthread_mutex_lock(&link->inbox.lock);
    unsigned events = link->inbox.events;
    link->inbox.events = 0;
    memcpy(reason, link->inbox.reason, FW_LINUX_REASON_SIZE);
    pthread_mutex_unlock(&link->inbox.lock);
    return events;
}

void link_inbox_wait(struct fw_linux_link *link, bool (*is_over)(const struct link_inbox *inbox),
                     int seconds_max)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += seconds_max;
    int rc = 0;
    pthread_mutex_lock(&link->inbox.lock);
    while (rc == 0 && !is_over(&link->inbox))
        rc = pthread_cond_timedwait(&link->inbox.changed, &link->inbox.lock, &until);
    pthread_mutex_unlock(&link->inbox.lock);
}

bool link_inbox_is_gone(const struct link_inbox *inbox)
{
    return (inbox->events & (LINK_GONE | LINK_LOST)) != 0;
}

bool link_inbox_is_idle(const struct link_inbox *inbox)
{
    return inbox->in_flight == 0 || link_inbox_is_gone(inbox);
}

bool link_reserve_flight(struct fw_linux_link *link, int in_flight_max)
{
    pthread_mutex_lock(&link->inbox.lock);
    bool has_room = link->inbox.in_flight < in_flight_max;
    if (has_room)
        link->inbox.in_flight++;
    pthread_mutex_unlock(&link->inbox.lock);
    return has_room;
}
