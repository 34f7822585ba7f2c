/* The classical algorithm without any of its accelerations.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cco_reference.h"

#include <stdlib.h>
#include <string.h>

#include "../src/tree/vec.h"

typedef struct vessel {
    uint32_t parent, child[2], count; /* terminals at or beyond */
    vec end;
} vessel;

/* A point on a vessel: the joint and the growth of the volume, in units of pi R^2 / m^(2/g). */
typedef struct trial {
    uint32_t vessel;
    vec joint;
    double growth;
} trial;

typedef struct classical {
    const cco_problem *problem;
    uint32_t n, placed;
    vessel *vessel; /* [2 n] */
    double *weight; /* [n + 2] k^(2/g) */
    trial *trial;   /* [2 n] */
} classical;

static vec begin_of(const classical *c, uint32_t v) {
    const uint32_t parent = c->vessel[v].parent;
    return parent == ST_NONE ? vec_of(c->problem->start) : c->vessel[parent].end;
}

static double radius_of(const classical *c, uint32_t count) {
    return c->problem->root_radius * pow((double)count / (c->placed + 1), 1 / c->problem->exponent);
}

/* ---- the joint ---------------------------------------------------------------- */

static double cost_at(vec joint, const vec p[3], const double w[3]) {
    return w[0] * vec_distance(joint, p[0]) + w[1] * vec_distance(joint, p[1]) + w[2] * vec_distance(joint, p[2]);
}

/* The pull of the other two at corner k, against its own weight: it holds the joint when the pull is no stronger. */
static vec pull_at(const vec p[3], const double w[3], int k) {
    vec pull = {0, 0, 0};
    for (int i = 0; i < 3; i++) {
        const vec d = vec_sub(p[i], p[k]);
        if (i != k && vec_length(d) > 0)
            pull = vec_add(pull, vec_scale(d, w[i] / vec_length(d)));
    }
    return pull;
}

/* Least weighted sum of distances to three points, by Weiszfeld's iteration (Tohoku Math J 1937;43:355). A corner that
 * holds the joint would leave a vessel without length: the joint stands off by `off` in the direction of the pull. */
static vec best_joint(const vec p[3], const double w[3], double off) {
    for (int k = 0; k < 3; k++) {
        const vec pull = pull_at(p, w, k);
        const double strength = vec_length(pull);
        if (strength <= w[k])
            return vec_add(p[k], vec_scale(pull, strength > 0 ? off / strength : 0));
    }
    vec x = vec_scale(vec_add(vec_add(p[0], p[1]), p[2]), 1.0 / 3);
    for (int round = 0; round < 200; round++) {
        vec sum = {0, 0, 0};
        double weights = 0;
        for (int i = 0; i < 3; i++) {
            const double a = w[i] / fmax(vec_distance(x, p[i]), 1e-12);
            sum = vec_add(sum, vec_scale(p[i], a));
            weights += a;
        }
        const vec next = vec_scale(sum, 1 / weights);
        const double step = vec_distance(next, x);
        x = next;
        if (step < 1e-6)
            break;
    }
    return x;
}

/* ---- what is in the way ---------------------------------------------------------- */

/* Distance of two segments by alternating projection: each point in turn to the nearest of the other segment. */
static double segments_apart(vec a, vec b, vec c, vec d) {
    const vec u = vec_sub(b, a), v = vec_sub(d, c);
    const double uu = fmax(vec_dot(u, u), 1e-30), vv = fmax(vec_dot(v, v), 1e-30);
    double s = 0.5, t = 0.5, before = INFINITY;
    for (int round = 0; round < 100; round++) {
        const vec x = vec_add(a, vec_scale(u, s));
        t = fmin(fmax(vec_dot(vec_sub(x, c), v) / vv, 0), 1);
        const vec y = vec_add(c, vec_scale(v, t));
        s = fmin(fmax(vec_dot(vec_sub(y, a), u) / uu, 0), 1);
        const double now = vec_distance(vec_add(a, vec_scale(u, s)), y);
        if (before - now < 1e-9)
            return now;
        before = now;
    }
    return before;
}

/* The three vessels that a trial makes: from the parent's end, on to the old end, to the point. */
typedef struct pieces {
    vec from[3], to[3];
    double radius[3];
} pieces;

static pieces pieces_of(const classical *c, const trial *t, vec p) {
    const uint32_t count = c->vessel[t->vessel].count;
    return (pieces){.from = {begin_of(c, t->vessel), t->joint, t->joint},
                    .to = {t->joint, c->vessel[t->vessel].end, p},
                    .radius = {radius_of(c, count + 1), radius_of(c, count), radius_of(c, 1)}};
}

static bool share_joint(const classical *c, uint32_t at, uint32_t other, int piece) {
    if (piece == 0)
        return other == c->vessel[at].parent || c->vessel[other].parent == c->vessel[at].parent;
    return piece == 1 && c->vessel[other].parent == at;
}

static bool is_free(const classical *c, const trial *t, vec p) {
    const pieces in = pieces_of(c, t, p);
    for (int k = 0; k < 3; k++)
        if (vec_distance(in.from[k], in.to[k]) < 2 * in.radius[k])
            return false;
    for (uint32_t v = 0; v < c->n; v++) {
        const vec from = begin_of(c, v), to = c->vessel[v].end;
        const double middle = vec_distance(from, to) / 2, radius = radius_of(c, c->vessel[v].count);
        for (int k = 0; k < 3 && v != t->vessel; k++) {
            const double reach = middle + vec_distance(in.from[k], in.to[k]) / 2 + radius + in.radius[k];
            if (vec_distance(vec_along(from, to, 0.5), vec_along(in.from[k], in.to[k], 0.5)) < reach &&
                !share_joint(c, t->vessel, v, k) &&
                segments_apart(from, to, in.from[k], in.to[k]) < radius + in.radius[k])
                return false;
        }
    }
    return true;
}

/* ---- one point ---------------------------------------------------------------------- */

/* Growth by one more terminal on the way from v to the root, v included. */
static double path_growth(const classical *c, uint32_t v) {
    double sum = 0;
    for (; v != ST_NONE; v = c->vessel[v].parent)
        sum += vec_distance(begin_of(c, v), c->vessel[v].end) *
               (c->weight[c->vessel[v].count + 1] - c->weight[c->vessel[v].count]);
    return sum;
}

static trial try_vessel(const classical *c, uint32_t v, vec p) {
    const uint32_t count = c->vessel[v].count;
    const vec corner[3] = {begin_of(c, v), c->vessel[v].end, p};
    const double w[3] = {c->weight[count + 1], c->weight[count], 1};
    const vec joint = best_joint(corner, w, 2.01 * radius_of(c, count + 1));
    return (trial){v, joint,
                   cost_at(joint, corner, w) - w[1] * vec_distance(corner[0], corner[1]) +
                       path_growth(c, c->vessel[v].parent)};
}

static int by_growth(const void *x, const void *y) {
    const trial *a = x, *b = y;
    return a->growth != b->growth ? (a->growth < b->growth ? -1 : 1)
                                  : (a->vessel > b->vessel) - (a->vessel < b->vessel);
}

static void add(classical *c, uint32_t parent, vec end, uint32_t count) {
    c->vessel[c->n++] = (vessel){.parent = parent, .child = {ST_NONE, ST_NONE}, .count = count, .end = end};
}

static void join(classical *c, const trial *t, vec p) {
    const uint32_t old = t->vessel, parent = c->vessel[old].parent, joint = c->n;
    add(c, parent, t->joint, c->vessel[old].count);
    add(c, joint, p, 1);
    c->vessel[joint].child[0] = old;
    c->vessel[joint].child[1] = joint + 1;
    c->vessel[old].parent = joint;
    c->vessel[parent].child[c->vessel[parent].child[0] == old ? 0 : 1] = joint;
    for (uint32_t v = joint; v != ST_NONE; v = c->vessel[v].parent)
        c->vessel[v].count++;
    c->placed++;
}

/* Joins the point where the volume is least among the free vessels, or among all. */
static bool join_best(classical *c, vec p, bool free_only) {
    uint32_t n = 0;
    for (uint32_t v = 1; v < c->n; v++)
        c->trial[n++] = try_vessel(c, v, p);
    qsort(c->trial, n, sizeof *c->trial, by_growth);
    for (uint32_t i = 0; i < n; i++)
        if (!free_only || is_free(c, &c->trial[i], p)) {
            join(c, &c->trial[i], p);
            return true;
        }
    return false;
}

/* ---- all points ------------------------------------------------------------------------ */

static st_status join_all(classical *c, st_error *err) {
    const cco_problem *problem = c->problem;
    uint32_t *queue = st_alloc(problem->n, sizeof *queue, err);
    if (!queue)
        return ST_MEMORY;
    uint32_t waiting = 0;
    for (uint32_t i = 1; i < problem->n; i++)
        queue[waiting++] = i;
    for (uint32_t before = waiting + 1; waiting > 0;) {
        const bool stuck = waiting == before; /* a round that placed none */
        before = waiting;
        waiting = 0;
        for (uint32_t i = 0; i < before; i++)
            if (!join_best(c, vec_of(problem->point[queue[i]]), !stuck))
                queue[waiting++] = queue[i];
    }
    free(queue);
    return ST_OK;
}

/* Depth first, so that parents come before their children. */
static void copy(const classical *c, uint32_t v, uint32_t parent, st_tree *tree) {
    const uint32_t at = tree->n++;
    const vec from = begin_of(c, v), to = c->vessel[v].end;
    const double a[3] = {from.x, from.y, from.z}, b[3] = {to.x, to.y, to.z};
    for (int k = 0; k < 3; k++) {
        tree->proximal[at][k] = (float)a[k];
        tree->distal[at][k] = (float)b[k];
    }
    tree->parent[at] = parent;
    tree->radius[at] =
        (float)(c->problem->root_radius * pow((double)c->vessel[v].count / c->placed, 1 / c->problem->exponent));
    tree->demand[at] = c->vessel[v].count == 1 ? 1 : 0;
    for (int k = 0; k < 2; k++)
        if (c->vessel[v].child[k] != ST_NONE)
            copy(c, c->vessel[v].child[k], at, tree);
}

static st_status to_tree(const classical *c, st_tree *tree, st_error *err) {
    const st_status status = st_tree_init(tree, c->n, err);
    if (status != ST_OK)
        return status;
    tree->n = 0;
    copy(c, 0, ST_NONE, tree);
    return st_tree_finish(tree, err);
}

st_status cco_reference(const cco_problem *problem, st_tree *tree, st_error *err) {
    const size_t most = 2 * (size_t)problem->n + 2;
    classical c = {.problem = problem,
                   .vessel = st_alloc(most, sizeof *c.vessel, err),
                   .weight = st_alloc((size_t)problem->n + 2, sizeof *c.weight, err),
                   .trial = st_alloc(most, sizeof *c.trial, err)};
    *tree = (st_tree){0};
    st_status status = c.vessel && c.weight && c.trial ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        for (uint32_t k = 0; k < problem->n + 2; k++)
            c.weight[k] = pow(k, 2 / problem->exponent);
        add(&c, ST_NONE, vec_of(problem->end), 1);
        add(&c, 0, vec_of(problem->point[0]), 1);
        c.vessel[0].child[0] = 1;
        c.placed = 1;
        status = join_all(&c, err);
    }
    if (status == ST_OK)
        status = to_tree(&c, tree, err);
    free(c.vessel);
    free(c.weight);
    free(c.trial);
    return status;
}

/* ---- on the points of a tree -------------------------------------------------------------- */

typedef struct ticket {
    uint32_t draw, terminal;
} ticket;

static int by_draw(const void *x, const void *y) {
    const ticket *a = x, *b = y;
    return a->draw != b->draw ? (a->draw > b->draw) - (a->draw < b->draw)
                              : (a->terminal > b->terminal) - (a->terminal < b->terminal);
}

static void shuffle(const st_tree *tree, uint64_t seed, ticket *tickets, float (*point)[3]) {
    st_rng rng = st_rng_stream(seed, ST_RNG_TEST, 0);
    uint32_t n = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        if (st_tree_is_terminal(tree, i))
            tickets[n++] = (ticket){st_rng_u32(&rng), i};
    qsort(tickets, n, sizeof *tickets, by_draw);
    for (uint32_t i = 0; i < n; i++)
        memcpy(point[i], tree->distal[tickets[i].terminal], sizeof point[i]);
}

st_status cco_reference_of(const st_tree *tree, double exponent, uint64_t seed, st_tree *reference, st_error *err) {
    ticket *tickets = st_alloc(tree->n_terminals, sizeof *tickets, err);
    float(*point)[3] = st_alloc(tree->n_terminals, sizeof *point, err);
    st_status status = tickets && point ? ST_OK : ST_MEMORY;
    *reference = (st_tree){0};
    if (status == ST_OK) {
        shuffle(tree, seed, tickets, point);
        cco_problem problem = {.n = tree->n_terminals,
                               .point = (const float(*)[3])point,
                               .root_radius = (double)tree->radius[0],
                               .exponent = exponent};
        memcpy(problem.start, tree->proximal[0], sizeof problem.start);
        memcpy(problem.end, tree->distal[0], sizeof problem.end);
        status = cco_reference(&problem, reference, err);
    }
    free(tickets);
    free(point);
    return status;
}
