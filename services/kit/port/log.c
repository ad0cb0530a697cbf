/* Formats a log line and hands it to the log port. Long lines are cut; nothing is written here. */
#include <stdarg.h>
#include <stdio.h>

#include "kit/port/ports.h"

#define LOG_TEXT_SIZE 1024

void kit_log_write(const struct kit_log *log, enum kit_level level, const char *event,
                   const char *format, ...)
{
    PRE(log != NULL && log->write != NULL);
    char text[LOG_TEXT_SIZE];
    va_list args;
    va_start(args, format);
    int length = vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (length < 0)
        text[0] = '\0';
    /* A cut may have split a UTF-8 character: take its rest away too. */
    if (length >= (int)sizeof(text)) {
        size_t end = sizeof(text) - 1;
        while (end > 0 && ((unsigned char)text[end - 1] & 0xC0U) == 0x80U)
            end--;
        if (end > 0 && (unsigned char)text[end - 1] >= 0xC0U)
            end--;
        text[end] = '\0';
    }
    log->write(log->self, level, event, text);
}
