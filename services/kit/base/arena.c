/* The arena: a chain of blocks, each twice the last. Reset keeps the largest, so that a steady load
 * allocates nothing. There is no way to fail: a handler that takes too much has a bug, and a
 * machine without memory for one work item cannot serve it either. */
#include "kit/base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "kit/base/check.h"

#define BLOCK_BYTES_MIN 4096U
#define ALIGNMENT _Alignof(max_align_t)

struct kit_arena_block {
    struct kit_arena_block *next;
    size_t capacity_bytes;
    size_t used_bytes;
    _Alignas(max_align_t) char bytes[];
};

void kit_arena_init(struct kit_arena *arena, size_t max_bytes)
{
    PRE(max_bytes < SIZE_MAX / 4);
    *arena = (struct kit_arena){ .max_bytes = max_bytes };
}

static void free_blocks(struct kit_arena_block *block, const struct kit_arena_block *kept)
{
    while (block != NULL) {
        struct kit_arena_block *next = block->next;
        if (block != kept)
            free(block);
        block = next;
    }
}

void kit_arena_done(struct kit_arena *arena)
{
    free_blocks(arena->first, NULL);
    kit_arena_init(arena, arena->max_bytes);
}

void kit_arena_reset(struct kit_arena *arena)
{
    struct kit_arena_block *kept = arena->first;
    for (struct kit_arena_block *block = arena->first; block != NULL; block = block->next) {
        if (block->capacity_bytes > kept->capacity_bytes)
            kept = block;
    }
    free_blocks(arena->first, kept);
    if (kept != NULL) {
        kept->next = NULL;
        kept->used_bytes = 0;
    }
    arena->first = kept;
    arena->used_bytes = 0;
}

static void add_block(struct kit_arena *arena, size_t size_bytes)
{
    size_t capacity_bytes = BLOCK_BYTES_MIN;
    if (arena->first != NULL && arena->first->capacity_bytes * 2 > capacity_bytes)
        capacity_bytes = arena->first->capacity_bytes * 2;
    if (capacity_bytes < size_bytes)
        capacity_bytes = size_bytes;
    struct kit_arena_block *block = malloc(sizeof(*block) + capacity_bytes);
    CHECK(block != NULL);
    *block = (struct kit_arena_block){ .next = arena->first, .capacity_bytes = capacity_bytes };
    arena->first = block;
}

void *kit_arena_take(struct kit_arena *arena, size_t size_bytes)
{
    PRE(size_bytes <= arena->max_bytes);
    size_bytes = (size_bytes + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    CHECK(size_bytes + arena->used_bytes <= arena->max_bytes + ALIGNMENT - 1);
    if (arena->first == NULL ||
        arena->first->capacity_bytes - arena->first->used_bytes < size_bytes)
        add_block(arena, size_bytes);

    struct kit_arena_block *block = arena->first;
    void *taken = block->bytes + block->used_bytes;
    block->used_bytes += size_bytes;
    arena->used_bytes += size_bytes;
    memset(taken, 0, size_bytes);
    return taken;
}
