/* A uniform grid that knows which vessels reach into which cell.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_GROW_INDEX_H
#define STASIS_TREE_GROW_INDEX_H

#include <stasis/base.h>

#include "grow_grid.h"

/* Some vessels of a cell, and where there are more: half a cache line, since a walk from vessel to vessel through
 * memory is what a search would wait for. */
enum { GROW_BUNCH = 7 };
typedef struct grow_bunch {
    uint32_t vessel[GROW_BUNCH]; /* ST_NONE at places that are free, which are the last */
    uint32_t next;               /* ST_NONE at the last bunch */
} grow_bunch;

/* Entries may outlive the position they were made for: callers look at the vessel itself. What
 * is promised is that a vessel stands in every cell that its capsule touches. */
typedef struct grow_index {
    grow_grid grid;
    uint32_t *head;    /* [cells] newest bunch, ST_NONE */
    grow_bunch *bunch; /* [capacity] */
    size_t used, capacity;
    uint32_t *seen; /* [vessels] mark of the query that met it last */
    uint32_t mark;
} grow_index;

st_status grow_index_init(grow_index *index, const double low[3], const double high[3], double cell, size_t vessels,
                          st_error *err);
void grow_index_fini(grow_index *index);

/* A known vessel, which has moved, is added only where it does not stand yet. */
st_status grow_index_add(grow_index *index, uint32_t vessel, bool known, segment_ends s, double radius, st_error *err);

/* Vessels of the eight cells nearest to p, each once, appended to found[*n] (room for all vessels). */
void grow_index_nearest(grow_index *index, vec p, uint32_t *found, size_t *n);

/* Vessels of the cells within `rings` cells of the one that holds p, each once, appended to
 * found[*n] (room for all vessels). With from_ring above 0 only the outer shells are visited. */
void grow_index_near(grow_index *index, vec p, int from_ring, int to_ring, uint32_t *found, size_t *n);

/* Vessels that may come within `radius` of a segment, each once, appended to found[*n]. */
void grow_index_along(grow_index *index, segment_ends s, double radius, uint32_t *found, size_t *n);

/* Begins a query in which each vessel is met at most once. */
void grow_index_begin(grow_index *index);

#endif
