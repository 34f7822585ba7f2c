/* Strahler's orders and what anatomists measure of trees.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>

#include "measure_internal.h"
#include "spread.h"
#include "vec.h"

/* ---- elements ------------------------------------------------------------------ */

typedef struct elements {
    tally diameter[ST_STRAHLER_MOST], length[ST_STRAHLER_MOST];
} elements;

/* From the ends up: what a segment has gathered goes on to its parent while the order stays, else an element is whole.
 * `length` and `area` (length times diameter) are zeroed. */
static void gather_elements(const st_tree *tree, const uint8_t *order, double *length, double *area, elements *e,
                            st_strahler_row *row) {
    for (uint32_t i = tree->n; i-- > 0;) {
        const uint32_t parent = tree->parent[i];
        const double own = st_tree_length(tree, i);
        length[i] += own;
        area[i] += own * 2 * (double)tree->radius[i];
        row[order[i]].segments++;
        if (parent != ST_NONE && order[parent] == order[i]) {
            length[parent] += length[i];
            area[parent] += area[i];
        } else {
            tally_add(&e->length[order[i]], length[i]);
            tally_add(&e->diameter[order[i]], length[i] > 0 ? area[i] / length[i] : 2 * (double)tree->radius[i]);
        }
    }
}

static void fill_rows(const elements *e, st_tree_morphometry *m) {
    for (unsigned k = 1; k <= m->orders; k++) {
        st_strahler_row *row = &m->row[k];
        row->elements = (uint32_t)e->length[k].n;
        row->diameter_mean = tally_mean(&e->diameter[k]);
        row->diameter_sd = tally_sd(&e->diameter[k]);
        row->length_mean = tally_mean(&e->length[k]);
        row->length_sd = tally_sd(&e->length[k]);
    }
}

/* Factor from one order to the next: exp of the slope of log(value) on the order, orders 1 to n. */
static double horton(const double *value, unsigned n) {
    double xx = 0, xy = 0;
    for (unsigned k = 1; k <= n; k++) {
        const double x = k - 0.5 * (n + 1);
        xx += x * x;
        xy += x * log(value[k]);
    }
    return n > 1 ? exp(xy / xx) : NAN;
}

static void fit_ratios(st_tree_morphometry *m) {
    double count[ST_STRAHLER_MOST], diameter[ST_STRAHLER_MOST], length[ST_STRAHLER_MOST];
    for (unsigned k = 1; k <= m->orders; k++) {
        count[k] = m->row[k].elements;
        diameter[k] = m->row[k].diameter_mean;
        length[k] = m->row[k].length_mean;
    }
    m->branching_ratio = 1 / horton(count, m->orders);
    m->diameter_ratio = horton(diameter, m->orders);
    m->length_ratio = horton(length, m->orders);
}

static st_status measure_orders(const st_tree *tree, st_tree_morphometry *m, st_error *err) {
    uint8_t *order = st_alloc(tree->n, sizeof *order, err);
    double *length = st_alloc(tree->n, sizeof *length, err), *area = st_alloc(tree->n, sizeof *area, err);
    const st_status status = order && length && area ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        elements e = {0};
        st_tree_strahler(tree, order);
        for (uint32_t i = 0; i < tree->n; i++)
            m->orders = order[i] > m->orders ? order[i] : m->orders;
        gather_elements(tree, order, length, area, &e, m->row);
        fill_rows(&e, m);
        fit_ratios(m);
    }
    free(order);
    free(length);
    free(area);
    return status;
}

/* ---- joints ---------------------------------------------------------------------- */

static vec direction(const st_tree *tree, uint32_t i) {
    return vec_sub(vec_of(tree->distal[i]), vec_of(tree->proximal[i]));
}

static double degrees_between(vec a, vec b) {
    const double product = vec_length(a) * vec_length(b);
    return product > 0 ? acos(fmax(-1, fmin(1, vec_dot(a, b) / product))) * 180 / M_PI : 0;
}

/* The two branches at the end of segment i, the wider first; false when there are not two. */
static bool branches_of(const st_tree *tree, uint32_t i, uint32_t *wider, uint32_t *narrower) {
    const uint32_t a = tree->first_child[i], b = a != ST_NONE ? tree->next_sibling[a] : ST_NONE;
    if (b == ST_NONE || tree->next_sibling[b] != ST_NONE)
        return false;
    *wider = tree->radius[b] > tree->radius[a] ? b : a;
    *narrower = *wider == a ? b : a;
    return true;
}

static double radius_ratio(const st_tree *tree, uint32_t parent, uint32_t wider, uint32_t narrower) {
    (void)parent;
    return (double)tree->radius[narrower] / (double)tree->radius[wider];
}

static double flow_share(const st_tree *tree, uint32_t parent, uint32_t wider, uint32_t narrower) {
    (void)parent;
    const double a = tree->demand[wider], b = tree->demand[narrower];
    return a + b > 0 ? fmin(a, b) / (a + b) : 0;
}

static double angle(const st_tree *tree, uint32_t parent, uint32_t wider, uint32_t narrower) {
    (void)parent;
    return degrees_between(direction(tree, wider), direction(tree, narrower));
}

static double angle_wider(const st_tree *tree, uint32_t parent, uint32_t wider, uint32_t narrower) {
    (void)narrower;
    return degrees_between(direction(tree, parent), direction(tree, wider));
}

static double angle_narrower(const st_tree *tree, uint32_t parent, uint32_t wider, uint32_t narrower) {
    (void)wider;
    return degrees_between(direction(tree, parent), direction(tree, narrower));
}

static st_spread over_joints(const st_tree *tree, double *value,
                             double (*of)(const st_tree *tree, uint32_t parent, uint32_t wider, uint32_t narrower)) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < tree->n; i++) {
        uint32_t wider, narrower;
        if (branches_of(tree, i, &wider, &narrower))
            value[n++] = of(tree, i, wider, narrower);
    }
    return spread_of(value, n);
}

/* ---- paths ------------------------------------------------------------------------- */

/* Down the tree: at[i] = at[parent] + step, and the values at the terminals; `value` and `at` have room for all. */
static st_spread over_paths(const st_tree *tree, double *at, double *value, bool segments) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < tree->n; i++) {
        const double before = tree->parent[i] == ST_NONE ? 0 : at[tree->parent[i]];
        at[i] = before + (segments ? 1 : st_tree_length(tree, i));
        if (st_tree_is_terminal(tree, i))
            value[n++] = at[i];
    }
    return spread_of(value, n);
}

static st_spread over_terminals(const st_tree *tree, double *value) {
    uint64_t n = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        if (st_tree_is_terminal(tree, i))
            value[n++] = tree->demand[i];
    return spread_of(value, n);
}

st_status st_tree_morphometry_of(const st_tree *tree, int threads, st_tree_morphometry *m, st_error *err) {
    st_tree_measures sizes = {0};
    tree_sum_vessels(tree, threads, &sizes);
    *m = (st_tree_morphometry){.volume = sizes.volume, .length = sizes.length};
    double *value = st_alloc(tree->n, sizeof *value, err), *at = st_alloc(tree->n, sizeof *at, err);
    st_status status = value && at ? measure_orders(tree, m, err) : ST_MEMORY;
    if (status == ST_OK) {
        m->radius_ratio = over_joints(tree, value, radius_ratio);
        m->flow_share = over_joints(tree, value, flow_share);
        m->angle = over_joints(tree, value, angle);
        m->angle_wider = over_joints(tree, value, angle_wider);
        m->angle_narrower = over_joints(tree, value, angle_narrower);
        m->path_length = over_paths(tree, at, value, false);
        m->path_segments = over_paths(tree, at, value, true);
        m->terminal_flow = over_terminals(tree, value);
    }
    free(value);
    free(at);
    return status;
}
