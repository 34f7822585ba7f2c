/* From lines of voxels to courses of vessels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "trunk_mask.h"

/* ---- spurs -------------------------------------------------------------------------------------- */

/* mm along the first n nodes of a chain. */
static double chain_length(const trunk_web *web, const uint32_t *chain, uint32_t n) {
    double length = 0;
    for (uint32_t i = 1; i < n; i++)
        length += vec_distance(web->point[chain[i]], web->point[chain[i - 1]]);
    return length;
}

typedef struct spur {
    double length;
    uint32_t end;
} spur;

typedef struct pruner {
    graph_links links;
    uint32_t *chain, *degree; /* [nodes] */
    spur *found;              /* [nodes] */
    bool *keep;               /* [nodes] */
} pruner;

static int shortest_first(const void *a, const void *b) {
    const spur *p = a, *q = b;
    if (p->length != q->length)
        return p->length > q->length ? 1 : -1;
    return (p->end > q->end) - (p->end < q->end);
}

/* Side branches that come out of the wall of their parent by less than the parent's radius and a voxel; the width of a
 * course of voxels is half a voxel more than its radius. */
static uint32_t find_spurs(const trunk_web *web, pruner *p) {
    uint32_t found = 0;
    for (uint32_t i = 0; i < web->n; i++) {
        p->degree[i] = web_degree(&p->links, i);
        p->keep[i] = true;
        if (p->degree[i] != 1)
            continue;
        const uint32_t n = web_chain(web, &p->links, i, p->chain), joint = p->chain[n - 1];
        const double length = chain_length(web, p->chain, n);
        if (web_degree(&p->links, joint) > 2 && length < 2 * web->width[joint])
            p->found[found++] = (spur){length, i};
    }
    if (found > 0)
        qsort(p->found, found, sizeof *p->found, shortest_first);
    return found;
}

/* Where both branches of a fork are spurs the shorter goes, and with it the fork: the other is looked at again. */
static bool take_off(const trunk_web *web, pruner *p, const spur *s, st_trunk_report *report) {
    const uint32_t n = web_chain(web, &p->links, s->end, p->chain), joint = p->chain[n - 1];
    if (p->degree[joint] < 3)
        return false;
    for (uint32_t i = 0; i + 1 < n; i++)
        p->keep[p->chain[i]] = false;
    p->degree[joint]--;
    report->spurs++;
    report->spur_length += s->length;
    return true;
}

static st_status prune_round(trunk_web *web, pruner *p, bool *any, st_trunk_report *report, st_error *err) {
    *any = false;
    st_status status = web_links(web, &p->links, err);
    if (status == ST_OK) {
        const uint32_t found = find_spurs(web, p);
        for (uint32_t i = 0; i < found; i++)
            *any = take_off(web, p, &p->found[i], report) || *any;
        status = web_keep(web, p->keep, err);
    }
    graph_links_fini(&p->links);
    return status;
}

st_status course_prune(trunk_web *web, st_trunk_report *report, st_error *err) {
    pruner p = {.chain = st_alloc(web->n, sizeof *p.chain, err),
                .degree = st_alloc(web->n, sizeof *p.degree, err),
                .found = st_alloc(web->n, sizeof *p.found, err),
                .keep = st_alloc(web->n, sizeof *p.keep, err)};
    bool any = true;
    st_status status = p.chain && p.degree && p.found && p.keep ? ST_OK : ST_MEMORY;
    while (status == ST_OK && any)
        status = prune_round(web, &p, &any, report, err);
    free(p.chain);
    free(p.degree);
    free(p.found);
    free(p.keep);
    return status;
}

/* ---- smooth ------------------------------------------------------------------------------------- */

/* Two steps, towards the neighbours' mean and back by a little more, that take away what goes to and fro within a few
 * nodes and leave long bends as they are (Taubin 1995, SIGGRAPH: pass band 0.1). */
static const double TOWARDS = 0.5, BACK = -0.526;
enum { ROUNDS = 20 };

static void relax(trunk_web *web, const graph_links *links, double share, vec *moved) {
    for (uint32_t i = 0; i < web->n; i++) {
        const uint32_t degree = web_degree(links, i);
        vec sum = {0};
        for (uint32_t k = links->begin[i]; k < links->begin[i + 1]; k++)
            sum = vec_add(sum, web->point[web_across(web, links->at[k], i)]);
        moved[i] = degree < 2 ? web->point[i] : vec_along(web->point[i], vec_scale(sum, 1.0 / degree), share);
    }
    for (uint32_t i = 0; i < web->n; i++)
        web->point[i] = moved[i];
}

st_status course_smooth(trunk_web *web, st_error *err) {
    graph_links links = {0};
    vec *moved = st_alloc(web->n, sizeof *moved, err);
    const st_status status = moved ? web_links(web, &links, err) : ST_MEMORY;
    for (int i = 0; i < ROUNDS && status == ST_OK; i++) {
        relax(web, &links, TOWARDS, moved);
        relax(web, &links, BACK, moved);
    }
    graph_links_fini(&links);
    free(moved);
    return status;
}

/* ---- straight tips -------------------------------------------------------------------------------- */

/* Up to where the label ends, but no farther than `most`. */
static vec extend(const trunk_mask *mask, vec from, vec way, double most) {
    const double step = 0.125 * mask->side;
    double length = 0;
    while (length < most && mask_holds(mask, vec_add(from, vec_scale(way, length + step))))
        length += step;
    return vec_add(from, vec_scale(way, length));
}

/* The first node of a chain that is as far from the tip as the vessel is wide there; the tip's voxel lies anywhere on
 * the rounded or cut end of the vessel. */
static uint32_t first_clear(const trunk_web *web, const uint32_t *chain, uint32_t n) {
    uint32_t i = 1;
    while (i < n && vec_distance(web->point[chain[0]], web->point[chain[i]]) < web->width[chain[i]])
        i++;
    return i;
}

/* The direction is taken between there and as far back again. */
static void straighten(trunk_web *web, const trunk_mask *mask, const uint32_t *chain, uint32_t n, bool *keep) {
    const uint32_t i = first_clear(web, chain, n);
    uint32_t j = i + 1;
    while (j + 1 < n && vec_distance(web->point[chain[i]], web->point[chain[j]]) < 2 * web->width[chain[i]])
        j++;
    if (j + 1 >= n || !keep[chain[j]]) /* there the other end was straightened */
        return;
    const vec from = web->point[chain[i]], back = vec_sub(from, web->point[chain[j]]);
    const double reach = vec_distance(from, web->point[chain[0]]) + 0.5 * mask->side;
    for (uint32_t k = 1; k < i; k++)
        keep[chain[k]] = false;
    web->point[chain[0]] = extend(mask, from, vec_scale(back, 1 / vec_length(back)), reach);
    if (i > 1)
        web->link[web->n_links++] = (graph_vessel){.from = chain[0], .to = chain[i]};
}

st_status course_straighten_ends(trunk_web *web, const trunk_mask *mask, st_error *err) {
    graph_links links = {0};
    uint32_t *chain = st_alloc(web->n, sizeof *chain, err);
    bool *keep = st_alloc(web->n, sizeof *keep, err);
    st_status status = chain && keep ? web_links(web, &links, err) : ST_MEMORY;
    if (status == ST_OK) {
        for (uint32_t i = 0; i < web->n; i++)
            keep[i] = true;
        for (uint32_t i = 0; i < web->n; i++)
            if (web_degree(&links, i) == 1 && keep[i])
                straighten(web, mask, chain, web_chain(web, &links, i, chain), keep);
        status = web_keep(web, keep, err);
    }
    graph_links_fini(&links);
    free(chain);
    free(keep);
    return status;
}
