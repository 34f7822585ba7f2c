/* The nodes of a tree, for formats that name them: one where each root begins and one where each segment ends, numbered
 * from 0 along the segments.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_NODES_H
#define STASIS_TREE_NODES_H

#include <stasis/tree.h>

/* [n] the node at the distal end of each segment; that where a root begins has the number before. NULL with `err`
 * filled when there is no memory. Free with free(). */
uint32_t *nodes_number(const st_tree *tree, st_error *err);

/* The node at the proximal end. */
static inline uint32_t nodes_before(const st_tree *tree, const uint32_t *number, uint32_t segment) {
    return tree->parent[segment] == ST_NONE ? number[segment] - 1 : number[tree->parent[segment]];
}

#endif
