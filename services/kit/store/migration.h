/* One step of a database's schema, and the promise that a released one stays as it is. Any thread.
 */
#ifndef KIT_STORE_MIGRATION_H
#define KIT_STORE_MIGRATION_H

/* Append-only: never reorder, change or remove a migration that was released. The database
 * remembers how many ran, in its table kit_migration. Those of the kit's own tables run first. */
struct kit_migration {
    const char *name;
    const char *sql;
};

#endif
