/* What the clients of a broker have seen, and what of it must be equal for two brokers. One thread.
 */
#ifndef TESTS_WORLD_AGAINST_RECORD_H
#define TESTS_WORLD_AGAINST_RECORD_H

#include "world/against/script.h"

struct record_line {
    size_t step;
    int client;
    char topic[SCRIPT_TEXT_SIZE]; /* "": of the connection */
    char payload[SCRIPT_TEXT_SIZE];
    char text[SCRIPT_TEXT_SIZE];
    size_t age; /* copies of one message, in a row, have the same */
};

struct record {
    size_t step; /* of what is added */
    struct record_line *lines;
    size_t count, room;
};

/* A connection of the client is there; is_resumed: the broker says that it has a session. */
void record_connected(struct record *record, int client, bool is_resumed);
/* A publication of the client is acknowledged. */
void record_acknowledged(struct record *record, int client, uint64_t number);
/* The client got a message: payload, quality of service, retained or not. */
void record_message(struct record *record, int client, const struct kit_message *message);
/* Nothing any more. */
void record_done(struct record *record);

/* Whether both clients' lives were the same: in each step, for each client and topic, the same
 * lines in the same order. What differs first is printed, unless is_quiet. */
bool record_is_same(const struct script *script, struct record *simulated, struct record *real,
                    bool is_quiet);

#endif
