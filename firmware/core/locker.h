/* The locker: opens what commands and codes may open (core/gate), through its lock boards
 * (core/bank), and tells the service all that its doors do. Holds everything a bank of up to 16
 * compartments needs; one thread.
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
#define FW_LOCKER_GATE_LAYOUT 2         /* version of its snapshot */
#define FW_LOCKER_RETRY_MS 1000         /* for records that found the log full, */
#define FW_LOCKER_RETRY_BROKEN_MS 60000 /* and for those that flash did not take */
#define FW_LOCKER_PRESENCE_MS 10000     /* between records of a sensor alone (rules 2.5) */

struct fw_locker_setup {
    struct fw_device_setup device;
    const char *site;         /* of the MACs; borrowed */
    const char *id;           /* of the MACs; borrowed */
    const char *compartments; /* sizes in the order of their numbers: 1 to 16 of S M L; borrowed */
    const struct fw_uart *uart; /* keypad or QR reader; NULL: none */
    int32_t dead_time_ms;
    const struct fw_mac *mac;
    struct fw_bank_config bank; /* boards, locks and timers; copied */
};

/* What is still to be put into a record, by compartment (bit 0 is compartment 1). It fills while
 * the log is full, so that the newest state of each door is told afterwards, and while a sensor
 * alone changes more often than FW_LOCKER_PRESENCE_MS. */
struct fw_locker_pending {
    uint32_t doors;     /* that have moved */
    uint32_t presences; /* of doors that have not moved */
    uint32_t alarms[FW_DOOR_EVENT_ALARM_COUNT];
    uint32_t boards; /* by board */
};

/* The sensor of a compartment, as its latest record says. */
struct fw_locker_told {
    enum fw_presence presence;
    int64_t next_ms; /* monotonic: no record of the sensor alone before */
};

struct fw_locker {
    struct fw_device device;
    struct fw_snapshot gate_snapshot;
    struct fw_gate gate;
    struct fw_bank bank;
    struct fw_reader reader;
    struct fw_locker_pending pending;
    struct fw_locker_told told[FW_BANK_COMPARTMENTS_MAX];
    int64_t retry_at_ms;    /* monotonic: pending records are looked at again, */
    int64_t spare_until_ms; /* but flash that took none is not asked before */
    enum fw_door shown[FW_BANK_COMPARTMENTS_MAX]; /* what the panel knows of each door */
    bool has_reader;
};

/* Errors: those of fw_device_open(), fw_gate_open() and fw_bank_init(). Opens nothing. */
int fw_locker_open(struct fw_locker *locker, const struct fw_locker_setup *setup);

/* As of the scanner. */
int fw_locker_will(const struct fw_locker *locker, char *buf, size_t size_max);
void fw_locker_on_link(struct fw_locker *locker, bool is_up);
void fw_locker_on_message(struct fw_locker *locker, enum fw_leaf leaf, const char *payload,
                          size_t size);

/* As of the scanner; also when a board's line has bytes. */
int64_t fw_locker_step(struct fw_locker *locker, int64_t now_ms);

/* A clean stop: saves what may wait otherwise. Nothing is lost without it but counts. */
void fw_locker_stop(struct fw_locker *locker);

#endif
