/* Every error that a client sees: an RFC 9457 problem with a stable type, and the sentence that
 * says what to do. The table in problem.c is also what GET /problems/<slug> reads out. Pure. */
#ifndef BRIDGE_PROBLEM_H
#define BRIDGE_PROBLEM_H

#include <stddef.h>
#include <stdint.h>

#include "kit/base/buf.h"
#include "kit/base/error.h"

struct problem_kind {
    const char *slug;
    int status;
    const char *title;
    const char *help; /* what GET /problems/<slug> says */
};

/* Finds a type of the table. NULL: we do not know it; a service may have its own. */
const struct problem_kind *problem_kind_find(const char *slug);

/* Walks the table from index 0; NULL after the last. */
const struct problem_kind *problem_kind_at(size_t index);

struct problem {
    int status;
    const char *slug; /* borrowed from the error */
    const char *title;
    const char *detail;
    const char *pointer;   /* "": none */
    int64_t retry_after_s; /* 0: no such header */
};

/**
 * problem_from_error() - How an error is told over HTTP.
 *
 * A type of the table brings its status and title; any other type those of the code. Answers with
 * status 503 always have retry_after_s >= 1.
 *
 * @err:  code other than KIT_OK; type "" stands for the code's default. Borrowed by *ret.
 */
void problem_from_error(const struct kit_error *err, struct problem *ret);

/**
 * problem_from_call() - Judge how a call to a service ended.
 *
 * The executor's own words (type not "") pass unchanged. When the call ended here, without an
 * answer: an effect may or may not have happened, which is "outcome-unknown"; a read is "no-answer"
 * or "service-unavailable"; an answer that cannot be read is "bad-answer".
 *
 * @repeat_hint: NULL for a read; for an effect, what to do when its outcome is unknown.
 */
void problem_from_call(const struct kit_error *err, const char *repeat_hint, struct kit_error *ret);

/* Appends the problem as JSON. @instance: the request's path, in visible ASCII; "" for none. */
void problem_encode(const struct problem *problem, const char *instance, struct kit_buf *out);

/* What the Retry-After header says: whole seconds, rounded up, at least 1. */
int64_t problem_retry_after_s(int64_t retry_after_ms);

#endif
