/* An enum of the messages and the one that is stored, told by one table: table[message] = stored.
 * The stored numbers begin at 1, so that a value that was forgotten in the table aborts, and a
 * value added to a schema is refused by the table's size. Pure; any thread. */
#ifndef KIT_BASE_ENUM_MAP_H
#define KIT_BASE_ENUM_MAP_H

#include <stddef.h>

#include "kit/base/check.h"

/* From a message; the decoder lets no other value through. */
static inline int kit_enum_stored(const int *table, size_t count, size_t told)
{
    CHECK(told < count && table[told] != 0);
    return table[told];
}

/* To a message; the database's CHECK lets no other value in. */
static inline size_t kit_enum_told(const int *table, size_t count, int stored)
{
    size_t told = 0;
    while (told < count && table[told] != stored)
        told++;
    CHECK(told < count);
    return told;
}

/* table: an array. Both give a number of the right enum, to be cast. */
#define KIT_ENUM_STORED(table, told) kit_enum_stored((table), KIT_COUNT(table), (size_t)(told))
#define KIT_ENUM_TOLD(table, stored) kit_enum_told((table), KIT_COUNT(table), (int)(stored))

#endif
