/* A small file beside the settings that says that a service has a database. Where it is and the
 * database is not, one was lost, and the service must not begin its numbers again as if nothing had
 * been. Production adapter; any thread. */
#ifndef KIT_PROCESS_MARKER_H
#define KIT_PROCESS_MARKER_H

#include "kit/base/error.h"

/* "": no marker is wanted, and none is there. What cannot be looked at is there. */
bool kit_marker_is_there(const char *path);

/* Makes it, for the database at `db`; on KIT_OK it outlives a power cut. One that is there stays,
 * and nothing is done for "". KIT_E_IO. */
int kit_marker_write(const char *path, const char *db, struct kit_error *err) KIT_MUST_CHECK;

#endif
