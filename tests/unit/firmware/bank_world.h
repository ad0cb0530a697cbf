/* A bank over simulated boards on two simulated lines, in virtual time. */
#ifndef TESTS_UNIT_FIRMWARE_BANK_WORLD_H
#define TESTS_UNIT_FIRMWARE_BANK_WORLD_H

#include "fakes/cmocka_all.h"

#include <string.h>

#include "core/bank.h"
#include "drivers/cu12.h"
#include "drivers/cu16.h"
#include "fakes/fw_fake_line.h"

#define BANK_EVENTS_MAX 256
#define BANK_TICK_MS 5 /* between two steps */

struct bank_world {
    struct fw_fake_line lines[2];
    struct fw_bank_config config;
    struct fw_bank bank;
    int64_t now_ms;
    struct fw_bank_event events[BANK_EVENTS_MAX];
    int event_count;
};

/* No boards, no time, no events. */
void bank_world_init(struct bank_world *world);

/* Before the bank starts: one more board on that line. */
struct fw_fake_board *bank_add_board(struct bank_world *world, int line,
                                     const struct fw_board_driver *driver, uint8_t address);

/* Begins a bank whose compartments are the first locks of the boards. */
void bank_start(struct bank_world *world, uint8_t compartment_count);

/* Begins a bank with that configuration. Returns what fw_bank_init() returned. */
int bank_init(struct bank_world *world, const struct fw_bank_config *config);

/* One step now; returns when the bank wants the next one. */
int64_t bank_step(struct bank_world *world);

/* Steps every BANK_TICK_MS for that long. */
void bank_run_for(struct bank_world *world, int64_t duration_ms);

/* How many events of a kind were told; of a compartment, unless it is about boards. */
int bank_count(const struct bank_world *world, enum fw_bank_event_kind kind, uint8_t compartment);

/* The latest of them; there must be one. */
struct fw_bank_event bank_last(const struct bank_world *world, enum fw_bank_event_kind kind,
                               uint8_t compartment);

/* The door as the bank knows it. */
enum fw_door bank_door(const struct bank_world *world, uint8_t compartment);

/* Pulses that have reached the locks of a board. */
int bank_pulses(const struct fw_fake_board *board);

#endif
