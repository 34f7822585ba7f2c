/* Checked allocation and arenas.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/base.h>

#include <stdlib.h>
#include <string.h>

void *st_alloc(size_t n, size_t size, st_error *err) {
    void *p = calloc(n > 0 ? n : 1, size > 0 ? size : 1); /* calloc refuses a product that overflows */
    if (!p)
        st_fail(err, ST_MEMORY, "no memory for %zu x %zu bytes", n, size);
    return p;
}

struct st_arena_block {
    struct st_arena_block *before;
    size_t used, size;
    max_align_t bytes[];
};

static const size_t BLOCK_BYTES = 64 * 1024;

void *st_arena_alloc(st_arena *arena, size_t bytes, st_error *err) {
    const size_t unit = sizeof(max_align_t);
    if (bytes > SIZE_MAX / 2) {
        st_fail(err, ST_MEMORY, "no memory for %zu bytes", bytes);
        return NULL;
    }
    const size_t need = (bytes + unit - 1) / unit + (bytes == 0);
    if (!arena->block || arena->block->size - arena->block->used < need) {
        const size_t size = need > BLOCK_BYTES / unit ? need : BLOCK_BYTES / unit;
        struct st_arena_block *block = st_alloc(1, sizeof *block + size * unit, err);
        if (!block)
            return NULL;
        block->before = arena->block;
        block->size = size;
        arena->block = block;
    }
    void *p = arena->block->bytes + arena->block->used;
    arena->block->used += need;
    return p;
}

char *st_arena_copy(st_arena *arena, const char *text, size_t length, st_error *err) {
    char *copy = st_arena_alloc(arena, length + 1, err);
    if (copy)
        memcpy(copy, text, length);
    return copy;
}

void st_arena_fini(st_arena *arena) {
    while (arena->block) {
        struct st_arena_block *before = arena->block->before;
        free(arena->block);
        arena->block = before;
    }
}
