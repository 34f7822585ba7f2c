/* A trunk in the making: places and the vessels between them, first in any order, then as a tree from its root.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_TRUNK_WEB_H
#define STASIS_TREE_TRUNK_WEB_H

#include <stasis/trunk.h>

#include "graph.h"
#include "vec.h"

typedef struct trunk_web {
    uint32_t n, n_links;
    vec *point;         /* [n] mm LPS */
    double *width;      /* [n] mm: as far as this the vessel reaches around the place */
    graph_vessel *link; /* [n_links], room for n more; a vessel's own radius may differ from the width at its ends */
    uint32_t n_bridges; /* the last links are bridges over gaps */
    uint32_t first;     /* node that is the root where it is an end, ST_NONE for none */
    double voxel;       /* mm, largest side of the voxels that the places are, 0 when they come from a file */
} trunk_web;

st_status web_init(trunk_web *web, size_t n, size_t links, st_error *err);
void web_fini(trunk_web *web);

/* The links at each node. */
st_status web_links(const trunk_web *web, graph_links *links, st_error *err);
static inline uint32_t web_across(const trunk_web *web, uint32_t link, uint32_t node) {
    return web->link[link].from == node ? web->link[link].to : web->link[link].from;
}
static inline uint32_t web_degree(const graph_links *links, uint32_t node) {
    return links->begin[node + 1] - links->begin[node];
}
static inline double web_length(const trunk_web *web, uint32_t link) {
    return vec_distance(web->point[web->link[link].from], web->point[web->link[link].to]);
}

/* The nodes from `end`, which has one link or none, to the next that has not two: chain[0] is `end` itself; returns how
 * many. `chain` has room for all nodes. */
uint32_t web_chain(const trunk_web *web, const graph_links *links, uint32_t end, uint32_t *chain);

/* Takes nodes and the links at them out. */
st_status web_keep(trunk_web *web, const bool *keep, st_error *err);

/* The same number in set[] for all nodes that hang together, that of one of them. */
void web_sets(const trunk_web *web, uint32_t *set);
/* The set's number, and two sets made one; false when they are one already. */
uint32_t web_set_of(uint32_t *set, uint32_t i);
bool web_set_join(uint32_t *set, uint32_t i, uint32_t j);

/* Nodes at one place, to a micrometre and to what a float tells apart, are made one. */
st_status web_merge(trunk_web *web, st_error *err);

/* ---- trunk_forest.c */

/* Leaves a forest: the links that hold the widest ways; every ring loses its narrowest link (a spanning forest of
 * greatest width, Kruskal 1956), and with it the ends that would touch each other. A ring of voxels that is not longer
 * than the vessel and a voxel are round is a hole in the label and opened without a word. */
st_status web_cut_loops(trunk_web *web, st_trunk_report *report, st_error *err);

/* ---- trunk_join.c */

/* Bridges the gaps of a forest, the shortest first, between an end and the nearest vessel it points to. */
st_status web_join(trunk_web *web, const st_parameters *parameters, st_trunk_report *report, st_error *err);

/* ---- trunk_root.c: a rooted web is a tree; node 0 is the root, link i - 1 leads to node i from one before it. */

/* Of the pieces of a forest the longest that comes near the organ (any, without one), seen from its root: node `first`
 * where that is an end of it, else the widest end outside the organ. */
st_status web_root(trunk_web *web, const st_liver *liver, const st_parameters *parameters, st_trunk_report *report,
                   st_error *err);

/* ---- of a rooted web: trunk_shape.c */

static inline uint32_t web_up(const trunk_web *web, uint32_t node) {
    return web->link[node - 1].from;
}
/* Few and long segments that stay within trunk_deviation of the course. */
st_status web_simplify(trunk_web *web, const st_parameters *parameters, st_error *err);

/* ---- trunk_tree.c */

/* Joints with more than two branches taken apart; then the tree, wider children first, and the report's sums. */
st_status web_to_tree(const trunk_web *web, const char *name, const st_liver *liver, st_tree *trunk,
                      st_trunk_report *report, st_error *err);

/* All of that in turn, from a web with the radius of every link; the simplifying only of courses of voxels. */
st_status web_finish(trunk_web *web, const char *name, const st_liver *liver, const st_parameters *parameters,
                     st_tree *trunk, st_trunk_report *report, st_error *err);

#endif
