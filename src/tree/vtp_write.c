/* The tree as VTK XML PolyData: one line per segment, arrays compressed behind the XML.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/tree.h>
#include <stasis/units.h>
#include <stdlib.h>
#include <string.h>

#include "bytes.h"
#include "vtp_blocks.h"

typedef struct writing {
    FILE *stream;
    const st_tree *tree;
    const st_tree_fields *fields;
    uint8_t *order;
} writing;

/* One array: what the XML says of it, and what a segment contributes. */
typedef struct array_kind {
    const char *section, *name, *type;
    unsigned components;
    size_t bytes; /* of a segment */
    void (*put)(const void *context, uint32_t segment, unsigned char *to);
} array_kind;

static void put_points(const void *context, uint32_t i, unsigned char *to) {
    const st_tree *tree = ((const writing *)context)->tree;
    for (int k = 0; k < 3; k++)
        to = bytes_put_float(to, tree->proximal[i][k]);
    for (int k = 0; k < 3; k++)
        to = bytes_put_float(to, tree->distal[i][k]);
}

static void put_radius(const void *context, uint32_t i, unsigned char *to) {
    const writing *w = context;
    bytes_put_float(bytes_put_float(to, w->tree->radius[i]), w->tree->radius[i]);
}

static void put_connectivity(const void *context, uint32_t i, unsigned char *to) {
    (void)context;
    bytes_put(bytes_put(to, 2 * (uint64_t)i, 8), 2 * (uint64_t)i + 1, 8);
}

static void put_offset(const void *context, uint32_t i, unsigned char *to) {
    (void)context;
    bytes_put(to, 2 * ((uint64_t)i + 1), 8);
}

static void put_flow(const void *context, uint32_t i, unsigned char *to) {
    const writing *w = context;
    bytes_put_double(to, (w->fields->flow ? w->fields->flow : w->tree->demand)[i] / ST_ML_MIN);
}

static void put_pressure(const void *context, uint32_t i, unsigned char *to) {
    bytes_put_double(to, ((const writing *)context)->fields->pressure[i] / ST_MMHG);
}

static void put_order(const void *context, uint32_t i, unsigned char *to) {
    bytes_put(to, ((const writing *)context)->order[i], 1);
}

static void put_territory(const void *context, uint32_t i, unsigned char *to) {
    const writing *w = context;
    bytes_put(to, w->fields->territory ? w->fields->territory[i] : 0, 4);
}

static void put_lodged(const void *context, uint32_t i, unsigned char *to) {
    bytes_put(to, ((const writing *)context)->fields->lodged[i], 4);
}

static void put_lesion(const void *context, uint32_t i, unsigned char *to) {
    bytes_put(to, ((const writing *)context)->tree->lesion[i], 2);
}

static void put_measured(const void *context, uint32_t i, unsigned char *to) {
    bytes_put(to, ((const writing *)context)->tree->measured[i], 1);
}

static const array_kind kinds[] = {
    {"PointData", "Radius", "Float32", 1, 8, put_radius},
    {"PointData", "MaximumInscribedSphereRadius", "Float32", 1, 8, put_radius},
    {"CellData", "Flow", "Float64", 1, 8, put_flow},
    {"CellData", "Pressure", "Float64", 1, 8, put_pressure},
    {"CellData", "Strahler", "UInt8", 1, 1, put_order},
    {"CellData", "Territory", "UInt32", 1, 4, put_territory},
    {"CellData", "Lodged", "UInt32", 1, 4, put_lodged},
    {"CellData", "Lesion", "UInt16", 1, 2, put_lesion},
    {"CellData", "Measured", "UInt8", 1, 1, put_measured},
    {"Points", "Points", "Float32", 3, 24, put_points},
    {"Lines", "connectivity", "Int64", 1, 16, put_connectivity},
    {"Lines", "offsets", "Int64", 1, 8, put_offset},
};
enum { KINDS = sizeof kinds / sizeof *kinds };
enum { OFFSET_ROOM = 29 }; /* characters of offset="..." with the longest number */

static bool has(const writing *w, const array_kind *kind) {
    return (kind->put != put_pressure || w->fields->pressure) && (kind->put != put_lodged || w->fields->lodged);
}

/* The tag of an array with room for where its data will stand. Returns the place of that room. */
static off_t put_tag(FILE *s, const array_kind *kind) {
    fprintf(s, "<DataArray type=\"%s\" Name=\"%s\" NumberOfComponents=\"%u\" format=\"appended\" ", kind->type,
            kind->name, kind->components);
    const off_t room = ftello(s);
    fprintf(s, "%*s/>\n", OFFSET_ROOM, "");
    return room;
}

static void put_xml(const writing *w, off_t room[KINDS]) {
    FILE *s = w->stream;
    fprintf(s,
            "<?xml version=\"1.0\"?>\n"
            "<VTKFile type=\"PolyData\" version=\"1.0\" byte_order=\"LittleEndian\" header_type=\"UInt64\" "
            "compressor=\"vtkZLibDataCompressor\">\n"
            "<!-- arterial tree by stasis %s: mm LPS; Flow mL/min; Pressure mmHg at the second point -->\n"
            "<PolyData>\n<Piece NumberOfPoints=\"%llu\" NumberOfVerts=\"0\" NumberOfLines=\"%u\" "
            "NumberOfStrips=\"0\" NumberOfPolys=\"0\">\n",
            st_version(), 2 * (unsigned long long)w->tree->n, w->tree->n);
    for (int i = 0; i < KINDS; i++) {
        const array_kind *kind = &kinds[i];
        if (i == 0 || strcmp(kind->section, kinds[i - 1].section) != 0)
            fprintf(s, "<%s>\n", kind->section);
        if (has(w, kind))
            room[i] = put_tag(s, kind);
        if (i + 1 == KINDS || strcmp(kind->section, kinds[i + 1].section) != 0)
            fprintf(s, "</%s>\n", kind->section);
    }
    fputs("</Piece>\n</PolyData>\n<AppendedData encoding=\"raw\">\n_", s);
}

/* Both names of the radius lead to the same data. */
static st_status put_data(const writing *w, off_t offset[KINDS], st_error *err) {
    const off_t begin = ftello(w->stream);
    st_status status = ST_OK;
    for (int i = 0; i < KINDS && status == ST_OK; i++) {
        if (i > 0 && kinds[i].put == kinds[i - 1].put) {
            offset[i] = offset[i - 1];
            continue;
        }
        offset[i] = ftello(w->stream) - begin;
        if (has(w, &kinds[i]))
            status = vtp_blocks_write(w->stream, &(vtp_items){w->tree->n, kinds[i].bytes, kinds[i].put, w}, err);
    }
    fputs("\n</AppendedData>\n</VTKFile>\n", w->stream);
    return status;
}

static st_status put_file(const writing *w, st_error *err) {
    off_t room[KINDS], offset[KINDS];
    put_xml(w, room);
    const st_status status = put_data(w, offset, err);
    for (int i = 0; i < KINDS; i++)
        if (has(w, &kinds[i]) && fseeko(w->stream, room[i], SEEK_SET) == 0)
            fprintf(w->stream, "offset=\"%lld\"", (long long)offset[i]);
    return status;
}

st_status st_tree_write_vtp(const char *path, const st_tree *tree, const st_tree_fields *fields, st_error *err) {
    st_writer writer;
    writing w = {.tree = tree, .fields = fields, .order = st_alloc(tree->n, sizeof *w.order, err)};
    if (!w.order)
        return ST_MEMORY;
    st_tree_strahler(tree, w.order);
    st_status status = st_writer_open(&writer, path, err);
    if (status == ST_OK) {
        w.stream = writer.stream;
        status = put_file(&w, err);
        if (status == ST_OK)
            status = st_writer_commit(&writer, err);
        else
            st_writer_abandon(&writer);
    }
    free(w.order);
    return status;
}
