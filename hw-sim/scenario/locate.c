/* A walk over JSON text that is known to be well-formed, only as deep as the pointer leads. */
#include "scenario/locate.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define SEGMENT_SIZE 160
#define SEGMENTS_MAX 64

struct walk {
    const char *text;
    size_t size_bytes;
    size_t at;
};

struct sim_place sim_place_of_byte(const char *text, size_t size_bytes, size_t byte)
{
    struct sim_place place = { .line = 1, .column = 1 };
    for (size_t i = 0; i < byte && i < size_bytes; i++) {
        if (text[i] == '\n') {
            place.line++;
            place.column = 1;
        } else if (((unsigned char)text[i] & 0xC0) != 0x80) {
            place.column++;
        }
    }
    return place;
}

static void skip_space(struct walk *walk)
{
    while (walk->at < walk->size_bytes && strchr(" \t\r\n", walk->text[walk->at]) != NULL)
        walk->at++;
}

static void skip_string(struct walk *walk)
{
    walk->at++;
    while (walk->at < walk->size_bytes && walk->text[walk->at] != '"')
        walk->at += walk->text[walk->at] == '\\' ? 2 : 1;
    walk->at++;
}

/* Brackets are counted; strings are stepped over, so that a bracket in one does not count. */
static void skip_value(struct walk *walk)
{
    int depth = 0;

    skip_space(walk);
    while (walk->at < walk->size_bytes) {
        char c = walk->text[walk->at];
        if (c == '"') {
            skip_string(walk);
        } else if (c == '{' || c == '[') {
            depth++;
            walk->at++;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return;
            depth--;
            walk->at++;
        } else if (depth == 0 && (c == ',' || isspace((unsigned char)c))) {
            return;
        } else {
            walk->at++;
            continue;
        }
        if (depth == 0)
            return;
    }
}

/* False: the value was the last one. */
static bool skip_to_next(struct walk *walk)
{
    skip_value(walk);
    skip_space(walk);
    if (walk->at >= walk->size_bytes || walk->text[walk->at] != ',')
        return false;
    walk->at++;
    return true;
}

/* Keys of scenarios are plain ASCII without escapes; one with an escape is simply not found. */
static bool enter_member(struct walk *walk, const char *key)
{
    size_t key_size = strlen(key);

    walk->at++;
    for (;;) {
        skip_space(walk);
        if (walk->at >= walk->size_bytes || walk->text[walk->at] != '"')
            return false;
        size_t from = walk->at + 1;
        skip_string(walk);
        bool found = walk->at - 1 - from == key_size &&
                     memcmp(walk->text + from, key, key_size) == 0;
        skip_space(walk);
        walk->at++; /* the colon */
        skip_space(walk);
        if (found)
            return true;
        if (!skip_to_next(walk))
            return false;
    }
}

static bool enter_item(struct walk *walk, const char *segment)
{
    char *end = NULL;
    unsigned long wanted = strtoul(segment, &end, 10);

    if (end == segment || *end != '\0')
        return false;
    walk->at++;
    for (unsigned long i = 0;; i++) {
        skip_space(walk);
        if (walk->at >= walk->size_bytes || walk->text[walk->at] == ']')
            return false;
        if (i == wanted)
            return true;
        if (!skip_to_next(walk))
            return false;
    }
}

/* Copies one segment of the pointer, unescaped; returns what follows it, NULL when too long. */
static const char *next_segment(const char *pointer, char ret_segment[SEGMENT_SIZE])
{
    size_t size = 0;

    for (pointer++; *pointer != '\0' && *pointer != '/'; pointer++) {
        char c = *pointer;
        if (c == '~' && (pointer[1] == '0' || pointer[1] == '1')) {
            c = pointer[1] == '0' ? '~' : '/';
            pointer++;
        }
        if (size + 1 >= SEGMENT_SIZE)
            return NULL;
        ret_segment[size++] = c;
    }
    ret_segment[size] = '\0';
    return pointer;
}

bool sim_locate(const char *text, size_t size_bytes, const char *pointer,
                struct sim_place *ret_place)
{
    struct walk walk = { .text = text, .size_bytes = size_bytes, .at = 0 };

    skip_space(&walk);
    for (int i = 0; *pointer == '/' && i < SEGMENTS_MAX; i++) {
        char segment[SEGMENT_SIZE];
        pointer = next_segment(pointer, segment);
        if (pointer == NULL || walk.at >= size_bytes)
            return false;
        bool found = text[walk.at] == '{'   ? enter_member(&walk, segment)
                     : text[walk.at] == '[' ? enter_item(&walk, segment)
                                            : false;
        if (!found)
            return false;
        skip_space(&walk);
    }
    if (*pointer != '\0' || walk.at >= size_bytes)
        return false;
    *ret_place = sim_place_of_byte(text, size_bytes, walk.at);
    return true;
}
