/* Vessels that stand where they are while others grow: a grid that any thread may ask.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_GROW_OBSTACLES_H
#define STASIS_TREE_GROW_OBSTACLES_H

#include <stasis/base.h>

#include "grow_grid.h"

typedef struct obstacle {
    float a[3], b[3], radius; /* mm */
    uint32_t owner;
} obstacle;

static inline obstacle obstacle_of(segment_ends s, double radius, uint32_t owner) {
    obstacle o = {.radius = (float)radius, .owner = owner};
    vec_store(s.a, o.a);
    vec_store(s.b, o.b);
    return o;
}

typedef struct grow_obstacles {
    obstacle *item; /* [n] */
    uint32_t n;
    grow_grid grid;
    uint32_t *begin; /* [cells + 1] */
    uint32_t *in;    /* [begin[cells]] obstacles by cell */
} grow_obstacles;

/* Takes over item[n], from malloc. ST_MEMORY frees it. */
st_status grow_obstacles_init(grow_obstacles *obstacles, obstacle *item, uint32_t n, st_error *err);
void grow_obstacles_fini(grow_obstacles *obstacles);

/* Whether a capsule comes nearer to an obstacle of another owner than `clearance` (at most 1.25)
 * times the sum of both radii. */
bool grow_obstacles_touch(const grow_obstacles *obstacles, segment_ends s, double radius, double clearance,
                          uint32_t owner);

#endif
