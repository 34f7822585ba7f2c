/* Through which inlet each lesion gets its arterial blood.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_internal.h"

#include <stdlib.h>

/* inlet[segment]: how many roots stand before the one above it. The number of roots is returned. */
static uint32_t number_roots(const st_tree *tree, uint32_t *inlet) {
    uint32_t roots = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        inlet[i] = tree->parent[i] == ST_NONE ? roots++ : inlet[tree->parent[i]];
    return roots;
}

static void divide_by_sum(double *value, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++)
        sum += value[i];
    for (size_t i = 0; i < n && sum > 0; i++)
        value[i] /= sum;
}

st_status st_supply_of_lesions(const st_tree *tree, const st_supply *supply, size_t n_lesions, double *share,
                               st_error *err) {
    const size_t n = supply->n;
    st_status status = check_lesions(tree, n_lesions, err);
    uint32_t *inlet = status == ST_OK ? st_alloc(tree->n, sizeof *inlet, err) : NULL;
    if (!inlet)
        return status == ST_OK ? ST_MEMORY : status;
    const uint32_t roots = number_roots(tree, inlet);
    if (roots != n)
        status =
            st_fail(err, ST_VALUE, "the tree has %u roots and the liver %zu inlets; each inlet has one root", roots, n);
    for (size_t i = 0; i < n_lesions * n && status == ST_OK; i++)
        share[i] = 0;
    for (uint32_t i = 0; i < tree->n && status == ST_OK; i++)
        if (st_tree_is_terminal(tree, i) && tree->lesion[i] > 0)
            share[(tree->lesion[i] - 1u) * n + inlet[i]] += tree->demand[i];
    for (size_t l = 0; l < n_lesions && status == ST_OK; l++)
        divide_by_sum(share + l * n, n);
    free(inlet);
    return status;
}
