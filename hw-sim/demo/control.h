/* The world of the demo answers requests while it plays, as an instance named "simulator": how it
 * is, and have something happen (schemas/topics.md, instance `simulator`). It is there as long as
 * its presence says so. One thread. */
#ifndef SIM_DEMO_CONTROL_H
#define SIM_DEMO_CONTROL_H

#include "kit/base/buf.h"
#include "kit/base/error.h"
#include "msg/simulator.gen.h"
#include "msg/simulator_act.gen.h"
#include "wire/loop.h"
#include "wire/mqtt.h"
#include "world/system.h"

#define CREW_KEY_SIZE 97
#define CREW_ANSWER_BYTES_MAX 16384

/* What requests come to; borrowed, but for owner. */
struct crew_control_setup {
    const struct sim_system *system;
    struct sim_loop *loop;
    /* Errors of make_happen, with a sentence for people: KIT_E_NOT_FOUND, KIT_E_INVALID,
     * KIT_E_REFUSED. */
    int (*make_happen)(void *owner, const struct msg_simulator_act *request, struct kit_error *err);
    void (*tell_world)(void *owner, struct msg_simulator *ret);
    void *owner;
};

struct crew_control {
    struct crew_control_setup setup;
    struct sim_mqtt mqtt;
    int64_t retry_at_ms;
    int64_t epoch;           /* of this connection, as presence has it */
    char key[CREW_KEY_SIZE]; /* of the last request that had an effect; "": none */
    struct kit_buf answer;   /* to that request */
};

/* Begins to connect as the user `simulator`, with its password in DATA/secrets; turns of the loop
 * go on with it. Errors: KIT_E_UNAVAILABLE (a system of before 0.3 has no such user), KIT_E_LIMIT.
 */
int crew_control_open(struct crew_control *control, const struct crew_control_setup *setup,
                      struct kit_error *err) KIT_MUST_CHECK;

/* Says good-bye and disconnects. Fine when it is not open. */
void crew_control_close(struct crew_control *control);

#endif
