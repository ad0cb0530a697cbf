/* See twins.h.
 *
 * Story, somebody copies the password file of locker-1 to a second locker:
 *   1. The first says online (log a, boot 3), then the second (log b, boot 1), which the broker
 * lets throw the first one out.
 *   2. The first connects again: (a, 3) is back. It has not been started again, so both run.
 *   3. (b, 1) is back: now it is said. Both go on taking turns until somebody mends it. */
#include "kit/device/twins.h"

#include <string.h>

#include "kit/base/text.h"

/* FNV-1a. */
static size_t place_of(const char *text)
{
    uint32_t hash = 2166136261u;
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash & (KIT_TWINS_ROWS - 1);
}

static bool is_pair(const struct kit_twins_pair *pair, const struct kit_twins_online *online)
{
    return pair->boot == online->boot && strcmp(pair->epoch, online->epoch) == 0;
}

static void set_pair(struct kit_twins_pair *pair, const struct kit_twins_online *online)
{
    kit_text_copy(pair->epoch, sizeof(pair->epoch), online->epoch);
    pair->boot = online->boot;
}

static bool is_twin(const struct kit_twins_row *row)
{
    return row->turns >= KIT_TWINS_TURNS;
}

/* The row of the device; NULL when it is that of another one, which is a twin. */
static struct kit_twins_row *row_of(struct kit_twins *twins, const char *device)
{
    struct kit_twins_row *row = &twins->rows[place_of(device)];
    if (strcmp(row->device, device) == 0)
        return row;
    if (is_twin(row))
        return NULL;
    *row = (struct kit_twins_row){ .turns = 0 };
    kit_text_copy(row->device, sizeof(row->device), device);
    return row;
}

bool kit_twins_on_online(struct kit_twins *twins, const struct kit_twins_online *online)
{
    struct kit_twins_row *row = row_of(twins, online->device);

    if (row == NULL || is_pair(&row->latest, online))
        return false; /* the network was away for a moment */
    const bool is_back = row->before.epoch[0] != '\0' && is_pair(&row->before, online);
    row->before = row->latest;
    set_pair(&row->latest, online);
    if (!is_back)
        return false;
    row->turns++;
    row->seen_at_ms = online->now_ms;
    if (!is_twin(row))
        return false;
    twins->turns_total++;
    if (online->now_mono_ms < row->log_due_mono_ms)
        return false;
    row->log_due_mono_ms = online->now_mono_ms + KIT_TWINS_LOG_MS;
    return true;
}

int64_t kit_twins_seen_at(const struct kit_twins *twins, const char *device)
{
    const struct kit_twins_row *row = &twins->rows[place_of(device)];
    return strcmp(row->device, device) == 0 && is_twin(row) ? row->seen_at_ms : 0;
}
