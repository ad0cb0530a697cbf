/* Answers that are files for browsers: which form, whether the browser has it already, and what the
 * page may do. Loop thread. */
#ifndef BRIDGE_REQUEST_PAGE_H
#define BRIDGE_REQUEST_PAGE_H

#include "bridge/request.h"

/* Does this request for the index want the page instead? Only on the port of everything, where
 * pages are there, and from a client that prefers HTML to JSON. */
bool request_wants_page(const struct request *request);

/* Answers with the file of its path; with that of PAGES_ROOT for the index. A path without a file,
 * or no pages at all: a 404 that says which. */
void request_answer_page(struct request *request);

/* The headers of a page beside its Content-Type, one after the other from index 0; false after the
 * last. */
bool request_page_header(const struct request *request, size_t index, const char **ret_name,
                         const char **ret_value);

#endif
