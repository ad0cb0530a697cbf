/* All of a request that comes before its body: what it asks for, and whether it may. Loop thread.
 */
#ifndef BRIDGE_REQUEST_HEAD_H
#define BRIDGE_REQUEST_HEAD_H

#include "bridge/request.h"

/* Finds the route of a request whose headers have come, and fills what follows from its path:
 * match, allow, collection, exchange. Judges nothing. */
void request_head_read(struct request *request, const char *method);

/* The client's trace goes on; without a valid one a new one starts here. */
void request_head_fill_trace(struct request *request);

/* Judges the head by its route, and reads query and key. What is wrong with it becomes the
 * request's refusal, with the problem type and the sentence for the client. */
void request_head_check(struct request *request);

#endif
