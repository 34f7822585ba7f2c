/* Gaps between the pieces of a vessel are bridged.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "trunk_web.h"

enum { OFFERS = 4 }; /* bridges kept of one end, to different pieces */

typedef struct bridge {
    double cost, gap; /* mm */
    uint32_t from, to;
} bridge;

typedef struct placed {
    double x;
    uint32_t node;
} placed;

typedef struct joiner {
    const trunk_web *web;
    graph_links links;
    uint32_t *set;   /* [nodes] piece */
    placed *by_x;    /* [nodes] in the order of x */
    uint32_t *chain; /* [nodes] */
    vec *way;        /* [nodes] of an end: unit vector in which it points, 0 when it is too short to tell */
    bool *beside_end;
    bridge *offer; /* [n_offers] */
    uint32_t n_offers;
    double gap, cosine, reach; /* mm; reach: between places that may be bridged */
} joiner;

/* ---- which way an end points ---------------------------------------------------------- */

/* From a place as far back as the vessel is wide on both sides to the end. */
static vec way_of(const joiner *j, uint32_t end) {
    const trunk_web *web = j->web;
    const uint32_t n = web_chain(web, &j->links, end, j->chain);
    const vec tip = web->point[end];
    for (uint32_t i = 1; i < n; i++) {
        const double apart = vec_distance(tip, web->point[j->chain[i]]);
        if (apart >= 4 * web->width[end] || (i == n - 1 && apart > web->width[end]))
            return vec_scale(vec_sub(tip, web->point[j->chain[i]]), 1 / apart);
    }
    return (vec){0};
}

/* Near the end of its own piece a place is no side of a vessel: the end itself is bridged. */
static void mark_beside(joiner *j, uint32_t end) {
    const trunk_web *web = j->web;
    const uint32_t n = web_chain(web, &j->links, end, j->chain);
    for (uint32_t i = 1; i + 1 < n; i++)
        if (vec_distance(web->point[end], web->point[j->chain[i]]) < 2 * web->width[end])
            j->beside_end[j->chain[i]] = true;
}

static bool is_end(const joiner *j, uint32_t node) {
    return web_degree(&j->links, node) < 2;
}

/* ---- bridges on offer ------------------------------------------------------------------- */

/* Cosine between the way an end points and the bridge, which may go a voxel off its way for nothing; an end that points
 * nowhere goes anywhere. */
static double fit(const joiner *j, uint32_t end, vec along) {
    const vec way = j->way[end];
    if (!(vec_dot(way, way) > 0))
        return 1;
    const double ahead = vec_dot(way, along);
    const double aside = fmax(vec_length(vec_sub(along, vec_scale(way, ahead))) - j->web->voxel, 0);
    return ahead > 0 ? ahead / hypot(ahead, aside) : -1;
}

/* From an end of one piece to a place of another: between two ends both must fit; beside a vessel the gap ends at its
 * wall. False when it is too long or points elsewhere. */
static bool bridge_of(const joiner *j, uint32_t end, uint32_t place, bridge *b) {
    const trunk_web *web = j->web;
    const vec along = vec_sub(web->point[place], web->point[end]);
    const double apart = vec_length(along);
    double worst = apart > 0 ? fit(j, end, along) : 1;
    if (is_end(j, place) && apart > 0)
        worst = fmin(worst, fit(j, place, vec_scale(along, -1)));
    const double gap = is_end(j, place) ? apart : fmax(apart - web->width[place], 0);
    *b = (bridge){gap * (2 - worst), gap, end, place};
    return gap <= j->gap && worst >= j->cosine;
}

static bool is_before(const bridge *a, const bridge *b) {
    if (a->cost != b->cost)
        return a->cost < b->cost;
    return a->from != b->from ? a->from < b->from : a->to < b->to;
}

/* Keeps the best of an end's offers in their order, one per piece. */
static void keep_offer(const joiner *j, bridge offer[OFFERS], uint32_t *n, const bridge *b) {
    uint32_t at = 0;
    while (at < *n && j->set[offer[at].to] != j->set[b->to])
        at++;
    if (at == OFFERS)
        at--; /* in place of the worst */
    if (at == *n)
        (*n)++;
    else if (!is_before(b, &offer[at]))
        return;
    offer[at] = *b;
    for (; at > 0 && is_before(&offer[at], &offer[at - 1]); at--) {
        const bridge other = offer[at - 1];
        offer[at - 1] = offer[at];
        offer[at] = other;
    }
}

static int by_x(const void *a, const void *b) {
    const placed *p = a, *q = b;
    if (p->x != q->x)
        return p->x > q->x ? 1 : -1;
    return (p->node > q->node) - (p->node < q->node);
}

/* The first in the order of x that is not before `x`. */
static uint32_t first_at(const joiner *j, double x) {
    uint32_t low = 0, high = j->web->n;
    while (low < high) {
        const uint32_t middle = low + (high - low) / 2;
        if (j->by_x[middle].x < x)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void make_offers(joiner *j, uint32_t end) {
    const trunk_web *web = j->web;
    const double x = web->point[end].x;
    uint32_t n = 0;
    bridge b;
    for (uint32_t k = first_at(j, x - j->reach); k < web->n && j->by_x[k].x <= x + j->reach; k++) {
        const uint32_t place = j->by_x[k].node;
        if (j->set[place] != j->set[end] && !j->beside_end[place] && bridge_of(j, end, place, &b))
            keep_offer(j, j->offer + j->n_offers, &n, &b);
    }
    j->n_offers += n;
}

/* ---- bridges built ---------------------------------------------------------------------- */

static int cheapest_first(const void *a, const void *b) {
    return is_before(a, b) ? -1 : is_before(b, a);
}

/* Radius of the vessel at an end. A place without a vessel is a voxel or two: its centre is half of one from the wall.
 */
static double radius_at(const joiner *j, uint32_t node) {
    const trunk_web *web = j->web;
    const uint32_t degree = web_degree(&j->links, node);
    if (degree == 0)
        return fmax(web->width[node] - 0.5 * web->voxel, 0.5 * web->voxel);
    return degree == 1 ? web->link[j->links.at[j->links.begin[node]]].radius : web->width[node];
}

static void build(const joiner *j, trunk_web *web, const bridge *b) {
    web->n_bridges++;
    web->link[web->n_links++] =
        (graph_vessel){.from = b->from, .to = b->to, .radius = fmin(radius_at(j, b->from), radius_at(j, b->to))};
}

static st_status joiner_init(joiner *j, const trunk_web *web, const st_parameters *parameters, st_error *err) {
    *j = (joiner){.web = web,
                  .set = st_alloc(web->n, sizeof *j->set, err),
                  .by_x = st_alloc(web->n, sizeof *j->by_x, err),
                  .chain = st_alloc(web->n, sizeof *j->chain, err),
                  .way = st_alloc(web->n, sizeof *j->way, err),
                  .gap = st_parameter_value(parameters, ST_P_TRUNK_GAP),
                  .cosine = st_parameter_value(parameters, ST_P_TRUNK_GAP_COSINE)};
    j->beside_end = st_alloc(web->n, sizeof *j->beside_end, err);
    if (!j->beside_end || !j->set || !j->by_x || !j->chain || !j->way)
        return ST_MEMORY;
    const st_status status = web_links(web, &j->links, err);
    if (status != ST_OK)
        return status;
    size_t ends = 0;
    double widest = 0;
    for (uint32_t i = 0; i < web->n; i++) {
        j->by_x[i] = (placed){web->point[i].x, i};
        ends += is_end(j, i);
        widest = fmax(widest, web->width[i]);
    }
    qsort(j->by_x, web->n, sizeof *j->by_x, by_x);
    web_sets(web, j->set);
    j->reach = j->gap + widest;
    j->offer = st_alloc(ends, OFFERS * sizeof *j->offer, err);
    return j->offer ? ST_OK : ST_MEMORY;
}

static void joiner_fini(joiner *j) {
    graph_links_fini(&j->links);
    free(j->set);
    free(j->by_x);
    free(j->chain);
    free(j->way);
    free(j->beside_end);
    free(j->offer);
}

st_status web_join(trunk_web *web, const st_parameters *parameters, st_trunk_report *report, st_error *err) {
    joiner j;
    st_status status = joiner_init(&j, web, parameters, err);
    if (status == ST_OK) {
        for (uint32_t i = 0; i < web->n; i++)
            report->pieces += j.set[i] == i;
        for (uint32_t i = 0; i < web->n; i++)
            if (is_end(&j, i)) {
                j.way[i] = way_of(&j, i);
                mark_beside(&j, i);
            }
        for (uint32_t i = 0; i < web->n; i++)
            if (is_end(&j, i))
                make_offers(&j, i);
        if (j.n_offers > 0)
            qsort(j.offer, j.n_offers, sizeof *j.offer, cheapest_first);
        for (uint32_t i = 0; i < j.n_offers; i++)
            if (web_set_join(j.set, j.offer[i].from, j.offer[i].to))
                build(&j, web, &j.offer[i]);
    }
    joiner_fini(&j);
    return status;
}
