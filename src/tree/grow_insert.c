/* One insertion: the first candidate at which nothing is in the way.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_internal.h"

#include <stdlib.h>

bool grow_stays(const grower *g, segment_ends s, passage pass, double radius) {
    return grow_space_holds(g->space, s, pass,
                            g->pass ? 0 : radius); /* one grower alone need not mind its neighbours */
}

/* The vessels that an insertion makes: of one that is split and one new; of one new alone when a measured vessel is
 * led on from its end. */
typedef struct insertion {
    uint32_t vessel, parent;
    bool leads_on;
    segment_ends piece[3]; /* new terminal, old far side, parent side */
    double radius[3];
    passage pass[3];
    int pieces;
} insertion;

static insertion insertion_of(const grower *g, const candidate *c, const grow_wish *wish) {
    const segment_ends s = grow_ends(g, c->vessel);
    const uint32_t count = g->count[c->vessel], step = wish->count;
    const bool measured = g->kind[c->vessel] == VESSEL_MEASURED;
    const double given = measured ? grow_radius(g, c->vessel) : 0;
    const passage pass = grow_pass(g, c->vessel);
    insertion in = {
        .vessel = c->vessel,
        .parent = g->parent[c->vessel],
        .leads_on = measured && grow_is_terminal(g, c->vessel),
        .piece = {{c->joint, wish->point}, {c->joint, s.b}, {s.a, c->joint}},
        .radius = {grow_radius_of(g, step, step), measured ? given : grow_radius_of(g, count, step),
                   measured ? given : grow_radius_of(g, count + step, step)},
        .pass = {wish->pass, pass, {pass.home, pass.home}},
        .pieces = 3,
    };
    in.pieces = in.leads_on ? 1 : 3;
    return in;
}

/* Whether a vessel meets a piece at a common joint and so may touch it. */
static bool share_joint(const grower *g, const insertion *in, uint32_t vessel, int piece) {
    if (in->leads_on)
        return vessel == in->vessel;
    if (piece == 2)
        return vessel == in->parent || (in->parent != ST_NONE && g->parent[vessel] == in->parent);
    return piece == 1 && g->parent[vessel] == in->vessel;
}

static bool is_free(grower *g, const insertion *in) {
    size_t n = 0;
    grow_index_begin(&g->index);
    for (int i = 0; i < in->pieces; i++)
        grow_index_along(&g->index, in->piece[i], in->radius[i] * g->clearance, g->found, &n);
    for (size_t k = 0; k < n; k++) {
        const uint32_t other = g->found[k];
        if (other == in->vessel && !in->leads_on)
            continue;
        const segment_ends s = grow_ends(g, other);
        const double radius = grow_radius(g, other);
        for (int i = 0; i < in->pieces; i++)
            if (!share_joint(g, in, other, i) &&
                segments_nearer(in->piece[i], s, (in->radius[i] + radius) * g->clearance))
                return false;
    }
    for (int k = 0; k < 2; k++)
        for (int i = 0; i < in->pieces && g->obstacles[k]; i++)
            if (grow_obstacles_touch(g->obstacles[k], in->piece[i], in->radius[i], g->clearance, g->owner))
                return false;
    return true;
}

/* A vessel shorter than it is wide is none; a measured one may be cut wherever a branch has room. */
static bool is_long_enough(const grower *g, const insertion *in) {
    for (int i = 0; i < in->pieces; i++) {
        const double radius = g->kind[in->vessel] == VESSEL_MEASURED ? in->radius[0] : in->radius[i];
        if (vec_distance(in->piece[i].a, in->piece[i].b) < 2 * radius)
            return false;
    }
    return true;
}

static bool is_feasible(grower *g, const insertion *in) {
    if (!is_long_enough(g, in))
        return false;
    const int grown = g->kind[in->vessel] == VESSEL_MEASURED ? 1 : in->pieces; /* a measured vessel runs as it does */
    for (int i = 0; i < grown; i++)
        if (!grow_stays(g, in->piece[i], in->pass[i], in->radius[i] * g->clearance))
            return false;
    return is_free(g, in);
}

/* Vessels of the coarse tree are obstacles for others, as wide as they were promised to become. */
static bool has_room_upstream(const grower *g, uint32_t from, uint32_t step) {
    for (uint32_t v = from; g->most && v != ST_NONE; v = g->parent[v])
        if (g->count[v] + step > g->most[v])
            return false;
    return true;
}

/* ---- the index ------------------------------------------------------------------ */

st_status grow_index_vessel(grower *g, uint32_t vessel, bool known, st_error *err) {
    if (g->count[vessel] == 0 && g->kind[vessel] == VESSEL_FREE)
        return ST_OK; /* taken off */
    return grow_index_add(&g->index, vessel, known, grow_ends(g, vessel), GROW_INDEX_RADIUS * grow_radius(g, vessel),
                          err);
}

/* mm: half a vessel in each cell of the organ; of an organ that is little of its box, wider ones, not to have far more
 * cells than vessels. */
static double cell_edge(const grower *g) {
    static const double organ_cells = 2, box_cells = 64; /* per vessel, the latter at most */
    double box = 1;
    for (int i = 0; i < 3; i++)
        box *= g->high[i] - g->low[i];
    return cbrt(fmax(g->volume / (organ_cells * g->n), box / (box_cells * g->n)));
}

st_status grow_reindex(grower *g, st_error *err) {
    grow_index_fini(&g->index);
    const double cell = cell_edge(g);
    st_status status = grow_index_init(&g->index, g->low, g->high, cell, g->capacity, err);
    for (uint32_t v = 0; v < g->n && status == ST_OK; v++)
        status = grow_index_vessel(g, v, false, err);
    g->indexed = g->n;
    return status;
}

/* A new index whenever the tree has doubled. */
static st_status refresh_index(grower *g, st_error *err) {
    return g->n < 2 * g->indexed ? ST_OK : grow_reindex(g, err);
}

/* ---- the change of the tree --------------------------------------------------------- */

uint32_t grow_add_vessel(grower *g, uint32_t parent, vec end, uint32_t count) {
    const uint32_t v = g->n_spare > 0 ? g->spare[--g->n_spare] : g->n++;
    g->path_age[v] = 0;
    g->parent[v] = parent;
    g->child[v][0] = g->child[v][1] = ST_NONE;
    g->count[v] = count;
    g->kind[v] = VESSEL_FREE;
    vec_store(end, g->end[v]);
    if (g->given)
        g->given[v] = 0;
    if (g->most)
        g->most[v] = ST_NONE;
    if (g->pass)
        g->pass[v] = parent == ST_NONE ? (passage){0, 0} : (passage){g->pass[parent].home, g->pass[parent].home};
    return v;
}

void grow_count(grower *g, uint32_t vessel, uint32_t step) {
    for (uint32_t v = vessel; v != ST_NONE; v = g->parent[v])
        g->count[v] += step;
    g->placed += step;
}

void grow_promise(grower *g, uint32_t vessel, int64_t step) {
    for (uint32_t v = vessel; v != ST_NONE; v = g->parent[v])
        if (g->most[v] != ST_NONE)
            g->most[v] = (uint32_t)(g->most[v] + step);
}

static uint32_t add_terminal(grower *g, uint32_t parent, const grow_wish *wish) {
    const uint32_t terminal = grow_add_vessel(g, parent, wish->point, wish->count);
    g->voxel[terminal] = wish->voxel;
    if (g->pass)
        g->pass[terminal] = wish->pass;
    return terminal;
}

uint32_t grow_split(grower *g, uint32_t old, vec at) {
    const uint32_t parent = g->parent[old];
    const uint32_t joint = grow_add_vessel(g, parent, at, g->count[old]);
    g->kind[joint] = g->kind[old];
    if (g->given)
        g->given[joint] = g->given[old];
    if (g->most)
        g->most[joint] = g->most[old];
    g->child[parent][g->child[parent][0] == old ? 0 : 1] = joint;
    g->child[joint][0] = old;
    g->parent[old] = joint;
    return joint;
}

static st_status commit(grower *g, const insertion *in, const grow_wish *wish, st_error *err) {
    uint32_t joint = in->vessel;
    st_status status = ST_OK;
    if (!in->leads_on)
        joint = grow_split(g, in->vessel, in->piece[0].a);
    const uint32_t terminal = add_terminal(g, joint, wish);
    g->child[joint][in->leads_on ? 0 : 1] = terminal;
    grow_count(g, joint, wish->count);
    if (!in->leads_on) {
        status = grow_index_vessel(g, joint, false, err);
        if (status == ST_OK)
            status = grow_index_vessel(g, in->vessel, true, err);
    }
    if (status == ST_OK)
        status = grow_index_vessel(g, terminal, false, err);
    return status == ST_OK ? refresh_index(g, err) : status;
}

static st_status try_candidate(grower *g, const candidate *c, const grow_wish *wish, bool *done, st_error *err) {
    const insertion in = insertion_of(g, c, wish);
    if (!is_feasible(g, &in) || !has_room_upstream(g, in.vessel, wish->count))
        return ST_OK;
    *done = true;
    return commit(g, &in, wish, err);
}

st_status grow_extend(grower *g, uint32_t vessel, const grow_wish *wish, double least, bool *done, st_error *err) {
    const candidate c = {.vessel = vessel, .joint = vec_of(g->end[vessel])};
    insertion in = insertion_of(g, &c, wish);
    in.leads_on = true;
    in.pieces = 1;
    *done = vec_distance(in.piece[0].a, in.piece[0].b) >= fmax(least, 2 * in.radius[0]) &&
            grow_stays(g, in.piece[0], in.pass[0], in.radius[0] * g->clearance) && is_free(g, &in);
    return *done ? commit(g, &in, wish, err) : ST_OK;
}

st_status grow_insert(grower *g, const grow_wish *wish, bool persistent, bool *done, st_error *err) {
    candidate near[CANDIDATES_PERSISTENT];
    const unsigned n = grow_candidates(g, wish, persistent ? CANDIDATES_PERSISTENT : CANDIDATES, near);
    st_status status = ST_OK;
    *done = false;
    for (unsigned i = 0; i < n && !*done && status == ST_OK; i++)
        status = try_candidate(g, &near[i], wish, done, err);
    static const double elsewhere[] = {0.5, 0.25, 0.75}; /* of the vessel's length */
    for (unsigned k = 0; k < sizeof elsewhere / sizeof *elsewhere && persistent && !*done; k++)
        for (unsigned i = 0; i < n && !*done && status == ST_OK; i++) {
            const segment_ends s = grow_ends(g, near[i].vessel);
            if (g->kind[near[i].vessel] == VESSEL_MEASURED && grow_is_terminal(g, near[i].vessel))
                continue; /* led on from its end, which was tried */
            near[i].joint = vec_stored(vec_along(s.a, s.b, elsewhere[k]));
            status = try_candidate(g, &near[i], wish, done, err);
        }
    return status;
}
