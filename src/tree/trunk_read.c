/* A trunk from a file of centrelines.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/text.h>

#include <stdlib.h>
#include <string.h>

#include "trunk_web.h"

static const double RADIUS_MOST = 1e3, PLACE_MOST = 1e5; /* mm */

/* ---- .csv: columns ------------------------------------------------------------------------------ */

typedef struct row_key {
    double group, order; /* element and ring, or id and nothing */
    uint32_t row;
} row_key;

typedef struct lines {
    st_table table;
    size_t xyz[3], radius, element, ring, id, parent; /* columns, ST_NO_COLUMN where there is none */
    double to_lps[3][3];
    row_key *key; /* [rows] */
} lines;

static st_status find_column(const st_table *table, const char *name, size_t *column, st_error *err) {
    char with_unit[16];
    snprintf(with_unit, sizeof with_unit, "%s_mm", name);
    *column = st_table_column(table, with_unit);
    return *column != ST_NO_COLUMN ? ST_OK : st_table_require(table, name, column, err);
}

static st_status find_columns(lines *l, st_error *err) {
    static const char *const axis[] = {"x", "y", "z"};
    const st_table *t = &l->table;
    st_status status = ST_OK;
    for (int k = 0; k < 3 && status == ST_OK; k++)
        status = find_column(t, axis[k], &l->xyz[k], err);
    if (status == ST_OK)
        status = find_column(t, "radius", &l->radius, err);
    l->element = st_table_column(t, "element");
    l->ring = st_table_column(t, "ring");
    l->id = st_table_column(t, "id");
    l->parent = st_table_column(t, "parent");
    if (status == ST_OK && ((l->element == ST_NO_COLUMN) != (l->ring == ST_NO_COLUMN) ||
                            (l->id == ST_NO_COLUMN) != (l->parent == ST_NO_COLUMN)))
        return st_fail_at(err, ST_FORMAT, t->name, 1, 0,
                          "\"element\" goes with \"ring\" and \"id\" with \"parent\": one of a pair is missing");
    if (status == ST_OK && l->element != ST_NO_COLUMN && l->id != ST_NO_COLUMN)
        return st_fail_at(err, ST_FORMAT, t->name, 1, 0,
                          "there are \"element\" and \"id\"; only one of them can say how the points are connected");
    return status;
}

static st_status refuse(const lines *l, size_t row, size_t column, st_error *err, const char *what) {
    const st_status status = st_fail_at(err, ST_VALUE, l->table.name, l->table.line[row], 0, "\"%s\": %s",
                                        st_table_cell(&l->table, row, column), what);
    if (err)
        snprintf(err->field, sizeof err->field, "%s", l->table.header[column]);
    return status;
}

/* A number that is there, within its bounds. */
static st_status number_of(const lines *l, size_t row, size_t column, double low, double high, const char *what,
                           double *value, st_error *err) {
    const st_status status = st_table_number(&l->table, row, column, value, err);
    if (status != ST_OK)
        return status;
    return *value >= low && *value <= high ? ST_OK : refuse(l, row, column, err, what);
}

/* ---- .csv: points and links ------------------------------------------------------------------------ */

static st_status read_points(const lines *l, trunk_web *web, st_error *err) {
    static const char place[] = "wanted is a place within 100 m of the origin, in mm";
    st_status status = ST_OK;
    for (size_t i = 0; i < l->table.rows && status == ST_OK; i++) {
        double p[3] = {0};
        for (int k = 0; k < 3 && status == ST_OK; k++)
            status = number_of(l, i, l->xyz[k], -PLACE_MOST, PLACE_MOST, place, &p[k], err);
        if (status == ST_OK)
            status = number_of(l, i, l->radius, 1e-6, RADIUS_MOST, "wanted is a radius above 0 and up to 1000 mm",
                               &web->width[i], err);
        double lps[3];
        for (int k = 0; k < 3; k++)
            lps[k] = l->to_lps[k][0] * p[0] + l->to_lps[k][1] * p[1] + l->to_lps[k][2] * p[2];
        web->point[i] = (vec){lps[0], lps[1], lps[2]};
    }
    return status;
}

static void link_rows(trunk_web *web, uint32_t a, uint32_t b) {
    web->link[web->n_links++] = (graph_vessel){.from = a, .to = b, .radius = 0.5 * (web->width[a] + web->width[b])};
}

static int by_key(const void *a, const void *b) {
    const row_key *p = a, *q = b;
    if (p->group != q->group)
        return p->group > q->group ? 1 : -1;
    if (p->order != q->order)
        return p->order > q->order ? 1 : -1;
    return (p->row > q->row) - (p->row < q->row);
}

/* Rows in the order of two columns; without them in their own. */
static st_status sort_rows(lines *l, size_t group, size_t order, st_error *err) {
    st_status status = ST_OK;
    for (size_t i = 0; i < l->table.rows && status == ST_OK; i++) {
        l->key[i].row = (uint32_t)i;
        if (group != ST_NO_COLUMN)
            status = number_of(l, i, group, -1e15, 1e15, "wanted is a number", &l->key[i].group, err);
        if (status == ST_OK && order != ST_NO_COLUMN)
            status = number_of(l, i, order, -1e15, 1e15, "wanted is a number", &l->key[i].order, err);
    }
    if (status == ST_OK && l->table.rows > 0)
        qsort(l->key, l->table.rows, sizeof *l->key, by_key);
    for (size_t i = 1; i < l->table.rows && status == ST_OK && group != ST_NO_COLUMN; i++)
        if (l->key[i].group == l->key[i - 1].group && l->key[i].order == l->key[i - 1].order)
            status = refuse(l, l->key[i].row, order != ST_NO_COLUMN ? order : group, err, "was given before");
    return status;
}

/* A line per element, or one of all rows. */
static st_status link_elements(lines *l, trunk_web *web, st_error *err) {
    const st_status status = sort_rows(l, l->element, l->ring, err);
    for (size_t i = 1; i < l->table.rows && status == ST_OK; i++)
        if (l->key[i].group == l->key[i - 1].group)
            link_rows(web, l->key[i - 1].row, l->key[i].row);
    return status;
}

static st_status link_parents(lines *l, trunk_web *web, st_error *err) {
    st_status status = sort_rows(l, l->id, ST_NO_COLUMN, err);
    for (size_t i = 0; i < l->table.rows && status == ST_OK; i++) {
        row_key wanted = {0};
        status = st_table_number(&l->table, i, l->parent, &wanted.group, err);
        if (status != ST_OK || !(wanted.group >= 0))
            continue; /* a root */
        size_t low = 0, high = l->table.rows;
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if (l->key[middle].group < wanted.group)
                low = middle + 1;
            else
                high = middle;
        }
        if (low == l->table.rows || l->key[low].group != wanted.group)
            status = refuse(l, i, l->parent, err, "is no id of the file");
        else
            link_rows(web, l->key[low].row, (uint32_t)i);
    }
    return status;
}

/* The first point: of the row without a parent, or of the first row. */
static uint32_t first_of(const lines *l) {
    for (size_t i = 0; i < l->table.rows && l->parent != ST_NO_COLUMN; i++) {
        const char *cell = st_table_cell(&l->table, i, l->parent);
        if (cell[0] == '\0' || cell[0] == '-')
            return (uint32_t)i;
    }
    return l->key[0].row;
}

static st_status web_of_lines(lines *l, trunk_web *web, st_error *err) {
    if (l->table.rows < 2)
        return st_fail_at(err, ST_FORMAT, l->table.name, 0, 0, "it has %zu points; a centreline has two or more",
                          l->table.rows);
    st_status status = web_init(web, l->table.rows, l->table.rows, err);
    if (status == ST_OK)
        status = read_points(l, web, err);
    if (status == ST_OK)
        status = (l->id != ST_NO_COLUMN ? link_parents : link_elements)(l, web, err);
    if (status == ST_OK)
        web->first = first_of(l);
    return status;
}

static st_status parse_csv(const char *name, const char *bytes, size_t size, const char *axes, trunk_web *web,
                           st_error *err) {
    lines l = {0};
    st_status status = st_table_parse(name, bytes, size, &l.table, err);
    if (status == ST_OK)
        status = st_axes_to_lps(axes ? axes : "LPS", l.to_lps, err);
    if (status == ST_OK)
        status = find_columns(&l, err);
    if (status == ST_OK && !(l.key = st_alloc(l.table.rows, sizeof *l.key, err)))
        status = ST_MEMORY;
    if (status == ST_OK)
        status = web_of_lines(&l, web, err);
    free(l.key);
    st_table_fini(&l.table);
    return status;
}

st_status st_trunk_parse_csv(const char *name, const char *bytes, size_t size, const char *axes,
                             const st_parameters *parameters, st_tree *trunk, st_trunk_report *report, st_error *err) {
    trunk_web web = {0};
    *trunk = (st_tree){0};
    *report = (st_trunk_report){0};
    st_status status = parse_csv(name, bytes, size, axes, &web, err);
    if (status == ST_OK)
        status = web_finish(&web, name, NULL, parameters, trunk, report, err);
    web_fini(&web);
    return status;
}

/* ---- .vtp and .swc ------------------------------------------------------------------------------------ */

/* Two nodes per segment; those at one place become one later. */
static st_status web_of_tree(const char *name, const st_tree *tree, trunk_web *web, st_error *err) {
    const st_status status = web_init(web, 2 * (size_t)tree->n, tree->n, err);
    for (uint32_t i = 0; i < tree->n && status == ST_OK; i++) {
        web->point[2 * i] = vec_of(tree->proximal[i]);
        web->point[2 * i + 1] = vec_of(tree->distal[i]);
        web->width[2 * i] = web->width[2 * i + 1] = (double)tree->radius[i];
        web->link[web->n_links++] = (graph_vessel){.from = 2 * i, .to = 2 * i + 1, .radius = (double)tree->radius[i]};
        for (uint32_t k = 0; k < 2; k++) {
            const vec p = web->point[2 * i + k];
            if (!(fabs(p.x) <= PLACE_MOST && fabs(p.y) <= PLACE_MOST && fabs(p.z) <= PLACE_MOST))
                return st_fail_at(err, ST_VALUE, name, 0, 0,
                                  "a point lies at %g, %g, %g; wanted is a place within 100 m of the origin, in mm",
                                  p.x, p.y, p.z);
        }
    }
    if (status == ST_OK)
        web->first = 0;
    return status;
}

static bool is_csv(const char *path) {
    const size_t n = strlen(path);
    return n > 4 && strcmp(path + n - 4, ".csv") == 0;
}

static st_status web_of_file(const char *path, const char *axes, trunk_web *web, st_error *err) {
    if (is_csv(path)) {
        enum { LIMIT = 256 << 20 };
        char *bytes;
        size_t size;
        st_status status = st_file_read(path, LIMIT, &bytes, &size, err);
        if (status != ST_OK)
            return status;
        status = parse_csv(path, bytes, size, axes, web, err);
        free(bytes);
        return status;
    }
    st_tree tree = {0};
    st_status status =
        st_tree_name_check(path, NULL) == ST_OK
            ? st_tree_read(path, &tree, err)
            : st_fail_at(err, ST_FORMAT, path, 0, 0, "the name of a centreline ends in .vtp, .swc or .csv");
    if (status == ST_OK)
        status = web_of_tree(path, &tree, web, err);
    st_tree_fini(&tree);
    return status;
}

st_status st_trunk_read(const char *path, const char *axes, const st_liver *liver, const st_parameters *parameters,
                        st_tree *trunk, st_trunk_report *report, st_error *err) {
    trunk_web web = {0};
    *trunk = (st_tree){0};
    *report = (st_trunk_report){0};
    st_status status = web_of_file(path, axes, &web, err);
    if (status == ST_OK)
        status = web_finish(&web, path, liver, parameters, trunk, report, err);
    web_fini(&web);
    return status;
}
