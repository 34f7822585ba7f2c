/* Which piece is the trunk, and where it begins.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "trunk_near.h"
#include "trunk_web.h"

/* ---- the piece -------------------------------------------------------------------------- */

typedef struct piece {
    double length, inside; /* mm; in the organ */
    bool near;
} piece;

/* The longest in the organ; where none is, the longest near it; without an organ, the longest. ST_NONE for none. */
static uint32_t longest(const piece *p, uint32_t n) {
    uint32_t best = ST_NONE;
    for (uint32_t i = 0; i < n; i++) {
        if (!p[i].near)
            continue;
        if (best == ST_NONE || p[i].inside > p[best].inside ||
            (p[i].inside == p[best].inside && p[i].length > p[best].length))
            best = i;
    }
    return best;
}

/* Whatever comes into the organ is near; only when nothing does, it is asked what comes near it. */
static void find_near(const trunk_web *web, const uint32_t *set, const st_liver *liver, double tolerance, piece *p) {
    bool found = false;
    for (uint32_t i = 0; i < web->n; i++)
        found = (p[i].near = !liver ? p[i].length > 0 : p[i].inside > 0) || found;
    for (uint32_t i = 0; i < web->n_links && !found; i++) {
        const graph_vessel *v = &web->link[i];
        bool *near = &p[set[v->from]].near;
        *near = *near || trunk_is_near(liver, web->point[v->from], web->point[v->to], tolerance);
    }
}

/* The chosen piece; what is left out goes into the report. */
static st_status choose_piece(const trunk_web *web, uint32_t *set, const st_liver *liver, double tolerance,
                              uint32_t *chosen, st_trunk_report *report, st_error *err) {
    piece *p = st_alloc(web->n, sizeof *p, err);
    if (!p)
        return ST_MEMORY;
    double all = 0;
    for (uint32_t i = 0; i < web->n_links; i++) {
        const graph_vessel *v = &web->link[i];
        piece *mine = &p[set[v->from]];
        mine->length += web_length(web, i);
        all += web_length(web, i);
        mine->inside += liver ? trunk_length_inside(liver, web->point[v->from], web->point[v->to]) : 0;
    }
    find_near(web, set, liver, tolerance, p);
    *chosen = longest(p, web->n);
    if (*chosen != ST_NONE)
        report->length_left_out = all - p[*chosen].length;
    free(p);
    if (*chosen == ST_NONE)
        return all > 0 ? st_fail(err, ST_ANATOMY,
                                 "no part of the vessel comes within %g mm of the organ (parameter root_tolerance); it "
                                 "belongs to another place, or its axes are other ones",
                                 tolerance)
                       : st_fail(err, ST_ANATOMY, "the vessel has no length: it is less than two voxels long");
    return ST_OK;
}

static void report_bridges(const trunk_web *web, const uint32_t *set, uint32_t chosen, st_trunk_report *report) {
    for (uint32_t i = web->n_links - web->n_bridges; i < web->n_links; i++) {
        const graph_vessel *v = &web->link[i];
        if (set[v->from] != chosen)
            continue;
        const vec middle = vec_along(web->point[v->from], web->point[v->to], 0.5);
        if (report->bridges < ST_TRUNK_PLACES_MOST)
            report->bridge[report->bridges] = (st_trunk_place){{middle.x, middle.y, middle.z}, web_length(web, i)};
        report->bridges++;
        report->bridged_length += web_length(web, i);
    }
    report->pieces_left_out = report->pieces - report->bridges - 1;
}

/* ---- the root ----------------------------------------------------------------------------- */

typedef struct ends {
    const trunk_web *web;
    const graph_links *links;
    const uint32_t *set;
    uint32_t piece;
    const st_liver *liver; /* or NULL */
    bool outside;          /* only ends outside the organ */
} ends;

static bool is_candidate(const ends *e, uint32_t node) {
    return e->set[node] == e->piece && web_degree(e->links, node) == 1 &&
           !(e->outside && trunk_is_inside(e->liver, e->web->point[node]));
}

static double radius_of(const ends *e, uint32_t end) {
    return e->web->link[e->links->at[e->links->begin[end]]].radius;
}

static double widest_of(const ends *e) {
    double widest = 0;
    for (uint32_t i = 0; i < e->web->n; i++)
        widest = is_candidate(e, i) ? fmax(widest, radius_of(e, i)) : widest;
    return widest;
}

/* How far a place lies from the hilum towards the coeliac trunk, mm. */
static double towards_aorta(const st_liver *liver, const st_parameters *parameters, vec p) {
    const vec way = {st_parameter_value(parameters, ST_P_COELIAC_LEFT),
                     st_parameter_value(parameters, ST_P_COELIAC_BEHIND),
                     -st_parameter_value(parameters, ST_P_COELIAC_BELOW)};
    return vec_dot(way, vec_sub(p, (vec){liver->hilum[0], liver->hilum[1], liver->hilum[2]}));
}

/* Of the ends that are nearly as wide as the widest, outside the organ where there are any, the one farthest towards
 * the aorta; without an organ the widest. */
static uint32_t find_root(ends e, const st_parameters *parameters) {
    e.outside = e.liver != NULL;
    double widest = widest_of(&e);
    if (widest <= 0) {
        e.outside = false;
        widest = widest_of(&e);
    }
    const double least = widest * st_parameter_value(parameters, ST_P_TRUNK_ROOT_WIDTH);
    uint32_t root = ST_NONE;
    double best = -INFINITY;
    for (uint32_t i = 0; i < e.web->n; i++) {
        if (!is_candidate(&e, i) || radius_of(&e, i) < least)
            continue;
        const double score = e.liver ? towards_aorta(e.liver, parameters, e.web->point[i]) : radius_of(&e, i);
        if (score > best) {
            best = score;
            root = i;
        }
    }
    return root;
}

/* ---- seen from the root -------------------------------------------------------------------- */

/* The nodes of the root's piece in depth-first order; the links that lead to them in the same order. */
static st_status renumber(const trunk_web *web, const graph_links *links, uint32_t root, trunk_web *rooted,
                          st_error *err) {
    typedef struct {
        uint32_t node, link, up;
    } step;
    step *stack = st_alloc(web->n, sizeof *stack, err);
    st_status status = stack ? web_init(rooted, web->n, web->n, err) : ST_MEMORY;
    if (status != ST_OK) {
        free(stack);
        return status;
    }
    uint32_t depth = 0, n = 0;
    stack[depth++] = (step){root, ST_NONE, ST_NONE};
    while (depth > 0) {
        const step s = stack[--depth];
        rooted->point[n] = web->point[s.node];
        rooted->width[n] = web->width[s.node];
        if (n > 0)
            rooted->link[n - 1] = (graph_vessel){.from = s.up, .to = n, .radius = web->link[s.link].radius};
        for (uint32_t k = links->begin[s.node + 1]; k-- > links->begin[s.node];)
            if (links->at[k] != s.link)
                stack[depth++] = (step){web_across(web, links->at[k], s.node), links->at[k], n};
        n++;
    }
    rooted->n = n;
    rooted->n_links = n - 1;
    rooted->voxel = web->voxel;
    free(stack);
    return ST_OK;
}

st_status web_root(trunk_web *web, const st_liver *liver, const st_parameters *parameters, st_trunk_report *report,
                   st_error *err) {
    const double tolerance = st_parameter_value(parameters, ST_P_ROOT_TOLERANCE);
    uint32_t *set = st_alloc(web->n, sizeof *set, err), chosen = ST_NONE;
    graph_links links = {0};
    trunk_web rooted = {0};
    st_status status = set ? web_links(web, &links, err) : ST_MEMORY;
    if (status == ST_OK) {
        web_sets(web, set);
        status = choose_piece(web, set, liver, tolerance, &chosen, report, err);
    }
    if (status == ST_OK) {
        const ends e = {.web = web, .links = &links, .set = set, .piece = chosen, .liver = liver};
        report_bridges(web, set, chosen, report);
        const bool given = web->first != ST_NONE && is_candidate(&e, web->first);
        status = renumber(web, &links, given ? web->first : find_root(e, parameters), &rooted, err);
    }
    graph_links_fini(&links);
    free(set);
    if (status != ST_OK)
        return status;
    web_fini(web);
    *web = rooted;
    return ST_OK;
}
