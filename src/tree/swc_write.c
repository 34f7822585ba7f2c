/* A tree as .swc: a node for the beginning of each root and for the end of each segment.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "nodes.h"

/* Nine digits bring a float back as it was. */
static void put_node(FILE *stream, uint32_t id, const float p[3], float radius, int64_t parent) {
    fprintf(stream, "%u 0 %.9g %.9g %.9g %.9g %lld\n", id, (double)p[0], (double)p[1], (double)p[2], (double)radius,
            (long long)parent);
}

/* Ids begin at 1. */
static void put_tree(FILE *stream, const st_tree *tree, const uint32_t *number) {
    fprintf(stream, "# arterial tree by stasis %s: mm LPS; a node's radius is that of the vessel which ends there\n",
            st_version());
    for (uint32_t i = 0; i < tree->n; i++) {
        const uint32_t from = nodes_before(tree, number, i);
        if (tree->parent[i] == ST_NONE)
            put_node(stream, from + 1, tree->proximal[i], tree->radius[i], -1);
        put_node(stream, number[i] + 1, tree->distal[i], tree->radius[i], (int64_t)from + 1);
    }
}

st_status st_tree_write_swc(const char *path, const st_tree *tree, st_error *err) {
    st_writer writer;
    uint32_t *number = nodes_number(tree, err);
    if (!number)
        return ST_MEMORY;
    st_status status = st_writer_open(&writer, path, err);
    if (status == ST_OK) {
        put_tree(writer.stream, tree, number);
        status = st_writer_commit(&writer, err);
    }
    free(number);
    return status;
}
