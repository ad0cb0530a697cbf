/* The decisions of log_follower.h. Pure. Any thread. */
#include "kit/device/log_follower.h"

#include <string.h>

#include "kit/base/text.h"

bool kit_log_is_there(const struct kit_log_follower *log)
{
    return log->is_online && !log->is_silent;
}

static void set_there(struct kit_log_follower *log, bool is_online, bool is_silent, int64_t now_ms)
{
    const bool was_there = kit_log_is_there(log);
    log->is_online = is_online;
    log->is_silent = is_silent;
    if (kit_log_is_there(log) != was_there)
        log->since_ms = now_ms;
}

/* A device may claim any number, again and again. */
static void pass_over(struct kit_log_follower *log, int64_t seq)
{
    if (seq <= log->seq)
        return;
    const int64_t room = KIT_LOG_SEQ_MAX - log->missing;
    log->missing += seq - log->seq < room ? seq - log->seq : room;
    log->seq = seq;
}

static void begin(struct kit_log_follower *log, const char *epoch, int64_t first_seq)
{
    const bool is_back = strcmp(log->epoch_before, epoch) == 0;
    const int64_t stored = is_back ? log->seq_before : first_seq - 1;
    kit_text_copy(log->epoch_before, sizeof(log->epoch_before), log->epoch);
    log->seq_before = log->seq;
    kit_text_copy(log->epoch, sizeof(log->epoch), epoch);
    log->seq = stored;
}

enum kit_log_turn kit_log_on_up(struct kit_log_follower *log, const char *epoch, int64_t first_seq,
                                int64_t now_ms)
{
    const bool is_named = strcmp(log->state_epoch, epoch) == 0;
    const bool is_other = strcmp(log->epoch, epoch) != 0;
    if (!is_named && strcmp(log->epoch_before, epoch) == 0)
        return KIT_LOG_STALE;

    /* Only of the log that `online` named, which its will names too (7.8). */
    set_there(log, log->is_online || is_named || log->state_epoch[0] == '\0', false, now_ms);
    log->heard_ms = now_ms;
    if (is_other)
        begin(log, epoch, first_seq);
    pass_over(log, first_seq - 1);
    return is_other ? KIT_LOG_BEGINS : KIT_LOG_GOES_ON;
}

bool kit_log_on_record(struct kit_log_follower *log, int64_t seq)
{
    if (seq <= log->seq)
        return false;
    pass_over(log, seq - 1);
    log->seq = seq;
    return true;
}

void kit_log_on_online(struct kit_log_follower *log, const char *epoch, int64_t boot,
                       const char *firmware, int64_t now_ms)
{
    set_there(log, true, false, now_ms);
    log->heard_ms = now_ms;
    log->state_boot = boot;
    kit_text_copy(log->state_epoch, sizeof(log->state_epoch), epoch);
    kit_text_copy(log->firmware, sizeof(log->firmware), firmware);
}

bool kit_log_on_will(struct kit_log_follower *log, const char *epoch, int64_t boot, int64_t now_ms)
{
    if (strcmp(log->state_epoch, epoch) != 0 || log->state_boot != boot)
        return false;
    set_there(log, false, log->is_silent, now_ms);
    return true;
}
