/* A gate on a desk: device_world.h, a MAC that is easy to compute, and the messages of a service
 * that knows the key. The MAC is no HMAC: what is tested here is what is signed, and what follows.
 */
#ifndef TESTS_UNIT_FIRMWARE_GATE_WORLD_H
#define TESTS_UNIT_FIRMWARE_GATE_WORLD_H

#include <stdio.h>

#include "device_world.h"
#include "fw/device_cmd.gen.h"
#include "fw/device_config.gen.h"

#define GATE_TEXT_SIZE 4096

struct gate_world {
    struct world world;
    struct fw_gate gate;
    struct fw_mac mac;
    char signed_text[GATE_TEXT_SIZE]; /* the last one that the firmware let sign */
    size_t signed_size;
    uint32_t sign_count;
};

/* The MAC that stands for HMAC-SHA-256 here, as hexadecimal digits and a NUL. */
void toy_mac_hex(const char *text, char ret_hex[2 * FW_MAC_BYTES + 1]);

/* The port that signs: `self` is the gate world, which remembers the text. */
void gate_world_sign(void *self, const void *bytes, size_t size, uint8_t ret_mac[FW_MAC_BYTES]);

/* Power comes (back); four compartments. */
int gate_world_boot(struct gate_world *gate_world);

/* New flash, booted and connected: the first ack has told the gate what time it is. */
void gate_world_init(struct gate_world *gate_world);

/* The same with a session that has the key too, and a service that speaks protocol 2. */
void gate_world_init_2(struct gate_world *gate_world);

/* What time it is for the service: ms since 1970 UTC. */
int64_t gate_world_now(const struct gate_world *gate_world);

/* A good command; its id is 32 times that digit. */
struct fw_device_cmd command_make(char digit, int compartment, int64_t expires_at);

/* A good command; its id is that number. */
struct fw_device_cmd command_make_nth(int n, int compartment, int64_t expires_at);

/* A good command of protocol 2, for this start of the locker. */
struct fw_device_cmd command_make_2(const struct gate_world *gate_world, char digit,
                                    int compartment, int64_t expires_at);

/* A command arrives. Returns what fw_gate_on_cmd() returned. */
int command_send(struct gate_world *gate_world, const struct fw_device_cmd *cmd,
                 struct fw_gate_decision *ret);

/* What a configuration carries instead of the code, as hexadecimal digits and a NUL. */
void code_hash(int64_t grant_id, const char *code, char ret_hex[65]);

/* Sets the MAC that the configuration must have as it is now. */
void config_sign(struct fw_device_config *config);

/* The same of protocol 2. */
void config_sign_2(struct fw_device_config *config);

/* Sets the MAC that an ack must have when it answers the `up` under way. */
void ack_sign(const struct world *world, struct fw_device_ack *ack);

/* A configuration arrives. Returns what fw_gate_on_config() returned. */
int config_send(struct gate_world *gate_world, const struct fw_device_config *config);

/* Grant 11 opens compartment 1 with code 11111111, and so on up to 4. */
void config_make(struct fw_device_config *ret, int64_t revision);

/* The same codes as new grants: their ids are those and 1000 times the revision. */
void config_make_next(struct fw_device_config *ret, int64_t revision);

/* Connected, with grants 11, 22, 33, 44 of revision 5. */
void gate_world_init_with_grants(struct gate_world *gate_world);

/* Connects until the service has every record; returns the newest one. */
const struct fw_device_record *last_record(struct gate_world *gate_world);

/* How many records of that kind with that effect the service has. */
int count_records(const struct gate_world *gate_world, enum fw_msg_device_record_kind kind,
                  enum fw_msg_effect effect);

#endif
