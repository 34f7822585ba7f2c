/* The coarse tree: a few thousand terminals over the whole organ, and one for each feeder.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "growth.h"

/* When the tree has spread this far, feeders come in: they are wide, and what is laid out later goes around them. So
 * does the other system, if both grow together. */
#define SITES_OF_A_SKETCH 256u
/* At such a sketch. */
#define ATTEMPTS 8u
/* Relaxations of the coarse tree, thorough ones: it has few joints, and nothing is as long. */
#define SWEEPS 6u
static const double WORTH = 1e-4;
/* Clearance of new vessels, when no other sites are to come: 0.05 more cost 0.5 % of the volume. */
static const double CLEARANCE = 1.05;
/* Nearest sites to which a measured end is led on. */
#define SITES_FOR_AN_END 64u
/* Places in its domain to which an inlet may lead. */
#define PLACES_FOR_AN_INLET 65536u
/* Places in its part of the lesion where a feeder may end. */
#define ENDS_FOR_A_FEEDER 64u

static grow_wish wish_of_site(const growth *w, uint32_t site) {
    const uint16_t region = w->space.region[w->site[site].voxel];
    return (grow_wish){vec_of(w->site[site].point), w->site[site].voxel, 1, {region, region}};
}

/* As it is stored at the end of a vessel. */
static vec voxel_centre(const growth *w, size_t voxel) {
    const uint32_t *n = w->liver->geometry.n;
    const double at[3] = {(double)(voxel % n[0]), (double)(voxel / n[0] % n[1]), (double)(voxel / n[0] / n[1])};
    double lps[3];
    st_geometry_to_lps(&w->liver->geometry, at, lps);
    return vec_stored((vec){lps[0], lps[1], lps[2]});
}

/* ---- sites ------------------------------------------------------------------------ */

/* Evenly along the curve, `wanted` of the sites that no feeder will supply; they are marked as used. */
static uint32_t pick_sites(growth *w, uint32_t wanted, uint32_t open, uint32_t *picked) {
    uint32_t n = 0;
    uint64_t seen = 0;
    for (uint32_t i = 0; i < w->terminals; i++) {
        if (w->space.region[w->site[i].voxel] >= w->supply->n)
            continue;
        if ((seen + 1) * wanted / open > seen * wanted / open) {
            picked[n++] = i;
            w->used[i] = true;
        }
        seen++;
    }
    return n;
}

static uint32_t open_sites(const growth *w) {
    uint32_t open = 0;
    for (uint32_t i = 0; i < w->terminals; i++)
        open += w->space.region[w->site[i].voxel] < w->supply->n;
    return open;
}

/* ---- roots -------------------------------------------------------------------------- */

static uint32_t add_root(growth *w, const double from[3], const double to[3]) {
    grower *g = &w->coarse;
    const uint32_t root = grow_add_vessel(g, ST_NONE, (vec){to[0], to[1], to[2]}, 0);
    g->kind[root] = VESSEL_FIXED;
    for (int i = 0; i < 3; i++)
        g->start[root][i] = (float)from[i];
    g->n_roots++;
    return root;
}

static void set_home(growth *w, uint32_t vessel, uint16_t domain) {
    w->coarse.pass[vessel] = (passage){domain, domain};
}

/* Anywhere in the domain, where none of the sites can be reached straight from the inlet. */
static st_status lead_anywhere(growth *w, uint32_t root, uint16_t domain, double least, uint32_t *order, uint32_t *n,
                               bool *done, st_error *err) {
    const st_liver *liver = w->liver;
    st_rng rng = st_rng_stream(w->options->seed, ST_RNG_TERMINALS, (uint64_t)5 << 40 | root);
    st_status status = ST_OK;
    uint32_t at = 0; /* a site of the domain, which goes there */
    while (at < *n && w->space.region[w->site[order[at]].voxel] != domain)
        at++;
    for (unsigned draw = 0; draw < PLACES_FOR_AN_INLET && at < *n && !*done && status == ST_OK; draw++) {
        const uint32_t voxel = st_rng_below(&rng, (uint32_t)st_geometry_voxels(&liver->geometry));
        const grow_wish wish = {voxel_centre(w, voxel), voxel, 1, {domain, domain}};
        if (w->space.region[voxel] == domain)
            status = grow_extend(&w->coarse, root, &wish, least, done, err);
    }
    if (*done) {
        memmove(order + at, order + at + 1, (--*n - at) * sizeof *order);
        w->relocated++;
    }
    return status;
}

/* The stump of an inlet runs where it does: nothing of another system may be in its way. */
static st_status check_stump(const growth *w, uint32_t root, st_error *err) {
    const grower *g = &w->coarse;
    const st_inlet *inlet = &w->supply->inlet[root];
    const double radius = inlet->diameter > 0 ? inlet->diameter / 2 : w->root_radius;
    if (g->obstacles[0] && grow_obstacles_touch(g->obstacles[0], grow_ends(g, root), radius, 1, g->owner))
        return st_fail(err, ST_ANATOMY,
                       "the vessel that enters at (%.1f, %.1f, %.1f) mm would run into one of the tree to avoid; "
                       "another root, or growing both systems together, may help",
                       inlet->hilum[0], inlet->hilum[1], inlet->hilum[2]);
    return ST_OK;
}

/* The first terminal of an inlet is reached from the hilum directly, by a vessel long enough to be joined by others;
 * in an organ too narrow for that by a shorter one. */
static st_status lead_in(growth *w, uint32_t root, uint16_t domain, uint32_t *order, uint32_t *n, st_error *err) {
    static const double long_enough = 8, least = 2; /* radii of the root */
    grower *g = &w->coarse;
    bool done = false;
    st_status status = ST_OK;
    for (double length = long_enough; length >= least && !done; length /= 2) {
        for (uint32_t i = 0; i < *n && !done && status == ST_OK; i++) {
            const grow_wish wish = wish_of_site(w, order[i]);
            if (wish.pass.home != domain)
                continue;
            status = grow_extend(g, root, &wish, length * w->root_radius, &done, err);
            if (done)
                memmove(order + i, order + i + 1, (--*n - i) * sizeof *order);
        }
        if (!done && status == ST_OK)
            status = lead_anywhere(w, root, domain, length * w->root_radius, order, n, &done, err);
        if (status != ST_OK)
            return status;
    }
    return done ? ST_OK
                : st_fail(err, ST_ANATOMY,
                          "no vessel of %.2g mm or more leads from the inlet at (%.1f, %.1f, %.1f) mm into the organ; "
                          "it may be narrower there than its artery (a smaller root_diameter may help)",
                          least * w->root_radius, w->supply->inlet[root].hilum[0], w->supply->inlet[root].hilum[1],
                          w->supply->inlet[root].hilum[2]);
}

/* ---- the measured trunk ---------------------------------------------------------------- */

static st_status lay_trunk(growth *w, const st_tree *trunk, st_error *err) {
    grower *g = &w->coarse;
    for (uint32_t i = 0; i < trunk->n; i++) {
        const uint32_t parent = trunk->parent[i];
        uint32_t v;
        if (parent == ST_NONE) {
            if (g->n_roots == ST_INLETS_MOST)
                return st_fail(err, ST_VALUE, "the trunk has more than %d roots", ST_INLETS_MOST);
            const double from[3] = {(double)trunk->proximal[i][0], (double)trunk->proximal[i][1],
                                    (double)trunk->proximal[i][2]};
            const double to[3] = {(double)trunk->distal[i][0], (double)trunk->distal[i][1],
                                  (double)trunk->distal[i][2]};
            if (i != g->n_roots)
                return st_fail(err, ST_VALUE, "the roots of a trunk come before its other vessels");
            v = add_root(w, from, to);
        } else {
            v = grow_add_vessel(g, parent, vec_of(trunk->distal[i]), 0);
            g->kind[v] = VESSEL_MEASURED;
            if (g->child[parent][1] != ST_NONE)
                return st_fail(err, ST_VALUE, "a joint of the trunk has more than two branches");
            g->child[parent][g->child[parent][0] == ST_NONE ? 0 : 1] = v;
        }
        g->given[v] = trunk->radius[i];
        set_home(w, v, 0);
    }
    return ST_OK;
}

typedef struct near_site {
    double distance2;
    uint32_t at; /* in the order */
} near_site;

/* Leads the end of a measured vessel on to the nearest site that it reaches; it stays bare when it reaches none. */
static st_status lead_on(growth *w, uint32_t end, uint32_t *order, uint32_t *n, st_error *err) {
    near_site near[SITES_FOR_AN_END];
    unsigned found = 0;
    for (uint32_t i = 0; i < *n; i++) {
        const vec d = vec_sub(vec_of(w->site[order[i]].point), vec_of(w->coarse.end[end]));
        const double d2 = vec_dot(d, d);
        if (found == SITES_FOR_AN_END && d2 >= near[found - 1].distance2)
            continue;
        unsigned at = found < SITES_FOR_AN_END ? found++ : found - 1;
        for (; at > 0 && near[at - 1].distance2 > d2; at--)
            near[at] = near[at - 1];
        near[at] = (near_site){d2, i};
    }
    bool done = false;
    for (unsigned k = 0; k < found && !done; k++) {
        const grow_wish wish = wish_of_site(w, order[near[k].at]);
        const st_status status = grow_extend(&w->coarse, end, &wish, 0, &done, err);
        if (status != ST_OK)
            return status;
        if (done)
            memmove(order + near[k].at, order + near[k].at + 1, (--*n - near[k].at) * sizeof *order);
    }
    return ST_OK;
}

static bool ends_in_organ(const growth *w, uint32_t vessel) {
    const float *p = w->coarse.end[vessel];
    return st_liver_class_at(w->liver, (const double[3]){(double)p[0], (double)p[1], (double)p[2]}) != ST_OUTSIDE;
}

/* One end in the organ is enough, if only for a feeder that comes later. */
static st_status lead_on_all(growth *w, uint32_t *order, uint32_t *n, st_error *err) {
    st_status status = ST_OK;
    const uint32_t measured = w->coarse.n;
    bool enters = false;
    for (uint32_t v = 0; v < measured && status == ST_OK; v++) {
        if (!grow_is_terminal(&w->coarse, v) || !ends_in_organ(w, v))
            continue;
        enters = true;
        if (*n > 0)
            status = lead_on(w, v, order, n, err);
    }
    if (status == ST_OK && !enters)
        status = st_fail(err, ST_ANATOMY, "no end of the trunk leads into the organ, so nothing can grow from it");
    return status;
}

/* Measured vessels beyond which nothing was placed lead out of the organ: they are left out of the tree. */
static void drop_bare(growth *w) {
    grower *g = &w->coarse;
    for (uint32_t v = 0; v < g->n; v++) {
        const bool root = v < g->n_roots;
        if ((!root && g->kind[v] != VESSEL_MEASURED) || g->count[v] > 0)
            continue;
        w->left_out++;
        if (root)
            continue;
        uint32_t *child = g->child[g->parent[v]];
        if (child[0] == v)
            child[0] = child[1];
        child[1] = ST_NONE;
    }
}

/* ---- feeders ------------------------------------------------------------------------------ */

/* A measured vessel that ends in the part of a feeder leads on to its middle. */
static st_status lead_measured(growth *w, const feeder *f, const grow_wish *wish, bool *done, st_error *err) {
    grower *g = &w->coarse;
    st_status status = ST_OK;
    const uint32_t n = g->n;
    for (uint32_t v = g->n_roots; v < n && !*done && status == ST_OK; v++) {
        if (g->kind[v] != VESSEL_MEASURED || !grow_is_terminal(g, v))
            continue;
        const vec end = vec_of(g->end[v]);
        const size_t voxel = st_liver_voxel_at(w->liver, (const double[3]){end.x, end.y, end.z});
        if (voxel != SIZE_MAX && w->space.region[voxel] == f->region)
            status = grow_extend(g, v, wish, 0, done, err);
    }
    return status;
}

static uint32_t first_site_in(const growth *w, uint16_t region) {
    uint32_t site = 0;
    while (w->space.region[w->site[site].voxel] != region)
        site++;
    return site;
}

/* To the middle of its part of the lesion, or to the place of one of its sites; one of them it stands for. */
static st_status lead_feeder(growth *w, feeder *f, uint32_t count, uint64_t item, st_error *err) {
    grower *g = &w->coarse;
    st_rng rng = st_rng_stream(w->options->seed, ST_RNG_TERMINALS, item);
    grow_wish wish = {voxel_centre(w, f->voxel), f->voxel, count, {f->domain, f->region}};
    uint32_t site = first_site_in(w, f->region);
    for (unsigned k = 0; k < ENDS_FOR_A_FEEDER; k++) {
        bool done = false;
        st_status status = lead_measured(w, f, &wish, &done, err);
        if (status == ST_OK && !done)
            status = grow_insert(g, &wish, true, &done, err);
        if (status != ST_OK || done) {
            f->vessel = done ? g->n - 1 : ST_NONE;
            w->used[site] = w->used[site] || done;
            return status;
        }
        for (unsigned draw = 0; draw < ENDS_FOR_A_FEEDER; draw++) {
            const uint32_t i = st_rng_below(&rng, w->terminals);
            if (w->space.region[w->site[i].voxel] == f->region) {
                wish.point = vec_of(w->site[i].point);
                wish.voxel = w->site[i].voxel;
                site = i;
                break;
            }
        }
    }
    growth_give_up_feeder(w, f);
    return ST_OK;
}

static st_status lead_feeders(growth *w, double sites_per_unit, st_error *err) {
    st_status status = ST_OK;
    for (uint16_t k = 0; k < w->n_feeders && status == ST_OK; k++) {
        feeder *f = &w->feeder[k];
        const double count = round(f->sites / sites_per_unit);
        f->vessel = ST_NONE;
        if (f->sites > 0)
            status = lead_feeder(w, f, (uint32_t)fmax(1, count), (uint64_t)3 << 40 | k, err);
    }
    return status;
}

/* ---- all -------------------------------------------------------------------------------------- */

static st_status prepare(growth *w, uint32_t sites, double sites_per_unit, st_error *err) {
    grower *g = &w->coarse;
    const uint32_t measured = w->options->trunk ? w->options->trunk->n : 0;
    uint32_t wanted = sites;
    for (uint16_t k = 0; k < w->n_feeders; k++)
        wanted += (uint32_t)fmax(1, round(w->feeder[k].sites / sites_per_unit));
    *g = (grower){.space = &w->space,
                  .obstacles = {&w->others, NULL},
                  .owner = 0,
                  .root_radius = w->root_radius,
                  .unit = cbrt(w->liver->volume / wanted),
                  .clearance = sites_per_unit > 1 ? GROW_CLEARANCE : CLEARANCE,
                  .volume = w->liver->volume};
    const st_status status = grower_init(g, wanted, 2 * measured + ST_INLETS_MOST, w->exponent, err);
    if (status != ST_OK)
        return status;
    g->pass = st_alloc(g->capacity, sizeof *g->pass, err);
    g->given = st_alloc(g->capacity, sizeof *g->given, err);
    for (int i = 0; i < 3; i++) {
        g->low[i] = INFINITY;
        g->high[i] = -INFINITY;
    }
    for (unsigned corner = 0; corner < 8; corner++) {
        double index[3], point[3];
        for (unsigned i = 0; i < 3; i++)
            index[i] = corner >> i & 1 ? w->liver->geometry.n[i] : -1.0;
        st_geometry_to_lps(&w->liver->geometry, index, point);
        for (int i = 0; i < 3; i++) {
            g->low[i] = fmin(g->low[i], point[i]);
            g->high[i] = fmax(g->high[i], point[i]);
        }
    }
    return g->pass && g->given ? ST_OK : ST_MEMORY;
}

static st_status begin(growth *w, uint32_t *order, uint32_t *n, st_error *err) {
    st_status status = ST_OK;
    if (w->options->trunk) {
        status = lay_trunk(w, w->options->trunk, err);
        if (status == ST_OK)
            status = grow_reindex(&w->coarse, err);
        return status == ST_OK ? lead_on_all(w, order, n, err) : status;
    }
    for (uint16_t k = 0; k < w->supply->n; k++)
        set_home(w, add_root(w, w->supply->inlet[k].stump, w->supply->inlet[k].hilum), k);
    status = grow_reindex(&w->coarse, err);
    for (uint16_t k = 0; k < w->supply->n && status == ST_OK; k++) {
        status = check_stump(w, k, err);
        if (status == ST_OK)
            status = lead_in(w, k, k, order, n, err);
    }
    return status;
}

/* The first vessels, of sites in an order of their own for each attempt. `n` sites are left in w->rest, and `first` of
 * them are placed. */
static st_status lay_out(growth *w, uint32_t wanted, unsigned attempt, uint32_t *n, uint32_t *first, st_error *err) {
    const uint32_t open = open_sites(w);
    grower_fini(&w->coarse);
    w->relocated = 0;
    st_status status = prepare(w, wanted, (double)open / wanted, err);
    if (status != ST_OK)
        return status;
    *n = pick_sites(w, wanted, open, w->rest);
    status = grow_shuffle(*n, w->options->seed + attempt, w->rest, err);
    if (status == ST_OK)
        status = begin(w, w->rest, n, err);
    *first = *n < SITES_OF_A_SKETCH ? *n : SITES_OF_A_SKETCH;
    return status == ST_OK
               ? grow_join_all(&w->coarse, w->site, w->rest, *first, w->options->seed, NULL, &w->relocated, err)
               : status;
}

/* The first vessels are so wide that a few of them may leave no room for another: then others come first. */
st_status growth_sketch(growth *w, st_error *err) {
    const uint32_t open = open_sites(w), wanted = open < w->parts.coarse ? open : w->parts.coarse;
    uint32_t n = 0, first = 0;
    w->rest = st_alloc(wanted, sizeof *w->rest, err);
    st_status status = w->rest ? ST_ANATOMY : ST_MEMORY;
    for (unsigned attempt = 0; attempt < ATTEMPTS && status == ST_ANATOMY; attempt++)
        status = lay_out(w, wanted, attempt, &n, &first, err);
    if (status == ST_OK)
        status = lead_feeders(w, (double)open / wanted, err);
    w->n_rest = n - first;
    memmove(w->rest, w->rest + first, w->n_rest * sizeof *w->rest);
    return status;
}

st_status growth_grow_coarse(growth *w, st_error *err) {
    grower *g = &w->coarse;
    const uint64_t seed = w->options->seed;
    st_status status = grow_join_all(g, w->site, w->rest, w->n_rest, seed, w->progress, &w->relocated, err);
    if (status == ST_OK)
        status = grow_relax(g, SWEEPS, WORTH, err);
    if (status == ST_OK)
        status = grow_regraft(g, 0, seed, &w->relocated, err);
    if (status == ST_OK)
        status = grow_repair(g, seed, &w->relocated, err);
    if (status == ST_OK)
        drop_bare(w);
    return status;
}
