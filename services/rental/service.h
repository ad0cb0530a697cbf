/* Rental as one table: what it answers, what it follows, what it publishes. */
#ifndef RENTAL_SERVICE_H
#define RENTAL_SERVICE_H

#include "kit/service/service.h"

/* Needs the settings cancel-timeout-ms, breaker-failures and breaker-open-ms. */
extern const struct kit_service_desc rental_service;

#endif
