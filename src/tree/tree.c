/* The tree as an object: room, links, sums.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/tree.h>

#include <stdlib.h>

#include "vec.h"

uint32_t st_tree_terminals_needed(const st_parameters *parameters, st_system system, double inflow) {
    const double root = st_system_diameter(parameters, system, inflow), g = st_system_exponent(parameters, system);
    const double limit = st_parameter_value(parameters, ST_P_TERMINALS_LIMIT);
    const double terminal = st_parameter_value(parameters, ST_P_TERMINAL_DIAMETER);
    return (uint32_t)fmax(1, fmin(ceil(pow(root / terminal, g) - 1e-9), limit));
}

st_status st_tree_init(st_tree *tree, uint32_t n, st_error *err) {
    *tree = (st_tree){
        .n = n,
        .parent = st_alloc(n, sizeof *tree->parent, err),
        .first_child = st_alloc(n, sizeof *tree->first_child, err),
        .next_sibling = st_alloc(n, sizeof *tree->next_sibling, err),
        .proximal = st_alloc(n, sizeof *tree->proximal, err),
        .distal = st_alloc(n, sizeof *tree->distal, err),
        .radius = st_alloc(n, sizeof *tree->radius, err),
        .demand = st_alloc(n, sizeof *tree->demand, err),
        .lesion = st_alloc(n, sizeof *tree->lesion, err),
        .tumour_demand = st_alloc(n, sizeof *tree->tumour_demand, err),
        .measured = st_alloc(n, sizeof *tree->measured, err),
    };
    if (!tree->parent || !tree->first_child || !tree->next_sibling || !tree->proximal || !tree->distal ||
        !tree->radius || !tree->demand || !tree->lesion || !tree->tumour_demand || !tree->measured) {
        st_tree_fini(tree);
        return ST_MEMORY;
    }
    for (uint32_t i = 0; i < n; i++)
        tree->parent[i] = tree->first_child[i] = tree->next_sibling[i] = ST_NONE;
    return ST_OK;
}

void st_tree_fini(st_tree *tree) {
    free(tree->parent);
    free(tree->first_child);
    free(tree->next_sibling);
    free(tree->proximal);
    free(tree->distal);
    free(tree->radius);
    free(tree->demand);
    free(tree->lesion);
    free(tree->tumour_demand);
    free(tree->measured);
    *tree = (st_tree){0};
}

st_status st_tree_finish(st_tree *tree, st_error *err) {
    for (uint32_t i = 0; i < tree->n; i++) {
        if (tree->parent[i] != ST_NONE && tree->parent[i] >= i)
            return st_fail(err, ST_FORMAT, "segment %u has parent %u; a parent must come before its children", i,
                           tree->parent[i]);
        tree->first_child[i] = tree->next_sibling[i] = ST_NONE;
    }
    for (uint32_t i = tree->n; i-- > 0;) { /* from the back, so that children stand in ascending order */
        const uint32_t parent = tree->parent[i];
        if (parent == ST_NONE)
            continue;
        tree->next_sibling[i] = tree->first_child[parent];
        tree->first_child[parent] = i;
    }
    tree->n_terminals = 0;
    for (uint32_t i = 0; i < tree->n; i++) {
        tree->n_terminals += st_tree_is_terminal(tree, i);
        tree->tumour_demand[i] = tree->lesion[i] > 0 ? tree->demand[i] : 0;
    }
    st_tree_sum_up(tree, tree->demand);
    st_tree_sum_up(tree, tree->tumour_demand);
    return ST_OK;
}

void st_tree_supply(const st_tree *tree, const double *q, double *tumour, double *normal) {
    *tumour = *normal = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        if (st_tree_is_terminal(tree, i))
            *(tree->lesion[i] != 0 ? tumour : normal) += q[i];
}

void st_tree_sum_up(const st_tree *tree, double *value) {
    for (uint32_t i = 0; i < tree->n; i++)
        if (!st_tree_is_terminal(tree, i))
            value[i] = 0;
    for (uint32_t i = tree->n; i-- > 0;)
        if (tree->parent[i] != ST_NONE)
            value[tree->parent[i]] += value[i];
}

double st_tree_length(const st_tree *tree, uint32_t segment) {
    return vec_distance(vec_of(tree->proximal[segment]), vec_of(tree->distal[segment]));
}

uint32_t st_tree_nearest(const st_tree *tree, const double lps[3], double diameter, double within) {
    const vec p = {lps[0], lps[1], lps[2]};
    uint32_t nearest = ST_NONE;
    double least = within;
    for (uint32_t i = 0; i < tree->n; i++) {
        if (2 * (double)tree->radius[i] < diameter)
            continue;
        const vec a = vec_of(tree->proximal[i]), d = vec_sub(vec_of(tree->distal[i]), a);
        const double dd = vec_dot(d, d);
        const double t = dd > 0 ? fmin(fmax(vec_dot(vec_sub(p, a), d) / dd, 0), 1) : 0;
        const double distance = vec_distance(p, vec_add(a, vec_scale(d, t)));
        if (distance < least) {
            least = distance;
            nearest = i;
        }
    }
    return nearest;
}
