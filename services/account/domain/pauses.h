/* Pauses that grow with wrong tries: who guesses a password waits longer each time, whoever is
 * guessed at and whether they exist. In memory: a restart forgets them, and takes longer than one.
 * Pure: no I/O, no clock, no allocation. Any thread. Source: schemas/rules/account.md 4. */
#ifndef ACCOUNT_DOMAIN_PAUSES_H
#define ACCOUNT_DOMAIN_PAUSES_H

#include <stdint.h>

#define ACCOUNT_PAUSES_MAX 1024 /* of one kind; one more takes the place of the oldest try */
#define ACCOUNT_PAUSE_FORGET_MS 3600000 /* without a try, everything is as before the first */

struct account_pause {
    uint64_t key; /* 0: free */
    int64_t tries;
    int64_t tried_mono_ms;
};

struct account_pauses {
    int64_t free_tries; /* so many without a pause */
    int64_t longest_ms; /* from 1 s on, doubled by each try */
    struct account_pause entries[ACCOUNT_PAUSES_MAX];
};

/* How long from now on nobody may try under that key, in ms; 0: now. */
int64_t account_pauses_left(const struct account_pauses *pauses, uint64_t key, int64_t now_mono_ms);
/* Counts a try, before its outcome is known: many at once are as many. */
void account_pauses_try(struct account_pauses *pauses, uint64_t key, int64_t now_mono_ms);
/* A try was right: takes it back, and leaves those before it. */
void account_pauses_take_back(struct account_pauses *pauses, uint64_t key);
/* As if nobody had ever tried. */
void account_pauses_forget(struct account_pauses *pauses, uint64_t key);

#endif
