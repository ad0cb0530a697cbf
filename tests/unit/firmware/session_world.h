/* Scans that are numbered, and a service that counts the effects of each: whatever happens to a
 * device and its flash, every scan that the device took has one effect. */
#ifndef TESTS_UNIT_FIRMWARE_SESSION_WORLD_H
#define TESTS_UNIT_FIRMWARE_SESSION_WORLD_H

#include "core/session_up.h"
#include "device_world.h"

#define SCANS_MAX 100

struct session_world {
    struct world world;
    uint8_t image[FW_FAKE_FLASH_BYTES_MAX];
    int64_t scan_count;          /* given to the device: their values are 0, 1, 2 ... */
    uint32_t effects[SCANS_MAX]; /* in the service, by value */
    bool is_promised[SCANS_MAX]; /* the append said FW_OK */
};

/* New flash, first boot, no scans. */
void session_world_init(struct session_world *at);

/* The next `count` scans. */
void session_scan(struct session_world *at, int count);

/* The service takes an `up`, and makes its answer. */
void session_take_up(struct session_world *at, const struct fw_device_up *up,
                     struct fw_device_ack *ret_ack);

/* The service takes the last `up`; its answer reaches the device unless is_lost. */
void session_answer(struct session_world *at, bool is_lost);

/* The link comes, and the service answers each `up` until the device sends no more. */
void session_connect(struct session_world *at);

/* Connects; then each scan whose append said FW_OK has one effect, and no other has two. */
void session_check_effects(struct session_world *at);

/* Does the device tell another epoch than that of its log? */
bool session_is_renewed(const struct session_world *at);

/* A copy of the flash, to be put back later. */
void session_keep_image(struct session_world *at);

/* The flash is as it was when the image was kept, and the device boots. */
void session_restore_image(struct session_world *at);

#endif
