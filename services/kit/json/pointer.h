/* JSON pointers (RFC 6901) for error messages, built in a buffer of the error's own size. A step
 * that does not fit is left out with all that follow: the pointer then names what contains the
 * fault, and stays valid. Any thread. */
#ifndef KIT_JSON_POINTER_H
#define KIT_JSON_POINTER_H

#include <stdbool.h>
#include <stddef.h>

#include "kit/base/error.h"

struct kit_pointer {
    char text[KIT_ERROR_POINTER_SIZE];
    size_t size_bytes;
    bool full;
};

/* The whole document: an empty text. */
void kit_pointer_init(struct kit_pointer *pointer);
/* One step into an object. Escapes '~' and '/' of the key, which needs no NUL. */
void kit_pointer_add_key(struct kit_pointer *pointer, const char *key, size_t key_size_bytes);
/* One step into an array, whose first item is 0. */
void kit_pointer_add_index(struct kit_pointer *pointer, size_t index);

#endif
