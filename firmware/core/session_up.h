/* What session.c and session_up.c share. */
#ifndef FW_CORE_SESSION_UP_H
#define FW_CORE_SESSION_UP_H

#include "core/json.h"
#include "core/session.h"

#define FW_SESSION_EPOCH_SIZE (2 * FW_EPOCH_BYTES + 1)

/* The epoch that messages carry, with NUL. */
void fw_session_epoch(const struct fw_session *session, char ret_text[FW_SESSION_EPOCH_SIZE]);

/* Counters and time to flash. FW_OK, FW_E_IO: tried again after FW_SESSION_SAVE_MS. */
int fw_session_save(struct fw_session *session, int64_t now_ms);

#endif
