/* What devices did not take: reads and keys that they dropped, as each says in every `up`
 * (rules/devices.md 1.4, 3.1, 3.5). One table, for the services that own devices; for metrics
 * and the office, nothing is decided by it. Loop thread. */
#ifndef KIT_DEVICE_LOSSES_H
#define KIT_DEVICE_LOSSES_H

#include "kit/base/buf.h"
#include "kit/store/db.h"
#include "msg/device_health.gen.h"
#include "msg/device_up.gen.h"

/* Released: never change it; append another migration. The sums follow the rows by triggers, so
 * that a message costs the same however many devices there are. */
#define KIT_LOSSES_MIGRATION                                                                       \
    "CREATE TABLE device_loss ("                                                                   \
    "  device TEXT PRIMARY KEY CHECK (device <> ''),"                                              \
    "  bounced INTEGER NOT NULL CHECK (bounced >= 0),"                                             \
    "  unreadable INTEGER NOT NULL CHECK (unreadable >= 0),"                                       \
    "  overflowed INTEGER NOT NULL CHECK (overflowed >= 0)"                                        \
    ") STRICT, WITHOUT ROWID;"                                                                     \
    "CREATE TABLE device_loss_sum ("                                                               \
    "  one INTEGER PRIMARY KEY CHECK (one = 1),"                                                   \
    "  bounced INTEGER NOT NULL CHECK (bounced >= 0),"                                             \
    "  unreadable INTEGER NOT NULL CHECK (unreadable >= 0),"                                       \
    "  overflowed INTEGER NOT NULL CHECK (overflowed >= 0)"                                        \
    ") STRICT;"                                                                                    \
    "INSERT INTO device_loss_sum VALUES (1, 0, 0, 0);"                                             \
    "CREATE TRIGGER device_loss_added AFTER INSERT ON device_loss BEGIN"                           \
    " UPDATE device_loss_sum SET"                                                                  \
    "  bounced = bounced + NEW.bounced,"                                                           \
    "  unreadable = unreadable + NEW.unreadable,"                                                  \
    "  overflowed = overflowed + NEW.overflowed;"                                                  \
    " END;"                                                                                        \
    "CREATE TRIGGER device_loss_changed AFTER UPDATE ON device_loss BEGIN"                         \
    " UPDATE device_loss_sum SET"                                                                  \
    "  bounced = bounced + NEW.bounced - OLD.bounced,"                                             \
    "  unreadable = unreadable + NEW.unreadable - OLD.unreadable,"                                 \
    "  overflowed = overflowed + NEW.overflowed - OLD.overflowed;"                                 \
    " END;"                                                                                        \
    "CREATE TRIGGER device_loss_gone AFTER DELETE ON device_loss BEGIN"                            \
    " UPDATE device_loss_sum SET"                                                                  \
    "  bounced = bounced - OLD.bounced,"                                                           \
    "  unreadable = unreadable - OLD.unreadable,"                                                  \
    "  overflowed = overflowed - OLD.overflowed;"                                                  \
    " END;"

enum kit_loss {
    KIT_LOSS_BOUNCED = 0,
    KIT_LOSS_UNREADABLE = 1,
    KIT_LOSS_OVERFLOWED = 2,
};
#define KIT_LOSS_COUNT 3

struct kit_losses {
    struct kit_statements statements;
    int64_t sums[KIT_LOSS_COUNT]; /* of the last words of all devices; see kit_losses_note() */
};

/* Prepares the statements and reads the sums. Inside a transaction, as a service's open is. When it
 * fails, nothing stays prepared. */
int kit_losses_open(struct kit_losses *losses, struct kit_db *db,
                    struct kit_error *err) KIT_MUST_CHECK;
/* Gives the statements back; fine after a failed open. */
void kit_losses_close(struct kit_losses *losses);

/* Keeps a device's last word. Its counters begin at 0 with a new flash, so the sums may fall. After
 * an item that was undone they are right again with the next word of any device. */
int kit_losses_note(struct kit_losses *losses, const char *device, const struct msg_device_up *up,
                    struct kit_error *err) KIT_MUST_CHECK;

/* Writes the last word of one device into how it is; nothing when it said none. */
int kit_losses_fill(struct kit_losses *losses, const char *device, struct msg_device_health *ret,
                    struct kit_error *err) KIT_MUST_CHECK;

/* The device is no more: it leaves the sums. */
int kit_losses_forget(struct kit_losses *losses, const char *device,
                      struct kit_error *err) KIT_MUST_CHECK;

/* Appends the gauge device_reads_dropped with a value for each reason, as last read. */
void kit_losses_metrics(const struct kit_losses *losses, struct kit_buf *out);

#endif
