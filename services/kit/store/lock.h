/* One process per database: an advisory lock on a file beside it, held for the process's life. A
 * second copy is told so and exits. Production adapter. */
#ifndef KIT_STORE_LOCK_H
#define KIT_STORE_LOCK_H

#include "kit/base/error.h"

/* Never released by hand: the kernel does it when the process ends, however it ends. */
int kit_lock_take(const char *path, struct kit_error *err) KIT_MUST_CHECK;

#endif
