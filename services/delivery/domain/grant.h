/* Codes, and the texts whose MACs a locker checks. Pure. Any thread.
 * Rules: schemas/rules/delivery.md 9, schemas/rules/devices.md 4, 5. */
#ifndef DELIVERY_DOMAIN_GRANT_H
#define DELIVERY_DOMAIN_GRANT_H

#include <stddef.h>

#include "delivery/domain/delivery.h"
#include "kit/base/error.h"
#include "kit/base/mac.h"

#define GRANT_CODE_DIGITS 8
#define GRANT_CODE_SIZE 9
#define GRANT_ID_MAX INT64_C(9007199254740991)
#define GRANTS_MAX 16 /* live ones of one locker: one for each compartment */
#define GRANT_COMMAND_ID_SIZE 33
#define GRANT_COMMAND_ID_BYTES 16

/* The numbers are stored. */
enum grant_purpose {
    GRANT_COLLECT = 1,
    GRANT_RETURN = 2,
};

/* The numbers are stored. */
enum grant_state {
    GRANT_LIVE = 1,    /* in the locker's configuration */
    GRANT_USED = 2,    /* the locker has reported its use */
    GRANT_REVOKED = 3, /* taken out of the configuration before it was used */
};

/* One issue of a code (rules 9.3). */
struct grant {
    int64_t id;
    struct rental_id delivery;
    int64_t issue; /* n of rules 9.1 */
    char locker[DELIVERY_LOCKER_SIZE];
    int compartment;
    enum grant_purpose purpose;
    enum grant_state state;
    int64_t not_before_ms;
    int64_t expires_at_ms;
    int64_t revision; /* the configurations from here on carry it */
    char code_hash[KIT_MAC_HEX_SIZE];
};

#define GRANT_KEY_NO 1 /* of the key that a device was given first; others come later */
#define GRANT_PROTOCOL_1 1
#define GRANT_PROTOCOL_2 2 /* the highest that we speak (devices.md 8) */

/* A device, as the MACs name it. */
struct grant_device {
    const char *site;
    const char *device;
    const uint8_t *key; /* KIT_MAC_BYTES bytes */
    int protocol;       /* GRANT_PROTOCOL_1 or 2: which text is signed */
};

/* The code of issue number `issue` of a delivery: the same whenever it is asked (rules 9.1). */
void grant_code(const uint8_t secret[KIT_MAC_BYTES], struct rental_id delivery, int64_t issue,
                char ret_code[GRANT_CODE_SIZE]);

/* What a locker's configuration holds in place of a code: the MAC by which the locker knows the
 * code when somebody types it (devices.md 5.1). */
void grant_code_hash(const struct grant_device *device, int64_t grant_id, const char *code,
                     char ret_hash[KIT_MAC_HEX_SIZE]);

struct grant_command {
    const char *id;
    const char *action; /* "unlock" */
    int compartment;
    int64_t expires_at_ms;
    int64_t boot; /* protocol 2: the start of the locker that it is for */
};
/* The MAC without which a locker does not carry the command out (devices.md 4.1). */
void grant_command_mac(const struct grant_device *device, const struct grant_command *command,
                       char ret_mac[KIT_MAC_HEX_SIZE]);

struct grant_config {
    int64_t revision;
    int64_t now_ms;
    const struct grant *grants; /* in the order of the message */
    size_t count;               /* at most GRANTS_MAX */
};
/* The MAC without which a locker does not store the configuration (devices.md 5.2). */
void grant_config_mac(const struct grant_device *device, const struct grant_config *config,
                      char ret_mac[KIT_MAC_HEX_SIZE]);

/* What an ack says, and which `up` it answers. */
struct grant_ack {
    int64_t boot;
    const char *nonce;
    const char *epoch;
    int64_t seq;
    int64_t stored; /* 0 beside records */
    int64_t now_ms;
};
/* The MAC without which a locker of protocol 2 takes no time from an ack (devices.md 8.3). */
void grant_ack_mac(const struct grant_device *device, const struct grant_ack *ack,
                   char ret_mac[KIT_MAC_HEX_SIZE]);

/* A number that was never used, also not before the database was restored from a backup: above the
 * last one, and not below the clock. For grants and for revisions of configurations. KIT_E_LIMIT
 * when there is none any more. */
int grant_next_number(int64_t last, int64_t now_ms, int64_t *ret_number,
                      struct kit_error *err) KIT_MUST_CHECK;

/* May a number that a locker names be one of ours? Ours begin at the clock, so one that is more
 * than a day above it was made up: no clock of ours is that wrong (rules 9.3). */
bool grant_is_believable(int64_t number, int64_t now_ms);

#endif
