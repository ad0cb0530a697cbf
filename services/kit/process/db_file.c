/* See db_file.h. */
#include "kit/process/db_file.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

enum fate {
    SAME = 0,
    GONE = 1,
    OTHER = 2,
};

static enum fate fate_of(const struct kit_db_file_part *part)
{
    struct stat info;
    if (!part->is_there)
        return SAME;
    if (stat(part->path, &info) != 0)
        return errno == ENOENT || errno == ENOTDIR ? GONE : SAME;
    return info.st_dev == part->device && info.st_ino == part->inode ? SAME : OTHER;
}

static int remember(struct kit_db_file_part *part, const char *path, const char *ending,
                    struct kit_error *err)
{
    struct stat info = { .st_ino = 0 };
    const int length = snprintf(part->path, sizeof(part->path), "%s%s", path, ending);
    if (length < 0 || (size_t)length >= sizeof(part->path))
        return kit_error_set(err, KIT_E_INVALID, "the path of the database is longer than %d bytes",
                             KIT_HOST_PATH_SIZE - 5);
    part->is_there = stat(part->path, &info) == 0;
    part->device = info.st_dev;
    part->inode = info.st_ino;
    return KIT_OK;
}

int kit_db_file_begin(struct kit_db_file *file, const char *path, struct kit_error *err)
{
    *file = (struct kit_db_file){ .due_mono_ms = 0 };
    int rc = remember(&file->db, path, "", err);
    if (rc != KIT_OK)
        return rc;
    if (!file->db.is_there)
        return kit_error_set(err, KIT_E_IO, "the database %s went away while it was opened", path);
    return remember(&file->wal, path, "-wal", err);
}

static int judge(const struct kit_db_file_part *part, struct kit_error *err)
{
    const enum fate fate = fate_of(part);
    if (fate == SAME)
        return KIT_OK;
    return kit_error_set(err, KIT_E_IO,
                         "%s was %s while this process had it open, so nothing that it would write "
                         "could be found again; stop the process before you touch its database",
                         part->path, fate == GONE ? "removed" : "replaced");
}

int kit_db_file_look(const struct kit_db_file *file, struct kit_error *err)
{
    int rc = judge(&file->db, err);
    if (rc != KIT_OK)
        return rc;
    return judge(&file->wal, err);
}

bool kit_db_file_may_close(const struct kit_db_file *file)
{
    return fate_of(&file->wal) != OTHER;
}
