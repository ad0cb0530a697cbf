/* How SQLite goes about the statements of a store. */
#ifndef TESTS_FAKES_PLANS_H
#define TESTS_FAKES_PLANS_H

#include "kit/store/db.h"

/* Fails the test when a statement whose text has `mark` in it is planned with a scan or a temporary
 * tree. Returns how many there are. */
size_t plans_check(const struct kit_statements *statements, const char *mark);

#endif
