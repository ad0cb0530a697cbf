/* Delivery as one table: what it answers, what it follows, what it publishes. */
#ifndef DELIVERY_SERVICE_H
#define DELIVERY_SERVICE_H

#include "kit/service/service.h"

/* Needs the setting hold-ms: how long goods wait for their customer. */
extern const struct kit_service_desc delivery_service;

#endif
