/* A label as a page sends it: the text that a scanner would read -> kind and value. Devices read
 * their labels themselves; a station's are read here, by the same rules. Pure: no I/O, no clock, no
 * allocation. Any thread. Source: schemas/rules/devices.md 3.2 to 3.4. */
#ifndef STOCK_DOMAIN_LABEL_H
#define STOCK_DOMAIN_LABEL_H

#include <stdbool.h>
#include <stddef.h>

#include "msg/common.gen.h"

#define LABEL_VALUE_SIZE 65 /* 64 characters and NUL */

struct label {
    enum label_kind kind;
    char value[LABEL_VALUE_SIZE]; /* printable ASCII */
};

/**
 * label_read() - Read a text as a label.
 *
 * @text: one line without its end, an AIM identifier (`]d2`) in front if the scanner sent one; any
 *        bytes of any length.
 * @ret:  always written: what is no known label is `damaged` or `text`, cut to 64 characters.
 */
void label_read(const char *text, struct label *ret);

/* ---- GS1 element strings ---- */

enum label_outcome {
    LABEL_READ = 0,    /* kind and value are written */
    LABEL_OTHER = 1,   /* not of this form; nothing is written */
    LABEL_DAMAGED = 2, /* of this form, but wrong or cut short; nothing is written */
};

/* Reads the key out of an element string: "(01)0950...(21)A1" with brackets, else with FNC1 as GS.
 * Of several keys the most exact one counts: GRAI, GIAI, GTIN with serial, SSCC, GTIN, GLN. */
enum label_outcome label_read_gs1(const char *text, bool is_bracketed, struct label *ret);

/* Reads the 8, 12 or 13 digits of an EAN or UPC symbol as a GTIN. */
enum label_outcome label_read_ean(const char *text, struct label *ret);

#endif
