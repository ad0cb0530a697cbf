/* The state of one compartment's door, from sensor readings, pulses and time. Pure: no line, no
 * clock, no board. Readings and times come in as parameters, events go out as return values; the
 * bank (core/bank) calls it, and sends the pulses that it wants.
 *
 *      closed --pulse--> opening --open bit--> open --10 s--> ajar
 *        ^                  |3 s                 |              |
 *        |                  v                    |              |
 *        |               jammed --open bit-----> |              |
 *        +------------------ closed bit ---------+--------------+
 *      closed --open bit without a pulse--> open (alarm forced);  any --silence--> unknown
 */
#ifndef FW_CORE_COMPARTMENT_H
#define FW_CORE_COMPARTMENT_H

#include <stdbool.h>
#include <stdint.h>

#define FW_PULSES_MAX 3           /* of one unlock, all within its jam_ms */
#define FW_PULSE_AGAIN_MS 500     /* to the second pulse; twice that to the third */
#define FW_DOOR_JAM_MS 3000       /* devices.md 6.1 */
#define FW_DOOR_REMIND_MS 10000   /* 6.2 */
#define FW_DOOR_ESCALATE_MS 60000 /* 6.2 */
#define FW_DOOR_ALARM_MS 300000   /* 6.2 */

/* Numbers in the order of common.schema.json, doorState, as all enums of the schemas here. */
enum fw_door {
    FW_DOOR_CLOSED = 0,
    FW_DOOR_OPENING = 1, /* pulsed; waits jam_ms for the open bit */
    FW_DOOR_OPEN = 2,
    FW_DOOR_AJAR = 3,    /* open for longer than remind_ms */
    FW_DOOR_JAMMED = 4,  /* stayed closed although it was pulsed; waits for the open bit */
    FW_DOOR_UNKNOWN = 5, /* not read yet, or the board is silent; never shown as closed */
};

enum fw_presence {
    FW_PRESENCE_ABSENT = 0,
    FW_PRESENCE_PRESENT = 1,
    FW_PRESENCE_UNKNOWN = 2, /* no sensor, not read yet, or the board is silent */
};

enum fw_alarm {
    FW_ALARM_REMIND = 0,
    FW_ALARM_ESCALATE = 1,
    FW_ALARM_ALARM = 2,
    FW_ALARM_FORCED = 3,
    FW_ALARM_CLEARED = 4,
};

/* What was sensed when an unlock ended (devices.md 4.4): the first four effects of the schema. */
enum fw_unlock_effect {
    FW_UNLOCK_OPENED = 0,
    FW_UNLOCK_ALREADY_OPEN = 1,
    FW_UNLOCK_JAMMED = 2,
    FW_UNLOCK_NO_ANSWER = 3,
};

/* The events of a call: an OR of these bits. `effect` in the struct is that of
 * FW_DOOR_EVENT_EFFECT. The bit of an alarm is FW_DOOR_EVENT_ALARM << enum fw_alarm; several may be
 * set. */
#define FW_DOOR_EVENT_CHANGE 0x01u /* door or presence has changed: devices.md 2.5 */
#define FW_DOOR_EVENT_EFFECT 0x02u /* the unlock has ended */
#define FW_DOOR_EVENT_ALARM 0x10u
#define FW_DOOR_EVENT_ALARM_COUNT 5

struct fw_door_timers {
    int32_t jam_ms;
    int32_t remind_ms; /* after the door opened, as the next two, each longer than the one before */
    int32_t escalate_ms;
    int32_t alarm_ms;
};

/* The times of devices.md 6. */
extern const struct fw_door_timers fw_door_timers_default;

/** fw_door_timers_are_right() - Is none 0, and do remind, escalate and alarm grow in this order? */
bool fw_door_timers_are_right(const struct fw_door_timers *timers);

struct fw_compartment {
    const struct fw_door_timers *timers; /* borrowed */
    enum fw_door door;
    enum fw_presence presence;
    enum fw_unlock_effect effect; /* of the latest unlock that ended */
    bool is_unlocking;            /* an unlock has begun and has not ended */
    bool is_pulsed;               /* a pulse left, and the door was not seen open since */
    bool is_taken;                /* the board confirmed the pulse: no other one is sent */
    bool is_forced;               /* the alarm forced is up */
    bool was_open;                /* the door was open before the board became silent */
    bool was_closed;              /* the door was closed before that */
    uint8_t alarms;               /* how many of remind, escalate and alarm are up */
    uint8_t pulses;               /* of this unlock */
    uint8_t reads;                /* since the latest pulse, or the unlock began; stays at 255 */
    uint8_t door_read;            /* the latest reading; it counts when the next one agrees */
    uint8_t presence_read;        /* likewise */
    int64_t opened_ms;
    int64_t unlock_until_ms;
    int64_t pulse_due_ms;
};

/** fw_compartment_init() - A compartment that was not read yet. @timers: borrowed for life. */
void fw_compartment_init(struct fw_compartment *c, const struct fw_door_timers *timers);

/**
 * fw_compartment_begin_unlock() - Begin one unlock; not while another is under way (FW_CHECK).
 *
 * Ends with FW_DOOR_EVENT_EFFECT of this call or of a later one, within twice jam_ms. An open door
 * gets no pulse; an unknown one is read first. Returns events.
 */
uint32_t fw_compartment_begin_unlock(struct fw_compartment *c, int64_t now_ms);

/**
 * fw_compartment_wants_pulse() - Is it time for a pulse?
 *
 * Only while an unlock is under way and the door is sensed closed. A pulse that the board did not
 * confirm is repeated when two readings after it say closed.
 */
bool fw_compartment_wants_pulse(const struct fw_compartment *c, int64_t now_ms);

/** fw_compartment_on_pulse() - A pulse is about to leave for the lock. Returns events. */
uint32_t fw_compartment_on_pulse(struct fw_compartment *c, int64_t now_ms);

/** fw_compartment_on_taken() - The board says that it drives the lock, not that a door opened. */
void fw_compartment_on_taken(struct fw_compartment *c);

/**
 * fw_compartment_on_read() - The sensors were read; a change counts when two readings agree.
 * Returns events.
 */
uint32_t fw_compartment_on_read(struct fw_compartment *c, bool is_open, enum fw_presence presence,
                                int64_t now_ms);

/**
 * fw_compartment_on_silence() - The board has become silent: the door is unknown, and its alarms
 * wait until the board answers. Returns events.
 */
uint32_t fw_compartment_on_silence(struct fw_compartment *c);

/** fw_compartment_tick() - End an unlock whose time is up, raise alarms. Returns events. */
uint32_t fw_compartment_tick(struct fw_compartment *c, int64_t now_ms);

/** fw_compartment_due_ms() - When the next tick has work: monotonic ms; INT64_MAX: never. */
int64_t fw_compartment_due_ms(const struct fw_compartment *c);

/** fw_compartment_is_moving() - Should the sensors be read every 100 ms, for a change under way? */
bool fw_compartment_is_moving(const struct fw_compartment *c);

#endif
