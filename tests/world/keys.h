/* The keys of devices and services in a world: every name has one, made from it. Any thread. */
#ifndef TESTS_WORLD_KEYS_H
#define TESTS_WORLD_KEYS_H

#include "kit/port/ports.h"

/* The function of struct kit_keys; self is not read. Never fails. */
int world_find_key(void *self, const char *name, uint8_t ret_key[KIT_KEY_BYTES],
                   struct kit_error *err);

#endif
