/* The devices of one kind that a service owns: what they publish is followed here
 * (log_follower.h), and handed to the owner record by record. A service has them by two rows of its
 * table of devices and a struct kit_device_owner:
 *
 *     #define DEVICES(X)
 *         X("scanner", "up", device_up, kit_device_logs_on_up, logs)
 *         X("scanner", "state", device_state, kit_device_logs_on_state, logs)
 *
 * Where a log is stored is a row of the owner's own table, which is called as the kind ("scanner"):
 * KIT_LOG_COLUMNS(), and a unique `name`. Only this file writes these columns; the owner adds and
 * deletes rows. Runs on the loop inside the open transaction. Source: schemas/rules/devices.md
 * 1, 7. */
#ifndef KIT_DEVICE_DEVICE_LOGS_H
#define KIT_DEVICE_DEVICE_LOGS_H

#include "kit/device/log_follower.h"
#include "kit/device/losses.h"
#include "kit/device/twins.h"
#include "kit/service/service.h"
#include "msg/device_ack.gen.h"
#include "msg/device_state.gen.h"

/* For the list of the owner's table; `of` is where its struct has the follower: KIT_LOG_COLUMNS(X,
 * AND, log.). See kit/store/table.h. */
#define KIT_LOG_COLUMNS(X, AND, of)                                                                \
    X(TEXT, epoch, of epoch)                                                                       \
    AND X(TEXT, epoch_before, of epoch_before) AND X(INT, seq, of seq) AND X(INT, seq_before,      \
                                                                             of seq_before) AND    \
    X(INT, is_online, of is_online) AND                                                            \
    X(INT, is_silent, of is_silent) AND                                                            \
    X(TEXT, state_epoch, of state_epoch) AND                                                       \
    X(INT, state_boot, of state_boot) AND                                                          \
    X(INT, heard_ms, of heard_ms) AND                                                              \
    X(INT, since_ms, of since_ms) AND                                                              \
    X(INT, missing, of missing) AND                                                                \
    X(TEXT, firmware, of firmware)

/* One `up` under way, for the owner. */
struct kit_device_turn {
    const char *device;
    const struct msg_device_up *up;
    bool is_new_log;           /* another log than the one that was followed before (7.2, 7.4) */
    struct msg_device_ack ack; /* the owner adds verdicts */
    void *work;                /* the owner's own, from begin to end */
};

/* What a service does with its devices: called in this order, and what fails undoes the item. */
struct kit_device_owner {
    enum device_kind kind;
    /* Before anything is read. state: NULL for an `up`. Adds a row where the device may have one;
     * a device without a row gets no answer to an `up`, and sends it again behind its `online`. */
    int (*admit)(void *app, const char *device, const struct msg_device_state *state,
                 struct kit_error *err);
    int (*begin)(void *app, struct kit_device_turn *turn, struct kit_error *err);
    /* A record that is new, and one that was stored before (7.1; may be NULL). */
    int (*on_record)(void *app, struct kit_device_turn *turn,
                     const struct msg_device_record *record, struct kit_error *err);
    int (*on_again)(void *app, struct kit_device_turn *turn, int64_t seq, struct kit_error *err);
    /* The log is saved and the ack is staged. What cannot be taken back comes last. */
    int (*end)(void *app, struct kit_device_turn *turn, struct kit_error *err);
    /* May be NULL. The ack is complete but for its MAC (8.3). */
    int (*sign)(void *app, struct kit_device_turn *turn, struct kit_error *err);
    /* May be NULL. It has come, as is saved already; of its going nobody is told. */
    int (*on_online)(void *app, const char *device, const struct msg_device_state *state,
                     struct kit_error *err);
};

struct kit_device_logs {
    const struct kit_device_owner *owner; /* borrowed */
    void *app;                            /* its, borrowed */
    struct kit_service *service;          /* borrowed */
    struct kit_statements statements;
    struct kit_losses losses;
    struct kit_twins twins;
    /* Since the start; `online` is now. After an item that was undone it is right again with the
     * next kit_device_logs_end_silent(). */
    int64_t online, again, missing, stale;
};

/* Prepares the statements. KIT_E_CORRUPT and the like when the owner's table lacks a column. The
 * logs must be zeroed; inside a transaction, as a service's open is. */
int kit_device_logs_open(struct kit_device_logs *logs, const struct kit_device_owner *owner,
                         void *app, struct kit_service *service,
                         struct kit_error *err) KIT_MUST_CHECK;
/* Gives the statements back; fine after an open that failed. */
void kit_device_logs_close(struct kit_device_logs *logs);

/* Takes each record once and answers with one `ack`. KIT_E_INVALID for records that are not in the
 * order of the log (7.6), KIT_E_CONFLICT for a device without a row. */
int kit_device_logs_on_up(struct kit_device_logs *logs, const char *device,
                          const struct msg_device_up *up, struct kit_error *err);
/* Notes whether the device is there (7.7). */
int kit_device_logs_on_state(struct kit_device_logs *logs, const char *device,
                             const struct msg_device_state *state, struct kit_error *err);

/* Those of which nothing was heard for so long are not there any more (7.9); for the owner's timer.
 * While the service was down it heard nobody, and gives nobody up for that. */
int kit_device_logs_end_silent(struct kit_device_logs *logs, int64_t silent_ms,
                               struct kit_error *err) KIT_MUST_CHECK;
/* The same of one device, at once. */
int kit_device_logs_set_silent(struct kit_device_logs *logs, const char *device,
                               struct kit_error *err) KIT_MUST_CHECK;

/* Writes how the device is into its health: all of it but its status. */
int kit_device_logs_fill(struct kit_device_logs *logs, const struct kit_log_follower *log,
                         struct msg_device_health *ret, struct kit_error *err) KIT_MUST_CHECK;

/* Appends the numbers of these devices. */
void kit_device_logs_metrics(const struct kit_device_logs *logs, struct kit_buf *out);

#endif
