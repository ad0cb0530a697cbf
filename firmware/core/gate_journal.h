/* The gate's memory: what gate.c (commands, effects) and gate_code.c (configurations, codes) share.
 * What must not happen twice is in flash before it happens. */
#ifndef FW_CORE_GATE_JOURNAL_H
#define FW_CORE_GATE_JOURNAL_H

#include "core/gate.h"
#include "core/signed.h"

/**
 * fw_gate_load() - Read gate->stored from flash, and check it; new flash gives zeros.
 *
 * Errors: FW_E_INVALID, FW_E_IO, FW_E_CORRUPT: as fw_gate_open() says.
 */
int fw_gate_load(struct fw_gate *gate);

/** fw_gate_sign_stored() - The MAC that gate->stored must have in flash (rules 5.8). */
void fw_gate_sign_stored(const struct fw_gate *gate, uint8_t ret_mac[FW_MAC_BYTES]);

/**
 * fw_gate_save() - Write gate->stored to flash, with its MAC.
 *
 * Also keeps the promise of the next sequence number up to date: it holds as long as flash may have
 * the number of a record that is not in the log.
 *
 * Errors: FW_E_IO: a restart finds the copy before, or this one.
 */
int fw_gate_save(struct fw_gate *gate);

/**
 * fw_gate_has_room() - Would the log take a record now?
 *
 * Without room no command and no code is looked at, so that no use of a lock goes unrecorded.
 */
bool fw_gate_has_room(const struct fw_gate *gate);

/**
 * fw_gate_entry_new() - A zeroed entry of the journal, to be filled in; NULL: all are in use.
 *
 * When no entry is free, the one that expired first is forgotten. Then no command that expires as
 * early as that one or earlier is executed any more (rules 4.3).
 */
struct fw_gate_entry *fw_gate_entry_new(struct fw_gate *gate);

/** fw_gate_entry_find_command() - The entry of the command with that id; NULL: none. */
struct fw_gate_entry *fw_gate_entry_find_command(struct fw_gate *gate,
                                                 const uint8_t id[FW_GATE_ID_BYTES]);

/** fw_gate_entry_find_acting() - The entry whose lock is being pulsed there; NULL: none. */
struct fw_gate_entry *fw_gate_entry_find_acting(struct fw_gate *gate, uint8_t compartment);

/**
 * fw_gate_report() - The effect of an entry has just become known: append its record.
 *
 * Exactly once, also over cuts of power. A record that finds no room is appended by a later tick;
 * until then flash has the effect.
 */
void fw_gate_report(struct fw_gate *gate, struct fw_gate_entry *entry);

/** fw_gate_report_all() - Append the records of all known effects, as far as there is room. */
void fw_gate_report_all(struct fw_gate *gate);

/**
 * fw_gate_tell_revision() - Tell the service which configuration is stored.
 *
 * Only when every use of a code has its record in the log: the service takes the revision for a
 * promise that no code of an earlier configuration was or will be used without one (rules 5.2).
 */
void fw_gate_tell_revision(struct fw_gate *gate);

/**
 * fw_gate_append_refusal() - Append the record of a refusal, unless the log is low.
 *
 * The last free block is kept for uses of locks; a refusal that finds no room is counted, FW_OK.
 *
 * Errors: FW_E_IO: flash is broken.
 */
int fw_gate_append_refusal(struct fw_gate *gate, struct fw_device_record *record);

/** fw_gate_age() - End a pause that was served, forgive wrong codes (rules 5.4, 5.5). */
void fw_gate_age(struct fw_gate *gate, int64_t mono_ms);

#endif
