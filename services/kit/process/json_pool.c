/* A bump allocator that begins again whenever nothing of it is alive. Trees may overlap in time (an
 * answer is read while another message is); what does not fit comes from the heap. */
#include "kit/process/json_pool.h"

#include <cjson/cJSON.h>
#include <stdlib.h>

#include "kit/base/check.h"

#define ALIGNMENT 16U

static struct {
    _Alignas(16) char bytes[KIT_JSON_POOL_BYTES];
    size_t used_bytes;
    size_t live_count;
} pool;

static void *take_from_pool(size_t size_bytes)
{
    if (size_bytes > sizeof(pool.bytes) - ALIGNMENT ||
        pool.used_bytes + size_bytes > sizeof(pool.bytes) - ALIGNMENT)
        return malloc(size_bytes);
    void *taken = pool.bytes + pool.used_bytes;
    pool.used_bytes += (size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    pool.live_count++;
    return taken;
}

static void give_to_pool(void *pointer)
{
    const char *p = pointer;
    if (p < pool.bytes || p >= pool.bytes + sizeof(pool.bytes)) {
        free(pointer);
        return;
    }
    CHECK(pool.live_count > 0);
    if (--pool.live_count == 0)
        pool.used_bytes = 0;
}

void kit_json_pool_install(void)
{
    cJSON_Hooks hooks = { .malloc_fn = take_from_pool, .free_fn = give_to_pool };
    cJSON_InitHooks(&hooks);
}

size_t kit_json_pool_live_count(void)
{
    return pool.live_count;
}
