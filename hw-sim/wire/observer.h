/* Reads all that the broker carries, as an operator, on the runner's loop. It publishes nothing.
 * Reconnects by itself; what passes while it is away it does not see, and it says so. One thread.
 */
#ifndef SIM_WIRE_OBSERVER_H
#define SIM_WIRE_OBSERVER_H

#include <mosquitto.h>
#include <stdbool.h>

#include "kit/base/error.h"
#include "wire/loop.h"

#define SIM_OBSERVER_RETRY_MS 200
#define SIM_OBSERVER_SHORT_MS 3000 /* a connection that somebody of our name may have ended */
#define SIM_OBSERVER_SHORT_MAX 5   /* such in a row: somebody has */

typedef void (*sim_observer_fn)(void *self, const char *topic, const void *payload, size_t size,
                                bool is_retained);

/* is_back false: from now on it is blind; true: it sees again. Not for the first connect. */
typedef void (*sim_sight_fn)(void *self, bool is_back);

/* Borrowed for the call, but for owner. */
struct sim_observer_setup {
    int port;
    const char *user;
    const char *password;
    sim_observer_fn on_message;
    sim_sight_fn on_sight;
    void *owner;
};

struct sim_observer {
    struct mosquitto *client;
    bool is_ready;   /* connected, and the broker has taken the subscription */
    bool is_refused; /* user or password */
    bool is_away;    /* it was ready, and has lost the broker */
    int64_t retry_at_ms;
    int64_t connects;
    int64_t connected_at_ms;
    int short_count; /* connections of less than SIM_OBSERVER_SHORT_MS, in a row */
    sim_observer_fn on_message;
    sim_sight_fn on_sight;
    void *owner;
};

/* Begins to connect; is_ready tells when it has. */
int sim_observer_open(struct sim_observer *observer, const struct sim_observer_setup *setup,
                      struct kit_error *err) KIT_MUST_CHECK;
/* Somebody else connects under our name again and again; each time the broker ends our connection.
 */
bool sim_observer_is_evicted(const struct sim_observer *observer);
void sim_observer_close(struct sim_observer *observer);
struct sim_part sim_observer_part(struct sim_observer *observer);

#endif
