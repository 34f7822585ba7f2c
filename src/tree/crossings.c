/* Vessels that run into each other: every pair of segments whose boxes meet, found on a uniform grid.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdatomic.h>
#include <stdlib.h>

#include "measure_internal.h"
#include "vec.h"

typedef struct box {
    uint32_t low[3], high[3]; /* cells */
} box;

typedef struct grid {
    const st_tree *tree;
    double low[3], cell;
    uint32_t n[3];
    size_t *begin;  /* [cells + 1] */
    uint32_t *item; /* [begin[cells]] segments whose box touches the cell */
    _Atomic uint64_t pairs;
} grid;

/* Cells that the segment's box, radius included, touches. */
static box box_of(const grid *g, uint32_t i) {
    box b;
    for (int k = 0; k < 3; k++) {
        const double p = (double)g->tree->proximal[i][k], q = (double)g->tree->distal[i][k];
        const double r = (double)g->tree->radius[i], most = (double)g->n[k] - 1;
        b.low[k] = (uint32_t)fmin(fmax((fmin(p, q) - r - g->low[k]) / g->cell, 0), most);
        b.high[k] = (uint32_t)fmin(fmax((fmax(p, q) + r - g->low[k]) / g->cell, 0), most);
    }
    return b;
}

/* Closest approach of two segments p + s d, q + t e with s, t in 0..1: the smooth minimum where it lies within,
 * else the best of the four ends against the other segment. */
static double point_distance(vec p, vec a, vec d) {
    const double dd = vec_dot(d, d);
    const double t = dd > 0 ? fmin(fmax(vec_dot(vec_sub(p, a), d) / dd, 0), 1) : 0;
    return vec_distance(p, vec_add(a, vec_scale(d, t)));
}

static double closest(const st_tree *tree, uint32_t i, uint32_t j) {
    const vec p = vec_of(tree->proximal[i]), d = vec_sub(vec_of(tree->distal[i]), p);
    const vec q = vec_of(tree->proximal[j]), e = vec_sub(vec_of(tree->distal[j]), q), w = vec_sub(p, q);
    const double dd = vec_dot(d, d), de = vec_dot(d, e), ee = vec_dot(e, e), dw = vec_dot(d, w), ew = vec_dot(e, w);
    double least = fmin(fmin(point_distance(p, q, e), point_distance(vec_add(p, d), q, e)),
                        fmin(point_distance(q, p, d), point_distance(vec_add(q, e), p, d)));
    const double determinant = dd * ee - de * de;
    if (determinant > 0) {
        const double s = (de * ew - ee * dw) / determinant, t = (dd * ew - de * dw) / determinant;
        if (s > 0 && s < 1 && t > 0 && t < 1)
            least = fmin(least, vec_distance(vec_add(p, vec_scale(d, s)), vec_add(q, vec_scale(e, t))));
    }
    return least;
}

static bool share_joint(const st_tree *tree, uint32_t i, uint32_t j) {
    return tree->parent[i] == j || tree->parent[j] == i ||
           (tree->parent[i] == tree->parent[j] && tree->parent[i] != ST_NONE);
}

/* A pair is met in every cell that both boxes touch; it is counted in the first of them. */
static bool first_common(const box *a, const box *b, const uint32_t cell[3]) {
    for (int k = 0; k < 3; k++)
        if ((a->low[k] > b->low[k] ? a->low[k] : b->low[k]) != cell[k])
            return false;
    return true;
}

static void count_cells(void *context, size_t begin, size_t end) {
    grid *g = context;
    uint64_t pairs = 0;
    for (size_t c = begin; c < end; c++) {
        const uint32_t cell[3] = {(uint32_t)(c % g->n[0]), (uint32_t)(c / g->n[0] % g->n[1]),
                                  (uint32_t)(c / g->n[0] / g->n[1])};
        for (size_t x = g->begin[c]; x < g->begin[c + 1]; x++) {
            const uint32_t i = g->item[x];
            const box a = box_of(g, i);
            for (size_t y = g->begin[c]; y < x; y++) {
                const uint32_t j = g->item[y];
                const box b = box_of(g, j);
                pairs += first_common(&a, &b, cell) && !share_joint(g->tree, i, j) &&
                         closest(g->tree, i, j) < (double)g->tree->radius[i] + (double)g->tree->radius[j];
            }
        }
    }
    atomic_fetch_add(&g->pairs, pairs);
}

/* Calls for each cell of each segment: counts when item is NULL, files it otherwise. */
static void visit(grid *g, bool file) {
    for (uint32_t i = 0; i < g->tree->n; i++) {
        const box b = box_of(g, i);
        for (uint32_t z = b.low[2]; z <= b.high[2]; z++)
            for (uint32_t y = b.low[1]; y <= b.high[1]; y++)
                for (uint32_t x = b.low[0]; x <= b.high[0]; x++) {
                    const size_t c = ((size_t)z * g->n[1] + y) * g->n[0] + x;
                    if (file)
                        g->item[g->begin[c]++] = i;
                    else
                        g->begin[c + 1]++;
                }
    }
}

/* Cells of about the size of a terminal's territory, in a box around all segments. */
static void lay_out(grid *g) {
    double high[3], volume = 1;
    for (int k = 0; k < 3; k++) {
        g->low[k] = INFINITY;
        high[k] = -INFINITY;
        for (uint32_t i = 0; i < g->tree->n; i++) {
            const double p = (double)g->tree->proximal[i][k], q = (double)g->tree->distal[i][k];
            g->low[k] = fmin(g->low[k], fmin(p, q));
            high[k] = fmax(high[k], fmax(p, q));
        }
        volume *= fmax(high[k] - g->low[k], 1e-3);
    }
    g->cell = cbrt(volume / (double)g->tree->n);
    for (int k = 0; k < 3; k++) {
        enum { MOST = 1024 };
        g->cell = fmax(g->cell, (high[k] - g->low[k]) / MOST);
    }
    for (int k = 0; k < 3; k++)
        g->n[k] = (uint32_t)((high[k] - g->low[k]) / g->cell) + 1;
}

st_status tree_crossings(const st_tree *tree, int threads, uint64_t *pairs, st_error *err) {
    *pairs = 0;
    if (tree->n < 2)
        return ST_OK;
    grid g = {.tree = tree};
    lay_out(&g);
    const size_t cells = (size_t)g.n[0] * g.n[1] * g.n[2];
    g.begin = st_alloc(cells + 1, sizeof *g.begin, err);
    if (g.begin) {
        visit(&g, false);
        for (size_t c = 0; c < cells; c++)
            g.begin[c + 1] += g.begin[c];
        g.item = st_alloc(g.begin[cells], sizeof *g.item, err);
    }
    if (g.item) {
        visit(&g, true);
        for (size_t c = cells; c > 0; c--) /* filing moved each beginning to its end */
            g.begin[c] = g.begin[c - 1];
        g.begin[0] = 0;
        st_parallel_for(cells, threads, count_cells, &g);
        *pairs = atomic_load(&g.pairs);
    }
    const st_status status = g.item ? ST_OK : ST_MEMORY;
    free(g.begin);
    free(g.item);
    return status;
}
