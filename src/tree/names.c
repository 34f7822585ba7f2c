/* Names to numbers: a table of hashes that is never more than half full.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "names.h"

#include <stdlib.h>
#include <string.h>

enum { SLOTS_FIRST = 64 };

/* FNV-1a (Fowler, Noll and Vo), 64 bits. */
static uint64_t hash_of(const char *text) {
    uint64_t hash = 0xcbf29ce484222325u;
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * 0x100000001b3u;
    return hash ^ hash >> 32;
}

/* The slot that holds the name, or the free one where it belongs. */
static size_t slot_of(const names *all, const char *name) {
    size_t s = hash_of(name) & (all->slots - 1);
    while (all->slot[s] && strcmp(all->name[all->slot[s] - 1], name) != 0)
        s = (s + 1) & (all->slots - 1);
    return s;
}

static st_status grow(names *all, st_error *err) {
    names more = *all;
    more.slots = all->slots ? 2 * all->slots : SLOTS_FIRST;
    more.slot = st_alloc(more.slots, sizeof *more.slot, err);
    more.name = st_alloc(more.slots / 2, sizeof *more.name, err);
    if (!more.slot || !more.name) {
        free(more.slot);
        free(more.name);
        return ST_MEMORY;
    }
    for (uint32_t i = 0; i < all->n; i++) {
        more.name[i] = all->name[i];
        more.slot[slot_of(&more, all->name[i])] = i + 1;
    }
    free(all->slot);
    free(all->name);
    *all = more;
    return ST_OK;
}

st_status names_add(names *all, const char *name, uint32_t *number, st_error *err) {
    if (2 * ((size_t)all->n + 1) > all->slots && grow(all, err) != ST_OK)
        return ST_MEMORY;
    const size_t s = slot_of(all, name);
    if (!all->slot[s]) {
        char *copy = st_arena_copy(&all->arena, name, strlen(name), err);
        if (!copy)
            return ST_MEMORY;
        all->name[all->n++] = copy;
        all->slot[s] = all->n;
    }
    *number = all->slot[s] - 1;
    return ST_OK;
}

uint32_t names_find(const names *all, const char *name) {
    return all->slots ? all->slot[slot_of(all, name)] - 1 : UINT32_MAX;
}

void names_fini(names *all) {
    st_arena_fini(&all->arena);
    free(all->slot);
    free(all->name);
    *all = (names){0};
}
