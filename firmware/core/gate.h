/* Decides what a locker may open: commands of the service, and codes of people (schemas/rules/
 * devices.md 4 and 5). Writes into its journal before anything moves; what is journaled never opens
 * again. Nothing opens because of boot, reset, reconnect or a late message. One thread.
 *
 *   on_cmd, on_code -> journal (flash) -> decision: open -> the bank pulses -> on_effect -> record
 *   cut of power between journal and effect: `interrupted` is reported at the next start */
#ifndef FW_CORE_GATE_H
#define FW_CORE_GATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/clock.h"
#include "core/session.h"
#include "core/snapshot.h"
#include "fw/device_config.gen.h"
#include "port/port.h"

#define FW_GATE_COMPARTMENTS_MAX 16
#define FW_GATE_GRANTS_MAX 16
#define FW_GATE_JOURNAL_MAX 24 /* commands that have not expired, and uses not yet reported */
#define FW_GATE_CODE_DIGITS 8
#define FW_GATE_ID_BYTES 16  /* of a command */
#define FW_GATE_WRONG_FREE 2 /* wrong codes in a row without a pause */
#define FW_GATE_PAUSE_MIN_MS 30000
#define FW_GATE_PAUSE_MAX_MS 3600000
#define FW_GATE_WRONG_HELD_MAX 16     /* wrong codes that are held against the locker at most, */
#define FW_GATE_FORGIVE_MS 3600000    /* and one is forgiven after that (rules 5.5) */
#define FW_GATE_RETRY_MS 1000         /* a record that found no room is tried again after that, */
#define FW_GATE_RETRY_BROKEN_MS 60000 /* one that flash did not take after that */
#define FW_GATE_SAVES_FAILED_MAX 5    /* in a row: then other records need not wait any more */
#define FW_GATE_SAME_REFUSAL_MS 10000 /* the same refusal has one record in that time */
#define FW_GATE_WRONG_COUNT_MAX 1000000

struct fw_gate_setup {
    const char *site;   /* of the MACs */
    const char *device; /* of the MACs */
    uint8_t compartment_count;
    struct fw_session *session;   /* open; takes the records */
    struct fw_snapshot *snapshot; /* open; of the gate alone */
    const struct fw_clock_state *clock;
    const struct fw_mac *mac;
};

/* A grant as it lies in flash. 64 bytes. */
struct fw_gate_grant {
    int64_t id;
    int64_t not_before_ms;
    int64_t expires_at_ms;
    uint8_t code_hash[FW_MAC_BYTES];
    uint8_t compartment;
    uint8_t is_used;
    uint8_t unused[6];
};

enum fw_gate_entry_kind {
    FW_GATE_ENTRY_FREE = 0,
    FW_GATE_ENTRY_COMMAND = 1,
    FW_GATE_ENTRY_GRANT = 2,
};

enum fw_gate_entry_state {
    FW_GATE_ACTING = 0,   /* journaled; waits for its effect, at most as long as the bank senses */
    FW_GATE_KNOWN = 1,    /* the effect is known; its record has number record_seq, 0: not yet */
    FW_GATE_REPORTED = 2, /* its record is in the log; kept against repetition */
};

/* One use of a lock. 48 bytes. */
struct fw_gate_entry {
    uint8_t id[FW_GATE_ID_BYTES];
    int64_t grant_id;
    int64_t expires_at_ms;
    int64_t record_seq;
    uint8_t kind;
    uint8_t state;
    uint8_t compartment;
    uint8_t effect; /* enum fw_msg_effect */
    uint8_t unused[4];
};

/* All that survives a restart, written as it is: flash never moves to another machine. */
struct fw_gate_stored {
    int64_t revision;     /* of the configuration; 0: none */
    int64_t forgotten_ms; /* highest expiresAt of the commands whose ids are no longer kept */
    uint8_t epoch[FW_EPOCH_BYTES]; /* of the log that record_seq counts in */
    uint32_t wrong_count;          /* in a row */
    uint32_t wrong_held;           /* up to FW_GATE_WRONG_HELD_MAX; no right code changes it */
    uint32_t pause_ms;             /* the pause that runs; 0: it was served */
    uint32_t grant_count;
    struct fw_gate_grant grants[FW_GATE_GRANTS_MAX];
    struct fw_gate_entry journal[FW_GATE_JOURNAL_MAX];
};

/* The last command that moved nothing and has a record. */
struct fw_gate_told {
    uint8_t id[FW_GATE_ID_BYTES];
    enum fw_msg_effect effect;
    int64_t until_ms; /* monotonic: until then it has none again */
};

/* Declared by the caller; only to be read from outside. */
struct fw_gate {
    struct fw_gate_setup setup;
    struct fw_gate_stored stored;
    int64_t pause_until_ms; /* monotonic; 0: no pause */
    int64_t forgive_at_ms;  /* monotonic, of the next wrong code held; 0: none is */
    int64_t retry_at_ms;    /* monotonic; 0: nothing to retry */
    int64_t told_until_ms[FW_MSG_DEVICE_REFUSAL_COUNT]; /* monotonic: no record before that */
    struct fw_gate_told told;
    uint32_t refused_count;    /* messages against the schema, configurations refused */
    uint32_t unrecorded_count; /* refusals that found no room in the log */
    uint32_t failed_saves;     /* in a row */
    bool is_pause_told;        /* the pause has one record of its own */
    bool is_aged;              /* a pause was served, or a wrong code forgiven: to flash with it */
    struct fw_device_config scratch;
};

/* What to do now. */
struct fw_gate_decision {
    bool is_open;        /* pulse the lock of `compartment`, then fw_gate_on_effect() */
    uint8_t compartment; /* 0: none is named */
    bool is_refused;     /* `refusal` says why: tell the person, if it was a code */
    enum fw_msg_device_refusal refusal;
    int64_t pause_ms;     /* after a code: how long none is accepted from now on */
    uint32_t wrong_count; /* after a code: wrong ones in a row */
};

/**
 * fw_gate_open() - Begin after power-up, after fw_session_open() and before any record. Opens
 * nothing.
 *
 * Reports as `interrupted` what was journaled and has no effect; a pause that was running begins
 * again in full.
 *
 * Errors: FW_E_IO when flash cannot be written; FW_E_CORRUPT when it holds a layout that this
 *         firmware does not know.
 * Source: rules 4.5, 5.4.
 */
int fw_gate_open(struct fw_gate *gate, const struct fw_gate_setup *setup);

/**
 * fw_gate_on_cmd() - A message on `cmd`.
 *
 * When ret->is_open, the id is in flash already: open, and say by fw_gate_on_effect() what was
 * sensed. Otherwise nothing may move; the record that says why has been appended, unless the same
 * was said within FW_GATE_SAME_REFUSAL_MS, or the log is low (then it is counted).
 *
 * Errors: FW_E_INVALID: against the schema, counted, no record. FW_E_FULL: the log takes no record
 *         now, so nothing is done. FW_E_IO: flash is broken, nothing is done. *ret: only on FW_OK.
 * Source: rules 4.1 to 4.3.
 */
int fw_gate_on_cmd(struct fw_gate *gate, const char *payload, size_t size,
                   struct fw_gate_decision *ret);

/* A message on `config`. FW_OK: stored (or this very revision was stored before). FW_E_INVALID:
 * against the schema, wrong MAC, lower revision; counted. FW_E_IO: the old one stays. Rules 5.2. */
int fw_gate_on_config(struct fw_gate *gate, const char *payload, size_t size);

/**
 * fw_gate_on_code() - Somebody typed (or showed) a code.
 *
 * @code:      8 digits.
 * @busy_mask: bit 0 is compartment 1: its door is open or moving.
 * @ret:       as for a command.
 *
 * Errors: FW_E_INVALID: not 8 digits: nothing was counted. FW_E_FULL, FW_E_IO as for a command.
 * Source: rules 5.3 to 5.6.
 */
int fw_gate_on_code(struct fw_gate *gate, const char *code, uint32_t busy_mask,
                    struct fw_gate_decision *ret);

/**
 * fw_gate_on_effect() - What was sensed after a decision to open.
 *
 * @effect: opened, already_open, jammed or no_answer (rules 4.4).
 *
 * The record is appended exactly once, also over cuts of power; when the log is full it is tried
 * again by fw_gate_tick(). Errors: FW_E_INVALID when nothing is under way at the compartment.
 */
int fw_gate_on_effect(struct fw_gate *gate, uint8_t compartment, enum fw_msg_effect effect);

/* Does what is due. Returns when (monotonic ms) it wants to be called again at the latest. */
int64_t fw_gate_tick(struct fw_gate *gate, int64_t now_ms);

#endif
