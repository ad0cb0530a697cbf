/* The locker: opens the compartments that commands and codes may open (core/gate), through its lock
 * boards (core/bank), and tells the service what its doors do. The struct has all the memory that a
 * bank of up to 16 compartments needs. One thread; calls block while flash is written, never for a
 * line or the link.
 *
 *   cmd, config, code -> gate: journal -> bank: pulse -> sensed effect -> gate: record -> up
 *   door, alarm, board of the bank -> record -> up
 */
#ifndef FW_CORE_LOCKER_H
#define FW_CORE_LOCKER_H

#include "core/bank.h"
#include "core/device.h"
#include "core/gate.h"
#include "core/reader.h"

#define FW_LOCKER_GATE_BLOCKS 4
#define FW_LOCKER_RETRY_MS 1000         /* to the next try of records that found the log full */
#define FW_LOCKER_RETRY_BROKEN_MS 60000 /* to the next try of those that flash did not take */
#define FW_LOCKER_PRESENCE_MS 10000     /* between records of a sensor alone (rules 2.5) */

struct fw_locker_setup {
    struct fw_device_setup device;
    const char *site;         /* of the MACs; borrowed */
    const char *id;           /* of the MACs; borrowed */
    const char *compartments; /* sizes in the order of their numbers: 1 to 16 of S M L; borrowed */
    const struct fw_uart *uart; /* keypad or QR reader; NULL: none */
    int32_t dead_time_ms;       /* of that reader, schemas/rules/devices.md 3.5 */
    const struct fw_mac *mac;
    struct fw_bank_config bank; /* boards, locks and timers; copied */
};

/* Changes that have no record yet, a bit for each compartment (bit 0 is compartment 1). They
 * collect while the log is full, so that afterwards one record tells the newest state of each door,
 * and while a sensor alone changes more often than FW_LOCKER_PRESENCE_MS. */
struct fw_locker_pending {
    uint32_t doors;     /* the door has moved */
    uint32_t presences; /* the sensor has changed, the door has not moved */
    uint32_t alarms[FW_DOOR_EVENT_ALARM_COUNT];
    uint32_t boards; /* a bit for each board */
};

/* What the latest record of a compartment says of its sensor. */
struct fw_locker_told {
    enum fw_presence presence;
    int64_t next_ms; /* monotonic: the sensor alone makes no record before */
};

struct fw_locker {
    struct fw_device device;
    struct fw_snapshot gate_snapshot;
    struct fw_gate gate;
    struct fw_bank bank;
    struct fw_reader reader;
    struct fw_locker_pending pending;
    struct fw_locker_told told[FW_BANK_COMPARTMENTS_MAX];
    int64_t retry_at_ms;    /* monotonic: pending changes are tried again */
    int64_t spare_until_ms; /* monotonic: flash that failed is not written before */
    enum fw_door shown[FW_BANK_COMPARTMENTS_MAX]; /* the latest state that the bank told */
    bool has_reader;
};

/**
 * fw_locker_open() - Begin after power-up. Opens no door.
 *
 * @setup: copied; the ports, uarts and drivers that it points to are borrowed for life.
 *
 * Errors: FW_E_INVALID: the bank has another number of compartments than @setup has sizes, its
 *         boards, locks or timers are wrong, or the flash has too few blocks, or too small ones.
 *         FW_E_IO, FW_E_CORRUPT: as of fw_device_open() and fw_gate_open().
 */
int fw_locker_open(struct fw_locker *locker, const struct fw_locker_setup *setup);

/**
 * fw_locker_will() - The retained `state` that the port registers as its will.
 *
 * To be asked before each connect. Returns its size in bytes, or FW_E_TOO_LARGE.
 */
int fw_locker_will(const struct fw_locker *locker, char *buf, size_t size_max);

/** fw_locker_on_link() - The port says that the link came or went. Step afterwards. */
void fw_locker_on_link(struct fw_locker *locker, bool is_up);

/**
 * fw_locker_on_message() - The port has a message for the locker. Step afterwards.
 *
 * A good command begins to open its compartment. A refused message goes to the trace.
 */
void fw_locker_on_message(struct fw_locker *locker, enum fw_leaf leaf, const char *payload,
                          size_t size);

/**
 * fw_locker_step() - Read the lines, decide, open, store and send what is due.
 *
 * Returns the monotonic ms at which it must run again at the latest: earlier when a board's or the
 * reader's line has bytes, or after on_link and on_message.
 */
int64_t fw_locker_step(struct fw_locker *locker, int64_t now_ms);

/** fw_locker_stop() - Save the counts before a clean stop; nothing else is lost without it. */
void fw_locker_stop(struct fw_locker *locker);

#endif
