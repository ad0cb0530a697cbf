/* Request objects, used again: their buffers need not be allocated for each request. Loop thread.
 */
#ifndef BRIDGE_REQUEST_POOL_H
#define BRIDGE_REQUEST_POOL_H

#include "bridge/request.h"

#define REQUEST_POOL_MAX 256 /* finished objects that are kept for reuse */

/* One that is as new, counted as alive. Never NULL. */
struct request *request_pool_take(struct bridge *bridge);

/* Ends the life of one that nobody refers to any more. */
void request_pool_give_back(struct request *request);

/* Frees what is kept for reuse; those alive must have been given back. */
void request_pool_done(struct bridge *bridge);

#endif
