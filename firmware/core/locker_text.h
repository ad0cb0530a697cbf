/* The sentences that a locker shows to the person in front of it. Never a code. */
#ifndef FW_CORE_LOCKER_TEXT_H
#define FW_CORE_LOCKER_TEXT_H

#include "core/compartment.h"
#include "core/device.h"
#include "core/gate.h"

/** fw_locker_show() - Show "compartment <n> <what>". */
void fw_locker_show(const struct fw_device *device, enum fw_signal signal, uint8_t compartment,
                    const char *what);

/** fw_locker_show_effect() - Show how an unlock ended (schemas/rules/devices.md 4.4). */
void fw_locker_show_effect(const struct fw_device *device, uint8_t compartment,
                           enum fw_unlock_effect effect);

/** fw_locker_show_refusal() - Show why a code opened nothing, and the pause that follows. */
void fw_locker_show_refusal(const struct fw_device *device,
                            const struct fw_gate_decision *decision);

#endif
