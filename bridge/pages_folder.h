/* Where the pages are, and what a start does without them. Loop thread. */
#ifndef BRIDGE_PAGES_FOLDER_H
#define BRIDGE_PAGES_FOLDER_H

#include "bridge/pages.h"
#include "kit/port/ports.h"

/* Loads the pages of the folder; "" stands for pages/ beside the folder of this program, which may
 * be missing or broken: then the log says so, and *ret_pages stays as it is. Errors: those of
 * pages_load(), for a folder that was named. */
int pages_open(const char *folder, struct pages **ret_pages, const struct kit_log *log,
               struct kit_error *err) KIT_MUST_CHECK;

#endif
