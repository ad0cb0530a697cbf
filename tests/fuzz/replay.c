/* Stands in for libFuzzer: runs every file below a folder through the fuzz target once, whole and
 * cut short at each of its first bytes. Usage: fuzz_json FOLDER */
#include <err.h>
#include <fts.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fuzz_json.h"

#define FILE_BYTES_MAX 262144
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

static void run_file(const char *path)
{
    static uint8_t data[FILE_BYTES_MAX];
    FILE *file = fopen(path, "rb");
    if (file == NULL)
        err(1, "%s", path);
    size_t size_bytes = fread(data, 1, sizeof(data), file);
    if (ferror(file) || !feof(file))
        errx(1, "%s: cannot be read, or has more than %d bytes", path, FILE_BYTES_MAX);
    fclose(file);
    run_one(data, size_bytes);
    for (size_t cut = 0; cut < size_bytes && cut < CUTS_MAX; cut++)
        run_one(data, cut);
}

int main(int argc, char **argv)
{
    if (argc != 2)
        errx(64, "usage: fuzz_json FOLDER");
    FTS *tree = fts_open((char *const[]){ argv[1], NULL }, FTS_LOGICAL | FTS_NOCHDIR, NULL);
    if (tree == NULL)
        err(1, "%s", argv[1]);
    size_t count = 0;
    for (FTSENT *entry = fts_read(tree); entry != NULL; entry = fts_read(tree)) {
        if (entry->fts_info != FTS_F)
            continue;
        run_file(entry->fts_path);
        count++;
    }
    fts_close(tree);
    if (count == 0)
        errx(1, "%s: no files", argv[1]);
    printf("%zu files replayed\n", count);
    return 0;
}
