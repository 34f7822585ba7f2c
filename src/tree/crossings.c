/* Vessels that run into each other: every pair of segments whose boxes meet, found on a uniform grid.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdatomic.h>
#include <stdlib.h>

#include "measure_internal.h"
#include "vec.h"

/* Cells: so many along an axis, and so many segments in them, at most. */
enum { MOST_PER_AXIS = 1024, ITEMS_PER_SEGMENT = 8 };

/* Segments of `tree`, then those of `other` when pairs between two trees are wanted. */
typedef struct grid {
    const st_tree *tree, *other;
    uint32_t segments;
    double low[3], high[3], cell; /* mm */
    uint32_t n[3];
    _Atomic uint32_t
        *end;       /* [cells + 1] first a cell's number of items, then where its items begin, then where they end */
    uint32_t *item; /* segments whose box touches the cell, cell by cell */
    _Atomic uint64_t items, pairs, first;
} grid;

/* A segment as it is held against others. */
typedef struct capsule {
    vec from, along;
    double radius, low[3], high[3]; /* mm, of its box */
    uint32_t segment, parent;       /* of the grid; ST_NONE at a root */
    bool of_other, measured;
} capsule;

static capsule capsule_of(const grid *g, uint32_t segment) {
    const bool of_other = segment >= g->tree->n;
    const st_tree *tree = of_other ? g->other : g->tree;
    const uint32_t i = of_other ? segment - g->tree->n : segment;
    capsule c = {.from = vec_of(tree->proximal[i]),
                 .radius = (double)tree->radius[i],
                 .segment = segment,
                 .parent = tree->parent[i],
                 .of_other = of_other,
                 .measured = tree->measured[i] != 0};
    c.along = vec_sub(vec_of(tree->distal[i]), c.from);
    for (int k = 0; k < 3; k++) {
        const double p = (double)tree->proximal[i][k], q = (double)tree->distal[i][k];
        c.low[k] = (p < q ? p : q) - c.radius;
        c.high[k] = (p < q ? q : p) + c.radius;
    }
    return c;
}

/* ---- one pair ------------------------------------------------------------------ */

static double point_distance2(vec p, vec a, vec d) {
    const double dd = vec_dot(d, d);
    const double t = dd > 0 ? fmin(fmax(vec_dot(vec_sub(p, a), d) / dd, 0), 1) : 0;
    const vec r = vec_sub(p, vec_add(a, vec_scale(d, t)));
    return vec_dot(r, r);
}

/* Closest approach of two segments p + s d, q + t e with s, t in 0..1: the smooth minimum where it lies within,
 * else the best of the four ends against the other segment. */
static double closest2(const capsule *a, const capsule *b) {
    const vec p = a->from, d = a->along, q = b->from, e = b->along, w = vec_sub(p, q);
    const double dd = vec_dot(d, d), de = vec_dot(d, e), ee = vec_dot(e, e), dw = vec_dot(d, w), ew = vec_dot(e, w);
    double least = fmin(fmin(point_distance2(p, q, e), point_distance2(vec_add(p, d), q, e)),
                        fmin(point_distance2(q, p, d), point_distance2(vec_add(q, e), p, d)));
    const double determinant = dd * ee - de * de;
    if (determinant > 0) {
        const double s = (de * ew - ee * dw) / determinant, t = (dd * ew - de * dw) / determinant;
        if (s > 0 && s < 1 && t > 0 && t < 1) {
            const vec r = vec_sub(vec_add(p, vec_scale(d, s)), vec_add(q, vec_scale(e, t)));
            least = fmin(least, vec_dot(r, r));
        }
    }
    return least;
}

static bool boxes_meet(const capsule *a, const capsule *b) {
    return a->low[0] < b->high[0] && b->low[0] < a->high[0] && a->low[1] < b->high[1] && b->low[1] < a->high[1] &&
           a->low[2] < b->high[2] && b->low[2] < a->high[2];
}

/* Roots share one where they begin in one place. */
static bool share_joint(const capsule *a, const capsule *b) {
    return a->parent == b->segment || b->parent == a->segment ||
           (a->parent == b->parent && (a->parent != ST_NONE || vec_distance(a->from, b->from) <= 0));
}

/* Two measured vessels run as their image has them: that they touch is no fault of the tree. */
static bool cross(const grid *g, const capsule *a, const capsule *b) {
    const double reach = a->radius + b->radius;
    return boxes_meet(a, b) && !(a->measured && b->measured) &&
           (g->other ? a->of_other != b->of_other : !share_joint(a, b)) && closest2(a, b) < reach * reach;
}

/* ---- the grid -------------------------------------------------------------------- */

/* Cells low..high of each axis that the box touches. */
static void cells_of(const grid *g, const capsule *c, uint32_t low[3], uint32_t high[3]) {
    for (int k = 0; k < 3; k++) {
        const double most = (double)g->n[k] - 1;
        low[k] = (uint32_t)fmin(fmax((c->low[k] - g->low[k]) / g->cell, 0), most);
        high[k] = (uint32_t)fmin(fmax((c->high[k] - g->low[k]) / g->cell, 0), most);
    }
}

static size_t cell_at(const grid *g, uint32_t x, uint32_t y, uint32_t z) {
    return ((size_t)z * g->n[1] + y) * g->n[0] + x;
}

static void count_items(void *context, size_t begin, size_t end) {
    grid *g = context;
    uint64_t items = 0;
    for (size_t i = begin; i < end; i++) {
        const capsule c = capsule_of(g, (uint32_t)i);
        uint32_t low[3], high[3];
        cells_of(g, &c, low, high);
        items += (uint64_t)(high[0] - low[0] + 1) * (high[1] - low[1] + 1) * (high[2] - low[2] + 1);
    }
    atomic_fetch_add(&g->items, items);
}

/* The order of a cell's items depends on the threads; what is found does not. */
static void touch_cells(void *context, size_t begin, size_t end) {
    grid *g = context;
    for (size_t i = begin; i < end; i++) {
        const capsule c = capsule_of(g, (uint32_t)i);
        uint32_t low[3], high[3];
        cells_of(g, &c, low, high);
        for (uint32_t z = low[2]; z <= high[2]; z++)
            for (uint32_t y = low[1]; y <= high[1]; y++)
                for (uint32_t x = low[0]; x <= high[0]; x++) {
                    const uint32_t at =
                        atomic_fetch_add_explicit(&g->end[cell_at(g, x, y, z)], 1, memory_order_relaxed);
                    if (g->item)
                        g->item[at] = (uint32_t)i;
                }
    }
}

static size_t cut_cells(grid *g, double cell) {
    size_t cells = 1;
    g->cell = cell;
    for (int k = 0; k < 3; k++) {
        g->n[k] = (uint32_t)((g->high[k] - g->low[k]) / cell) + 1;
        cells *= g->n[k];
    }
    return cells;
}

static void find_bounds(grid *g) {
    for (int k = 0; k < 3; k++) {
        g->low[k] = INFINITY;
        g->high[k] = -INFINITY;
    }
    for (uint32_t i = 0; i < g->segments; i++) {
        const capsule c = capsule_of(g, i);
        for (int k = 0; k < 3; k++) {
            g->low[k] = c.low[k] < g->low[k] ? c.low[k] : g->low[k];
            g->high[k] = c.high[k] > g->high[k] ? c.high[k] : g->high[k];
        }
    }
}

/* Cells of about the size of a terminal's territory, or larger ones when wide vessels would be in too many of them.
 * Returns their number, 0 when a vessel ends nowhere. */
static size_t lay_out(grid *g, int threads) {
    double volume = 1, longest = 0;
    find_bounds(g);
    for (int k = 0; k < 3; k++) {
        volume *= g->high[k] - g->low[k];
        longest = fmax(longest, g->high[k] - g->low[k]);
    }
    if (!isfinite(longest))
        return 0;
    size_t cells = cut_cells(g, fmax(fmax(cbrt(volume / (double)g->segments), longest / MOST_PER_AXIS), 1e-9));
    for (;;) {
        atomic_store(&g->items, 0);
        st_parallel_for(g->segments, threads, count_items, g);
        if (atomic_load(&g->items) <= (uint64_t)ITEMS_PER_SEGMENT * g->segments || cells == 1)
            return cells;
        cells = cut_cells(g, 2 * g->cell);
    }
}

static st_status fill(grid *g, size_t cells, int threads, st_error *err) {
    g->end = st_alloc(cells + 1, sizeof *g->end, err);
    if (!g->end)
        return ST_MEMORY;
    st_parallel_for(g->segments, threads, touch_cells, g);
    uint32_t sum = 0;
    for (size_t c = 0; c <= cells; c++) {
        const uint32_t here = atomic_load_explicit(&g->end[c], memory_order_relaxed);
        atomic_store_explicit(&g->end[c], sum, memory_order_relaxed);
        sum += here;
    }
    g->item = st_alloc(sum, sizeof *g->item, err);
    if (!g->item)
        return ST_MEMORY;
    st_parallel_for(g->segments, threads, touch_cells, g);
    return ST_OK;
}

/* ---- pairs ------------------------------------------------------------------------ */

/* A pair is met in every cell that both boxes touch; it is counted in the first of them. */
static bool first_common(const grid *g, const capsule *a, const capsule *b, size_t cell) {
    uint32_t low_a[3], low_b[3], high[3], first[3];
    cells_of(g, a, low_a, high);
    cells_of(g, b, low_b, high);
    for (int k = 0; k < 3; k++)
        first[k] = low_a[k] > low_b[k] ? low_a[k] : low_b[k];
    return cell_at(g, first[0], first[1], first[2]) == cell;
}

static void found(grid *g, uint32_t a, uint32_t b) {
    const uint64_t pair = a < b ? (uint64_t)a << 32 | b : (uint64_t)b << 32 | a;
    uint64_t first = atomic_load(&g->first);
    while (pair < first && !atomic_compare_exchange_weak(&g->first, &first, pair))
        ;
    atomic_fetch_add(&g->pairs, 1);
}

enum { BLOCK = 128 };

static uint32_t load(const grid *g, uint32_t begin, uint32_t end, capsule *block) {
    const uint32_t n = end - begin < BLOCK ? end - begin : BLOCK;
    for (uint32_t i = 0; i < n; i++)
        block[i] = capsule_of(g, g->item[begin + i]);
    return n;
}

/* Blocks of a cell's items against themselves and against the blocks before them. */
static void look_in_cells(void *context, size_t begin, size_t end) {
    grid *g = context;
    capsule one[BLOCK], two[BLOCK];
    for (size_t cell = begin; cell < end; cell++) {
        const uint32_t first = cell > 0 ? g->end[cell - 1] : 0, last = g->end[cell];
        for (uint32_t x = first; x < last; x += BLOCK) {
            const uint32_t n = load(g, x, last, one);
            for (uint32_t y = first; y <= x; y += BLOCK) {
                const uint32_t m = y < x ? load(g, y, x, two) : n;
                const capsule *before = y < x ? two : one;
                for (uint32_t i = 0; i < n; i++)
                    for (uint32_t j = 0; j < (y < x ? m : i); j++)
                        if (cross(g, &one[i], &before[j]) && first_common(g, &one[i], &before[j], cell))
                            found(g, one[i].segment, before[j].segment);
            }
        }
    }
}

st_status tree_crossings(const st_tree *tree, const st_tree *other, int threads, tree_contacts *contacts,
                         st_error *err) {
    grid g = {.tree = tree, .other = other, .segments = tree->n + (other ? other->n : 0), .first = UINT64_MAX};
    *contacts = (tree_contacts){.first = ST_NONE, .second = ST_NONE};
    if (g.segments < 2)
        return ST_OK;
    if (g.segments < tree->n || g.segments > UINT32_MAX / ITEMS_PER_SEGMENT)
        return st_fail(err, ST_VALUE, "%u segments and more are too many to look for crossings", tree->n);
    const size_t cells = lay_out(&g, threads);
    if (cells == 0)
        return st_fail(err, ST_VALUE, "a vessel's place or radius is not finite; a number of mm is right");
    const st_status status = fill(&g, cells, threads, err);
    if (status == ST_OK) {
        st_parallel_for(cells, threads, look_in_cells, &g);
        contacts->pairs = atomic_load(&g.pairs);
    }
    if (contacts->pairs > 0) {
        const uint64_t first = atomic_load(&g.first);
        contacts->first = (uint32_t)(first >> 32);
        contacts->second = (uint32_t)(first & UINT32_MAX) - (other ? tree->n : 0);
    }
    free((void *)g.end);
    free(g.item);
    return status;
}
