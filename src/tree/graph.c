/* From nodes and vessels to a tree: a walk from the roots.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "graph.h"
#include "measure_internal.h"

#include <stdlib.h>

void graph_links_fini(graph_links *l) {
    free(l->begin);
    free(l->at);
}

st_status graph_links_init(graph_links *l, const graph *g, st_error *err) {
    const size_t n = g->n_nodes;
    l->begin = st_alloc(n + 1, sizeof *l->begin, err);
    l->at = st_alloc(2 * (size_t)g->n_vessels, sizeof *l->at, err);
    if (!l->begin || !l->at)
        return ST_MEMORY;
    for (uint32_t v = 0; v < g->n_vessels; v++) {
        l->begin[g->vessel[v].from + 1]++;
        l->begin[g->vessel[v].to + 1]++;
    }
    for (size_t i = 0; i < n; i++)
        l->begin[i + 1] += l->begin[i];
    for (uint32_t v = 0; v < g->n_vessels; v++) {
        l->at[l->begin[g->vessel[v].from]++] = v;
        l->at[l->begin[g->vessel[v].to]++] = v;
    }
    for (size_t i = n; i > 0; i--) /* filing moved each beginning to its end */
        l->begin[i] = l->begin[i - 1];
    l->begin[0] = 0;
    return ST_OK;
}

/* ---- the walk from the roots ---------------------------------------------------- */

typedef struct step {
    uint32_t vessel, from, parent; /* node it is entered from, segment before it */
} step;

typedef struct walk {
    const graph *g;
    const graph_links *l;
    st_tree *tree;
    step *stack;
    size_t depth;
    bool *reached;    /* [nodes] */
    uint32_t *before; /* [nodes] node it was reached from */
    uint32_t made;
} walk;

static void push_vessels(walk *w, uint32_t node, uint32_t parent, uint32_t came_by) {
    for (uint32_t k = w->l->begin[node + 1]; k-- > w->l->begin[node];) /* the first of them comes off first */
        if (w->l->at[k] != came_by)
            w->stack[w->depth++] = (step){w->l->at[k], node, parent};
}

static void make_segment(walk *w, const step *s, uint32_t to) {
    const graph *g = w->g;
    const graph_vessel *v = &g->vessel[s->vessel];
    st_tree *tree = w->tree;
    const uint32_t i = w->made++;
    tree->parent[i] = s->parent;
    tree->radius[i] = (float)v->radius;
    for (int k = 0; k < 3; k++) {
        tree->proximal[i][k] = (float)g->point[3 * (size_t)s->from + (size_t)k];
        tree->distal[i][k] = (float)g->point[3 * (size_t)to + (size_t)k];
    }
    tree->demand[i] = v->demand;
    tree->lesion[i] = v->lesion;
    tree->measured[i] = v->measured;
}

static st_status walk_from(walk *w, uint32_t root, st_error *err) {
    w->reached[root] = true;
    w->before[root] = ST_NONE;
    push_vessels(w, root, ST_NONE, ST_NONE);
    while (w->depth > 0) {
        const step s = w->stack[--w->depth];
        const graph_vessel *v = &w->g->vessel[s.vessel];
        const uint32_t to = v->from == s.from ? v->to : v->from;
        if (w->reached[to]) {
            if (w->before[to] == s.from || w->before[s.from] == to)
                continue; /* the same step of another line: centrelines repeat their common part */
            const double *p = w->g->point + 3 * (size_t)to;
            return st_fail_at(err, ST_FORMAT, w->g->name, 0, 0,
                              "the vessels form a loop that closes at %g, %g, %g; a tree is wanted", p[0], p[1], p[2]);
        }
        w->reached[to] = true;
        w->before[to] = s.from;
        make_segment(w, &s, to);
        push_vessels(w, to, w->made - 1, s.vessel);
    }
    return ST_OK;
}

typedef struct root {
    double radius;
    uint32_t node;
} root;

static int widest_first(const void *a, const void *b) {
    const root *x = a, *y = b;
    if (x->radius != y->radius)
        return x->radius < y->radius ? 1 : -1;
    return (x->node > y->node) - (x->node < y->node);
}

/* Where lines begin and none ends, the widest first; the ends of reversed lines are reached before their turn comes. */
static st_status walk_all(walk *w, st_error *err) {
    const graph *g = w->g;
    const size_t n = g->n_nodes;
    bool *entered = st_alloc(n, sizeof *entered, err);
    root *roots = st_alloc(n, sizeof *roots, err);
    size_t n_roots = 0;
    st_status status = entered && roots ? ST_OK : ST_MEMORY;
    for (uint32_t v = 0; v < g->n_vessels && status == ST_OK; v++)
        entered[g->vessel[v].to] = true;
    for (uint32_t i = 0; i < n && status == ST_OK; i++)
        if (!entered[i] && w->l->begin[i + 1] > w->l->begin[i])
            roots[n_roots++] = (root){g->vessel[w->l->at[w->l->begin[i]]].radius, i};
    if (status == ST_OK && n_roots > 0)
        qsort(roots, n_roots, sizeof *roots, widest_first);
    for (size_t i = 0; i < n_roots && status == ST_OK; i++)
        if (!w->reached[roots[i].node])
            status = walk_from(w, roots[i].node, err);
    for (uint32_t i = 0; i < n && status == ST_OK; i++)
        if (!w->reached[i] && w->l->begin[i + 1] > w->l->begin[i])
            status = st_fail_at(err, ST_FORMAT, g->name, 0, 0,
                                "some vessels form a loop that no line enters; a tree is wanted");
    free(entered);
    free(roots);
    return status;
}

static st_status walk_init(walk *w, const graph *g, const graph_links *l, st_tree *tree, st_error *err) {
    *w = (walk){.g = g,
                .l = l,
                .tree = tree,
                .stack = st_alloc(2 * (size_t)g->n_vessels, sizeof *w->stack, err),
                .reached = st_alloc(g->n_nodes, sizeof *w->reached, err),
                .before = st_alloc(g->n_nodes, sizeof *w->before, err)};
    return w->stack && w->reached && w->before ? ST_OK : ST_MEMORY;
}

st_status tree_from_graph(const graph *g, st_tree *tree, st_error *err) {
    graph_links l = {0};
    walk w = {0};
    st_status status = st_tree_init(tree, g->n_vessels, err);
    if (status == ST_OK)
        status = graph_links_init(&l, g, err);
    if (status == ST_OK)
        status = walk_init(&w, g, &l, tree, err);
    if (status == ST_OK)
        status = walk_all(&w, err);
    free(w.stack);
    free(w.reached);
    free(w.before);
    graph_links_fini(&l);
    if (status == ST_OK) {
        tree->n = w.made; /* repeated steps made none */
        tree->reading.no_length = g->no_length;
        tree_note_imbalance(tree);
        status = st_tree_finish(tree, err);
    }
    if (status != ST_OK)
        st_tree_fini(tree);
    return status;
}

/* An edge that no root leads to is a loop and was refused, so that one which made no segment is there twice. */
st_status tree_from_edges(const graph *g, st_tree *tree, st_error *err) {
    for (uint32_t v = 0; v < g->n_vessels; v++) {
        const double *a = g->point + 3 * (size_t)g->vessel[v].from, *b = g->point + 3 * (size_t)g->vessel[v].to;
        if (graph_same_place(a, b))
            return st_fail_at(err, ST_FORMAT, g->name, 0, 0,
                              "a vessel begins and ends in one place, %g, %g, %g; a length above 0 is right", a[0],
                              a[1], a[2]);
    }
    const st_status status = tree_from_graph(g, tree, err);
    if (status != ST_OK || tree->n == g->n_vessels)
        return status;
    st_tree_fini(tree);
    return st_fail_at(err, ST_FORMAT, g->name, 0, 0, "two vessels join the same two nodes; a tree is wanted");
}
