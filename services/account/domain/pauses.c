/* Pauses after wrong tries; see pauses.h. Pure. */
#include "account/domain/pauses.h"

#include <stddef.h>

#define FIRST_MS 1000
#define DOUBLINGS_MAX 30

static const struct account_pause *find(const struct account_pauses *pauses, uint64_t key)
{
    for (size_t i = 0; i < ACCOUNT_PAUSES_MAX; i++) {
        if (pauses->entries[i].key == key)
            return &pauses->entries[i];
    }
    return NULL;
}

static struct account_pause *find_to_change(struct account_pauses *pauses, uint64_t key)
{
    const struct account_pause *entry = find(pauses, key);
    return entry == NULL ? NULL : &pauses->entries[entry - pauses->entries];
}

static struct account_pause *take_oldest(struct account_pauses *pauses)
{
    struct account_pause *oldest = &pauses->entries[0];

    for (size_t i = 0; i < ACCOUNT_PAUSES_MAX; i++) {
        struct account_pause *entry = &pauses->entries[i];
        if (entry->key == 0)
            return entry;
        if (entry->tried_mono_ms < oldest->tried_mono_ms)
            oldest = entry;
    }
    return oldest;
}

int64_t account_pauses_left(const struct account_pauses *pauses, uint64_t key, int64_t now_mono_ms)
{
    const struct account_pause *entry = find(pauses, key);
    int64_t pause_ms = FIRST_MS;

    if (entry == NULL || entry->tries <= pauses->free_tries)
        return 0;
    for (int64_t i = pauses->free_tries + 1; i < entry->tries && pause_ms < pauses->longest_ms; i++)
        pause_ms *= 2;
    if (pause_ms > pauses->longest_ms)
        pause_ms = pauses->longest_ms;
    const int64_t left_ms = entry->tried_mono_ms + pause_ms - now_mono_ms;
    return left_ms > 0 ? left_ms : 0;
}

void account_pauses_try(struct account_pauses *pauses, uint64_t key, int64_t now_mono_ms)
{
    struct account_pause *entry = find_to_change(pauses, key);

    if (entry == NULL) {
        entry = take_oldest(pauses);
        *entry = (struct account_pause){ .key = key };
    } else if (now_mono_ms - entry->tried_mono_ms > ACCOUNT_PAUSE_FORGET_MS) {
        entry->tries = 0;
    }
    if (entry->tries < pauses->free_tries + DOUBLINGS_MAX)
        entry->tries++;
    entry->tried_mono_ms = now_mono_ms;
}

void account_pauses_take_back(struct account_pauses *pauses, uint64_t key)
{
    struct account_pause *entry = find_to_change(pauses, key);

    if (entry == NULL)
        return;
    if (entry->tries > 1)
        entry->tries--;
    else
        entry->key = 0;
}

void account_pauses_forget(struct account_pauses *pauses, uint64_t key)
{
    struct account_pause *entry = find_to_change(pauses, key);

    if (entry != NULL)
        entry->key = 0;
}
