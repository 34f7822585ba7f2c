/* Which vessels a new terminal may join, where, and by how much the volume would grow.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_internal.h"

#include <stdlib.h>

/* What is added to the volume by a longer way is worked out anew when the tree has grown by this part since. */
enum { PATH_AGE_PART = 16 };

static bool has_given_radius(const grower *g, uint32_t vessel) {
    return g->given && g->given[vessel] > 0;
}

/* How much the volume from `vessel` up to the root grows when `step` more terminals hang below it. It ranks
 * candidates, and most of it is common to all of them, so it may lag behind. */
static double path_growth(grower *g, uint32_t vessel) {
    uint32_t *stack = g->found; /* free at this point */
    size_t depth = 0;
    uint32_t v = vessel;
    while (v != ST_NONE && (g->path_age[v] == 0 || g->placed - g->path_age[v] > g->placed / PATH_AGE_PART)) {
        stack[depth++] = v;
        v = g->parent[v];
    }
    double sum = v == ST_NONE ? 0 : g->path[v];
    while (depth > 0) {
        v = stack[--depth];
        const segment_ends s = grow_ends(g, v);
        if (!has_given_radius(g, v))
            sum += vec_distance(s.a, s.b) * (g->weight[g->count[v] + 1] - g->weight[g->count[v]]);
        g->path[v] = sum;
        g->path_age[v] = g->placed;
    }
    return sum;
}

static bool may_join(const grower *g, uint32_t vessel, const grow_wish *wish) {
    return g->kind[vessel] != VESSEL_FIXED && grow_pass(g, vessel).home == wish->pass.home;
}

/* The `most` vessels nearest to a point, nearest first. */
static unsigned nearest(grower *g, const grow_wish *wish, unsigned most, candidate *near) {
    size_t n_found = 0;
    grow_index_begin(&g->index);
    const int rings = (int)(g->index.grid.n[0] + g->index.grid.n[1] + g->index.grid.n[2]);
    grow_index_nearest(&g->index, wish->point, g->found, &n_found);
    for (int ring = 0; ring <= rings && n_found < most; ring++)
        grow_index_near(&g->index, wish->point, ring, ring, g->found, &n_found);
    unsigned n = 0;
    for (size_t i = 0; i < n_found; i++) {
        const uint32_t vessel = g->found[i];
        const double d2 = point_segment_distance2(wish->point, grow_ends(g, vessel));
        if ((n == most && d2 >= near[n - 1].distance2) || !may_join(g, vessel, wish))
            continue;
        unsigned at = n < most ? n++ : n - 1;
        for (; at > 0 && near[at - 1].distance2 > d2; at--)
            near[at] = near[at - 1];
        near[at] = (candidate){.vessel = vessel, .distance2 = d2};
    }
    return n;
}

/* A measured vessel is joined on its axis, where the pull of the new branch and the way along it balance: off the
 * foot of the perpendicular by nothing, since its own radius does not change. */
static vec joint_on_axis(segment_ends s, vec p) {
    static const double clearance = 0.15;
    const vec d = vec_sub(s.b, s.a);
    const double t = vec_dot(vec_sub(p, s.a), d) / vec_dot(d, d);
    return vec_along(s.a, s.b, fmin(fmax(t, clearance), 1 - clearance));
}

static void price(grower *g, const grow_wish *wish, candidate *c) {
    const segment_ends s = grow_ends(g, c->vessel);
    const uint32_t count = g->count[c->vessel];
    const double new = g->weight[wish->count];
    if (g->kind[c->vessel] == VESSEL_MEASURED) {
        c->joint = grow_is_terminal(g, c->vessel) ? s.b : joint_on_axis(s, wish->point);
        c->cost = new *vec_distance(c->joint, wish->point);
    } else {
        const double before = g->weight[count] * vec_distance(s.a, s.b);
        c->cost = joint_best(s.a, s.b, wish->point, g->weight[count + wish->count], g->weight[count], new, &c->joint) -
                  before;
    }
    c->cost += path_growth(g, g->parent[c->vessel]);
    c->joint = vec_stored(c->joint);
}

static int by_cost(const void *x, const void *y) {
    const candidate *a = x, *b = y;
    if (a->cost != b->cost)
        return a->cost < b->cost ? -1 : 1;
    return a->vessel < b->vessel ? -1 : a->vessel > b->vessel;
}

unsigned grow_candidates(grower *g, const grow_wish *wish, unsigned most, candidate *near) {
    const unsigned n = nearest(g, wish, most, near);
    for (unsigned i = 0; i < n; i++)
        price(g, wish, &near[i]);
    qsort(near, n, sizeof *near, by_cost);
    return n;
}
