/* Nodes and the vessels between them, in whatever order a file brings them; a tree is grown out of them from the root.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_GRAPH_H
#define STASIS_TREE_GRAPH_H

#include <float.h>
#include <math.h>
#include <stasis/tree.h>

typedef struct graph_vessel {
    uint32_t from, to; /* nodes */
    uint16_t lesion;
    uint8_t measured; /* 0 when the file does not say */
    double radius;    /* mm */
    double demand;    /* mm^3/s, 0 when the file does not say */
} graph_vessel;

typedef struct graph {
    const char *name; /* for messages */
    uint32_t n_nodes, n_vessels;
    uint32_t no_length;         /* lines of the file that are no vessel, all their points in one place */
    const double *point;        /* [3 n_nodes] mm LPS; nodes without a vessel are left out */
    const graph_vessel *vessel; /* [n_vessels] */
} graph;

static const double GRAPH_RADIUS_MOST = 1e3; /* mm */

/* A tree holds radii and places as float: what must be above 0 and different must be so there. */
static inline bool graph_radius_right(double radius) {
    return (float)radius > 0 && radius <= GRAPH_RADIUS_MOST;
}
/* Rounds a place; false when it is out of range. */
static inline bool graph_place(double point[3]) {
    for (int k = 0; k < 3; k++) {
        if (!(fabs(point[k]) <= (double)FLT_MAX))
            return false;
        point[k] = (double)(float)point[k];
    }
    return true;
}

static inline bool graph_same_place(const double a[3], const double b[3]) {
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2]; /* -0 is 0 */
}

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

/* The same for a file that says which nodes are joined: there a vessel that has no length, or that is given twice, is
 * ST_FORMAT too. */
st_status tree_from_edges(const graph *g, st_tree *tree, st_error *err);

#endif
