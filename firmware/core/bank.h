/* All compartments of one locker over its lock boards: polls the boards, sends the pulses, and
 * tells what was sensed. Several boards may share a line; one request at a time is under way on a
 * line, and a silent board delays the others by no more than the patience with it. Only
 * fw_bank_unlock() opens a door, and no pulse leaves later than jam_ms after it. Never blocks; one
 * thread. */
#ifndef FW_CORE_BANK_H
#define FW_CORE_BANK_H

#include "core/compartment.h"
#include "drivers/board.h"
#include "drivers/branch.h"
#include "port/port.h"

#define FW_BANK_COMPARTMENTS_MAX 16
#define FW_BANK_BOARDS_MAX 4

#define FW_BANK_POLL_FAST_MS 100 /* while a door of the board moves (devices.md 6.2) */
#define FW_BANK_POLL_MS 500
#define FW_BANK_PATIENCE_MS 200      /* for a reply, when the last request was answered */
#define FW_BANK_PATIENCE_MORE_MS 100 /* more for each failure in a row, as a board may be slow, */
#define FW_BANK_PATIENCE_STEPS_MAX 3 /* but for so many of them only */
#define FW_BANK_RETRY_MS 200         /* after the first failure, doubling (6.3) */
#define FW_BANK_RETRY_MS_MAX 5000
#define FW_BANK_SILENT_FAILURES 3
#define FW_BANK_REOPEN_FAILURES 5

/* Several boards may have the same uart pointer: they share that line. */
struct fw_bank_board_config {
    const struct fw_board_driver *driver;
    const struct fw_uart *uart;
    uint8_t address;
    bool is_hook_inverted;     /* the hook bit is 1 when unlocked */
    bool is_presence_inverted; /* the presence bit is 1 when the compartment is empty */
};

struct fw_bank_lock {
    uint8_t board; /* index in boards */
    uint8_t lock;  /* 0 is the first of that board */
};

struct fw_bank_config {
    struct fw_bank_board_config boards[FW_BANK_BOARDS_MAX];
    uint8_t board_count;
    struct fw_bank_lock locks[FW_BANK_COMPARTMENTS_MAX]; /* [0] is compartment 1 */
    uint8_t compartment_count;
    struct fw_door_timers timers;
};

enum fw_bank_event_kind {
    FW_BANK_DOOR = 0,   /* compartment, door, presence */
    FW_BANK_ALARM = 1,  /* compartment, alarm */
    FW_BANK_EFFECT = 2, /* compartment, effect: exactly one for each accepted unlock */
    FW_BANK_BOARD = 3,  /* board, is_silent */
};

struct fw_bank_event {
    enum fw_bank_event_kind kind;
    uint8_t compartment; /* from 1, as on the door */
    uint8_t board;       /* index in boards */
    enum fw_door door;
    enum fw_presence presence;
    enum fw_alarm alarm;
    enum fw_unlock_effect effect;
    bool is_silent;
};

/* Runs inside fw_bank_step(), and may call the const functions below, not step or unlock. Several
 * events of one compartment in one step come in the order effect, door, alarms. */
typedef void fw_bank_on_event(void *user, const struct fw_bank_event *event);

struct fw_bank_board {
    int64_t due_ms;    /* of the next status request */
    uint32_t failures; /* in a row */
    uint8_t pauses;    /* how often the pause has doubled; an unlock sets it back to 0 */
    bool is_silent;
    bool has_answered; /* since the start */
    uint8_t branch;
};

struct fw_bank {
    struct fw_bank_config config;
    struct fw_bank_board boards[FW_BANK_BOARDS_MAX];
    struct fw_branch branches[FW_BANK_BOARDS_MAX];
    uint8_t asked[FW_BANK_BOARDS_MAX];     /* by branch: the board that the request is for */
    uint8_t unlocking[FW_BANK_BOARDS_MAX]; /* by branch: compartment of the pulse; 0: status */
    uint8_t branch_count;
    struct fw_compartment compartments[FW_BANK_COMPARTMENTS_MAX];
    uint32_t waiting_effects; /* a bit by compartment index: the effect is told at the next step */
    fw_bank_on_event *on_event;
    void *user;
};

/**
 * fw_bank_map_in_order() - Make compartments 1, 2, ... of the locks of the boards, in their order.
 *
 * @config:          boards and board_count are set before.
 * @locks_per_board: the first so many of each board are used; 0: all.
 *
 * Errors: FW_E_INVALID: no compartments, too many, or more than there are locks to use; then
 *         compartment_count says how many those are.
 */
int fw_bank_map_in_order(struct fw_bank_config *config, uint8_t compartment_count,
                         uint8_t locks_per_board);

/**
 * fw_bank_init() - A bank that has not asked its boards yet; all doors are unknown.
 *
 * @config:   copied; the drivers and uarts that it points to are borrowed for the bank's life.
 *            fw_door_timers_default has the times of devices.md.
 * @on_event: called for each event, from the first step on.
 *
 * Errors:  FW_E_INVALID: no boards or compartments or too many, two compartments on one lock, two
 *          boards with one address on one line, address or lock out of the driver's range, or
 *          timers that do not grow.
 */
int fw_bank_init(struct fw_bank *bank, const struct fw_bank_config *config,
                 fw_bank_on_event *on_event, void *user);

/**
 * fw_bank_step() - Read the lines, tell what was sensed, and send the requests that are due.
 *
 * Returns the monotonic ms at which it must run again at the latest, never INT64_MAX; earlier when
 * a line has bytes.
 */
int64_t fw_bank_step(struct fw_bank *bank, int64_t now_ms);

/**
 * fw_bank_unlock() - Begin to open one compartment; the effect is an event of a later step.
 *
 * The caller has journaled the use. Step again at once: the pulse leaves with the next step.
 *
 * Errors:  FW_E_INVALID: no such compartment. FW_E_FULL: an unlock of it is under way (`busy`).
 *          After an error no event follows.
 */
int fw_bank_unlock(struct fw_bank *bank, uint8_t compartment, int64_t now_ms);

/** fw_bank_is_busy() - Is the door open, or an unlock of it under way (devices.md 5.6)? */
bool fw_bank_is_busy(const struct fw_bank *bank, uint8_t compartment);

/** fw_bank_compartment() - The state of that compartment: 1 to compartment_count (FW_CHECK). */
const struct fw_compartment *fw_bank_compartment(const struct fw_bank *bank, uint8_t compartment);

/**
 * fw_bank_board_is_silent() - Did that board leave its latest requests unanswered, so that its
 * doors are unknown? Below board_count (FW_CHECK).
 */
bool fw_bank_board_is_silent(const struct fw_bank *bank, uint8_t board);

#endif
