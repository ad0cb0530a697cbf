/* Codes, as they are issued, taken away, and told to lockers in their configuration. Runs on the
 * loop inside the open transaction. Rules: schemas/rules/delivery.md 9, 5.6; devices.md 5. */
#ifndef DELIVERY_CODES_H
#define DELIVERY_CODES_H

#include "delivery/app.h"

/* The key of a locker. *ret_found false: it has none (any more); then it is out of service, and is
 * noted as silent: it gets no orders. */
int codes_key(struct delivery_app *app, const char *locker, uint8_t ret_key[KIT_KEY_BYTES],
              bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;

/* Reads alone: may it hear us? */
bool codes_has_key(struct delivery_app *app, const char *locker);

/* Issues a code for the delivery's compartment in place of any other one, valid until its deadline,
 * and publishes the locker's configuration. READY: to collect; RETURNING: to return.
 * Nothing after the deadline. KIT_E_UNAVAILABLE (locker-unavailable) when the locker has no key. */
int codes_issue(struct delivery_app *app, struct delivery *delivery,
                struct kit_error *err) KIT_MUST_CHECK;

/* *ret_is_live: an unused code opens the delivery's compartment. */
int codes_is_live(struct delivery_app *app, const struct delivery *delivery, bool *ret_is_live,
                  struct kit_error *err) KIT_MUST_CHECK;

/* Takes away the code that is live for a compartment, if there is one, and publishes. The
 * compartment goes to nobody before its locker has stored that. */
int codes_revoke(struct delivery_app *app, const char *locker, int compartment,
                 struct kit_error *err) KIT_MUST_CHECK;

/* Publishes a new configuration (to a locker without a key: nothing), above every revision before
 * and above `floor`. */
int codes_publish(struct delivery_app *app, const char *locker, int64_t floor,
                  struct kit_error *err) KIT_MUST_CHECK;

/* Publishes the last configuration once more, as it was (rules 5.6); a first one if there is none.
 */
int codes_send(struct delivery_app *app, const char *locker, struct kit_error *err) KIT_MUST_CHECK;

/* Request `pickup-code` (rules 9.2). */
int codes_on_pickup_code(void *app, const struct kit_rpc_request *request, struct kit_buf *response,
                         struct kit_error *err);

#endif
