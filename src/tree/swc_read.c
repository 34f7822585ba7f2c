/* A tree from a .swc: a node per line, "id type x y z radius parent"; a vessel per node that has a parent.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "graph.h"

static const size_t LINE_LEAST = 14; /* bytes of "1 0 0 0 0 1 -1" */

typedef struct swc_node {
    long long id, parent;
    double radius;
    size_t line;
    uint32_t place; /* the first node at the same place on the way to the root */
    uint32_t up;    /* the parent's index, ST_NONE at a root */
} swc_node;

typedef struct swc_key {
    long long id;
    uint32_t index;
} swc_key;

typedef struct swc {
    const char *name;
    swc_node *node; /* [n] in the file's order */
    double *point;  /* [3 n] */
    swc_key *key;   /* [n] by id */
    uint32_t n;
} swc;

static void swc_fini(swc *s) {
    free(s->node);
    free(s->point);
    free(s->key);
}

static st_status refuse(const swc *s, size_t line, st_error *err, const char *what) {
    return st_fail_at(err, ST_FORMAT, s->name, line, 0, "%s", what);
}

static bool whole_at(const char **at, long long *value) {
    char *end;
    errno = 0;
    *value = strtoll(*at, &end, 10);
    const bool read =
        end != *at && errno == 0 && (*end == ' ' || *end == '\t' || *end == '\r' || *end == '\n' || !*end);
    *at = end;
    return read;
}

static bool number_at(const char **at, double *value) {
    char *end;
    *value = strtod(*at, &end);
    const bool read = end != *at && isfinite(*value);
    *at = end;
    return read;
}

/* One line; the text ends in a zero, and a number never reaches past the end of its line unseen. */
static st_status read_node(swc *s, const char *text, size_t line, st_error *err) {
    swc_node *node = &s->node[s->n];
    double *point = s->point + 3 * (size_t)s->n;
    long long type;
    const char *at = text, *end = text + strcspn(text, "\n");
    const bool read = whole_at(&at, &node->id) && whole_at(&at, &type) && number_at(&at, &point[0]) &&
                      number_at(&at, &point[1]) && number_at(&at, &point[2]) && number_at(&at, &node->radius) &&
                      whole_at(&at, &node->parent);
    if (!read || at > end || at + strspn(at, " \t\r") < end)
        return refuse(s, line, err, "a line takes seven numbers: id, type, x, y, z, radius, parent");
    if (!graph_radius_right(node->radius))
        return st_fail_at(err, ST_VALUE, s->name, line, 0, "the radius is %g; above 0 and up to %g mm is right",
                          node->radius, GRAPH_RADIUS_MOST);
    if (!graph_place(point))
        return refuse(s, line, err, "the node is farther away than a tree holds");
    node->line = line;
    node->up = ST_NONE;
    s->n++;
    return ST_OK;
}

static st_status read_nodes(swc *s, const char *bytes, size_t size, st_error *err) {
    const size_t most = size / LINE_LEAST + 1;
    if (most >= UINT32_MAX / 4)
        return refuse(s, 0, err, "it has more nodes than are read");
    s->node = st_alloc(most, sizeof *s->node, err);
    s->point = st_alloc(most, 3 * sizeof *s->point, err);
    s->key = st_alloc(most, sizeof *s->key, err);
    st_status status = s->node && s->point && s->key ? ST_OK : ST_MEMORY;
    const char *at = bytes;
    for (size_t line = 1; *at && status == ST_OK; line++) {
        const char *text = at + strspn(at, " \t\r");
        at += strcspn(at, "\n");
        at += *at == '\n';
        if (*text && *text != '#' && *text != '\n')
            status = s->n < most ? read_node(s, text, line, err) : refuse(s, line, err, "a line is too short");
    }
    if (status == ST_OK && at != bytes + size)
        status = refuse(s, 0, err, "there is a byte of zero in it: this is no text file");
    return status;
}

/* ---- links ------------------------------------------------------------------ */

static int by_id(const void *a, const void *b) {
    const swc_key *x = a, *y = b;
    return (x->id > y->id) - (x->id < y->id);
}

static st_status link_parents(swc *s, st_error *err) {
    for (uint32_t i = 0; i < s->n; i++)
        s->key[i] = (swc_key){s->node[i].id, i};
    qsort(s->key, s->n, sizeof *s->key, by_id);
    for (uint32_t i = 1; i < s->n; i++)
        if (s->key[i].id == s->key[i - 1].id)
            return refuse(s, s->node[s->key[i].index].line, err, "this id was given before");
    for (uint32_t i = 0; i < s->n; i++) {
        if (s->node[i].parent < 0)
            continue; /* a root */
        const swc_key wanted = {s->node[i].parent, 0};
        const swc_key *found = bsearch(&wanted, s->key, s->n, sizeof *s->key, by_id);
        if (!found)
            return refuse(s, s->node[i].line, err, "its parent is no id of the file");
        s->node[i].up = found->index;
    }
    return ST_OK;
}

static bool at_its_parent(const swc *s, uint32_t i) {
    const uint32_t up = s->node[i].up;
    return up != ST_NONE && graph_same_place(s->point + 3 * (size_t)i, s->point + 3 * (size_t)up);
}

/* A node that stands where its parent does is no vessel: it is taken as its parent. A chain of such nodes is walked
 * up to a node whose place is known, and again to tell them. */
static st_status find_places(swc *s, st_error *err) {
    for (uint32_t i = 0; i < s->n; i++)
        s->node[i].place = ST_NONE;
    for (uint32_t i = 0; i < s->n; i++) {
        uint32_t top = i, steps = 0;
        while (s->node[top].place == ST_NONE && at_its_parent(s, top) && steps++ < s->n)
            top = s->node[top].up;
        if (steps > s->n)
            return refuse(s, s->node[i].line, err, "its parents lead back to itself");
        const uint32_t place = s->node[top].place == ST_NONE ? top : s->node[top].place;
        for (uint32_t k = i; k != top; k = s->node[k].up)
            s->node[k].place = place;
        s->node[top].place = place;
    }
    return ST_OK;
}

static st_status to_tree(const swc *s, st_tree *tree, st_error *err) {
    graph_vessel *vessel = st_alloc(s->n, sizeof *vessel, err);
    if (!vessel)
        return ST_MEMORY;
    graph g = {.name = s->name, .n_nodes = s->n, .point = s->point, .vessel = vessel};
    for (uint32_t i = 0; i < s->n; i++) {
        const swc_node *node = &s->node[i];
        if (node->up != ST_NONE && node->place == i)
            vessel[g.n_vessels++] = (graph_vessel){.from = s->node[node->up].place, .to = i, .radius = node->radius};
    }
    const st_status status =
        g.n_vessels > 0 ? tree_from_graph(&g, tree, err) : refuse(s, 0, err, "it has no vessels; a tree is wanted");
    free(vessel);
    return status;
}

st_status st_tree_parse_swc(const char *name, const char *bytes, size_t size, st_tree *tree, st_error *err) {
    swc s = {.name = name};
    *tree = (st_tree){0};
    char *text = st_alloc(size + 1, 1, err); /* numbers are read up to a closing zero */
    if (!text)
        return ST_MEMORY;
    memcpy(text, bytes, size);
    st_status status = read_nodes(&s, text, size, err);
    free(text);
    if (status == ST_OK)
        status = link_parents(&s, err);
    if (status == ST_OK)
        status = find_places(&s, err);
    if (status == ST_OK)
        status = to_tree(&s, tree, err);
    swc_fini(&s);
    return status;
}
