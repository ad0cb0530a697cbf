/* What a cut has left goes on as a service: it is started, and asked once more what it has answered
 * already. It gives the same answer and does nothing a second time. One thread. */
#ifndef TESTS_WORLD_CUT_AGAIN_H
#define TESTS_WORLD_CUT_AGAIN_H

#include "world/node.h"

/* Starts a service on the database at `path`, sends it the request again, and ends it; request
 * NULL: it is only started. NULL: it has answered the same; else what is wrong. */
const char *cut_ask_again(const struct world_service_row *row, const char *path,
                          const struct kit_message *request, const struct kit_message *reply);

#endif
