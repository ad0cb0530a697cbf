/* The decisions of rental. Pure: no I/O, no clock, no allocation. Any thread. */
#include "rental/domain.h"

#include "kit/base/check.h"

/* Rows: from. Columns: to. Everything that is not here is refused. */
static const bool ALLOWED_MOVES[RENTAL_STATUS_MAX + 1][RENTAL_STATUS_MAX + 1] = {
    [RENTAL_STATUS_ORDERED] = { [RENTAL_STATUS_RESERVED] = true,
                                [RENTAL_STATUS_PICKED] = true,
                                [RENTAL_STATUS_READY] = true,
                                [RENTAL_STATUS_DELIVERED] = true,
                                [RENTAL_STATUS_RETURNED] = true,
                                [RENTAL_STATUS_EXPIRED] = true,
                                [RENTAL_STATUS_CANCELED] = true,
                                [RENTAL_STATUS_CANCELED_OUT_OF_STOCK] = true,
                                [RENTAL_STATUS_CANCELED_UNREGISTERED_PRODUCT] = true },
    [RENTAL_STATUS_RESERVED] = { [RENTAL_STATUS_PICKED] = true,
                                 [RENTAL_STATUS_READY] = true,
                                 [RENTAL_STATUS_DELIVERED] = true,
                                 [RENTAL_STATUS_RETURNED] = true,
                                 [RENTAL_STATUS_EXPIRED] = true,
                                 [RENTAL_STATUS_CANCELED] = true },
    [RENTAL_STATUS_PICKED] = { [RENTAL_STATUS_READY] = true,
                               [RENTAL_STATUS_DELIVERED] = true,
                               [RENTAL_STATUS_RETURNED] = true,
                               [RENTAL_STATUS_EXPIRED] = true,
                               [RENTAL_STATUS_CANCELED] = true },
    [RENTAL_STATUS_READY] = { [RENTAL_STATUS_DELIVERED] = true,
                              [RENTAL_STATUS_RETURNED] = true,
                              [RENTAL_STATUS_EXPIRED] = true,
                              [RENTAL_STATUS_CANCELED] = true },
    [RENTAL_STATUS_DELIVERED] = { [RENTAL_STATUS_RETURNED] = true,
                                  [RENTAL_STATUS_CANCELED] = true },
};

void rental_begin(struct rental *rental, int64_t now_ms)
{
    rental->status = RENTAL_STATUS_ORDERED;
    rental->version = 1;
    rental->ordered_at_ms = now_ms;
    rental->updated_at_ms = now_ms;
}

bool rental_may_move(enum rental_status from, enum rental_status to)
{
    PRE(from >= RENTAL_STATUS_ORDERED && (int)from <= RENTAL_STATUS_MAX);
    PRE(to >= RENTAL_STATUS_ORDERED && (int)to <= RENTAL_STATUS_MAX);
    return ALLOWED_MOVES[from][to];
}

bool rental_is_cancelable(const struct rental *rental)
{
    switch (rental->status) {
    case RENTAL_STATUS_ORDERED:
    case RENTAL_STATUS_RESERVED:
    case RENTAL_STATUS_PICKED:
    case RENTAL_STATUS_READY:
    case RENTAL_STATUS_DELIVERED:
    case RENTAL_STATUS_RETURNED:
        return true;
    case RENTAL_STATUS_CANCELED:
    case RENTAL_STATUS_CANCELED_OUT_OF_STOCK:
    case RENTAL_STATUS_CANCELED_UNREGISTERED_PRODUCT:
    case RENTAL_STATUS_EXPIRED:
        return false;
    }
    UNREACHABLE("status is one of the enum");
}

/* The status that the news leads to. REQUESTED and RETURNING lead nowhere: the rental stays. */
static enum rental_status status_after(enum delivery_status kind, enum rental_status current)
{
    switch (kind) {
    case DELIVERY_STATUS_REQUESTED:
    case DELIVERY_STATUS_RETURNING:
        return current;
    case DELIVERY_STATUS_DELIVERED:
        return RENTAL_STATUS_DELIVERED;
    case DELIVERY_STATUS_CANCELED:
        return RENTAL_STATUS_CANCELED;
    case DELIVERY_STATUS_CANCELED_OUT_OF_STOCK:
        return RENTAL_STATUS_CANCELED_OUT_OF_STOCK;
    case DELIVERY_STATUS_CANCELED_UNREGISTERED_PRODUCT:
        return RENTAL_STATUS_CANCELED_UNREGISTERED_PRODUCT;
    case DELIVERY_STATUS_RESERVED:
        return RENTAL_STATUS_RESERVED;
    case DELIVERY_STATUS_PICKED:
        return RENTAL_STATUS_PICKED;
    case DELIVERY_STATUS_READY:
        return RENTAL_STATUS_READY;
    case DELIVERY_STATUS_RETURNED:
        return RENTAL_STATUS_RETURNED;
    case DELIVERY_STATUS_EXPIRED:
        return RENTAL_STATUS_EXPIRED;
    }
    UNREACHABLE("kind is one of the enum");
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
