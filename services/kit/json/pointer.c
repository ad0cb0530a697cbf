/* JSON pointers: "/" before each step, "~" as "~0", "/" as "~1". */
#include "kit/json/pointer.h"

#include <stdio.h>
#include <string.h>

void kit_pointer_init(struct kit_pointer *pointer)
{
    pointer->text[0] = '\0';
    pointer->size_bytes = 0;
    pointer->full = false;
}

void kit_pointer_add_key(struct kit_pointer *pointer, const char *key, size_t key_size_bytes)
{
    size_t start = pointer->size_bytes;
    size_t at = start;
    if (pointer->full || start + 1 >= sizeof(pointer->text)) {
        pointer->full = true;
        return;
    }
    pointer->text[at++] = '/';
    for (size_t i = 0; i < key_size_bytes; i++) {
        bool is_escaped = key[i] == '~' || key[i] == '/';
        if (at + (is_escaped ? 2 : 1) >= sizeof(pointer->text)) {
            pointer->full = true;
            pointer->text[start] = '\0';
            return;
        }
        if (is_escaped)
            pointer->text[at++] = '~';
        pointer->text[at++] = key[i] == '~' ? '0' : key[i] == '/' ? '1' : key[i];
    }
    pointer->text[at] = '\0';
    pointer->size_bytes = at;
}

void kit_pointer_add_index(struct kit_pointer *pointer, size_t index)
{
    char digits[24];
    int length = snprintf(digits, sizeof(digits), "%zu", index);
    kit_pointer_add_key(pointer, digits, (size_t)length);
}
