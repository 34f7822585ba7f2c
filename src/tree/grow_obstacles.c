/* Obstacles by the cells of a uniform grid.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_obstacles.h"

#include <stdlib.h>

/* Cells along an axis at most: an obstacle far away must not make the grid absurd. */
enum { CELLS_MOST = 256 };
/* Obstacles are filed wider than they are, so that a clearance of up to this factor finds them. */
static const double CLEARANCE_MOST = 1.25;

static segment_ends ends_of(const obstacle *o) {
    return (segment_ends){vec_of(o->a), vec_of(o->b)};
}

/* Calls for each cell of each obstacle: counts when `in` is NULL, files it otherwise. */
static void visit(grow_obstacles *o) {
    for (uint32_t i = 0; i < o->n; i++) {
        const grid_block b =
            grid_block_around(&o->grid, ends_of(&o->item[i]), CLEARANCE_MOST * (double)o->item[i].radius);
        for (uint32_t z = b.low[2]; z <= b.high[2]; z++)
            for (uint32_t y = b.low[1]; y <= b.high[1]; y++)
                for (uint32_t x = b.low[0]; x <= b.high[0]; x++) {
                    const size_t cell = grid_cell_at(&o->grid, x, y, z);
                    if (o->in)
                        o->in[o->begin[cell]++] = i;
                    else
                        o->begin[cell + 1]++;
                }
    }
}

static size_t lay_out(grow_obstacles *o) {
    double high[3], volume = 1;
    size_t cells = 1;
    for (int k = 0; k < 3; k++) {
        o->grid.low[k] = INFINITY;
        high[k] = -INFINITY;
        for (uint32_t i = 0; i < o->n; i++) {
            o->grid.low[k] = fmin(o->grid.low[k], (double)fminf(o->item[i].a[k], o->item[i].b[k]));
            high[k] = fmax(high[k], (double)fmaxf(o->item[i].a[k], o->item[i].b[k]));
        }
        volume *= fmax(high[k] - o->grid.low[k], 1e-3);
    }
    o->grid.cell = cbrt(volume / o->n);
    for (int k = 0; k < 3; k++)
        o->grid.cell = fmax(o->grid.cell, (high[k] - o->grid.low[k]) / CELLS_MOST);
    o->grid.per_cell = 1 / o->grid.cell;
    for (int k = 0; k < 3; k++)
        cells *= o->grid.n[k] = (uint32_t)((high[k] - o->grid.low[k]) / o->grid.cell) + 1;
    return cells;
}

st_status grow_obstacles_init(grow_obstacles *o, obstacle *item, uint32_t n, st_error *err) {
    *o = (grow_obstacles){.item = item, .n = n};
    if (n == 0)
        return ST_OK;
    const size_t cells = lay_out(o);
    o->begin = st_alloc(cells + 1, sizeof *o->begin, err);
    if (o->begin) {
        visit(o);
        for (size_t c = 0; c < cells; c++)
            o->begin[c + 1] += o->begin[c];
        o->in = st_alloc(o->begin[cells], sizeof *o->in, err);
    }
    if (!o->in) {
        grow_obstacles_fini(o);
        return ST_MEMORY;
    }
    visit(o);
    for (size_t c = cells; c > 0; c--) /* filing moved each beginning to its end */
        o->begin[c] = o->begin[c - 1];
    o->begin[0] = 0;
    return ST_OK;
}

void grow_obstacles_fini(grow_obstacles *o) {
    free(o->item);
    free(o->begin);
    free(o->in);
    *o = (grow_obstacles){0};
}

bool grow_obstacles_touch(const grow_obstacles *o, segment_ends s, double radius, double clearance, uint32_t owner) {
    if (o->n == 0)
        return false;
    const grid_block b = grid_block_around(&o->grid, s, radius * clearance);
    for (uint32_t z = b.low[2]; z <= b.high[2]; z++)
        for (uint32_t y = b.low[1]; y <= b.high[1]; y++)
            for (uint32_t x = b.low[0]; x <= b.high[0]; x++) {
                const size_t cell = grid_cell_at(&o->grid, x, y, z);
                for (uint32_t k = o->begin[cell]; k < o->begin[cell + 1]; k++) {
                    const obstacle *item = &o->item[o->in[k]];
                    if (item->owner != owner &&
                        segments_nearer(s, ends_of(item), (radius + (double)item->radius) * clearance))
                        return true;
                }
            }
    return false;
}
