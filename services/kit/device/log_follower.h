/* How far the owner of a device has stored its log, and whether the device is there. Pure
 * decisions: device_logs.h loads, saves and answers. What kit/stream/follower.h is to streams, this
 * is to logs of devices, with one difference: nobody asks a device, it sends what is not
 * acknowledged again.
 *
 * Stories, each a test; the numbers are those of schemas/rules/devices.md 7:
 *  7.1 The ack was lost: the same records come again, and have no second effect.
 *  7.2 The flash is new: another epoch, which begins at its firstSeq.
 *  7.3 A message of the log before was under way: nothing of it is taken.
 *  7.4 A spare stood in, or flash was restored: the log before is named by `online`, and goes on
 *      where it was left.
 *  7.5 Records are missing: they are counted, and passed over.
 *  7.7 A will of an earlier connection says nothing; no will is a word of the device.
 *  7.8 Its `online` was lost, or its will came late: whoever speaks is there.
 *  7.9 Nothing is heard of it: it is not there, until its next word. */
#ifndef KIT_DEVICE_LOG_FOLLOWER_H
#define KIT_DEVICE_LOG_FOLLOWER_H

#include <stdbool.h>
#include <stdint.h>

#define KIT_LOG_EPOCH_SIZE 33
#define KIT_LOG_FIRMWARE_SIZE 33
#define KIT_LOG_SEQ_MAX INT64_C(9007199254740991)

struct kit_log_follower {
    char epoch[KIT_LOG_EPOCH_SIZE];        /* of its log; "": it has sent nothing of one yet */
    char epoch_before[KIT_LOG_EPOCH_SIZE]; /* of the log that this one replaced; "": none */
    int64_t seq;                           /* every record up to here is stored */
    int64_t seq_before;                    /* that log is stored up to here */
    bool is_online;                        /* as it, or its will, said last */
    bool is_silent;                        /* its owner has given it up until its next word */
    char state_epoch[KIT_LOG_EPOCH_SIZE];  /* of the latest `online`, to know its will; "": none */
    int64_t state_boot;
    int64_t heard_ms; /* its last word, by the wall clock; 0: never */
    /* What the office wants to know; nothing is decided by it. */
    int64_t since_ms;                     /* it is there, or not, since then; 0: not known */
    int64_t missing;                      /* records of its logs that never came */
    char firmware[KIT_LOG_FIRMWARE_SIZE]; /* as it said last; "": never */
};

/* Is it connected, as far as its owner knows? */
bool kit_log_is_there(const struct kit_log_follower *log);

/* What an `up` is to its owner. */
enum kit_log_turn {
    KIT_LOG_STALE = 0,   /* of the log before: nothing has changed, and nobody answers it */
    KIT_LOG_GOES_ON = 1, /* of the log that is followed */
    KIT_LOG_BEGINS = 2,  /* of another log, which is followed from now on */
};

/**
 * kit_log_on_up() - A message of the device has come: of which log is it, and what is missing?
 *
 * @log:       brought up to the begin of the message's records; untouched when it is stale.
 * @epoch:     of the message.
 * @first_seq: the oldest record that the device holds still, or its next one; at least 1.
 *
 * Source: schemas/rules/devices.md 7.2 to 7.5, 7.8.
 */
enum kit_log_turn kit_log_on_up(struct kit_log_follower *log, const char *epoch, int64_t first_seq,
                                int64_t now_ms);

/* The next record of the message, in the order of the log. false: it was stored before, and has no
 * second effect (7.1). true: it is stored with what its owner does in the same transaction; what is
 * missing before it was passed over (7.5). */
bool kit_log_on_record(struct kit_log_follower *log, int64_t seq);

/* The device has come (`state` says online), with the log that it names. */
void kit_log_on_online(struct kit_log_follower *log, const char *epoch, int64_t boot,
                       const char *firmware, int64_t now_ms);

/* Its will says that it has gone. false: it is the will of an earlier connection, and nothing has
 * changed (7.7). */
bool kit_log_on_will(struct kit_log_follower *log, const char *epoch, int64_t boot, int64_t now_ms);

#endif
