/* What session.c (records, acks) and session_up.c (what is sent) share. */
#ifndef FW_CORE_SESSION_UP_H
#define FW_CORE_SESSION_UP_H

#include "core/json.h"
#include "core/session.h"

#define FW_SESSION_EPOCH_SIZE (2 * FW_EPOCH_BYTES + 1)

/** fw_session_epoch() - The epoch that messages carry, as 32 hexadecimal digits and a NUL. */
void fw_session_epoch(const struct fw_session *session, char ret_text[FW_SESSION_EPOCH_SIZE]);

/** fw_session_set_link() - Every change of session->link; one that the diagram has not is a bug. */
void fw_session_set_link(struct fw_session *session, enum fw_session_link link);

/**
 * fw_session_save() - Write counters, time and what is known of the log to flash.
 *
 * Errors: FW_E_IO: the ticks try again after FW_SESSION_SAVE_MS.
 */
int fw_session_save(struct fw_session *session, int64_t now_ms);

#endif
