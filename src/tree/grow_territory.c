/* The cut: branches of the coarse tree become territories, and the organ is shared out among them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "grow_cuttings.h"
#include "grow_joint.h"
#include "growth.h"

/* A feeder runs for at least so many of its radii inside its part of the lesion. */
static const double ENTRY_RADII = 8;

/* Terminals of a branch of the coarse tree that is given up where it overlaps another, at most. */
static const uint32_t SMALL_BRANCH = 16;
/* Times at most that the radii are settled and what overlaps then is parted or dropped. */
#define ROUNDS 8u

/* ---- which branches ------------------------------------------------------------------- */

static uint16_t add_territory(growth *w, uint32_t root, uint16_t region, uint16_t domain) {
    w->territory[w->n_territories] = (territory){.root = root, .region = region, .domain = domain};
    w->territory_in[region] = w->n_territories;
    return w->n_territories++;
}

/* Each feeder is a territory; so is each widest branch that has no more terminals than wanted, when there are sites
 * left to fill it. */
static st_status find_territories(growth *w, uint32_t open, st_error *err) {
    const grower *g = &w->coarse;
    w->territory = st_alloc(TERRITORIES_MOST, sizeof *w->territory, err);
    if (!w->territory)
        return ST_MEMORY;
    for (uint16_t k = 0; k < w->n_feeders; k++)
        if (w->feeder[k].sites > 0) {
            const uint16_t t = add_territory(w, w->feeder[k].vessel, w->feeder[k].region, w->feeder[k].domain);
            w->territory[t].own = 1; /* its end */
            w->territory_of[w->feeder[k].vessel] = t;
        }
    const uint16_t base = growth_base(w);
    uint16_t made = 0;
    for (uint32_t k = 0; k < w->n_coarse; k++) {
        const uint32_t v = w->order_of_coarse[k], parent = g->parent[v];
        if (w->territory_of[v] != NO_TERRITORY)
            continue; /* a feeder */
        if (parent != ST_NONE && w->territory_of[parent] != NO_TERRITORY)
            w->territory_of[v] = w->territory_of[parent];
        else if (open > 0 && parent != ST_NONE && g->kind[v] == VESSEL_FREE &&
                 (double)g->count[v] * w->terminals <= (double)w->parts.territory * g->placed &&
                 w->n_territories < TERRITORIES_MOST)
            w->territory_of[v] = add_territory(w, v, (uint16_t)(base + made++), g->pass[v].home);
        if (grow_is_terminal(g, v) && w->territory_of[v] != NO_TERRITORY)
            w->territory[w->territory_of[v]].own++;
    }
    return ST_OK;
}

/* ---- feeders and what is closed ----------------------------------------------------------------- */

double growth_loss(const growth *w, uint32_t vessel) {
    const segment_ends s = grow_ends(&w->coarse, vessel);
    const double unit = w->root_radius * pow(w->terminals, -1 / w->exponent); /* mm, radius of a terminal */
    return vec_distance(s.a, s.b) * w->final[vessel] * pow(unit / (double)w->coarse.given[vessel], 4);
}

static void set_losses(growth *w) {
    for (uint16_t t = 0; t < w->n_territories; t++)
        for (uint32_t v = w->coarse.parent[w->territory[t].root]; v != ST_NONE; v = w->coarse.parent[v])
            w->territory[t].before += growth_loss(w, v);
}

/* What stood for the terminals of a lesion stands for one from now on. */
static void make_light(grower *g, uint32_t vessel) {
    const uint32_t more = g->count[vessel] - 1;
    for (uint32_t v = vessel; v != ST_NONE; v = g->parent[v])
        g->count[v] -= more;
    g->placed -= more;
}

/* A feeder that cannot be joined in its lesion becomes an ordinary terminal. */
static void make_ordinary(growth *w, feeder *f) {
    growth_give_up_feeder(w, f);
    w->coarse.pass[f->vessel].also = w->coarse.pass[f->vessel].home;
    make_light(&w->coarse, f->vessel);
}

void growth_close(growth *w, uint16_t number) {
    territory *t = &w->territory[number];
    t->closed = true;
    if (!growth_is_feeder(w, t))
        return;
    make_light(&w->coarse, t->root);
    w->feeder[t->region - w->supply->n].sites = 0;
    const uint16_t outer = w->territory_of[w->coarse.parent[t->root]];
    w->territory_of[t->root] = outer;
    if (outer != NO_TERRITORY)
        w->territory[outer].own++;
}

/* A feeder is cut where it enters its part of the lesion: what lies before belongs to the liver around. */
static void settle_feeders(growth *w) {
    grower *g = &w->coarse;
    for (uint16_t k = 0; k < w->n_feeders; k++) {
        feeder *f = &w->feeder[k];
        const territory t = {.root = f->vessel, .region = f->region};
        double from, to;
        if (f->sites == 0)
            continue;
        const segment_ends s = grow_ends(g, f->vessel);
        const bool open = growth_free_run(w, &t, f->vessel, &from, &to);
        if (!open || (to - from) * vec_distance(s.a, s.b) < ENTRY_RADII * (double)g->given[f->vessel]) {
            make_ordinary(w, f);
            continue;
        }
        const uint32_t before = grow_split(g, f->vessel, vec_along(s.a, s.b, from));
        g->pass[before].also = g->pass[before].home;
        w->territory_of[before] = NO_TERRITORY;
    }
    w->n_coarse = grow_order(g, w->order_of_coarse);
}

static uint32_t count_open(const growth *w) {
    uint32_t open = 0;
    for (uint32_t i = 0; i < w->terminals; i++)
        open += !w->used[i] && w->space.region[w->site[i].voxel] < w->supply->n;
    return open;
}

static int by_place(const void *x, const void *y) {
    const terminal_site *a = x, *b = y;
    return memcmp(a->point, b->point, sizeof a->point);
}

/* Terminals that were taken off go back to the sites that are to be placed. One that had been relocated has no entry
 * there: it takes that of another, whose terminal stays. */
static void give_back_sites(growth *w, terminal_site *cut, uint32_t n) {
    qsort(cut, n, sizeof *cut, by_place);
    for (uint32_t i = 0; i < w->terminals; i++) {
        terminal_site *found = w->used[i] ? bsearch(&w->site[i], cut, n, sizeof *cut, by_place) : NULL;
        if (found) {
            w->used[i] = false;
            found->voxel = ST_NONE;
        }
    }
    uint32_t next = 0;
    for (uint32_t k = 0; k < n; k++) {
        if (cut[k].voxel == ST_NONE)
            continue;
        while (!w->used[next])
            next++;
        w->site[next] = cut[k];
        w->used[next] = false;
    }
}

/* A branch that may be taken off and filled again: a small one of a territory, not its root. */
static bool is_small_branch(const growth *w, uint32_t vessel) {
    const uint16_t t = w->territory_of[vessel];
    return t != NO_TERRITORY && w->territory[t].root != vessel && w->coarse.count[vessel] <= SMALL_BRANCH &&
           w->territory[t].own > w->coarse.count[vessel] && w->coarse.kind[vessel] == VESSEL_FREE;
}

/* Branches that still overlap something go back to the sites that are to be placed; *dropped: there were some. */
static st_status drop_overlapping(growth *w, bool *dropped, st_error *err) {
    grower *g = &w->coarse;
    grow_cuttings cuttings;
    st_status status = grow_cuttings_init(&cuttings, g, err);
    for (uint32_t k = 0; k < w->n_coarse && status == ST_OK; k++) {
        const uint32_t v = w->order_of_coarse[k];
        uint32_t other;
        if (g->count[v] == 0 || grow_overlap(g, v, &other) <= 0)
            continue;
        const uint32_t go = is_small_branch(w, other) && g->count[other] < g->count[v] ? other : v;
        territory *t = is_small_branch(w, go) ? &w->territory[w->territory_of[go]] : NULL;
        const uint32_t before = cuttings.n;
        if (t == NULL || !grow_take_off(&cuttings, go))
            continue;
        t->own -= cuttings.n - before;
    }
    if (status == ST_OK && cuttings.n > 0)
        give_back_sites(w, cuttings.site, cuttings.n);
    *dropped = cuttings.n > 0;
    grow_cuttings_fini(&cuttings);
    w->n_coarse = grow_order(g, w->order_of_coarse);
    return status;
}

static st_status repair(growth *w, bool *dropped, st_error *err) {
    st_status status = grow_reindex(&w->coarse, err);
    if (status == ST_OK)
        status = grow_repair(&w->coarse, w->options->seed, NULL, err); /* territories count on its vessels */
    if (status == ST_OK)
        status = drop_overlapping(w, dropped, err);
    return status == ST_OK ? growth_lay_obstacles(w, err) : status;
}

/* Closes what has hardly a vessel to join, and settles; *closed: there was some. */
static st_status close_and_settle(growth *w, bool *closed, st_error *err) {
    st_status status = ST_OK;
    *closed = false;
    for (bool more = true; more && status == ST_OK; *closed |= more) {
        status = growth_close_some(w, &more, err);
        if (status == ST_OK && more)
            status = growth_pass_on_rooms(w, err);
    }
    return status == ST_OK ? growth_settle(w, err) : status;
}

/* Shares out the organ until nothing changes any more: what is closed or dropped shifts the radii of what is left. */
static st_status share_out(growth *w, st_error *err) {
    bool closed = true, dropped = true;
    st_status status = growth_first_rooms(w, err);
    for (unsigned round = 0; round < ROUNDS && status == ST_OK; round++) {
        status = close_and_settle(w, &closed, err);
        if (status != ST_OK || (!closed && !dropped))
            return status;
        status = repair(w, &dropped, err);
    }
    return status == ST_OK ? close_and_settle(w, &closed, err) : status;
}

st_status growth_pass_on(growth *w, st_error *err) {
    st_status status = growth_pass_on_rooms(w, err);
    if (status == ST_OK)
        status = growth_settle(w, err);
    return status == ST_OK ? growth_find_tight(w, err) : status;
}

static st_status cut_init(growth *w, st_error *err) {
    grower *g = &w->coarse;
    w->order_of_coarse = st_alloc(g->capacity, sizeof *w->order_of_coarse, err);
    w->territory_of = st_alloc(g->capacity, sizeof *w->territory_of, err);
    w->territory_in = st_alloc(REGIONS_MOST, sizeof *w->territory_in, err);
    w->final = st_alloc(g->capacity, sizeof *w->final, err);
    w->light = st_alloc(g->capacity, sizeof *w->light, err);
    w->tight = st_alloc(g->capacity, sizeof *w->tight, err);
    w->order = st_alloc(w->terminals, sizeof *w->order, err);
    if (!w->order_of_coarse || !w->territory_of || !w->territory_in || !w->final || !w->light || !w->tight || !w->order)
        return ST_MEMORY;
    static const double margin = 1.3; /* over the radius of now, until the final one is known */
    for (uint32_t v = 0; v < g->n; v++) {
        const bool grown = g->given[v] == 0;
        g->given[v] = (float)(grow_radius(g, v) * (grown ? margin : 1));
        w->territory_of[v] = NO_TERRITORY;
    }
    w->n_coarse = grow_order(g, w->order_of_coarse);
    return growth_lay_obstacles(w, err);
}

st_status growth_cut(growth *w, st_error *err) {
    st_status status = cut_init(w, err);
    if (status != ST_OK)
        return status;
    settle_feeders(w);
    const uint32_t open = count_open(w);
    status = find_territories(w, open, err);
    if (status == ST_OK)
        status = growth_lay_obstacles(w, err);
    for (uint32_t v = 0; v < w->coarse.n; v++) /* the regions are no longer those it grew in */
        w->coarse.pass[v] = (passage){REGION_ANY, REGION_ANY};
    if (status == ST_OK)
        status = open > 0 ? share_out(w, err) : growth_settle(w, err);
    bool dropped;
    if (status == ST_OK && open == 0)
        status = repair(w, &dropped, err);
    if (status == ST_OK)
        set_losses(w);
    return status == ST_OK ? growth_find_tight(w, err) : status;
}
