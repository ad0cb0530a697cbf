/* The sentences of core/locker_text.h. */
#include "core/locker_text.h"

#include "core/json.h"
#include "port/check.h"

#define MS_PER_S 1000

static void show(const struct fw_device *device, enum fw_signal signal, struct fw_json_out *out)
{
    out->bytes[out->size] = '\0'; /* the buffer has one byte more than size_max */
    fw_device_show(device, signal, out->bytes);
}

void fw_locker_show(const struct fw_device *device, enum fw_signal signal, uint8_t compartment,
                    const char *what)
{
    char text[FW_DEVICE_TEXT_SIZE];
    struct fw_json_out out;
    fw_json_out_init(&out, text, sizeof(text) - 1);
    fw_json_out_add_text(&out, "compartment ");
    fw_json_out_add_int(&out, compartment);
    fw_json_out_add_text(&out, " ");
    fw_json_out_add_text(&out, what);
    show(device, signal, &out);
}

void fw_locker_show_effect(const struct fw_device *device, uint8_t compartment,
                           enum fw_unlock_effect effect)
{
    switch (effect) {
    case FW_UNLOCK_OPENED:
        fw_locker_show(device, FW_SIGNAL_OK, compartment, "is open");
        break;
    case FW_UNLOCK_ALREADY_OPEN:
        fw_locker_show(device, FW_SIGNAL_OK, compartment, "is open already");
        break;
    case FW_UNLOCK_JAMMED:
        fw_locker_show(device, FW_SIGNAL_ERROR, compartment, "does not open: call staff");
        break;
    case FW_UNLOCK_NO_ANSWER:
        fw_locker_show(device, FW_SIGNAL_ERROR, compartment, "does not answer: call staff");
        break;
    }
}

static const char *get_refusal_text(enum fw_msg_device_refusal refusal)
{
    switch (refusal) {
    case FW_MSG_DEVICE_REFUSAL_WRONG_CODE:
        return "wrong code";
    case FW_MSG_DEVICE_REFUSAL_LOCKED_OUT:
        return "too many wrong codes";
    case FW_MSG_DEVICE_REFUSAL_ALREADY_USED:
        return "this code was used already";
    case FW_MSG_DEVICE_REFUSAL_NOT_VALID_YET:
        return "this code is not valid yet";
    case FW_MSG_DEVICE_REFUSAL_EXPIRED:
        return "this code is not valid any more: call staff";
    case FW_MSG_DEVICE_REFUSAL_TIME_UNKNOWN:
        return "the time is not known yet: try again in a minute";
    case FW_MSG_DEVICE_REFUSAL_BUSY:
        return "your compartment is open or opening";
    case FW_MSG_DEVICE_REFUSAL_BAD_MAC:
    case FW_MSG_DEVICE_REFUSAL_UNKNOWN_KEY:
    case FW_MSG_DEVICE_REFUSAL_UNKNOWN_COMPARTMENT:
        return "this locker is not set up: call staff";
    }
    FW_UNREACHABLE();
}

void fw_locker_show_refusal(const struct fw_device *device, const struct fw_gate_decision *decision)
{
    char text[FW_DEVICE_TEXT_SIZE];
    struct fw_json_out out;
    fw_json_out_init(&out, text, sizeof(text) - 1);
    fw_json_out_add_text(&out, get_refusal_text(decision->refusal));
    if (decision->pause_ms > 0) {
        fw_json_out_add_text(&out, ": wait ");
        fw_json_out_add_int(&out, ((int32_t)decision->pause_ms + MS_PER_S - 1) / MS_PER_S);
        fw_json_out_add_text(&out, " s");
    }
    show(device, FW_SIGNAL_ERROR, &out);
}
