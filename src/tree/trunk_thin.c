/* Thinning that keeps the topology: of the voxels that may go, the one nearest to the wall goes first (distance-ordered
 * homotopic thinning, Pudney 1998, Comput Vis Image Underst 72:404), where a voxel may go when it is simple (Bertrand &
 * Malandain 1994, Pattern Recogn Lett 15:169): vessels hang together by 26 neighbours, what is around them by 6.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "trunk_heap.h"
#include "trunk_mask.h"

enum { CUBE = 27, CENTRE = 13 };

/* Sets of the 27 voxels of a cube, a bit each. */
typedef struct cubes {
    uint32_t touching[CUBE]; /* the 26 neighbours of each that are in the cube */
    uint32_t beside[CUBE];   /* the 6 */
    uint32_t near, sides;    /* the 18 and the 6 neighbours of the centre */
} cubes;

static int steps_between(int i, int j) {
    return abs(i % 3 - j % 3) + abs(i / 3 % 3 - j / 3 % 3) + abs(i / 9 - j / 9);
}

static bool touches(int i, int j) {
    return i != j && abs(i % 3 - j % 3) < 2 && abs(i / 3 % 3 - j / 3 % 3) < 2 && abs(i / 9 - j / 9) < 2;
}

static cubes cubes_make(void) {
    cubes c = {0};
    for (int i = 0; i < CUBE; i++) {
        for (int j = 0; j < CUBE; j++) {
            c.touching[i] |= touches(i, j) ? 1u << j : 0;
            c.beside[i] |= steps_between(i, j) == 1 ? 1u << j : 0;
        }
        const int steps = steps_between(i, CENTRE);
        c.near |= steps == 1 || steps == 2 ? 1u << i : 0;
        c.sides |= steps == 1 ? 1u << i : 0;
    }
    return c;
}

/* What of `set` hangs together with its members in `seed`. */
static uint32_t flood(const uint32_t neighbours[CUBE], uint32_t set, uint32_t seed) {
    uint32_t reached = seed & set, before = 0;
    while (reached != before) {
        const uint32_t fresh = reached & ~before;
        before = reached;
        for (int i = 0; i < CUBE; i++)
            if (fresh >> i & 1)
                reached |= neighbours[i] & set;
    }
    return reached;
}

static uint32_t lowest(uint32_t set) {
    return set & (~set + 1);
}

/* One piece of vessel around the voxel, and one of the outside that touches its sides. */
static bool is_simple(const cubes *c, uint32_t inside) {
    const uint32_t vessel = inside & ~(1u << CENTRE), outside = ~inside & c->near;
    if (vessel == 0 || (outside & c->sides) == 0)
        return false;
    return flood(c->touching, vessel, lowest(vessel)) == vessel &&
           (flood(c->beside, outside, lowest(outside & c->sides)) & c->sides) == (outside & c->sides);
}

typedef struct thinning {
    const trunk_mask *mask;
    const bool *end;
    bool *left;
    bool *queued;
    cubes c;
    heap h;
} thinning;

static uint32_t around(const thinning *t, uint32_t voxel) {
    uint32_t set = 0;
    for (int k = 0; k < CUBE; k++) {
        const size_t j = (size_t)((ptrdiff_t)t->mask->voxel[voxel] + t->mask->step[k]);
        if (t->mask->inside[j] && t->left[t->mask->rank[j]])
            set |= 1u << k;
    }
    return set;
}

/* By depth; of voxels as deep, those go first whose neighbours are less deep. */
static double order_of(const trunk_mask *mask, uint32_t voxel) {
    double sum = 0;
    for (int k = 0; k < CUBE; k++)
        sum += (double)mask->depth[(ptrdiff_t)mask->voxel[voxel] + mask->step[k]];
    return (double)mask->depth[mask->voxel[voxel]] + 1e-3 * sum / CUBE;
}

static st_status enqueue(thinning *t, uint32_t voxel, st_error *err) {
    if (t->queued[voxel] || t->end[voxel] || !t->left[voxel])
        return ST_OK;
    t->queued[voxel] = true;
    return heap_push(&t->h, order_of(t->mask, voxel), voxel, err);
}

static st_status enqueue_neighbours(thinning *t, uint32_t voxel, st_error *err) {
    st_status status = ST_OK;
    for (int k = 0; k < CUBE && status == ST_OK; k++) {
        const size_t j = (size_t)((ptrdiff_t)t->mask->voxel[voxel] + t->mask->step[k]);
        if (t->mask->inside[j])
            status = enqueue(t, t->mask->rank[j], err);
    }
    return status;
}

/* What could not go is looked at again when a neighbour has gone. */
static st_status run(thinning *t, st_error *err) {
    heap_entry e;
    st_status status = ST_OK;
    for (uint32_t i = 0; i < t->mask->n && status == ST_OK; i++) {
        t->left[i] = true;
        status = enqueue(t, i, err);
    }
    while (status == ST_OK && heap_pop(&t->h, &e)) {
        t->queued[e.item] = false;
        if (!is_simple(&t->c, around(t, e.item)))
            continue;
        t->left[e.item] = false;
        status = enqueue_neighbours(t, e.item, err);
    }
    return status;
}

st_status mask_thin(const trunk_mask *mask, const bool *end, bool *left, st_error *err) {
    thinning t = {.mask = mask, .end = end, .left = left, .queued = st_alloc(mask->n, sizeof(bool), err)};
    t.c = cubes_make();
    const st_status status = t.queued ? run(&t, err) : ST_MEMORY;
    heap_fini(&t.h);
    free(t.queued);
    return status;
}
