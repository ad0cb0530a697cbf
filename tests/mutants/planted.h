/* Which planted bug is switched on, for the changed copies of sources that tests/mutants/plant
 * writes. One of them at most, for the life of the process. One thread. */
#ifndef TESTS_MUTANTS_PLANTED_H
#define TESTS_MUTANTS_PLANTED_H

#include <stdbool.h>
#include <stdint.h>

struct planted_row {
    int number;
    const char *name; /* NULL: the end of the table */
    const char *old_sql, *new_sql;
};

/* Written by tests/mutants/plant. */
extern const struct planted_row planted_rows[];

/* Switches the bug of that name on; false: there is none. */
bool planted_choose(const char *name);
/* Whether it is switched on, asked at its place. */
bool planted_is(int number);
/* How often the place of the chosen one was reached. */
uint64_t planted_reached(void);

/* The statement as it is to be prepared: with another piece, when the chosen bug is one of SQL. The
 * text lives as long as the process. */
const char *planted_sql(const char *sql);

#endif
