/* Stock as a service: its table is its documentation (service.c). */
#ifndef STOCK_SERVICE_H
#define STOCK_SERVICE_H

#include "kit/service/service.h"

extern const struct kit_service_desc stock_service;

#endif
