/* See device_budget.h. */
#include "kit/service/device_budget.h"

#include <string.h>

#include "kit/base/text.h"

#define TRIES_MAX 16 /* rows that a device may have */
#define STEP_US (INT64_C(1000000) / DEVICE_BUDGET_PER_S)

/* FNV-1a. */
static uint32_t hash_of(const char *text)
{
    uint32_t hash = 2166136261u;
    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * 16777619u;
    return hash;
}

static size_t place_of(uint32_t hash, size_t attempt)
{
    return (hash + attempt) & (DEVICE_BUDGET_ROWS - 1);
}

static const struct device_budget_row *find(const struct device_budget *budget, const char *device)
{
    const uint32_t hash = hash_of(device);
    for (size_t i = 0; i < TRIES_MAX; i++) {
        const struct device_budget_row *row = &budget->rows[place_of(hash, i)];
        if (strcmp(row->device, device) == 0)
            return row;
    }
    return NULL;
}

/* A row for a device that has none; NULL when all of its places are taken. */
static struct device_budget_row *add(struct device_budget *budget, const char *device,
                                     int64_t now_us)
{
    const uint32_t hash = hash_of(device);
    for (size_t i = 0; i < TRIES_MAX; i++) {
        struct device_budget_row *row = &budget->rows[place_of(hash, i)];
        if (row->dropped > 0 || row->full_at_us > now_us)
            continue;
        *row = (struct device_budget_row){ .full_at_us = 0 };
        kit_text_copy(row->device, sizeof(row->device), device);
        return row;
    }
    return NULL;
}

enum device_budget_say device_budget_take(struct device_budget *budget, const char *device,
                                          int64_t now_mono_ms)
{
    const int64_t now_us = now_mono_ms * 1000;
    struct device_budget_row *row = (struct device_budget_row *)find(budget, device);

    if (row == NULL)
        row = add(budget, device, now_us);
    if (row == NULL)
        return DEVICE_BUDGET_TAKE;
    if (row->full_at_us < now_us)
        row->full_at_us = now_us;
    if (row->full_at_us - now_us <= (DEVICE_BUDGET_BURST - 1) * STEP_US) {
        row->full_at_us += STEP_US;
        return DEVICE_BUDGET_TAKE;
    }
    row->dropped++;
    budget->dropped_total++;
    if (now_mono_ms < row->log_due_mono_ms)
        return DEVICE_BUDGET_DROP;
    row->log_due_mono_ms = now_mono_ms + DEVICE_BUDGET_LOG_MS;
    return DEVICE_BUDGET_DROP_AND_SAY;
}

int64_t device_budget_dropped(const struct device_budget *budget, const char *device)
{
    const struct device_budget_row *row = find(budget, device);
    return row == NULL ? 0 : row->dropped;
}
