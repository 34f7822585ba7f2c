/* A tree from two tables: the nodes and the edges between them, columns by name.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/text.h>
#include <stasis/units.h>
#include <stdlib.h>
#include <string.h>

#include "csv.h"
#include "graph.h"
#include "names.h"

/* ---- names of the files ----------------------------------------------------------- */

/* The path with its last `length` characters replaced. */
static char *with_suffix(const char *path, size_t length, const char *suffix, st_error *err) {
    const size_t stem = strlen(path) - length, size = stem + strlen(suffix) + 1;
    char *made = st_alloc(size, 1, err);
    if (made)
        snprintf(made, size, "%.*s%s", (int)stem, path, suffix);
    return made;
}

st_status csv_pair_init(csv_pair *pair, const char *path, st_error *err) {
    const size_t length = strlen(CSV_NODES); /* both are of one length */
    *pair = (csv_pair){with_suffix(path, length, CSV_NODES, err), with_suffix(path, length, CSV_EDGES, err)};
    return pair->nodes && pair->edges ? ST_OK : ST_MEMORY;
}

void csv_pair_fini(csv_pair *pair) {
    free(pair->nodes);
    free(pair->edges);
}

/* ---- cells ------------------------------------------------------------------------- */

static st_status refuse(const st_table *table, size_t row, st_status status, st_error *err, const char *what) {
    return st_fail_at(err, status, table->name, table->line[row], 0, "%s", what);
}

/* A number that must be there. */
static st_status number(const st_table *table, size_t row, size_t column, double *value, st_error *err) {
    const st_status status = st_table_number(table, row, column, value, err);
    if (status == ST_OK && isnan(*value))
        return st_fail_at(err, ST_VALUE, table->name, table->line[row], 0, "the column %s is empty; a number is wanted",
                          table->header[column]);
    return status;
}

/* A whole number from 0 to `most`; 0 when the column or the cell is empty. */
static st_status count(const st_table *table, size_t row, size_t column, double most, double *value, st_error *err) {
    *value = 0;
    if (column == ST_NO_COLUMN)
        return ST_OK;
    const st_status status = st_table_number(table, row, column, value, err);
    if (status != ST_OK)
        return status;
    if (isnan(*value))
        *value = 0;
    if (*value >= 0 && *value <= most && *value == floor(*value))
        return ST_OK;
    return st_fail_at(err, ST_VALUE, table->name, table->line[row], 0, "%s is %g; a whole number from 0 to %g is right",
                      table->header[column], *value, most);
}

static st_status check_rows(const st_table *table, const char *what, st_error *err) {
    if (table->rows == 0 || table->rows >= UINT32_MAX / 4)
        return st_fail_at(err, ST_FORMAT, table->name, 0, 0, "it has %s %s; a tree is wanted",
                          table->rows ? "too many" : "no", what);
    return ST_OK;
}

/* ---- nodes -------------------------------------------------------------------------- */

typedef struct node_columns {
    size_t node, xyz[3];
} node_columns;

static st_status find_node_columns(const st_table *table, node_columns *c, st_error *err) {
    static const char *const axes[] = {"x_mm", "y_mm", "z_mm"};
    st_status status = st_table_require(table, "node", &c->node, err);
    for (int k = 0; k < 3 && status == ST_OK; k++)
        status = st_table_require(table, axes[k], &c->xyz[k], err);
    return status;
}

static st_status read_node(const st_table *table, size_t row, const node_columns *c, names *all, double *point,
                           st_error *err) {
    const char *name = st_table_cell(table, row, c->node);
    uint32_t place;
    if (!*name)
        return refuse(table, row, ST_FORMAT, err, "the node has no name");
    st_status status = names_add(all, name, &place, err);
    if (status == ST_OK && place != row)
        return refuse(table, row, ST_FORMAT, err, "this node was given before");
    for (size_t k = 0; k < 3 && status == ST_OK; k++)
        status = number(table, row, c->xyz[k], &point[3 * row + k], err);
    if (status == ST_OK && !graph_place(point + 3 * row))
        return refuse(table, row, ST_VALUE, err, "the node is farther away than a tree holds");
    return status;
}

/* Their places, numbered as in `all`. */
static st_status read_nodes(const st_bytes *file, names *all, double **point, st_error *err) {
    st_table table = {0};
    node_columns columns;
    st_status status = st_table_parse(file->name, file->bytes, file->size, &table, err);
    if (status != ST_OK)
        return status;
    status = check_rows(&table, "nodes", err);
    if (status == ST_OK)
        status = find_node_columns(&table, &columns, err);
    if (status == ST_OK && !(*point = st_alloc(table.rows, 3 * sizeof **point, err)))
        status = ST_MEMORY;
    for (size_t row = 0; row < table.rows && status == ST_OK; row++)
        status = read_node(&table, row, &columns, all, *point, err);
    st_table_fini(&table);
    return status;
}

/* ---- edges --------------------------------------------------------------------------- */

typedef struct edge_columns {
    size_t from, to, radius, flow, lesion, measured; /* the last three may be absent */
} edge_columns;

static st_status find_edge_columns(const st_table *table, edge_columns *c, st_error *err) {
    *c = (edge_columns){.flow = st_table_column(table, "flow_ml_min"),
                        .lesion = st_table_column(table, "lesion"),
                        .measured = st_table_column(table, "measured")};
    st_status status = st_table_require(table, "from", &c->from, err);
    if (status == ST_OK)
        status = st_table_require(table, "to", &c->to, err);
    return status == ST_OK ? st_table_require(table, "radius_mm", &c->radius, err) : status;
}

static st_status find_node(const st_table *table, size_t row, size_t column, const names *all, uint32_t *node,
                           st_error *err) {
    *node = names_find(all, st_table_cell(table, row, column));
    if (*node != UINT32_MAX)
        return ST_OK;
    return st_fail_at(err, ST_FORMAT, table->name, table->line[row], 0, "\"%.80s\" is no node of the table of nodes",
                      st_table_cell(table, row, column));
}

static st_status read_edge(const st_table *table, size_t row, const edge_columns *c, const names *all, graph_vessel *v,
                           st_error *err) {
    double flow = NAN, lesion, measured;
    st_status status = find_node(table, row, c->from, all, &v->from, err);
    if (status == ST_OK)
        status = find_node(table, row, c->to, all, &v->to, err);
    if (status == ST_OK)
        status = number(table, row, c->radius, &v->radius, err);
    if (status == ST_OK && !graph_radius_right(v->radius))
        return st_fail_at(err, ST_VALUE, table->name, table->line[row], 0,
                          "the radius is %g; above 0 and up to %g mm is right", v->radius, GRAPH_RADIUS_MOST);
    if (status == ST_OK && c->flow != ST_NO_COLUMN)
        status = st_table_number(table, row, c->flow, &flow, err);
    if (status == ST_OK)
        status = count(table, row, c->lesion, UINT16_MAX, &lesion, err);
    if (status == ST_OK)
        status = count(table, row, c->measured, 1, &measured, err);
    if (status != ST_OK)
        return status;
    v->demand = fmax(flow, 0) * ST_ML_MIN; /* fmax leaves an empty cell out */
    v->lesion = (uint16_t)lesion;
    v->measured = measured > 0;
    return ST_OK;
}

static st_status read_edges(const st_bytes *file, const names *all, graph *g, graph_vessel **vessel, st_error *err) {
    st_table table = {0};
    edge_columns columns;
    st_status status = st_table_parse(file->name, file->bytes, file->size, &table, err);
    if (status != ST_OK)
        return status;
    status = check_rows(&table, "edges", err);
    if (status == ST_OK)
        status = find_edge_columns(&table, &columns, err);
    if (status == ST_OK && !(*vessel = st_alloc(table.rows, sizeof **vessel, err)))
        status = ST_MEMORY;
    for (size_t row = 0; row < table.rows && status == ST_OK; row++)
        status = read_edge(&table, row, &columns, all, &(*vessel)[row], err);
    g->n_vessels = (uint32_t)table.rows;
    st_table_fini(&table);
    return status;
}

/* ---- the door -------------------------------------------------------------------------- */

st_status st_tree_parse_csv(const st_bytes *nodes, const st_bytes *edges, st_tree *tree, st_error *err) {
    names all = {0};
    double *point = NULL;
    graph_vessel *vessel = NULL;
    graph g = {.name = edges->name};
    *tree = (st_tree){0};
    st_status status = read_nodes(nodes, &all, &point, err);
    if (status == ST_OK)
        status = read_edges(edges, &all, &g, &vessel, err);
    g.n_nodes = all.n;
    g.point = point;
    g.vessel = vessel;
    if (status == ST_OK)
        status = tree_from_edges(&g, tree, err);
    names_fini(&all);
    free(point);
    free(vessel);
    return status;
}
