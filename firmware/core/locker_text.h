/* What a locker says to the person in front of it. Never shows a code. */
#ifndef FW_CORE_LOCKER_TEXT_H
#define FW_CORE_LOCKER_TEXT_H

#include "core/compartment.h"
#include "core/device.h"
#include "core/gate.h"

/* "compartment <n> <what>". */
void fw_locker_show(const struct fw_device *device, enum fw_signal signal, uint8_t compartment,
                    const char *what);

/* What was sensed after an unlock (schemas/rules/devices.md 4.4). */
void fw_locker_show_effect(const struct fw_device *device, uint8_t compartment,
                           enum fw_unlock_effect effect);

/* Why a code opened nothing, and how long none is accepted from now on. */
void fw_locker_show_refusal(const struct fw_device *device,
                            const struct fw_gate_decision *decision);

#endif
