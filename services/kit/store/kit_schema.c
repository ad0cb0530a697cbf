/* The tables of kit_schema.h. Never change a migration that was released: append one. */
#include "kit/store/kit_schema.h"

#include "kit/base/check.h"

const struct kit_migration kit_schema_migrations[] = {
    { "0001_streams_and_responses",
      /* One row: who we are as a source. The epoch changes when history may have changed. */
      "CREATE TABLE stream_identity("
      "  id INTEGER PRIMARY KEY CHECK(id = 1),"
      "  epoch TEXT NOT NULL CHECK(length(epoch) = 32),"
      "  made_at_ms INTEGER NOT NULL) STRICT;"
      /* seq has no gaps: it is allocated in the transaction of the change it reports. */
      "CREATE TABLE event_log("
      "  seq INTEGER PRIMARY KEY CHECK(seq >= 1),"
      "  envelope TEXT NOT NULL) STRICT;"
      "CREATE TABLE stream_cursor("
      "  source TEXT PRIMARY KEY,"
      "  epoch TEXT NOT NULL,"
      "  seq INTEGER NOT NULL CHECK(seq >= 0)) STRICT;"
      "CREATE TABLE dead_letter("
      "  id INTEGER PRIMARY KEY,"
      "  source TEXT NOT NULL,"
      "  epoch TEXT NOT NULL,"
      "  seq INTEGER NOT NULL,"
      "  type TEXT NOT NULL,"
      "  subject TEXT NOT NULL,"
      "  envelope TEXT NOT NULL,"
      "  code TEXT NOT NULL,"
      "  reason TEXT NOT NULL,"
      "  parked_at_ms INTEGER NOT NULL,"
      "  UNIQUE(source, epoch, seq)) STRICT;"
      "CREATE INDEX dead_letter_subject ON dead_letter(source, subject, id);"
      /* Rows are as old as their rowid is low, so expiry needs no index. */
      "CREATE TABLE rpc_response("
      "  id INTEGER PRIMARY KEY,"
      "  caller TEXT NOT NULL,"
      "  key TEXT NOT NULL,"
      "  request_hash BLOB NOT NULL,"
      "  response TEXT NOT NULL,"
      "  made_at_ms INTEGER NOT NULL,"
      "  UNIQUE(caller, key)) STRICT;" },
    /* Rows from here on have a checksum and no place of their own (kit/stream/row.h); those that
     * are there stay as they are, however many. Who did it, and for whom, is for later. */
    { "0002_event_rows",
      "ALTER TABLE event_log ADD COLUMN checksum INTEGER;"
      "ALTER TABLE event_log ADD COLUMN actor INTEGER;"
      "ALTER TABLE event_log ADD COLUMN account INTEGER;"
      "ALTER TABLE stream_identity ADD COLUMN unchecked_until INTEGER NOT NULL DEFAULT 0;"
      "UPDATE stream_identity SET unchecked_until = (SELECT coalesce(max(seq), 0) FROM "
      "event_log);" },
    /* One row: the confirmed time of a moment ago (kit/base/timekeeper.h). */
    { "0003_confirmed_time", "CREATE TABLE confirmed_time("
                             "  id INTEGER PRIMARY KEY CHECK(id = 1),"
                             "  at_ms INTEGER NOT NULL,"
                             "  claim_ms INTEGER NOT NULL) STRICT;" },
    /* What a source that has lost its database asks its followers (kit/service/recovery.c). Of what
     * was read before, bounds are kept: an aggregate has at least one event, and a commit of at
     * most 256 items tells each of its versions in one. */
    { "0004_recovery",
      "ALTER TABLE stream_cursor ADD COLUMN highest_id INTEGER NOT NULL DEFAULT 0;"
      "ALTER TABLE stream_cursor ADD COLUMN highest_version INTEGER NOT NULL DEFAULT 0;"
      "UPDATE stream_cursor SET highest_id = seq, highest_version = min(256 * seq, 1000000000);"
      /* At most one row. Phase 0: nothing is missing, 1: followers are asked, 2: sources are read.
       */
      "CREATE TABLE recovery("
      "  id INTEGER PRIMARY KEY CHECK(id = 1),"
      "  phase INTEGER NOT NULL CHECK(phase BETWEEN 0 AND 2),"
      "  highest_id INTEGER NOT NULL CHECK(highest_id >= 0),"
      "  highest_version INTEGER NOT NULL CHECK(highest_version >= 0)) STRICT;" },
    /* A key belongs to an account (rules access 3.4); 0: who has none. */
    { "0005_keys_of_accounts",
      "CREATE TABLE rpc_response_of_account("
      "  id INTEGER PRIMARY KEY,"
      "  caller TEXT NOT NULL,"
      "  account INTEGER NOT NULL,"
      "  key TEXT NOT NULL,"
      "  request_hash BLOB NOT NULL,"
      "  response TEXT NOT NULL,"
      "  made_at_ms INTEGER NOT NULL,"
      "  UNIQUE(caller, account, key)) STRICT;"
      "INSERT INTO rpc_response_of_account SELECT id, caller, 0, key, request_hash, response,"
      "  made_at_ms FROM rpc_response ORDER BY id;"
      "DROP TABLE rpc_response;"
      "ALTER TABLE rpc_response_of_account RENAME TO rpc_response;" },
};
const size_t kit_schema_migration_count = KIT_COUNT(kit_schema_migrations);
