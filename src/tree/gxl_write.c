/* A tree as .gxl, with the names that VascuSynth and OpenCCO give its parts.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "nodes.h"

/* The blank before each name and the spelling are theirs: their tools look for them. */
static void put_node(FILE *s, uint32_t number, const char *type, const float p[3]) {
    fprintf(s,
            "<node id=\"n%u\"><attr name=\" nodeType\"><string> %s </string></attr><attr name=\" position\"><tup>"
            "<float>%.9g</float><float>%.9g</float><float>%.9g</float></tup></attr></node>\n",
            number, type, (double)p[0], (double)p[1], (double)p[2]);
}

static void put_nodes(FILE *s, const st_tree *tree, const uint32_t *number) {
    for (uint32_t i = 0; i < tree->n; i++) {
        if (tree->parent[i] == ST_NONE)
            put_node(s, number[i] - 1, "root node", tree->proximal[i]);
        put_node(s, number[i], st_tree_is_terminal(tree, i) ? "terminal node" : "bifurication", tree->distal[i]);
    }
}

static void put_edges(FILE *s, const st_tree *tree, const double *flow, const uint32_t *number) {
    for (uint32_t i = 0; i < tree->n; i++)
        fprintf(s,
                "<edge id=\"e%u\" to=\"n%u\" from=\"n%u\"><attr name=\" flow\"><float>%.17g</float></attr>"
                "<attr name=\" radius\"><float>%.9g</float></attr></edge>\n",
                number[i], number[i], nodes_before(tree, number, i), flow[i], (double)tree->radius[i]);
}

static void put_graph(FILE *s, const st_tree *tree, const double *flow, const uint32_t *number) {
    fprintf(s, "<gxl><!-- arterial tree by stasis %s: position mm LPS, radius mm, flow mm^3/s -->\n", st_version());
    fputs("<graph id=\"tree\" edgeids=\" true\" edgemode=\" directed\" hypergraph=\" false\">\n", s);
    put_nodes(s, tree, number);
    put_edges(s, tree, flow, number);
    fputs("</graph></gxl>\n", s);
}

st_status st_tree_write_gxl(const char *path, const st_tree *tree, const st_tree_fields *fields, st_error *err) {
    st_writer writer;
    uint32_t *number = nodes_number(tree, err);
    if (!number)
        return ST_MEMORY;
    st_status status = st_writer_open(&writer, path, err);
    if (status == ST_OK) {
        put_graph(writer.stream, tree, fields->flow ? fields->flow : tree->demand, number);
        status = st_writer_commit(&writer, err);
    }
    free(number);
    return status;
}
