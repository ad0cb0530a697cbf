/* See bit.h. */
#include "world/bit.h"

#include <string.h>

#include "kit/base/check.h"

#define PAGE_BYTES 4096
#define HEADER_BYTES 100 /* of the file, in front of what its first page is */
#define MAGIC_BYTES 16
#define WORD "CREATE "
#define WORD_BITS_MAX 5 /* the next one changes the case of a letter alone */
#define TYPE_BITS_MIN 4 /* below, one kind of page may become another one */
#define TRIES_MAX 16
#define MAGIC_PERMILLE 100
#define WORD_PERMILLE 100

static bool is_type(unsigned char byte)
{
    return byte == 2 || byte == 5 || byte == 10 || byte == 13;
}

/* Of a page that holds rows or an index, used or not. */
static bool choose_type(struct world_bit *bit, const unsigned char *bytes, size_t size,
                        struct sim_rng *rng)
{
    bit->number = TYPE_BITS_MIN + sim_rng_below(rng, 8 - TYPE_BITS_MIN);
    for (int i = 0; i < TRIES_MAX; i++) {
        const size_t page = sim_rng_below(rng, (uint32_t)(size / PAGE_BYTES));
        bit->offset_bytes = page == 0 ? HEADER_BYTES : page * PAGE_BYTES;
        if (is_type(bytes[bit->offset_bytes]))
            return true;
    }
    return false;
}

/* Of one of the definitions, the one behind a page drawn. */
static bool choose_word(struct world_bit *bit, const unsigned char *bytes, size_t size,
                        struct sim_rng *rng)
{
    const size_t from = sim_rng_below(rng, (uint32_t)(size / PAGE_BYTES)) * PAGE_BYTES;
    const unsigned char *word = memmem(bytes + from, size - from, WORD, strlen(WORD));
    if (word == NULL)
        word = memmem(bytes, size, WORD, strlen(WORD));
    if (word == NULL)
        return false;
    bit->offset_bytes = (size_t)(word - bytes) + sim_rng_below(rng, strlen(WORD) - 1);
    bit->number = sim_rng_below(rng, WORD_BITS_MAX);
    return true;
}

static bool choose(struct world_bit *bit, const unsigned char *bytes, size_t size,
                   struct sim_rng *rng)
{
    const uint32_t where = sim_rng_below(rng, 1000);
    if (where < MAGIC_PERMILLE) {
        bit->offset_bytes = sim_rng_below(rng, MAGIC_BYTES);
        bit->number = sim_rng_below(rng, 8);
        return true;
    }
    return where < MAGIC_PERMILLE + WORD_PERMILLE ? choose_word(bit, bytes, size, rng)
                                                  : choose_type(bit, bytes, size, rng);
}

bool world_bit_flip(struct world_bit *bit, struct sim_disk *disk, const char *file,
                    struct sim_rng *rng)
{
    size_t size = 0;
    const unsigned char *bytes = sim_disk_get(disk, file, &size);
    PRE(!bit->is_wrong);
    if (bytes == NULL || size < PAGE_BYTES || !choose(bit, bytes, size, rng))
        return false;
    bit->wrong = bytes[bit->offset_bytes] ^ (unsigned char)(1U << bit->number);
    bit->is_wrong = true;
    sim_disk_flip(disk, file, bit->offset_bytes, bit->number);
    return true;
}

void world_bit_put_right(struct world_bit *bit, struct sim_disk *disk, const char *file)
{
    size_t size = 0;
    const unsigned char *bytes = sim_disk_get(disk, file, &size);
    if (bit->is_wrong && bytes != NULL && bit->offset_bytes < size &&
        bytes[bit->offset_bytes] == bit->wrong)
        sim_disk_flip(disk, file, bit->offset_bytes, bit->number);
    bit->is_wrong = false;
}
