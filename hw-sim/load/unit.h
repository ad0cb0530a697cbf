/* One device of a load run: the firmware's own scanner or locker on ports in memory, and an MQTT
 * connection of its own. Hundreds to thousands of them share one thread and one epoll. */
#ifndef SIM_LOAD_UNIT_H
#define SIM_LOAD_UNIT_H

#include "core/locker.h"
#include "core/scanner.h"
#include "load/flash.h"
#include "load/heap.h"
#include "load/meter.h"
#include "models/board.h"
#include "models/rng.h"
#include "wire/mqtt.h"

#define LOAD_HELD_MAX 128 /* records that wait for their verdict: then a device is not fed */
#define LOAD_LINE_SIZE 80
#define LOAD_TOPIC_SIZE 200
#define LOAD_SITE "main"
#define LOAD_KEEPALIVE_S 60
#define LOAD_KEEP_ALIVE_MS 5000
#define LOAD_CONNECTING_MAX 64  /* at once: less than the broker's listen backlog (100) */
#define LOAD_CONNECT_AGAIN_MS 5 /* when that many are on their way; more, the more wait */
#define LOAD_BACKOFF_MIN_MS 1000
#define LOAD_BACKOFF_MAX_MS 15000
#define LOAD_LOCKER_COMPARTMENTS 4

/* What all units share. */
struct load_fleet {
    int epoll_fd;
    int mqtt_port;
    const char *site;
    struct load_heap heap;
    struct fw_clock clock;
    struct fw_rng rng;
    struct fw_mac mac;       /* no command comes in a load run, so one key serves all */
    struct sim_rng random;   /* spreads arrivals and pauses */
    size_t connecting_count; /* connections that wait for CONNACK or SUBACK */
    size_t up_count;         /* connections that are subscribed */
    uint64_t taken;          /* scans that are in flash: from here on nothing may be lost */
    uint64_t acked;          /* of these, acknowledged with their verdict */
    uint64_t refused;        /* verdicts other than accepted, and scans that found a full log */
    uint64_t records;        /* of lockers, taken */
    uint64_t records_acked;
    uint64_t connects;
    uint64_t ups;               /* messages on `up` that were sent, again or not */
    uint64_t acks;              /* messages on `ack` that came */
    struct load_meter verdicts; /* from the line's end to the verdict */
};

enum load_link_state {
    LOAD_LINK_DOWN = 0,       /* waits for reconnect_at_ms */
    LOAD_LINK_CONNECTING = 1, /* waits for CONNACK and SUBACK */
    LOAD_LINK_UP = 2,
};

struct load_unit {
    struct load_fleet *fleet;
    uint32_t slot; /* in the heap */
    bool is_locker;
    char id[FW_DEVICE_SIZE];

    /* the link */
    struct sim_mqtt mqtt;
    enum load_link_state link;
    int fd;
    bool wants_write;
    bool is_will_old; /* connects again at the next tick */
    int64_t reconnect_at_ms;
    int64_t backoff_ms;
    int64_t keep_alive_at_ms;

    /* the ports */
    struct load_flash flash;
    struct fw_flash flash_port;
    struct fw_uart uart;
    struct fw_uart board_uart;
    struct fw_net net;
    struct fw_panel panel;

    /* the hands */
    char line[LOAD_LINE_SIZE]; /* what the reader sends next */
    size_t line_size, line_at;
    int64_t act_at_ms;
    bool holds_goods;                  /* pieces that its person has received, and not put away */
    int64_t started_us[LOAD_HELD_MAX]; /* by seq */
    int64_t counted_seq;               /* highest seq that was seen to be taken */
    int64_t acked_seq;

    union {
        struct fw_scanner scanner;
        struct fw_locker locker;
    } fw;
    /* a locker's board, in memory */
    struct sim_board *board;
    struct sim_compartment *compartments;
};

/* Monotonic clock of this process, started anywhere. */
int64_t load_now_us(void);

/* The same clock as load_now_us(). */
int64_t load_now_ms(void);

/* Evenly from 0 to below - 1; 0 when below is 0. Nothing secret. */
uint32_t load_random(struct load_fleet *fleet, uint32_t below);

/* login: borrowed for the call. Errors: KIT_E_IO, in words. */
int load_unit_open(struct load_unit *unit, struct load_fleet *fleet,
                   const struct sim_mqtt_login *login, struct kit_error *err) KIT_MUST_CHECK;

/* Frees what it holds. Fine after a failed open. */
void load_unit_close(struct load_unit *unit);

/* Puts a line before the scanner; false: one is still there, or too many records wait. */
bool load_unit_scan(struct load_unit *unit, const char *line);

/* Records in flash that are not acknowledged yet. */
int64_t load_unit_held(const struct load_unit *unit);

/* Runs the firmware, counts what happened, and tells the heap when it wants to run again. */
void load_unit_step(struct load_unit *unit);
/* Serves the connection, on what epoll has reported of it, and steps. */
void load_unit_on_events(struct load_unit *unit, uint32_t events);

/* ---- link.c, for unit.c ---- */

/* Sets the port `net` of the unit; it connects later, in load_link_tick(). Errors: KIT_E_IO. */
int load_link_init(struct load_unit *unit, const struct sim_mqtt_login *login,
                   struct kit_error *err) KIT_MUST_CHECK;

/* Ends the connection, and frees. Fine after a failed init. */
void load_link_done(struct load_unit *unit);

/* Does what is due: connects, ends a connection with an outdated will, pings. */
void load_link_tick(struct load_unit *unit, int64_t now_ms);

/* When something is due next. */
int64_t load_link_next_ms(const struct load_unit *unit);

/* Watches the connection for room to write, when something is queued. */
void load_link_watch(struct load_unit *unit);

#endif
