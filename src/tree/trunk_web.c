/* Places and the vessels between them: room, neighbours, pieces.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "trunk_web.h"

#include <stdlib.h>
#include <string.h>

st_status web_init(trunk_web *web, size_t n, size_t links, st_error *err) {
    *web = (trunk_web){.first = ST_NONE};
    if (n >= UINT32_MAX / 4 || links >= UINT32_MAX / 4)
        return st_fail(err, ST_VALUE, "the vessels have %zu places; up to %u are taken", n > links ? n : links,
                       UINT32_MAX / 4 - 1);
    web->n = (uint32_t)n;
    web->point = st_alloc(n, sizeof *web->point, err);
    web->width = st_alloc(n, sizeof *web->width, err);
    web->link = st_alloc(links + n, sizeof *web->link, err);
    if (web->point && web->width && web->link)
        return ST_OK;
    web_fini(web);
    return ST_MEMORY;
}

void web_fini(trunk_web *web) {
    free(web->point);
    free(web->width);
    free(web->link);
    *web = (trunk_web){0};
}

st_status web_links(const trunk_web *web, graph_links *links, st_error *err) {
    const graph g = {.n_nodes = web->n, .n_vessels = web->n_links, .vessel = web->link};
    return graph_links_init(links, &g, err);
}

uint32_t web_chain(const trunk_web *web, const graph_links *links, uint32_t end, uint32_t *chain) {
    uint32_t n = 0, came_by = ST_NONE;
    for (uint32_t node = end;;) {
        chain[n++] = node;
        const uint32_t degree = web_degree(links, node), begin = links->begin[node];
        if (degree == 0 || (n > 1 && degree != 2))
            return n;
        came_by = links->at[begin] == came_by ? links->at[begin + 1] : links->at[begin];
        node = web_across(web, came_by, node);
    }
}

st_status web_keep(trunk_web *web, const bool *keep, st_error *err) {
    uint32_t *number = st_alloc(web->n, sizeof *number, err);
    if (!number)
        return ST_MEMORY;
    uint32_t n = 0, n_links = 0;
    for (uint32_t i = 0; i < web->n; i++) {
        number[i] = keep[i] ? n : ST_NONE;
        if (!keep[i])
            continue;
        web->point[n] = web->point[i];
        web->width[n++] = web->width[i];
    }
    for (uint32_t i = 0; i < web->n_links; i++) {
        graph_vessel link = web->link[i];
        if (!keep[link.from] || !keep[link.to])
            continue;
        link.from = number[link.from];
        link.to = number[link.to];
        web->link[n_links++] = link;
    }
    web->n = n;
    web->n_links = n_links;
    web->first = web->first == ST_NONE ? ST_NONE : number[web->first];
    free(number);
    return ST_OK;
}

uint32_t web_set_of(uint32_t *set, uint32_t i) {
    while (set[i] != i) {
        set[i] = set[set[i]];
        i = set[i];
    }
    return i;
}

bool web_set_join(uint32_t *set, uint32_t i, uint32_t j) {
    i = web_set_of(set, i);
    j = web_set_of(set, j);
    if (i == j)
        return false;
    set[i > j ? i : j] = i > j ? j : i;
    return true;
}

void web_sets(const trunk_web *web, uint32_t *set) {
    for (uint32_t i = 0; i < web->n; i++)
        set[i] = i;
    for (uint32_t i = 0; i < web->n_links; i++)
        web_set_join(set, web->link[i].from, web->link[i].to);
    for (uint32_t i = 0; i < web->n; i++)
        set[i] = web_set_of(set, i);
}

/* ---- nodes at one place ----------------------------------------------------------------- */

static const double SAME = 1e-3; /* mm: no image and no file means more than that */

typedef struct cell {
    double at[3];
    uint32_t node;
} cell;

static int by_cell(const void *a, const void *b) {
    const cell *p = a, *q = b;
    for (int k = 0; k < 3; k++)
        if (p->at[k] != q->at[k])
            return p->at[k] > q->at[k] ? 1 : -1;
    return (p->node > q->node) - (p->node < q->node);
}

static void find_doubles(trunk_web *web, cell *c, uint32_t *set) {
    for (uint32_t i = 0; i < web->n; i++) {
        vec *p = &web->point[i];
        *p = (vec){(double)(float)p->x, (double)(float)p->y, (double)(float)p->z};
        c[i] = (cell){{round(p->x / SAME), round(p->y / SAME), round(p->z / SAME)}, i};
        set[i] = i;
    }
    if (web->n > 0)
        qsort(c, web->n, sizeof *c, by_cell);
    for (uint32_t i = 1; i < web->n; i++)
        if (memcmp(c[i].at, c[i - 1].at, sizeof c[i].at) == 0)
            web_set_join(set, c[i].node, c[i - 1].node);
    for (uint32_t i = 0; i < web->n_links; i++)
        if (web_length(web, i) < SAME)
            web_set_join(set, web->link[i].from, web->link[i].to);
}

static void move_links(trunk_web *web, uint32_t *set) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < web->n_links; i++) {
        graph_vessel link = web->link[i];
        link.from = web_set_of(set, link.from);
        link.to = web_set_of(set, link.to);
        if (link.from != link.to)
            web->link[n++] = link;
    }
    web->n_links = n;
    web->first = web->first == ST_NONE ? ST_NONE : web_set_of(set, web->first);
}

st_status web_merge(trunk_web *web, st_error *err) {
    cell *c = st_alloc(web->n, sizeof *c, err);
    uint32_t *set = st_alloc(web->n, sizeof *set, err);
    bool *keep = st_alloc(web->n, sizeof *keep, err);
    st_status status = c && set && keep ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        find_doubles(web, c, set);
        for (uint32_t i = 0; i < web->n; i++) {
            const uint32_t one = web_set_of(set, i);
            keep[one] = true;
            web->width[one] = fmax(web->width[one], web->width[i]);
        }
        move_links(web, set);
        status = web_keep(web, keep, err);
    }
    free(c);
    free(set);
    free(keep);
    return status;
}
