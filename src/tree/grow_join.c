/* Many sites into one grower: the order of insertion, and what becomes of sites that no vessel reaches.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "grow_internal.h"

/* Until the coarse tree has this many, a site that finds no vessel looks farther at once, so that every corner of the
 * organ is reached by a vessel that can still widen. */
#define TERMINALS_OF_A_SKETCH 4096u
/* Places tried for a site that no vessel reaches, ever farther from the first: many, since few of them hit the tissue
 * of a small lesion. */
#define RELOCATIONS 4096u
/* A new place is cheaper than a persistent search at the old one: these go first. */
#define RELOCATIONS_AT_ONCE 16u
/* Of these places, so many that no vessel reaches either are enough to look elsewhere. */
#define UNREACHED 64u
/* Places tried in all, for each terminal and besides: an organ that takes more has no room for so many terminals. */
#define TRIES_PER_TERMINAL 16u
#define TRIES_BESIDES      (16u * RELOCATIONS)

typedef struct ticket {
    uint32_t draw, site;
} ticket;

static int by_draw(const void *x, const void *y) {
    const ticket *a = x, *b = y;
    if (a->draw != b->draw)
        return a->draw < b->draw ? -1 : 1;
    return a->site < b->site ? -1 : a->site > b->site;
}

static int by_site(const void *x, const void *y) {
    const uint32_t a = *(const uint32_t *)x, b = *(const uint32_t *)y;
    return a < b ? -1 : a > b;
}

st_status grow_shuffle(uint32_t n, uint64_t seed, uint32_t *order, st_error *err) {
    ticket *tickets = st_alloc(n, sizeof *tickets, err);
    if (!tickets)
        return ST_MEMORY;
    for (uint32_t i = 0; i < n; i++) {
        st_rng rng = st_rng_stream(seed, ST_RNG_TERMINALS, (uint64_t)1 << 32 | order[i]);
        tickets[i] = (ticket){st_rng_u32(&rng), order[i]};
    }
    qsort(tickets, n, sizeof *tickets, by_draw);
    for (uint32_t i = 0; i < n; i++)
        order[i] = tickets[i].site;
    free(tickets);
    return ST_OK;
}

grow_wish grow_wish_of(const grower *g, const terminal_site *site) {
    const uint16_t region = g->pass ? g->space->region[site->voxel] : g->owner;
    return (grow_wish){vec_of(site->point), site->voxel, 1, {region, region}};
}

/* Inserts order[0..n); those that found no free place move to the front of `order`; their number
 * is returned in *left. */
static st_status insert_all(grower *g, const terminal_site *site, uint32_t *order, uint32_t n, bool persistent,
                            uint32_t *left, st_error *err) {
    *left = 0;
    for (uint32_t i = 0; i < n; i++) {
        bool done;
        const grow_wish wish = grow_wish_of(g, &site[order[i]]);
        const st_status status = grow_insert(g, &wish, persistent, &done, err);
        if (status != ST_OK)
            return status;
        if (!done)
            order[(*left)++] = order[i];
    }
    return ST_OK;
}

/* Heavy terminals gain weight as the light ones become more. */
static void weigh(grower *g) {
    uint32_t heavy = 0, full = 0;
    for (uint32_t k = 0; k < g->n_heavy; k++) {
        heavy += g->count[g->heavy[k].vessel];
        full += g->heavy[k].full;
    }
    const double grown = g->wanted > full ? (double)(g->placed - heavy) / (g->wanted - full) : 1;
    for (uint32_t k = 0; k < g->n_heavy; k++) {
        const uint32_t count = g->count[g->heavy[k].vessel], now = (uint32_t)(grown * g->heavy[k].full);
        if (now > count) {
            grow_count(g, g->heavy[k].vessel, now - count);
            grow_promise(g, g->heavy[k].vessel, now - count);
        }
    }
}

/* The order is worked off in batches of an eighth of the tree, each along the curve of the sites,
 * so that successive insertions touch the same memory. What a batch could not place comes again with the next, which is
 * an eighth of that at least: where nothing can be placed, the work does not grow with the square of the sites. */
static st_status insert_in_batches(grower *g, const terminal_site *site, uint32_t *order, uint32_t n,
                                   const st_progress *progress, uint32_t *left, st_error *err) {
    uint32_t *batch = st_alloc(n, sizeof *batch, err);
    if (!batch)
        return ST_MEMORY;
    st_status status = ST_OK;
    *left = 0;
    for (uint32_t next = 0; next < n && status == ST_OK;) {
        weigh(g);
        uint32_t size = (g->placed > *left ? g->placed : *left) / 8 + 1;
        if (size > n - next)
            size = n - next;
        memcpy(batch + *left, order + next, size * sizeof *batch);
        next += size;
        qsort(batch, *left + size, sizeof *batch, by_site);
        status = insert_all(g, site, batch, *left + size, false, left, err);
        if (status == ST_OK && g->pass && g->placed < TERMINALS_OF_A_SKETCH)
            status = insert_all(g, site, batch, *left, true, left, err);
        st_progress_report(progress, "tree", (double)next / n);
    }
    memcpy(order, batch, *left * sizeof *batch);
    free(batch);
    return status;
}

/* Whether a place lies in a vessel of others, which no terminal will ever reach. */
static bool is_covered(const grower *g, vec p) {
    const double radius = grow_radius_of(g, 1, 1);
    for (int k = 0; k < 2; k++)
        if (g->obstacles[k] && grow_obstacles_touch(g->obstacles[k], (segment_ends){p, p}, radius, 1, g->owner))
            return true;
    return false;
}

/* Tries one place; *done false when it is in another region, in the wrong tissue or no vessel reaches it. */
static st_status try_place(grower *g, const terminal_site *site, const double point[3], bool any_tissue,
                           bool persistent, bool *done, st_error *err) {
    const st_liver *liver = g->space->liver;
    const size_t voxel = st_liver_voxel_at(liver, point);
    const uint16_t *region = g->space->region;
    *done = false;
    if (voxel == SIZE_MAX || region[voxel] != (g->pass ? region[site->voxel] : g->owner) ||
        (!any_tissue && liver->lesion[voxel] != liver->lesion[site->voxel]) ||
        is_covered(g, (vec){point[0], point[1], point[2]}))
        return ST_OK;
    terminal_site moved = {.voxel = (uint32_t)voxel};
    vec_store((vec){point[0], point[1], point[2]}, moved.point);
    const grow_wish wish = grow_wish_of(g, &moved);
    g->tries++;
    return grow_insert(g, &wish, persistent, done, err);
}

/* Beside a vessel drawn at random, within a vessel's length. */
static void beside_a_vessel(const grower *g, st_rng *rng, double point[3]) {
    const segment_ends s = grow_ends(g, st_rng_below(rng, g->n));
    const vec middle = vec_along(s.a, s.b, st_rng_uniform(rng));
    const double reach = g->unit + vec_distance(s.a, s.b);
    for (int i = 0; i < 3; i++)
        point[i] = vec_get(middle, i) + reach * (2 * st_rng_uniform(rng) - 1);
}

static bool may_try_more(const grower *g) {
    return g->tries < (uint64_t)TRIES_PER_TERMINAL * g->wanted + TRIES_BESIDES;
}

static st_status refuse_site(const terminal_site *site, st_error *err) {
    return st_fail(err, ST_ANATOMY,
                   "a terminal at (%.1f, %.1f, %.1f) mm found no place that a vessel reaches; the organ may be in "
                   "pieces or narrower than its vessels (a smaller root_diameter or fewer terminals may help)",
                   (double)site->point[0], (double)site->point[1], (double)site->point[2]);
}

st_status grow_relocate(grower *g, const terminal_site *site, uint64_t item, uint64_t seed, st_error *err) {
    enum { IN_ITS_TISSUE, IN_ANY_TISSUE, BESIDE_ANY_VESSEL, WAYS };
    st_rng rng = st_rng_stream(seed, ST_RNG_TERMINALS, item);
    st_status status = ST_OK;
    bool done = false;
    for (unsigned way = 0; way < WAYS && !done; way++) {
        const uint64_t most = way == BESIDE_ANY_VESSEL ? UINT64_MAX : g->tries + UNREACHED;
        for (unsigned attempt = 1;
             attempt <= RELOCATIONS && !done && status == ST_OK && g->tries < most && may_try_more(g); attempt++) {
            double point[3];
            if (way == BESIDE_ANY_VESSEL)
                beside_a_vessel(g, &rng, point);
            else
                for (int i = 0; i < 3; i++)
                    point[i] = (double)site->point[i] + 0.5 * g->unit * cbrt(attempt) * (2 * st_rng_uniform(&rng) - 1);
            const bool persistent = attempt > RELOCATIONS_AT_ONCE || way == BESIDE_ANY_VESSEL;
            status = try_place(g, site, point, way != IN_ITS_TISSUE, persistent, &done, err);
        }
    }
    return status == ST_OK && !done ? refuse_site(site, err) : status;
}

/* Sites that lie in a vessel go to the end, the others keep their order. Returns how many these are. */
static uint32_t open_first(const grower *g, const terminal_site *site, uint32_t *order, uint32_t n) {
    uint32_t open = 0;
    for (uint32_t i = 0; i < n; i++)
        if (!is_covered(g, vec_of(site[order[i]].point))) {
            const uint32_t here = order[i];
            order[i] = order[open];
            order[open++] = here;
        }
    return open;
}

st_status grow_join_all(grower *g, const terminal_site *site, uint32_t *order, uint32_t n, uint64_t seed,
                        const st_progress *progress, uint32_t *relocated, st_error *err) {
    uint32_t left = 0;
    const uint32_t open = open_first(g, site, order, n);
    st_status status = insert_in_batches(g, site, order, open, progress, &left, err);
    for (uint32_t i = 0; i < n && status == ST_OK; i++)
        if (i < left || i >= open)
            status = grow_relocate(g, &site[order[i]], (uint64_t)2 << 32 | order[i], seed, err);
    *relocated += left + n - open;
    weigh(g);
    return status;
}
