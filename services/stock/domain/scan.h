/* What a scan means: pure decisions on a scanner's session and on what was found for the label. No
 * I/O, no clock, no allocation. Any thread. Source: schemas/rules/stock.md 7.
 *
 *   RECEIVE  PRODUCT -> UNITS ... -> bin: done
 *   PUTAWAY  UNITS ... (or one order) -> bin: done
 *   PICK     ORDER -> TOTE -> UNITS ... the last: done
 *   LOAD     ORDER -> COMPARTMENT: done            HANDOVER  ORDER: done
 *   RETURN   ORDER -> UNITS -> CHECK -> UNITS ... -> BIN: done (all damaged: without BIN)
 *   COUNT    BIN_OR_PRODUCT -> UNITS ... -> DONE: done
 *   OUT, IN, OPEN  COMPARTMENT: done (no flow: an errand, as nothing of stock moves)
 *
 * A command label leads from anywhere into its flow, but not out of CHECK. */
#ifndef STOCK_DOMAIN_SCAN_H
#define STOCK_DOMAIN_SCAN_H

#include <stddef.h>

#include "kit/base/check.h"
#include "stock/domain/asset.h"
#include "stock/domain/reservation.h"

#define SCAN_PROMPT_SIZE 257 /* 64 code points of at most 4 bytes, and NUL */
#define SCAN_PROMPT_POINTS_MAX 64
#define SCAN_NAME_SIZE 65    /* a label's value */
#define SCANNER_NAME_SIZE 48 /* a scanner's name among the devices */
#define SCAN_UNITS_MAX 200   /* assets of one session that are put away, or lost by one count */
#define SCAN_COUNT_MAX 10000 /* assets of one count of a bin */
#define SCAN_LOAD_MS INT64_C(300000) /* a load ends by then at the latest (rules 7.7) */
/* An order is with one scanner that long (rules 7.6). */
#define SCAN_ORDER_LOCK_MS INT64_C(600000)
#define STOCK_NAME_SIZE 81 /* of a product, on a scanner: 20 code points */
#define STOCK_NAME_POINTS_MAX 20

/* The numbers are stored: never change one, only add. */
enum scan_flow {
    SCAN_IDLE = 0,
    SCAN_RECEIVE = 1,
    SCAN_PUTAWAY = 2,
    SCAN_PICK = 3,
    SCAN_LOAD = 4,
    SCAN_HANDOVER = 5,
    SCAN_RETURN = 6,
    SCAN_COUNT = 7,
};

/* What the flow waits for. The numbers are stored: never change one, only add. */
enum scan_step {
    SCAN_STEP_NONE = 0,
    SCAN_STEP_PRODUCT = 1,
    SCAN_STEP_UNITS = 2,
    SCAN_STEP_ORDER = 3,
    SCAN_STEP_TOTE = 4,
    SCAN_STEP_COMPARTMENT = 5,
    SCAN_STEP_CHECK = 6,
    SCAN_STEP_BIN = 7,
    SCAN_STEP_BIN_OR_PRODUCT = 8,
};

/* What is wanted of the compartment that is scanned next. The numbers are stored. */
enum scan_errand {
    SCAN_ERRAND_NONE = 0,
    SCAN_ERRAND_OUT = 1,
    SCAN_ERRAND_IN = 2,
    SCAN_ERRAND_OPEN = 3,
};

enum scan_command {
    SCAN_COMMAND_RECEIVE = 0,
    SCAN_COMMAND_PUTAWAY = 1,
    SCAN_COMMAND_PICK = 2,
    SCAN_COMMAND_LOAD = 3,
    SCAN_COMMAND_HANDOVER = 4,
    SCAN_COMMAND_RETURN = 5,
    SCAN_COMMAND_COUNT = 6,
    SCAN_COMMAND_CANCEL = 7,
    SCAN_COMMAND_DONE = 8,
    SCAN_COMMAND_OK = 9,
    SCAN_COMMAND_DAMAGED = 10,
    SCAN_COMMAND_OUT = 11,
    SCAN_COMMAND_IN = 12,
    SCAN_COMMAND_OPEN = 13,
    SCAN_COMMAND_QTY = 14, /* the label says how many */
};
#define SCAN_COMMAND_MAX 14 /* the last above */
#define SCAN_TIMES_MAX 999

/* Where a scanner is in its work. */
struct scan_session {
    enum scan_flow flow;
    enum scan_step step;
    enum scan_errand errand;   /* beside flow IDLE and step COMPARTMENT alone */
    struct rental_id order;    /* 0: none */
    struct product_id product; /* 0: none */
    char tote[ASSET_BIN_SIZE]; /* "": none */
    char bin[ASSET_BIN_SIZE];  /* "": none */
    int64_t pieces;            /* of a bulk product, counted so far */
    int64_t times;             /* pieces that the next label of a bulk product means; 0: one */
    int64_t units;             /* assets in the session's list */
    struct asset_id asset;     /* CHECK: which one; 0: a piece of a bulk product */
    int64_t touched_ms;        /* when it last went on */
};

/* A product's quantities, and what to call it. */
struct scan_item {
    struct stock stock;
    enum product_size size; /* 0: not told yet */
    char name[STOCK_NAME_SIZE];
};

/* An order, and who else works on it now ("": nobody). */
struct scan_order {
    struct reservation reservation;
    char other[SCANNER_NAME_SIZE];
    bool is_loading; /* its compartment was opened for a load; we do not know how it ended */
    int64_t unfit;   /* its assets that are neither picked nor checked: not to be put away */
};

enum scan_thing {
    SCAN_THING_UNKNOWN = 0, /* no such thing, or not a label we use */
    SCAN_THING_DAMAGED = 1,
    SCAN_THING_COMMAND = 2,
    SCAN_THING_PRODUCT = 3,   /* item */
    SCAN_THING_ASSET = 4,     /* asset, item */
    SCAN_THING_NEW_ASSET = 5, /* asset.label; item if the label names its product */
    SCAN_THING_BIN = 6,
    SCAN_THING_TOTE = 7,        /* order: whose tote it is */
    SCAN_THING_ORDER = 8,       /* order */
    SCAN_THING_COMPARTMENT = 9, /* locker, compartment; order: whose goods are in it */
};
#define SCAN_THING_COUNT 10

/* What was found for a label, and about the session's own order and product. */
struct scan_found {
    enum scan_thing thing;
    char name[SCAN_NAME_SIZE]; /* the label's value, for people */
    enum scan_command command;
    int64_t times; /* QTY: how many */
    bool has_item, has_order, has_own_order, has_own_item;
    struct scan_item item;
    struct asset asset;
    bool is_listed; /* the asset is in the session's list */
    struct scan_order order;
    char locker[RESERVATION_LOCKER_SIZE];
    int64_t compartment;
    char tote_with[SCANNER_NAME_SIZE]; /* TOTE: the scanner that has just taken it; or "" */
    struct scan_order own_order;       /* the session's */
    struct scan_item own_item;         /* the session's product, or its order's */
    int64_t missing;           /* DONE in a bin: assets of the bin that are not in the list */
    int64_t misplaced;         /* DONE in a bin: assets in the list that lay elsewhere */
    int64_t on_shelf_reserved; /* DONE of a product: reserved and not picked */
};

/* What is to be carried out; `after` and what was found say with what. */
enum scan_act {
    SCAN_ACT_NONE = 0,
    SCAN_ACT_RECEIVE = 1,    /* a new asset: stored, listed */
    SCAN_ACT_LIST = 2,       /* the asset comes into the list */
    SCAN_ACT_PUT_AWAY = 3,   /* pieces and list (or the order) go into the bin */
    SCAN_ACT_PICK = 4,       /* one unit of the order leaves the shelf */
    SCAN_ACT_OPEN_LOAD = 5,  /* CompartmentRequested */
    SCAN_ACT_OPEN_FETCH = 6, /* CompartmentRequested */
    SCAN_ACT_HAND_OVER = 7,
    SCAN_ACT_TAKE_BACK = 8, /* the asset came back */
    SCAN_ACT_CHECK_OK = 9,
    SCAN_ACT_CHECK_DAMAGED = 10,
    SCAN_ACT_SHELVE = 11, /* what was checked goes into the bin */
    SCAN_ACT_COUNT_BIN = 12,
    SCAN_ACT_COUNT_PRODUCT = 13,
    SCAN_ACT_ON_COMPARTMENT = 14, /* CompartmentActed */
};

struct scan_verdict {
    enum scan_result result;
    enum scan_signal signal;
    char prompt[SCAN_PROMPT_SIZE];
};

struct scan_decision {
    struct scan_verdict verdict;
    enum scan_act act;         /* NONE unless accepted */
    struct scan_session after; /* as before unless accepted */
};

/**
 * scan_decide() - Decide what a scan does.
 *
 * @session: of the scanner; borrowed.
 * @found:   for the label; borrowed.
 *
 * Total: every label in every session gets a verdict, with a prompt of 1 to 64 code points.
 *
 * Source: schemas/rules/stock.md 7.
 */
void scan_decide(const struct scan_session *session, const struct scan_found *found, int64_t now_ms,
                 struct scan_decision *ret_decision);

/* Writes what a person is told: cut to what a scanner shows. */
void scan_verdict_say(struct scan_verdict *verdict, const char *format, ...) KIT_FORMAT(2, 3);

/* The command of a label; false if there is none of that name. */
bool scan_command_from(const char *value, enum scan_command *ret_command);

/* "QTY-<1 to 999>" to that number; 0 if it is not like that. */
int64_t scan_times_from(const char *value);

/* "<LOCKER>-<two digits>" to the locker's id and the compartment; false if it is not like that. */
bool scan_compartment_from(const char *value, char ret_locker[RESERVATION_LOCKER_SIZE],
                           int64_t *ret_compartment);

/* A decimal id from 1 to 2^53-1 without leading zeros, or 0. */
int64_t scan_id_from(const char *value);

/* Copies at most points_max code points of UTF-8 text, control characters as blanks. ret_text has
 * room for 4 * points_max + 1 bytes. */
void scan_text_cut(char *ret_text, size_t points_max, const char *text);

/* Pieces that a label of a bulk product means now (rules 7.2). */
static inline int64_t scan_times(const struct scan_session *session)
{
    return session->times > 0 ? session->times : 1;
}

/* Pieces of an order that are out and have not been looked at. */
static inline int64_t scan_unchecked(const struct reservation *reservation)
{
    return reservation_out(reservation) - reservation->progress.checked;
}

#endif
