/* One compartment's door: what the bits of its board and our pulses make of it, over time. Pure:
 * no line, no clock, no board; time and sensor readings come in, events go out. The bank
 * (core/bank) feeds it and sends the pulses it asks for.
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
    FW_DOOR_JAMMED = 4,  /* pulsed, and it stayed closed; until the open bit comes */
    FW_DOOR_UNKNOWN = 5, /* not read yet, or its board is silent; never shown as closed */
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

/* How an unlock ended, as sensed (devices.md 4.4): the first four of the schema's effects. */
enum fw_unlock_effect {
    FW_UNLOCK_OPENED = 0,
    FW_UNLOCK_ALREADY_OPEN = 1,
    FW_UNLOCK_JAMMED = 2,
    FW_UNLOCK_NO_ANSWER = 3,
};

/* What a call made happen: an OR of these. At most one effect; `effect` in the struct says which.
 * Alarms may come several at once: FW_DOOR_EVENT_ALARM << enum fw_alarm. */
#define FW_DOOR_EVENT_CHANGE 0x01u /* door or presence has changed: devices.md 2.5 */
#define FW_DOOR_EVENT_EFFECT 0x02u /* the unlock has ended */
#define FW_DOOR_EVENT_ALARM 0x10u
#define FW_DOOR_EVENT_ALARM_COUNT 5

struct fw_door_timers {
    int32_t jam_ms;
    int32_t remind_ms; /* after the door opened; likewise the next two, each more than the last */
    int32_t escalate_ms;
    int32_t alarm_ms;
};

extern const struct fw_door_timers fw_door_timers_default;

struct fw_compartment {
    const struct fw_door_timers *timers; /* borrowed */
    enum fw_door door;
    enum fw_presence presence;
    enum fw_unlock_effect effect; /* of the latest unlock that ended */
    bool is_unlocking;            /* an unlock has begun and has not ended */
    bool is_pulsed;               /* a pulse went out and the door has not been seen open since */
    bool is_taken;                /* the board said that it took the pulse: no other one */
    bool is_forced;               /* alarm forced is up */
    bool was_open;                /* last known before the silence */
    bool was_closed;
    uint8_t alarms;    /* of remind, escalate and alarm: how many are up */
    uint8_t pulses;    /* of this unlock */
    uint8_t reads;     /* since the latest pulse, or since the unlock began; stays at 255 */
    uint8_t door_read; /* the latest reading, that another one must agree with */
    uint8_t presence_read;
    int64_t opened_ms;
    int64_t unlock_until_ms;
    int64_t pulse_due_ms;
};

/* A compartment that has not been read yet. Timers are borrowed and outlive it. */
void fw_compartment_init(struct fw_compartment *c, const struct fw_door_timers *timers);

/* Begin one unlock. Not while one is under way (FW_CHECK). Ends with FW_DOOR_EVENT_EFFECT of this
 * or a later call, within twice jam_ms. An open door gets no pulse; an unknown one is read first.
 */
uint32_t fw_compartment_begin_unlock(struct fw_compartment *c, int64_t now_ms);

/* Is it time for a pulse? Only while an unlock is under way and the door is sensed closed. A pulse
 * that the board has not confirmed is repeated while two readings since say closed. */
bool fw_compartment_wants_pulse(const struct fw_compartment *c, int64_t now_ms);

/* A pulse is on its way to the lock: called before its bytes leave. */
uint32_t fw_compartment_on_pulse(struct fw_compartment *c, int64_t now_ms);

/* The board says that it drives the lock. Says nothing of the door. */
void fw_compartment_on_taken(struct fw_compartment *c);

/* One reading of the sensors; a change counts when two agree. */
uint32_t fw_compartment_on_read(struct fw_compartment *c, bool is_open, enum fw_presence presence,
                                int64_t now_ms);

/* The board no longer answers. Door timers rest until it does. */
uint32_t fw_compartment_on_silence(struct fw_compartment *c);

/* Timers. */
uint32_t fw_compartment_tick(struct fw_compartment *c, int64_t now_ms);

/* When fw_compartment_tick() or a pulse has work next; INT64_MAX: never. */
int64_t fw_compartment_due_ms(const struct fw_compartment *c);

/* Does something move, so that the sensors should be read every 100 ms? */
bool fw_compartment_is_moving(const struct fw_compartment *c);

#endif
