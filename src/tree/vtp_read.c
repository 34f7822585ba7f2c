/* A tree from the lines of a .vtp: points with the same place are one node, each step of a line is a vessel.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stasis/units.h>
#include <stdlib.h>
#include <string.h>

#include "vtp.h"

static const size_t FILE_LIMIT = (size_t)4 << 30;

typedef struct vessel {
    uint32_t from, to; /* nodes */
    uint32_t line;
    double radius;
} vessel;

typedef struct graph {
    const char *name;
    uint64_t n_points, n_lines, n_steps;
    double *point, *radius, *offset, *connectivity, *flow, *lesion; /* as in the file; the last two may be NULL */
    uint32_t *node;                                                 /* [n_points] first point at the same place */
    vessel *vessel;                                                 /* [n_vessels] */
    uint32_t n_vessels;
    uint32_t *begin; /* [n_points + 1] vessels at each node */
    uint32_t *at;    /* [2 n_vessels] ascending */
} graph;

static void graph_fini(graph *g) {
    free(g->point);
    free(g->radius);
    free(g->offset);
    free(g->connectivity);
    free(g->flow);
    free(g->lesion);
    free(g->node);
    free(g->vessel);
    free(g->begin);
    free(g->at);
}

static st_status refuse(const graph *g, st_error *err, const char *what) {
    return st_fail_at(err, ST_FORMAT, g->name, 0, 0, "%s", what);
}

/* ---- arrays --------------------------------------------------------------- */

static st_status require(const vtp_file *file, const char *section, const char *name, uint64_t n, double **value,
                         st_error *err) {
    const vtp_array *array = vtp_find(file, section, name);
    if (!array)
        return st_fail_at(err, ST_FORMAT, file->name, 0, 0, "there is no array %s%s%s", section, name ? "/" : "",
                          name ? name : "");
    return vtp_values(file, array, n, value, err);
}

/* A cell array of the lines, NULL when absent: vertices come first in the file. */
static st_status optional_cells(const vtp_file *file, const char *name, double **value, st_error *err) {
    const vtp_array *array = vtp_find(file, "CellData", name);
    if (!array || array->components != 1)
        return ST_OK;
    const st_status status = vtp_values(file, array, file->n_verts + file->n_lines, value, err);
    if (status == ST_OK)
        memmove(*value, *value + file->n_verts, (size_t)file->n_lines * sizeof **value);
    return status;
}

static st_status check_lines(graph *g, st_error *err) {
    double before = 0;
    for (uint64_t i = 0; i < g->n_lines; i++) {
        if (!(g->offset[i] >= before) || g->offset[i] > 1e15 || g->offset[i] != floor(g->offset[i]))
            return refuse(g, err, "the offsets of the lines do not ascend");
        before = g->offset[i];
    }
    g->n_steps = (uint64_t)before;
    return ST_OK;
}

static st_status check_points(const graph *g, st_error *err) {
    for (uint64_t i = 0; i < g->n_steps; i++)
        if (!(g->connectivity[i] >= 0 && g->connectivity[i] < (double)g->n_points) ||
            g->connectivity[i] != floor(g->connectivity[i]))
            return refuse(g, err, "a line names a point that does not exist");
    for (uint64_t i = 0; i < g->n_points; i++)
        if (!(g->radius[i] > 0) || g->radius[i] > 1e3)
            return st_fail_at(err, ST_VALUE, g->name, 0, 0,
                              "point %llu has the radius %g; above 0 and up to 1000 mm is right", (unsigned long long)i,
                              g->radius[i]);
    return ST_OK;
}

static st_status read_arrays(const vtp_file *file, graph *g, st_error *err) {
    static const char *const radii[] = {"Radius", "MaximumInscribedSphereRadius"};
    const char *radius = vtp_find(file, "PointData", radii[0]) ? radii[0] : radii[1];
    const uint64_t most = UINT32_MAX / 4;
    g->name = file->name;
    g->n_points = file->n_points;
    g->n_lines = file->n_lines;
    if (g->n_points == 0 || g->n_lines == 0)
        return refuse(g, err, "it has no lines; a tree of vessels is wanted");
    if (g->n_points > most || g->n_lines > most || file->n_verts > most)
        return refuse(g, err, "it has more points or lines than are read");
    st_status status = require(file, "Points", NULL, 3 * g->n_points, &g->point, err);
    if (status == ST_OK)
        status = require(file, "PointData", radius, g->n_points, &g->radius, err);
    if (status == ST_OK)
        status = require(file, "Lines", "offsets", g->n_lines, &g->offset, err);
    if (status == ST_OK)
        status = check_lines(g, err);
    if (status == ST_OK && g->n_steps > most)
        status = refuse(g, err, "its lines have more points than are read");
    if (status == ST_OK)
        status = require(file, "Lines", "connectivity", g->n_steps, &g->connectivity, err);
    if (status == ST_OK)
        status = check_points(g, err);
    if (status == ST_OK)
        status = optional_cells(file, "Flow", &g->flow, err);
    return status == ST_OK ? optional_cells(file, "Lesion", &g->lesion, err) : status;
}

/* ---- nodes and vessels -------------------------------------------------------- */

static uint64_t hash_of(const double p[3]) {
    uint64_t hash = 0x9e3779b97f4a7c15u;
    for (int k = 0; k < 3; k++) {
        const double value = p[k] + 0.0; /* -0 is 0 */
        uint64_t bits;
        memcpy(&bits, &value, sizeof bits);
        hash = (hash ^ bits) * 0xff51afd7ed558ccdu;
        hash ^= hash >> 32;
    }
    return hash;
}

static bool same_place(const double a[3], const double b[3]) {
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

static st_status join_points(graph *g, st_error *err) {
    size_t slots = 16;
    while (slots < 2 * g->n_points)
        slots *= 2;
    uint32_t *slot = st_alloc(slots, sizeof *slot, err); /* point + 1, 0 when free */
    g->node = st_alloc((size_t)g->n_points, sizeof *g->node, err);
    const st_status status = slot && g->node ? ST_OK : ST_MEMORY;
    for (uint32_t i = 0; i < g->n_points && status == ST_OK; i++) {
        const double *p = g->point + 3 * (size_t)i;
        size_t s = hash_of(p) & (slots - 1);
        while (slot[s] && !same_place(g->point + 3 * (size_t)(slot[s] - 1), p))
            s = (s + 1) & (slots - 1);
        if (!slot[s])
            slot[s] = i + 1;
        g->node[i] = slot[s] - 1;
    }
    free(slot);
    return status;
}

static st_status cut_lines(graph *g, st_error *err) {
    g->vessel = st_alloc((size_t)g->n_steps, sizeof *g->vessel, err);
    if (!g->vessel)
        return ST_MEMORY;
    for (uint64_t line = 0, step = 0; line < g->n_lines; line++, step++)
        for (; (double)step + 1 < g->offset[line]; step++) {
            const uint32_t a = (uint32_t)g->connectivity[step], b = (uint32_t)g->connectivity[step + 1];
            if (g->node[a] != g->node[b])
                g->vessel[g->n_vessels++] =
                    (vessel){g->node[a], g->node[b], (uint32_t)line, 0.5 * (g->radius[a] + g->radius[b])};
        }
    return g->n_vessels > 0 ? ST_OK : refuse(g, err, "none of its lines has a length");
}

static st_status link_nodes(graph *g, st_error *err) {
    const size_t n = (size_t)g->n_points;
    g->begin = st_alloc(n + 1, sizeof *g->begin, err);
    g->at = st_alloc(2 * (size_t)g->n_vessels, sizeof *g->at, err);
    if (!g->begin || !g->at)
        return ST_MEMORY;
    for (uint32_t v = 0; v < g->n_vessels; v++) {
        g->begin[g->vessel[v].from + 1]++;
        g->begin[g->vessel[v].to + 1]++;
    }
    for (size_t i = 0; i < n; i++)
        g->begin[i + 1] += g->begin[i];
    for (uint32_t v = 0; v < g->n_vessels; v++) {
        g->at[g->begin[g->vessel[v].from]++] = v;
        g->at[g->begin[g->vessel[v].to]++] = v;
    }
    for (size_t i = n; i > 0; i--) /* filing moved each beginning to its end */
        g->begin[i] = g->begin[i - 1];
    g->begin[0] = 0;
    return ST_OK;
}

/* ---- the walk from the roots ---------------------------------------------------- */

typedef struct step {
    uint32_t vessel, from, parent; /* node it is entered from, segment before it */
} step;

typedef struct walk {
    const graph *g;
    st_tree *tree;
    step *stack;
    size_t depth;
    bool *reached;    /* [nodes] */
    uint32_t *before; /* [nodes] node it was reached from */
    uint32_t made;
} walk;

static void push_vessels(walk *w, uint32_t node, uint32_t parent, uint32_t came_by) {
    for (uint32_t k = w->g->begin[node + 1]; k-- > w->g->begin[node];) /* the first of them comes off first */
        if (w->g->at[k] != came_by)
            w->stack[w->depth++] = (step){w->g->at[k], node, parent};
}

static void make_segment(walk *w, const step *s, uint32_t to) {
    const graph *g = w->g;
    const vessel *v = &g->vessel[s->vessel];
    st_tree *tree = w->tree;
    const uint32_t i = w->made++;
    tree->parent[i] = s->parent;
    tree->radius[i] = (float)v->radius;
    for (int k = 0; k < 3; k++) {
        tree->proximal[i][k] = (float)g->point[3 * (size_t)s->from + (size_t)k];
        tree->distal[i][k] = (float)g->point[3 * (size_t)to + (size_t)k];
    }
    if (g->flow)
        tree->demand[i] = fmax(g->flow[v->line], 0) * ST_ML_MIN;
    if (g->lesion && g->lesion[v->line] >= 0 && g->lesion[v->line] <= UINT16_MAX)
        tree->lesion[i] = (uint16_t)g->lesion[v->line];
}

static st_status walk_from(walk *w, uint32_t root, st_error *err) {
    w->reached[root] = true;
    w->before[root] = ST_NONE;
    push_vessels(w, root, ST_NONE, ST_NONE);
    while (w->depth > 0) {
        const step s = w->stack[--w->depth];
        const vessel *v = &w->g->vessel[s.vessel];
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
    const size_t n = (size_t)g->n_points;
    bool *entered = st_alloc(n, sizeof *entered, err);
    root *roots = st_alloc(n, sizeof *roots, err);
    size_t n_roots = 0;
    st_status status = entered && roots ? ST_OK : ST_MEMORY;
    for (uint32_t v = 0; v < g->n_vessels && status == ST_OK; v++)
        entered[g->vessel[v].to] = true;
    for (uint32_t i = 0; i < n && status == ST_OK; i++)
        if (!entered[i] && g->begin[i + 1] > g->begin[i])
            roots[n_roots++] = (root){g->vessel[g->at[g->begin[i]]].radius, i};
    if (status == ST_OK && n_roots > 0)
        qsort(roots, n_roots, sizeof *roots, widest_first);
    for (size_t i = 0; i < n_roots && status == ST_OK; i++)
        if (!w->reached[roots[i].node])
            status = walk_from(w, roots[i].node, err);
    for (uint32_t i = 0; i < n && status == ST_OK; i++)
        if (!w->reached[i] && g->begin[i + 1] > g->begin[i])
            status = refuse(g, err, "some vessels form a loop that no line enters; a tree is wanted");
    free(entered);
    free(roots);
    return status;
}

static st_status build(const graph *g, st_tree *tree, st_error *err) {
    st_status status = st_tree_init(tree, g->n_vessels, err);
    if (status != ST_OK)
        return status;
    const size_t n = (size_t)g->n_points;
    walk w = {.g = g,
              .tree = tree,
              .stack = st_alloc(2 * (size_t)g->n_vessels, sizeof *w.stack, err),
              .reached = st_alloc(n, sizeof *w.reached, err),
              .before = st_alloc(n, sizeof *w.before, err)};
    status = w.stack && w.reached && w.before ? walk_all(&w, err) : ST_MEMORY;
    free(w.stack);
    free(w.reached);
    free(w.before);
    if (status == ST_OK) {
        tree->n = w.made; /* repeated steps made none */
        status = st_tree_finish(tree, err);
    }
    if (status != ST_OK)
        st_tree_fini(tree);
    return status;
}

/* ---- the door ---------------------------------------------------------------------- */

st_status st_tree_parse_vtp(const char *name, const char *bytes, size_t size, st_tree *tree, st_error *err) {
    vtp_file file;
    graph g = {0};
    *tree = (st_tree){0};
    st_status status = vtp_xml_parse(name, bytes, size, &file, err);
    if (status != ST_OK)
        return status;
    status = read_arrays(&file, &g, err);
    vtp_file_fini(&file);
    g.name = name;
    if (status == ST_OK)
        status = join_points(&g, err);
    if (status == ST_OK)
        status = cut_lines(&g, err);
    if (status == ST_OK)
        status = link_nodes(&g, err);
    if (status == ST_OK)
        status = build(&g, tree, err);
    graph_fini(&g);
    return status;
}

st_status st_tree_read_vtp(const char *path, st_tree *tree, st_error *err) {
    char *bytes;
    size_t size;
    *tree = (st_tree){0};
    st_status status = st_file_read(path, FILE_LIMIT, &bytes, &size, err);
    if (status != ST_OK)
        return status;
    status = st_tree_parse_vtp(path, bytes, size, tree, err);
    free(bytes);
    return status;
}
