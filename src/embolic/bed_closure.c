/* How vessels divide below those that a tree resolves: as its own do above (docs/embolic.md, "The closure").
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bed_internal.h"

#include <math.h>
#include <stdlib.h>

/* With fewer joints of that size the pool is of all joints. */
static const size_t POOL_LEAST = 30;
/* A pool whose joints are all too uneven for a vessel: the last one drawn is taken. */
static const int DRAWS_MOST = 100;

double bed_supplied(const st_parameters *parameters, double flow, double tumour_flow) {
    return cbrt(flow - tumour_flow + tumour_flow / st_parameter_value(parameters, ST_P_TUMOUR_FLOW_RATIO));
}

static double supplied(const st_tree *tree, const st_parameters *parameters, uint32_t segment) {
    return bed_supplied(parameters, tree->demand[segment], tree->tumour_demand[segment]);
}

static bool divides_in_two(const st_tree *tree, uint32_t segment) {
    const uint32_t first = tree->first_child[segment];
    const uint32_t second = first == ST_NONE ? ST_NONE : tree->next_sibling[first];
    return second != ST_NONE && tree->next_sibling[second] == ST_NONE && tree->demand[first] > 0 &&
           tree->demand[second] > 0;
}

static struct bed_division division_of(const st_tree *tree, const st_parameters *parameters, uint32_t segment) {
    uint32_t child[2] = {tree->first_child[segment], tree->next_sibling[tree->first_child[segment]]};
    if (tree->demand[child[1]] > tree->demand[child[0]]) {
        const uint32_t smaller = child[0];
        child[0] = child[1];
        child[1] = smaller;
    }
    struct bed_division d = {.share = tree->demand[child[0]] / (tree->demand[child[0]] + tree->demand[child[1]])};
    for (int side = 0; side < 2; side++)
        d.length[side] = st_tree_length(tree, child[side]) / supplied(tree, parameters, child[side]);
    return d;
}

/* Of the joints of grown vessels with more than `least` terminals and at most `most`; with `all`, of every joint. */
static size_t collect(const st_tree *tree, const st_parameters *parameters, const uint32_t *terminals, double least,
                      double most, bool all, struct bed_division *division) {
    size_t n = 0;
    for (uint32_t i = 0; i < tree->n; i++) {
        const bool wanted = all || (terminals[i] > least && terminals[i] <= most && !tree->measured[i]);
        if (wanted && divides_in_two(tree, i))
            division[n++] = division_of(tree, parameters, i);
    }
    return n;
}

st_status bed_pool_init(const st_tree *tree, const st_parameters *parameters, const uint32_t *terminals, uint64_t seed,
                        bed_pool *pool, st_error *err) {
    const uint32_t replaced = (uint32_t)st_parameter_value(parameters, ST_P_CLOSURE_TERMINALS);
    const double from = replaced * st_parameter_value(parameters, ST_P_CLOSURE_POOL_FROM);
    const double to = replaced * st_parameter_value(parameters, ST_P_CLOSURE_POOL_TO);
    *pool = (bed_pool){.exponent = st_parameter_value(parameters, ST_P_MURRAY_EXPONENT), .seed = seed};
    if (replaced == 0)
        return ST_OK;
    pool->division = st_alloc(tree->n, sizeof *pool->division, err);
    if (!pool->division)
        return ST_MEMORY;
    pool->n = collect(tree, parameters, terminals, from, to, false, pool->division);
    if (pool->n < POOL_LEAST)
        pool->n = collect(tree, parameters, terminals, 0, 0, true, pool->division);
    return ST_OK;
}

void bed_pool_fini(bed_pool *pool) {
    free(pool->division);
    *pool = (bed_pool){0};
}

bed_joining bed_divide(const bed_pool *pool, uint64_t key, double flow, double least) {
    st_rng rng = st_rng_stream(pool->seed, ST_RNG_CLOSURE, key);
    bed_joining j = {.division = NULL};
    for (int draw = 0; draw < DRAWS_MOST; draw++) {
        j.division = &pool->division[st_rng_below(&rng, (uint32_t)pool->n)];
        if ((1 - j.division->share) * flow >= least)
            break;
        j.passed_by += j.division->length[0];
    }
    for (int side = 0; side < 2; side++) {
        j.key[side] = (uint64_t)st_rng_u32(&rng) << 32;
        j.key[side] |= st_rng_u32(&rng);
    }
    j.azimuth = 2 * M_PI * st_rng_uniform(&rng);
    return j;
}
