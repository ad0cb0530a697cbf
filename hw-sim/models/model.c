/* What all models share: telling what happened, and bytes as text. One thread. */
#include "models/model.h"

#include <stddef.h>
#include <stdio.h>

const char *sim_event_kind_name(enum sim_event_kind kind)
{
    static const char *const names[] = {
#define SIM_EVENT_NAME(kind, name) name,
        SIM_EVENT_MAP(SIM_EVENT_NAME)
#undef SIM_EVENT_NAME
    };
    return names[kind];
}

void sim_tell(const struct sim_listener *listener, const char *model, enum sim_event_kind kind,
              int64_t at_ms, const char *detail)
{
    if (listener->fn == NULL)
        return;
    struct sim_event event = { at_ms, kind, model, detail != NULL ? detail : "" };
    listener->fn(listener->self, &event);
}

const char *sim_hex(const uint8_t *bytes, uint32_t size, char ret_text[SIM_EVENT_TEXT_SIZE])
{
    static const char digits[] = "0123456789ABCDEF";
    size_t used = 0;
    for (uint32_t i = 0; i < size && used + 4 <= SIM_EVENT_TEXT_SIZE; i++) {
        if (i > 0)
            ret_text[used++] = ' ';
        ret_text[used++] = digits[bytes[i] >> 4];
        ret_text[used++] = digits[bytes[i] & 0x0F];
    }
    ret_text[used] = '\0';
    return ret_text;
}

const char *sim_printable(const uint8_t *bytes, uint32_t size, char ret_text[SIM_EVENT_TEXT_SIZE])
{
    size_t used = 0;
    for (uint32_t i = 0; i < size && used + 5 <= SIM_EVENT_TEXT_SIZE; i++) {
        char *at = ret_text + used;
        size_t room = SIM_EVENT_TEXT_SIZE - used;
        int written;
        if (bytes[i] == '\r' || bytes[i] == '\n')
            written = snprintf(at, room, "\\%c", bytes[i] == '\r' ? 'r' : 'n');
        else if (bytes[i] == '\\')
            written = snprintf(at, room, "\\\\");
        else if (bytes[i] >= 0x20 && bytes[i] < 0x7F)
            written = snprintf(at, room, "%c", bytes[i]);
        else
            written = snprintf(at, room, "\\x%02X", bytes[i]);
        used += (size_t)written;
    }
    ret_text[used] = '\0';
    return ret_text;
}

int64_t sim_earlier(int64_t a_ms, int64_t b_ms)
{
    return a_ms < b_ms ? a_ms : b_ms;
}
