/* See memory.h. */
#include "kit/process/memory.h"

#include <malloc.h>
#include <sys/resource.h>

bool kit_memory_judge(struct kit_memory *memory, const struct kit_memory_look *look)
{
    const int64_t used_ms = look->cpu_ms - memory->cpu_ms;
    const int64_t passed_ms = look->mono_ms - memory->looked_mono_ms;
    const bool is_busy = used_ms * 100 > passed_ms * KIT_MEMORY_QUIET_PERCENT;

    memory->looked_mono_ms = look->mono_ms;
    memory->cpu_ms = look->cpu_ms;
    memory->was_busy = memory->was_busy || is_busy;
    if (look->free_bytes < memory->free_bytes)
        memory->free_bytes = look->free_bytes;
    if (is_busy || (!memory->was_busy &&
                    look->free_bytes - memory->free_bytes < (int64_t)KIT_MEMORY_GROWTH_BYTES))
        return false;
    memory->was_busy = false;
    memory->free_bytes = look->free_bytes;
    return true;
}

static int64_t cpu_ms(void)
{
    struct rusage used = { .ru_maxrss = 0 };
    (void)getrusage(RUSAGE_SELF, &used);
    return (int64_t)(used.ru_utime.tv_sec + used.ru_stime.tv_sec) * 1000 +
           (used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1000;
}

int64_t kit_memory_tick(void *context, int64_t now_mono_ms)
{
    struct kit_memory *memory = context;

    if (now_mono_ms < memory->due_mono_ms)
        return memory->due_mono_ms;
    memory->due_mono_ms = now_mono_ms + KIT_MEMORY_PERIOD_MS;
    const struct kit_memory_look look = {
        .mono_ms = now_mono_ms,
        .cpu_ms = cpu_ms(),
        .free_bytes = (int64_t)mallinfo2().fordblks,
    };
    if (kit_memory_judge(memory, &look))
        (void)malloc_trim(0);
    return memory->due_mono_ms;
}
