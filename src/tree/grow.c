/* Constrained constructive optimisation: an organ in, a finished tree out.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "growth.h"

/* Vessels are numbered in 32 bits, and a tree has a little more than two for each terminal. */
#define MOST_TERMINALS (ST_NONE / 4)

static void growth_fini(growth *w) {
    for (uint16_t t = 0; t < w->n_territories; t++)
        tree_piece_fini(&w->territory[t].piece);
    grow_space_fini(&w->space);
    grow_obstacles_fini(&w->others);
    grow_obstacles_fini(&w->laid);
    grower_fini(&w->coarse);
    free(w->site);
    free(w->used);
    free(w->feeder);
    free(w->order_of_coarse);
    free(w->final);
    free(w->territory_of);
    free(w->territory);
    free(w->territory_in);
    free(w->order);
}

static st_status avoid(growth *w, const st_tree *tree, st_error *err) {
    obstacle *item = st_alloc(tree->n, sizeof *item, err);
    if (!item)
        return ST_MEMORY;
    for (uint32_t i = 0; i < tree->n; i++) {
        item[i] = (obstacle){.radius = tree->radius[i], .owner = OWNER_OTHERS};
        memcpy(item[i].a, tree->proximal[i], sizeof item[i].a);
        memcpy(item[i].b, tree->distal[i], sizeof item[i].b);
    }
    return grow_obstacles_init(&w->others, item, tree->n, err);
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

static st_status run(growth *w, st_tree *tree, st_error *err) {
    st_status status = grow_space_init(&w->space, w->liver, w->supply->domain, err);
    if (status == ST_OK && w->options->avoid)
        status = avoid(w, w->options->avoid, err);
    w->site = st_alloc(w->terminals, sizeof *w->site, err);
    w->used = st_alloc(w->terminals, sizeof *w->used, err);
    if (!w->site || !w->used)
        return ST_MEMORY;
    if (status == ST_OK)
        status = grow_sites(w->liver, w->demand, w->terminals, w->options->seed, w->site, err);
    if (status == ST_OK)
        status = growth_find_feeders(w, err);
    if (status == ST_OK) {
        grow_space_measure(&w->space);
        status = growth_grow_coarse(w, err);
    }
    if (status == ST_OK)
        status = growth_cut(w, err);
    if (status == ST_OK)
        status = growth_fill(w, err);
    if (status != ST_OK)
        return status;
    forget(w);
    return growth_assemble(w, tree, err);
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
 * a tree in one piece, smaller ones keep caches and processors busier: docs/tree.md has the measurements. */
static grow_parts parts_for(uint32_t terminals) {
    static const uint32_t small = 1 << 16, coarse_least = 1 << 14, territory_least = 1 << 13, territory_most = 1 << 16;
    const uint32_t coarse = terminals / 64, share = terminals / 16;
    if (terminals <= small)
        return (grow_parts){terminals, 0};
    return (grow_parts){.coarse = coarse > coarse_least ? coarse : coarse_least,
                        .territory = share < territory_least  ? territory_least
                                     : share > territory_most ? territory_most
                                                              : share};
}

st_status grow_in_parts(const st_liver *liver, const st_parameters *parameters, const st_tree_options *options,
                        grow_parts parts, const st_progress *progress, st_tree *tree, st_tree_growth *report,
                        st_error *err) {
    const double begun = st_clock();
    const st_supply single = single_inlet(liver);
    growth w = {.liver = liver,
                .parameters = parameters,
                .options = options,
                .progress = progress,
                .supply = options->supply ? options->supply : &single,
                .parts = parts};
    *tree = (st_tree){0};
    *report = (st_tree_growth){0};
    set_demand(&w);
    w.terminals = options->terminals > 0
                      ? options->terminals
                      : st_tree_terminals_needed(parameters, options->system, w.inflow, options->smallest_particle);
    if (parts.coarse == 0)
        w.parts = parts_for(w.terminals);
    if (w.terminals > MOST_TERMINALS)
        return st_fail(err, ST_VALUE, "%u terminals are more than a tree can hold", w.terminals);
    const st_status status = run(&w, tree, err);
    if (status != ST_OK)
        st_tree_fini(tree);
    for (uint16_t k = 0; k < w.n_feeders; k++)
        report->feeders += w.feeder[k].sites > 0;
    report->placed = w.terminals;
    report->relocated = w.relocated;
    report->territories = w.n_territories;
    report->left_out = w.left_out;
    growth_fini(&w);
    report->seconds = st_clock() - begun;
    return status;
}

st_status st_tree_grow(const st_liver *liver, const st_parameters *parameters, const st_tree_options *options,
                       const st_progress *progress, st_tree *tree, st_tree_growth *report, st_error *err) {
    return grow_in_parts(liver, parameters, options, (grow_parts){0}, progress, tree, report, err);
}
