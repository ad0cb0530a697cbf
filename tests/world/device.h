/* Scanners and lockers of a world: the firmware's own core on simulated ports, with flash that
 * loses its power, a connection of their own, a scan head or keypad, and, of a locker, a lock board
 * with doors. They die, come back, and are used by people. One thread. */
#ifndef TESTS_WORLD_DEVICE_H
#define TESTS_WORLD_DEVICE_H

#include "core/locker.h"
#include "core/scanner.h"
#include "fakes/fw_fake_flash.h"
#include "models/board.h"
#include "world/broker.h"
#include "world/openings.h"
#include "world/wire.h"

#define WORLD_LINE_SIZE 96

struct world_device;

/* What a person at the device sees, hears, and what happens at the doors. */
struct world_device_events {
    void (*on_panel)(void *self, enum fw_signal signal, const char *text);
    void *self;
};

/* How the hardware of a locker breaks when it is used. */
struct world_wear {
    struct sim_rng rng;
    bool may_jam, may_be_quiet, is_broken, was_quiet;
    int64_t until_us; /* nothing breaks any more */
};

struct world_device {
    struct world_clock *clock;
    struct world_broker *broker;
    char id[FW_DEVICE_SIZE];
    bool is_locker;
    bool is_old;                /* a locker whose firmware knows protocol 1 alone */
    uint32_t doors;             /* of a locker */
    struct fw_fake_flash flash; /* outlives every death */
    uint64_t random;
    struct fw_clock fw_clock;
    struct fw_net net;
    struct fw_rng rng;
    struct fw_panel panel;
    struct fw_trace trace;
    struct fw_mac mac;
    struct fw_uart uart, board_uart;
    struct world_device_events events;
    union {
        struct fw_scanner scanner;
        struct fw_locker locker;
    } fw;
    char line[WORLD_LINE_SIZE]; /* from the scan head, or keypad; what is not read yet */
    size_t line_size;
    char waiting[WORLD_LINE_SIZE]; /* what was typed while it was off; "": nothing */
    struct sim_board board;
    struct sim_compartment compartments[WORLD_COMPARTMENTS];
    struct world_wear wear;
    struct world_openings openings;
    struct world_wire wire;
    uint64_t heard_count; /* scans that a person heard as stored */
    uint64_t cut_count;   /* writes to flash in which the power went */
    bool is_running;
    bool wants_reconnect;
    struct world_client *client;
    struct world_turns turns;
    char wrong[200]; /* what no device may do; "": nothing of it */
};

/* One that was never started. doors: of a locker, up to WORLD_COMPARTMENTS; 0: a scanner. */
void world_device_init(struct world_device *device, struct world_broker *broker, const char *id,
                       uint32_t doors, uint64_t seed);
void world_device_done(struct world_device *device);

void world_device_start(struct world_device *device);
/* The program is killed; flash has what was written. It starts again after down_us. false: it
 * did not run, as with the next. */
bool world_device_kill(struct world_device *device, int64_t down_us);
/* Its power goes in one of the next writes to flash, or soon without one; back after down_us. */
bool world_device_cut(struct world_device *device, int64_t down_us);

/* A label under the scan head, or a code and Enter on the keypad. false: the line is busy. */
bool world_device_read(struct world_device *device, const char *text);

/* Compartment n, from 1, for hands. */
struct sim_compartment *world_device_door(struct world_device *device, uint32_t n);
/* A hand shuts door n in a second, and again until its lock holds it. */
void world_device_shut(struct world_device *device, uint32_t n);

#endif
