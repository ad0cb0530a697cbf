/* Log lines on stderr: one JSON object a line {"ts","level","process","event","text"}, or aligned
 * text when stderr is a terminal. At most 1000 lines a second are written; the rest is counted and
 * the count reported. Any thread. */
#ifndef KIT_LOG_LOG_H
#define KIT_LOG_LOG_H

#include "kit/port/ports.h"

/* format: "auto", "json" or "text". Returns the port; one log per process. */
const struct kit_log *kit_log_stderr(const char *process, const char *format,
                                     enum kit_level min_level, const struct kit_clock *clock);

#endif
