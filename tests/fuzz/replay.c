/* Stands in for libFuzzer: runs every file below the folders through the fuzz target once, whole
 * and cut short at each of its first bytes; of a *.vectors file (tests/contract/mutate.py) each
 * part, whole. Usage: fuzz_json FOLDER... */
#include <err.h>
#include <fts.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_json.h"

#define FILE_BYTES_MAX (16 * 1024 * 1024)
#define CUTS_MAX 256

/* From a copy of exactly that size, so that the sanitizer sees reads past the end. */
static void run_one(const uint8_t *data, size_t size_bytes)
{
    uint8_t *copy = malloc(size_bytes > 0 ? size_bytes : 1);
    if (copy == NULL)
        err(1, "%zu bytes", size_bytes);
    memcpy(copy, data, size_bytes);
    LLVMFuzzerTestOneInput(copy, size_bytes);
    free(copy);
}

/* A line "<name> <size>", so many bytes, a line feed, and so on. */
static size_t run_parts(const char *path, const uint8_t *data, size_t size_bytes)
{
    size_t count = 0;
    for (size_t at = 0; at < size_bytes; count++) {
        const uint8_t *space = memchr(data + at, ' ', size_bytes - at);
        const uint8_t *line_end = memchr(data + at, '\n', size_bytes - at);
        if (space == NULL || line_end == NULL || space > line_end)
            errx(1, "%s: part %zu has no name and size", path, count);
        size_t part_bytes = strtoul((const char *)space, NULL, 10);
        size_t begin = (size_t)(line_end - data) + 1;
        if (part_bytes >= size_bytes - begin)
            errx(1, "%s: part %zu is cut off", path, count);
        run_one(data + begin, part_bytes);
        at = begin + part_bytes + 1;
    }
    return count;
}

static bool is_parts(const char *path)
{
    const char *suffix = strrchr(path, '.');
    return suffix != NULL && strcmp(suffix, ".vectors") == 0;
}

/* Returns how many inputs it held. */
static size_t run_file(const char *path)
{
    static uint8_t data[FILE_BYTES_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        err(1, "%s", path);
    size_t size_bytes = fread(data, 1, sizeof(data), file);
    if (ferror(file) || !feof(file))
        errx(1, "%s: cannot be read, or has more than %d bytes", path, FILE_BYTES_MAX);
    fclose(file);
    if (is_parts(path))
        return run_parts(path, data, size_bytes);
    run_one(data, size_bytes);
    for (size_t cut = 0; cut < size_bytes && cut < CUTS_MAX; cut++)
        run_one(data, cut);
    return 1;
}

int main(int argc, char **argv)
{
    if (argc < 2)
        errx(64, "usage: fuzz_json FOLDER...");
    FTS *tree = fts_open(&argv[1], FTS_LOGICAL | FTS_NOCHDIR, NULL);
    if (tree == NULL)
        err(1, "%s", argv[1]);
    size_t count = 0;
    for (FTSENT *entry = fts_read(tree); entry != NULL; entry = fts_read(tree)) {
        if (entry->fts_info != FTS_F)
            continue;
        count += run_file(entry->fts_path);
    }
    fts_close(tree);
    if (count == 0)
        errx(1, "%s: no files", argv[1]);
    printf("%zu inputs replayed\n", count);
    return 0;
}
