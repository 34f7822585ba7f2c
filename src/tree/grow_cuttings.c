/* Off and on again.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_cuttings.h"

#include <stdlib.h>

st_status grow_cuttings_init(grow_cuttings *cuttings, grower *g, st_error *err) {
    *cuttings = (grow_cuttings){.g = g, .site = st_alloc(g->placed, sizeof *cuttings->site, err)};
    return cuttings->site ? ST_OK : ST_MEMORY;
}

void grow_cuttings_fini(grow_cuttings *cuttings) {
    free(cuttings->site);
    *cuttings = (grow_cuttings){0};
}

bool grow_may_go(const grower *g, uint32_t vessel) {
    const passage pass = grow_pass(g, vessel);
    return g->kind[vessel] != VESSEL_MEASURED && pass.home == pass.also && !grow_is_heavy(g, vessel);
}

/* Whether all of a branch may go: a feeder stands for many terminals, and what was measured stays. */
static bool whole_may_go(const grower *g, uint32_t vessel) {
    bool may = grow_may_go(g, vessel);
    for (int i = 0; i < 2 && may; i++)
        may = g->child[vessel][i] == ST_NONE || whole_may_go(g, g->child[vessel][i]);
    return may;
}

static void take_apart(grow_cuttings *c, uint32_t v) {
    grower *g = c->g;
    if (grow_is_terminal(g, v)) {
        terminal_site *site = &c->site[c->n++];
        site->voxel = g->voxel[v];
        for (int i = 0; i < 3; i++)
            site->point[i] = g->end[v][i];
    }
    for (int i = 0; i < 2; i++)
        if (g->child[v][i] != ST_NONE)
            take_apart(c, g->child[v][i]);
    g->count[v] = 0;
    g->kind[v] = VESSEL_FREE;
    g->spare[g->n_spare++] = v;
}

bool grow_take_off(grow_cuttings *c, uint32_t vessel) {
    grower *g = c->g;
    uint32_t v = vessel;
    while (g->parent[v] != ST_NONE && g->child[g->parent[v]][1] == ST_NONE && g->parent[g->parent[v]] != ST_NONE)
        v = g->parent[v]; /* a bend goes with what it leads to */
    const uint32_t joint = g->parent[v];
    if (joint == ST_NONE || g->child[joint][1] == ST_NONE || g->capacity - g->n + g->n_spare < 2 || !whole_may_go(g, v))
        return false;
    const uint32_t terminals = g->count[v];
    g->child[joint][0] = g->child[joint][g->child[joint][0] == v ? 1 : 0];
    g->child[joint][1] = ST_NONE;
    for (uint32_t up = joint; up != ST_NONE; up = g->parent[up])
        g->count[up] -= terminals;
    g->placed -= terminals;
    take_apart(c, v);
    return true;
}

st_status grow_rejoin(grow_cuttings *c, uint64_t seed, uint64_t item, uint32_t *relocated, st_error *err) {
    grower *g = c->g;
    st_status status = c->n > 0 ? grow_reindex(g, err) : ST_OK;
    for (uint32_t i = 0; i < c->n && status == ST_OK; i++) {
        bool done;
        const terminal_site *site = &c->site[i];
        const grow_wish wish = grow_wish_of(g, site);
        status = grow_insert(g, &wish, true, &done, err);
        if (status == ST_OK && !done) {
            status = grow_relocate(g, site, item | (uint64_t)g->owner << 40 | i, seed, err);
            ++*relocated;
        }
    }
    c->n = 0;
    return status;
}
