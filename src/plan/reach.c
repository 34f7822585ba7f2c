/* What an infusion into a vessel would embolise: sums over its territory at baseline.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_internal.h"

#include <stdlib.h>

void st_reach_fini(st_reach *reach) {
    free(reach->segment);
    free(reach->above);
    free(reach->normal);
    free(reach->lesion);
    *reach = (st_reach){0};
}

static st_status reach_init(st_reach *reach, size_t n, size_t n_lesions, st_error *err) {
    *reach = (st_reach){.n = n,
                        .n_lesions = n_lesions,
                        .segment = st_alloc(n, sizeof *reach->segment, err),
                        .above = st_alloc(n, sizeof *reach->above, err),
                        .normal = st_alloc(n, sizeof *reach->normal, err),
                        .lesion = st_alloc(n * n_lesions, sizeof *reach->lesion, err)};
    if (reach->segment && reach->above && reach->normal && reach->lesion)
        return ST_OK;
    st_reach_fini(reach);
    return ST_MEMORY;
}

st_status check_lesions(const st_tree *tree, size_t n_lesions, st_error *err) {
    for (uint32_t i = 0; i < tree->n; i++)
        if (st_tree_is_terminal(tree, i) && tree->lesion[i] > n_lesions)
            return st_fail(err, ST_VALUE, "segment %u of the tree feeds lesion %u; the liver has %zu", i,
                           tree->lesion[i], n_lesions);
    return ST_OK;
}

/* owner[segment]: the entry that is it or lies nearest above it. A terminal's flow goes to its owner. */
static void collect(const st_tree *tree, st_reach *reach, size_t *owner) {
    size_t next = 0;
    for (uint32_t i = 0; i < tree->n; i++) {
        const size_t above = tree->parent[i] == ST_NONE ? ST_NO_REACH : owner[tree->parent[i]];
        owner[i] = above;
        if (next < reach->n && reach->segment[next] == i) {
            reach->above[next] = above;
            owner[i] = next++;
        }
        if (!st_tree_is_terminal(tree, i) || owner[i] == ST_NO_REACH)
            continue;
        if (tree->lesion[i] > 0)
            reach->lesion[owner[i] * reach->n_lesions + tree->lesion[i] - 1] += tree->demand[i];
        else
            reach->normal[owner[i]] += tree->demand[i];
    }
}

st_status reach_of(const st_tree *tree, size_t n_lesions, const uint32_t *segment, size_t n, st_reach *reach,
                   st_error *err) {
    size_t *owner = st_alloc(tree->n, sizeof *owner, err);
    st_status status = owner ? reach_init(reach, n, n_lesions, err) : ST_MEMORY;
    if (status == ST_OK) {
        for (size_t i = 0; i < n; i++)
            reach->segment[i] = segment[i];
        collect(tree, reach, owner);
        for (size_t i = n; i-- > 0;) { /* an entry stands after those above it */
            const size_t above = reach->above[i];
            if (above == ST_NO_REACH)
                continue;
            reach->normal[above] += reach->normal[i];
            for (size_t l = 0; l < n_lesions; l++)
                reach->lesion[above * n_lesions + l] += reach->lesion[i * n_lesions + l];
        }
    }
    free(owner);
    return status;
}

st_status st_plan_reach(const st_tree *tree, size_t n_lesions, const st_parameters *parameters, st_reach *reach,
                        st_error *err) {
    const double least = st_parameter_value(parameters, ST_P_MICROCATHETER_DIAMETER);
    uint32_t *segment = st_alloc(tree->n, sizeof *segment, err);
    bool *wide = st_alloc(tree->n, sizeof *wide, err);
    size_t n = 0;
    st_status status = segment && wide ? check_lesions(tree, n_lesions, err) : ST_MEMORY;
    for (uint32_t i = 0; i < tree->n && status == ST_OK; i++) {
        wide[i] = 2 * (double)tree->radius[i] >= least && (tree->parent[i] == ST_NONE || wide[tree->parent[i]]);
        if (wide[i])
            segment[n++] = i;
    }
    if (status == ST_OK)
        status = reach_of(tree, n_lesions, segment, n, reach, err);
    free(segment);
    free(wide);
    return status;
}

double reach_tumour(const st_reach *reach, const st_liver *liver, size_t i, st_lobe lobe) {
    double sum = 0;
    for (size_t l = 0; l < reach->n_lesions; l++)
        if (lobe == ST_LOBE_NONE || liver->lesions[l].lobe == lobe)
            sum += reach->lesion[i * reach->n_lesions + l];
    return sum;
}
