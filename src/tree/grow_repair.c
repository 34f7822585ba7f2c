/* The repair pass: joints moved until no vessels overlap.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_internal.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 8u                      /* over the whole tree; a round that finds nothing is the last */
#define MOVES  48u                     /* tries for one joint */
static const double CLEARANCE = 1.001; /* above the rounding of stored coordinates */

static bool have_common_joint(const grower *g, uint32_t a, uint32_t b) {
    return g->parent[a] == b || g->parent[b] == a || g->parent[a] == g->parent[b];
}

/* How many vessels overlap `vessel`; one of them in *other. */
static unsigned overlaps(grower *g, uint32_t vessel, uint32_t *other) {
    const segment_ends s = grow_ends(g, vessel);
    const double radius = grow_radius(g, g->count[vessel]);
    unsigned n = 0;
    size_t n_found = 0;
    grow_index_begin(&g->index);
    grow_index_along(&g->index, s, radius * CLEARANCE, g->found, &n_found);
    for (size_t i = 0; i < n_found; i++) {
        const uint32_t v = g->found[i];
        if (v == vessel || have_common_joint(g, vessel, v))
            continue;
        if (segment_distance(s, grow_ends(g, v)) < (radius + grow_radius(g, g->count[v])) * CLEARANCE) {
            *other = v;
            n++;
        }
    }
    return n;
}

/* The vessels that meet at the end of `joint`: itself and its children. */
static unsigned meeting(const grower *g, uint32_t joint, uint32_t vessel[3]) {
    unsigned n = 0;
    vessel[n++] = joint;
    for (int i = 0; i < 2; i++)
        if (g->child[joint][i] != ST_NONE)
            vessel[n++] = g->child[joint][i];
    return n;
}

static unsigned overlaps_at(grower *g, uint32_t joint) {
    uint32_t vessel[3], other;
    unsigned sum = 0;
    for (unsigned i = 0, n = meeting(g, joint, vessel); i < n; i++)
        sum += overlaps(g, vessel[i], &other);
    return sum;
}

static bool shapes_are_sound(const grower *g, uint32_t joint) {
    uint32_t vessel[3];
    for (unsigned i = 0, n = meeting(g, joint, vessel); i < n; i++) {
        const segment_ends s = grow_ends(g, vessel[i]);
        if (vec_distance(s.a, s.b) < 2 * grow_radius(g, g->count[vessel[i]]) || !grow_stays_inside(g, s))
            return false;
    }
    return true;
}

/* Moves one joint at random, ever farther, to where fewer vessels overlap. */
static st_status move_joint(grower *g, uint32_t joint, uint64_t seed, unsigned round, bool *better, st_error *err) {
    *better = false;
    if (joint == 0 || g->child[joint][0] == ST_NONE)
        return ST_OK; /* the hilum and the terminals stay where they are */
    st_rng rng = st_rng_stream(seed, ST_RNG_TERMINALS, (uint64_t)(3 + round) << 32 | joint);
    const double unit = grow_radius(g, g->count[joint]);
    const unsigned before = overlaps_at(g, joint);
    float home[3];
    memcpy(home, g->end[joint], sizeof home);
    for (unsigned move = 1; move <= MOVES && !*better; move++) {
        for (int i = 0; i < 3; i++)
            g->end[joint][i] = (float)((double)home[i] + 0.125 * unit * move * (2 * st_rng_uniform(&rng) - 1));
        if (!shapes_are_sound(g, joint))
            continue;
        uint32_t vessel[3];
        for (unsigned i = 0, n = meeting(g, joint, vessel); i < n; i++) {
            const st_status status = grow_index_vessel(g, vessel[i], true, err);
            if (status != ST_OK)
                return status;
        }
        *better = overlaps_at(g, joint) < before;
    }
    if (!*better)
        memcpy(g->end[joint], home, sizeof home);
    return ST_OK;
}

/* Tries the joints at both ends of both vessels until these two no longer overlap. */
static st_status part(grower *g, uint32_t a, uint32_t b, uint64_t seed, unsigned round, st_error *err) {
    const uint32_t joint[] = {a, b, g->parent[a], g->parent[b]};
    bool better = false;
    for (int i = 0; i < 4 && !better; i++) {
        const st_status status = joint[i] == ST_NONE ? ST_OK : move_joint(g, joint[i], seed, round, &better, err);
        if (status != ST_OK)
            return status;
    }
    return ST_OK;
}

/* What moving the joints of `vessel` may have changed. */
static void suspect_around(const grower *g, uint32_t vessel, bool *suspect) {
    const uint32_t joint[] = {vessel, g->parent[vessel]};
    for (int k = 0; k < 2 && joint[k] != ST_NONE; k++) {
        uint32_t at[3];
        for (unsigned i = 0, n = meeting(g, joint[k], at); i < n; i++)
            suspect[at[i]] = true;
    }
}

/* The first round looks at every vessel, the others at those that a round before has found or moved. */
st_status grow_repair(grower *g, uint64_t seed, st_error *err) {
    bool *now = st_alloc(g->n, sizeof *now, err), *next = st_alloc(g->n, sizeof *next, err);
    st_status status = now && next ? ST_OK : ST_MEMORY;
    unsigned found = 1;
    for (unsigned round = 0; round < ROUNDS && found > 0 && status == ST_OK; round++) {
        found = 0;
        for (uint32_t v = 1; v < g->n && status == ST_OK; v++) {
            uint32_t other;
            if ((round > 0 && !now[v]) || g->count[v] == 0 || overlaps(g, v, &other) == 0)
                continue;
            found++;
            suspect_around(g, v, next);
            suspect_around(g, other, next);
            status = part(g, v, other, seed, round, err);
        }
        bool *done = now;
        now = next;
        next = done;
        memset(next, 0, g->n * sizeof *next);
    }
    free(now);
    free(next);
    return status;
}
