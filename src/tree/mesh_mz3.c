/* The tubes of a tree as .mz3, the mesh of Surf Ice and NiiVue: a header of 16 bytes, the corners of the triangles, the
 * vertices, a scalar per vertex; lowest byte first, the whole gzipped.
 * (github.com/neurolabusc/surf-ice, mz3)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <string.h>
#include <unistd.h>
#include <zlib.h>

#include "bytes.h"
#include "tubes.h"

enum { MAGIC = 0x5a4d, HAS_FACES = 1, HAS_VERTICES = 2, HAS_SCALARS = 8 };
enum { PIECE = 2 * TUBE_SIDES * 3 * 4 }; /* bytes of a segment, at most */

static void put_header(gzFile file, const tubes *t) {
    unsigned char head[16] = {0}, *at = head;
    at = bytes_put(at, MAGIC, 2);
    at = bytes_put(at, HAS_FACES | HAS_VERTICES | HAS_SCALARS, 2);
    at = bytes_put(at, t->n, 4); /* triangles */
    bytes_put(at, t->n, 4);      /* vertices; nothing is skipped before the data */
    gzwrite(file, head, sizeof head);
}

static void put_faces(gzFile file, const tubes *t) {
    uint32_t triangle[2 * TUBE_SIDES][3];
    unsigned char piece[PIECE];
    for (uint32_t i = 0, first = 0; i < t->tree->n; i++) {
        const unsigned n = 2 * tube_sides(t, i);
        unsigned char *at = piece;
        tube_triangles(n / 2, first, triangle);
        for (unsigned k = 0; k < n; k++)
            for (int corner = 0; corner < 3; corner++)
                at = bytes_put(at, triangle[k][corner], 4);
        gzwrite(file, piece, (unsigned)(at - piece));
        first += n;
    }
}

/* From LPS to RAS. */
static void put_vertices(gzFile file, const tubes *t) {
    double vertex[2 * TUBE_SIDES][3];
    unsigned char piece[PIECE];
    for (uint32_t i = 0; i < t->tree->n; i++) {
        unsigned char *at = piece;
        tube_vertices(t, i, vertex);
        for (unsigned k = 0; k < 2 * tube_sides(t, i); k++) {
            at = bytes_put_float(at, (float)-vertex[k][0]);
            at = bytes_put_float(at, (float)-vertex[k][1]);
            at = bytes_put_float(at, (float)vertex[k][2]);
        }
        gzwrite(file, piece, (unsigned)(at - piece));
    }
}

static void put_scalars(gzFile file, const tubes *t) {
    unsigned char piece[PIECE];
    for (uint32_t i = 0; i < t->tree->n; i++) {
        unsigned char *at = piece;
        for (unsigned k = 0; k < 2 * tube_sides(t, i); k++)
            at = bytes_put_float(at, t->tree->radius[i]);
        gzwrite(file, piece, (unsigned)(at - piece));
    }
}

/* zlib closes what it writes to: a second descriptor of the file. It remembers a failed write until then. */
static st_status put_mesh(FILE *stream, const char *path, const tubes *t, st_error *err) {
    const int descriptor = dup(fileno(stream));
    gzFile file = descriptor >= 0 ? gzdopen(descriptor, "wb1") : NULL;
    if (!file) {
        if (descriptor >= 0)
            close(descriptor);
        return st_fail_at(err, ST_MEMORY, path, 0, 0, "no memory or no descriptor to compress it");
    }
    put_header(file, t);
    put_faces(file, t);
    put_vertices(file, t);
    put_scalars(file, t);
    int failed = Z_OK;
    gzerror(file, &failed);
    if (gzclose(file) != Z_OK || failed != Z_OK)
        return st_fail_at(err, ST_IO, path, 0, 0, "cannot be written: %s", strerror(errno));
    return ST_OK;
}

st_status st_tree_write_mz3(const char *path, const st_tree *tree, st_error *err) {
    st_writer writer;
    tubes t;
    st_status status = tubes_init(&t, tree, err);
    if (status == ST_OK)
        status = st_writer_open(&writer, path, err);
    if (status != ST_OK)
        return status;
    status = put_mesh(writer.stream, path, &t, err);
    if (status == ST_OK)
        return st_writer_commit(&writer, err);
    st_writer_abandon(&writer);
    return status;
}
