/* Memory for cJSON's trees. A parsed message is some hundred small allocations that die together;
 * taking them from one block halves the cost of reading an event. Install once, before the first
 * parse; production only. Loop thread: whoever parses JSON in another thread must not install it.
 */
#ifndef KIT_PROCESS_JSON_POOL_H
#define KIT_PROCESS_JSON_POOL_H

#include <stddef.h>

#define KIT_JSON_POOL_BYTES (1U << 20)

/* Makes cJSON take its memory from the block, and from malloc() what has no room there. */
void kit_json_pool_install(void);

/* Live allocations that came from the block, for tests. */
size_t kit_json_pool_live_count(void);

#endif
