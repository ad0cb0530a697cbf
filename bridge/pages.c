/* Reading the manifest and its files; finding a file by binary search. See pages.h. */
#include "bridge/pages.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/text.h"
#include "kit/json/gate.h"

#define FILE_NAME_SIZE 1024 /* with the folder */

struct pages {
    struct page files[PAGES_FILES_MAX]; /* by path */
    size_t count;
    char wasm[PAGES_WASM_MAX][PAGE_PATH_SIZE];
    size_t wasm_count;
    size_t size_bytes;
    char folder[FILE_NAME_SIZE];
};

/* ---- one file ---- */

/* FNV-1a: it tells versions of our own files apart, and protects nothing. */
static uint64_t hash_bytes(const char *bytes, size_t size_bytes)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    for (size_t i = 0; i < size_bytes; i++)
        hash = (hash ^ (unsigned char)bytes[i]) * UINT64_C(1099511628211);
    return hash;
}

static int read_open_file(FILE *file, size_t max_bytes, struct page_bytes *ret,
                          struct kit_error *err)
{
    long size = -1;

    if (fseek(file, 0, SEEK_END) == 0)
        size = ftell(file);
    if (size < 0 || fseek(file, 0, SEEK_SET) != 0)
        return kit_error_set(err, KIT_E_IO, "it cannot be read: %s", strerror(errno));
    if ((size_t)size > max_bytes)
        return kit_error_set(err, KIT_E_TOO_LARGE, "it has %ld bytes, and there is room for %zu",
                             size, max_bytes);
    char *data = malloc((size_t)size + 1);
    CHECK(data != NULL);
    if (fread(data, 1, (size_t)size, file) != (size_t)size) {
        free(data);
        return kit_error_set(err, KIT_E_IO, "it cannot be read to its end");
    }
    *ret = (struct page_bytes){ .data = data, .size_bytes = (size_t)size };
    return KIT_OK;
}

static int read_file(const char *folder, const char *name, size_t max_bytes, struct page_bytes *ret,
                     struct kit_error *err)
{
    char path[FILE_NAME_SIZE];

    if (snprintf(path, sizeof(path), "%s/%s", folder, name) >= (int)sizeof(path))
        return kit_error_set(err, KIT_E_INVALID, "the path of %s is too long", name);
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return kit_error_set(err, errno == ENOENT ? KIT_E_NOT_FOUND : KIT_E_IO,
                             "cannot open %s: %s", path, strerror(errno));
    int rc = read_open_file(file, max_bytes, ret, err);
    fclose(file);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "%s", path);
    return KIT_OK;
}

/* A name of the manifest stays below the folder. */
static bool is_inside(const char *name)
{
    return name[0] != '\0' && name[0] != '/' && strstr(name, "..") == NULL;
}

static int load_bytes(struct pages *pages, const char *name, const char *suffix,
                      struct page_bytes *ret, struct kit_error *err)
{
    if (!is_inside(name))
        return kit_error_set(err, KIT_E_INVALID, "'%s' is no file below the folder", name);
    int rc = read_file(pages->folder, name, PAGES_BYTES_MAX - pages->size_bytes, ret, err);
    if (rc != KIT_OK)
        return kit_error_set(err, KIT_E_IO, "a file of the manifest is missing or too large: %s",
                             err->text);
    pages->size_bytes += ret->size_bytes;
    snprintf(ret->tag, sizeof(ret->tag), "\"%016" PRIx64 "%s\"",
             hash_bytes(ret->data, ret->size_bytes), suffix);
    return KIT_OK;
}

/* ---- the manifest ---- */

/* A text member; "" when it is not there. */
static const char *text_of(const cJSON *object, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    return cJSON_IsString(member) ? member->valuestring : "";
}

static int load_page(struct pages *pages, const cJSON *row, struct kit_error *err)
{
    const char *path = text_of(row, "path"), *type = text_of(row, "type");
    const char *gzip = text_of(row, "gzip");

    if (strncmp(path, PAGES_ROOT, strlen(PAGES_ROOT)) != 0 || strlen(path) >= PAGE_PATH_SIZE ||
        type[0] == '\0' || strlen(type) >= PAGE_TYPE_SIZE)
        return kit_error_set(err, KIT_E_INVALID,
                             "a file needs a path below " PAGES_ROOT " and a type; '%s' has '%s'",
                             path, type);
    if (pages->count == PAGES_FILES_MAX)
        return kit_error_set(err, KIT_E_TOO_LARGE, "there may be %d files", PAGES_FILES_MAX);
    struct page *page = &pages->files[pages->count++];
    kit_text_copy(page->path, sizeof(page->path), path);
    kit_text_copy(page->type, sizeof(page->type), type);
    page->is_immutable = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(row, "immutable"));
    int rc = load_bytes(pages, text_of(row, "file"), "", &page->plain, err);
    if (rc != KIT_OK || gzip[0] == '\0')
        return rc;
    return load_bytes(pages, gzip, "-gz", &page->gzip, err);
}

static int compare_pages(const void *a, const void *b)
{
    return strcmp(((const struct page *)a)->path, ((const struct page *)b)->path);
}

static int read_manifest(struct pages *pages, const cJSON *root, struct kit_error *err)
{
    const cJSON *row;

    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(root, "files"))
    {
        int rc = load_page(pages, row, err);
        if (rc != KIT_OK)
            return rc;
    }
    cJSON_ArrayForEach(row, cJSON_GetObjectItemCaseSensitive(root, "wasm"))
    {
        if (!cJSON_IsString(row) || strlen(row->valuestring) >= PAGE_PATH_SIZE ||
            pages->wasm_count == PAGES_WASM_MAX)
            return kit_error_set(err, KIT_E_INVALID, "wasm holds at most %d paths", PAGES_WASM_MAX);
        kit_text_copy(pages->wasm[pages->wasm_count++], PAGE_PATH_SIZE, row->valuestring);
    }
    qsort(pages->files, pages->count, sizeof(pages->files[0]), compare_pages);
    if (pages_find(pages, PAGES_ROOT) == NULL)
        return kit_error_set(err, KIT_E_INVALID, "no file has the path " PAGES_ROOT);
    return KIT_OK;
}

static int load(struct pages *pages, struct kit_error *err)
{
    struct page_bytes manifest = { 0 };
    cJSON *root = NULL;

    int rc = read_file(pages->folder, "manifest.json", PAGES_MANIFEST_BYTES_MAX, &manifest, err);
    if (rc != KIT_OK)
        return rc;
    rc = kit_json_parse(manifest.data, manifest.size_bytes, PAGES_MANIFEST_BYTES_MAX, &root, err);
    free(manifest.data);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "manifest.json");
    rc = read_manifest(pages, root, err);
    cJSON_Delete(root);
    if (rc != KIT_OK)
        return kit_error_wrap(err, rc, "manifest.json");
    return KIT_OK;
}

/* ---- what the header promises ---- */

int pages_load(const char *folder, struct pages **ret_pages, struct kit_error *err)
{
    struct pages *pages = calloc(1, sizeof(*pages));

    CHECK(pages != NULL);
    kit_text_copy(pages->folder, sizeof(pages->folder), folder);
    int rc = load(pages, err);
    if (rc != KIT_OK) {
        pages_free(pages);
        return rc;
    }
    *ret_pages = pages;
    return KIT_OK;
}

void pages_free(struct pages *pages)
{
    if (pages == NULL)
        return;
    for (size_t i = 0; i < pages->count; i++) {
        free(pages->files[i].plain.data);
        free(pages->files[i].gzip.data);
    }
    free(pages);
}

static const struct page *find_exact(const struct pages *pages, const char *path)
{
    struct page key;

    if (strlen(path) >= sizeof(key.path))
        return NULL;
    kit_text_copy(key.path, sizeof(key.path), path);
    return bsearch(&key, pages->files, pages->count, sizeof(key), compare_pages);
}

const struct page *pages_find(const struct pages *pages, const char *path)
{
    const struct page *page = find_exact(pages, path);
    const char *last = strrchr(path, '/');

    if (page != NULL || (last != NULL && strchr(last, '.') != NULL))
        return page;
    return find_exact(pages, PAGES_ROOT);
}

bool pages_may_compile(const struct pages *pages, const char *path)
{
    for (size_t i = 0; i < pages->wasm_count; i++) {
        if (strcmp(pages->wasm[i], path) == 0)
            return true;
    }
    return false;
}

size_t pages_count(const struct pages *pages)
{
    return pages->count;
}
