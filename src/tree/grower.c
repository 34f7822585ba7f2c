/* Room for a grower.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "grow_internal.h"

st_status grower_init(grower *g, uint32_t wanted, uint32_t extra, double exponent, st_error *err) {
    const uint32_t capacity = 2 * wanted + 2 + wanted / 16 + extra; /* a regrafted branch leaves a bend behind */
    g->wanted = wanted;
    g->capacity = capacity;
    g->exponent = exponent;
    g->parent = st_alloc(capacity, sizeof *g->parent, err);
    g->child = st_alloc(capacity, sizeof *g->child, err);
    g->count = st_alloc(capacity, sizeof *g->count, err);
    g->end = st_alloc(capacity, sizeof *g->end, err);
    g->kind = st_alloc(capacity, sizeof *g->kind, err);
    g->voxel = st_alloc(capacity, sizeof *g->voxel, err);
    g->start = st_alloc(ST_INLETS_MOST, sizeof *g->start, err);
    g->weight = st_alloc((size_t)wanted + 2, sizeof *g->weight, err);
    g->path = st_alloc(capacity, sizeof *g->path, err);
    g->path_age = st_alloc(capacity, sizeof *g->path_age, err);
    g->found = st_alloc(capacity, sizeof *g->found, err);
    g->spare = st_alloc(capacity, sizeof *g->spare, err);
    if (!g->parent || !g->child || !g->count || !g->end || !g->kind || !g->voxel || !g->start || !g->weight ||
        !g->path || !g->path_age || !g->found || !g->spare)
        return ST_MEMORY;
    for (uint32_t i = 0; i < wanted + 2; i++)
        g->weight[i] = pow(i, 2 / exponent);
    return ST_OK;
}

void grower_fini(grower *g) {
    free(g->parent);
    free(g->child);
    free(g->count);
    free(g->end);
    free(g->kind);
    free(g->voxel);
    free(g->start);
    free(g->pass);
    free(g->given);
    free(g->most);
    free(g->heavy);
    free(g->weight);
    free(g->path);
    free(g->path_age);
    free(g->found);
    free(g->spare);
    grow_index_fini(&g->index);
    *g = (grower){0};
}

bool grow_is_heavy(const grower *g, uint32_t vessel) {
    for (uint32_t k = 0; k < g->n_heavy; k++)
        if (g->heavy[k].vessel == vessel)
            return true;
    return false;
}

uint32_t grow_order(const grower *g, uint32_t *order) {
    uint32_t n = 0;
    for (uint32_t root = 0; root < g->n_roots; root++)
        if (g->count[root] > 0)
            order[n++] = root;
    for (uint32_t next = 0; next < n; next++)
        for (int i = 0; i < 2; i++)
            if (g->child[order[next]][i] != ST_NONE)
                order[n++] = g->child[order[next]][i];
    return n;
}
