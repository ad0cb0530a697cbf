/* Labels as a printer would put them on things: the bytes that a scanner sends for them. Written
 * from schemas/rules/devices.md 3 alone, apart from the firmware's parser. Pure; any thread. */
#ifndef SIM_SCENARIO_LABEL_H
#define SIM_SCENARIO_LABEL_H

#include <stdbool.h>
#include <stddef.h>

#define SIM_LABEL_SIZE 64 /* "LS:A:LT-0001:7" and NUL */

/* ISO/IEC 7064 MOD 37-2 over text; '-' counts 36. '\0': a character that cannot be on a label. */
char sim_label_check_char(const char *text);

/* kind: product, asset, bin, tote, order, compartment, command (devices.md 3.3), with a value of 1
 * to 24 of 0-9 A-Z -; or gtin: a GS1 element string (01), with 14 digits, of which the check digit
 * is printed as given, also when it is wrong. False: no such kind, or such a value cannot be
 * printed.
 */
bool sim_label_print(const char *kind, const char *value, char ret_label[SIM_LABEL_SIZE]);

#endif
