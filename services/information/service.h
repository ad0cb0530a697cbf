/* Information as one table: what it answers, what it follows, what it tells pages. */
#ifndef INFORMATION_SERVICE_H
#define INFORMATION_SERVICE_H

#include "kit/service/service.h"

/* Needs no settings. */
extern const struct kit_service_desc information_service;

#endif
