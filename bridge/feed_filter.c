/* No allocation; every loop ends with the text. See feed_filter.h. */
#include "bridge/feed_filter.h"

#include <string.h>

#include "bridge/token.h"
#include "kit/base/check.h"

#define VALUE_SIZE 1025 /* a target is not longer */
#define EVERY_KIND ((1U << FEED_KIND_COUNT) - 1U)

static const struct {
    const char *type;
    const char *text;
} KINDS[FEED_KIND_COUNT] = {
    [FEED_ORDER] = { "OrderChanged", "order" },     [FEED_STOCK] = { "StockChanged", "stock" },
    [FEED_PRODUCT] = { "ProductSaved", "product" }, [FEED_LOCKER] = { "LockerChanged", "locker" },
    [FEED_DOOR] = { "DoorReported", "door" },
};

const char *feed_kind_text(enum feed_kind kind)
{
    return KINDS[kind].text;
}

bool feed_kind_of_type(const char *type, enum feed_kind *ret_kind)
{
    for (int kind = 0; kind < FEED_KIND_COUNT; kind++) {
        if (strcmp(KINDS[kind].type, type) == 0) {
            *ret_kind = (enum feed_kind)kind;
            return true;
        }
    }
    return false;
}

const char *feed_kind_type(enum feed_kind kind)
{
    return KINDS[kind].type;
}

/* ---- the parts of a value ---- */

static int add_kind(struct feed_query *query, const char *text, struct kit_error *err)
{
    for (int kind = 0; kind < FEED_KIND_COUNT; kind++) {
        if (strcmp(KINDS[kind].text, text) == 0) {
            query->filter.kinds |= 1U << kind;
            return KIT_OK;
        }
    }
    return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                           "kind holds order, stock, product, locker or door, several with commas "
                           "between them, as in ?kind=order,door");
}

/* "order/3", "locker/locker-1", or with a star for all behind the slash. */
static bool is_subject(const char *text)
{
    static const char LETTERS[] = "abcdefghijklmnopqrstuvwxyz-";
    const size_t front = strspn(text, LETTERS);

    if (front == 0 || text[front] != '/' || strlen(text) >= FEED_SUBJECT_SIZE)
        return false;
    const char *rest = text + front + 1;
    if (strcmp(rest, "*") == 0)
        return true;
    const size_t length = strspn(rest, "abcdefghijklmnopqrstuvwxyz0123456789-");
    return length > 0 && rest[length] == '\0';
}

static int add_subject(struct feed_query *query, const char *text, struct kit_error *err)
{
    struct feed_filter *filter = &query->filter;

    if (!is_subject(text) || filter->subject_count == FEED_SUBJECTS_MAX)
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "subject holds 1 to %d subjects with commas between them, as in "
                               "?subject=order/3,stock/*",
                               FEED_SUBJECTS_MAX);
    memcpy(filter->subjects[filter->subject_count++], text, strlen(text) + 1);
    return KIT_OK;
}

static int set_after(struct feed_query *query, const char *text, struct kit_error *err)
{
    query->has_after = true;
    if (!feed_position_read(text, &query->after))
        return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                               "after must be the id of an event, as this stream gives them");
    return KIT_OK;
}

static const struct member {
    const char *name; /* with "=" */
    int (*add)(struct feed_query *query, const char *text, struct kit_error *err);
} MEMBERS[] = {
    { "kind=", add_kind },
    { "subject=", add_subject },
    { "after=", set_after },
};

/* ---- the query ---- */

/* Takes off percent-encoding. false: it is broken, or gives what no value has. */
static bool decode(const char *text, size_t length, char ret_value[VALUE_SIZE])
{
    if (!token_decode_percent(text, length, VALUE_SIZE, ret_value))
        return false;
    for (const char *c = ret_value; *c != '\0'; c++) {
        if (*c <= ' ' || *c > '~')
            return false;
    }
    return true;
}

/* Hands over what stands between commas, at least one thing. */
static int add_all(const struct member *member, char *value, struct feed_query *query,
                   struct kit_error *err)
{
    for (;;) {
        const size_t length = strcspn(value, ",");
        const bool is_last = value[length] == '\0';
        value[length] = '\0';
        int rc = member->add(query, value, err);
        if (rc != KIT_OK || is_last)
            return rc;
        value += length + 1;
    }
}

/* One "name=value". *seen: bits of MEMBERS. */
static int read_pair(const char *pair, size_t length, struct feed_query *query, unsigned *seen,
                     struct kit_error *err)
{
    char value[VALUE_SIZE];

    for (size_t i = 0; i < KIT_COUNT(MEMBERS); i++) {
        const size_t name = strlen(MEMBERS[i].name);
        if (length < name || memcmp(pair, MEMBERS[i].name, name) != 0)
            continue;
        if ((*seen & (1U << i)) != 0)
            return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                                   "%.*s is given twice in the query; give it once, with commas",
                                   (int)name - 1, MEMBERS[i].name);
        *seen |= 1U << i;
        if (!decode(pair + name, length - name, value))
            return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                                   "the value of %.*s is not percent-encoded as it should be",
                                   (int)name - 1, MEMBERS[i].name);
        return add_all(&MEMBERS[i], value, query, err);
    }
    return kit_error_typed(err, KIT_E_INVALID, "invalid-query",
                           "the query may only hold kind, subject and after, as in "
                           "?kind=order,door&subject=order/3");
}

int feed_query_read(const char *query, struct feed_query *ret, struct kit_error *err)
{
    unsigned seen = 0;

    *ret = (struct feed_query){ .has_after = false };
    while (*query != '\0') {
        const size_t length = strcspn(query, "&");
        int rc = read_pair(query, length, ret, &seen, err);
        if (rc != KIT_OK)
            return rc;
        query += length;
        if (*query == '&')
            query++;
    }
    if (ret->filter.kinds == 0)
        ret->filter.kinds = EVERY_KIND;
    return KIT_OK;
}

/* ---- matching ---- */

static bool is_alike(const char *wanted, const char *subject)
{
    const char *star = strchr(wanted, '*');

    if (star == NULL)
        return strcmp(wanted, subject) == 0;
    return strncmp(wanted, subject, (size_t)(star - wanted)) == 0;
}

bool feed_filter_takes(const struct feed_filter *filter, enum feed_kind kind, const char *subject)
{
    if ((filter->kinds & (1U << (unsigned)kind)) == 0)
        return false;
    for (size_t i = 0; i < filter->subject_count; i++) {
        if (is_alike(filter->subjects[i], subject))
            return true;
    }
    return filter->subject_count == 0;
}

bool feed_filter_may_see(const struct feed_filter *filter, enum feed_kind kind, int64_t account)
{
    return (filter->own & (1U << (unsigned)kind)) == 0 ||
           (account != 0 && account == filter->account);
}
