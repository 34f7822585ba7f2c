/* One growth from beginning to end: what its stages hand on. Sites, feeders, coarse tree, territories, fine trees, and
 * all of it put together, in this order.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_GROWTH_H
#define STASIS_TREE_GROWTH_H

#include "grow_internal.h"

/* Into how many parts: sites of the coarse tree, and terminals of a territory at most. */
typedef struct grow_parts {
    uint32_t coarse, territory;
} grow_parts;

#define NO_TERRITORY UINT16_MAX

/* A part of a lesion that an artery of its own feeds. */
typedef struct feeder {
    uint16_t region, domain;
    uint32_t voxel;  /* in its middle: where the artery of the coarse tree ends */
    uint32_t sites;  /* terminals of its own */
    uint32_t vessel; /* terminal of the coarse tree, ST_NONE when none was led there */
} feeder;

/* A finished part of the tree, its vessels depth first, the child with more terminals first. */
typedef struct tree_piece {
    uint32_t n;
    uint32_t *parent; /* [n] within the piece, ST_NONE at its root */
    uint32_t *count;
    float (*end)[3];
    uint16_t *lesion;
    uint16_t *feeder; /* [n] territory of the feeder that a vessel stands for, NO_TERRITORY elsewhere */
} tree_piece;
void tree_piece_fini(tree_piece *piece);

/* A branch of the coarse tree and the part of the organ around it, which it will supply. */
typedef struct territory {
    uint32_t root; /* vessel of the coarse tree */
    uint16_t region, domain;
    bool closed;            /* no vessel of it may be joined: it stays as it is, and its room goes to others */
    uint32_t own;           /* terminals of the coarse tree */
    uint32_t fed;           /* terminals of the feeders that hang on it */
    uint32_t *order;        /* [sites], within growth.order */
    uint32_t sites;         /* more terminals to place */
    double volume;          /* mm^3 */
    double low[3], high[3]; /* mm */
    double before;          /* pressure lost on the way to its root, as in grow_regraft */
    tree_piece piece;
    uint32_t filled; /* terminals that the piece was grown for; 0: there is none yet */
    uint32_t relocated;
    st_status status;
    st_error err;
} territory;

typedef struct growth {
    const st_liver *liver;
    const st_parameters *parameters;
    const st_tree_options *options;
    const st_progress *progress;
    const st_supply *supply;
    grow_parts parts;
    double demand[3], inflow;     /* (mm^3/s)/mm^3 by tissue; mm^3/s */
    double exponent, root_radius; /* mm, of a vessel that carries the whole inflow */
    uint32_t terminals;
    grow_space space;
    grow_obstacles others; /* vessels of another system */
    grow_obstacles laid;   /* vessels of the coarse tree, as wide as they may become */
    terminal_site *site;   /* [terminals] along a curve */
    bool *used;            /* [terminals] by the coarse tree */
    feeder *feeder;
    uint16_t n_feeders;
    grower coarse;
    uint32_t *rest; /* [n_rest] sites of the coarse tree that are still to be joined */
    uint32_t n_rest;
    uint32_t *order_of_coarse; /* [n_coarse] vessels, a parent before its children */
    uint32_t n_coarse;
    uint32_t *final;        /* [coarse.n] terminals that a vessel feeds in the end; at most, inside a territory */
    uint32_t *light;        /* [coarse.n] terminals of the coarse tree at or beyond a vessel, in its territory */
    bool *tight;            /* [coarse.n] may not become wider than was promised */
    uint16_t *territory_of; /* [coarse.n] NO_TERRITORY for the trunk */
    territory *territory;
    uint16_t n_territories;
    uint16_t *territory_in; /* [regions] number of the territory of a region */
    uint32_t *order;        /* [terminals] sites by territory */
    uint32_t relocated;
    uint32_t left_out; /* measured vessels that lead to nothing in the organ */
} growth;
enum { FEEDERS_MOST = 20000, TERRITORIES_MOST = 40000 }; /* together fewer than REGIONS_MOST */

/* Owners of obstacles that are no region. */
enum { OWNER_TRUNK = 1 << 16, OWNER_OTHERS };

/* Lesions get regions of their own, as their feeders divide them; the sites must be there. */
st_status growth_find_feeders(growth *w, st_error *err);
/* The part of a feeder goes back to the liver around it. */
void growth_give_up_feeder(growth *w, feeder *f);
/* From the inlets or the measured trunk to a few hundred terminals over the whole organ, and to the feeders. */
st_status growth_sketch(growth *w, st_error *err);
/* From there to a coarse tree. */
st_status growth_grow_coarse(growth *w, st_error *err);
/* The coarse tree is cut, the organ shared out, and the radii of what was cut off become final. */
st_status growth_cut(growth *w, st_error *err);
/* The organ shared out among the territories for the first time: each voxel to the one that reaches it in the fewest
 * steps from its vessels. */
st_status growth_first_rooms(growth *w, st_error *err);
/* Territories with hardly a vessel to join are closed; *closed: there were some. */
st_status growth_close_some(growth *w, bool *closed, st_error *err);
/* What closed territories had goes to those around it. */
st_status growth_pass_on_rooms(growth *w, st_error *err);
/* Whether a vessel of the coarse tree is in no territory, or in one that is closed. */
bool growth_is_trunk(const growth *w, uint32_t vessel);
/* The vessels of the coarse tree as obstacles, as wide as they will become at most. */
st_status growth_lay_obstacles(growth *w, st_error *err);
/* Sites, radii and obstacles of the territories as they are now. */
st_status growth_settle(growth *w, st_error *err);
/* Finds the vessels that would overlap another one if they became much wider than was promised. */
st_status growth_find_tight(growth *w, st_error *err);
/* A territory that could not be filled is closed; a feeder becomes an ordinary terminal of the vessel it hangs on. */
void growth_close(growth *w, uint16_t number);
/* Closed territories pass on what they had; sites, radii and obstacles follow. */
st_status growth_pass_on(growth *w, st_error *err);
/* Every territory is filled, on all threads. */
st_status growth_fill(growth *w, st_error *err);
/* The coarse trunk and the pieces of the territories as one tree; the pieces are freed on the way. */
st_status growth_assemble(growth *w, st_tree *tree, st_error *err);

/* Regions are numbered: inlets first, then feeders, then territories, from this one on. */
static inline uint16_t growth_base(const growth *w) {
    return (uint16_t)(w->supply->n + w->n_feeders);
}
static inline bool growth_is_feeder(const growth *w, const territory *t) {
    return t->region < growth_base(w);
}

/* The parts of a vessel that may be joined: where it is in its territory's region and clear of the vessels of others.
 * From and to are 0..1 along it; false when there is no such part. */
bool growth_free_run(const growth *w, const territory *t, uint32_t vessel, double *from, double *to);
/* Terminals that a territory has in the end, those of its feeders with them. */
uint32_t growth_terminals_of(const territory *t);
/* Loss of pressure along a vessel of the coarse tree, in the units of grow_regraft. */
double growth_loss(const growth *w, uint32_t vessel);

/* Room, sites, the lesions' division: everything before the first vessel. */
st_status growth_begin(growth *w, st_error *err);
void growth_fini(growth *w);
/* Keeps off the vessels of another tree; or off the coarse tree of another growth, as wide as it is now times a
 * margin. */
st_status growth_avoid_tree(growth *w, const st_tree *tree, st_error *err);
st_status growth_avoid_growth(growth *w, const growth *other, double margin, st_error *err);

/* The whole, in given parts; .coarse 0: as many as st_tree_grow takes. */
st_status grow_in_parts(const st_liver *liver, const st_parameters *parameters, const st_tree_options *options,
                        grow_parts parts, const st_progress *progress, st_tree *tree, st_tree_growth *report,
                        st_error *err);

#endif
