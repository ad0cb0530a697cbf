/* The crew of the demo: workers, customers, and what they know of the warehouse. Nobody remembers
 * what is to be done: it is read from the bridge again and again, so that orders of visitors, and
 * of a demo that was killed, are served as well. What fails is tried again a little later. One
 * thread.
 */
#ifndef SIM_DEMO_CREW_H
#define SIM_DEMO_CREW_H

#include "demo/control.h"
#include "demo/task.h"
#include "models/rng.h"
#include "play/run.h"

#define CREW_PEOPLE_MAX 12
#define CREW_PRODUCTS_MAX 8
#define CREW_UNITS_MAX 8  /* of a product */
#define CREW_PICKS_MAX 50 /* orders to be picked that are looked at */
#define CREW_STOPS_MAX 64 /* compartments with an order */
#define CREW_CLAIMS_MAX 128
#define CREW_HIRES_MAX 64
#define CREW_STRAYS_MAX 32
#define CREW_FREED_MAX 64
#define CREW_LABEL_SIZE 32
#define CREW_STATUS_SIZE 40
#define CREW_SPEED_MAX 1000 /* per cent */
#define CREW_AGAIN_MS 4000  /* before something that failed is tried again */

struct crew;

/* Somebody with a life of his own. */
struct crew_person {
    struct crew *crew;
    bool is_tireless; /* acts also while the demo stands still */
    const char *name; /* of the actor; NULL: nobody whom a device sees */
    void (*life)(struct crew_person *self);
    struct sim_task task;
    struct sim_rng rng;
    unsigned tote; /* the one that a worker takes next */
};

struct crew_product {
    const char *name, *prefix, *bin, *size; /* prefix: of the labels of its units */
    int64_t units;
    int64_t id;       /* 0: not known yet */
    unsigned missing; /* bit n: unit n + 1 has never been received */
    bool is_being_received;
};

/* An order that is to be picked. */
struct crew_pick {
    int64_t order, open;        /* pieces that are not in the tote yet */
    char tote[CREW_LABEL_SIZE]; /* "": none yet */
    char labels[CREW_UNITS_MAX][CREW_LABEL_SIZE];
    size_t label_count;
};

/* A compartment that an order has. */
struct crew_stop {
    struct sim_device *locker;
    int64_t compartment, order;
    bool is_loaded;
    char status[CREW_STATUS_SIZE]; /* of the order */
};

/* Whose an order is at the moment, and from when on somebody may take it up. */
struct crew_claim {
    int64_t order;
    const struct crew_person *who; /* NULL: nobody */
    int64_t not_before_ms;
    int64_t seen_ms;               /* when the clerk saw it last */
    bool is_own;                   /* the crew has placed it, and no visitor */
    char status[CREW_STATUS_SIZE]; /* that not_before_ms is meant for */
};

/* Goods with a customer. */
struct crew_hire {
    int64_t order, due_ms;
};

/* A unit that is in nobody's hands. */
struct crew_stray {
    char label[CREW_LABEL_SIZE];
    int64_t product;
    int looks; /* how often it was seen so */
};

struct crew {
    struct sim_run run;
    struct sim_options options; /* of the run; its speed changes */
    struct crew_person people[CREW_PEOPLE_MAX];
    size_t person_count;
    struct crew_person *current; /* whose task runs; NULL: nobody's */
    struct crew_product products[CREW_PRODUCTS_MAX];
    size_t product_count;
    struct crew_pick picks[CREW_PICKS_MAX];
    size_t pick_count;
    struct crew_stop stops[CREW_STOPS_MAX];
    size_t stop_count;
    struct crew_claim claims[CREW_CLAIMS_MAX];
    size_t claim_count;
    struct crew_hire hires[CREW_HIRES_MAX];
    size_t hire_count;
    struct crew_stray strays[CREW_STRAYS_MAX];
    size_t stray_count;
    struct crew_control control;
    struct sim_compartment *freed[CREW_FREED_MAX]; /* doors that the caretaker is to move */
    size_t freed_count;
    bool is_paused;
    bool is_visitor_wanted; /* the impatient customer is under way */
    int64_t visitor_order;  /* his; 0: none yet */
    bool is_open;           /* the products are known */
    bool has_looked;        /* at all lockers once: orders from before are not visitors' */
};

/* ---- acts.c: what people can do ---- */

/* Does one step of a scenario, as JSON, as the person. Errors: those of the verb. */
int crew_act(struct crew_person *self, struct kit_error *err, const char *format, ...)
    KIT_FORMAT(3, 4) KIT_MUST_CHECK;

/* Scans a label: kind and value as scenarios have them. Errors: KIT_E_REFUSED (it was not
 * accepted), KIT_E_TIMEOUT. */
int crew_scan(struct crew_person *self, const char *kind, const char *value,
              struct kit_error *err) KIT_MUST_CHECK;

/* The same for a label with a number on it. */
int crew_scan_number(struct crew_person *self, const char *kind, int64_t number,
                     struct kit_error *err) KIT_MUST_CHECK;

/* Scans the label of the stop's compartment. */
int crew_scan_stop(struct crew_person *self, const struct crew_stop *stop,
                   struct kit_error *err) KIT_MUST_CHECK;

/* Opens the door, puts goods in or takes them out ("put", "take"), and shuts it again. */
int crew_handle(struct crew_person *self, const struct crew_stop *stop, const char *what,
                struct kit_error *err) KIT_MUST_CHECK;

/* One step of hands at the stop: "open", "put", "take", "shut". Errors: those of the verb. */
int crew_hand(struct crew_person *self, const struct crew_stop *stop, const char *what,
              struct kit_error *err);

/* Goes to the locker and types a code. Errors: those of crew_act(). */
int crew_type(struct crew_person *self, const struct sim_device *locker, const char *code,
              struct kit_error *err) KIT_MUST_CHECK;

/* Waits, at the speed of the demo. Errors: as sim_run_pause(). */
int crew_rest(struct crew_person *self, int64_t ms, struct kit_error *err) KIT_MUST_CHECK;

/* Lets others act for so long, or until the demo is to end. */
void crew_nap(struct crew *crew, int64_t ms);

/* Whether the demo is to end: nobody begins anything. */
bool crew_is_over(const struct crew *crew);

/* GET; *ret_answer is the caller's on KIT_OK (200). Errors: KIT_E_REFUSED, KIT_E_UNAVAILABLE. */
int crew_get(struct crew *crew, cJSON **ret_answer, struct kit_error *err, const char *format, ...)
    KIT_FORMAT(4, 5) KIT_MUST_CHECK;

/* Any call; call->answer is the caller's on KIT_OK (2xx), else NULL. Errors: the same. */
int crew_send(struct crew *crew, struct sim_call *call, struct kit_error *err) KIT_MUST_CHECK;

/* Waits until the order has that status. Errors: KIT_E_TIMEOUT. */
int crew_await(struct crew *crew, int64_t order, const char *status,
               struct kit_error *err) KIT_MUST_CHECK;

/* One line of the demo's log. */
void crew_say(const struct crew_person *self, const char *format, ...) KIT_FORMAT(2, 3);

/* How an attempt has ended: one that failed is told, unless the demo is over. */
void crew_judge(const struct crew_person *self, int rc, const struct kit_error *err);

/* ---- board.c: what is to be done ---- */

/* Life of the clerk: opens the shop, then keeps the lists of the crew level with the bridge. */
void crew_live_as_clerk(struct crew_person *self);

/* The claim of an order, made when there is none. */
struct crew_claim *crew_claim_of(struct crew *crew, int64_t order);

/* Takes the order, unless it is somebody's or it is too early. */
bool crew_claim_take(struct crew_person *self, int64_t order);

/* Gives the order back; after a failure nobody takes it up for CREW_AGAIN_MS. */
void crew_claim_leave(struct crew_person *self, int64_t order, bool has_failed);

/* A job at a door: chosen by is_wanted, claimed, done, given back. words: for the log. False: there
 * is none. */
bool crew_try_stop(struct crew_person *self,
                   bool (*is_wanted)(const struct crew *, const struct crew_stop *),
                   int (*job)(struct crew_person *, const struct crew_stop *, struct kit_error *),
                   const char *words, struct kit_error *err);

/* The product of the crew with that id; NULL: it is another's. */
struct crew_product *crew_find_product(struct crew *crew, int64_t id);

/* ---- staff.c, customers.c ---- */

/* Life of a worker: receives, picks, loads, checks what comes back, tidies up. */
void crew_live_as_worker(struct crew_person *self);

/* Life of those who order: new orders, some canceled, some too large, and returns of what is out.
 */
void crew_live_as_shoppers(struct crew_person *self);

/* Life of somebody who goes to the lockers: collects, and brings back. */
void crew_live_as_customer(struct crew_person *self);

/* An order, and where its customer wants it. */
struct crew_placed {
    int64_t order;
    const struct sim_device *locker;
};

/* Orders one piece of something that is there. Errors: KIT_E_REFUSED (nothing is). */
int crew_order_any(struct crew_person *self, struct crew_placed *ret,
                   struct kit_error *err) KIT_MUST_CHECK;

/* Goes to the stop with the code of its order. Errors: KIT_E_REFUSED (there is no code), and those
 * of crew_act(). */
int crew_type_code(struct crew_person *self, const struct crew_stop *stop,
                   struct kit_error *err) KIT_MUST_CHECK;

#endif
