/* Rings of vessels are cut where they are narrowest.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "trunk_web.h"

#include <stdlib.h>

/* ---- the widest spanning forest ------------------------------------------------------ */

typedef struct ranked_link {
    double width, length;
    uint32_t index;
} ranked_link;

static int widest_first(const void *a, const void *b) {
    const ranked_link *x = a, *y = b;
    if (x->width != y->width)
        return x->width < y->width ? 1 : -1;
    if (x->length != y->length)
        return x->length > y->length ? 1 : -1;
    return (x->index > y->index) - (x->index < y->index);
}

/* Brings the links of the forest to the front, in their order of width; the others stand behind them. */
static st_status span(trunk_web *web, uint32_t *held, st_error *err) {
    const uint32_t m = web->n_links;
    ranked_link *rank = st_alloc(m, sizeof *rank, err);
    graph_vessel *link = st_alloc(m, sizeof *link, err);
    uint32_t *set = st_alloc(web->n, sizeof *set, err);
    const st_status status = rank && link && set ? ST_OK : ST_MEMORY;
    *held = 0;
    if (status == ST_OK) {
        for (uint32_t i = 0; i < m; i++) {
            const graph_vessel *v = &web->link[i];
            rank[i] = (ranked_link){fmin(web->width[v->from], web->width[v->to]), web_length(web, i), i};
        }
        if (m > 0)
            qsort(rank, m, sizeof *rank, widest_first);
        for (uint32_t i = 0; i < web->n; i++)
            set[i] = i;
        uint32_t left = m;
        for (uint32_t i = 0; i < m; i++) {
            const graph_vessel v = web->link[rank[i].index];
            link[web_set_join(set, v.from, v.to) ? (*held)++ : --left] = v;
        }
        for (uint32_t i = 0; i < m; i++)
            web->link[i] = link[i];
    }
    free(rank);
    free(link);
    free(set);
    return status;
}

/* ---- the rings that the other links close ------------------------------------------- */

typedef struct forest {
    const trunk_web *web; /* its links are those of the forest */
    graph_links links;
    uint32_t *up;     /* [nodes] towards the first node of the piece, ST_NONE there */
    uint32_t *depth;  /* [nodes] steps to it */
    uint32_t *queue;  /* [nodes] */
    uint32_t *degree; /* [nodes] links left */
    bool *keep;       /* [nodes] */
} forest;

static void forest_walk(forest *f) {
    const trunk_web *web = f->web;
    const graph_links *links = &f->links;
    for (uint32_t start = 0; start < web->n; start++) {
        if (f->keep[start])
            continue;
        uint32_t head = 0, tail = 0;
        f->keep[start] = true;
        f->up[start] = ST_NONE;
        f->queue[tail++] = start;
        while (head < tail) {
            const uint32_t node = f->queue[head++];
            for (uint32_t k = links->begin[node]; k < links->begin[node + 1]; k++) {
                const uint32_t next = web_across(web, links->at[k], node);
                if (f->keep[next])
                    continue;
                f->keep[next] = true;
                f->up[next] = node;
                f->depth[next] = f->depth[node] + 1;
                f->queue[tail++] = next;
            }
        }
    }
}

typedef struct ring {
    double length, widest;
    uint32_t nodes;
} ring;

/* Up from both ends of the link until the ways meet. */
static ring ring_of(const forest *f, const graph_vessel *link) {
    const trunk_web *web = f->web;
    uint32_t a = link->from, b = link->to;
    ring r = {vec_distance(web->point[a], web->point[b]), fmax(web->width[a], web->width[b]), 1};
    while (a != b) {
        uint32_t *deeper = f->depth[a] >= f->depth[b] ? &a : &b;
        const uint32_t up = f->up[*deeper];
        r.length += vec_distance(web->point[*deeper], web->point[up]);
        r.widest = fmax(r.widest, web->width[up]);
        r.nodes++;
        *deeper = up;
    }
    return r;
}

/* Two links between the same places are one vessel told twice. */
static bool is_loop(const trunk_web *web, const ring *r) {
    enum { VOXELS_LEAST = 6 }; /* fewer touch each other across */
    if (web->voxel > 0)
        return r->nodes >= VOXELS_LEAST && r->length > 2 * M_PI * (r->widest + web->voxel);
    return r->nodes > 2;
}

/* ---- the cut ---------------------------------------------------------------------------- */

/* The one neighbour that is left of a node that has one. */
static uint32_t neighbour(const forest *f, uint32_t node) {
    for (uint32_t k = f->links.begin[node]; k < f->links.begin[node + 1]; k++) {
        const uint32_t other = web_across(f->web, f->links.at[k], node);
        if (f->keep[other])
            return other;
    }
    return ST_NONE;
}

/* Takes off the nodes from an end on that are nearer to the cut than their width and a voxel. */
static void trim(forest *f, uint32_t end, vec cut) {
    uint32_t node = end;
    while (f->keep[node] && f->degree[node] == 1 &&
           vec_distance(f->web->point[node], cut) < f->web->width[node] + f->web->voxel) {
        const uint32_t next = neighbour(f, node);
        f->keep[node] = false;
        f->degree[next]--;
        node = next;
    }
}

static void cut(forest *f, const graph_vessel *link, st_trunk_report *report) {
    const ring r = ring_of(f, link);
    if (!is_loop(f->web, &r))
        return;
    const vec middle = vec_along(f->web->point[link->from], f->web->point[link->to], 0.5);
    if (report->loops < ST_TRUNK_PLACES_MOST)
        report->loop[report->loops] = (st_trunk_place){{middle.x, middle.y, middle.z}, r.length};
    report->loops++;
    trim(f, link->from, middle);
    trim(f, link->to, middle);
}

static st_status forest_init(forest *f, const trunk_web *web, st_error *err) {
    *f = (forest){.web = web,
                  .up = st_alloc(web->n, sizeof *f->up, err),
                  .depth = st_alloc(web->n, sizeof *f->depth, err),
                  .queue = st_alloc(web->n, sizeof *f->queue, err),
                  .degree = st_alloc(web->n, sizeof *f->degree, err),
                  .keep = st_alloc(web->n, sizeof *f->keep, err)};
    st_status status = f->up && f->depth && f->queue && f->degree && f->keep ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        status = web_links(web, &f->links, err);
    if (status == ST_OK)
        forest_walk(f);
    for (uint32_t i = 0; i < web->n && status == ST_OK; i++)
        f->degree[i] = web_degree(&f->links, i);
    return status;
}

static void forest_fini(forest *f) {
    graph_links_fini(&f->links);
    free(f->up);
    free(f->depth);
    free(f->queue);
    free(f->degree);
    free(f->keep);
}

st_status web_cut_loops(trunk_web *web, st_trunk_report *report, st_error *err) {
    const uint32_t all = web->n_links;
    uint32_t held;
    st_status status = span(web, &held, err);
    if (status != ST_OK || held == all)
        return status;
    forest f;
    web->n_links = held;
    status = forest_init(&f, web, err);
    for (uint32_t i = held; i < all && status == ST_OK; i++)
        cut(&f, &web->link[i], report);
    if (status == ST_OK)
        status = web_keep(web, f.keep, err);
    forest_fini(&f);
    return status;
}
