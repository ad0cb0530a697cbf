/* The state of one running delivery service, for its own files only. The kit allocates it
 * (service.c gives the size); there are no globals, so many instances live in one process. Loop
 * thread. */
#ifndef DELIVERY_APP_H
#define DELIVERY_APP_H

#include "catalogue/catalogue.h"
#include "delivery/store/delivery.h"
#include "delivery/store/locker.h"
#include "delivery/store/locker_command.h"
#include "delivery/store/locker_compartment.h"
#include "delivery/store/locker_grant.h"
#include "delivery/store/staff_act.h"
#include "kit/device/device_logs.h"

#define DELIVERY_CODES_KEY "delivery-codes" /* the secret of rules 9.1 */
#define DELIVERY_WAITING_CANCELS_MAX 256
#define DELIVERY_STUCK_MAX 16 /* fewer than DELIVERY_IDS_MAX: a sweep reaches other orders, too */

/* What the service has done since its start. */
struct delivery_totals {
    int64_t requested;  /* deliveries made from orders */
    int64_t tombstones; /* cancels that overtook their order */
    int64_t delivered;
    int64_t canceled; /* by customers, tombstones not counted */
    int64_t rejected; /* by stock */
    int64_t ready;    /* in a locker, with a code */
    int64_t returned;
    int64_t expired;
    int64_t ignored; /* answers, orders and cancels that changed nothing */
};

/* What lockers have done and said since the start. */
struct delivery_locker_totals {
    int64_t effects[EFFECT_MAX + 1]; /* of commands */
    int64_t uses[EFFECT_MAX + 1];    /* of codes */
    int64_t grants_issued;
    int64_t wrong_codes;
    int64_t doors_jammed;
    int64_t alarms[DOOR_ALARM_MAX + 1];
    int64_t requests_ignored; /* of staff, to open a compartment (rules 8.1) */
    int64_t unanswered;       /* commands of which no effect was told in time */
    int64_t suspicious;       /* records that name what is not theirs */
    int64_t configs_sent;
    int64_t revisions_suspicious; /* of configurations that cannot be ours */
};

/* A cancel that waits for a locker (rules 6.2). */
struct delivery_waiting_cancel {
    uint64_t ticket;
    struct rental_id id;     /* v 0: the slot is free */
    int64_t expires_mono_ms; /* nobody waits longer */
};

/* The orders that wait for a compartment. */
struct delivery_waiting {
    int64_t count;
    struct rental_id newest;     /* began to wait in this item, and has no reason yet; v 0: none */
    struct rental_id told_up_to; /* those up to here were told lately why they wait */
    bool is_assignment_due;      /* see delivery_make_assignment_due() */
    bool is_explanation_due;     /* a locker has come online: what they wait for may have changed */
};

/* Where the timer's work stands. */
struct delivery_sweep {
    int64_t due_mono_ms;
    struct rental_id stuck[DELIVERY_STUCK_MAX]; /* those that a sweep could not help */
    size_t stuck_next;
    char key_checked[DELIVERY_LOCKER_SIZE]; /* the locker whose key was looked for last */
};

struct delivery_app {
    struct kit_service *service; /* borrowed */
    struct delivery_store store;
    struct locker_store lockers;
    struct staff_act_store acts;
    struct catalogue catalogue;  /* own copy (rules/products.md) */
    struct kit_device_logs logs; /* of lockers */
    struct delivery_totals totals;
    struct delivery_locker_totals locker_totals;
    struct delivery_waiting_cancel cancels[DELIVERY_WAITING_CANCELS_MAX];
    struct delivery_waiting waiting;
    struct delivery_sweep sweep;
};

/* Makes the end of this item give compartments to the orders that wait. Whoever changes what they
 * wait for calls it: a compartment or a locker may be free, a size is known, an order waits newly.
 */
static inline void delivery_make_assignment_due(struct delivery_app *app)
{
    app->waiting.is_assignment_due = true;
}

#endif
