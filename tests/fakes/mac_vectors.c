/* See mac_vectors.h. */
#include "fakes/mac_vectors.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "fakes/cmocka_all.h"

#define LINE_SIZE 2048

/* "\n" in the document is a newline in the text. */
static void read_text(const char *from, size_t length, char ret_text[MAC_VECTOR_TEXT_SIZE])
{
    size_t used = 0;
    assert_true(length < MAC_VECTOR_TEXT_SIZE);
    for (size_t i = 0; i < length; i++) {
        const bool is_newline = from[i] == '\\' && from[i + 1] == 'n';
        ret_text[used++] = is_newline ? '\n' : from[i];
        i += is_newline ? 1 : 0;
    }
    ret_text[used] = '\0';
}

void mac_vector_find(const char *begin, struct mac_vector *ret)
{
    char line[LINE_SIZE];
    bool is_found = false;
    FILE *file = fopen(DEVICE_RULES, "r");
    assert_non_null(file);
    while (!is_found && fgets(line, sizeof(line), file) != NULL) {
        const char *space = strrchr(line, ' ');
        is_found = strncmp(line, begin, strlen(begin)) == 0 && space != NULL &&
                   strlen(space + 1) == MAC_VECTOR_HEX_SIZE;
        if (!is_found)
            continue;
        read_text(line, (size_t)(space - line), ret->text);
        memcpy(ret->mac, space + 1, MAC_VECTOR_HEX_SIZE - 1);
        ret->mac[MAC_VECTOR_HEX_SIZE - 1] = '\0';
    }
    (void)fclose(file);
    if (!is_found)
        fail_msg("schemas/rules/devices.md 8.6 has no line that begins with %s", begin);
}
