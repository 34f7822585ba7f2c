/* Obstacles by the cells of a uniform grid.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_obstacles.h"

#include <stdlib.h>

/* Cells along an axis at most: an obstacle far away must not make the grid absurd. */
enum { CELLS_MOST = 256 };
/* Obstacles are filed wider than they are, so that a clearance of up to this factor finds them. */
static const double CLEARANCE_MOST = 1.25;

typedef struct block {
    uint32_t low[3], high[3];
} block;

static uint32_t cell_of(const grow_obstacles *o, int axis, double x) {
    const double i = (x - o->low[axis]) * o->per_cell;
    return !(i > 0) ? 0 : i >= o->cells[axis] ? o->cells[axis] - 1 : (uint32_t)i;
}

static block block_around(const grow_obstacles *o, segment_ends s, double radius) {
    block b;
    for (int i = 0; i < 3; i++) {
        const double p = vec_get(s.a, i), q = vec_get(s.b, i);
        b.low[i] = cell_of(o, i, lesser(p, q) - radius);
        b.high[i] = cell_of(o, i, greater(p, q) + radius);
    }
    return b;
}

static segment_ends ends_of(const obstacle *o) {
    return (segment_ends){vec_of(o->a), vec_of(o->b)};
}

/* Calls for each cell of each obstacle: counts when `in` is NULL, files it otherwise. */
static void visit(grow_obstacles *o) {
    for (uint32_t i = 0; i < o->n; i++) {
        const block b = block_around(o, ends_of(&o->item[i]), CLEARANCE_MOST * (double)o->item[i].radius);
        for (uint32_t z = b.low[2]; z <= b.high[2]; z++)
            for (uint32_t y = b.low[1]; y <= b.high[1]; y++)
                for (uint32_t x = b.low[0]; x <= b.high[0]; x++) {
                    const size_t cell = ((size_t)z * o->cells[1] + y) * o->cells[0] + x;
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
        o->low[k] = INFINITY;
        high[k] = -INFINITY;
        for (uint32_t i = 0; i < o->n; i++) {
            o->low[k] = fmin(o->low[k], (double)fminf(o->item[i].a[k], o->item[i].b[k]));
            high[k] = fmax(high[k], (double)fmaxf(o->item[i].a[k], o->item[i].b[k]));
        }
        volume *= fmax(high[k] - o->low[k], 1e-3);
    }
    o->cell = cbrt(volume / o->n);
    for (int k = 0; k < 3; k++)
        o->cell = fmax(o->cell, (high[k] - o->low[k]) / CELLS_MOST);
    o->per_cell = 1 / o->cell;
    for (int k = 0; k < 3; k++)
        cells *= o->cells[k] = (uint32_t)((high[k] - o->low[k]) / o->cell) + 1;
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
    const block b = block_around(o, s, radius * clearance);
    for (uint32_t z = b.low[2]; z <= b.high[2]; z++)
        for (uint32_t y = b.low[1]; y <= b.high[1]; y++)
            for (uint32_t x = b.low[0]; x <= b.high[0]; x++) {
                const size_t cell = ((size_t)z * o->cells[1] + y) * o->cells[0] + x;
                for (uint32_t k = o->begin[cell]; k < o->begin[cell + 1]; k++) {
                    const obstacle *item = &o->item[o->in[k]];
                    if (item->owner != owner &&
                        segments_nearer(s, ends_of(item), (radius + (double)item->radius) * clearance))
                        return true;
                }
            }
    return false;
}
