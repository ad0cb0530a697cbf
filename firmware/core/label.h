/* A line that a scanner read -> the label (rules/devices.md 3). Pure: no state, no clock. Any bytes
 * give a label: those that are no known label are `damaged` or `text`. */
#ifndef FW_CORE_LABEL_H
#define FW_CORE_LABEL_H

#include <stddef.h>
#include <stdint.h>

#define FW_LABEL_VALUE_SIZE 65         /* with NUL */
#define FW_LABEL_OWN_VALUE_MAX 24      /* of our own labels */
#define FW_LABEL_SYMBOLOGY_SIZE 4      /* "]C1" with NUL */
#define FW_LABEL_OWN_LETTERS "PABTOCX" /* in the order of the first seven kinds */

/* In the order of labelKind (common.schema.json): the generated enum has the same numbers. */
enum fw_label_type {
    FW_LABEL_PRODUCT = 0,
    FW_LABEL_ASSET = 1,
    FW_LABEL_BIN = 2,
    FW_LABEL_TOTE = 3,
    FW_LABEL_ORDER = 4,
    FW_LABEL_COMPARTMENT = 5,
    FW_LABEL_COMMAND = 6,
    FW_LABEL_GTIN = 7,
    FW_LABEL_SGTIN = 8,
    FW_LABEL_GRAI = 9,
    FW_LABEL_GIAI = 10,
    FW_LABEL_SSCC = 11,
    FW_LABEL_GLN = 12,
    FW_LABEL_TEXT = 13,
    FW_LABEL_DAMAGED = 14,
};

struct fw_label {
    enum fw_label_type kind;
    char symbology[FW_LABEL_SYMBOLOGY_SIZE]; /* AIM identifier; "": the scanner sent none */
    char value[FW_LABEL_VALUE_SIZE];         /* printable ASCII, at most 64 characters */
};

/**
 * fw_label_parse() - Read a line as a label.
 *
 * @line, @size: one line without its end, at most FW_LINE_BYTES_MAX bytes; any values.
 * @ret:         always written.
 *
 * Source:  rules/devices.md 3.2 to 3.4.
 */
void fw_label_parse(const uint8_t *line, size_t size, struct fw_label *ret);

/**
 * fw_label_check_char() - ISO/IEC 7064 MOD 37-2 check character of one of our own labels.
 *
 * @letter: one of FW_LABEL_OWN_LETTERS.
 * @value, @size: 1 to FW_LABEL_OWN_VALUE_MAX characters of 0-9 A-Z and -.
 *
 * Returns 0-9, A-Z or *; 0 when letter or value is not of that form.
 * Source:  rules/devices.md 3.3.
 */
char fw_label_check_char(char letter, const char *value, size_t size);

#endif
