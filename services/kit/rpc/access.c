/* Finds rows of the table that schemas/codegen has made of the rules. Any thread. */
#include "kit/rpc/access.h"

#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"
#include "msg/access.gen.h"

static int compare(const void *what, const void *row)
{
    return strcmp(what, ((const struct msg_access_row *)row)->what);
}

enum kit_reach kit_access_reach(const char *what, enum kit_role role)
{
    PRE(role < KIT_ROLE_COUNT);
    const struct msg_access_row *row = bsearch(what, msg_access_rows, msg_access_row_count,
                                               sizeof(*row), compare);
    return row == NULL ? KIT_REACH_NONE : row->reach[role];
}
