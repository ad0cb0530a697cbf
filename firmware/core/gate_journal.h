/* The gate's memory: what gate.c (commands, effects) and gate_code.c (configurations, codes) share.
 * Everything that must not happen twice is in flash before it happens. */
#ifndef FW_CORE_GATE_JOURNAL_H
#define FW_CORE_GATE_JOURNAL_H

#include "core/gate.h"
#include "core/json.h"

/* FW_OK, or FW_E_IO: a restart finds the copy before, or this one. */
int fw_gate_save(struct fw_gate *gate);

/* May a record be appended now? Without room nothing is done, so that nothing goes unrecorded. */
bool fw_gate_has_room(const struct fw_gate *gate);

/* An entry to be filled in; NULL when all are in use. Takes one that may be forgotten when none is
 * free; then no command that expires as early as that one did is executed any more (rules 4.3). */
struct fw_gate_entry *fw_gate_entry_new(struct fw_gate *gate);

struct fw_gate_entry *fw_gate_entry_find_command(struct fw_gate *gate,
                                                 const uint8_t id[FW_GATE_ID_BYTES]);
/* The one whose lock is being pulsed; NULL: none. */
struct fw_gate_entry *fw_gate_entry_find_acting(struct fw_gate *gate, uint8_t compartment);

/* The effect is known since now: appends the entry's record, exactly once over cuts of power; when
 * there is no room, later, and then the effect goes to flash once. */
void fw_gate_report(struct fw_gate *gate, struct fw_gate_entry *entry);

/* What is known and not yet in the log: appended as far as there is room. */
void fw_gate_report_all(struct fw_gate *gate);

/* Tells the service which configuration is stored, once every use of a code before it has its
 * record in the log (rules 5.2): the service takes it for that promise. */
void fw_gate_tell_revision(struct fw_gate *gate);

/* In the time that does not depend on where the bytes differ. */
bool fw_gate_equal(const uint8_t *a, const uint8_t *b, size_t size);

/* The first lines of every text that is signed: what it is, site, device. */
void fw_gate_add_lines(const struct fw_gate *gate, struct fw_json_out *out, const char *what);

/* Appends the record of a refusal, when the log has more than its last block left for it: what
 * opens comes first. FW_OK also without a record: counted. FW_E_IO. */
int fw_gate_append_refusal(struct fw_gate *gate, struct fw_device_record *record);

/* What time does to the counts (rules 5.4, 5.5): a pause is served, a wrong code forgiven. */
void fw_gate_age(struct fw_gate *gate, int64_t mono_ms);

/* text: 2 * size hexadecimal digits, as the schema has checked. */
void fw_gate_from_hex(const char *text, uint8_t *ret_bytes, size_t size);

#endif
