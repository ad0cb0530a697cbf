/* The files that browsers get, read into memory at the start: what a request names is a row of the
 * manifest and never a path on the disk. The manifest is written by bridge/pages/build.py. Loop
 * thread. */
#ifndef BRIDGE_PAGES_H
#define BRIDGE_PAGES_H

#include "bridge/page.h"
#include "kit/base/error.h"

#define PAGES_FILES_MAX 1024
#define PAGES_WASM_MAX 16
#define PAGES_BYTES_MAX (32 << 20) /* of all files together */
#define PAGES_MANIFEST_BYTES_MAX (1 << 20)
#define PAGES_ROOT "/ui/"

struct pages;

/**
 * pages_load() - Read a folder of pages, all of it.
 *
 * @folder: holds manifest.json and the files that it names.
 *
 * Errors: KIT_E_NOT_FOUND: there is no manifest, so there are no pages here. KIT_E_INVALID,
 *         KIT_E_MALFORMED, KIT_E_TOO_LARGE or KIT_E_IO, naming what is wrong; *ret_pages is then
 *         untouched.
 */
int pages_load(const char *folder, struct pages **ret_pages, struct kit_error *err) KIT_MUST_CHECK;

/* Gives the memory of every file back; no answer may still borrow one. NULL is fine. */
void pages_free(struct pages *pages);

/* The file of a path below PAGES_ROOT. A path that is not in the manifest and whose last part has
 * no dot is one of the page's own (it shows another screen then): the file of PAGES_ROOT. NULL:
 * there is nothing. */
const struct page *pages_find(const struct pages *pages, const char *path);

/* May the page of this path compile WebAssembly? */
bool pages_may_compile(const struct pages *pages, const char *path);

/* How many files there are. */
size_t pages_count(const struct pages *pages);

#endif
