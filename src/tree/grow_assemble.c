/* Trunk and territories as one tree, depth first.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "growth.h"

typedef struct assembly {
    growth *w;
    st_tree *tree;
    double flow; /* mm^3/s of one terminal */
    uint32_t n;
} assembly;

static float radius_of(const growth *w, uint32_t count) {
    return (float)(w->root_radius * pow((double)count / w->terminals, 1 / w->exponent));
}

/* The piece of a territory, whose root hangs on segment `parent`; the pieces of its feeders stand within it. */
static st_status add_piece(assembly *a, territory *t, uint32_t parent, st_error *err) {
    st_tree *tree = a->tree;
    const tree_piece *piece = &t->piece;
    uint32_t *place = st_alloc(piece->n, sizeof *place, err);
    st_status status = place ? ST_OK : ST_MEMORY;
    for (uint32_t k = 0; k < piece->n && status == ST_OK; k++) {
        const uint32_t i = a->n, on = piece->parent[k] == ST_NONE ? parent : place[piece->parent[k]];
        place[k] = i;
        if (piece->feeder[k] != NO_TERRITORY) {
            status = add_piece(a, &a->w->territory[piece->feeder[k]], on, err);
            continue;
        }
        a->n++;
        tree->parent[i] = on;
        memcpy(tree->proximal[i], tree->distal[on], sizeof tree->proximal[i]);
        memcpy(tree->distal[i], piece->end[k], sizeof tree->distal[i]);
        tree->radius[i] = radius_of(a->w, piece->count[k]);
        tree->lesion[i] = piece->lesion[k];
        if (k + 1 == piece->n || piece->parent[k + 1] != k) /* depth first: a child comes next */
            tree->demand[i] = a->flow;
    }
    free(place);
    tree_piece_fini(&t->piece);
    return status;
}

static void add_vessel(assembly *a, uint32_t vessel, uint32_t parent) {
    const growth *w = a->w;
    const grower *g = &w->coarse;
    st_tree *tree = a->tree;
    const uint32_t i = a->n++;
    const segment_ends s = grow_ends(g, vessel);
    tree->parent[i] = parent;
    vec_store(s.a, tree->proximal[i]);
    vec_store(s.b, tree->distal[i]);
    tree->measured[i] = w->options->trunk && (g->kind[vessel] == VESSEL_MEASURED || g->parent[vessel] == ST_NONE);
    tree->radius[i] = tree->measured[i] ? g->given[vessel] : radius_of(w, w->final[vessel]);
    if (grow_is_terminal(g, vessel)) {
        tree->demand[i] = a->flow;
        tree->lesion[i] = w->liver->lesion[g->voxel[vessel]];
    }
}

typedef struct step {
    uint32_t vessel, parent; /* of the coarse tree; segment of the tree */
} step;

static st_status walk(assembly *a, step *stack, st_error *err) {
    const grower *g = &a->w->coarse;
    size_t depth = 0;
    for (uint32_t root = g->n_roots; root-- > 0;)
        if (g->count[root] > 0)
            stack[depth++] = (step){root, ST_NONE};
    while (depth > 0) {
        const step s = stack[--depth];
        const uint16_t t = a->w->territory_of[s.vessel];
        if (t != NO_TERRITORY && !a->w->territory[t].closed) {
            const st_status status = add_piece(a, &a->w->territory[t], s.parent, err);
            if (status != ST_OK)
                return status;
            continue;
        }
        add_vessel(a, s.vessel, s.parent);
        uint32_t children[2];
        const uint32_t segment = a->n - 1, n = grow_larger_last(g, s.vessel, children);
        for (uint32_t k = 0; k < n; k++)
            stack[depth++] = (step){children[k], segment};
    }
    return ST_OK;
}

static uint32_t segments_of(const growth *w) {
    uint32_t n = 0;
    for (uint32_t k = 0; k < w->n_coarse; k++) {
        const uint16_t t = w->territory_of[w->order_of_coarse[k]];
        n += t == NO_TERRITORY || w->territory[t].closed;
    }
    for (uint16_t t = 0; t < w->n_territories; t++)
        n += w->territory[t].piece.n;
    return n;
}

st_status growth_assemble(growth *w, st_tree *tree, st_error *err) {
    step *stack = st_alloc((size_t)w->coarse.n + ST_INLETS_MOST, sizeof *stack, err);
    st_status status = stack ? st_tree_init(tree, segments_of(w), err) : ST_MEMORY;
    if (status == ST_OK) {
        memcpy(w->coarse.count, w->final, w->coarse.n * sizeof *w->final); /* the larger child comes first */
        assembly a = {.w = w, .tree = tree, .flow = w->inflow / w->terminals};
        status = walk(&a, stack, err);
        tree->n = a.n; /* a feeder's vessel stands in two pieces, and in the tree once */
        if (status == ST_OK)
            status = st_tree_finish(tree, err);
        if (status == ST_OK && tree->n_terminals != w->terminals) /* none may be lost without a word */
            status = st_fail(err, ST_NUMERIC, "the tree has %u terminals instead of %u; this is a defect of the growth",
                             tree->n_terminals, w->terminals);
    }
    free(stack);
    return status;
}
