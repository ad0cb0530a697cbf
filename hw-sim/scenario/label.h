/* Labels as a printer would put them on things: the bytes that a scanner sends for them. Written
 * from schemas/rules/devices.md 3 alone, apart from the firmware's parser. Pure; any thread. */
#ifndef SIM_SCENARIO_LABEL_H
#define SIM_SCENARIO_LABEL_H

#include <stdbool.h>
#include <stddef.h>

#define SIM_LABEL_SIZE 64 /* "LS:A:LT-0001:7" and NUL */

/* ISO/IEC 7064 MOD 37-2 over text; '-' counts 36. '\0': a character that cannot be on a label. */
char sim_label_check_char(const char *text);

/* kind: product, asset, bin, tote, order, compartment, command. Devices.md 3.3. False: no such
 * kind, or a value that cannot be printed (1 to 24 of 0-9 A-Z -). */
bool sim_label_print(const char *kind, const char *value, char ret_label[SIM_LABEL_SIZE]);

/* GS1 element string (01) with a GTIN of 14 digits, in brackets: "(01)04012345678901". False: not
 * 14 digits. The check digit is as given, also when it is wrong. */
bool sim_label_gtin(const char *digits, char ret_label[SIM_LABEL_SIZE]);

#endif
