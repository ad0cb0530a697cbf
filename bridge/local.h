/* What the bridge answers by itself, without asking a service. No I/O. */
#ifndef BRIDGE_LOCAL_H
#define BRIDGE_LOCAL_H

#include "bridge/routes.h"

/* GET /: links to the collections that this port serves. */
void local_index(const char *host, enum bridge_port port, struct kit_buf *out);

/* GET /problems/<slug>: plain text. KIT_E_NOT_FOUND for a slug that is not in the table. */
int local_help(const char *slug, struct kit_buf *out, struct kit_error *err) KIT_MUST_CHECK;

#endif
