/* Few and long segments in place of a course of many points.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "trunk_web.h"

typedef struct shape {
    trunk_web *web;
    double deviation;   /* mm */
    uint32_t *children; /* [nodes] how many */
    uint32_t *child;    /* [nodes] the last of them */
    bool *keep;         /* [nodes] */
    uint32_t *path;     /* [nodes] from the end of a course back to its beginning */
    uint32_t *stack;    /* [2 nodes] */
} shape;

static bool is_passed(const shape *s, uint32_t node) {
    return node > 0 && s->children[node] == 1;
}

static double off_segment(vec p, vec a, vec b) {
    const vec d = vec_sub(b, a);
    const double dd = vec_dot(d, d);
    const double t = dd > 0 ? fmin(fmax(vec_dot(vec_sub(p, a), d) / dd, 0), 1) : 0;
    return vec_distance(p, vec_along(a, b, t));
}

/* The segment beyond takes the node's over: its radius is that of both together, so that the volume stays. */
static void take_out(shape *s, uint32_t node) {
    trunk_web *web = s->web;
    const uint32_t up = web_up(web, node), child = s->child[node];
    graph_vessel *before = &web->link[node - 1], *beyond = &web->link[child - 1];
    const double l = web_length(web, node - 1), m = web_length(web, child - 1);
    if (l + m > 0)
        beyond->radius = sqrt((before->radius * before->radius * l + beyond->radius * beyond->radius * m) / (l + m));
    beyond->from = up;
    s->keep[node] = false;
    if (s->child[up] == node)
        s->child[up] = child;
}

/* ---- by deviation (Douglas & Peucker 1973, Cartographica 10:112) --------------------------- */

/* Of the nodes between path[first] and path[last] the farthest from the line between these; 0 when all are near. */
static uint32_t farthest(const shape *s, uint32_t first, uint32_t last) {
    const vec *p = s->web->point;
    double most = s->deviation;
    uint32_t far = 0;
    for (uint32_t i = first + 1; i < last; i++) {
        const double off = off_segment(p[s->path[i]], p[s->path[first]], p[s->path[last]]);
        if (off > most) {
            most = off;
            far = i;
        }
    }
    return far;
}

static void keep_farthest(shape *s, uint32_t n) {
    uint32_t depth = 0;
    s->stack[depth++] = 0;
    s->stack[depth++] = n - 1;
    while (depth > 0) {
        const uint32_t last = s->stack[--depth], first = s->stack[--depth], far = farthest(s, first, last);
        if (far == 0)
            continue;
        s->keep[s->path[far]] = true;
        const uint32_t next[4] = {first, far, far, last};
        for (int k = 0; k < 4; k++)
            s->stack[depth++] = next[k];
    }
}

static void by_deviation(shape *s) {
    const trunk_web *web = s->web;
    for (uint32_t i = 0; i < web->n; i++)
        s->keep[i] = !is_passed(s, i);
    for (uint32_t end = 1; end < web->n; end++) {
        if (is_passed(s, end))
            continue;
        uint32_t n = 0, node = end;
        do
            s->path[n++] = node;
        while (node = web_up(web, node), is_passed(s, node));
        s->path[n++] = node;
        keep_farthest(s, n);
    }
    for (uint32_t i = 1; i < web->n; i++)
        if (!s->keep[i])
            take_out(s, i);
}

/* ---- by length ------------------------------------------------------------------------------ */

/* mm that a node would be off the segment without it; INFINITY when it has to stay. */
static double cost_of(const shape *s, uint32_t node) {
    const trunk_web *web = s->web;
    if (!is_passed(s, node))
        return INFINITY;
    const double off = off_segment(web->point[node], web->point[web_up(web, node)], web->point[s->child[node]]);
    return off <= fmax(s->deviation, web->link[node - 1].radius) ? off : INFINITY;
}

/* A segment shorter than the radii of those before and beyond it lets these touch. */
static bool is_short(const shape *s, uint32_t node) {
    const trunk_web *web = s->web;
    const uint32_t up = web_up(web, node);
    const double before = web->link[up > 0 ? up - 1 : node - 1].radius;
    const double beyond = web->link[s->children[node] > 0 ? s->child[node] - 1 : node - 1].radius;
    return web_length(web, node - 1) <= before + beyond;
}

static void by_length(shape *s) {
    const trunk_web *web = s->web;
    bool changed = true;
    while (changed) {
        changed = false;
        for (uint32_t i = 1; i < web->n; i++) {
            if (!s->keep[i] || !is_short(s, i))
                continue;
            const uint32_t up = web_up(web, i);
            const uint32_t out = cost_of(s, up) <= cost_of(s, i) ? up : i;
            if (cost_of(s, out) < INFINITY) {
                take_out(s, out);
                changed = true;
            }
        }
    }
}

static st_status shape_init(shape *s, trunk_web *web, const st_parameters *parameters, st_error *err) {
    *s = (shape){.web = web,
                 .deviation = st_parameter_value(parameters, ST_P_TRUNK_DEVIATION),
                 .children = st_alloc(web->n, sizeof *s->children, err),
                 .child = st_alloc(web->n, sizeof *s->child, err),
                 .keep = st_alloc(web->n, sizeof *s->keep, err),
                 .path = st_alloc(web->n, sizeof *s->path, err),
                 .stack = st_alloc(web->n, 2 * sizeof *s->stack, err)};
    if (!s->children || !s->child || !s->keep || !s->path || !s->stack)
        return ST_MEMORY;
    for (uint32_t i = 1; i < web->n; i++) {
        s->children[web_up(web, i)]++;
        s->child[web_up(web, i)] = i;
    }
    return ST_OK;
}

st_status web_simplify(trunk_web *web, const st_parameters *parameters, st_error *err) {
    shape s;
    st_status status = shape_init(&s, web, parameters, err);
    if (status == ST_OK) {
        by_deviation(&s);
        by_length(&s);
        status = web_keep(web, s.keep, err);
    }
    free(s.children);
    free(s.child);
    free(s.keep);
    free(s.path);
    free(s.stack);
    return status;
}
