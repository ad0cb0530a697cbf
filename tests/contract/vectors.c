/* Reads vectors from files. */
#include "vectors.h"

#include <dirent.h>
#include <err.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

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

static void read_vector(const char *folder, const char *name, struct vector *ret_vector)
{
    char path[2048];
    size_t length = strlen(name);
    if (length >= VECTOR_NAME_SIZE || length < 6 || strcmp(name + length - 5, ".json") != 0 ||
        !(starts_with(name, "ok-") || starts_with(name, "bad-")))
        errx(1, "%s/%s: call it ok-<what>.json or bad-<what>[.<member>].json", folder, name);
    memcpy(ret_vector->name, name, length + 1);
    snprintf(path, sizeof(path), "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    char *text = malloc(VECTOR_BYTES_MAX);
    if (file == NULL || text == NULL)
        err(1, "%s", path);
    ret_vector->size_bytes = fread(text, 1, VECTOR_BYTES_MAX, file);
    if (ferror(file) || !feof(file))
        errx(1, "%s: cannot be read, or has more than %d bytes", path, VECTOR_BYTES_MAX);
    fclose(file);
    /* Exactly as large as the text, so that the sanitizer sees reads past its end. */
    ret_vector->text = realloc(text, ret_vector->size_bytes > 0 ? ret_vector->size_bytes : 1);
    if (ret_vector->text == NULL)
        err(1, "%s", path);
}

static int is_visible(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

bool vectors_load(const char *schema_dir, const char *schema, struct vector_list *ret_list)
{
    char folder[1024];
    struct dirent **entries;
    snprintf(folder, sizeof(folder), "%s/vectors/%s", schema_dir, schema);
    ret_list->count = 0;
    int count = scandir(folder, &entries, is_visible, alphasort);
    if (count < 0)
        return false;
    if (count > VECTORS_MAX)
        errx(1, "%s: more than %d vectors", folder, VECTORS_MAX);
    for (int i = 0; i < count; i++) {
        read_vector(folder, entries[i]->d_name, &ret_list->items[ret_list->count++]);
        free(entries[i]);
    }
    free(entries);
    return true;
}

void vectors_free(struct vector_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->items[i].text);
    list->count = 0;
}
