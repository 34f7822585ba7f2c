/* A uniform grid that knows which vessels reach into which cell.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_index.h"

#include <stasis/tree.h>
#include <stdlib.h>
#include <string.h>

st_status grow_index_init(grow_index *index, const double low[3], const double high[3], double cell, size_t vessels,
                          st_error *err) {
    *index = (grow_index){.grid = {.cell = cell, .per_cell = 1 / cell}};
    size_t cells = 1;
    for (int i = 0; i < 3; i++) {
        index->grid.low[i] = low[i];
        index->grid.n[i] = (uint32_t)fmax(1, ceil((high[i] - low[i]) / cell));
        cells *= index->grid.n[i];
    }
    index->capacity = 2 * vessels + 64;
    index->head = malloc(cells * sizeof *index->head);
    index->bunch = malloc(index->capacity * sizeof *index->bunch);
    index->seen = calloc(vessels, sizeof *index->seen);
    if (!index->head || !index->bunch || !index->seen) {
        grow_index_fini(index);
        return st_fail(err, ST_MEMORY, "no memory for the vessel index (%zu cells, %zu vessels)", cells, vessels);
    }
    memset(index->head, 0xff, cells * sizeof *index->head); /* ST_NONE */
    return ST_OK;
}

void grow_index_fini(grow_index *index) {
    free(index->head);
    free(index->bunch);
    free(index->seen);
    *index = (grow_index){0};
}

/* Whether a capsule can reach into a cell: by the ball around the cell. Outermost cells also stand
 * for all beyond them, so they always count. */
static bool reaches(const grow_grid *grid, segment_ends s, double radius, uint32_t x, uint32_t y, uint32_t z) {
    const vec centre = {grid->low[0] + (x + 0.5) * grid->cell, grid->low[1] + (y + 0.5) * grid->cell,
                        grid->low[2] + (z + 0.5) * grid->cell};
    const double reach = radius + grid->cell * 0.8660254037844387; /* sqrt(3) / 2 */
    if (x == 0 || y == 0 || z == 0 || x + 1 == grid->n[0] || y + 1 == grid->n[1] || z + 1 == grid->n[2])
        return true;
    return point_segment_distance2(centre, s) <= reach * reach;
}

static st_status make_room(grow_index *index, st_error *err) {
    const size_t more = index->capacity + index->capacity / 2;
    grow_bunch *bunch = more < ST_NONE ? realloc(index->bunch, more * sizeof *bunch) : NULL;
    if (!bunch)
        return st_fail(err, ST_MEMORY, "no memory for %zu places of the vessel index", more);
    index->bunch = bunch;
    index->capacity = more;
    return ST_OK;
}

static bool stands_in(const grow_index *index, size_t cell, uint32_t vessel) {
    for (uint32_t b = index->head[cell]; b != ST_NONE; b = index->bunch[b].next)
        for (int k = 0; k < GROW_BUNCH; k++)
            if (index->bunch[b].vessel[k] == vessel)
                return true;
    return false;
}

static st_status put(grow_index *index, size_t cell, uint32_t vessel, st_error *err) {
    uint32_t head = index->head[cell];
    if (head == ST_NONE || index->bunch[head].vessel[GROW_BUNCH - 1] != ST_NONE) {
        if (index->used == index->capacity) {
            const st_status status = make_room(index, err);
            if (status != ST_OK)
                return status;
        }
        memset(&index->bunch[index->used], 0xff, sizeof *index->bunch); /* ST_NONE */
        index->bunch[index->used].next = head;
        index->head[cell] = head = (uint32_t)index->used++;
    }
    int k = 0;
    while (index->bunch[head].vessel[k] != ST_NONE)
        k++;
    index->bunch[head].vessel[k] = vessel;
    return ST_OK;
}

st_status grow_index_add(grow_index *index, uint32_t vessel, bool known, segment_ends s, double radius, st_error *err) {
    const grid_block b = grid_block_around(&index->grid, s, radius);
    for (uint32_t z = b.low[2]; z <= b.high[2]; z++)
        for (uint32_t y = b.low[1]; y <= b.high[1]; y++)
            for (uint32_t x = b.low[0]; x <= b.high[0]; x++) {
                const size_t cell = grid_cell_at(&index->grid, x, y, z);
                if (!reaches(&index->grid, s, radius, x, y, z) || (known && stands_in(index, cell, vessel)))
                    continue;
                const st_status status = put(index, cell, vessel, err);
                if (status != ST_OK)
                    return status;
            }
    return ST_OK;
}

void grow_index_begin(grow_index *index) {
    index->mark++;
}

static void collect(grow_index *index, size_t cell, uint32_t *found, size_t *n) {
    for (uint32_t b = index->head[cell]; b != ST_NONE; b = index->bunch[b].next)
        for (int k = 0; k < GROW_BUNCH && index->bunch[b].vessel[k] != ST_NONE; k++) {
            const uint32_t vessel = index->bunch[b].vessel[k];
            if (index->seen[vessel] != index->mark) {
                index->seen[vessel] = index->mark;
                found[(*n)++] = vessel;
            }
        }
}

void grow_index_nearest(grow_index *index, vec p, uint32_t *found, size_t *n) {
    const grid_block b = grid_block_around(&index->grid, (segment_ends){p, p}, 0.5 * index->grid.cell);
    for (uint32_t z = b.low[2]; z <= b.high[2]; z++)
        for (uint32_t y = b.low[1]; y <= b.high[1]; y++)
            for (uint32_t x = b.low[0]; x <= b.high[0]; x++)
                collect(index, grid_cell_at(&index->grid, x, y, z), found, n);
}

void grow_index_near(grow_index *index, vec p, int from_ring, int to_ring, uint32_t *found, size_t *n) {
    int c[3], low[3], high[3];
    for (int i = 0; i < 3; i++) {
        const int last = (int)index->grid.n[i] - 1;
        c[i] = (int)grid_cell_of(&index->grid, i, vec_get(p, i));
        low[i] = c[i] - to_ring < 0 ? 0 : c[i] - to_ring;
        high[i] = c[i] + to_ring > last ? last : c[i] + to_ring;
    }
    for (int z = low[2]; z <= high[2]; z++)
        for (int y = low[1]; y <= high[1]; y++)
            for (int x = low[0]; x <= high[0]; x++)
                if (abs(x - c[0]) >= from_ring || abs(y - c[1]) >= from_ring || abs(z - c[2]) >= from_ring)
                    collect(index, grid_cell_at(&index->grid, (uint32_t)x, (uint32_t)y, (uint32_t)z), found, n);
}

void grow_index_along(grow_index *index, segment_ends s, double radius, uint32_t *found, size_t *n) {
    const grid_block b = grid_block_around(&index->grid, s, radius);
    for (uint32_t z = b.low[2]; z <= b.high[2]; z++)
        for (uint32_t y = b.low[1]; y <= b.high[1]; y++)
            for (uint32_t x = b.low[0]; x <= b.high[0]; x++)
                if (reaches(&index->grid, s, radius, x, y, z))
                    collect(index, grid_cell_at(&index->grid, x, y, z), found, n);
}
