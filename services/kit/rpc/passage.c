/* One line for each sender: the quickest of its messages is the measure of the others. */
#include "kit/rpc/passage.h"

#include <string.h>

#include "kit/base/text.h"

/* The sender's place; of one that is not known, or that has begun a new life, an empty one. */
static struct kit_passage_sender *find_sender(struct kit_passage *passage, const char *name,
                                              uint32_t life)
{
    struct kit_passage_sender *oldest = &passage->senders[0];
    for (size_t i = 0; i < KIT_PASSAGE_SENDERS_MAX; i++) {
        struct kit_passage_sender *sender = &passage->senders[i];
        if (strcmp(sender->name, name) == 0) {
            oldest = sender;
            break;
        }
        if (sender->quickest_mono_ms < oldest->quickest_mono_ms)
            oldest = sender;
    }
    if (strcmp(oldest->name, name) == 0 && oldest->life == life)
        return oldest;
    *oldest = (struct kit_passage_sender){ 0 };
    kit_text_copy(oldest->name, sizeof(oldest->name), name);
    return oldest;
}

static void measure_from(struct kit_passage_sender *sender, int64_t took_ms, int64_t now_mono_ms)
{
    sender->quickest_ms = took_ms;
    sender->quickest_mono_ms = now_mono_ms;
    sender->late_since_mono_ms = INT64_MAX;
}

int64_t kit_passage_take(struct kit_passage *passage, const char *name,
                         const struct kit_message *message, int64_t now_mono_ms)
{
    if (message->sender_life == 0)
        return 0;
    struct kit_passage_sender *sender = find_sender(passage, name, message->sender_life);
    const int64_t took_ms = now_mono_ms - message->sent_mono_ms;
    const int64_t drift_ms = (now_mono_ms - sender->quickest_mono_ms) / KIT_PASSAGE_DRIFT;
    const int64_t late_ms = took_ms - sender->quickest_ms - drift_ms;

    if (sender->life == 0 || late_ms <= 0 ||
        now_mono_ms - KIT_PASSAGE_RESET_MS >= sender->late_since_mono_ms) {
        sender->life = message->sender_life;
        measure_from(sender, took_ms, now_mono_ms);
        return 0;
    }
    if (late_ms < KIT_PASSAGE_LATE_MS)
        sender->late_since_mono_ms = INT64_MAX;
    else if (sender->late_since_mono_ms == INT64_MAX)
        sender->late_since_mono_ms = now_mono_ms;
    return late_ms;
}
