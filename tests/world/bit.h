/* A bit of a database file changes by itself, where whoever reads the page has to see it: the rows
 * of the log alone have checksums, so the bit is one of the file's magic number, of the word that
 * begins a table's definition, or of the byte that says what a page is, and leaves none that there
 * is. Later it is put right, as by a good copy of the file. */
#ifndef TESTS_WORLD_BIT_H
#define TESTS_WORLD_BIT_H

#include "fakes/sim_disk.h"
#include "models/rng.h"

struct world_bit {
    size_t offset_bytes;
    unsigned number;     /* of the bit in its byte */
    unsigned char wrong; /* the byte with it */
    bool is_wrong;
};

/* Changes a bit of the file, which is not open. false: it has found no place. */
bool world_bit_flip(struct world_bit *bit, struct sim_disk *disk, const char *file,
                    struct sim_rng *rng);
/* Puts it right, unless what is there has been written since: a page of the write-ahead log was
 * newer. The file is not open. */
void world_bit_put_right(struct world_bit *bit, struct sim_disk *disk, const char *file);

#endif
