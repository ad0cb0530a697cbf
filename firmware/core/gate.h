/* Decides what a locker may open: commands of the service, and codes of people (schemas/rules/
 * devices.md 4 and 5). Each decision to open is in the gate's journal in flash before a lock moves,
 * and what is journaled never opens again. Nothing opens because of boot, reset, reconnect or a
 * late message. One thread; calls block while flash is written.
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
#include "core/signed.h"
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
#define FW_GATE_WRONG_HELD_MAX 16     /* wrong codes that are held against the locker at most */
#define FW_GATE_FORGIVE_MS 3600000    /* until one of them is forgiven (rules 5.5) */
#define FW_GATE_RETRY_MS 1000         /* to the next try of a record that found no room */
#define FW_GATE_RETRY_BROKEN_MS 60000 /* to the next try of one that flash did not take */
#define FW_GATE_SAVES_FAILED_MAX 5    /* in a row: then other records wait no longer */
#define FW_GATE_SAME_REFUSAL_MS 10000 /* the same refusal has one record in that time */
#define FW_GATE_WRONG_COUNT_MAX 1000000
#define FW_GATE_LAYOUT 3          /* version of the gate's snapshot: struct fw_gate_stored */
#define FW_GATE_LAYOUT_UNSIGNED 2 /* of the versions up to 0.3: the same up to grant_id_max */

struct fw_gate_setup {
    struct fw_identity identity; /* with a key */
    uint8_t compartment_count;
    struct fw_session *session;   /* open; takes the records */
    struct fw_snapshot *snapshot; /* open; of the gate alone */
    const struct fw_clock_state *clock;
};

/* A grant as it lies in flash. 64 bytes. */
struct fw_gate_grant {
    int64_t id;
    int64_t not_before_ms;
    int64_t expires_at_ms;
    uint8_t code_hash[FW_MAC_BYTES];
    uint8_t compartment;
    uint8_t is_used;
    uint8_t is_refused; /* its id was given to another grant before: it never opens (rules 5.7) */
    uint8_t unused[5];
};

enum fw_gate_entry_kind {
    FW_GATE_ENTRY_FREE = 0,
    FW_GATE_ENTRY_COMMAND = 1,
    FW_GATE_ENTRY_GRANT = 2,
};

enum fw_gate_entry_state {
    FW_GATE_ACTING = 0,   /* journaled; waits for its effect, at most twice jam_ms of the bank */
    FW_GATE_KNOWN = 1,    /* the effect is known; waits for room in the log for its record */
    FW_GATE_REPORTED = 2, /* the record is in the log; the entry is kept against repetition */
};

/* One use of a lock. 48 bytes. */
struct fw_gate_entry {
    uint8_t id[FW_GATE_ID_BYTES];
    int64_t grant_id;
    int64_t expires_at_ms;
    int64_t record_seq; /* number that the record has, or is to get; 0: none yet */
    uint8_t kind;
    uint8_t state;
    uint8_t compartment;
    uint8_t effect; /* enum fw_msg_effect */
    uint8_t unused[4];
};

/* All of the gate that survives a restart. Flash has the struct as it is in memory: the part never
 * moves to another kind of machine. */
struct fw_gate_stored {
    int64_t revision;     /* of the configuration; 0: none */
    int64_t forgotten_ms; /* highest expiresAt of the commands whose ids are no longer kept */
    uint8_t epoch[FW_EPOCH_BYTES]; /* of the log that the record_seqs belong to */
    uint32_t wrong_count;          /* in a row */
    uint32_t wrong_held; /* up to FW_GATE_WRONG_HELD_MAX; a right code does not lower it */
    uint32_t pause_ms;   /* of the pause that runs; 0: none runs */
    uint32_t grant_count;
    struct fw_gate_grant grants[FW_GATE_GRANTS_MAX];
    struct fw_gate_entry journal[FW_GATE_JOURNAL_MAX];
    int64_t grant_id_max;   /* highest id of all grants that were ever stored (rules 5.7) */
    uint8_t owner_protocol; /* that the service speaks, as a MAC has shown; 0: as 1 */
    uint8_t unused[7];
    uint8_t mac[FW_MAC_BYTES]; /* of all bytes above, with the device's key (rules 5.8) */
};

/* The latest command that moved no lock and has a record. */
struct fw_gate_told {
    uint8_t id[FW_GATE_ID_BYTES];
    enum fw_msg_effect effect;
    int64_t until_ms; /* monotonic: the same ending gets no second record before */
};

/* Declared by the caller; only to be read from outside. */
struct fw_gate {
    struct fw_gate_setup setup;
    struct fw_gate_stored stored;
    int64_t pause_until_ms; /* monotonic; 0: no pause */
    int64_t forgive_at_ms;  /* monotonic: the next wrong code is forgiven; 0: none is held */
    int64_t retry_at_ms;    /* monotonic; 0: nothing to retry */
    int64_t told_until_ms[FW_MSG_DEVICE_REFUSAL_COUNT]; /* monotonic: no second record before */
    struct fw_gate_told told;
    uint32_t refused_count;    /* messages against the schema, configurations refused */
    uint32_t unrecorded_count; /* refusals that found no room in the log */
    uint32_t failed_saves;     /* in a row */
    bool is_pause_told;        /* the pause that runs has its one record */
    bool is_aged; /* a pause served, a code forgiven, the owner heard, of 0.3: not saved yet */
    struct fw_device_config scratch;
};

/* What a command or a code leads to. */
struct fw_gate_decision {
    bool is_open;        /* pulse the lock of `compartment`, then call fw_gate_on_effect() */
    uint8_t compartment; /* 0: none is named */
    bool is_refused;     /* `refusal` says why; a person who typed a code must be told */
    enum fw_msg_device_refusal refusal;
    int64_t pause_ms;     /* after a code: for how long no code is accepted from now on */
    uint32_t wrong_count; /* after a code: wrong codes in a row */
};

/**
 * fw_gate_open() - Begin after power-up: after fw_session_open(), and before any record.
 *
 * Opens no door. A use of a lock that was journaled and whose effect is not known is reported as
 * `interrupted`. A pause that was running begins again in full.
 *
 * @setup: copied; what it points to is borrowed for the gate's life.
 *
 * What version 0.3 and earlier have left is taken as it is, and written anew with a MAC.
 *
 * Errors: FW_E_INVALID: the blocks of the flash are too small for what a gate keeps. FW_E_IO: flash
 *         cannot be read or written. FW_E_CORRUPT: flash holds a layout that this firmware does not
 *         know, a number that no gate writes, or bytes that the device's key has not signed: so it
 *         is not known which grants are used.
 * Source: rules 4.5, 5.4, 5.8.
 */
int fw_gate_open(struct fw_gate *gate, const struct fw_gate_setup *setup);

/**
 * fw_gate_on_cmd() - A message on `cmd`.
 *
 * With ret->is_open, the id is in the journal: pulse the lock, and tell fw_gate_on_effect() what
 * was sensed. Otherwise no lock may move, and the log has a record that says why. There is no such
 * record when the same ending had one within FW_GATE_SAME_REFUSAL_MS, or when the log is low: then
 * the refusal is counted.
 *
 * @ret: written on FW_OK only.
 *
 * Errors: FW_E_INVALID: against the schema; counted, no record. FW_E_FULL: the log takes no record
 *         now. FW_E_IO: flash is broken. After an error no lock may move.
 * Source: rules 4.1 to 4.3.
 */
int fw_gate_on_cmd(struct fw_gate *gate, const char *payload, size_t size,
                   struct fw_gate_decision *ret);

/**
 * fw_gate_on_config() - A message on `config`. FW_OK: flash has this revision, now or from before.
 *
 * Errors: FW_E_INVALID: against the schema, wrong MAC, or a lower revision; counted. FW_E_IO: flash
 *         did not take it, the old configuration stays.
 * Source: rules 5.2.
 */
int fw_gate_on_config(struct fw_gate *gate, const char *payload, size_t size);

/**
 * fw_gate_on_code() - A person typed a code, or showed it as a QR code.
 *
 * @code:      8 digits and a NUL.
 * @busy_mask: a bit for each compartment whose door is open or moving; bit 0 is compartment 1.
 * @ret:       as for a command.
 *
 * Errors: FW_E_INVALID: not 8 digits; not counted as wrong. FW_E_FULL, FW_E_IO: as for a command.
 * Source: rules 5.3 to 5.6.
 */
int fw_gate_on_code(struct fw_gate *gate, const char *code, uint32_t busy_mask,
                    struct fw_gate_decision *ret);

/**
 * fw_gate_on_effect() - The bank sensed what came of a decision to open.
 *
 * The record of the effect is appended exactly once, also over cuts of power. While the log does
 * not take the record, fw_gate_tick() tries again.
 *
 * @effect: opened, already_open, jammed or no_answer (rules 4.4).
 *
 * Errors: FW_E_INVALID: no decision for that compartment waits for its effect.
 */
int fw_gate_on_effect(struct fw_gate *gate, uint8_t compartment, enum fw_msg_effect effect);

/**
 * fw_gate_tick() - Append records that wait for room, end pauses, forgive wrong codes.
 *
 * Returns the monotonic ms at which it must be called again at the latest.
 */
int64_t fw_gate_tick(struct fw_gate *gate, int64_t now_ms);

#endif
