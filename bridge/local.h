/* What the bridge answers by itself, without asking a service. No I/O; loop thread. */
#ifndef BRIDGE_LOCAL_H
#define BRIDGE_LOCAL_H

#include "bridge/bridge.h"
#include "bridge/route.h"

/* Writes the body of GET /: links to the collections that this port serves. */
void local_index(const struct hal_place *place, enum bridge_port port, struct kit_buf *out);

/* Writes the body of GET /processes: what each process said last, and how long ago. */
void local_processes(const struct bridge *bridge, const struct hal_place *place,
                     struct kit_buf *out);

/* Writes the body of GET /processes/history: samples since a time, and where more begin. */
void local_history(const struct bridge *bridge, const struct exchange *exchange,
                   struct kit_buf *out);

/* Takes a sample of the processes into the bridge's history, when one is due. */
void local_take_history(struct bridge *bridge);

/* Writes GET /ca.crt. KIT_E_NOT_FOUND where there is none to be had. */
int local_ca(const struct bridge *bridge, struct kit_buf *out,
             struct kit_error *err) KIT_MUST_CHECK;

/* Writes GET /problems/<slug> as plain text. KIT_E_NOT_FOUND for a slug that is not in the table.
 */
int local_help(const char *slug, struct kit_buf *out, struct kit_error *err) KIT_MUST_CHECK;

#endif
