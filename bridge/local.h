/* What the bridge answers by itself, without asking a service. No I/O; loop thread. */
#ifndef BRIDGE_LOCAL_H
#define BRIDGE_LOCAL_H

#include "bridge/route.h"

/* Writes the body of GET /: links to the collections that this port serves. */
void local_index(const char *host, enum bridge_port port, struct kit_buf *out);

/* Writes GET /problems/<slug> as plain text. KIT_E_NOT_FOUND for a slug that is not in the table.
 */
int local_help(const char *slug, struct kit_buf *out, struct kit_error *err) KIT_MUST_CHECK;

#endif
