/* What a message promises, and whether a database keeps it: an event is in the log as it travelled,
 * an effect's reply is stored under its key, what is acknowledged to a device is not asked for
 * again. And what is true of every committed state. One thread. */
#ifndef TESTS_WORLD_CUT_PROMISE_H
#define TESTS_WORLD_CUT_PROMISE_H

#include "kit/service/service.h"

/* Forgets the requests of the world before. */
void cut_promise_begin(void);
/* A message that a service takes: requests for effects are kept in mind. */
void cut_promise_note_request(const struct kit_service_desc *desc,
                              const struct kit_message *message);
/* The request of an effect that it answers; NULL: none. Borrowed until the world ends. */
const struct kit_message *cut_promise_request_of(const struct kit_message *reply);
/* Whether the message is of a kind that promises: events, replies, acknowledgements. */
bool cut_promise_is_one(const struct kit_message *message);
/* Holds what has left against a database; what is wrong is counted and printed (cut_disk.h). */
void cut_check_promise(const struct kit_service_desc *desc, struct kit_db *db,
                       const struct kit_message *message);
/* Integrity, foreign keys, the log without a gap. */
void cut_check_state(const struct kit_service_desc *desc, struct kit_db *db);

#endif
