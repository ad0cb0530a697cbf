/* What a reader of the feed wants: the query of GET /events. The text is as it came, "" if nothing
 * did; nothing here trusts its length or content. Pure. */
#ifndef BRIDGE_FEED_FILTER_H
#define BRIDGE_FEED_FILTER_H

#include <stddef.h>

#include "bridge/feed_position.h"
#include "kit/base/error.h"

#define FEED_SUBJECTS_MAX 32
#define FEED_SUBJECT_SIZE 49 /* as in the envelopes */

/* Kinds of events, as pages know them: the field "event" of what they get. */
enum feed_kind {
    FEED_ORDER = 0,
    FEED_STOCK = 1,
    FEED_PRODUCT = 2,
    FEED_LOCKER = 3,
    FEED_DOOR = 4,
};
#define FEED_KIND_COUNT 5

/* How pages and queries write it: "order". */
const char *feed_kind_text(enum feed_kind kind);

/* The kind of information's type, "OrderChanged". false: pages do not get this type. */
bool feed_kind_of_type(const char *type, enum feed_kind *ret_kind);

struct feed_filter {
    unsigned kinds;       /* bits of enum feed_kind */
    unsigned own;         /* of these, those that are told only of one account */
    int64_t account;      /* that one */
    size_t subject_count; /* 0: of every subject */
    char subjects[FEED_SUBJECTS_MAX][FEED_SUBJECT_SIZE];
};

struct feed_query {
    struct feed_filter filter;
    bool has_after;
    struct feed_position after; /* where to go on, for who has no Last-Event-ID to send */
};

/**
 * feed_query_read() - Read "kind=order,door&subject=order/3,stock/ *&after=<id>" (without a blank).
 *
 * All three are optional, percent-encoded where needed. Nothing given means everything. A subject
 * that ends in "/ *" stands for all that begin like it.
 *
 * Errors: KIT_E_INVALID with type "invalid-query" for an unknown name or kind, a name given twice,
 * a subject or position of another form, more than FEED_SUBJECTS_MAX subjects; *ret is then
 *         worthless.
 */
int feed_query_read(const char *query, struct feed_query *ret,
                    struct kit_error *err) KIT_MUST_CHECK;

/* Is an event for this reader? */
bool feed_filter_takes(const struct feed_filter *filter, enum feed_kind kind, const char *subject);

/* May this reader know of it? account: whose it is; 0: nobody's. */
bool feed_filter_may_see(const struct feed_filter *filter, enum feed_kind kind, int64_t account);

/* The type in information's stream: "OrderChanged". */
const char *feed_kind_type(enum feed_kind kind);

#endif
