/* The locker (core/locker.h): schemas/rules/devices.md 4, 5 and 6. */
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
 * A record of a door or a board tells its present state: changes that found no room collect in
 * locker->pending, and retry_pending() tries again. The uses of locks are the gate's: each has a
 * record of its own, which the gate keeps in flash and tries again (fw_gate_tick). */

static uint32_t make_bit(uint32_t index)
{
    return UINT32_C(1) << index;
}

static int64_t get_mono_ms(const struct fw_locker *locker)
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
    if (rc != FW_OK)
        return rc;
    locker->told[compartment - 1].presence = state->presence;
    return FW_OK;
}

/* A door that moved has a record at once, which tells its sensor too. A sensor that changed alone
 * has one at most every FW_LOCKER_PRESENCE_MS, and none when it is back at what the last record
 * said. */
static int flush_door(struct fw_locker *locker, uint8_t index)
{
    struct fw_locker_pending *pending = &locker->pending;
    struct fw_locker_told *told = &locker->told[index];
    const uint8_t compartment = (uint8_t)(index + 1);
    const bool has_moved = (pending->doors & make_bit(index)) != 0;
    const int64_t now_ms = get_mono_ms(locker);
    if (!has_moved && (pending->presences & make_bit(index)) == 0)
        return FW_OK;
    if (!has_moved && now_ms < told->next_ms)
        return FW_OK;
    bool is_news = fw_bank_compartment(&locker->bank, compartment)->presence != told->presence;
    if (has_moved || is_news) {
        int rc = add_door(locker, compartment);
        if (rc != FW_OK)
            return rc;
    }
    pending->doors &= ~make_bit(index);
    pending->presences &= ~make_bit(index);
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

static int flush_boards(struct fw_locker *locker)
{
    for (uint8_t i = 0; i < FW_BANK_BOARDS_MAX; i++) {
        if ((locker->pending.boards & make_bit(i)) == 0)
            continue;
        int rc = add_board(locker, i);
        if (rc != FW_OK)
            return rc;
        locker->pending.boards &= ~make_bit(i);
    }
    return FW_OK;
}

static int flush_alarms(struct fw_locker *locker, uint8_t index)
{
    for (uint32_t alarm = 0; alarm < FW_DOOR_EVENT_ALARM_COUNT; alarm++) {
        if ((locker->pending.alarms[alarm] & make_bit(index)) == 0)
            continue;
        int rc = add_alarm(locker, (uint8_t)(index + 1), alarm);
        if (rc != FW_OK)
            return rc;
        locker->pending.alarms[alarm] &= ~make_bit(index);
    }
    return FW_OK;
}

static int flush_all(struct fw_locker *locker)
{
    int rc = flush_boards(locker);
    if (rc != FW_OK)
        return rc;
    for (uint8_t i = 0; i < FW_BANK_COMPARTMENTS_MAX; i++) {
        rc = flush_door(locker, i);
        if (rc != FW_OK)
            return rc;
        rc = flush_alarms(locker, i);
        if (rc != FW_OK)
            return rc;
    }
    return FW_OK;
}

/* Appends records of the pending changes until the log takes no more. Flash that failed is left
 * alone for FW_LOCKER_RETRY_BROKEN_MS, as each try may erase blocks. */
static void flush_pending(struct fw_locker *locker)
{
    if (get_mono_ms(locker) < locker->spare_until_ms)
        return;
    int rc = flush_all(locker);
    if (rc != FW_OK && rc != FW_E_FULL)
        locker->spare_until_ms = get_mono_ms(locker) + FW_LOCKER_RETRY_BROKEN_MS;
}

/* ---- what the bank says ---- */

static void on_door(struct fw_locker *locker, const struct fw_bank_event *event)
{
    enum fw_door *shown = &locker->shown[event->compartment - 1];
    if (*shown != event->door)
        locker->pending.doors |= make_bit(event->compartment - 1U);
    else
        locker->pending.presences |= make_bit(event->compartment - 1U);
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
    /* FW_E_INVALID: the gate waits for no effect there, so it has nothing to record. */
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
        locker->pending.alarms[event->alarm] |= make_bit(event->compartment - 1U);
        break;
    case FW_BANK_BOARD:
        locker->pending.boards |= make_bit(event->board);
        break;
    }
    flush_pending(locker);
}

/* ---- what may open ---- */

/* Only after the gate has journaled the use. */
static void open_compartment(struct fw_locker *locker, uint8_t compartment)
{
    int rc = fw_bank_unlock(&locker->bank, compartment, get_mono_ms(locker));
    if (rc != FW_OK) /* a bug: the gate knows the compartments, and which of them are moving */
        on_effect(locker, compartment, FW_UNLOCK_NO_ANSWER);
}

/* The compartments of silent boards: a code for one of them would be used up, and open nothing. */
static uint32_t find_away_mask(const struct fw_locker *locker)
{
    uint32_t mask = 0;
    for (uint8_t i = 0; i < locker->bank.config.compartment_count; i++) {
        if (fw_bank_board_is_silent(&locker->bank, locker->bank.config.locks[i].board))
            mask |= make_bit(i);
    }
    return mask;
}

static uint32_t find_busy_mask(const struct fw_locker *locker)
{
    uint32_t mask = 0;
    for (uint8_t i = 0; i < locker->bank.config.compartment_count; i++) {
        if (fw_bank_is_busy(&locker->bank, (uint8_t)(i + 1)))
            mask |= make_bit(i);
    }
    return mask;
}

/* 8 digits. An AIM identifier before them was taken off by the label parser. */
static bool is_code(const struct fw_label *label)
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
    if (!is_code(&label)) {
        fw_device_show(&locker->device, FW_SIGNAL_ERROR, "type the 8 digits of your code");
        return;
    }
    uint32_t away = find_away_mask(locker);
    int rc = fw_gate_on_code(&locker->gate, label.value, find_busy_mask(locker) | away, &decision);
    if (rc != FW_OK) {
        fw_device_show_failure(&locker->device, rc);
        return;
    }
    if (decision.is_open) {
        fw_locker_show(&locker->device, FW_SIGNAL_STORED, decision.compartment, "is opening");
        open_compartment(locker, decision.compartment);
        return;
    }
    if (!decision.is_refused)
        return;
    if (decision.refusal == FW_MSG_DEVICE_REFUSAL_BUSY && away != 0)
        fw_device_show(&locker->device, FW_SIGNAL_ERROR,
                       "your compartment is open or does not answer: call staff");
    else
        fw_locker_show_refusal(&locker->device, &decision);
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
                              FW_LOCKER_GATE_BLOCKS, FW_GATE_LAYOUT);
    if (rc != FW_OK)
        return rc;
    struct fw_gate_setup gate = { .identity = { setup->site, setup->id, setup->mac },
                                  .compartment_count = setup->bank.compartment_count,
                                  .session = &locker->device.session,
                                  .snapshot = &locker->gate_snapshot,
                                  .clock = &locker->device.clock };
    return fw_gate_open(&locker->gate, &gate);
}

int fw_locker_open(struct fw_locker *locker, const struct fw_locker_setup *setup)
{
    if (strlen(setup->compartments) != setup->bank.compartment_count)
        return FW_E_INVALID;
    struct fw_device_role role = { .kind = FW_MSG_DEVICE_KIND_LOCKER,
                                   .compartments = setup->compartments,
                                   .identity = { setup->site, setup->id, setup->mac },
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
    if (rc != FW_OK)
        return rc;
    rc = fw_device_open(&locker->device, &setup->device, &role);
    if (rc != FW_OK)
        return rc;
    return open_gate(locker, setup);
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
            fw_device_trace(&locker->device,
                            "config refused: wrong MAC or key, old revision, or schema");
        break;
    case FW_LEAF_UP:
    case FW_LEAF_STATE:
        break; /* the device sends these, and subscribes to neither */
    }
}

static int64_t pick_earlier(int64_t a, int64_t b)
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
        next_ms = fw_reader_step(&locker->reader, now_ms); /* a code may begin an unlock */
    next_ms = pick_earlier(next_ms, fw_bank_step(&locker->bank, now_ms));
    next_ms = pick_earlier(next_ms, retry_pending(locker, now_ms));
    next_ms = pick_earlier(next_ms, fw_gate_tick(&locker->gate, now_ms));
    return pick_earlier(
        next_ms, fw_session_tick(&locker->device.session, now_ms)); /* last: sends their records */
}

void fw_locker_stop(struct fw_locker *locker)
{
    fw_session_stop(&locker->device.session);
}
