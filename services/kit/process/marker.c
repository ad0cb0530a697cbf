/* See marker.h. */
#include "kit/process/marker.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/process/process.h"

bool kit_marker_is_there(const char *path)
{
    return path[0] != '\0' && (access(path, F_OK) == 0 || (errno != ENOENT && errno != ENOTDIR));
}

static bool sync_and_close(int fd)
{
    const bool is_synced = fsync(fd) == 0;
    return close(fd) == 0 && is_synced;
}

static bool sync_folder(const char *path)
{
    char folder[KIT_HOST_PATH_SIZE];
    const char *slash = strrchr(path, '/');
    const int length = slash == NULL ? 1 : (int)(slash - path) + 1;

    if (snprintf(folder, sizeof(folder), "%.*s", length, slash == NULL ? "." : path) != length)
        return false;
    const int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    return fd >= 0 && sync_and_close(fd);
}

/* What it says is for people; that it is there is what counts, so a cut in between does no harm. */
static bool make(const char *path, const char *db)
{
    const int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
    if (fd < 0)
        return false;
    const bool is_written = dprintf(fd,
                                    "There is a database at %s. If it is lost: README.md, "
                                    "\"Restore\". To start from nothing, remove this file too.\n",
                                    db) > 0;
    return sync_and_close(fd) && is_written && sync_folder(path);
}

int kit_marker_write(const char *path, const char *db, struct kit_error *err)
{
    if (path[0] == '\0' || kit_marker_is_there(path) || make(path, db))
        return KIT_OK;
    return kit_error_set(err, KIT_E_IO,
                         "cannot write the marker %s: %s; make room or change --marker", path,
                         strerror(errno));
}
