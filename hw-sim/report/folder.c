/* mkdir -p; see folder.h. */
#include "report/folder.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#define PATH_SIZE 512

static int make_one(const char *path, struct kit_error *err)
{
    struct stat is;

    if (mkdir(path, 0700) == 0)
        return KIT_OK;
    int reason = errno;
    if (reason == EEXIST && stat(path, &is) == 0 && S_ISDIR(is.st_mode))
        return KIT_OK;
    return kit_error_set(err, KIT_E_IO, "cannot make the folder '%.300s': %s", path,
                         reason == EEXIST ? "a file of that name is there" : strerror(reason));
}

int sim_make_folders(const char *path, struct kit_error *err)
{
    char part[PATH_SIZE];
    size_t size = strlen(path);
    int rc = KIT_OK;

    if (size == 0 || size >= sizeof(part))
        return kit_error_set(err, KIT_E_IO, "the name of the folder '%.60s' has not 1 to %d bytes",
                             path, PATH_SIZE - 1);
    for (size_t i = 1; i <= size && rc == KIT_OK; i++) {
        if (path[i] != '/' && path[i] != '\0')
            continue;
        (void)snprintf(part, sizeof(part), "%.*s", (int)i, path);
        rc = make_one(part, err);
    }
    return rc;
}
