/* A walk over JSON text that is known to be well-formed, only as deep as the pointer leads. */
#include "scenario/locate.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#define SEGMENT_SIZE 160

struct walk {
    const char *text;
    size_t size_bytes;
    size_t at;
};

struct sim_place sim_locate_byte(const char *text, size_t size_bytes, size_t byte)
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

/* The next character that is no space, not stepped over; '\0' at the end. */
static char peek(struct walk *walk)
{
    while (walk->at < walk->size_bytes && strchr(" \t\r\n", walk->text[walk->at]) != NULL)
        walk->at++;
    return walk->at < walk->size_bytes ? walk->text[walk->at] : '\0';
}

/* Steps over a value, and over the comma or colon behind it. The caller deletes the value; NULL:
 * none stands here. */
static cJSON *take_value(struct walk *walk)
{
    const char *end = NULL;
    cJSON *value = cJSON_ParseWithLengthOpts(walk->text + walk->at, walk->size_bytes - walk->at,
                                             &end, false);

    if (value == NULL)
        return NULL;
    walk->at = (size_t)(end - walk->text);
    if (peek(walk) == ',' || peek(walk) == ':')
        walk->at++;
    return value;
}

/* Steps into the object or list that stands here, up to its member, or item, of that name. */
static bool enter(struct walk *walk, const char *wanted)
{
    const char bracket = peek(walk);

    if (bracket != '{' && bracket != '[')
        return false;
    walk->at++;
    for (size_t index = 0;; index++) { /* ends where no value stands */
        char number[24];
        (void)snprintf(number, sizeof(number), "%zu", index);
        cJSON *name = bracket == '{' ? take_value(walk) : cJSON_CreateString(number);
        bool is_found = cJSON_IsString(name) && strcmp(name->valuestring, wanted) == 0;
        cJSON_Delete(name);
        if (is_found)
            return peek(walk) != ']';
        cJSON *value = take_value(walk);
        if (value == NULL)
            return false;
        cJSON_Delete(value);
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

    while (*pointer == '/') {
        char segment[SEGMENT_SIZE];
        pointer = next_segment(pointer, segment);
        if (pointer == NULL || !enter(&walk, segment))
            return false;
    }
    if (*pointer != '\0' || peek(&walk) == '\0')
        return false;
    *ret_place = sim_locate_byte(text, size_bytes, walk.at);
    return true;
}
