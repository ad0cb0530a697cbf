/* GS1 element strings (GS1 General Specifications, sections 3 and 7.8) -> the key that the label
 * stands for. Two forms: bracketed, "(01)0950...(21)A1", and with FNC1 (GS, 0x1D). Pure. */
#ifndef FW_CORE_GS1_H
#define FW_CORE_GS1_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "core/label.h"

enum fw_gs1_result {
    FW_GS1_KEY = 0,     /* kind and value are written */
    FW_GS1_NO_KEY = 1,  /* no element string, or one without a known key */
    FW_GS1_DAMAGED = 2, /* a check digit is wrong, or a key is cut short */
};

/**
 * fw_gs1_parse() - Find the key in an element string.
 *
 * @text, @size: the element string without AIM identifier; a leading GS is passed over.
 * @bracketed:   the application identifiers stand in round brackets.
 * @ret:         kind and value are written for FW_GS1_KEY only.
 *
 * Of several keys the most exact one wins: GRAI, GIAI, GTIN with serial, SSCC, GTIN, GLN.
 *
 * Source: rules/devices.md 3.2.
 */
enum fw_gs1_result fw_gs1_parse(const uint8_t *text, size_t size, bool bracketed,
                                struct fw_label *ret);

/**
 * fw_gs1_parse_ean() - Digits of an EAN-8, UPC-A or EAN-13 symbol -> GTIN of 14 digits.
 *
 * FW_GS1_NO_KEY: not 8, 12 or 13 digits. FW_GS1_DAMAGED: a wrong check digit.
 */
enum fw_gs1_result fw_gs1_parse_ean(const uint8_t *text, size_t size, struct fw_label *ret);

/**
 * fw_gs1_check_digit() - The check digit, '0' to '9', for digits that have none yet.
 *
 * Weights 3, 1, 3 ... from the right.
 */
char fw_gs1_check_digit(const uint8_t *digits, size_t count);

#endif
