/* Requests at the admin listener that make a copy of the database for a backup (deploy/backup). The
 * file lies beside the database, with ".copy" behind its name: whoever asks names no path, and
 * takes it away from there. Loop thread. */
#ifndef KIT_PROCESS_BACKUP_H
#define KIT_PROCESS_BACKUP_H

#include "kit/service/service.h"

#define KIT_BACKUP "/backup"

/* POST /backup/begin, which removes what an earlier one has left; /backup/hold; /backup/end. The
 * refusals of kit_service_copy_*(); KIT_E_NOT_FOUND: another path; KIT_E_INVALID: the name of the
 * database is too long. */
int kit_backup_on_post(struct kit_service *service, const char *db, const char *path,
                       struct kit_error *err) KIT_MUST_CHECK;
/* GET /backup: appends {"left":12,"pages":3400}. The refusals of kit_service_copy_look(). */
int kit_backup_on_get(struct kit_service *service, struct kit_buf *response,
                      struct kit_error *err) KIT_MUST_CHECK;

#endif
