/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "floors.h"

#include <math.h>

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

/* One child by flow. */
static uint32_t choose(const st_tree *tree, const st_flow *flow, uint32_t segment, st_rng *rng) {
    double all = 0;
    for (uint32_t c = tree->first_child[segment]; c != ST_NONE; c = tree->next_sibling[c])
        all += flow->equivalent[c];
    double draw = st_rng_uniform(rng) * all;
    uint32_t chosen = ST_NONE;
    for (uint32_t c = tree->first_child[segment]; c != ST_NONE && draw >= 0; c = tree->next_sibling[c]) {
        if (flow->equivalent[c] <= 0)
            continue;
        chosen = c;
        draw -= flow->equivalent[c];
    }
    return chosen;
}

/* Particles through the segments of the tree as they are, each closing the one it stops in: lodgings per second. */
double floor_plain_walk(const st_tree *tree, const st_parameters *parameters, const st_agent *agent, uint32_t tip) {
    st_flow flow;
    st_error err;
    const uint64_t particles = 20000;
    double n = 0;
    if (st_flow_init(tree, parameters, &flow, &err) != ST_OK)
        return NAN;
    const double start = st_clock();
    for (uint64_t i = 0; i < particles; i++) {
        st_rng rng = st_rng_stream(1, ST_RNG_INFUSION, i);
        const double width = (1 - agent->deformation) * st_agent_draw(agent, &rng);
        uint32_t segment = tip;
        while (segment != ST_NONE && 2 * (double)tree->radius[segment] >= width && !st_tree_is_terminal(tree, segment))
            segment = choose(tree, &flow, segment, &rng);
        if (segment == ST_NONE || 2 * (double)tree->radius[segment] >= width)
            continue;
        st_flow_set(&flow, tree, segment, 0);
        floor_sink = st_flow_at(&flow, tree, tip);
        n++;
    }
    const double seconds = st_clock() - start;
    st_flow_fini(&flow);
    return n / seconds;
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
