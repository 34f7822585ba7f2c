/* The tubes of a tree as .obj.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tubes.h"

/* 3D Slicer finds the axes in the comment. */
static void put_mesh(FILE *s, const tubes *t) {
    double vertex[2 * TUBE_SIDES][3];
    uint32_t triangle[2 * TUBE_SIDES][3];
    fprintf(s, "# arterial tree by stasis %s, mm\n# SPACE=LPS\n", st_version());
    for (uint32_t i = 0; i < t->tree->n; i++) {
        tube_vertices(t, i, vertex);
        for (unsigned k = 0; k < 2 * tube_sides(t, i); k++)
            fprintf(s, "v %.7g %.7g %.7g\n", vertex[k][0], vertex[k][1], vertex[k][2]);
    }
    for (uint32_t i = 0, first = 1; i < t->tree->n; first += 2 * tube_sides(t, i++)) {
        tube_triangles(tube_sides(t, i), first, triangle);
        for (unsigned k = 0; k < 2 * tube_sides(t, i); k++)
            fprintf(s, "f %u %u %u\n", triangle[k][0], triangle[k][1], triangle[k][2]);
    }
}

st_status st_tree_write_obj(const char *path, const st_tree *tree, st_error *err) {
    st_writer writer;
    tubes t;
    st_status status = tubes_init(&t, tree, err);
    if (status == ST_OK)
        status = st_writer_open(&writer, path, err);
    if (status != ST_OK)
        return status;
    put_mesh(writer.stream, &t);
    return st_writer_commit(&writer, err);
}
