/* How an instance says that it is well, or why not: to everybody who listens, at QoS 0, and not
 * retained. Whoever misses it waits for the next. Loop thread. */
#ifndef KIT_RPC_STATUS_H
#define KIT_RPC_STATUS_H

#include "kit/base/buf.h"
#include "kit/port/ports.h"
#include "msg/wire_service_status.gen.h"

#define KIT_STATUS_BYTES_MAX 4096 /* of the message */

/* Publishes what somebody says of itself now and then, at QoS 0; copied. false: the bus takes
 * nothing now. */
bool kit_word_publish(const struct kit_bus *bus, const char *topic, const struct kit_buf *payload);

/* Publishes the status on the topic of the instance; encoded at once. false: the bus takes nothing
 * now. */
bool kit_status_publish(const struct kit_bus *bus, const char *instance,
                        const struct msg_wire_service_status *status);

#endif
