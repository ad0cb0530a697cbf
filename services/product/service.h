/* The catalogue as a service: its table is its documentation (service.c). */
#ifndef PRODUCT_SERVICE_H
#define PRODUCT_SERVICE_H

#include "kit/service/service.h"

/* Setting of the process: how long an update waits for stock. */
#define PRODUCT_SETTING_STOCK_TIMEOUT "stock-timeout-ms"

extern const struct kit_service_desc product_service;

#endif
