/* What each territory will hold, and how wide its vessels become by that.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "grow_joint.h"
#include "growth.h"

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

bool growth_is_trunk(const growth *w, uint32_t vessel) {
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
        const bool inside = !growth_is_trunk(w, v);
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

st_status growth_lay_obstacles(growth *w, st_error *err) {
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

st_status growth_settle(growth *w, st_error *err) {
    measure_rooms(w);
    const st_status status = share_sites(w, err);
    if (status != ST_OK)
        return status;
    hang_feeders(w);
    set_final(w);
    set_radii(w);
    return growth_lay_obstacles(w, err);
}

st_status growth_find_tight(growth *w, st_error *err) {
    grower *g = &w->coarse;
    const st_status status = grow_reindex(g, err);
    for (uint32_t k = 0; k < w->n_coarse && status == ST_OK; k++) {
        const uint32_t v = w->order_of_coarse[k];
        const float promised = g->given[v];
        uint32_t other;
        g->given[v] = (float)GROW_WIDER * promised;
        w->tight[v] = !growth_is_trunk(w, v) && grow_overlap(g, v, &other) > 0;
        g->given[v] = promised;
    }
    return status;
}
