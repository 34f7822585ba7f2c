/* The repair pass: joints moved until no vessels overlap.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_cuttings.h"
#include "grow_joint.h"

#include <stdlib.h>
#include <string.h>

#define ROUNDS 32u /* over the whole tree; a round that finds nothing is the last */
#define TIMES  16u /* that what cannot be parted is taken off */
/* Terminals that a branch which is taken off may have: a few, or a part of the tree, but never many. */
#define FEW        16u
#define SMALL_PART 4u
#define MANY       512u
/* Of vessels that are joined again: what widens and overlaps once will do so again. */
static const double MORE_CLEARANCE = 0.05;
#define MOVES 48u /* tries for one joint */

/* Moves one joint at random, ever farther, to where vessels overlap less. */
static st_status move_joint(grower *g, uint32_t joint, uint64_t seed, unsigned round, bool *better, st_error *err) {
    *better = false;
    if (!grow_may_move(g, joint))
        return ST_OK;
    st_rng rng = st_rng_stream(seed, ST_RNG_TERMINALS, (uint64_t)(3 + round) << 32 | joint);
    const double unit = grow_radius(g, joint);
    const double before = grow_overlap_at(g, joint);
    float home[3];
    memcpy(home, g->end[joint], sizeof home);
    for (unsigned move = 1; move <= MOVES && !*better; move++) {
        for (int i = 0; i < 3; i++)
            g->end[joint][i] = (float)((double)home[i] + 0.125 * unit * move * (2 * st_rng_uniform(&rng) - 1));
        if (!grow_is_sound_at(g, joint))
            continue;
        const st_status status = grow_index_at(g, joint, err);
        if (status != ST_OK)
            return status;
        *better = grow_overlap_at(g, joint) < before;
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
        for (unsigned i = 0, n = grow_meeting(g, joint[k], at); i < n; i++)
            suspect[at[i]] = true;
    }
}

/* Vessels that may overlap, in this round and in the next. */
typedef struct suspicion {
    bool *now, *next; /* [capacity] */
} suspicion;

static void turn_round(const grower *g, suspicion *s) {
    bool *done = s->now;
    s->now = s->next;
    s->next = done;
    memset(s->next, 0, g->capacity * sizeof *s->next);
}

/* Looks at the suspects; what overlaps is parted, and suspected again with its neighbours. */
static st_status part_suspects(grower *g, suspicion *s, uint64_t seed, unsigned round, unsigned *found, st_error *err) {
    st_status status = ST_OK;
    *found = 0;
    for (uint32_t v = g->n_roots; v < g->n && status == ST_OK; v++) {
        uint32_t other;
        if (!s->now[v] || g->count[v] == 0 || grow_overlap(g, v, &other) <= 0)
            continue;
        ++*found;
        suspect_around(g, v, s->next);
        suspect_around(g, other, s->next);
        status = part(g, v, other, seed, round, err);
    }
    turn_round(g, s);
    return status;
}

static st_status part_all(grower *g, suspicion *s, uint64_t seed, unsigned *found, st_error *err) {
    st_status status = ST_OK;
    *found = 1;
    for (unsigned round = 0; round<ROUNDS && * found> 0 && status == ST_OK; round++)
        status = part_suspects(g, s, seed, round, found, err);
    return status;
}

/* The lighter branch of each pair that still overlaps goes, or the other when that must stay. *n terminals went. */
static st_status rejoin_suspects(grower *g, suspicion *s, uint64_t seed, unsigned time, uint32_t *relocated,
                                 uint32_t *n, st_error *err) {
    const uint32_t part = g->placed / SMALL_PART, most = part < FEW ? FEW : part > MANY ? MANY : part;
    grow_cuttings cuttings;
    st_status status = grow_cuttings_init(&cuttings, g, err);
    for (uint32_t v = g->n_roots; v < g->n && status == ST_OK; v++) {
        uint32_t other;
        if (!s->now[v] || g->count[v] == 0 || grow_overlap(g, v, &other) <= 0)
            continue;
        const bool first = g->count[v] <= g->count[other];
        const uint32_t go[] = {first ? v : other, first ? other : v};
        for (int i = 0, done = 0; i < 2 && !done; i++)
            done = g->count[go[i]] <= most && grow_take_off(&cuttings, go[i]);
    }
    *n = cuttings.n;
    if (status == ST_OK)
        status = grow_rejoin(&cuttings, seed, (uint64_t)(17 + time) << 32, relocated, err);
    grow_cuttings_fini(&cuttings);
    memset(s->now, 1, g->capacity * sizeof *s->now);
    return status;
}

st_status grow_repair(grower *g, uint64_t seed, uint32_t *relocated, st_error *err) {
    suspicion s = {st_alloc(g->capacity, sizeof *s.now, err), st_alloc(g->capacity, sizeof *s.next, err)};
    st_status status = s.now && s.next ? ST_OK : ST_MEMORY;
    uint32_t rejoined = 1;
    if (status == ST_OK)
        memset(s.now, 1, g->capacity * sizeof *s.now);
    for (unsigned time = 0; time < TIMES && rejoined > 0 && status == ST_OK; time++) {
        unsigned found;
        rejoined = 0;
        status = part_all(g, &s, seed, &found, err);
        if (status == ST_OK && found > 0 && relocated != NULL && time + 1 < TIMES) {
            g->clearance += MORE_CLEARANCE;
            status = rejoin_suspects(g, &s, seed, time, relocated, &rejoined, err);
        }
    }
    free(s.now);
    free(s.next);
    return status;
}
