/* The folder of the pages. See pages_folder.h. */
#include "bridge/pages_folder.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define PATH_SIZE 1024

/* BUILD/bin/lockstock-bridge -> BUILD/pages. "": nobody knows where we are. */
static void find_beside(char ret_folder[PATH_SIZE])
{
    char self[PATH_SIZE];
    const ssize_t length = readlink("/proc/self/exe", self, sizeof(self) - 1);

    ret_folder[0] = '\0';
    for (ssize_t i = length - 1, slashes = 0; i > 0; i--) {
        slashes += self[i] == '/';
        if (slashes < 2)
            continue;
        self[i] = '\0';
        if (snprintf(ret_folder, PATH_SIZE, "%s/pages", self) >= PATH_SIZE)
            ret_folder[0] = '\0';
        return;
    }
}

int pages_open(const char *folder, struct pages **ret_pages, const struct kit_log *log,
               struct kit_error *err)
{
    char beside[PATH_SIZE];
    const bool is_named = folder[0] != '\0';

    if (!is_named)
        find_beside(beside);
    int rc = pages_load(is_named ? folder : beside, ret_pages, err);
    if (rc != KIT_OK && is_named)
        return kit_error_wrap(err, rc, "--pages %s", folder);
    if (rc == KIT_OK)
        kit_log_write(log, KIT_INFO, "pages_loaded", "%zu files of the pages are served at %s",
                      pages_count(*ret_pages), PAGES_ROOT);
    else
        kit_log_write(log, rc == KIT_E_NOT_FOUND ? KIT_INFO : KIT_WARN, "no_pages",
                      "there are no pages, the API is served alone: %s", err->text);
    return KIT_OK;
}
