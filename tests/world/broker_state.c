/* What the broker remembers: retained messages, and a session for each client (broker_internal.h).
 */
#include "world/broker_internal.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"

#define SESSION_ROOM_MIN 8

struct broker_session *broker_session_of(struct world_client *client)
{
    return &client->broker->now.sessions[client - client->broker->clients];
}

void broker_session_add(struct broker_session *session, struct world_message *message)
{
    if (session->count == session->room) {
        session->room = session->room == 0 ? SESSION_ROOM_MIN : session->room * 2;
        session->messages = realloc(session->messages,
                                    session->room * sizeof(struct world_message *));
        CHECK(session->messages != NULL);
    }
    session->messages[session->count++] = world_message_share(message);
}

bool broker_session_remove(struct broker_session *session, const struct world_message *message)
{
    size_t at = 0;
    while (at < session->count && session->messages[at] != message)
        at++;
    if (at == session->count)
        return false;
    world_message_release(session->messages[at]);
    session->count--;
    session->in_flight -= at < session->in_flight;
    memmove(&session->messages[at], &session->messages[at + 1],
            (session->count - at) * sizeof(struct world_message *));
    return true;
}

void broker_session_end(struct broker_session *session)
{
    for (size_t i = 0; i < session->count; i++)
        world_message_release(session->messages[i]);
    free(session->messages);
    memset(session, 0, sizeof(*session));
}

void broker_state_retain(struct broker_state *state, struct world_message *message)
{
    size_t at = 0;
    while (at < state->retained_count &&
           strcmp(state->retained[at]->view.topic, message->view.topic) != 0)
        at++;
    if (at < state->retained_count) {
        world_message_release(state->retained[at]);
        state->retained[at] = state->retained[--state->retained_count];
    }
    if (message->view.payload_size_bytes == 0)
        return;
    CHECK(state->retained_count < RETAINED_MAX);
    state->retained[state->retained_count++] = world_message_copy(&message->view);
}

void broker_state_clear(struct broker_state *state)
{
    for (size_t i = 0; i < WORLD_CLIENTS_MAX; i++)
        broker_session_end(&state->sessions[i]);
    for (size_t i = 0; i < state->retained_count; i++)
        world_message_release(state->retained[i]);
    state->retained_count = 0;
}

void broker_state_copy(struct broker_state *target, const struct broker_state *source)
{
    broker_state_clear(target);
    for (size_t i = 0; i < WORLD_CLIENTS_MAX; i++) {
        target->sessions[i].exists = source->sessions[i].exists;
        target->sessions[i].is_kept = source->sessions[i].is_kept;
        target->sessions[i].in_flight = source->sessions[i].in_flight;
        for (size_t j = 0; j < source->sessions[i].count; j++)
            broker_session_add(&target->sessions[i], source->sessions[i].messages[j]);
    }
    for (size_t i = 0; i < source->retained_count; i++)
        target->retained[i] = world_message_share(source->retained[i]);
    target->retained_count = source->retained_count;
}
