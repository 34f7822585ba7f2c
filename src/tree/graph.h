/* Nodes and the vessels between them, in whatever order a file brings them; a tree is grown out of them from the root.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_GRAPH_H
#define STASIS_TREE_GRAPH_H

#include <stasis/tree.h>

typedef struct graph_vessel {
    uint32_t from, to; /* nodes */
    uint16_t lesion;
    double radius; /* mm */
    double demand; /* mm^3/s, 0 when the file does not say */
} graph_vessel;

typedef struct graph {
    const char *name; /* for messages */
    uint32_t n_nodes, n_vessels;
    const double *point;        /* [3 n_nodes] mm LPS; nodes without a vessel are left out */
    const graph_vessel *vessel; /* [n_vessels] */
} graph;

/* The vessels at each node, ascending. */
typedef struct graph_links {
    uint32_t *begin; /* [n_nodes + 1] */
    uint32_t *at;    /* [2 n_vessels] */
} graph_links;
st_status graph_links_init(graph_links *l, const graph *g, st_error *err);
void graph_links_fini(graph_links *l);

/* Roots are where vessels begin and none ends, the widest first; vessels that point towards a root are turned.
 * Children stand in the order of the vessels, so that a tree that was written depth first comes back as it was.
 * ST_FORMAT when the vessels form a loop. */
st_status tree_from_graph(const graph *g, st_tree *tree, st_error *err);

#endif
