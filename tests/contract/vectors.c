/* Reads vectors from files. Their texts are owned by the list. */
#include "vectors.h"

#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DERIVED_BYTES_MAX (16 * 1024 * 1024) /* of one schema */

static bool starts_with(const char *text, const char *start)
{
    return strncmp(text, start, strlen(start)) == 0;
}

bool vector_is_ok(const struct vector *vector)
{
    return starts_with(vector->name, "ok-");
}

bool vector_is_gate(const struct vector *vector)
{
    return starts_with(vector->name, "bad-gate-");
}

void vector_pointer(const struct vector *vector, char ret_pointer[VECTOR_NAME_SIZE])
{
    const char *from = strchr(vector->name, '.');
    size_t length = strlen(from) - strlen(".json");
    for (size_t i = 0; i < length; i++)
        ret_pointer[i] = from[i] == '.' ? '/' : from[i];
    ret_pointer[length] = '\0';
}

/* Appends a vector. In memory of exactly its size, so that the sanitizer sees reads past its end.
 */
static void add_vector(const char *name, const char *text, size_t size_bytes,
                       struct vector_list *list)
{
    size_t length = strlen(name);
    if (length >= VECTOR_NAME_SIZE || length < 6 || strcmp(name + length - 5, ".json") != 0 ||
        !(starts_with(name, "ok-") || starts_with(name, "bad-")))
        errx(1, "%s: call it ok-<what>.json or bad-<what>[.<member>].json", name);
    if (list->count == VECTORS_MAX)
        errx(1, "%s: there are more than %d vectors", name, VECTORS_MAX);
    struct vector *vector = &list->items[list->count++];
    memcpy(vector->name, name, length + 1);
    vector->text = malloc(size_bytes > 0 ? size_bytes : 1);
    if (vector->text == NULL)
        err(1, "%s", name);
    memcpy(vector->text, text, size_bytes);
    vector->size_bytes = size_bytes;
}

/* Into a buffer that the next call overwrites. */
static const char *read_file(const char *path, size_t size_max, size_t *ret_size_bytes)
{
    static char text[DERIVED_BYTES_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        err(1, "%s", path);
    *ret_size_bytes = fread(text, 1, size_max, file);
    if (ferror(file) || !feof(file))
        errx(1, "%s: cannot be read, or has %zu bytes or more", path, size_max);
    fclose(file);
    return text;
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

static bool load_hand_made(const char *folder, struct vector_list *list)
{
    struct dirent **entries;
    char path[2048];
    int count = scandir(folder, &entries, is_visible, alphasort);
    if (count < 0)
        return false;
    for (int i = 0; i < count; i++) {
        size_t size_bytes;
        snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
        const char *text = read_file(path, VECTOR_BYTES_MAX, &size_bytes);
        add_vector(entries[i]->d_name, text, size_bytes, list);
        free(entries[i]);
    }
    free(entries);
    return true;
}

/* A line "<name> <size>", so many bytes, a line feed, and so on. */
static bool load_derived(const char *path, struct vector_list *list)
{
    size_t left;
    if (access(path, R_OK) != 0)
        return false;
    const char *at = read_file(path, DERIVED_BYTES_MAX, &left);
    const char *end = at + left;
    while (at < end) {
        char name[VECTOR_NAME_SIZE];
        char *text;
        const char *space = memchr(at, ' ', (size_t)(end - at));
        if (space == NULL || (size_t)(space - at) >= sizeof(name))
            errx(1, "%s: no name at byte %zu", path, left - (size_t)(end - at));
        memcpy(name, at, (size_t)(space - at));
        name[space - at] = '\0';
        size_t size_bytes = strtoul(space, &text, 10);
        text++;
        if (text > end || (size_t)(end - text) <= size_bytes)
            errx(1, "%s: %s is cut off", path, name);
        add_vector(name, text, size_bytes, list);
        at = text + size_bytes + 1;
    }
    return left > 0;
}

const char *vectors_load(const struct vector_folders *folders, const char *schema,
                         struct vector_list *ret_list)
{
    char path[1024];
    ret_list->count = 0;
    snprintf(path, sizeof(path), "%s/vectors/%s", folders->schemas, schema);
    if (!load_hand_made(path, ret_list))
        return "has no folder in schemas/vectors: write its ok-full.json";
    snprintf(path, sizeof(path), "%s/%s.vectors", folders->derived, schema);
    if (!load_derived(path, ret_list))
        return "has no derived vectors: build contract_derived, where mutate.py says what is wrong";
    return NULL;
}

void vectors_free(struct vector_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].text);
    list->count = 0;
}
