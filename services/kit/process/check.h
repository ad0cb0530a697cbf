/* `--check live|ready`: asks the process that runs with the same settings how it is. For systemd,
 * containers and people; no business. One thread. */
#ifndef KIT_PROCESS_CHECK_H
#define KIT_PROCESS_CHECK_H

#include "kit/base/error.h"

/* Asks /livez or /readyz at the socket run_dir/process.sock. Waits 2 s at most for each step.
 * Prints the answer, or why there is none, as one line on stdout. KIT_E_UNAVAILABLE: it is not so;
 * KIT_E_INVALID: `what` is neither "live" nor "ready". */
int kit_check(const char *what, const char *process, const char *run_dir);

#endif
