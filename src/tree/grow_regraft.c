/* The regraft: a greedy growth leaves a few terminals at the end of vessels that were laid out early, stayed thin
 * because nobody joined them, and lose most of the pressure. They are taken off and joined again, now that vessels are
 * near. SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "grow_cuttings.h"

/* A loss of pressure from the root this many times the mean of all terminals is out of line. */
static const double EXCESS = 2.5;

typedef struct regraft {
    grower *g;
    uint32_t *order; /* [vessels] a parent before its children */
    uint32_t n;
    double *loss;  /* [vessels] from the root, up to a factor: r goes with n^(1/g), so it is l n / r^4 along the way */
    uint32_t *bad; /* [vessels] terminals at or beyond that are out of line */
    double before; /* loss on the way to the roots */
} regraft;

static void find_bad(regraft *r) {
    const grower *g = r->g;
    double sum = 0;
    for (uint32_t k = 0; k < r->n; k++) {
        const uint32_t v = r->order[k];
        const segment_ends s = grow_ends(g, v);
        const double own = g->count[v] == 0 ? 0 : vec_distance(s.a, s.b) * pow(g->count[v], 1 - 4 / g->exponent);
        r->loss[v] = own + (v < g->n_roots ? r->before : r->loss[g->parent[v]]);
        r->bad[v] = 0;
        sum += grow_is_terminal(g, v) ? g->count[v] * r->loss[v] : 0;
    }
    for (uint32_t k = r->n; k-- > g->n_roots;) {
        const uint32_t v = r->order[k];
        if (grow_is_terminal(g, v) && grow_may_go(g, v))
            r->bad[v] = r->loss[v] > EXCESS * sum / g->placed;
        r->bad[g->parent[v]] += r->bad[v];
    }
}

/* The widest branches all of whose terminals are out of line, where another branch is left to their joint. */
static void take_off_bad(regraft *r, grow_cuttings *cuttings) {
    grower *g = r->g;
    for (uint32_t k = g->n_roots; k < r->n; k++) {
        const uint32_t v = r->order[k], joint = g->parent[v];
        if (g->count[v] > 0 && r->bad[v] == g->count[v] && r->bad[joint] < g->count[joint])
            grow_take_off(cuttings, v);
    }
}

st_status grow_regraft(grower *g, double before, uint64_t seed, uint32_t *relocated, st_error *err) {
    regraft r = {.g = g,
                 .before = before,
                 .order = st_alloc(g->capacity, sizeof *r.order, err),
                 .loss = st_alloc(g->capacity, sizeof *r.loss, err),
                 .bad = st_alloc(g->capacity, sizeof *r.bad, err)};
    grow_cuttings cuttings = {0};
    st_status status = r.order && r.loss && r.bad ? grow_cuttings_init(&cuttings, g, err) : ST_MEMORY;
    if (status == ST_OK) {
        r.n = grow_order(g, r.order);
        find_bad(&r);
        take_off_bad(&r, &cuttings);
        status = grow_rejoin(&cuttings, seed, (uint64_t)16 << 32, relocated, err);
    }
    grow_cuttings_fini(&cuttings);
    free(r.order);
    free(r.loss);
    free(r.bad);
    return status;
}
