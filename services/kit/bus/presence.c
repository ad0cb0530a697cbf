/* The retained state that tells everybody whether we are there. Each connection has an epoch above
 * all earlier ones, so that the will of an old connection, delivered late, is ignored. */
#include <inttypes.h>
#include <stdlib.h>

#include "kit/bus/internal.h"
#include "kit/json/gate.h"
#include "msg/wire_service_state.gen.h"

static int64_t max_of(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Wall clock, so that it grows over restarts too; the floor covers a clock that was set back. */
void bus_presence_next_epoch(struct kit_bus_paho *bus)
{
    int64_t now = bus->clock.wall_ms(bus->clock.self);
    bus->epoch = max_of(max_of(now, bus->epoch + 1), bus->epoch_floor);
    if (bus->epoch > BUS_EPOCH_MAX)
        bus->epoch = BUS_EPOCH_MAX;
}

void bus_presence_text(const struct kit_bus_paho *bus, enum service_presence status,
                       struct kit_buf *ret_text)
{
    struct msg_wire_service_state state = {
        .status = status,
        .epoch = bus->epoch,
        .has_for_ms = status == SERVICE_PRESENCE_RESTARTING,
        .for_ms = KIT_BUS_RESTART_MS,
    };
    kit_buf_reset(ret_text);
    msg_wire_service_state_encode(&state, ret_text);
    POST(!ret_text->overflow);
}

static int decode(const struct kit_message *message, struct msg_wire_service_state *ret,
                  struct kit_error *err)
{
    cJSON *root = NULL;
    int rc = kit_json_parse(message->payload, message->payload_size_bytes, BUS_STATE_SIZE, &root,
                            err);
    if (rc != KIT_OK)
        return rc;
    rc = msg_wire_service_state_decode(root, ret, err);
    cJSON_Delete(root);
    return rc;
}

static bool is_stale(struct kit_bus_paho *bus, const struct kit_message *message)
{
    struct msg_wire_service_state state;
    struct kit_error err;
    if (bus->state == BUS_CLOSED)
        return false; /* the echo of our own "offline" */
    if (message->payload_size_bytes == 0)
        return false; /* the retained value was deleted; it comes back with our next connection */
    if (decode(message, &state, &err) != KIT_OK) {
        kit_log_write(&bus->log, KIT_WARN, "own_state_unreadable", "%s: %s", bus->state_topic,
                      err.text);
        return false;
    }
    bool is_ours = state.epoch == bus->epoch && state.status != SERVICE_PRESENCE_OFFLINE;
    if (state.epoch < bus->epoch || is_ours || state.epoch >= BUS_EPOCH_MAX)
        return false;
    bus->epoch_floor = state.epoch + 1;
    kit_log_write(&bus->log, KIT_WARN, "epoch_behind",
                  "the broker remembers a state of epoch %" PRId64 ", ours is %" PRId64
                  ": connecting again above it",
                  state.epoch, bus->epoch);
    return true;
}

bool bus_presence_is_stale(struct kit_bus_paho *bus, struct bus_list *states)
{
    bool found = false;
    struct bus_inbound *item;
    while ((item = bus_list_pop(states)) != NULL) {
        if (item->connection == bus->connection && is_stale(bus, &item->message))
            found = true;
        bus->handed_count++;
        bus->handed_bytes += item->size_bytes;
        free(item);
    }
    return found;
}
