/* The lexical half of the gate: strings in valid UTF-8, escapes, numbers, words. Private to
 * gate.c. A reader returns NULL, or a sentence that says what is wrong at in->at. */
#ifndef KIT_JSON_GATE_TEXT_H
#define KIT_JSON_GATE_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct kit_gate_text {
    const char *text;
    size_t size_bytes;
    size_t at;
};

struct kit_gate_number {
    bool is_integer; /* written without fraction and exponent */
    size_t digit_count;
    uint64_t magnitude; /* meaningful up to 18 digits */
};

/* The byte at in->at, or -1 at the end. */
static inline int kit_gate_text_peek(const struct kit_gate_text *in)
{
    return in->at < in->size_bytes ? (unsigned char)in->text[in->at] : -1;
}

/* Moves in->at behind blanks, tabs and line ends; RFC 8259 knows no other white space. */
static inline void kit_gate_text_skip_space(struct kit_gate_text *in)
{
    while (in->at < in->size_bytes && (in->text[in->at] == ' ' || in->text[in->at] == '\n' ||
                                       in->text[in->at] == '\r' || in->text[in->at] == '\t'))
        in->at++;
}

/* Consumes the word if it stands there. */
bool kit_gate_text_word(struct kit_gate_text *in, const char *word);

/* Passes a string: in->at is at the opening quote, and behind the closing one afterwards. Refuses
 * invalid UTF-8, raw control characters, unknown escapes, NUL and lone surrogates. */
const char *kit_gate_text_string(struct kit_gate_text *in);

/* Passes a number: in->at is at '-' or a digit, and behind the last digit afterwards. Refuses what
 * RFC 8259 does, so a leading zero too. *ret_number is written only when NULL is returned. */
const char *kit_gate_text_number(struct kit_gate_text *in, struct kit_gate_number *ret_number);

/* One character of a string that kit_gate_text_string accepted: moves *from behind it, writes its
 * UTF-8 bytes and returns how many. Raw bytes are handed out one by one. */
size_t kit_gate_text_unescape(const char **from, char ret_bytes[4]);

#endif
