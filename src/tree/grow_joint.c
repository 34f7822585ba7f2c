/* A joint and the vessels that meet there: may it move, and does anything overlap.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_joint.h"

static const double CLEARANCE = 1.001; /* above the rounding of stored coordinates */

static bool have_common_joint(const grower *g, uint32_t a, uint32_t b) {
    return g->parent[a] == b || g->parent[b] == a || (g->parent[a] == g->parent[b] && g->parent[a] != ST_NONE);
}

/* Vessels of others, and other regions of the organ, count as overlapped by half. */
static double overlap_of_others(const grower *g, uint32_t vessel, segment_ends s, double radius) {
    unsigned n = 0;
    if (g->kind[vessel] != VESSEL_FREE)
        return 0; /* nothing can be done here about where it runs */
    for (int k = 0; k < 2; k++)
        n += g->obstacles[k] && grow_obstacles_touch(g->obstacles[k], s, radius, CLEARANCE, g->owner);
    return radius * (n + !grow_stays(g, s, grow_pass(g, vessel), radius));
}

double grow_overlap(grower *g, uint32_t vessel, uint32_t *other) {
    const segment_ends s = grow_ends(g, vessel);
    const double radius = grow_radius(g, vessel);
    double sum = overlap_of_others(g, vessel, s, radius);
    *other = vessel;
    size_t n_found = 0;
    grow_index_begin(&g->index);
    grow_index_along(&g->index, s, radius * CLEARANCE, g->found, &n_found);
    for (size_t i = 0; i < n_found; i++) {
        const uint32_t v = g->found[i];
        if (v == vessel || have_common_joint(g, vessel, v))
            continue;
        const double reach = (radius + grow_radius(g, v)) * CLEARANCE;
        if (segments_nearer(s, grow_ends(g, v), reach)) {
            *other = v;
            sum += reach - segment_distance(s, grow_ends(g, v));
        }
    }
    return sum;
}

unsigned grow_meeting(const grower *g, uint32_t joint, uint32_t vessel[3]) {
    unsigned n = 0;
    vessel[n++] = joint;
    for (int i = 0; i < 2; i++)
        if (g->child[joint][i] != ST_NONE)
            vessel[n++] = g->child[joint][i];
    return n;
}

double grow_overlap_at(grower *g, uint32_t joint) {
    uint32_t vessel[3], other;
    double sum = 0;
    for (unsigned i = 0, n = grow_meeting(g, joint, vessel); i < n; i++)
        sum += grow_overlap(g, vessel[i], &other);
    return sum;
}

bool grow_is_sound_at(const grower *g, uint32_t joint) {
    uint32_t vessel[3];
    for (unsigned i = 0, n = grow_meeting(g, joint, vessel); i < n; i++) {
        const segment_ends s = grow_ends(g, vessel[i]);
        const double radius = grow_radius(g, vessel[i]);
        if (vec_distance(s.a, s.b) < 2 * radius || !grow_stays(g, s, grow_pass(g, vessel[i]), radius))
            return false;
    }
    return true;
}

bool grow_may_move(const grower *g, uint32_t joint) {
    uint32_t vessel[3];
    for (unsigned i = 0, n = grow_meeting(g, joint, vessel); i < n; i++)
        if (g->kind[vessel[i]] != VESSEL_FREE)
            return false;
    return g->parent[joint] != ST_NONE && !grow_is_terminal(g, joint);
}

st_status grow_index_at(grower *g, uint32_t joint, st_error *err) {
    uint32_t vessel[3];
    st_status status = ST_OK;
    for (unsigned i = 0, n = grow_meeting(g, joint, vessel); i < n && status == ST_OK; i++)
        status = grow_index_vessel(g, vessel[i], true, err);
    return status;
}
