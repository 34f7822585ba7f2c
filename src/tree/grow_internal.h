/* The growing tree: what the files of the growth share. docs/tree.md tells the whole.
 *
 * A grower grows one tree inside one part of the organ. The first, coarse one spreads through the whole organ and
 * is then cut into territories, each of which a grower of its own finishes: together they fill the caches and the
 * processors, and none can touch what another does.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_GROW_INTERNAL_H
#define STASIS_TREE_GROW_INTERNAL_H

#include <stasis/tree.h>

#include "grow_geometry.h"
#include "grow_index.h"
#include "grow_obstacles.h"
#include "grow_space.h"

/* A place where a terminal is wanted. */
typedef struct terminal_site {
    float point[3];
    uint32_t voxel; /* of the box, that holds it */
} terminal_site;

/* `n` sites with a density that follows demand ((mm^3/s)/mm^3 by tissue): the demand is laid out along a Morton
 * curve through the organ and cut into n equal parts, one site at a random place in each. */
st_status grow_sites(const st_liver *liver, const double demand[3], uint32_t n, uint64_t seed, terminal_site *site,
                     st_error *err);

/* What may be done to a vessel. */
typedef enum {
    VESSEL_FREE,     /* joined anywhere, its ends moved */
    VESSEL_FIXED,    /* left alone: a stump, or a piece that runs where another grower works */
    VESSEL_MEASURED, /* joined on its axis, never moved, its radius given */
} vessel_kind;

/* A terminal that stands for a tree of its own: its weight keeps pace with the tree around it. */
typedef struct heavy_terminal {
    uint32_t vessel, full; /* terminals that it stands for in the end */
} heavy_terminal;

/* Factor of clearance that a new vessel keeps where radii are not final yet. */
#define GROW_CLEARANCE 1.1
/* Factor by which a vessel widens that feeds twice as many terminals as was promised, about. */
#define GROW_WIDER 1.25

/* A vessel runs from the end of its parent to its own end; the first n_roots are roots. Radii follow from the flow,
 * which all terminals share equally: r = R (count / placed)^(1/g). */
typedef struct grower {
    const grow_space *space;
    const grow_obstacles *obstacles[2]; /* vessels of others; NULL: none */
    uint16_t owner;                     /* own number among the owners of obstacles, and own region of the space */
    double exponent, root_radius;       /* g; mm, R: of a vessel that carries all */
    double unit;                        /* mm, edge of the room of one terminal */
    double clearance;                   /* factor that a new vessel keeps of it */
    double low[3], high[3];             /* mm, the box that the index covers */
    double volume;                      /* mm^3 of organ in it */
    uint32_t n, capacity, n_roots;      /* vessels */
    uint32_t wanted, placed;            /* terminals, those that stand for several counted as such */
    uint32_t *parent;                   /* [capacity] */
    uint32_t (*child)[2];               /* [capacity] ST_NONE when absent */
    uint32_t *count;                    /* [capacity] terminals at or beyond */
    float (*end)[3];                    /* [capacity] */
    uint8_t *kind;                      /* [capacity] vessel_kind */
    uint32_t *voxel;                    /* [capacity] of a terminal: that holds its site */
    float (*start)[3];                  /* [n_roots] */
    passage *pass;                      /* [capacity] regions a vessel may run through; NULL: `owner` for all */
    float *given;                       /* [capacity] mm, radius that is given, 0 where none is; NULL: for none */
    uint32_t *most;                     /* [capacity] most that `count` may become, ST_NONE: no limit; NULL: for none */
    heavy_terminal *heavy;              /* [n_heavy] */
    uint32_t n_heavy;
    double *weight;     /* [wanted + 2] n^(2/g) */
    double *path;       /* [capacity] growth of the volume from here to the root by one more terminal */
    uint32_t *path_age; /* [capacity] `placed` when that was worked out */
    grow_index index;
    uint32_t indexed; /* vessels when the index was made */
    uint32_t *found;  /* [capacity] */
    uint32_t *spare;  /* vessels that were taken off; their count is 0 */
    uint32_t n_spare;
    uint64_t tries; /* places tried so far for sites that no vessel reached */
} grower;

/* Room for `wanted` terminals and `extra` vessels more than they need. The caller sets what is not an array. */
st_status grower_init(grower *g, uint32_t wanted, uint32_t extra, double exponent, st_error *err);
void grower_fini(grower *g);

static inline segment_ends grow_ends(const grower *g, uint32_t vessel) {
    const uint32_t parent = g->parent[vessel];
    return (segment_ends){vec_of(parent == ST_NONE ? g->start[vessel] : g->end[parent]), vec_of(g->end[vessel])};
}
static inline bool grow_is_terminal(const grower *g, uint32_t vessel) {
    return g->child[vessel][0] == ST_NONE;
}
/* A terminal that stands for several. */
bool grow_is_heavy(const grower *g, uint32_t vessel);
static inline passage grow_pass(const grower *g, uint32_t vessel) {
    return g->pass ? g->pass[vessel] : (passage){g->owner, g->owner};
}

/* mm, of a vessel that feeds `count` terminals once `step` more are placed; the final radius when none is wanted. */
static inline double grow_radius_of(const grower *g, uint32_t count, uint32_t step) {
    const uint32_t all = g->placed + step < g->wanted ? g->placed + step : g->wanted;
    return g->root_radius * sqrt(g->weight[count] / g->weight[all]);
}
/* The same of a vessel as it stands, a given radius where there is one. */
static inline double grow_radius(const grower *g, uint32_t vessel) {
    return g->given && g->given[vessel] > 0 ? (double)g->given[vessel]
                                            : grow_radius_of(g, g->count[vessel], g->placed < g->wanted);
}
/* Whether a vessel stays where it may run. */
bool grow_stays(const grower *g, segment_ends s, passage pass, double radius);

/* `step` more terminals at or beyond a vessel. */
void grow_count(grower *g, uint32_t vessel, uint32_t step);
/* Room for `step` more of them. */
void grow_promise(grower *g, uint32_t vessel, int64_t step);
/* A vessel is cut at a point of it: the new one, which is returned, takes its place, and it becomes the only child. */
uint32_t grow_split(grower *g, uint32_t vessel, vec at);

/* A new vessel, from the spare ones first. */
uint32_t grow_add_vessel(grower *g, uint32_t parent, vec end, uint32_t count);

/* Vessels are indexed with room to grow: until the index is made anew they may widen by this. */
#define GROW_INDEX_RADIUS 1.25
st_status grow_index_vessel(grower *g, uint32_t vessel, bool known, st_error *err);
/* The index made anew, with cells that fit the vessels of now. */
st_status grow_reindex(grower *g, st_error *err);

/* A terminal on its way into the tree. */
typedef struct grow_wish {
    vec point;
    uint32_t voxel;
    uint32_t count; /* terminals that it stands for */
    passage pass;
} grow_wish;

/* A candidate joint: a vessel, a place on or near it. */
typedef struct candidate {
    uint32_t vessel;
    double distance2, cost;
    vec joint;
} candidate;
/* Nearest vessels looked at for a site; one that found none of them free looks at more. */
#define CANDIDATES            10u
#define CANDIDATES_PERSISTENT 48u
/* The `most` vessels nearest to the wish that it may join, by the growth of the volume. Returns how many. */
unsigned grow_candidates(grower *g, const grow_wish *wish, unsigned most, candidate *near);

/* Join one terminal to the tree where the volume grows least among the nearest vessels at which nothing is crossed
 * and the space is not left; *done false when there is none. A persistent search looks at more vessels, and at other
 * places on them than the best. */
st_status grow_insert(grower *g, const grow_wish *wish, bool persistent, bool *done, st_error *err);
/* Lead a vessel from the end of `vessel` straight to the wish, at least `least` mm long. */
st_status grow_extend(grower *g, uint32_t vessel, const grow_wish *wish, double least, bool *done, st_error *err);

/* A random order of sites, so that a tree spreads through its whole region from the start. */
st_status grow_shuffle(uint32_t n, uint64_t seed, uint32_t *order, st_error *err);
/* Joins all sites of `order` in that order; what no vessel reaches where it stands moves to a place near by, in its
 * region. *relocated counts. */
st_status grow_join_all(grower *g, const terminal_site *site, uint32_t *order, uint32_t n, uint64_t seed,
                        const st_progress *progress, uint32_t *relocated, st_error *err);
/* The wish that stands for a site. */
grow_wish grow_wish_of(const grower *g, const terminal_site *site);
/* A place for a site that no vessel reaches where it stands: at random, ever farther away, in the same tissue; if that
 * has none (a lesion of one voxel) in any; at last beside any vessel there is. `item` keys the random stream.
 * ST_ANATOMY when there is none at all. */
st_status grow_relocate(grower *g, const terminal_site *site, uint64_t item, uint64_t seed, st_error *err);

/* All vessels of the tree, a parent before its children, into order[capacity]; returns how many. A measured root that
 * leads to no terminal is not in it. */
uint32_t grow_order(const grower *g, uint32_t *order);

/* The children of a vessel into child[0..2), the one with more terminals last: it comes off a stack first. Returns
 * how many there are. */
static inline uint32_t grow_larger_last(const grower *g, uint32_t vessel, uint32_t *child) {
    const uint32_t a = g->child[vessel][0], b = g->child[vessel][1];
    if (a == ST_NONE)
        return 0;
    if (b == ST_NONE) {
        child[0] = a;
        return 1;
    }
    const bool swap = g->count[b] > g->count[a];
    child[0] = swap ? a : b;
    child[1] = swap ? b : a;
    return 2;
}

/* Takes off the few terminals that lose far more pressure on their way than the others, and joins them anew. `before`
 * is what is lost on the way to the roots (sum of l n^(1 - 4/g)). */
st_status grow_regraft(grower *g, double before, uint64_t seed, uint32_t *relocated, st_error *err);

/* Moves the joints, each to the place where the volume of the vessels that meet there is least, so often; a gain of
 * less than `worth` of that volume is not worth a move. */
st_status grow_relax(grower *g, unsigned sweeps, double worth, st_error *err);

/* Radii shift a little after a vessel has been placed, and some vessels two joints apart then overlap. Moves joints,
 * by as little as possible, until no two vessels without a common joint do; branches that cannot be parted so are
 * taken off and joined anew, unless `relocated`, which counts them, is NULL. */
st_status grow_repair(grower *g, uint64_t seed, uint32_t *relocated, st_error *err);
/* Whether a vessel may be taken off: not a feeder's, which stands for many terminals, and not a measured one. */
bool grow_may_go(const grower *g, uint32_t vessel);

#endif
