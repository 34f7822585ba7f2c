/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "floors.h"

volatile double floor_sink;

double floor_tree_walk(const st_tree *tree) {
    const double start = st_clock();
    double sum = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        if (st_tree_is_terminal(tree, i))
            for (uint32_t v = i; v != ST_NONE; v = tree->parent[v])
                sum += tree->demand[v];
    floor_sink = sum;
    return st_clock() - start;
}

double floor_flow_sweep(const st_tree *tree, const st_flow *flow, double *q) {
    const double start = st_clock();
    double sum = 0;
    for (uint32_t i = tree->n; i-- > 0;) {
        flow->equivalent[i] += 0 * (flow->conductance[i] + flow->outlet[i]);
        sum += tree->parent[i];
    }
    for (uint32_t i = 0; i < tree->n; i++) {
        q[i] = flow->equivalent[i];
        sum += tree->parent[i];
    }
    floor_sink = sum;
    return st_clock() - start;
}

double floor_tree_sweep(const st_tree *tree) {
    const double start = st_clock();
    double sum = 0;
    for (uint32_t i = 0; i < tree->n; i++) {
        sum += tree->parent[i] + (double)tree->radius[i];
        if (st_tree_is_terminal(tree, i))
            sum += tree->lesion[i] + tree->demand[i];
    }
    floor_sink = sum;
    return st_clock() - start;
}

double floor_lodging_walk(const st_tree *tree, const uint32_t *lodged) {
    const double start = st_clock();
    double sum = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        for (uint32_t k = 0; k < lodged[i]; k++)
            for (uint32_t v = i; v != ST_NONE; v = tree->parent[v])
                sum += tree->demand[v];
    floor_sink = sum;
    return st_clock() - start;
}

double floor_tissue_sweep(const st_liver *liver, st_tissue *tissue) {
    const double start = st_clock();
    float *const maps[] = {tissue->arterial_baseline, tissue->arterial, tissue->portal, tissue->oxygen,
                           tissue->hypoxic,           tissue->necrosis};
    for (size_t m = 0; m < sizeof maps / sizeof *maps; m++)
        for (size_t i = 0; i < tissue->voxels; i++)
            maps[m][i] = (float)liver->tissue[i];
    for (size_t i = 0; i < tissue->voxels; i++)
        tissue->terminal[i] = liver->lesion[i];
    floor_sink = (double)maps[0][tissue->voxels / 2];
    return st_clock() - start;
}
