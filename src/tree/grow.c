/* Constrained constructive optimisation: sites in, a finished tree out.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_internal.h"

#include <stdlib.h>
#include <string.h>

/* Until the tree has this many, a site that finds no vessel looks farther at once, so that every corner of the organ
 * is reached by a vessel that can still widen. */
#define TERMINALS_OF_A_SKETCH 4096u
/* Places tried for a site that no vessel reaches, ever farther from the first: many, since few of them hit the tissue
 * of a small lesion. */
#define RELOCATIONS 4096u
/* A new place is cheaper than a persistent search at the old one: these go first. */
#define RELOCATIONS_AT_ONCE 16u
/* Vessels are numbered in 32 bits, and a tree has a little more than two for each terminal. */
#define MOST_TERMINALS (ST_NONE / 4)

st_status grow_init(grower *g, const st_liver *liver, const st_parameters *parameters, uint32_t terminals,
                    double inflow, st_error *err) {
    const uint32_t capacity = 2 * terminals + 2 + terminals / 16; /* a bend stays for each branch that is regrafted */
    *g = (grower){
        .liver = liver,
        .exponent = st_parameter_value(parameters, ST_P_MURRAY_EXPONENT),
        .root_radius = st_tree_root_diameter(parameters, inflow) / 2,
        .capacity = capacity,
        .terminals = terminals,
    };
    g->depth = st_alloc(st_geometry_voxels(&liver->geometry), sizeof *g->depth, err);
    g->parent = st_alloc(capacity, sizeof *g->parent, err);
    g->child = st_alloc(capacity, sizeof *g->child, err);
    g->count = st_alloc(capacity, sizeof *g->count, err);
    g->end = st_alloc(capacity, sizeof *g->end, err);
    g->lesion = st_alloc(capacity, sizeof *g->lesion, err);
    g->weight = st_alloc((size_t)terminals + 2, sizeof *g->weight, err);
    g->path = st_alloc(capacity, sizeof *g->path, err);
    g->path_age = st_alloc(capacity, sizeof *g->path_age, err);
    g->found = st_alloc(capacity, sizeof *g->found, err);
    g->spare = st_alloc(capacity, sizeof *g->spare, err);
    if (!g->depth || !g->parent || !g->child || !g->count || !g->end || !g->lesion || !g->weight || !g->path ||
        !g->path_age || !g->found || !g->spare)
        return ST_MEMORY;
    for (uint32_t i = 0; i < terminals + 2; i++)
        g->weight[i] = pow(i, 2 / g->exponent);
    g->parent[0] = ST_NONE;
    g->child[0][0] = g->child[0][1] = ST_NONE;
    for (int i = 0; i < 3; i++) {
        g->start[i] = (float)liver->stump[i];
        g->end[0][i] = (float)liver->hilum[i];
    }
    g->n = 1;
    return st_distance(liver->geometry.n, liver->geometry.spacing, liver->tissue, g->depth, err);
}

void grow_fini(grower *g) {
    free(g->depth);
    free(g->parent);
    free(g->child);
    free(g->count);
    free(g->end);
    free(g->lesion);
    free(g->weight);
    free(g->path);
    free(g->path_age);
    free(g->found);
    free(g->spare);
    grow_index_fini(&g->index);
    *g = (grower){0};
}

typedef struct ticket {
    uint32_t draw, site;
} ticket;

static int by_draw(const void *x, const void *y) {
    const ticket *a = x, *b = y;
    if (a->draw != b->draw)
        return a->draw < b->draw ? -1 : 1;
    return a->site < b->site ? -1 : a->site > b->site;
}

static int by_site(const void *x, const void *y) {
    const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return a < b ? -1 : a > b;
}

/* A random order, so that the tree spreads through the whole organ from the start. */
static st_status random_order(uint32_t n, uint64_t seed, uint32_t *order, st_error *err) {
    ticket *tickets = st_alloc(n, sizeof *tickets, err);
    if (!tickets)
        return ST_MEMORY;
    for (uint32_t i = 0; i < n; i++) {
        st_rng rng = st_rng_stream(seed, ST_RNG_TERMINALS, (uint64_t)1 << 32 | i);
        tickets[i] = (ticket){st_rng_u32(&rng), i};
    }
    qsort(tickets, n, sizeof *tickets, by_draw);
    for (uint32_t i = 0; i < n; i++)
        order[i] = tickets[i].site;
    free(tickets);
    return ST_OK;
}

/* Inserts order[0..n); those that found no free place move to the front of `order`; their number
 * is returned in *left. */
static st_status insert_all(grower *g, const terminal_site *site, uint32_t *order, uint32_t n, bool persistent,
                            uint32_t *left, st_error *err) {
    *left = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool done;
        const st_status status = grow_insert(g, &site[order[i]], persistent, &done, err);
        if (status != ST_OK)
            return status;
        if (!done)
            order[(*left)++] = order[i];
    }
    return ST_OK;
}

/* The order is worked off in batches of an eighth of the tree, each along the curve of the sites,
 * so that successive insertions touch the same memory. What a batch could not place comes again with the next. */
static st_status insert_in_batches(grower *g, const terminal_site *site, uint32_t *order, uint32_t n,
                                   const st_progress *progress, uint32_t *left, st_error *err) {
    uint32_t *batch = st_alloc(n, sizeof *batch, err);
    if (!batch)
        return ST_MEMORY;
    st_status status = ST_OK;
    *left = 0;
    for (uint32_t next = 0; next < n && status == ST_OK;) {
        uint32_t size = g->placed / 8 + 1;
        if (size > n - next)
            size = n - next;
        memcpy(batch + *left, order + next, size * sizeof *batch);
        next += size;
        qsort(batch, *left + size, sizeof *batch, by_site);
        status = insert_all(g, site, batch, *left + size, false, left, err);
        if (status == ST_OK && g->placed < TERMINALS_OF_A_SKETCH)
            status = insert_all(g, site, batch, *left, true, left, err);
        st_progress_report(progress, "tree", (double)next / n);
    }
    memcpy(order, batch, *left * sizeof *batch);
    free(batch);
    return status;
}

/* Tries one place; *done false when it is in the wrong tissue or no vessel reaches it. */
static st_status try_place(grower *g, const terminal_site *site, const double point[3], bool any_tissue,
                           bool persistent, bool *done, st_error *err) {
    const size_t voxel = st_liver_voxel_at(g->liver, point);
    *done = false;
    if (voxel == SIZE_MAX || g->liver->tissue[voxel] == ST_OUTSIDE ||
        (!any_tissue && g->liver->lesion[voxel] != site->lesion))
        return ST_OK;
    const terminal_site moved = {.point = {(float)point[0], (float)point[1], (float)point[2]},
                                 .lesion = g->liver->lesion[voxel]};
    return grow_insert(g, &moved, persistent, done, err);
}

st_status grow_relocate(grower *g, const terminal_site *site, uint64_t item, uint64_t seed, bool *done, st_error *err) {
    st_rng rng = st_rng_stream(seed, ST_RNG_TERMINALS, item);
    const double unit = cbrt(g->liver->volume / g->capacity);
    st_status status = ST_OK;
    *done = false;
    for (unsigned any_tissue = 0; any_tissue < 2 && !*done; any_tissue++)
        for (unsigned attempt = 1; attempt <= RELOCATIONS && !*done && status == ST_OK; attempt++) {
            double point[3];
            for (int i = 0; i < 3; i++)
                point[i] = (double)site->point[i] + 0.5 * unit * cbrt(attempt) * (2 * st_rng_uniform(&rng) - 1);
            status = try_place(g, site, point, any_tissue, attempt > RELOCATIONS_AT_ONCE, done, err);
        }
    return status;
}

static st_status grow_all(grower *g, const st_demand *demand, uint32_t terminals, uint64_t seed,
                          const st_progress *progress, st_tree_growth *growth, st_error *err) {
    terminal_site *site = st_alloc(terminals, sizeof *site, err);
    uint32_t *order = st_alloc(terminals, sizeof *order, err);
    uint32_t left = 0;
    st_status status = site && order ? grow_sites(g->liver, demand, terminals, seed, site, err) : ST_MEMORY;
    if (status == ST_OK)
        status = random_order(terminals, seed, order, err);
    if (status == ST_OK)
        status = insert_in_batches(g, site, order, terminals, progress, &left, err);
    for (uint32_t i = 0; i < left && status == ST_OK; i++) {
        bool done;
        status = grow_relocate(g, &site[order[i]], (uint64_t)2 << 32 | order[i], seed, &done, err);
        growth->relocated += done;
    }
    if (status == ST_OK && g->placed == terminals)
        status = grow_regraft(g, seed, &growth->relocated, err);
    growth->placed = g->placed;
    if (status == ST_OK && g->placed != terminals)
        status = st_fail(err, ST_ANATOMY,
                         "the tree reached %u of %u terminals; the organ may be in pieces or narrower than its "
                         "vessels (a smaller root_diameter or fewer terminals may help)",
                         g->placed, terminals);
    if (status == ST_OK)
        status = grow_repair(g, seed, err);
    free(site);
    free(order);
    return status;
}

/* Depth first, the child with more terminals first. */
static void copy_in_order(const grower *g, double terminal_demand, st_tree *tree, uint32_t *stack, uint32_t *place) {
    const double root = pow(g->placed, 1 / g->exponent);
    size_t depth = 0;
    uint32_t n = 0;
    stack[depth++] = 0;
    while (depth > 0) {
        const uint32_t v = stack[--depth];
        const segment_ends s = grow_ends(g, v);
        tree->proximal[n][0] = (float)s.a.x;
        tree->proximal[n][1] = (float)s.a.y;
        tree->proximal[n][2] = (float)s.a.z;
        memcpy(tree->distal[n], g->end[v], sizeof tree->distal[n]);
        tree->parent[n] = g->parent[v] == ST_NONE ? ST_NONE : place[g->parent[v]];
        tree->radius[n] = (float)(g->root_radius * pow(g->count[v], 1 / g->exponent) / root);
        tree->lesion[n] = g->lesion[v];
        uint32_t first = g->child[v][0], second = g->child[v][1];
        if (first != ST_NONE && second != ST_NONE && g->count[second] > g->count[first]) {
            first = g->child[v][1];
            second = g->child[v][0];
        }
        if (first == ST_NONE)
            tree->demand[n] = terminal_demand;
        if (second != ST_NONE)
            stack[depth++] = second;
        if (first != ST_NONE)
            stack[depth++] = first;
        place[v] = n++;
    }
    tree->n = n; /* what was taken off and not used again is left out */
}

static st_status to_tree(const grower *g, double flow, st_tree *tree, st_error *err) {
    uint32_t *stack = st_alloc(g->n, sizeof *stack, err), *place = st_alloc(g->n, sizeof *place, err);
    st_status status = stack && place ? st_tree_init(tree, g->n, err) : ST_MEMORY;
    if (status == ST_OK) {
        copy_in_order(g, flow / g->placed, tree, stack, place);
        status = st_tree_finish(tree, err);
    }
    free(stack);
    free(place);
    return status;
}

st_status st_tree_grow(const st_liver *liver, const st_parameters *parameters, const st_tree_options *options,
                       const st_progress *progress, st_tree *tree, st_tree_growth *growth, st_error *err) {
    const double begun = st_clock();
    const st_demand demand = st_demand_from_parameters(parameters);
    const double inflow = st_demand_arterial_total(&demand, liver);
    const uint32_t terminals = options->terminals > 0
                                   ? options->terminals
                                   : st_tree_terminals_needed(parameters, inflow, options->smallest_particle);
    grower g = {0};
    *tree = (st_tree){0};
    *growth = (st_tree_growth){0};
    if (terminals > MOST_TERMINALS)
        return st_fail(err, ST_VALUE, "%u terminals are more than a tree can hold", terminals);
    st_status status = grow_init(&g, liver, parameters, terminals, inflow, err);
    if (status == ST_OK)
        status = grow_all(&g, &demand, terminals, options->seed, progress, growth, err);
    if (status == ST_OK)
        status = to_tree(&g, inflow, tree, err);
    grow_fini(&g);
    if (status != ST_OK)
        st_tree_fini(tree);
    growth->seconds = st_clock() - begun;
    return status;
}
