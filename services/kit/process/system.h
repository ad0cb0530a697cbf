/* The production set of the small ports: clock, randomness, keys in files. */
#ifndef KIT_PROCESS_SYSTEM_H
#define KIT_PROCESS_SYSTEM_H

#include "kit/port/ports.h"

/* The system's clocks. Any thread. */
const struct kit_clock *kit_system_clock(void);
/* The kernel's randomness, by libsodium. Any thread. */
const struct kit_rng *kit_system_rng(void);

/* Keys in files <folder>/<name>.key; folder is borrowed, "" has none. Thread: the caller's. */
struct kit_keys kit_keys_in(const char *folder);

#endif
