/* The nodes of a tree, for formats that name them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "nodes.h"

uint32_t *nodes_number(const st_tree *tree, st_error *err) {
    uint32_t *number = st_alloc(tree->n, sizeof *number, err);
    uint32_t next = 0;
    for (uint32_t i = 0; i < tree->n && number; i++) {
        next += tree->parent[i] == ST_NONE;
        number[i] = next++;
    }
    return number;
}
