/* What the parts of the command line share: options.c reads it word by word, options_board.c knows
 * lock boards, options_check.c what the options mean together. Each error is one sentence that says
 * what is wrong and what to do. No other file includes this. */
#ifndef FW_PORTS_LINUX_OPTIONS_INTERNAL_H
#define FW_PORTS_LINUX_OPTIONS_INTERNAL_H

#include "ports/linux/options.h"

/* Reads a whole number from min to max: digits alone, no sign. false: another text. */
bool options_read_int(const char *text, long min, long max, long *ret_value);

/* Adds the board that `KIND:TTY[:ADDRESS][,FLAG...]` names. FW_E_INVALID: no board, or too many. */
int options_take_board(struct fw_linux_options *options, const char *text,
                       char error[FW_LINUX_ERROR_SIZE]);

/* Is everything there, and does it go together? FW_E_INVALID: no. */
int options_check(const struct fw_linux_options *options, char error[FW_LINUX_ERROR_SIZE]);

#endif
