/* A uniform grid that knows which vessels reach into which cell.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_index.h"

#include <stasis/tree.h>
#include <stdlib.h>
#include <string.h>

st_status grow_index_init(grow_index *index, const double low[3], const double high[3], double cell, size_t vessels,
                          st_error *err) {
    *index = (grow_index){.cell = cell, .per_cell = 1 / cell};
    size_t cells = 1;
    for (int i = 0; i < 3; i++) {
        index->low[i] = low[i];
        index->n[i] = (uint32_t)fmax(1, ceil((high[i] - low[i]) / cell));
        cells *= index->n[i];
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

static int cell_of(const grow_index *index, int axis, double x) {
    const double at = (x - index->low[axis]) * index->per_cell;
    const int i = at > 0 ? at < INT32_MAX ? (int)at : INT32_MAX : 0;
    return i >= (int)index->n[axis] ? (int)index->n[axis] - 1 : i;
}

static size_t cell_at(const grow_index *index, int x, int y, int z) {
    return ((size_t)z * index->n[1] + (size_t)y) * index->n[0] + (size_t)x;
}

/* The block of cells that the box around a capsule touches. */
typedef struct block {
    int low[3], high[3];
} block;

static block block_around(const grow_index *index, segment_ends s, double radius) {
    block b;
    for (int i = 0; i < 3; i++) {
        const double p = vec_get(s.a, i), q = vec_get(s.b, i);
        b.low[i] = cell_of(index, i, lesser(p, q) - radius);
        b.high[i] = cell_of(index, i, greater(p, q) + radius);
    }
    return b;
}

/* Whether a capsule can reach into a cell: by the ball around the cell. Outermost cells also stand
 * for all beyond them, so they always count. */
static bool reaches(const grow_index *index, segment_ends s, double radius, int x, int y, int z) {
    const vec centre = {index->low[0] + (x + 0.5) * index->cell, index->low[1] + (y + 0.5) * index->cell,
                        index->low[2] + (z + 0.5) * index->cell};
    const double reach = radius + index->cell * 0.8660254037844387; /* sqrt(3) / 2 */
    if (x == 0 || y == 0 || z == 0 || x + 1 == (int)index->n[0] || y + 1 == (int)index->n[1] ||
        z + 1 == (int)index->n[2])
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
    const block b = block_around(index, s, radius);
    for (int z = b.low[2]; z <= b.high[2]; z++)
        for (int y = b.low[1]; y <= b.high[1]; y++)
            for (int x = b.low[0]; x <= b.high[0]; x++) {
                const size_t cell = cell_at(index, x, y, z);
                if (!reaches(index, s, radius, x, y, z) || (known && stands_in(index, cell, vessel)))
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
    int low[3], high[3];
    for (int i = 0; i < 3; i++) {
        low[i] = cell_of(index, i, vec_get(p, i) - 0.5 * index->cell);
        high[i] = cell_of(index, i, vec_get(p, i) + 0.5 * index->cell);
    }
    for (int z = low[2]; z <= high[2]; z++)
        for (int y = low[1]; y <= high[1]; y++)
            for (int x = low[0]; x <= high[0]; x++)
                collect(index, cell_at(index, x, y, z), found, n);
}

void grow_index_near(grow_index *index, vec p, int from_ring, int to_ring, uint32_t *found, size_t *n) {
    const int c[3] = {cell_of(index, 0, p.x), cell_of(index, 1, p.y), cell_of(index, 2, p.z)};
    int low[3], high[3];
    for (int i = 0; i < 3; i++) {
        low[i] = c[i] - to_ring < 0 ? 0 : c[i] - to_ring;
        high[i] = c[i] + to_ring >= (int)index->n[i] ? (int)index->n[i] - 1 : c[i] + to_ring;
    }
    for (int z = low[2]; z <= high[2]; z++)
        for (int y = low[1]; y <= high[1]; y++)
            for (int x = low[0]; x <= high[0]; x++)
                if (abs(x - c[0]) >= from_ring || abs(y - c[1]) >= from_ring || abs(z - c[2]) >= from_ring)
                    collect(index, cell_at(index, x, y, z), found, n);
}

void grow_index_along(grow_index *index, segment_ends s, double radius, uint32_t *found, size_t *n) {
    const block b = block_around(index, s, radius);
    for (int z = b.low[2]; z <= b.high[2]; z++)
        for (int y = b.low[1]; y <= b.high[1]; y++)
            for (int x = b.low[0]; x <= b.high[0]; x++)
                if (reaches(index, s, radius, x, y, z))
                    collect(index, cell_at(index, x, y, z), found, n);
}
