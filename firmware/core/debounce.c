/* Which read is a bounce (debounce.h). */
#include "core/debounce.h"

#include <string.h>

#include "port/check.h"

void fw_debounce_init(struct fw_debounce *debounce, int32_t dead_time_ms)
{
    FW_CHECK(dead_time_ms >= 0);
    memset(debounce, 0, sizeof(*debounce));
    debounce->dead_time_ms = dead_time_ms;
}

void fw_debounce_forget(struct fw_debounce *debounce)
{
    debounce->size = 0;
}

bool fw_debounce_take(struct fw_debounce *debounce, const uint8_t *line, size_t size,
                      int64_t now_ms)
{
    FW_CHECK(size > 0 && size <= FW_LINE_BYTES_MAX);
    bool same = size == debounce->size && memcmp(line, debounce->bytes, size) == 0;
    if (same && now_ms - debounce->taken_ms < debounce->dead_time_ms) {
        debounce->bounced_count++;
        return false;
    }
    memcpy(debounce->bytes, line, size);
    debounce->size = size;
    debounce->taken_ms = now_ms;
    return true;
}
