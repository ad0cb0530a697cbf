/* Delivery as one table: what it answers, what it follows, what it publishes. */
#ifndef DELIVERY_SERVICE_H
#define DELIVERY_SERVICE_H

#include "kit/service/service.h"

/* Needs the settings hold-ms: how long goods wait for their customer; silent-ms: a locker of which
 * nothing is heard for so long counts as not connected. */
extern const struct kit_service_desc delivery_service;

#endif
