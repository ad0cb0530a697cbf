/* Moves of assets. Pure; see asset.h. */
#include "stock/domain/asset.h"

#include <stdio.h>
#include <string.h>

#include "kit/base/check.h"
#include "kit/base/text.h"

static const bool MOVES[ASSET_STATE_MAX + 1][ASSET_STATE_MAX + 1] = {
    [ASSET_STATE_RECEIVED] = { [ASSET_STATE_ON_SHELF] = true },
    [ASSET_STATE_ON_SHELF] = { [ASSET_STATE_PICKED] = true, [ASSET_STATE_QUARANTINE] = true },
    [ASSET_STATE_PICKED] = { [ASSET_STATE_IN_LOCKER] = true,
                             [ASSET_STATE_ON_HIRE] = true,
                             [ASSET_STATE_ON_SHELF] = true,
                             [ASSET_STATE_RETURNED] = true },
    [ASSET_STATE_IN_LOCKER] = { [ASSET_STATE_ON_HIRE] = true, [ASSET_STATE_RETURNED] = true },
    [ASSET_STATE_ON_HIRE] = { [ASSET_STATE_RETURNED] = true },
    [ASSET_STATE_RETURNED] = { [ASSET_STATE_CHECKED] = true, [ASSET_STATE_QUARANTINE] = true },
    [ASSET_STATE_CHECKED] = { [ASSET_STATE_ON_SHELF] = true },
    [ASSET_STATE_QUARANTINE] = { [ASSET_STATE_CHECKED] = true },
};

bool asset_may_move(enum asset_state from, enum asset_state to)
{
    PRE((unsigned)from <= ASSET_STATE_MAX && (unsigned)to <= ASSET_STATE_MAX);
    return MOVES[from][to];
}

/* Does it lie where it is wished, of those that may be moved in the state that they have? */
static bool place_is_same(const struct asset *asset, const struct asset_wish *wish)
{
    if (wish->state == ASSET_STATE_ON_SHELF)
        return strcmp(asset->bin, wish->bin) == 0;
    return wish->state != ASSET_STATE_QUARANTINE || wish->place == NULL ||
           strcmp(asset->place, wish->place) == 0;
}

enum asset_verdict asset_decide_move(const struct asset *asset, const struct asset_wish *wish,
                                     struct asset *ret_after)
{
    bool is_shelf = wish->state == ASSET_STATE_ON_SHELF;
    PRE(!is_shelf || wish->bin != NULL);
    if (asset->state == wish->state) {
        if (place_is_same(asset, wish))
            return ASSET_SAME;
    } else if (!asset_may_move(asset->state, wish->state)) {
        return ASSET_ILLEGAL;
    }
    struct asset after = *asset;
    after.state = wish->state;
    after.order = wish->order;
    after.version++;
    after.updated_ms = wish->now_ms;
    if (is_shelf) {
        kit_text_copy(after.bin, sizeof(after.bin), wish->bin);
        asset_place_make(after.place, "bin", wish->bin);
        if (asset->state != wish->state)
            after.shelved_ms = wish->now_ms;
    } else if (wish->place != NULL) {
        kit_text_copy(after.place, sizeof(after.place), wish->place);
    }
    *ret_after = after;
    return ASSET_MOVED;
}

static const char *label_prefix(enum label_kind kind)
{
    switch (kind) {
    case LABEL_KIND_ASSET:
        return "asset";
    case LABEL_KIND_SGTIN:
        return "sgtin";
    case LABEL_KIND_GRAI:
        return "grai";
    case LABEL_KIND_GIAI:
        return "giai";
    case LABEL_KIND_PRODUCT:
    case LABEL_KIND_BIN:
    case LABEL_KIND_TOTE:
    case LABEL_KIND_ORDER:
    case LABEL_KIND_COMPARTMENT:
    case LABEL_KIND_COMMAND:
    case LABEL_KIND_GTIN:
    case LABEL_KIND_SSCC:
    case LABEL_KIND_GLN:
    case LABEL_KIND_TEXT:
    case LABEL_KIND_DAMAGED:
        return NULL;
    }
    UNREACHABLE("kind of a label");
}

bool asset_label_make(enum label_kind kind, const char *value, char ret_label[ASSET_LABEL_SIZE])
{
    const char *prefix = label_prefix(kind);
    if (prefix == NULL || value[0] == '\0')
        return false;
    int size = snprintf(ret_label, ASSET_LABEL_SIZE, "%s:%s", prefix, value);
    return size > 0 && size < ASSET_LABEL_SIZE;
}

void asset_place_make(char ret_place[ASSET_PLACE_SIZE], const char *kind, const char *name)
{
    int size = snprintf(ret_place, ASSET_PLACE_SIZE, "%s:%s", kind, name);
    CHECK(size > 0 && size < ASSET_PLACE_SIZE);
}

bool asset_bin_is_valid(const char *name)
{
    size_t size = strlen(name);
    return size > 0 && size < ASSET_BIN_SIZE &&
           strspn(name, "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-") == size;
}
