/* A tree as two tables: the nodes and the edges between them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/units.h>
#include <stdlib.h>

#include "csv.h"
#include "nodes.h"

static void put_nodes(FILE *s, const st_tree *tree, const uint32_t *number) {
    fputs("node,x_mm,y_mm,z_mm\n", s);
    for (uint32_t i = 0; i < tree->n; i++) {
        const float *a = tree->proximal[i], *b = tree->distal[i];
        if (tree->parent[i] == ST_NONE)
            fprintf(s, "%u,%.9g,%.9g,%.9g\n", number[i] - 1, (double)a[0], (double)a[1], (double)a[2]);
        fprintf(s, "%u,%.9g,%.9g,%.9g\n", number[i], (double)b[0], (double)b[1], (double)b[2]);
    }
}

static void put_edges(FILE *s, const st_tree *tree, const st_tree_fields *fields, const uint32_t *number) {
    const double *flow = fields->flow ? fields->flow : tree->demand;
    fputs("edge,from,to,radius_mm,flow_ml_min,pressure_mmhg,lesion,measured\n", s);
    for (uint32_t i = 0; i < tree->n; i++) {
        fprintf(s, "%u,%u,%u,%.9g,%.17g,", i, nodes_before(tree, number, i), number[i], (double)tree->radius[i],
                flow[i] / ST_ML_MIN);
        if (fields->pressure)
            fprintf(s, "%.17g", fields->pressure[i] / ST_MMHG);
        fprintf(s, ",%u,%u\n", tree->lesion[i], tree->measured[i]);
    }
}

/* Neither takes its place before both are written. */
static st_status write_both(const csv_pair *pair, const st_tree *tree, const st_tree_fields *fields,
                            const uint32_t *number, st_error *err) {
    st_writer nodes, edges;
    st_status status = st_writer_open(&nodes, pair->nodes, err);
    if (status != ST_OK)
        return status;
    status = st_writer_open(&edges, pair->edges, err);
    if (status != ST_OK) {
        st_writer_abandon(&nodes);
        return status;
    }
    put_nodes(nodes.stream, tree, number);
    put_edges(edges.stream, tree, fields, number);
    status = st_writer_commit(&nodes, err);
    if (status == ST_OK)
        return st_writer_commit(&edges, err);
    st_writer_abandon(&edges);
    return status;
}

st_status st_tree_write_csv(const char *path, const st_tree *tree, const st_tree_fields *fields, st_error *err) {
    csv_pair pair;
    st_status status = csv_pair_init(&pair, path, err);
    uint32_t *number = status == ST_OK ? nodes_number(tree, err) : NULL;
    if (status == ST_OK)
        status = number ? write_both(&pair, tree, fields, number, err) : ST_MEMORY;
    free(number);
    csv_pair_fini(&pair);
    return status;
}
