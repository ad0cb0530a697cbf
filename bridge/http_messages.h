/* What libmicrohttpd tells of a request becomes struct request, and struct answer becomes HTTP. The
 * functions are MHD's callbacks; their context is struct http. Loop thread. */
#ifndef BRIDGE_HTTP_MESSAGES_H
#define BRIDGE_HTTP_MESSAGES_H

#include "bridge/http_parts.h"

/* The request line has come; target is as the client wrote it. Returns the request that it begins.
 */
void *http_on_target(void *http, const char *target, struct MHD_Connection *mhd);

/* The headers have come, or a piece of the body (*upload_size > 0), or all has come. MHD_NO: hang
 * up. */
enum MHD_Result http_on_request(void *http, struct MHD_Connection *mhd, const char *url,
                                const char *method, const char *version, const char *upload,
                                size_t *upload_size, void **request);

/* The answer has left, or never will: the request ends. */
void http_on_completed(void *http, struct MHD_Connection *mhd, void **request,
                       enum MHD_RequestTerminationCode code);

/* The headers of an answer, and of a stream. */
void http_add_headers(struct MHD_Response *response, const struct request *request);

/* bridge->send_answer: sends the answer of a request that waited, and lets its connection go on. */
void http_send_answer(struct request *request);

#endif
