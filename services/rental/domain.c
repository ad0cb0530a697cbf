/* The decisions of rental. Pure: no I/O, no clock, no allocation. Any thread. */
#include "rental/domain.h"

#include "kit/base/check.h"

/* Rows: from. Columns: to. Everything that is not here is refused. */
static const bool ALLOWED_MOVES[RENTAL_STATUS_MAX + 1][RENTAL_STATUS_MAX + 1] = {
    [RENTAL_ORDERED] = { [RENTAL_RESERVED] = true,
                         [RENTAL_PICKED] = true,
                         [RENTAL_READY] = true,
                         [RENTAL_DELIVERED] = true,
                         [RENTAL_RETURNED] = true,
                         [RENTAL_EXPIRED] = true,
                         [RENTAL_CANCELED] = true,
                         [RENTAL_CANCELED_OUT_OF_STOCK] = true,
                         [RENTAL_CANCELED_UNREGISTERED_PRODUCT] = true },
    [RENTAL_RESERVED] = { [RENTAL_PICKED] = true,
                          [RENTAL_READY] = true,
                          [RENTAL_DELIVERED] = true,
                          [RENTAL_RETURNED] = true,
                          [RENTAL_EXPIRED] = true,
                          [RENTAL_CANCELED] = true },
    [RENTAL_PICKED] = { [RENTAL_READY] = true,
                        [RENTAL_DELIVERED] = true,
                        [RENTAL_RETURNED] = true,
                        [RENTAL_EXPIRED] = true,
                        [RENTAL_CANCELED] = true },
    [RENTAL_READY] = { [RENTAL_DELIVERED] = true,
                       [RENTAL_RETURNED] = true,
                       [RENTAL_EXPIRED] = true,
                       [RENTAL_CANCELED] = true },
    [RENTAL_DELIVERED] = { [RENTAL_RETURNED] = true, [RENTAL_CANCELED] = true },
};

bool rental_may_move(enum rental_status from, enum rental_status to)
{
    PRE(from >= RENTAL_ORDERED && (int)from <= RENTAL_STATUS_MAX);
    PRE(to >= RENTAL_ORDERED && (int)to <= RENTAL_STATUS_MAX);
    return ALLOWED_MOVES[from][to];
}

bool rental_is_cancelable(const struct rental *rental)
{
    switch (rental->status) {
    case RENTAL_ORDERED:
    case RENTAL_RESERVED:
    case RENTAL_PICKED:
    case RENTAL_READY:
    case RENTAL_DELIVERED:
    case RENTAL_RETURNED:
        return true;
    case RENTAL_CANCELED:
    case RENTAL_CANCELED_OUT_OF_STOCK:
    case RENTAL_CANCELED_UNREGISTERED_PRODUCT:
    case RENTAL_EXPIRED:
        return false;
    }
    CHECK(false && "status is one of the enum");
    return false;
}

/* The status that the news leads to. REQUESTED and RETURNING lead nowhere: the rental stays. */
static enum rental_status status_after(enum rental_news_kind kind, enum rental_status current)
{
    switch (kind) {
    case RENTAL_NEWS_REQUESTED:
    case RENTAL_NEWS_RETURNING:
        return current;
    case RENTAL_NEWS_DELIVERED:
        return RENTAL_DELIVERED;
    case RENTAL_NEWS_CANCELED:
        return RENTAL_CANCELED;
    case RENTAL_NEWS_OUT_OF_STOCK:
        return RENTAL_CANCELED_OUT_OF_STOCK;
    case RENTAL_NEWS_UNREGISTERED_PRODUCT:
        return RENTAL_CANCELED_UNREGISTERED_PRODUCT;
    case RENTAL_NEWS_RESERVED:
        return RENTAL_RESERVED;
    case RENTAL_NEWS_PICKED:
        return RENTAL_PICKED;
    case RENTAL_NEWS_READY:
        return RENTAL_READY;
    case RENTAL_NEWS_RETURNED:
        return RENTAL_RETURNED;
    case RENTAL_NEWS_EXPIRED:
        return RENTAL_EXPIRED;
    }
    CHECK(false && "kind is one of the enum");
    return current;
}

/* Story (rules 6.1), a late yes after a cancel:
 *   1. The order is out; delivery asks stock.
 *   2. The customer cancels; delivery confirms with its version 2.
 *   3. The rental moves to CANCELED and has seen version 2.
 *   4. DELIVERED arrives late or twice: version 2 or lower is stale; a higher one finds no move out
 *      of CANCELED. The rental stays CANCELED. */
enum rental_decision rental_decide_news(const struct rental *rental, const struct rental_news *news,
                                        int64_t now_ms, struct rental_change *ret_change)
{
    if (news->version <= rental->delivery_version)
        return RENTAL_STALE;

    enum rental_status to = status_after(news->kind, rental->status);
    if (!rental_may_move(rental->status, to))
        return RENTAL_NOTED;

    *ret_change = (struct rental_change){
        .to = to,
        .reason = news->reason,
        .delivery_version = news->version,
        .at_ms = now_ms,
    };
    return RENTAL_MOVED;
}
