/* Measures of a finished tree, taken from the tree alone: nothing here is shared with the code that grows one.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/tree.h>

#include <stdlib.h>

#include "measure_internal.h"
#include "vec.h"

void st_tree_strahler(const st_tree *tree, uint8_t *order) {
    for (uint32_t i = tree->n; i-- > 0;) {
        unsigned highest = 0, times = 0;
        for (uint32_t child = tree->first_child[i]; child != ST_NONE; child = tree->next_sibling[child]) {
            times = order[child] > highest ? 1 : times + (order[child] == highest);
            highest = order[child] > highest ? order[child] : highest;
        }
        order[i] = (uint8_t)(highest + (times != 1)); /* 1 at a terminal; one more where two of the highest meet */
    }
}

/* ---- inside the organ ------------------------------------------------------ */

/* Does the segment pass a voxel that is no tissue? Every voxel it touches is visited, from wall to wall
 * (Amanatides & Woo, Eurographics 1987). */
static bool leaves(const st_liver *liver, const float from[3], const float to[3]) {
    double a[3], b[3], next[3], step[3];
    int64_t voxel[3], last[3], direction[3];
    st_geometry_to_voxel(&liver->geometry, (const double[3]){(double)from[0], (double)from[1], (double)from[2]}, a);
    st_geometry_to_voxel(&liver->geometry, (const double[3]){(double)to[0], (double)to[1], (double)to[2]}, b);
    int64_t walls = 0;
    for (int i = 0; i < 3; i++) {
        voxel[i] = (int64_t)floor(a[i] + 0.5); /* voxel v reaches from v - 0.5 to v + 0.5 */
        last[i] = (int64_t)floor(b[i] + 0.5);
        direction[i] = last[i] > voxel[i] ? 1 : -1;
        walls += direction[i] * (last[i] - voxel[i]);
        const double d = b[i] - a[i];
        step[i] = voxel[i] == last[i] ? INFINITY : 1 / fabs(d);
        next[i] = voxel[i] == last[i] ? INFINITY : ((double)voxel[i] + 0.5 * (double)direction[i] - a[i]) / d;
    }
    for (;; walls--) {
        for (int i = 0; i < 3; i++)
            if (voxel[i] < 0 || voxel[i] >= (int64_t)liver->geometry.n[i])
                return true;
        const size_t at =
            ((size_t)voxel[2] * liver->geometry.n[1] + (size_t)voxel[1]) * liver->geometry.n[0] + (size_t)voxel[0];
        if (liver->tissue[at] == ST_OUTSIDE)
            return true;
        if (walls == 0)
            return false;
        const int axis = next[0] <= next[1] ? (next[0] <= next[2] ? 0 : 2) : next[1] <= next[2] ? 1 : 2;
        voxel[axis] += direction[axis];
        next[axis] = voxel[axis] == last[axis] ? INFINITY : next[axis] + step[axis];
    }
}

static uint64_t count_outside(const st_tree *tree, const st_liver *liver) {
    uint64_t outside = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        outside += tree->parent[i] != ST_NONE && leaves(liver, tree->proximal[i], tree->distal[i]);
    return outside;
}

/* ---- sums ------------------------------------------------------------------- */

static void measure_vessels(const st_tree *tree, st_tree_measures *m) {
    double widest = 0, narrowest = INFINITY;
    for (uint32_t i = 0; i < tree->n; i++) {
        const double r = (double)tree->radius[i], length = st_tree_length(tree, i);
        m->length += length;
        m->volume += M_PI * r * r * length;
        narrowest = fmin(narrowest, r);
        if (tree->parent[i] == ST_NONE)
            widest = fmax(widest, r);
    }
    m->root_diameter = 2 * widest;
    m->smallest_diameter = tree->n > 0 ? 2 * narrowest : 0;
}

static double murray_error(const st_tree *tree, uint32_t i, double exponent) {
    double sum = 0;
    unsigned children = 0;
    for (uint32_t child = tree->first_child[i]; child != ST_NONE; child = tree->next_sibling[child], children++)
        sum += pow((double)tree->radius[child], exponent);
    return children < 2 ? 0 : fabs(sum / pow((double)tree->radius[i], exponent) - 1);
}

static st_status measure_topology(const st_tree *tree, double exponent, st_tree_measures *m, st_error *err) {
    uint8_t *order = st_alloc(tree->n, sizeof *order, err);
    uint32_t *depth = st_alloc(tree->n, sizeof *depth, err);
    const st_status status = order && depth ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        double sum = 0;
        st_tree_strahler(tree, order);
        for (uint32_t i = 0; i < tree->n; i++) {
            depth[i] = tree->parent[i] == ST_NONE ? 1 : depth[tree->parent[i]] + 1;
            m->orders = order[i] > m->orders ? order[i] : m->orders;
            m->murray_worst = fmax(m->murray_worst, murray_error(tree, i, exponent));
            sum += st_tree_is_terminal(tree, i) ? (double)depth[i] : 0;
        }
        m->path_mean = tree->n_terminals > 0 ? sum / (double)tree->n_terminals : 0;
    }
    free(order);
    free(depth);
    return status;
}

st_status st_tree_measure(const st_tree *tree, const st_liver *liver, const st_parameters *parameters, int threads,
                          st_tree_measures *measures, st_error *err) {
    *measures = (st_tree_measures){0};
    measure_vessels(tree, measures);
    if (liver)
        measures->outside = count_outside(tree, liver);
    const st_status status =
        measure_topology(tree, st_parameter_value(parameters, ST_P_MURRAY_EXPONENT), measures, err);
    return status == ST_OK ? tree_crossings(tree, threads, &measures->crossings, err) : status;
}
