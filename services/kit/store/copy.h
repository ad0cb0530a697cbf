/* A copy of an open database into another file, while it goes on to change: SQLite's backup on the
 * connection that writes, so that a change behind the page that was copied last is made in the copy
 * too, and none before it begins the copy anew. When it is ended it is what the database is at that
 * moment. Nothing is synced: whoever keeps the file does that. Loop thread. */
#ifndef KIT_STORE_COPY_H
#define KIT_STORE_COPY_H

#include "kit/store/db.h"

#define KIT_COPY_PAGES 64        /* left for the end at most */
#define KIT_COPY_STEP_PAGES 1024 /* copied by one step at most */

struct kit_copy;

/* Makes the file and copies nothing yet. No file of that name may be there. The database must
 * outlive the copy. *ret_copy is written only on KIT_OK. Refusals as kit_db_error(). */
int kit_copy_new(struct kit_copy **ret_copy, struct kit_db *db, const struct kit_store_port *to,
                 struct kit_error *err) KIT_MUST_CHECK;
/* Closes the file and leaves it as it is. NULL is fine. */
void kit_copy_free(struct kit_copy *copy);

/* Copies so many of the next pages, KIT_COPY_STEP_PAGES at most; the last KIT_COPY_PAGES wait for
 * the end. Outside a transaction. What fails, fails for good: the copy can only be freed. */
int kit_copy_step(struct kit_copy *copy, int64_t pages, struct kit_error *err) KIT_MUST_CHECK;
/* Copies what is left and ends the copy. Outside a transaction. */
int kit_copy_end(struct kit_copy *copy, struct kit_error *err) KIT_MUST_CHECK;

/* Pages of the database, as of the last step. Not of a copy that is ended. */
int kit_copy_pages(const struct kit_copy *copy);
/* How many of them the copy lacks. */
int kit_copy_left(const struct kit_copy *copy);

#endif
