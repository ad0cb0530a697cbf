/* See compartment.h. Every change of the door goes through set_door(); every end of an unlock
 * through end_unlock(). */
#include "core/compartment.h"

#include "port/check.h"

#define ALARMS_MAX 3 /* remind, escalate, alarm */
#define READS_AGREE 2

enum reading { READ_NONE = 0, READ_CLOSED = 1, READ_OPEN = 2 };

const struct fw_door_timers fw_door_timers_default = {
    .jam_ms = FW_DOOR_JAM_MS,
    .remind_ms = FW_DOOR_REMIND_MS,
    .escalate_ms = FW_DOOR_ESCALATE_MS,
    .alarm_ms = FW_DOOR_ALARM_MS,
};

bool fw_door_timers_are_right(const struct fw_door_timers *timers)
{
    return timers->jam_ms > 0 && timers->remind_ms > 0 && timers->escalate_ms > timers->remind_ms &&
           timers->alarm_ms > timers->escalate_ms;
}

void fw_compartment_init(struct fw_compartment *c, const struct fw_door_timers *timers)
{
    *c = (struct fw_compartment){
        .timers = timers,
        .door = FW_DOOR_UNKNOWN,
        .presence = FW_PRESENCE_UNKNOWN,
        .presence_read = FW_PRESENCE_UNKNOWN,
    };
}

static bool is_open(const struct fw_compartment *c)
{
    return c->door == FW_DOOR_OPEN || c->door == FW_DOOR_AJAR;
}

static uint32_t set_door(struct fw_compartment *c, enum fw_door door)
{
    if (c->door == door)
        return 0;
    c->door = door;
    return FW_DOOR_EVENT_CHANGE;
}

static uint32_t make_alarm_event(enum fw_alarm alarm)
{
    return FW_DOOR_EVENT_ALARM << (unsigned int)alarm;
}

static uint32_t end_unlock(struct fw_compartment *c, enum fw_unlock_effect effect)
{
    FW_CHECK(c->is_unlocking);
    c->is_unlocking = false;
    c->is_taken = false;
    c->effect = effect;
    return FW_DOOR_EVENT_EFFECT;
}

uint32_t fw_compartment_begin_unlock(struct fw_compartment *c, int64_t now_ms)
{
    FW_CHECK(!c->is_unlocking);
    c->is_unlocking = true;
    c->pulses = 0;
    c->reads = 0;
    c->unlock_until_ms = now_ms + c->timers->jam_ms;
    c->pulse_due_ms = now_ms;
    return is_open(c) ? end_unlock(c, FW_UNLOCK_ALREADY_OPEN) : 0;
}

bool fw_compartment_wants_pulse(const struct fw_compartment *c, int64_t now_ms)
{
    if (!c->is_unlocking || now_ms < c->pulse_due_ms || now_ms >= c->unlock_until_ms ||
        c->door_read != READ_CLOSED)
        return false;
    if (c->pulses == 0)
        return c->door == FW_DOOR_CLOSED || c->door == FW_DOOR_JAMMED;
    return c->door == FW_DOOR_OPENING && !c->is_taken && c->pulses < FW_PULSES_MAX &&
           c->reads >= READS_AGREE;
}

uint32_t fw_compartment_on_pulse(struct fw_compartment *c, int64_t now_ms)
{
    FW_CHECK(fw_compartment_wants_pulse(c, now_ms));
    if (c->pulses == 0)
        c->unlock_until_ms = now_ms + c->timers->jam_ms;
    c->pulse_due_ms = now_ms + ((int64_t)FW_PULSE_AGAIN_MS << c->pulses);
    c->pulses++;
    c->reads = 0;
    c->is_pulsed = true;
    return set_door(c, FW_DOOR_OPENING);
}

void fw_compartment_on_taken(struct fw_compartment *c)
{
    c->is_taken = c->is_unlocking;
}

static uint32_t begin_open(struct fw_compartment *c, bool is_forced, int64_t now_ms)
{
    c->opened_ms = now_ms;
    c->is_forced = is_forced;
    return set_door(c, FW_DOOR_OPEN) | (is_forced ? make_alarm_event(FW_ALARM_FORCED) : 0);
}

/* Two readings say open. */
static uint32_t sense_open(struct fw_compartment *c, int64_t now_ms)
{
    uint32_t events = 0;
    switch (c->door) {
    case FW_DOOR_OPEN:
    case FW_DOOR_AJAR:
        break;
    case FW_DOOR_CLOSED:
        events = begin_open(c, true, now_ms);
        break;
    case FW_DOOR_OPENING:
    case FW_DOOR_JAMMED:
        events = begin_open(c, false, now_ms);
        break;
    case FW_DOOR_UNKNOWN:
        if (c->was_open) /* nothing says that it was closed meanwhile: its timers go on */
            events = set_door(c, c->alarms > 0 ? FW_DOOR_AJAR : FW_DOOR_OPEN);
        else
            events = begin_open(c, c->was_closed && !c->is_pulsed, now_ms);
        break;
    }
    c->is_pulsed = false;
    if (c->is_unlocking)
        events |= end_unlock(c, c->pulses > 0 ? FW_UNLOCK_OPENED : FW_UNLOCK_ALREADY_OPEN);
    return events;
}

static uint32_t begin_closed(struct fw_compartment *c)
{
    bool is_worrying = c->alarms > 0 || c->is_forced;
    c->alarms = 0;
    c->is_forced = false;
    c->is_pulsed = false;
    return set_door(c, FW_DOOR_CLOSED) | (is_worrying ? make_alarm_event(FW_ALARM_CLEARED) : 0);
}

/* Two readings say closed. */
static uint32_t sense_closed(struct fw_compartment *c)
{
    switch (c->door) {
    case FW_DOOR_CLOSED:
    case FW_DOOR_OPENING: /* the latch may need a moment: the timer decides */
    case FW_DOOR_JAMMED:
        return 0;
    case FW_DOOR_OPEN:
    case FW_DOOR_AJAR:
        return begin_closed(c);
    case FW_DOOR_UNKNOWN:
        if (c->is_unlocking && c->pulses > 0) /* the board was silent for a part of the unlock */
            return set_door(c, FW_DOOR_OPENING);
        return begin_closed(c);
    }
    FW_UNREACHABLE();
}

uint32_t fw_compartment_on_read(struct fw_compartment *c, bool reads_open,
                                enum fw_presence presence, int64_t now_ms)
{
    uint32_t events = 0;
    if (c->reads < UINT8_MAX)
        c->reads++;
    if (c->presence_read == (uint8_t)presence && c->presence != presence) {
        c->presence = presence;
        events |= FW_DOOR_EVENT_CHANGE;
    }
    c->presence_read = (uint8_t)presence;

    uint8_t read = reads_open ? READ_OPEN : READ_CLOSED;
    bool is_agreed = c->door_read == read;
    c->door_read = read;
    if (!is_agreed)
        return events;
    return events | (reads_open ? sense_open(c, now_ms) : sense_closed(c));
}

uint32_t fw_compartment_on_silence(struct fw_compartment *c)
{
    if (c->door != FW_DOOR_UNKNOWN) {
        c->was_open = is_open(c);
        c->was_closed = !c->was_open;
    }
    c->door_read = READ_NONE;
    c->presence_read = FW_PRESENCE_UNKNOWN;
    uint32_t events = c->presence != FW_PRESENCE_UNKNOWN ? FW_DOOR_EVENT_CHANGE : 0;
    c->presence = FW_PRESENCE_UNKNOWN;
    return events | set_door(c, FW_DOOR_UNKNOWN);
}

/* The time of an unlock is up, and no open bit has come. */
static uint32_t give_up(struct fw_compartment *c)
{
    if (c->door != FW_DOOR_OPENING)
        return end_unlock(c, FW_UNLOCK_NO_ANSWER);
    if (c->reads == 0)
        return end_unlock(c, FW_UNLOCK_NO_ANSWER) | fw_compartment_on_silence(c);
    return end_unlock(c, FW_UNLOCK_JAMMED) | set_door(c, FW_DOOR_JAMMED);
}

/* How long the door must be open for the next alarm. */
static int64_t get_alarm_ms(const struct fw_compartment *c)
{
    const int32_t after_ms[ALARMS_MAX] = { c->timers->remind_ms, c->timers->escalate_ms,
                                           c->timers->alarm_ms };
    FW_CHECK(c->alarms < ALARMS_MAX);
    return after_ms[c->alarms];
}

uint32_t fw_compartment_tick(struct fw_compartment *c, int64_t now_ms)
{
    uint32_t events = 0;
    if (c->is_unlocking && now_ms >= c->unlock_until_ms)
        events |= give_up(c);
    while (is_open(c) && c->alarms < ALARMS_MAX && now_ms - c->opened_ms >= get_alarm_ms(c)) {
        events |= make_alarm_event((enum fw_alarm)c->alarms) | set_door(c, FW_DOOR_AJAR);
        c->alarms++;
    }
    return events;
}

int64_t fw_compartment_due_ms(const struct fw_compartment *c)
{
    if (c->is_unlocking)
        return c->unlock_until_ms;
    if (is_open(c) && c->alarms < ALARMS_MAX)
        return c->opened_ms + get_alarm_ms(c);
    return INT64_MAX;
}

bool fw_compartment_is_moving(const struct fw_compartment *c)
{
    if (c->is_unlocking || c->presence_read != (uint8_t)c->presence)
        return true;
    if (c->door == FW_DOOR_UNKNOWN)
        return c->door_read != READ_NONE;
    return (c->door_read == READ_OPEN) != is_open(c);
}
