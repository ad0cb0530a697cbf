/* Lockers and their compartments: which one an order gets, and what a door that closes means. Pure
 * decisions, no I/O, no clock, no allocation. Any thread.
 *
 *     story:  NONE --- opened by a command or grant (sensed, never just acknowledged) ---> LOAD,
 *     COLLECT, RETURN or FETCH --- the door is closed and the sensor has spoken ---> NONE
 *
 * Rules: schemas/rules/delivery.md 7, 8. */
#ifndef DELIVERY_DOMAIN_LOCKER_H
#define DELIVERY_DOMAIN_LOCKER_H

#include "delivery/domain/delivery.h"
#include "kit/device/log_follower.h"

#define LOCKER_COMPARTMENTS_MAX 16  /* of one locker */
#define LOCKER_EMPTY_LOADS_MAX 2    /* so many loads outweigh a sensor that sees nothing */
#define LOCKER_UNITS_MAX INT64_C(4) /* what the largest compartment holds */

/* Why the door was opened. The numbers are stored. */
enum locker_story {
    LOCKER_STORY_NONE = 0,
    LOCKER_STORY_LOAD = 1,    /* staff lay goods in (rules 8.2) */
    LOCKER_STORY_COLLECT = 2, /* the customer takes them (rules 8.3) */
    LOCKER_STORY_RETURN = 3,  /* the customer brings them (rules 8.4) */
    LOCKER_STORY_FETCH = 4,   /* staff take them (rules 8.4) */
    LOCKER_STORY_CARE = 5,    /* of a command alone: staff look inside, or clean (rules 7.8) */
};

struct locker {
    char name[DELIVERY_LOCKER_SIZE]; /* the device's id */
    struct kit_log_follower log;     /* written by kit/device alone; silent, too, without a key */
    int64_t revision_wanted;         /* of the configuration last published; 0: none */
    int64_t revision_known;          /* that it has stored, with all earlier records seen here */
    int64_t wrong_codes;
    int compartment_count;  /* as it said last; 0 to LOCKER_COMPARTMENTS_MAX */
    int64_t pause_until_ms; /* it accepts no code until then; 0: never said so */
    int protocol;           /* the highest that it has ever said, as far as we speak it: 1 or 2 */
    int64_t boot;           /* its start, as its latest `up` said; 0: it has sent none */
};

struct locker_compartment {
    char locker[DELIVERY_LOCKER_SIZE];
    int number; /* 1 to 16 */
    enum product_size size;
    enum door_state door;
    enum object_presence presence;
    bool is_doubtful;          /* the sensor has not been seen to change (rules 8.6) */
    int64_t out_since_ms;      /* out of service since then (rules 7.7); 0: in service */
    bool is_unseen;            /* no new code before staff have looked inside (rules 7.11) */
    bool is_dead;              /* doubtful, and two loads have proven it (rules 8.2) */
    struct rental_id delivery; /* v 0: nobody's */
    enum locker_story story;   /* under way since a lock was seen to open */
    int empty_count;           /* loads in a row of which nothing was sensed */
    int64_t pending_until_ms;  /* a command may still open it until then; 0: none */
    int64_t clean_revision;    /* an unused code may be alive in an older configuration */
    bool is_locker_online;     /* of its locker, as is the next; not stored here */
    int64_t locker_revision_known;
    bool is_gone; /* its locker has no compartment of that number any more; not stored here */
};

/* What one piece of that size needs, and what a compartment of that size holds (rules 7.2). */
int64_t locker_units(enum product_size size);

/* The smallest compartment that holds so many units (at least 1): false if none does. */
bool locker_size_for(int64_t units, enum product_size *ret_size);

/* What an order needs of a compartment. */
struct compartment_need {
    enum product_size size;    /* at least; of locker_size_for() */
    const char *wished_locker; /* "": any */
};

/* Which compartment an order gets: one that locker_suits(), and of those the one that
 * locker_is_better() than each other one. The store asks the same of all rows at once, in SQL
 * (IS_FREE, SUITS and BEST_FIRST in store/locker_compartment.c), and unit.delivery_choice compares
 * the two over every combination of the columns that they name. */

/* Rules 7.1: may it be given to any order? */
bool locker_is_free(const struct locker_compartment *compartment);

/* Rules 7.1, 7.2: is it free, and large enough for what is needed? */
bool locker_suits(const struct locker_compartment *compartment,
                  const struct compartment_need *need);

/* Rules 7.2, of two that suit: is this one in the wished locker and the other one not, else
 * smaller, else first by name of the locker, else first by number? */
bool locker_is_better(const struct locker_compartment *one, const struct locker_compartment *other,
                      const struct compartment_need *need);

/* Has it to be looked at by somebody? (rules 7.1) */
bool locker_is_out_of_order(const struct locker_compartment *compartment);

/* Why an order has no compartment, or that it has one. */
enum locker_choice {
    LOCKER_CHOSEN = 0,
    LOCKER_NONE_FREE = 1,
    LOCKER_TOO_LARGE = 2, /* no compartment of the site could hold it: at the counter (rules 7.3) */
};

/* The door or the sensor has changed: brings the compartment up to date. presence of NULL: not
 * told. A sensor that changes between two known values is not doubtful any more (rules 8.6). */
void locker_on_door(struct locker_compartment *compartment, enum door_state door,
                    const enum object_presence *presence);

enum locker_outcome {
    LOCKER_OUTCOME_NOT_YET = 0, /* never opened, not closed, or the sensor has not spoken */
    LOCKER_OUTCOME_GOODS = 1,   /* goods lie in it */
    LOCKER_OUTCOME_TRUSTED = 2, /* nothing is sensed, but two loads outweigh the sensor */
    LOCKER_OUTCOME_EMPTY = 3,   /* nothing lies in it */
};

/**
 * locker_end_story() - What a door that was opened for a reason has come to.
 *
 * Pure but for *compartment. Ends the story and counts loads of which nothing was sensed; when
 * those outweigh the sensor, it is doubtful from then on.
 *
 * Source: schemas/rules/delivery.md 8.2 to 8.4.
 */
enum locker_outcome locker_end_story(struct locker_compartment *compartment);

/* Does anything speak for goods in it? A doubtful sensor does not. */
bool locker_seems_full(const struct locker_compartment *compartment);

/* Goods should lie in it: does a sensor that can be trusted say that they do not? (rules 8.7) */
bool locker_seems_emptied(const struct locker_compartment *compartment);

#endif
