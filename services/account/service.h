/* People and what they come in with, as a service: its table is its documentation (service.c). */
#ifndef ACCOUNT_SERVICE_H
#define ACCOUNT_SERVICE_H

#include "kit/service/service.h"

/* Settings of the process: how long a session lasts, and a link. */
#define ACCOUNT_SETTING_SESSION "session-ms"
#define ACCOUNT_SETTING_LINK "link-ms"

extern const struct kit_service_desc account_service;

#endif
