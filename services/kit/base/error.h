/* Failures and refusals, one table. A function that can fail returns an `int` of enum kit_code
 * (KIT_OK is 0) and writes the reason into a caller-owned struct kit_error. Each level may prefix
 * what it was doing (kit_error_wrap); only the edge logs, once. Any thread. */
#ifndef KIT_BASE_ERROR_H
#define KIT_BASE_ERROR_H

#include <stdbool.h>
#include <stdint.h>

#include "kit/base/check.h"

/* What a queue does with a work item that ended in this code. */
enum kit_action {
    KIT_ACTION_DONE = 0,  /* finished: acknowledge and go on */
    KIT_ACTION_RETRY = 1, /* the world may get better: try again, a limited number of times */
    KIT_ACTION_PARK = 2,  /* it will never work: keep it aside with its reason */
    KIT_ACTION_STOP = 3,  /* the store cannot be trusted: stop the process */
};

/* code, name on the wire, HTTP status, queue action, default problem type, sentence */
#define KIT_ERROR_MAP(X)                                                                           \
    X(KIT_OK, "ok", 200, KIT_ACTION_DONE, "about:blank", "ok")                                     \
    X(KIT_PENDING, "pending", 202, KIT_ACTION_DONE, "pending", "the answer comes later")           \
    X(KIT_E_MALFORMED, "malformed", 400, KIT_ACTION_PARK, "malformed-json",                        \
      "the text is not well-formed JSON")                                                          \
    X(KIT_E_INVALID, "invalid", 422, KIT_ACTION_PARK, "invalid-body", "a value is not valid")      \
    X(KIT_E_NOT_FOUND, "not_found", 404, KIT_ACTION_PARK, "not-found", "no such object")           \
    X(KIT_E_REFUSED, "refused", 409, KIT_ACTION_PARK, "refused", "the rules do not allow it now")  \
    X(KIT_E_KEY_REUSED, "key_reused", 422, KIT_ACTION_PARK, "idempotency-key-reused",              \
      "this idempotency key was used with another body")                                           \
    X(KIT_E_CONFLICT, "conflict", 409, KIT_ACTION_RETRY, "conflict", "it changed meanwhile")       \
    X(KIT_E_TOO_LARGE, "too_large", 413, KIT_ACTION_PARK, "too-large", "the message is too large") \
    X(KIT_E_UNAUTHENTICATED, "unauthenticated", 401, KIT_ACTION_PARK, "unauthenticated",           \
      "nobody has proven to be somebody")                                                          \
    X(KIT_E_FORBIDDEN, "forbidden", 403, KIT_ACTION_PARK, "forbidden", "the caller may not do it") \
    X(KIT_E_LIMIT, "limit", 503, KIT_ACTION_RETRY, "overloaded", "a limit is reached for now")     \
    X(KIT_E_UNAVAILABLE, "unavailable", 503, KIT_ACTION_RETRY, "service-unavailable",              \
      "a service that is needed is not there")                                                     \
    X(KIT_E_TIMEOUT, "timeout", 503, KIT_ACTION_RETRY, "no-answer", "no answer in time")           \
    X(KIT_E_FULL, "full", 503, KIT_ACTION_RETRY, "storage-full", "the disk is full")               \
    X(KIT_E_IO, "io", 503, KIT_ACTION_STOP, "storage-failed", "input or output failed")            \
    X(KIT_E_CORRUPT, "corrupt", 500, KIT_ACTION_STOP, "storage-corrupt", "stored data is damaged")

enum kit_code {
#define KIT_ERROR_ENUM(code, name, http, action, type, text) code,
    KIT_ERROR_MAP(KIT_ERROR_ENUM)
#undef KIT_ERROR_ENUM
};

#define KIT_ERROR_TEXT_SIZE 320
#define KIT_ERROR_TYPE_SIZE 48
#define KIT_ERROR_POINTER_SIZE 128

/* Caller-owned. type and pointer are "" unless the failing function knew better. */
struct kit_error {
    int code;                       /* enum kit_code */
    bool is_internal;               /* the text is for our log: others are told kit_code_text() */
    int64_t retry_after_ms;         /* 0: not known */
    char type[KIT_ERROR_TYPE_SIZE]; /* slug of the problem type, e.g. "out-of-stock" */
    char pointer[KIT_ERROR_POINTER_SIZE]; /* JSON pointer of the member at fault, e.g. "/qty" */
    char text[KIT_ERROR_TEXT_SIZE];       /* one sentence that says what is wrong and what to do */
};

/* Writes code and text, clears the other members. Returns the code, so: return kit_error_set(...).
 * err may be NULL everywhere below: then only the code travels. */
int kit_error_set(struct kit_error *err, int code, const char *format, ...) KIT_FORMAT(3, 4);

/* As kit_error_set, with a stable problem type of its own. */
int kit_error_typed(struct kit_error *err, int code, const char *type, const char *format, ...)
    KIT_FORMAT(4, 5);

/* As kit_error_set, naming the member at fault. */
int kit_error_at(struct kit_error *err, int code, const char *pointer, const char *format, ...)
    KIT_FORMAT(4, 5);

/* Puts "<what we were doing>: " in front of the text; keeps the other members. */
int kit_error_wrap(struct kit_error *err, int code, const char *format, ...) KIT_FORMAT(3, 4);

/* The columns of KIT_ERROR_MAP for one code; a number that is not in enum kit_code is a bug. The
 * texts are static. */

/* How the code travels in the MQTT property "status" of a reply: "not_found". */
const char *kit_code_name(int code);
int kit_code_from_name(const char *name); /* KIT_E_INVALID for a name nobody knows */
/* What the bridge answers a browser with: 404. */
int kit_code_http_status(int code);
/* What becomes of the work item that ended so: done, tried again, parked, or the process stops. */
enum kit_action kit_code_action(int code);
/* The slug of the problem type for an error that names none of its own: "not-found". */
const char *kit_code_type(int code);
/* A sentence that strangers may read, without details of ours: "no such object". */
const char *kit_code_text(int code);

#endif
