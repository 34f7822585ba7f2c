/* The growing tree: what the files of the growth share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_GROW_INTERNAL_H
#define STASIS_TREE_GROW_INTERNAL_H

#include <stasis/tree.h>

#include "grow_geometry.h"
#include "grow_index.h"

/* Where terminals are wanted, in the order of a space-filling curve. */
typedef struct terminal_site {
    float point[3];
    uint16_t lesion;
} terminal_site;

/* `n` sites with a density that follows arterial demand: the demand is laid out along a Morton
 * curve through the organ and cut into n equal parts, one site at a random place in each. */
st_status grow_sites(const st_liver *liver, const st_demand *demand, uint32_t n, uint64_t seed, terminal_site *site,
                     st_error *err);

/* A vessel runs from the end of its parent to its own end; vessel 0 is the root stump. Radii
 * follow from the number of terminals beyond (all have the same flow): r = R (n / N)^(1/g). */
typedef struct grower {
    const st_liver *liver;
    float *depth;                 /* [box] mm to the nearest voxel outside the organ */
    double exponent, root_radius; /* g, R */
    uint32_t n, capacity;         /* vessels */
    uint32_t terminals, placed;   /* wanted, so far */
    uint32_t *parent;             /* [capacity] */
    uint32_t (*child)[2];         /* [capacity] ST_NONE when absent */
    uint32_t *count;              /* [capacity] terminals at or beyond */
    float (*end)[3];              /* [capacity] */
    uint16_t *lesion;             /* [capacity] of a terminal */
    float start[3];               /* of the root stump */
    double *weight;               /* [terminals + 2] n^(2/g) */
    double *path;                 /* [capacity] growth of the volume from here to the root by one more terminal */
    uint32_t *path_age;           /* [capacity] `placed` when that was worked out */
    grow_index index;
    uint32_t indexed; /* vessels when the index was made */
    uint32_t *found;  /* [capacity] */
    uint32_t *spare;  /* [capacity] vessels that were taken off; their count is 0 */
    uint32_t n_spare;
} grower;

static inline segment_ends grow_ends(const grower *g, uint32_t vessel) {
    const uint32_t parent = g->parent[vessel];
    return (segment_ends){vec_of(parent == ST_NONE ? g->start : g->end[parent]), vec_of(g->end[vessel])};
}

/* mm, of a vessel that feeds `count` terminals once the next one is placed; the final radius when none is wanted. */
double grow_radius(const grower *g, uint32_t count);

/* Whether a segment stays in the organ along its whole length. */
bool grow_stays_inside(const grower *g, segment_ends s);

/* Vessels are indexed with room to grow: until the index is made anew they may widen by this. */
#define GROW_INDEX_RADIUS 1.25
st_status grow_index_vessel(grower *g, uint32_t vessel, bool known, st_error *err);
/* The index made anew, with cells that fit the vessels of now. */
st_status grow_reindex(grower *g, st_error *err);

/* Room for `terminals`, the root stump for `inflow` (mm^3/s) in place, the organ's depth worked out. */
st_status grow_init(grower *g, const st_liver *liver, const st_parameters *parameters, uint32_t terminals,
                    double inflow, st_error *err);
void grow_fini(grower *g);

/* Join one site to the tree where the volume grows least among the nearest vessels at which nothing is
 * crossed and the organ is not left; *done false when there is none. A persistent search looks at more
 * vessels, and at other places on them than the best. */
st_status grow_insert(grower *g, const terminal_site *site, bool persistent, bool *done, st_error *err);

/* A place for a site that no vessel reaches where it stands: at random, ever farther away, in the same tissue, and if
 * that has none (a lesion of one voxel) in any. `item`
 * keys the random stream. */
st_status grow_relocate(grower *g, const terminal_site *site, uint64_t item, uint64_t seed, bool *done, st_error *err);

/* Takes off the few terminals that lose far more pressure on their way than the others, and joins them anew. */
st_status grow_regraft(grower *g, uint64_t seed, uint32_t *relocated, st_error *err);

/* Radii shift a little after a vessel has been placed, and some vessels two joints apart then
 * overlap. Moves joints, by as little as possible, until no two vessels without a common joint do. */
st_status grow_repair(grower *g, uint64_t seed, st_error *err);

#endif
