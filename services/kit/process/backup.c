/* Copies for backups: see backup.h. */
#include "kit/process/backup.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "kit/process/process.h"

static int begin(struct kit_service *service, const char *db, struct kit_error *err)
{
    char path[KIT_HOST_PATH_SIZE];
    const int length = snprintf(path, sizeof(path), "%s.copy", db);

    if (length < 0 || (size_t)length >= sizeof(path))
        return kit_error_set(err, KIT_E_INVALID, "--db is longer than %d bytes",
                             KIT_HOST_PATH_SIZE - 6);
    if (unlink(path) != 0 && errno != ENOENT)
        return kit_error_set(err, KIT_E_IO, "cannot remove %s: %s", path, strerror(errno));
    return kit_service_copy_begin(service, path, err);
}

int kit_backup_on_post(struct kit_service *service, const char *db, const char *path,
                       struct kit_error *err)
{
    if (strcmp(path, KIT_BACKUP "/begin") == 0)
        return begin(service, db, err);
    if (strcmp(path, KIT_BACKUP "/hold") == 0)
        return kit_service_copy_hold(service, err);
    if (strcmp(path, KIT_BACKUP "/end") == 0)
        return kit_service_copy_end(service, err);
    return kit_error_set(err, KIT_E_NOT_FOUND, "use %s/begin, %s/hold or %s/end", KIT_BACKUP,
                         KIT_BACKUP, KIT_BACKUP);
}

int kit_backup_on_get(struct kit_service *service, struct kit_buf *response, struct kit_error *err)
{
    char text[80];
    int64_t left, pages;

    int rc = kit_service_copy_look(service, &left, &pages, err);
    if (rc != KIT_OK)
        return rc;
    snprintf(text, sizeof(text), "{\"left\":%" PRId64 ",\"pages\":%" PRId64 "}\n", left, pages);
    kit_buf_add_text(response, text);
    return KIT_OK;
}
