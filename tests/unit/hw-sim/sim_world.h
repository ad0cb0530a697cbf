/* What tests of models share: a listener that remembers, and a loop that drives models on the real
 * clock until something is so, or fails the test. */
#ifndef TESTS_UNIT_HW_SIM_SIM_WORLD_H
#define TESTS_UNIT_HW_SIM_SIM_WORLD_H

#include <stdbool.h>
#include <stddef.h>

#include "models/model.h"

#define SIM_HEARD_MAX 4096
#define SIM_PUMP_MS 10000 /* limit of a wait; reached only when it fails */

struct sim_heard {
    size_t count;
    struct {
        enum sim_event_kind kind;
        int64_t at_ms;
        char model[SIM_NAME_SIZE];
        char detail[SIM_EVENT_TEXT_SIZE];
    } events[SIM_HEARD_MAX];
};

struct sim_listener sim_heard_listener(struct sim_heard *heard);
size_t sim_heard_count(const struct sim_heard *heard, enum sim_event_kind kind);
/* When it happened first; fails the test if it did not. */
int64_t sim_heard_at(const struct sim_heard *heard, enum sim_event_kind kind);
const char *sim_heard_detail(const struct sim_heard *heard, enum sim_event_kind kind);

int64_t sim_now_ms(void);

/* Drives the model until is_so(self) or, when is_so is NULL, until fd has size bytes, which it
 * reads into ret_bytes. Fails the test after SIM_PUMP_MS. */
void sim_pump(const struct sim_model *model, bool (*is_so)(void *self), void *self);
void sim_pump_read(const struct sim_model *model, int fd, void *ret_bytes, size_t size);

int sim_open_line(const char *path); /* as firmware opens it: raw, non-blocking */
void sim_write_line(int fd, const void *bytes, size_t size);

#endif
