/* The tables that every service has: its event log, its cursors, its dead letters and the responses
 * it gave. Append-only, like any list of migrations. */
#ifndef KIT_STORE_KIT_SCHEMA_H
#define KIT_STORE_KIT_SCHEMA_H

#include <stddef.h>

#include "kit/store/migration.h"

extern const struct kit_migration kit_schema_migrations[];
extern const size_t kit_schema_migration_count;

#endif
