/* The regraft: a greedy growth leaves a few terminals at the end of vessels that were laid out early, stayed thin
 * because nobody joined them, and lose most of the pressure. They are taken off and joined again, now that vessels are
 * near. SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_internal.h"

#include <stdlib.h>

/* A loss of pressure from the root this many times the mean of all terminals is out of line. */
static const double EXCESS = 2.5;

typedef struct regraft {
    grower *g;
    uint32_t *order; /* [vessels] a parent before its children */
    uint32_t n;
    double *loss;  /* [vessels] from the root, up to a factor: r goes with n^(1/g), so it is l n / r^4 along the way */
    uint32_t *bad; /* [vessels] terminals at or beyond that are out of line */
    terminal_site *site;
    uint32_t n_sites;
} regraft;

static void put_in_order(regraft *r) {
    const grower *g = r->g;
    r->n = 0;
    r->order[r->n++] = 0;
    for (uint32_t next = 0; next < r->n; next++)
        for (int i = 0; i < 2; i++)
            if (g->child[r->order[next]][i] != ST_NONE)
                r->order[r->n++] = g->child[r->order[next]][i];
}

static bool is_terminal(const grower *g, uint32_t v) {
    return g->child[v][0] == ST_NONE;
}

static void find_bad(regraft *r) {
    const grower *g = r->g;
    double sum = 0;
    for (uint32_t k = 0; k < r->n; k++) {
        const uint32_t v = r->order[k];
        const segment_ends s = grow_ends(g, v);
        const double own = vec_distance(s.a, s.b) * pow(g->count[v], 1 - 4 / g->exponent);
        r->loss[v] = own + (v == 0 ? 0 : r->loss[g->parent[v]]);
        r->bad[v] = 0;
        sum += is_terminal(g, v) ? r->loss[v] : 0;
    }
    for (uint32_t k = r->n; k-- > 1;) {
        const uint32_t v = r->order[k];
        if (is_terminal(g, v))
            r->bad[v] = r->loss[v] > EXCESS * sum / g->placed;
        r->bad[g->parent[v]] += r->bad[v];
    }
}

static void take_apart(regraft *r, uint32_t v) {
    grower *g = r->g;
    if (is_terminal(g, v)) {
        terminal_site *site = &r->site[r->n_sites++];
        site->lesion = g->lesion[v];
        for (int i = 0; i < 3; i++)
            site->point[i] = g->end[v][i];
    }
    for (int i = 0; i < 2; i++)
        if (g->child[v][i] != ST_NONE)
            take_apart(r, g->child[v][i]);
    g->count[v] = 0;
    g->spare[g->n_spare++] = v;
}

/* Takes a branch off its joint, which stays behind as a bend of the other branch. */
static void take_off(regraft *r, uint32_t v) {
    grower *g = r->g;
    const uint32_t joint = g->parent[v], terminals = g->count[v];
    g->child[joint][0] = g->child[joint][g->child[joint][0] == v ? 1 : 0];
    g->child[joint][1] = ST_NONE;
    for (uint32_t up = joint; up != ST_NONE; up = g->parent[up])
        g->count[up] -= terminals;
    g->placed -= terminals;
    take_apart(r, v);
}

/* The widest branches all of whose terminals are out of line, where another branch is left to their joint. Each leaves
 * a bend, for which there must be room. */
static void take_off_bad(regraft *r) {
    grower *g = r->g;
    uint32_t room = g->capacity - g->n;
    for (uint32_t k = 1; k < r->n && room > 0; k++) {
        const uint32_t v = r->order[k], joint = g->parent[v];
        if (g->count[v] > 0 && r->bad[v] == g->count[v] && r->bad[joint] < g->count[joint] &&
            g->child[joint][1] != ST_NONE) {
            take_off(r, v);
            room--;
        }
    }
}

static st_status join_again(regraft *r, uint64_t seed, uint32_t *relocated, st_error *err) {
    st_status status = grow_reindex(r->g, err);
    for (uint32_t i = 0; i < r->n_sites && status == ST_OK; i++) {
        bool done;
        status = grow_insert(r->g, &r->site[i], true, &done, err);
        if (status == ST_OK && !done) {
            status = grow_relocate(r->g, &r->site[i], (uint64_t)16 << 32 | i, seed, &done, err);
            *relocated += done;
        }
    }
    return status;
}

st_status grow_regraft(grower *g, uint64_t seed, uint32_t *relocated, st_error *err) {
    regraft r = {.g = g,
                 .order = st_alloc(g->capacity, sizeof *r.order, err),
                 .loss = st_alloc(g->capacity, sizeof *r.loss, err),
                 .bad = st_alloc(g->capacity, sizeof *r.bad, err),
                 .site = st_alloc(g->placed, sizeof *r.site, err)};
    st_status status = r.order && r.loss && r.bad && r.site ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        put_in_order(&r);
        find_bad(&r);
        take_off_bad(&r);
        if (r.n_sites > 0)
            status = join_again(&r, seed, relocated, err);
    }
    free(r.order);
    free(r.loss);
    free(r.bad);
    free(r.site);
    return status;
}
