/* What must hold in the database of stock whenever no batch is open. Each query counts what is
 * wrong. */
#ifndef TESTS_FAKES_STOCK_CHECKS_H
#define TESTS_FAKES_STOCK_CHECKS_H

struct sql_check {
    const char *wrong, *sql;
};

#define STOCK_CHECK_COUNT 16
extern const struct sql_check stock_checks[STOCK_CHECK_COUNT];

#endif
