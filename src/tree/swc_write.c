/* A tree as .swc: a node for the beginning of each root and for the end of each segment.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/tree.h>
#include <stdlib.h>

/* Nine digits bring a float back as it was. */
static void put_node(FILE *stream, uint32_t id, const float p[3], float radius, int64_t parent) {
    fprintf(stream, "%u 0 %.9g %.9g %.9g %.9g %lld\n", id, (double)p[0], (double)p[1], (double)p[2], (double)radius,
            (long long)parent);
}

static void put_tree(FILE *stream, const st_tree *tree, uint32_t *id) {
    uint32_t next = 1;
    fprintf(stream, "# arterial tree by stasis %s: mm LPS; a node's radius is that of the vessel which ends there\n",
            st_version());
    for (uint32_t i = 0; i < tree->n; i++) {
        const bool root = tree->parent[i] == ST_NONE;
        if (root)
            put_node(stream, next++, tree->proximal[i], tree->radius[i], -1);
        const uint32_t parent = root ? next - 1 : id[tree->parent[i]];
        id[i] = next++;
        put_node(stream, id[i], tree->distal[i], tree->radius[i], parent);
    }
}

st_status st_tree_write_swc(const char *path, const st_tree *tree, st_error *err) {
    st_writer writer;
    uint32_t *id = st_alloc(tree->n, sizeof *id, err);
    if (!id)
        return ST_MEMORY;
    st_status status = st_writer_open(&writer, path, err);
    if (status == ST_OK) {
        put_tree(writer.stream, tree, id);
        status = st_writer_commit(&writer, err);
    }
    free(id);
    return status;
}
