/* Reads all that the broker carries, as an operator, on the runner's loop. It publishes nothing.
 * It reconnects by itself; what passes while it is away it does not see, and it says so. One
 * thread. */
#ifndef SIM_WIRE_OBSERVER_H
#define SIM_WIRE_OBSERVER_H

#include "kit/base/error.h"
#include "wire/loop.h"
#include "wire/mqtt.h"

#define SIM_OBSERVER_RETRY_MS 200
#define SIM_OBSERVER_SHORT_MS 3000 /* a connection that ends before this is short */
#define SIM_OBSERVER_SHORT_MAX 5   /* short ones in a row: another client has our name */

/* Borrowed for the call, but for owner. */
struct sim_observer_setup {
    int port;
    const char *user;
    const char *password;
    void (*on_message)(void *owner, const struct sim_mqtt_message *message);
    /* false: the broker is lost, and messages pass unseen; true: it is back. Not at first. */
    void (*on_sight)(void *owner, bool is_back);
    void *owner;
};

struct sim_observer {
    struct sim_mqtt mqtt;
    struct sim_observer_setup setup; /* without user and password */
    bool is_ready;                   /* connected, and the broker has taken the subscription */
    bool is_refused;                 /* user or password */
    bool is_away;                    /* it was ready, and has lost the broker */
    int64_t retry_at_ms;
    int64_t connects;
    int64_t connected_at_ms;
    int short_count; /* connections of less than SIM_OBSERVER_SHORT_MS, in a row */
};

/* Begins to connect, which turns of the loop go on with; is_ready tells when it has. Errors:
 * KIT_E_LIMIT. */
int sim_observer_open(struct sim_observer *observer, const struct sim_observer_setup *setup,
                      struct kit_error *err) KIT_MUST_CHECK;

/* Disconnects. Fine after a failed open. */
void sim_observer_close(struct sim_observer *observer);

/* Somebody else connects under our name again and again; each time the broker ends our connection.
 */
bool sim_observer_is_evicted(const struct sim_observer *observer);

/* For sim_loop_add(). */
struct sim_part sim_observer_part(struct sim_observer *observer);

#endif
