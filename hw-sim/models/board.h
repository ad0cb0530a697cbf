/* Lock boards as their wire sees them: bytes in, bytes out, locks pulsed, switches read. What all
 * boards share is here; cu16.h and cu12.h are the two dialects. A branch is one serial line with
 * one or several boards of one kind, each with an address. Written from the protocol alone, apart
 * from firmware/drivers, so that a mistake in one shows. One thread. */
#ifndef SIM_MODELS_BOARD_H
#define SIM_MODELS_BOARD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "models/compartment.h"
#include "models/model.h"
#include "models/pty.h"
#include "models/rng.h"
#include "models/tx.h"

#define SIM_LOCKS_MAX 16
#define SIM_BRANCH_BOARDS_MAX 16
#define SIM_BOARD_FAULTS_MAX 4
#define SIM_BOARD_FRAME_BYTES 48 /* longest frame of any dialect */
#define SIM_BOARD_GAP_MS 50      /* a longer pause inside a request ends it */
#define SIM_BOARD_REPLY_MS 5     /* how long a board thinks */

enum sim_board_kind {
    SIM_BOARD_CU16 = 0,
    SIM_BOARD_CU12 = 1,
};

/* What goes wrong. All but DEAF do what was asked. */
enum sim_fault_kind {
    SIM_FAULT_NONE = 0,
    SIM_FAULT_DELAY = 1,    /* answers delay_ms later */
    SIM_FAULT_GARBLE = 2,   /* flips a bit of one byte of the answer */
    SIM_FAULT_DROP = 3,     /* does not answer */
    SIM_FAULT_TRUNCATE = 4, /* sends the first half of the answer */
    SIM_FAULT_NOISE = 5,    /* sends noise before the answer */
    SIM_FAULT_DEAF = 6,     /* did not hear: does nothing, answers nothing */
    SIM_FAULT_REFUSE = 7,   /* CU12: does nothing, answers "failed"; CU16: as DEAF */
};

enum sim_request_kind {
    SIM_REQUEST_ANY = 0,
    SIM_REQUEST_STATUS = 1,
    SIM_REQUEST_UNLOCK = 2,
    SIM_REQUEST_OTHER = 3, /* well formed, but the model does not know the command */
};

struct sim_fault {
    enum sim_fault_kind kind;
    enum sim_request_kind on; /* of which requests */
    uint32_t every_nth;       /* 1: each of them, 3: the third, sixth, ...; 0: by chance */
    uint32_t permille;        /* the chance, when every_nth is 0 */
    uint32_t times_max;       /* at most so often; 0: for ever */
    int64_t delay_ms;         /* of SIM_FAULT_DELAY */
    uint32_t seen_count;      /* kept by the board */
    uint32_t hit_count;       /* kept by the board */
};

struct sim_board_options {
    enum sim_board_kind kind;
    uint8_t address;       /* 0 to sim_board_address_max() */
    int64_t reply_ms;      /* SIM_BOARD_REPLY_MS */
    int64_t byte_gap_ms;   /* between two bytes of an answer; 0: all at once */
    bool is_hook_inverted; /* switches wired the other way: 1 is unlocked */
    bool is_presence_inverted;
    bool answers_unlock; /* CU16: an unlock is answered with a status frame; else with nothing */
};

struct sim_board_counts {
    uint64_t status; /* requests heard, by kind */
    uint64_t unlock;
    uint64_t other;
    uint64_t bad_sum;   /* to us, but damaged */
    uint64_t skipped;   /* bytes that were no part of a frame */
    uint64_t replies;   /* answers queued */
    uint64_t faults;    /* how often a fault worked */
    uint64_t overflows; /* answers dropped because too many were waiting */
};

struct sim_board {
    char name[SIM_NAME_SIZE];
    struct sim_board_options options;
    struct sim_board_counts counts;
    bool is_dead; /* no power: hears, does and says nothing; doors stay as they are */
    struct sim_compartment *locks[SIM_LOCKS_MAX]; /* NULL: nothing is wired there */
    struct sim_fault faults[SIM_BOARD_FAULTS_MAX];
    struct sim_rng rng;
    struct sim_listener listener;
    uint8_t buffer[SIM_BOARD_FRAME_BYTES]; /* a request so far */
    size_t buffered;
    int64_t last_byte_at_ms;
    struct sim_tx tx;
};

/* As a board comes out of its box: address 0, SIM_BOARD_REPLY_MS. */
struct sim_board_options sim_board_options_default(enum sim_board_kind kind);

/* Powered, nothing wired, no faults. listener may be NULL; chance comes from the seed's stream of
 * that name. */
void sim_board_init(struct sim_board *board, const char *name,
                    const struct sim_board_options *options, uint64_t seed,
                    const struct sim_listener *listener);

/* How many locks can be wired: 16 or 12. */
uint32_t sim_board_lock_count(enum sim_board_kind kind);

/* The highest that its switches can set: 9 or 15. */
uint8_t sim_board_address_max(enum sim_board_kind kind);

/* lock counts from 1, as on the board. compartment outlives the board. */
void sim_board_wire(struct sim_board *board, uint32_t lock, struct sim_compartment *compartment);

/* From now on it goes wrong in this way too. False: SIM_BOARD_FAULTS_MAX are set already. */
bool sim_board_add_fault(struct sim_board *board, const struct sim_fault *fault);

/* Nothing goes wrong any more. */
void sim_board_clear_faults(struct sim_board *board);

/* Takes its power, or gives it back; either way half a request and unsent answers are forgotten. */
void sim_board_set_dead(struct sim_board *board, bool is_dead);

/* Bytes of the wire for the board: it does what they ask. A branch calls this. */
void sim_board_feed(struct sim_board *board, const uint8_t *bytes, size_t size, int64_t now_ms);

/* Bytes of its answers that are due; see sim_tx_take(). */
size_t sim_board_take(struct sim_board *board, int64_t now_ms, uint8_t *ret_bytes, size_t size_max);

/* When an answer, or one of its compartments, is due. */
int64_t sim_board_next_due_ms(const struct sim_board *board);

/* Brings its compartments to now. */
void sim_board_advance(struct sim_board *board, int64_t now_ms);

struct sim_branch {
    struct sim_pty pty; /* pty.path is what the firmware opens */
    size_t board_count;
    struct sim_board *boards[SIM_BRANCH_BOARDS_MAX];
};

/* Makes the line, without boards. Errors: sim_pty_open(). */
int sim_branch_open(struct sim_branch *branch, const char *name,
                    const struct sim_listener *listener, struct kit_error *err) KIT_MUST_CHECK;

/* Closes the line. Fine after a failed open. */
void sim_branch_close(struct sim_branch *branch);

/* board outlives the branch. Errors: KIT_E_INVALID when the address is taken or too high, the kind
 * is another than that of the boards before, or the branch is full. */
int sim_branch_add(struct sim_branch *branch, struct sim_board *board,
                   struct kit_error *err) KIT_MUST_CHECK;

/* For a loop: the line, its boards and their compartments. */
struct sim_model sim_branch_model(struct sim_branch *branch);

#endif
