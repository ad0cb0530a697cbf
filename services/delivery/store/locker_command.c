/* The SQL of commands. Never begins or commits. Loop thread. */
#include "delivery/store/locker_command.h"

#define FORGET_ROWS_MAX 64

enum command_query {
    Q_ADD_COMMAND = 0,
    Q_COMMAND,
    Q_SET_EFFECT,
    Q_FORGET,
    QUERY_COUNT,
};

#define COMMAND_COLUMNS(X, AND)                                                                    \
    X(TEXT, id, id)                                                                                \
    AND X(INT0, delivery_id, delivery.v) AND X(TEXT, locker, locker)                               \
    AND X(INT, compartment, compartment)                                                           \
    AND X(INT, story, story)                                                                       \
    AND X(INT, expires_at_ms, expires_at_ms)                                                       \
    AND X(INT0, effect, effect)

static const struct kit_table TABLES[] = { KIT_TABLE(locker_command, COMMAND_COLUMNS) };

KIT_ROW_FUNCTIONS(command, struct locker_command, COMMAND_COLUMNS);

static const char *const QUERIES[QUERY_COUNT] = {
    [Q_ADD_COMMAND] = KIT_INSERT(locker_command, COMMAND_COLUMNS),
    [Q_COMMAND] = "SELECT " KIT_COLUMN_NAMES(COMMAND_COLUMNS) " FROM locker_command WHERE id = ?",
    [Q_SET_EFFECT] = "UPDATE locker_command SET effect = ? WHERE id = ?",
    [Q_FORGET] = ("DELETE FROM locker_command WHERE id IN"
                  " (SELECT id FROM locker_command WHERE expires_at_ms < ? LIMIT ?)"),
};

static const struct kit_store_spec SPEC = KIT_STORE_SPEC(TABLES, QUERIES);

int locker_store_open_commands(struct locker_store *store, struct kit_db *db, struct kit_error *err)
{
    return kit_store_open(&store->commands, db, &SPEC, err);
}

int locker_store_add_command(struct locker_store *store, const struct locker_command *command,
                             struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->commands, Q_ADD_COMMAND);
    command_bind(&q, command);
    return kit_query_run(&q, NULL, err);
}

int locker_store_command(struct locker_store *store, const char *id, struct locker_command *ret,
                         bool *ret_found, struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->commands, Q_COMMAND);
    kit_query_text(&q, id);
    return command_read_one(&q, ret, ret_found, err);
}

int locker_store_set_effect(struct locker_store *store, const char *id, int64_t effect,
                            struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->commands, Q_SET_EFFECT);
    kit_query_int(&q, effect);
    kit_query_text(&q, id);
    return kit_query_run(&q, NULL, err);
}

int locker_store_forget_commands(struct locker_store *store, int64_t before_ms,
                                 struct kit_error *err)
{
    struct kit_query q = kit_query_start(&store->commands, Q_FORGET);
    kit_query_int(&q, before_ms);
    kit_query_int(&q, FORGET_ROWS_MAX);
    return kit_query_run(&q, NULL, err);
}
