/* How a request is answered: each of these writes request->answer and makes it ANSWERED. Sending is
 * the adapter's. Loop thread. */
#ifndef BRIDGE_REQUEST_ANSWER_H
#define BRIDGE_REQUEST_ANSWER_H

#include "bridge/request.h"

/* With a refusal or a failure of ours, told to the client as an RFC 9457 problem (problem.h). */
void request_answer_problem(struct request *request, const struct kit_error *error);

/* With how its call ended when there is no result: what the service said, or why nobody knows. */
void request_answer_failure(struct request *request, const struct kit_error *error);

/* OPTIONS on a path that is served: the Allow header says it all. */
void request_answer_options(struct request *request);

/* From what the bridge knows by itself: ROUTE_INDEX, ROUTE_HELP, ROUTE_PROCESSES. */
void request_answer_local(struct request *request);

/* With the service's result. One that cannot be rendered is the server's fault: it is logged, and
 * the client is told 502 "bad-answer". */
void request_answer_result(struct request *request, const cJSON *result);

#endif
