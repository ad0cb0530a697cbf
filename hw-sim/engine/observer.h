/* Reads all that the broker carries, as the user operator-3, on the runner's loop. It publishes
 * nothing. Reconnects by itself; what passes while it is away it does not see. One thread. */
#ifndef SIM_ENGINE_OBSERVER_H
#define SIM_ENGINE_OBSERVER_H

#include <mosquitto.h>
#include <stdbool.h>

#include "engine/loop.h"
#include "kit/base/error.h"

#define SIM_OBSERVER_USER "operator-3"
#define SIM_OBSERVER_RETRY_MS 200

typedef void (*sim_observer_fn)(void *self, const char *topic, const void *payload, size_t size,
                                bool is_retained);

struct sim_observer {
    struct mosquitto *client;
    bool is_ready;   /* connected, and the broker has taken the subscription */
    bool is_refused; /* user or password */
    int port;
    int64_t retry_at_ms;
    int64_t connects;
    sim_observer_fn on_message;
    void *owner;
};

/* Begins to connect; is_ready tells when it has. */
int sim_observer_open(struct sim_observer *observer, int port, const char *password,
                      sim_observer_fn on_message, void *owner,
                      struct kit_error *err) KIT_MUST_CHECK;
void sim_observer_close(struct sim_observer *observer);
struct sim_part sim_observer_part(struct sim_observer *observer);

#endif
