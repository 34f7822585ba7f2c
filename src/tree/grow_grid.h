/* The cells of a uniform grid; what lies beyond it counts to the outermost.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_GROW_GRID_H
#define STASIS_TREE_GROW_GRID_H

#include <stddef.h>
#include <stdint.h>

#include "grow_geometry.h"

typedef struct grow_grid {
    double low[3], cell, per_cell; /* mm; mm; 1/mm */
    uint32_t n[3];
} grow_grid;

/* Cells low..high of each axis. */
typedef struct grid_block {
    uint32_t low[3], high[3];
} grid_block;

static inline uint32_t grid_cell_of(const grow_grid *grid, int axis, double x) {
    const double at = (x - grid->low[axis]) * grid->per_cell;
    return !(at > 0) ? 0 : at >= grid->n[axis] ? grid->n[axis] - 1 : (uint32_t)at;
}

static inline size_t grid_cell_at(const grow_grid *grid, uint32_t x, uint32_t y, uint32_t z) {
    return ((size_t)z * grid->n[1] + y) * grid->n[0] + x;
}

/* What the box around a capsule touches. */
static inline grid_block grid_block_around(const grow_grid *grid, segment_ends s, double radius) {
    grid_block b;
    for (int i = 0; i < 3; i++) {
        const double p = vec_get(s.a, i), q = vec_get(s.b, i);
        b.low[i] = grid_cell_of(grid, i, lesser(p, q) - radius);
        b.high[i] = grid_cell_of(grid, i, greater(p, q) + radius);
    }
    return b;
}

#endif
