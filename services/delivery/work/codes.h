/* Codes, as they are issued, taken away, and told to lockers in their configuration. Runs on the
 * loop inside the open transaction. Rules: schemas/rules/delivery.md 9, 5.6; devices.md 5. */
#ifndef DELIVERY_WORK_CODES_H
#define DELIVERY_WORK_CODES_H

#include "delivery/app.h"

/* Reads the key of a locker. *ret_found is false when it has none (any more), or one that is
 * damaged or cannot be read: then the locker is noted as silent, and gets no orders. */
int codes_key(struct delivery_app *app, const char *locker, uint8_t ret_key[KIT_KEY_BYTES],
              bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;

/* Refuses a device without a key, which is no locker of ours (any more): KIT_E_NOT_FOUND;
 * KIT_E_INVALID when its key file is damaged, KIT_E_UNAVAILABLE when it cannot be read. Changes
 * nothing. */
int codes_check_key(struct delivery_app *app, const char *device,
                    struct kit_error *err) KIT_MUST_CHECK;

/* Whether codes_key() finds one, with the same note. */
int codes_has_key(struct delivery_app *app, const char *locker, bool *ret_found,
                  struct kit_error *err) KIT_MUST_CHECK;

/* Has the operator ended what the locker speaks (rules 9.6)? Then it is sent nothing. */
bool codes_is_ended(const struct delivery_app *app, const struct locker *locker);

struct codes_link {
    bool has_key;
    bool is_reachable; /* it is there, has a key, and is connected: it hears us now */
};
/* Reads whether a locker hears us; false both when it is not there. One without a key is noted as
 * silent, as by codes_key(). */
int codes_find_link(struct delivery_app *app, const char *locker, struct codes_link *ret_link,
                    struct kit_error *err) KIT_MUST_CHECK;

/* Issues a code for the delivery's compartment in place of any other one, valid until its deadline,
 * and publishes the locker's configuration. READY: to collect; RETURNING: to return.
 * Nothing after the deadline, nor before staff have looked into the compartment when they have to
 * (rules 7.11). KIT_E_UNAVAILABLE (locker-unavailable) when the locker has no key. */
int codes_issue(struct delivery_app *app, struct delivery *delivery,
                struct kit_error *err) KIT_MUST_CHECK;

/* Reads the grant whose unused code opens a compartment now; *ret_found is false when there is
 * none. ret_grant: NULL when only that is asked. */
int codes_find_live(struct delivery_app *app, const struct delivery_spot *spot,
                    struct grant *ret_grant, bool *ret_found, struct kit_error *err) KIT_MUST_CHECK;

/* Takes away the code that is live for a compartment, if there is one, and publishes. The
 * compartment goes to nobody before its locker has stored that. */
int codes_revoke(struct delivery_app *app, const struct delivery_spot *spot,
                 struct kit_error *err) KIT_MUST_CHECK;

/* Takes an unused code out of the configuration, which is not published: until its locker has
 * stored the next one, the code may still open the compartment. */
int codes_take_out(struct delivery_app *app, const struct grant *grant,
                   struct kit_error *err) KIT_MUST_CHECK;

/* A new configuration, above every revision before, which its locker gets when it says that it has
 * an older one: with its next `up`. */
int codes_renew(struct delivery_app *app, const char *locker, struct kit_error *err) KIT_MUST_CHECK;

/* Publishes a new configuration (to a locker without a key: nothing), above every revision before
 * and above `floor`. */
int codes_publish(struct delivery_app *app, const char *locker, int64_t floor,
                  struct kit_error *err) KIT_MUST_CHECK;

/* Publishes the last configuration once more, as it was (rules 5.6); a first one if there is none.
 */
int codes_send(struct delivery_app *app, const char *locker, struct kit_error *err) KIT_MUST_CHECK;

/* Reads a locker that a delivery or a grant names. KIT_E_CORRUPT when it is not there. */
int codes_get_locker(struct delivery_app *app, const char *name, struct locker *ret_locker,
                     struct kit_error *err) KIT_MUST_CHECK;

#endif
