/* The territories: each filled by a grower of its own, all at once.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "growth.h"

/* ---- what of a vessel may be joined ------------------------------------------------------ */

enum { STEPS = 16 }; /* along a vessel, in which it is judged */
static bool is_clear(const growth *w, const territory *t, segment_ends s, double radius) {
    const passage pass = {t->region, t->region};
    return grow_space_holds(&w->space, s, pass, radius * GROW_CLEARANCE) &&
           !grow_obstacles_touch(&w->laid, s, radius, GROW_CLEARANCE, t->region);
}

static segment_ends part_of(segment_ends s, int begin, int end) {
    return (segment_ends){vec_along(s.a, s.b, (double)begin / STEPS), vec_along(s.a, s.b, (double)end / STEPS)};
}

static bool touches(const growth *w, double radius, segment_ends part, uint32_t other) {
    const double reach = radius + (double)w->coarse.given[other];
    return segments_nearer(part, grow_ends(&w->coarse, other), reach * GROW_CLEARANCE);
}

/* Once a bend parts it from a joint, a part of a vessel must be clear of the others that meet there. */
static bool touches_before(const growth *w, uint32_t vessel, double radius, segment_ends part) {
    const grower *g = &w->coarse;
    const uint32_t parent = g->parent[vessel];
    bool any = parent != ST_NONE && touches(w, radius, part, parent);
    for (int i = 0; i < 2 && parent != ST_NONE; i++) {
        const uint32_t sibling = g->child[parent][i];
        any = any || (sibling != ST_NONE && sibling != vessel && touches(w, radius, part, sibling));
    }
    return any;
}

static bool touches_behind(const growth *w, uint32_t vessel, double radius, segment_ends part) {
    const uint32_t *child = w->coarse.child[vessel];
    return (child[0] != ST_NONE && touches(w, radius, part, child[0])) ||
           (child[1] != ST_NONE && touches(w, radius, part, child[1]));
}

bool growth_free_run(const growth *w, const territory *t, uint32_t vessel, double *from, double *to) {
    const segment_ends s = grow_ends(&w->coarse, vessel);
    const double radius = (double)w->coarse.given[vessel];
    int begin = 0, best_begin = 0, best_end = 0;
    for (int k = 0; k <= STEPS; k++) {
        if (k < STEPS && !(k == 0 && vessel == t->root) && is_clear(w, t, part_of(s, k, k + 1), radius))
            continue; /* the root of a territory begins with a piece that stays */
        if (k - begin > best_end - best_begin) {
            best_begin = begin;
            best_end = k;
        }
        begin = k + 1;
    }
    while (best_begin > 0 && best_begin < best_end &&
           touches_before(w, vessel, radius, part_of(s, best_begin, best_end)))
        best_begin++;
    while (best_end < STEPS && best_begin < best_end &&
           touches_behind(w, vessel, radius, part_of(s, best_begin, best_end)))
        best_end--;
    if ((best_end < STEPS && touches_before(w, vessel, radius, part_of(s, best_end, STEPS))) ||
        (best_begin > 0 && touches_behind(w, vessel, radius, part_of(s, 0, best_begin))))
        return false; /* it lies along its neighbour, which it may in one piece alone */
    *from = (double)best_begin / STEPS;
    *to = (double)best_end / STEPS;
    return (*to - *from) * vec_distance(s.a, s.b) > 4 * radius;
}

/* Whether a free run would stay clear if it became much wider than was promised. */
static bool may_widen(const growth *w, const territory *t, uint32_t vessel, double from, double to) {
    const segment_ends s = grow_ends(&w->coarse, vessel);
    const segment_ends run = {vec_along(s.a, s.b, from), vec_along(s.a, s.b, to)};
    const double radius = GROW_WIDER * (double)w->coarse.given[vessel];
    return !w->tight[vessel] && is_clear(w, t, run, radius) && !(from > 0 && touches_before(w, vessel, radius, run)) &&
           !(to < 1 && touches_behind(w, vessel, radius, run));
}

/* ---- the branch of the coarse tree, as a tree of its own ------------------------------------ */

typedef struct transplant {
    const growth *w;
    const territory *t;
    grower *g;
    bool is_feeder;
} transplant;

static uint32_t add_piece(const transplant *x, uint32_t parent, uint32_t coarse, vec end, vessel_kind kind) {
    grower *g = x->g;
    const uint32_t v = grow_add_vessel(g, parent, end, x->is_feeder ? 1 : x->w->coarse.count[coarse]);
    g->kind[v] = (uint8_t)kind;
    g->most[v] = kind == VESSEL_FREE ? ST_NONE : x->w->final[coarse];
    g->voxel[v] = x->w->coarse.voxel[coarse];
    if (parent != ST_NONE)
        g->child[parent][g->child[parent][0] == ST_NONE ? 0 : 1] = v;
    return v;
}

/* A vessel becomes up to three: what lies before and behind its free run is fixed. Returns the last of them. */
static uint32_t add_pieces(const transplant *x, uint32_t parent, uint32_t coarse) {
    const segment_ends s = grow_ends(&x->w->coarse, coarse);
    double from, to;
    if (!growth_free_run(x->w, x->t, coarse, &from, &to)) {
        if (x->w->coarse.child[x->t->root][0] != ST_NONE)
            return add_piece(x, parent, coarse, s.b, VESSEL_FIXED);
        from = 0.5; /* the only vessel there is: something must be joined */
        to = 1;
    }
    if (from > 0)
        parent = add_piece(x, parent, coarse, vec_along(s.a, s.b, from), VESSEL_FIXED);
    parent = add_piece(x, parent, coarse, to < 1 ? vec_along(s.a, s.b, to) : s.b, VESSEL_FREE);
    if (!may_widen(x->w, x->t, coarse, from, to))
        x->g->most[parent] = x->w->final[coarse];
    return to < 1 ? add_piece(x, parent, coarse, s.b, VESSEL_FIXED) : parent;
}

/* A feeder on the way is a heavy terminal, whose own tree is grown elsewhere. */
static void add_feeder(const transplant *x, uint32_t parent, uint32_t coarse) {
    grower *g = x->g;
    const uint32_t v = add_piece(x, parent, coarse, grow_ends(&x->w->coarse, coarse).b, VESSEL_FIXED);
    const territory *t = &x->w->territory[x->w->territory_of[coarse]];
    g->heavy[g->n_heavy++] = (heavy_terminal){v, growth_terminals_of(t)};
    g->voxel[v] = x->w->territory_of[coarse]; /* which is told by it in the piece */
}

static void transplant_branch(const transplant *x, uint32_t parent, uint32_t coarse) {
    if (coarse != x->t->root && x->w->territory_of[coarse] != x->w->territory_of[x->t->root]) {
        add_feeder(x, parent, coarse);
        return;
    }
    const uint32_t last = add_pieces(x, parent, coarse);
    for (int i = 0; i < 2; i++)
        if (x->w->coarse.child[coarse][i] != ST_NONE)
            transplant_branch(x, last, x->w->coarse.child[coarse][i]);
}

static uint32_t vessels_of(const grower *g, uint32_t v) {
    uint32_t n = 1;
    for (int i = 0; i < 2; i++)
        if (g->child[v][i] != ST_NONE)
            n += vessels_of(g, g->child[v][i]);
    return n;
}

/* A feeder ends where no terminal of the tissue stands: its end is one of the sites that it feeds. */
static st_status grower_of(const growth *w, const territory *t, grower *g, st_error *err) {
    const bool is_feeder = growth_is_feeder(w, t);
    const uint32_t terminals = growth_terminals_of(t);
    *g = (grower){.space = &w->space,
                  .obstacles = {&w->others, &w->laid},
                  .owner = t->region,
                  .root_radius = w->root_radius * pow((double)terminals / w->terminals, 1 / w->exponent),
                  .unit = cbrt(w->liver->volume / w->terminals),
                  .clearance = GROW_CLEARANCE,
                  .volume = t->volume};
    memcpy(g->low, t->low, sizeof g->low);
    memcpy(g->high, t->high, sizeof g->high);
    const st_status status = grower_init(g, terminals, 3 * vessels_of(&w->coarse, t->root), w->exponent, err);
    if (status != ST_OK)
        return status;
    g->most = st_alloc(g->capacity, sizeof *g->most, err);
    g->heavy = st_alloc(w->n_feeders, sizeof *g->heavy, err);
    if (!g->most || !g->heavy)
        return ST_MEMORY;
    vec_store(grow_ends(&w->coarse, t->root).a, g->start[0]);
    g->n_roots = 1;
    transplant_branch(&(transplant){w, t, g, is_feeder}, ST_NONE, t->root);
    g->placed = g->count[0];
    for (uint32_t k = 0; k < g->n_heavy; k++) /* what they gain later is not for others to take */
        grow_promise(g, g->heavy[k].vessel, (int64_t)g->count[g->heavy[k].vessel] - g->heavy[k].full);
    return grow_reindex(g, err);
}

/* ---- from a grower to a piece ----------------------------------------------------------------- */

void tree_piece_fini(tree_piece *piece) {
    free(piece->parent);
    free(piece->count);
    free(piece->end);
    free(piece->lesion);
    free(piece->feeder);
    *piece = (tree_piece){0};
}

static st_status piece_of(const grower *g, tree_piece *piece, st_error *err) {
    uint32_t *stack = st_alloc(g->n, sizeof *stack, err), *place = st_alloc(g->n, sizeof *place, err);
    const uint32_t n = g->n - g->n_spare;
    *piece = (tree_piece){.n = n,
                          .parent = st_alloc(n, sizeof *piece->parent, err),
                          .count = st_alloc(n, sizeof *piece->count, err),
                          .end = st_alloc(n, sizeof *piece->end, err),
                          .lesion = st_alloc(n, sizeof *piece->lesion, err),
                          .feeder = st_alloc(n, sizeof *piece->feeder, err)};
    const bool ready = stack && place && piece->parent && piece->count && piece->end && piece->lesion && piece->feeder;
    size_t depth = 0;
    uint32_t made = 0;
    for (stack[depth++] = 0; ready && depth > 0;) {
        const uint32_t v = stack[--depth];
        piece->parent[made] = g->parent[v] == ST_NONE ? ST_NONE : place[g->parent[v]];
        piece->count[made] = g->count[v];
        memcpy(piece->end[made], g->end[v], sizeof g->end[v]);
        const bool heavy = grow_is_heavy(g, v);
        piece->feeder[made] = heavy ? (uint16_t)g->voxel[v] : NO_TERRITORY;
        if (grow_is_terminal(g, v) && !heavy)
            piece->lesion[made] = g->space->liver->lesion[g->voxel[v]];
        place[v] = made++;
        depth += grow_larger_last(g, v, stack + depth);
    }
    free(stack);
    free(place);
    return ready ? ST_OK : ST_MEMORY;
}

/* ---- all at once ---------------------------------------------------------------------------------- */

/* A joint of a territory moves once, for a gain of this part of the volume there: less costs time and saves nothing
 * that is seen (0.3 % of the volume at 1e-4, for half as much time again). */
static const double WORTH = 3e-3;

typedef struct filling {
    growth *w;
    const uint32_t *turn; /* territories, the largest first */
    atomic_uint done;     /* terminals */
    atomic_flag reporting;
} filling;

static st_status fill(const growth *w, territory *t) {
    grower g = {0};
    const uint64_t seed = w->options->seed;
    st_error *err = &t->err;
    st_status status = grower_of(w, t, &g, err);
    if (status == ST_OK)
        status = grow_shuffle(t->sites, seed, t->order, err);
    if (status == ST_OK)
        status = grow_join_all(&g, w->site, t->order, t->sites, seed, NULL, &t->relocated, err);
    if (status == ST_OK)
        status = grow_relax(&g, 1, WORTH, err);
    if (status == ST_OK)
        status = grow_regraft(&g, t->before, seed, &t->relocated, err);
    if (status == ST_OK)
        status = grow_repair(&g, seed, &t->relocated, err);
    if (status == ST_OK)
        status = piece_of(&g, &t->piece, err);
    grower_fini(&g);
    return status;
}

static void fill_some(void *context, size_t begin, size_t end) {
    filling *f = context;
    for (size_t k = begin; k < end; k++) {
        territory *t = &f->w->territory[f->turn[k]];
        if (t->closed || t->filled == growth_terminals_of(t))
            continue;
        tree_piece_fini(&t->piece);
        t->filled = growth_terminals_of(t);
        t->relocated = 0;
        t->status = fill(f->w, t);
        const unsigned done = atomic_fetch_add(&f->done, t->sites) + t->sites;
        if (!atomic_flag_test_and_set(&f->reporting)) { /* whoever comes while another reports does not */
            st_progress_report(f->w->progress, "tree", (double)done / f->w->terminals);
            atomic_flag_clear(&f->reporting);
        }
    }
}

typedef struct turn {
    uint32_t sites, territory;
} turn;

static int most_first(const void *x, const void *y) {
    const turn *a = x, *b = y;
    if (a->sites != b->sites)
        return a->sites > b->sites ? -1 : 1;
    return a->territory < b->territory ? -1 : a->territory > b->territory;
}

static st_status fill_all(growth *w, st_error *err) {
    turn *turns = st_alloc(w->n_territories, sizeof *turns, err);
    uint32_t *order = st_alloc(w->n_territories, sizeof *order, err);
    const st_status status = turns && order ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        for (uint32_t t = 0; t < w->n_territories; t++)
            turns[t] = (turn){w->territory[t].sites, t};
        qsort(turns, w->n_territories, sizeof *turns, most_first);
        for (uint32_t t = 0; t < w->n_territories; t++)
            order[t] = turns[t].territory;
        filling f = {.w = w, .turn = order, .reporting = ATOMIC_FLAG_INIT};
        st_parallel_for(w->n_territories, w->options->threads, fill_some, &f);
    }
    free(turns);
    free(order);
    return status;
}

/* Times that territories are closed and their room passed on, before the growth gives up. */
#define TIMES 6u

/* A territory in which a terminal found no place is closed; what closed ones had, and they who get it, come again. */
st_status growth_fill(growth *w, st_error *err) {
    st_status status = fill_all(w, err);
    unsigned times = 0;
    for (bool closed = true; closed && status == ST_OK; times++) {
        closed = false;
        for (uint16_t t = 0; t < w->n_territories && status == ST_OK; t++) {
            territory *at = &w->territory[t];
            if (at->closed || at->status == ST_OK)
                continue;
            if (at->status == ST_ANATOMY && times < TIMES) {
                growth_close(w, t);
                closed = true;
            } else {
                status = at->status;
                if (err)
                    *err = at->err;
            }
        }
        if (closed && status == ST_OK)
            status = growth_pass_on(w, err);
        if (closed && status == ST_OK)
            status = fill_all(w, err);
    }
    for (uint16_t t = 0; t < w->n_territories; t++)
        w->relocated += w->territory[t].closed ? 0 : w->territory[t].relocated;
    return status;
}
