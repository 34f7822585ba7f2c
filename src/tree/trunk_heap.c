/* A binary heap.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "trunk_heap.h"

#include <stdlib.h>

static bool is_before(const heap_entry *a, const heap_entry *b) {
    return a->key < b->key || (a->key == b->key && a->item < b->item);
}

static st_status make_room(heap *h, st_error *err) {
    const size_t capacity = h->capacity ? 2 * h->capacity : 1024;
    heap_entry *entry = capacity <= SIZE_MAX / sizeof *entry ? realloc(h->entry, capacity * sizeof *entry) : NULL;
    if (!entry)
        return st_fail(err, ST_MEMORY, "no memory for a queue of %zu items", capacity);
    h->entry = entry;
    h->capacity = capacity;
    return ST_OK;
}

st_status heap_push(heap *h, double key, uint32_t item, st_error *err) {
    if (h->n == h->capacity && make_room(h, err) != ST_OK)
        return ST_MEMORY;
    const heap_entry new = {key, item};
    size_t i = h->n++;
    for (; i > 0 && is_before(&new, &h->entry[(i - 1) / 2]); i = (i - 1) / 2)
        h->entry[i] = h->entry[(i - 1) / 2];
    h->entry[i] = new;
    return ST_OK;
}

bool heap_pop(heap *h, heap_entry *first) {
    if (h->n == 0)
        return false;
    *first = h->entry[0];
    const heap_entry last = h->entry[--h->n];
    size_t i = 0;
    for (size_t child; (child = 2 * i + 1) < h->n; i = child) {
        if (child + 1 < h->n && is_before(&h->entry[child + 1], &h->entry[child]))
            child++;
        if (!is_before(&h->entry[child], &last))
            break;
        h->entry[i] = h->entry[child];
    }
    h->entry[i] = last;
    return true;
}

void heap_fini(heap *h) {
    free(h->entry);
    *h = (heap){0};
}
