/* Rooms: which part of the organ each territory supplies.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "growth.h"

/* Length of the vessels that may be joined, over the edge of the room of one terminal, below which a territory is
 * none. */
static const double LEAST_OPEN = 2;

typedef struct painting {
    growth *w;
    uint16_t region, domain, base;
} painting;

/* Later vessels, which are the finer ones, paint over earlier ones. */
static bool paint(void *context, size_t voxel) {
    const painting *p = context;
    uint16_t *region = &p->w->space.region[voxel];
    if (*region == p->domain || (*region >= p->base && *region != REGION_OUTSIDE))
        *region = p->region;
    return true;
}

static void paint_vessels(growth *w) {
    for (uint32_t k = 0; k < w->n_coarse; k++) {
        const uint32_t v = w->order_of_coarse[k];
        if (w->territory_of[v] == NO_TERRITORY || growth_is_feeder(w, &w->territory[w->territory_of[v]]))
            continue;
        const territory *t = &w->territory[w->territory_of[v]];
        painting p = {w, t->region, t->domain, growth_base(w)};
        grow_space_walk(&w->space, grow_ends(&w->coarse, v), paint, &p);
    }
}

/* The neighbours of a voxel that still belong to its domain alone take its region and join the queue. */
static void spread(growth *w, uint32_t voxel, uint32_t *queue, size_t *last) {
    const uint32_t *n = w->liver->geometry.n;
    uint16_t *region = w->space.region;
    const uint16_t own = region[voxel], domain = w->territory[w->territory_in[own]].domain;
    const st_block around = st_geometry_around(&w->liver->geometry, voxel);
    for (uint32_t z = around.low[2]; z <= around.high[2]; z++)
        for (uint32_t y = around.low[1]; y <= around.high[1]; y++)
            for (uint32_t x = around.low[0]; x <= around.high[0]; x++) {
                const uint32_t j = (z * n[1] + y) * n[0] + x;
                if (region[j] == domain) {
                    region[j] = own;
                    queue[(*last)++] = j;
                }
            }
}

/* From the voxels in the queue, first in first out. Returns how many voxels have a region now. */
static size_t spread_all(growth *w, uint32_t *queue, size_t last) {
    for (size_t next = 0; next < last; next++)
        spread(w, queue[next], queue, &last);
    return last;
}

/* What belongs to no territory goes to the one that reaches it in the fewest steps: from what has been painted at
 * first, from the borders of what is open later. */
static void fill_from_vessels(growth *w, uint32_t *queue) {
    const size_t voxels = st_geometry_voxels(&w->liver->geometry);
    size_t last = 0;
    for (size_t i = 0; i < voxels; i++)
        if (w->space.region[i] >= growth_base(w) && w->space.region[i] != REGION_OUTSIDE)
            queue[last++] = (uint32_t)i;
    (void)spread_all(w, queue, last);
}

/* The region of the first neighbour that a territory of the same domain has, REGION_OUTSIDE when none has. */
static uint16_t region_beside(const growth *w, uint32_t voxel, uint16_t least) {
    const uint32_t *n = w->liver->geometry.n;
    const uint16_t *region = w->space.region;
    const st_block around = st_geometry_around(&w->liver->geometry, voxel);
    for (uint32_t z = around.low[2]; z <= around.high[2]; z++)
        for (uint32_t y = around.low[1]; y <= around.high[1]; y++)
            for (uint32_t x = around.low[0]; x <= around.high[0]; x++) {
                const uint16_t other = region[(z * n[1] + y) * n[0] + x];
                if (other >= least && other != REGION_OUTSIDE &&
                    w->territory[w->territory_in[other]].domain == region[voxel])
                    return other;
            }
    return REGION_OUTSIDE;
}

/* Open voxels beside a territory, whose region is at least `least`, and from them all that they reach. Returns how
 * many voxels stay open. */
static size_t fill_from_borders(growth *w, uint16_t least, uint32_t *queue) {
    const size_t voxels = st_geometry_voxels(&w->liver->geometry);
    size_t last = 0, open = 0;
    for (size_t i = 0; i < voxels; i++)
        if (w->space.region[i] < w->supply->n) {
            open++;
            if (region_beside(w, (uint32_t)i, least) != REGION_OUTSIDE)
                queue[last++] = (uint32_t)i;
        }
    for (size_t k = 0; k < last; k++) /* now, so that none of them is beside another in the scan */
        w->space.region[queue[k]] = region_beside(w, queue[k], least);
    return open - spread_all(w, queue, last);
}

/* Territories with hardly a vessel to join give their room to the others. */
st_status growth_close_some(growth *w, bool *closed, st_error *err) {
    double *open = st_alloc(w->n_territories, sizeof *open, err); /* mm of vessels that may be joined */
    if (!open)
        return ST_MEMORY;
    const double least = LEAST_OPEN * cbrt(w->liver->volume / w->terminals);
    for (uint32_t k = 0; k < w->n_coarse; k++) {
        const uint32_t v = w->order_of_coarse[k];
        const uint16_t t = w->territory_of[v];
        double from, to;
        if (t == NO_TERRITORY || w->territory[t].closed || open[t] >= least ||
            !growth_free_run(w, &w->territory[t], v, &from, &to))
            continue;
        const segment_ends s = grow_ends(&w->coarse, v);
        open[t] += (to - from) * vec_distance(s.a, s.b);
    }
    *closed = false;
    for (uint16_t t = 0; t < w->n_territories; t++)
        if (open[t] < least && !w->territory[t].closed && !growth_is_feeder(w, &w->territory[t]))
            *closed = w->territory[t].closed = true;
    free(open);
    return ST_OK;
}

static void give_back_rooms(growth *w) {
    const size_t voxels = st_geometry_voxels(&w->liver->geometry);
    for (size_t i = 0; i < voxels; i++) {
        uint16_t *region = &w->space.region[i];
        if (*region >= w->supply->n && *region != REGION_OUTSIDE && w->territory[w->territory_in[*region]].closed)
            *region = w->territory[w->territory_in[*region]].domain;
    }
}

st_status growth_pass_on_rooms(growth *w, st_error *err) {
    uint32_t *queue = st_alloc(st_geometry_voxels(&w->liver->geometry), sizeof *queue, err);
    if (!queue)
        return ST_MEMORY;
    give_back_rooms(w);
    if (fill_from_borders(w, growth_base(w), queue) > 0)
        (void)fill_from_borders(w, (uint16_t)w->supply->n, queue); /* feeders take what no other reaches */
    grow_space_measure(&w->space);
    free(queue);
    return ST_OK;
}

st_status growth_first_rooms(growth *w, st_error *err) {
    uint32_t *queue = st_alloc(st_geometry_voxels(&w->liver->geometry), sizeof *queue, err);
    if (!queue)
        return ST_MEMORY;
    paint_vessels(w);
    fill_from_vessels(w, queue);
    if (fill_from_borders(w, growth_base(w), queue) > 0)
        (void)fill_from_borders(w, (uint16_t)w->supply->n, queue);
    grow_space_measure(&w->space);
    free(queue);
    return ST_OK;
}
