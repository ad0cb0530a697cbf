/* See planted.h. */
#include "mutants/planted.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"

static const struct planted_row *chosen;
static uint64_t reached;

bool planted_choose(const char *name)
{
    for (const struct planted_row *row = planted_rows; row->name != NULL; row++) {
        if (strcmp(row->name, name) == 0)
            chosen = row;
    }
    return chosen != NULL;
}

bool planted_is(int number)
{
    if (chosen == NULL || chosen->number != number)
        return false;
    reached++;
    return true;
}

uint64_t planted_reached(void)
{
    return reached;
}

const char *planted_sql(const char *sql)
{
    static char *changed; /* SQLite keeps a copy: this one is for the call */
    const char *at = chosen != NULL && chosen->old_sql != NULL ? strstr(sql, chosen->old_sql)
                                                               : NULL;
    if (at == NULL)
        return sql;
    reached++;
    free(changed);
    CHECK(asprintf(&changed, "%.*s%s%s", (int)(at - sql), sql, chosen->new_sql,
                   at + strlen(chosen->old_sql)) >= 0);
    return changed;
}
