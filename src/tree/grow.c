/* Constrained constructive optimisation: an organ in, a finished tree out.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "growth.h"

/* Vessels are numbered in 32 bits, and a tree has a little more than two for each terminal. */
#define MOST_TERMINALS (ST_NONE / 4)

void growth_fini(growth *w) {
    for (uint16_t t = 0; t < w->n_territories; t++)
        tree_piece_fini(&w->territory[t].piece);
    grow_space_fini(&w->space);
    grow_obstacles_fini(&w->others);
    grow_obstacles_fini(&w->laid);
    grower_fini(&w->coarse);
    free(w->site);
    free(w->used);
    free(w->feeder);
    free(w->rest);
    free(w->order_of_coarse);
    free(w->final);
    free(w->light);
    free(w->tight);
    free(w->territory_of);
    free(w->territory);
    free(w->territory_in);
    free(w->order);
    *w = (growth){0};
}

st_status growth_avoid_tree(growth *w, const st_tree *tree, st_error *err) {
    obstacle *item = st_alloc(tree->n, sizeof *item, err);
    if (!item)
        return ST_MEMORY;
    for (uint32_t i = 0; i < tree->n; i++) {
        const segment_ends s = {vec_of(tree->proximal[i]), vec_of(tree->distal[i])};
        item[i] = obstacle_of(s, (double)tree->radius[i], OWNER_OTHERS);
    }
    grow_obstacles_fini(&w->others);
    return grow_obstacles_init(&w->others, item, tree->n, err);
}

st_status growth_avoid_growth(growth *w, const growth *other, double margin, st_error *err) {
    const grower *g = &other->coarse;
    obstacle *item = st_alloc(g->n, sizeof *item, err);
    if (!item)
        return ST_MEMORY;
    uint32_t n = 0;
    for (uint32_t v = 0; v < g->n; v++)
        if (g->count[v] > 0)
            item[n++] = obstacle_of(grow_ends(g, v), margin * grow_radius(g, v), OWNER_OTHERS);
    grow_obstacles_fini(&w->others);
    return grow_obstacles_init(&w->others, item, n, err);
}

/* What only the growth needs goes before the tree comes, so that both need not fit in memory at once. */
static void forget(growth *w) {
    free(w->site);
    free(w->used);
    free(w->order);
    w->site = NULL;
    w->used = NULL;
    w->order = NULL;
    grow_space_fini(&w->space);
    grow_obstacles_fini(&w->laid);
}

st_status growth_begin(growth *w, st_error *err) {
    st_status status = grow_space_init(&w->space, w->liver, w->supply->domain, err);
    if (status == ST_OK && w->options->avoid)
        status = growth_avoid_tree(w, w->options->avoid, err);
    w->site = st_alloc(w->terminals, sizeof *w->site, err);
    w->used = st_alloc(w->terminals, sizeof *w->used, err);
    if (!w->site || !w->used)
        return ST_MEMORY;
    if (status == ST_OK)
        status = grow_sites(w->liver, w->demand, w->terminals, w->options->seed, w->site, err);
    if (status == ST_OK)
        status = growth_find_feeders(w, err);
    if (status == ST_OK)
        grow_space_measure(&w->space);
    return status;
}

static st_status finish(growth *w, st_tree *tree, st_error *err) {
    const st_status status = growth_fill(w, err);
    if (status != ST_OK)
        return status;
    forget(w);
    return growth_assemble(w, tree, err);
}

static st_status run(growth *w, st_tree *tree, st_error *err) {
    st_status status = growth_begin(w, err);
    if (status == ST_OK)
        status = growth_sketch(w, err);
    if (status == ST_OK)
        status = growth_grow_coarse(w, err);
    if (status == ST_OK)
        status = growth_cut(w, err);
    return status == ST_OK ? finish(w, tree, err) : status;
}

/* Wide vessels first, of both systems in turn: fine vessels go around wide ones, and no wide one finds a way through a
 * fine tree. */
static st_status run_both(growth *artery, growth *portal, st_tree tree[2], st_error *err) {
    static const double margin = 1.3; /* radii are not final yet */
    st_status status = growth_begin(portal, err);
    if (status == ST_OK)
        status = growth_begin(artery, err);
    if (status == ST_OK)
        status = growth_sketch(portal, err);
    if (status == ST_OK)
        status = growth_avoid_growth(artery, portal, margin, err);
    if (status == ST_OK)
        status = growth_sketch(artery, err);
    if (status == ST_OK)
        status = growth_grow_coarse(artery, err);
    if (status == ST_OK)
        status = growth_avoid_growth(portal, artery, margin, err);
    if (status == ST_OK)
        status = growth_grow_coarse(portal, err);
    if (status == ST_OK)
        status = growth_cut(portal, err);
    if (status == ST_OK) /* which is as wide as it may become now */
        status = growth_avoid_growth(artery, portal, 1, err);
    if (status == ST_OK)
        status = growth_cut(artery, err);
    if (status == ST_OK)
        status = finish(artery, &tree[0], err);
    if (status == ST_OK)
        status = growth_avoid_tree(portal, &tree[0], err);
    return status == ST_OK ? finish(portal, &tree[1], err) : status;
}

static st_supply single_inlet(const st_liver *liver) {
    st_supply supply = {.n = 1};
    snprintf(supply.inlet[0].name, sizeof supply.inlet[0].name, "hepatic artery");
    memcpy(supply.inlet[0].hilum, liver->hilum, sizeof liver->hilum);
    memcpy(supply.inlet[0].stump, liver->stump, sizeof liver->stump);
    return supply;
}

static void set_demand(growth *w) {
    const st_demand demand = st_demand_from_parameters(w->parameters);
    memcpy(w->demand, w->options->system == ST_PORTAL ? demand.portal : demand.arterial, sizeof w->demand);
    w->inflow = w->options->system == ST_PORTAL ? st_demand_portal_total(&demand, w->liver)
                                                : st_demand_arterial_total(&demand, w->liver);
    w->exponent = st_system_exponent(w->parameters, w->options->system);
    w->root_radius = st_system_diameter(w->parameters, w->options->system, w->inflow) / 2;
}

/* A small tree grows in one piece. In a large one, more sites in the coarse tree and larger territories come nearer to
 * a tree in one piece, smaller ones keep caches and processors busier: docs/tree.md has the measurements. Territories
 * are made of voxels: in few of them a tree grows in one piece, too. */
static grow_parts parts_for(uint32_t terminals, double voxels) {
    static const uint32_t small = 1 << 16, coarse_least = 1 << 12, territory_least = 1 << 13, territory_most = 1 << 16;
    static const double voxels_least = 512; /* of a territory with as many terminals as it may have */
    const uint32_t coarse = terminals / 64, share = terminals / 16;
    const uint32_t wanted = share < territory_least ? territory_least : share > territory_most ? territory_most : share;
    if (terminals <= small || voxels * wanted < voxels_least * terminals)
        return (grow_parts){terminals, 0};
    return (grow_parts){coarse > coarse_least ? coarse : coarse_least, wanted};
}

static st_status growth_init(growth *w, const st_liver *liver, const st_parameters *parameters,
                             const st_tree_options *options, const st_supply *single, grow_parts parts,
                             const st_progress *progress, st_error *err) {
    *w = (growth){.liver = liver,
                  .parameters = parameters,
                  .options = options,
                  .progress = progress,
                  .supply = options->supply ? options->supply : single,
                  .parts = parts};
    set_demand(w);
    w->terminals = options->terminals > 0
                       ? options->terminals
                       : st_tree_terminals_needed(parameters, options->system, w->inflow);
    if (parts.coarse == 0)
        w->parts = parts_for(w->terminals, liver->volume / st_geometry_voxel_volume(&liver->geometry));
    if (w->terminals > MOST_TERMINALS)
        return st_fail(err, ST_VALUE, "%u terminals are more than a tree can hold", w->terminals);
    return ST_OK;
}

static void report_growth(const growth *w, double begun, st_tree_growth *report) {
    *report = (st_tree_growth){.relocated = w->relocated,
                               .territories = w->n_territories,
                               .left_out = w->left_out,
                               .seconds = st_clock() - begun};
    for (uint16_t k = 0; k < w->n_feeders; k++)
        report->feeders += w->feeder[k].sites > 0;
}

st_status grow_in_parts(const st_liver *liver, const st_parameters *parameters, const st_tree_options *options,
                        grow_parts parts, const st_progress *progress, st_tree *tree, st_tree_growth *report,
                        st_error *err) {
    const double begun = st_clock();
    const st_supply single = single_inlet(liver);
    growth w;
    *tree = (st_tree){0};
    st_status status = growth_init(&w, liver, parameters, options, &single, parts, progress, err);
    if (status == ST_OK)
        status = run(&w, tree, err);
    if (status != ST_OK)
        st_tree_fini(tree);
    report_growth(&w, begun, report);
    growth_fini(&w);
    return status;
}

st_status st_tree_grow(const st_liver *liver, const st_parameters *parameters, const st_tree_options *options,
                       const st_progress *progress, st_tree *tree, st_tree_growth *report, st_error *err) {
    return grow_in_parts(liver, parameters, options, (grow_parts){0}, progress, tree, report, err);
}

st_status st_tree_grow_both(const st_liver *liver, const st_parameters *parameters, const st_tree_options options[2],
                            const st_progress *progress, st_tree tree[2], st_tree_growth report[2], st_error *err) {
    const double begun = st_clock();
    const st_supply single = single_inlet(liver);
    growth w[2];
    st_status status = ST_OK;
    for (int k = 0; k < 2; k++) {
        tree[k] = (st_tree){0};
        const st_status own =
            growth_init(&w[k], liver, parameters, &options[k], &single, (grow_parts){0}, progress, err);
        status = status == ST_OK ? own : status;
    }
    if (status == ST_OK)
        status = run_both(&w[0], &w[1], tree, err);
    for (int k = 0; k < 2; k++) {
        if (status != ST_OK)
            st_tree_fini(&tree[k]);
        report_growth(&w[k], begun, &report[k]);
        growth_fini(&w[k]);
    }
    return status;
}
