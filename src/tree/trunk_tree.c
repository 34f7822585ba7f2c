/* The finished trunk: no more than two branches at a joint, and what is to be told of it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "measure_internal.h"
#include "trunk_near.h"
#include "trunk_web.h"

/* ---- joints taken apart -------------------------------------------------------------------- */

enum { BRANCHES = 2 };

static int widest_first(const void *a, const void *b) {
    const graph_vessel *p = a, *q = b;
    if (p->radius != q->radius)
        return p->radius < q->radius ? 1 : -1;
    return (p->to > q->to) - (p->to < q->to);
}

typedef struct splitter {
    const trunk_web *web;
    trunk_web *out;
    uint32_t *children; /* [nodes] */
    uint32_t *first;    /* [nodes] its first node in `out`: upstream of it stand those for the branches too many */
    uint32_t *taken;    /* [nodes] branches that have their place */
} splitter;

static uint32_t too_many(const splitter *s, uint32_t node) {
    return s->children[node] > BRANCHES && node > 0 ? s->children[node] - BRANCHES : 0;
}

/* Places on the vessel that leads to the joint, within its radius and its last half. */
static void place_joints(splitter *s, uint32_t node) {
    const trunk_web *web = s->web;
    const uint32_t extra = too_many(s, node);
    const vec end = web->point[node], from = web->point[node > 0 ? web_up(web, node) : 0];
    const double length = vec_distance(end, from);
    const double reach = extra > 0 ? fmin(web->link[node - 1].radius / length, 0.5) : 0;
    s->first[node] = s->out->n;
    for (uint32_t k = 0; k <= extra; k++) {
        const double back = extra > 0 ? reach * (extra - k) / extra : 0;
        s->out->width[s->out->n] = web->width[node];
        s->out->point[s->out->n++] = back > 0 ? vec_along(end, from, back) : end;
    }
}

/* A branch that runs back along the stem may end where its joint was put: that goes half way on to the next. */
static void clear_joint(trunk_web *out, uint32_t joint, uint32_t to) {
    const double near = 1e-3; /* mm */
    if (vec_distance(out->point[joint], out->point[to]) < near)
        out->point[joint] = vec_along(out->point[joint], out->point[joint + 1], 0.5);
}

/* The widest branches stay at the joint, the narrower ones go upstream. Links come widest first. */
static void link_all(splitter *s, const graph_vessel *link) {
    trunk_web *out = s->out;
    for (uint32_t i = 0; i < s->web->n_links; i++) {
        const graph_vessel v = link[i];
        const uint32_t taken = s->taken[v.from]++, to = s->first[v.to];
        uint32_t joint = s->first[v.from] + too_many(s, v.from);
        if (taken >= BRANCHES) {
            joint -= taken - BRANCHES + 1;
            clear_joint(out, joint, to);
        }
        out->link[out->n_links++] = (graph_vessel){.from = joint, .to = to, .radius = v.radius};
        for (uint32_t k = 0; k < too_many(s, v.to); k++)
            out->link[out->n_links++] = (graph_vessel){.from = to + k, .to = to + k + 1, .radius = v.radius};
    }
}

static st_status split(const trunk_web *web, trunk_web *out, uint32_t *forks, st_error *err) {
    splitter s = {.web = web,
                  .out = out,
                  .children = st_alloc(web->n, sizeof *s.children, err),
                  .first = st_alloc(web->n, sizeof *s.first, err),
                  .taken = st_alloc(web->n, sizeof *s.taken, err)};
    graph_vessel *link = st_alloc(web->n_links, sizeof *link, err);
    st_status status = s.children && s.first && s.taken && link ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        status = web_init(out, 2 * (size_t)web->n, 0, err);
    if (status == ST_OK) {
        out->n = 0;
        for (uint32_t i = 0; i < web->n_links; i++) {
            link[i] = web->link[i];
            s.children[link[i].from]++;
        }
        qsort(link, web->n_links, sizeof *link, widest_first);
        for (uint32_t i = 0; i < web->n; i++) {
            *forks += too_many(&s, i) > 0;
            place_joints(&s, i);
        }
        link_all(&s, link);
    }
    free(s.children);
    free(s.first);
    free(s.taken);
    free(link);
    return status;
}

/* ---- the tree ------------------------------------------------------------------------------- */

static st_status tree_of(const trunk_web *web, const char *name, st_tree *trunk, st_error *err) {
    double *point = st_alloc(web->n, 3 * sizeof *point, err);
    if (!point)
        return ST_MEMORY;
    for (uint32_t i = 0; i < web->n; i++)
        for (int k = 0; k < 3; k++)
            point[3 * (size_t)i + (size_t)k] = vec_get(web->point[i], k);
    const st_status status = tree_from_graph(
        &(graph){.name = name, .n_nodes = web->n, .n_vessels = web->n_links, .point = point, .vessel = web->link},
        trunk, err);
    free(point);
    return status;
}

/* Only many branches of a joint on a stem of a few micrometres come so close that floats cannot tell them apart. */
static st_status check_lengths(const st_tree *trunk, const char *name, st_error *err) {
    for (uint32_t i = 0; i < trunk->n; i++)
        if (!(st_tree_length(trunk, i) > 0))
            return st_fail_at(err, ST_VALUE, name, 0, 0,
                              "the joint at %g, %g, %g has more branches than can be told apart there",
                              (double)trunk->distal[i][0], (double)trunk->distal[i][1], (double)trunk->distal[i][2]);
    return ST_OK;
}

static st_status sum_up(const st_tree *trunk, const st_liver *liver, st_trunk_report *report, st_error *err) {
    tree_contacts contacts; /* before the vessels are marked as measured, whose contacts do not count */
    const st_status status = tree_crossings(trunk, NULL, 1, &contacts, err);
    report->touching = contacts.pairs;
    for (uint32_t i = 0; i < trunk->n; i++) {
        trunk->measured[i] = 1;
        report->length += st_tree_length(trunk, i);
        if (liver)
            report->organ_length += trunk_length_inside(liver, vec_of(trunk->proximal[i]), vec_of(trunk->distal[i]));
    }
    return status;
}

st_status web_to_tree(const trunk_web *web, const char *name, const st_liver *liver, st_tree *trunk,
                      st_trunk_report *report, st_error *err) {
    trunk_web binary = {0};
    st_status status = split(web, &binary, &report->forks_split, err);
    if (status == ST_OK)
        status = tree_of(&binary, name, trunk, err);
    if (status == ST_OK &&
        ((status = check_lengths(trunk, name, err)) != ST_OK || (status = sum_up(trunk, liver, report, err)) != ST_OK))
        st_tree_fini(trunk);
    web_fini(&binary);
    return status;
}

st_status web_finish(trunk_web *web, const char *name, const st_liver *liver, const st_parameters *parameters,
                     st_tree *trunk, st_trunk_report *report, st_error *err) {
    st_status status = web_merge(web, err);
    if (status == ST_OK)
        status = web_cut_loops(web, report, err);
    if (status == ST_OK)
        status = web_join(web, parameters, report, err);
    if (status == ST_OK)
        status = web_root(web, liver, parameters, report, err);
    if (status == ST_OK && web->voxel > 0)
        status = web_simplify(web, parameters, err);
    return status == ST_OK ? web_to_tree(web, name, liver, trunk, report, err) : status;
}
