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

/* ---- what it will hold ---------------------------------------------------------------------- */

static void measure_rooms(growth *w) {
    const st_geometry *g = &w->liver->geometry;
    const double volume = st_geometry_voxel_volume(g);
    for (uint16_t t = 0; t < w->n_territories; t++)
        for (int k = 0; k < 3; k++) {
            w->territory[t].volume = 0;
            w->territory[t].low[k] = INFINITY;
            w->territory[t].high[k] = -INFINITY;
        }
    size_t i = 0;
    for (uint32_t z = 0; z < g->n[2]; z++)
        for (uint32_t y = 0; y < g->n[1]; y++)
            for (uint32_t x = 0; x < g->n[0]; x++, i++) {
                if (w->space.region[i] == REGION_OUTSIDE || w->space.region[i] < w->supply->n)
                    continue;
                territory *t = &w->territory[w->territory_in[w->space.region[i]]];
                const double index[3] = {x, y, z};
                double p[3];
                st_geometry_to_lps(g, index, p);
                t->volume += volume;
                for (int k = 0; k < 3; k++) {
                    t->low[k] = fmin(t->low[k], p[k]);
                    t->high[k] = fmax(t->high[k], p[k]);
                }
            }
}

/* Sites that the coarse tree has not used, by the territory that they lie in, in their order along the curve. */
static st_status share_sites(growth *w, st_error *err) {
    for (uint16_t t = 0; t < w->n_territories; t++)
        w->territory[t].sites = w->territory[t].fed = 0;
    for (uint32_t i = 0; i < w->terminals; i++) {
        if (w->used[i])
            continue;
        const uint16_t region = w->space.region[w->site[i].voxel];
        if (region < w->supply->n)
            return st_fail(err, ST_ANATOMY,
                           "no vessel leads to the part of the organ around (%.1f, %.1f, %.1f) mm; it may be apart "
                           "from its inlet",
                           (double)w->site[i].point[0], (double)w->site[i].point[1], (double)w->site[i].point[2]);
        w->territory[w->territory_in[region]].sites++;
    }
    uint32_t *next = w->order;
    for (uint16_t t = 0; t < w->n_territories; t++) {
        w->territory[t].order = next;
        next += w->territory[t].sites;
        w->territory[t].sites = 0;
    }
    for (uint32_t i = 0; i < w->terminals; i++)
        if (!w->used[i]) {
            territory *t = &w->territory[w->territory_in[w->space.region[w->site[i].voxel]]];
            t->order[t->sites++] = i;
        }
    return ST_OK;
}

uint32_t growth_terminals_of(const territory *t) {
    return t->sites + t->own + t->fed;
}

/* A feeder hangs on the territory that its artery comes from, if that is in one. */
static void hang_feeders(growth *w) {
    for (uint16_t t = 0; t < w->n_territories; t++) {
        const uint16_t outer = w->territory_of[w->coarse.parent[w->territory[t].root]];
        if (outer != NO_TERRITORY && !w->territory[t].closed)
            w->territory[outer].fed += growth_terminals_of(&w->territory[t]);
    }
}

/* ---- how wide it will be ----------------------------------------------------------------------- */

static bool is_trunk(const growth *w, uint32_t vessel) {
    const uint16_t t = w->territory_of[vessel];
    return t == NO_TERRITORY || w->territory[t].closed;
}

/* Inside a territory: what feeders there will carry, and at most so many times the part of all other terminals that a
 * vessel has of those of the coarse tree. */
static uint32_t most_inside(const territory *t, uint32_t vessel, uint32_t light, uint32_t fed) {
    static const double most = 2;
    const double all = t->sites + t->own;
    return fed + (uint32_t)(vessel == t->root || t->own == 0 ? all : fmin(all, most * light / t->own * all + 1));
}

/* Final numbers of terminals: exact in the trunk and at the root of a territory, an upper limit inside one. */
static void set_final(growth *w) {
    const grower *g = &w->coarse;
    memset(w->final, 0, g->capacity * sizeof *w->final);
    memset(w->light, 0, g->capacity * sizeof *w->light);
    for (uint32_t k = w->n_coarse; k-- > 0;) {
        const uint32_t v = w->order_of_coarse[k], parent = g->parent[v], fed = w->final[v];
        const bool inside = !is_trunk(w, v);
        if (grow_is_terminal(g, v))
            w->light[v] = 1;
        if (inside)
            w->final[v] = most_inside(&w->territory[w->territory_of[v]], v, w->light[v], fed);
        else if (grow_is_terminal(g, v))
            w->final[v] = 1;
        if (parent == ST_NONE)
            continue;
        const bool same = inside && w->territory_of[parent] == w->territory_of[v];
        w->final[parent] += same ? fed : w->final[v];
        w->light[parent] += same ? w->light[v] : 0;
    }
}

static void set_radii(growth *w) {
    grower *g = &w->coarse;
    for (uint32_t k = 0; k < w->n_coarse; k++) {
        const uint32_t v = w->order_of_coarse[k];
        if (g->kind[v] != VESSEL_MEASURED && !(w->options->trunk && g->parent[v] == ST_NONE))
            g->given[v] = (float)(w->root_radius * pow((double)w->final[v] / w->terminals, 1 / w->exponent));
    }
}

/* A feeder belongs to its region from the start. */
static uint32_t owner_of(const growth *w, uint32_t vessel) {
    const passage pass = w->coarse.pass[vessel];
    if (w->territory_of[vessel] != NO_TERRITORY)
        return w->territory[w->territory_of[vessel]].region;
    return pass.also != pass.home ? pass.also : OWNER_TRUNK;
}

/* The vessels of the coarse tree stand still while the territories fill. */
static st_status lay_obstacles(growth *w, st_error *err) {
    const grower *g = &w->coarse;
    obstacle *item = st_alloc(w->n_coarse, sizeof *item, err);
    if (!item)
        return ST_MEMORY;
    for (uint32_t k = 0; k < w->n_coarse; k++) {
        const uint32_t v = w->order_of_coarse[k];
        item[k] = obstacle_of(grow_ends(g, v), (double)g->given[v], owner_of(w, v));
    }
    grow_obstacles_fini(&w->laid);
    return grow_obstacles_init(&w->laid, item, w->n_coarse, err);
}

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

/* Sites, radii and obstacles of the territories as they are now. */
static st_status settle(growth *w, st_error *err) {
    measure_rooms(w);
    const st_status status = share_sites(w, err);
    if (status != ST_OK)
        return status;
    hang_feeders(w);
    set_final(w);
    set_radii(w);
    return lay_obstacles(w, err);
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
    return status == ST_OK ? lay_obstacles(w, err) : status;
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
    return status == ST_OK ? settle(w, err) : status;
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

/* Vessels that would overlap another one if they became much wider than was promised. */
static st_status find_tight(growth *w, st_error *err) {
    grower *g = &w->coarse;
    const st_status status = grow_reindex(g, err);
    for (uint32_t k = 0; k < w->n_coarse && status == ST_OK; k++) {
        const uint32_t v = w->order_of_coarse[k];
        const float promised = g->given[v];
        uint32_t other;
        g->given[v] = (float)GROW_WIDER * promised;
        w->tight[v] = !is_trunk(w, v) && grow_overlap(g, v, &other) > 0;
        g->given[v] = promised;
    }
    return status;
}

st_status growth_pass_on(growth *w, st_error *err) {
    st_status status = growth_pass_on_rooms(w, err);
    if (status == ST_OK)
        status = settle(w, err);
    return status == ST_OK ? find_tight(w, err) : status;
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
    return lay_obstacles(w, err);
}

st_status growth_cut(growth *w, st_error *err) {
    st_status status = cut_init(w, err);
    if (status != ST_OK)
        return status;
    settle_feeders(w);
    const uint32_t open = count_open(w);
    status = find_territories(w, open, err);
    if (status == ST_OK)
        status = lay_obstacles(w, err);
    for (uint32_t v = 0; v < w->coarse.n; v++) /* the regions are no longer those it grew in */
        w->coarse.pass[v] = (passage){REGION_ANY, REGION_ANY};
    if (status == ST_OK)
        status = open > 0 ? share_out(w, err) : settle(w, err);
    bool dropped;
    if (status == ST_OK && open == 0)
        status = repair(w, &dropped, err);
    if (status == ST_OK)
        set_losses(w);
    return status == ST_OK ? find_tight(w, err) : status;
}
