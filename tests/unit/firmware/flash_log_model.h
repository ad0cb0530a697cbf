/* What a flash log must hold, kept beside it: tests drive both and compare. Any divergence fails
 * the running cmocka test. Used by test_flash_log.c and test_flash_log_cuts.c. */
#ifndef TESTS_UNIT_FIRMWARE_FLASH_LOG_MODEL_H
#define TESTS_UNIT_FIRMWARE_FLASH_LOG_MODEL_H

#include "fakes/cmocka_all.h"

#include <string.h>

#include "core/flash_log.h"
#include "fakes/fw_fake_flash.h"

#define MODEL_RECORDS_MAX 256
#define MODEL_FIRST_BLOCK 1 /* block 0 is not the log's, nor is the last one */

struct model_record {
    uint8_t bytes[FW_FLASH_LOG_RECORD_BYTES_MAX];
    size_t size;
};

struct model {
    struct fw_fake_flash flash;
    struct fw_flash_log log;
    struct model_record records[MODEL_RECORDS_MAX]; /* by seq */
    struct model_record pending;                    /* its append has not returned FW_OK */
    bool has_pending;
    int64_t first_seq;
    int64_t next_seq;
    bool was_open;
    bool is_strict; /* not even a released record may be gone while the log says that it holds it */
    uint8_t epoch[FW_EPOCH_BYTES];
    uint32_t block_count;
    uint64_t random;     /* of the workload */
    uint64_t rng_random; /* of the rng port */
};

/* A blank flash with a block more at each end than the log has. */
void model_init(struct model *m, uint32_t block_bytes, uint32_t blocks, uint32_t word);

/* Every record that the log must hold can be read, and the blocks beside the log are untouched. */
void model_check(struct model *m);

/* Opens as after a start, and compares everything. Returns what open said: FW_E_IO when power went.
 */
int model_open(struct model *m);

/* Appends `size` random bytes. Returns what fw_flash_log_append() returned. */
int model_append(struct model *m, size_t size);

/* Releases the records up to and with that one. */
void model_release(struct model *m, int64_t seq);

#endif
