/* The locker's application (core/locker.h): schemas/rules/devices.md 4, 5 and 6. */
#include "core/locker.h"

#include <string.h>

#include "core/label.h"
#include "core/locker_text.h"
#include "port/check.h"

#define SAME(ours, schema)                                                                         \
    _Static_assert((int)(ours) == (int)(schema), "order of the schema's enum")
SAME(FW_DOOR_CLOSED, FW_MSG_DOOR_STATE_CLOSED);
SAME(FW_DOOR_JAMMED, FW_MSG_DOOR_STATE_JAMMED);
SAME(FW_DOOR_UNKNOWN, FW_MSG_DOOR_STATE_UNKNOWN);
SAME(FW_PRESENCE_PRESENT, FW_MSG_OBJECT_PRESENCE_PRESENT);
SAME(FW_PRESENCE_UNKNOWN, FW_MSG_OBJECT_PRESENCE_UNKNOWN);
SAME(FW_ALARM_REMIND, FW_MSG_DOOR_ALARM_REMIND);
SAME(FW_ALARM_CLEARED, FW_MSG_DOOR_ALARM_CLEARED);
SAME(FW_UNLOCK_OPENED, FW_MSG_EFFECT_OPENED);
SAME(FW_UNLOCK_NO_ANSWER, FW_MSG_EFFECT_NO_ANSWER);

/* ---- records ----
 *
 * What doors and boards do is told as it is now: what did not fit is merged with what comes later,
 * and tried again by retry_pending(). How a lock was used is the gate's: each use has a record of
 * its own, which the gate keeps in flash and tries again itself (fw_gate_tick). */

static uint32_t bit_of(uint32_t index)
{
    return UINT32_C(1) << index;
}

static int64_t mono_ms(const struct fw_locker *locker)
{
    const struct fw_clock *clock = locker->device.setup.clock;
    return clock->mono_ms(clock->self);
}

static int add_door(struct fw_locker *locker, uint8_t compartment)
{
    const struct fw_compartment *state = fw_bank_compartment(&locker->bank, compartment);
    struct fw_device_record record = { .kind = FW_MSG_DEVICE_RECORD_KIND_DOOR,
                                       .has_compartment = true,
                                       .compartment = compartment,
                                       .has_door = true,
                                       .door = (enum fw_msg_door_state)state->door,
                                       .has_presence = true,
                                       .presence = (enum fw_msg_object_presence)state->presence };
    int rc = fw_session_append_minor(&locker->device.session, &record);
    if (rc == FW_OK)
        locker->told[compartment - 1].presence = state->presence;
    return rc;
}

/* A door that moved is told at once, and with it what its sensor sees. A sensor that flickers is
 * told from time to time, and not at all when it is back where it was. */
static int flush_door(struct fw_locker *locker, uint8_t index)
{
    struct fw_locker_pending *pending = &locker->pending;
    struct fw_locker_told *told = &locker->told[index];
    const uint8_t compartment = (uint8_t)(index + 1);
    const bool has_moved = (pending->doors & bit_of(index)) != 0;
    const int64_t now_ms = mono_ms(locker);
    if (!has_moved && (pending->presences & bit_of(index)) == 0)
        return FW_OK;
    if (!has_moved && now_ms < told->next_ms)
        return FW_OK;
    bool is_news = fw_bank_compartment(&locker->bank, compartment)->presence != told->presence;
    int rc = has_moved || is_news ? add_door(locker, compartment) : FW_OK;
    if (rc != FW_OK)
        return rc;
    pending->doors &= ~bit_of(index);
    pending->presences &= ~bit_of(index);
    told->next_ms = has_moved ? now_ms : now_ms + FW_LOCKER_PRESENCE_MS;
    return FW_OK;
}

static int add_alarm(struct fw_locker *locker, uint8_t compartment, uint32_t alarm)
{
    struct fw_device_record record = { .kind = FW_MSG_DEVICE_RECORD_KIND_ALARM,
                                       .has_compartment = true,
                                       .compartment = compartment,
                                       .has_alarm = true,
                                       .alarm = (enum fw_msg_door_alarm)alarm };
    return fw_session_append_minor(&locker->device.session, &record);
}

static int add_board(struct fw_locker *locker, uint8_t board)
{
    bool is_silent = fw_bank_board_is_silent(&locker->bank, board);
    struct fw_device_record record = { .kind = FW_MSG_DEVICE_RECORD_KIND_BOARD,
                                       .has_board = true,
                                       .board = board,
                                       .has_board_state = true,
                                       .board_state = is_silent ? FW_MSG_BOARD_STATE_SILENT
                                                                : FW_MSG_BOARD_STATE_ANSWERING };
    return fw_session_append_minor(&locker->device.session, &record);
}

static bool is_pending(const struct fw_locker *locker)
{
    uint32_t any = locker->pending.doors | locker->pending.presences | locker->pending.boards;
    for (int alarm = 0; alarm < FW_DOOR_EVENT_ALARM_COUNT; alarm++)
        any |= locker->pending.alarms[alarm];
    return any != 0;
}

/* Stores what is pending until the log takes no more; then it is tried again after a while, and
 * after a longer one when flash is broken: each try may erase blocks. */
static void flush_pending(struct fw_locker *locker)
{
    struct fw_locker_pending *pending = &locker->pending;
    int rc = FW_OK;
    if (mono_ms(locker) < locker->spare_until_ms)
        return;
    for (uint8_t i = 0; i < FW_BANK_BOARDS_MAX && rc == FW_OK; i++) {
        if ((pending->boards & bit_of(i)) != 0 && (rc = add_board(locker, i)) == FW_OK)
            pending->boards &= ~bit_of(i);
    }
    for (uint8_t i = 0; i < FW_BANK_COMPARTMENTS_MAX && rc == FW_OK; i++) {
        uint8_t compartment = (uint8_t)(i + 1);
        rc = flush_door(locker, i);
        for (uint32_t alarm = 0; alarm < FW_DOOR_EVENT_ALARM_COUNT && rc == FW_OK; alarm++) {
            if ((pending->alarms[alarm] & bit_of(i)) != 0 &&
                (rc = add_alarm(locker, compartment, alarm)) == FW_OK)
                pending->alarms[alarm] &= ~bit_of(i);
        }
    }
    if (rc != FW_OK && rc != FW_E_FULL)
        locker->spare_until_ms = mono_ms(locker) + FW_LOCKER_RETRY_BROKEN_MS;
}

/* ---- what the bank says ---- */

static void on_door(struct fw_locker *locker, const struct fw_bank_event *event)
{
    enum fw_door *shown = &locker->shown[event->compartment - 1];
    if (*shown != event->door)
        locker->pending.doors |= bit_of(event->compartment - 1U);
    else
        locker->pending.presences |= bit_of(event->compartment - 1U);
    bool was_open = *shown == FW_DOOR_OPEN || *shown == FW_DOOR_AJAR;
    if (was_open && event->door == FW_DOOR_CLOSED)
        fw_locker_show(&locker->device, FW_SIGNAL_DONE, event->compartment, "is closed: thank you");
    *shown = event->door;
}

static void show_alarm(struct fw_locker *locker, const struct fw_bank_event *event)
{
    switch (event->alarm) {
    case FW_ALARM_REMIND:
    case FW_ALARM_ESCALATE:
    case FW_ALARM_ALARM:
        fw_locker_show(&locker->device, FW_SIGNAL_ERROR, event->compartment,
                       "is still open: please close it");
        break;
    case FW_ALARM_FORCED:
        fw_locker_show(&locker->device, FW_SIGNAL_ERROR, event->compartment,
                       "was opened without a code: please close it");
        break;
    case FW_ALARM_CLEARED:
        break;
    }
}

static void on_effect(struct fw_locker *locker, uint8_t compartment, enum fw_unlock_effect effect)
{
    /* FW_E_INVALID: nothing of the gate's was under way, so there is nothing to record. */
    if (fw_gate_on_effect(&locker->gate, compartment, (enum fw_msg_effect)effect) != FW_OK)
        fw_device_trace(&locker->device, "an unlock ended that the gate does not know");
    fw_locker_show_effect(&locker->device, compartment, effect);
}

static void on_bank(void *self, const struct fw_bank_event *event)
{
    struct fw_locker *locker = self;
    switch (event->kind) {
    case FW_BANK_EFFECT:
        on_effect(locker, event->compartment, event->effect);
        break;
    case FW_BANK_DOOR:
        on_door(locker, event);
        break;
    case FW_BANK_ALARM:
        show_alarm(locker, event);
        locker->pending.alarms[event->alarm] |= bit_of(event->compartment - 1U);
        break;
    case FW_BANK_BOARD:
        locker->pending.boards |= bit_of(event->board);
        break;
    }
    flush_pending(locker);
}

/* ---- what may open ---- */

/* The gate has journaled it: now, and only now, the bank may pulse. */
static void open_compartment(struct fw_locker *locker, uint8_t compartment)
{
    int rc = fw_bank_unlock(&locker->bank, compartment, mono_ms(locker));
    if (rc != FW_OK) /* cannot be: the gate knows the compartments, and which are moving */
        on_effect(locker, compartment, FW_UNLOCK_NO_ANSWER);
}

/* Compartments whose board is known to be silent: a code for them would be used up in vain. */
static uint32_t away_mask(const struct fw_locker *locker)
{
    uint32_t mask = 0;
    for (uint8_t i = 0; i < locker->bank.config.compartment_count; i++) {
        if (fw_bank_board_is_silent(&locker->bank, locker->bank.config.locks[i].board))
            mask |= bit_of(i);
    }
    return mask;
}

static uint32_t busy_mask(const struct fw_locker *locker)
{
    uint32_t mask = 0;
    for (uint8_t i = 0; i < locker->bank.config.compartment_count; i++) {
        if (fw_bank_is_busy(&locker->bank, (uint8_t)(i + 1)))
            mask |= bit_of(i);
    }
    return mask;
}

/* A QR code may come with an identifier before its digits; a code is plain text otherwise. */
static bool find_code(const struct fw_label *label)
{
    if (label->kind != FW_LABEL_TEXT || strlen(label->value) != FW_GATE_CODE_DIGITS)
        return false;
    for (int i = 0; i < FW_GATE_CODE_DIGITS; i++) {
        if (label->value[i] < '0' || label->value[i] > '9')
            return false;
    }
    return true;
}

static void take_code(struct fw_locker *locker, const uint8_t *line, size_t size)
{
    struct fw_label label;
    struct fw_gate_decision decision;
    fw_label_parse(line, size, &label);
    if (!find_code(&label)) {
        fw_device_show(&locker->device, FW_SIGNAL_ERROR, "type the 8 digits of your code");
        return;
    }
    uint32_t away = away_mask(locker);
    int rc = fw_gate_on_code(&locker->gate, label.value, busy_mask(locker) | away, &decision);
    if (rc != FW_OK) {
        fw_device_show_failure(&locker->device, rc);
    } else if (decision.is_open) {
        fw_locker_show(&locker->device, FW_SIGNAL_STORED, decision.compartment, "is opening");
        open_compartment(locker, decision.compartment);
    } else if (decision.is_refused && decision.refusal == FW_MSG_DEVICE_REFUSAL_BUSY && away != 0) {
        fw_device_show(&locker->device, FW_SIGNAL_ERROR,
                       "your compartment is open or does not answer: call staff");
    } else if (decision.is_refused) {
        fw_locker_show_refusal(&locker->device, &decision);
    }
}

static void on_reader(void *self, enum fw_reader_event event, const uint8_t *bytes, size_t size)
{
    struct fw_locker *locker = self;
    switch (event) {
    case FW_READER_LINE:
        take_code(locker, bytes, size);
        break;
    case FW_READER_BOUNCED:
        fw_session_count(&locker->device.session, FW_SESSION_BOUNCED);
        break;
    case FW_READER_TOO_LONG:
    case FW_READER_CUT_SHORT:
        fw_session_count(&locker->device.session, FW_SESSION_UNREADABLE);
        fw_device_show(&locker->device, FW_SIGNAL_ERROR, "type the 8 digits of your code");
        break;
    case FW_READER_LOST:
        fw_device_show(&locker->device, FW_SIGNAL_ERROR, "code reader not there: call staff");
        break;
    case FW_READER_BACK:
        fw_device_show(&locker->device, FW_SIGNAL_NONE, "code reader connected");
        break;
    }
}

static void on_cmd(struct fw_locker *locker, const char *payload, size_t size)
{
    struct fw_gate_decision decision;
    int rc = fw_gate_on_cmd(&locker->gate, payload, size, &decision);
    if (rc != FW_OK)
        fw_device_trace(&locker->device, rc == FW_E_INVALID
                                             ? "command refused: not a command"
                                             : "command refused: flash takes nothing");
    else if (decision.is_open)
        open_compartment(locker, decision.compartment);
}

/* ---- the application ---- */

static int open_gate(struct fw_locker *locker, const struct fw_locker_setup *setup)
{
    int rc = fw_snapshot_open(&locker->gate_snapshot, setup->device.flash,
                              fw_device_extra_block(&locker->device, FW_LOCKER_GATE_BLOCKS),
                              FW_LOCKER_GATE_BLOCKS, FW_LOCKER_GATE_LAYOUT);
    if (rc != FW_OK)
        return rc;
    struct fw_gate_setup gate = { .site = setup->site,
                                  .device = setup->id,
                                  .compartment_count = setup->bank.compartment_count,
                                  .session = &locker->device.session,
                                  .snapshot = &locker->gate_snapshot,
                                  .clock = &locker->device.clock,
                                  .mac = setup->mac };
    return fw_gate_open(&locker->gate, &gate);
}

int fw_locker_open(struct fw_locker *locker, const struct fw_locker_setup *setup)
{
    if (strlen(setup->compartments) != setup->bank.compartment_count)
        return FW_E_INVALID;
    struct fw_device_role role = { .kind = FW_MSG_DEVICE_KIND_LOCKER,
                                   .compartments = setup->compartments,
                                   .extra_blocks = FW_LOCKER_GATE_BLOCKS };
    memset(&locker->pending, 0, sizeof(locker->pending));
    for (int i = 0; i < FW_BANK_COMPARTMENTS_MAX; i++)
        locker->shown[i] = FW_DOOR_UNKNOWN;
    for (int i = 0; i < FW_BANK_COMPARTMENTS_MAX; i++)
        locker->told[i] = (struct fw_locker_told){ .presence = FW_PRESENCE_UNKNOWN };
    locker->retry_at_ms = locker->spare_until_ms = 0;
    locker->has_reader = setup->uart != NULL;
    struct fw_reader_setup reader = { .uart = setup->uart,
                                      .clock = setup->device.clock,
                                      .dead_time_ms = setup->dead_time_ms,
                                      .gap_ms = FW_READER_GAP_TYPED_MS,
                                      .on_event = on_reader,
                                      .self = locker };
    if (locker->has_reader)
        fw_reader_init(&locker->reader, &reader);
    int rc = fw_bank_init(&locker->bank, &setup->bank, on_bank, locker);
    if (rc == FW_OK)
        rc = fw_device_open(&locker->device, &setup->device, &role);
    return rc == FW_OK ? open_gate(locker, setup) : rc;
}

int fw_locker_will(const struct fw_locker *locker, char *buf, size_t size_max)
{
    return fw_session_will(&locker->device.session, buf, size_max);
}

void fw_locker_on_link(struct fw_locker *locker, bool is_up)
{
    fw_device_on_link(&locker->device, is_up);
}

void fw_locker_on_message(struct fw_locker *locker, enum fw_leaf leaf, const char *payload,
                          size_t size)
{
    switch (leaf) {
    case FW_LEAF_ACK:
        fw_device_on_ack(&locker->device, payload, size);
        break;
    case FW_LEAF_CMD:
        on_cmd(locker, payload, size);
        break;
    case FW_LEAF_CONFIG:
        if (fw_gate_on_config(&locker->gate, payload, size) != FW_OK)
            fw_device_trace(&locker->device, "config refused: wrong MAC, old revision, or schema");
        break;
    case FW_LEAF_UP:
    case FW_LEAF_STATE:
        break; /* ours, never sent to us */
    }
}

static int64_t earlier(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t retry_pending(struct fw_locker *locker, int64_t now_ms)
{
    if (!is_pending(locker))
        return INT64_MAX;
    if (now_ms >= locker->retry_at_ms) {
        flush_pending(locker);
        locker->retry_at_ms = now_ms + FW_LOCKER_RETRY_MS;
    }
    return is_pending(locker) ? locker->retry_at_ms : INT64_MAX;
}

int64_t fw_locker_step(struct fw_locker *locker, int64_t now_ms)
{
    int64_t next_ms = INT64_MAX;
    if (locker->has_reader)
        next_ms = fw_reader_step(&locker->reader, now_ms); /* may begin to open */
    next_ms = earlier(next_ms, fw_bank_step(&locker->bank, now_ms));
    next_ms = earlier(next_ms, retry_pending(locker, now_ms));
    next_ms = earlier(next_ms, fw_gate_tick(&locker->gate, now_ms));
    return earlier(next_ms, fw_session_tick(&locker->device.session, now_ms)); /* sends it all */
}

void fw_locker_stop(struct fw_locker *locker)
{
    fw_session_stop(&locker->device.session);
}
