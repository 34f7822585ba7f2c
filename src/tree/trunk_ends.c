/* Where vessels end: the voxels farthest on the way from one end of a piece, none within the reach of another's way
 * (after TEASAR, Sato et al. 2000, Pacific Graphics).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "trunk_heap.h"
#include "trunk_mask.h"

/* A way explains what is within this many radii and a voxel of it: from the middle of a vessel that is cut across, the
 * rim is the root of two of its radii away. */
static const double REACH = 1.5;

typedef struct search {
    const trunk_mask *mask;
    double *cost; /* [n] of the way from the piece's first voxel: length over depth, so that it runs in the middle */
    uint32_t *before; /* [n] voxel it is reached from, ST_NONE at the first */
    uint32_t *first;  /* [pieces] */
    bool *covered;    /* [n] */
    bool *passed;     /* [n] on a way */
    heap_entry *far;  /* [n] */
} search;

static st_status reach(const search *s, heap *h, uint32_t voxel, st_error *err) {
    const trunk_mask *mask = s->mask;
    for (int k = 0; k < 27; k++) {
        const size_t j = (size_t)((ptrdiff_t)mask->voxel[voxel] + mask->step[k]);
        if (k == 13 || !mask->inside[j])
            continue;
        const uint32_t next = mask->rank[j];
        const double cost = s->cost[voxel] + mask->far[k] / (double)mask->depth[j];
        if (!(cost < s->cost[next]))
            continue;
        s->cost[next] = cost;
        s->before[next] = voxel;
        const st_status status = heap_push(h, cost, next, err);
        if (status != ST_OK)
            return status;
    }
    return ST_OK;
}

/* Cheapest ways from the first voxel of every piece (Dijkstra 1959). */
static st_status find_ways(const search *s, st_error *err) {
    heap h = {0};
    heap_entry e;
    st_status status = ST_OK;
    for (uint32_t i = 0; i < s->mask->n; i++)
        s->cost[i] = INFINITY;
    for (uint32_t i = 0; i < s->mask->n_pieces && status == ST_OK; i++) {
        s->cost[s->first[i]] = 0;
        s->before[s->first[i]] = ST_NONE;
        status = heap_push(&h, 0, s->first[i], err);
    }
    while (status == ST_OK && heap_pop(&h, &e))
        if (e.key <= s->cost[e.item])
            status = reach(s, &h, e.item, err);
    heap_fini(&h);
    return status;
}

/* The deepest voxel of each piece, then the one farthest from it. */
static void deepest(const search *s) {
    const trunk_mask *mask = s->mask;
    for (uint32_t i = 0; i < mask->n_pieces; i++)
        s->first[i] = ST_NONE;
    for (uint32_t i = 0; i < mask->n; i++) {
        uint32_t *first = &s->first[mask->piece[i]];
        if (*first == ST_NONE || mask->depth[mask->voxel[i]] > mask->depth[mask->voxel[*first]])
            *first = i;
    }
}

static void farthest(const search *s) {
    for (uint32_t i = 0; i < s->mask->n; i++) {
        uint32_t *first = &s->first[s->mask->piece[i]];
        if (s->cost[i] > s->cost[*first])
            *first = i;
    }
}

/* Marks the voxels around one of a way. */
static void cover(const search *s, uint32_t voxel) {
    const trunk_mask *mask = s->mask;
    const uint32_t *n = mask->geometry.n, at = mask->voxel[voxel];
    const uint32_t centre[3] = {at % n[0], at / n[0] % n[1], at / n[0] / n[1]};
    const double reach_mm = REACH * ((double)mask->depth[at] - 0.5 * mask->side) + mask->side;
    const vec p = mask_point(mask, at);
    uint32_t low[3], high[3];
    for (int k = 0; k < 3; k++) {
        const uint32_t steps = (uint32_t)fmin(reach_mm / mask->geometry.spacing[k], n[k]);
        low[k] = centre[k] > steps ? centre[k] - steps : 0;
        high[k] = centre[k] + steps < n[k] ? centre[k] + steps : n[k] - 1;
    }
    for (uint32_t z = low[2]; z <= high[2]; z++)
        for (uint32_t y = low[1]; y <= high[1]; y++)
            for (uint32_t x = low[0]; x <= high[0]; x++) {
                const uint32_t j = (z * n[1] + y) * n[0] + x;
                if (mask->inside[j] && vec_distance(p, mask_point(mask, j)) <= reach_mm)
                    s->covered[mask->rank[j]] = true;
            }
}

static int farthest_first(const void *a, const void *b) {
    const heap_entry *x = a, *y = b;
    if (x->key != y->key)
        return x->key < y->key ? 1 : -1;
    return (x->item > y->item) - (x->item < y->item);
}

static void choose(const search *s, bool *end) {
    const trunk_mask *mask = s->mask;
    for (uint32_t i = 0; i < mask->n_pieces; i++)
        end[s->first[i]] = true;
    for (uint32_t i = 0; i < mask->n; i++)
        s->far[i] = (heap_entry){s->cost[i], i};
    qsort(s->far, mask->n, sizeof *s->far, farthest_first);
    for (uint32_t i = 0; i < mask->n; i++) {
        uint32_t voxel = s->far[i].item;
        if (s->covered[voxel])
            continue;
        end[voxel] = true;
        for (; voxel != ST_NONE && !s->passed[voxel]; voxel = s->before[voxel]) {
            s->passed[voxel] = true;
            cover(s, voxel);
        }
    }
}

st_status mask_find_ends(const trunk_mask *mask, bool *end, st_error *err) {
    search s = {.mask = mask,
                .cost = st_alloc(mask->n, sizeof *s.cost, err),
                .before = st_alloc(mask->n, sizeof *s.before, err),
                .first = st_alloc(mask->n_pieces, sizeof *s.first, err),
                .covered = st_alloc(mask->n, sizeof *s.covered, err),
                .passed = st_alloc(mask->n, sizeof *s.passed, err),
                .far = st_alloc(mask->n, sizeof *s.far, err)};
    st_status status = s.cost && s.before && s.first && s.covered && s.passed && s.far ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        deepest(&s);
        status = find_ways(&s, err);
    }
    if (status == ST_OK) {
        farthest(&s);
        status = find_ways(&s, err);
    }
    if (status == ST_OK)
        choose(&s, end);
    free(s.cost);
    free(s.before);
    free(s.first);
    free(s.covered);
    free(s.passed);
    free(s.far);
    return status;
}
