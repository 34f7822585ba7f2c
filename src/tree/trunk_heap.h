/* A queue that gives the item with the least key first; of equal keys the least item.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_TRUNK_HEAP_H
#define STASIS_TREE_TRUNK_HEAP_H

#include <stasis/base.h>

typedef struct heap_entry {
    double key;
    uint32_t item;
} heap_entry;

/* Zero-initialise it. */
typedef struct heap {
    heap_entry *entry;
    size_t n, capacity;
} heap;

st_status heap_push(heap *h, double key, uint32_t item, st_error *err);
bool heap_pop(heap *h, heap_entry *first); /* false when it is empty */
void heap_fini(heap *h);

#endif
