/* The tree as VTK XML PolyData: one line per segment, arrays raw behind the XML.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/units.h>
#include <stdlib.h>
#include <string.h>

#include "vtp.h"

/* Bytes go out in a fixed order whatever machine writes. */
static void put_bits(FILE *stream, uint64_t bits, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        putc_unlocked((int)(bits >> (8 * i) & 255), stream);
}

static void put_float(FILE *stream, float value) {
    union {
        float value;
        uint32_t bits;
    } both = {value};
    put_bits(stream, both.bits, sizeof both.bits);
}

static void put_double(FILE *stream, double value) {
    union {
        double value;
        uint64_t bits;
    } both = {value};
    put_bits(stream, both.bits, sizeof both.bits);
}

typedef struct writing {
    FILE *stream;
    const st_tree *tree;
    const st_tree_fields *fields;
    uint8_t *order;
} writing;

/* One array: what the XML says of it, and its values. */
typedef struct array_kind {
    const char *section, *name, *type;
    unsigned components;
    size_t bytes;       /* of one value */
    size_t per_segment; /* values */
    void (*put)(const writing *w, uint32_t segment);
} array_kind;

static void put_points(const writing *w, uint32_t i) {
    for (int k = 0; k < 3; k++)
        put_float(w->stream, w->tree->proximal[i][k]);
    for (int k = 0; k < 3; k++)
        put_float(w->stream, w->tree->distal[i][k]);
}

static void put_radius(const writing *w, uint32_t i) {
    put_float(w->stream, w->tree->radius[i]);
    put_float(w->stream, w->tree->radius[i]);
}

static void put_connectivity(const writing *w, uint32_t i) {
    put_bits(w->stream, 2 * (uint64_t)i, 8);
    put_bits(w->stream, 2 * (uint64_t)i + 1, 8);
}

static void put_offset(const writing *w, uint32_t i) {
    put_bits(w->stream, 2 * ((uint64_t)i + 1), 8);
}

static void put_flow(const writing *w, uint32_t i) {
    const double *flow = w->fields->flow ? w->fields->flow : w->tree->demand;
    put_double(w->stream, flow[i] / ST_ML_MIN);
}

static void put_pressure(const writing *w, uint32_t i) {
    put_double(w->stream, w->fields->pressure[i] / ST_MMHG);
}
static void put_order(const writing *w, uint32_t i) {
    put_bits(w->stream, w->order[i], 1);
}
static void put_territory(const writing *w, uint32_t i) {
    put_bits(w->stream, w->fields->territory ? w->fields->territory[i] : 0, 4);
}
static void put_lodged(const writing *w, uint32_t i) {
    put_bits(w->stream, w->fields->lodged[i], 4);
}
static void put_lesion(const writing *w, uint32_t i) {
    put_bits(w->stream, w->tree->lesion[i], 2);
}

static const array_kind kinds[] = {
    {"PointData", "Radius", "Float32", 1, 4, 2, put_radius},
    {"PointData", "MaximumInscribedSphereRadius", "Float32", 1, 4, 2, put_radius},
    {"CellData", "Flow", "Float64", 1, 8, 1, put_flow},
    {"CellData", "Pressure", "Float64", 1, 8, 1, put_pressure},
    {"CellData", "Strahler", "UInt8", 1, 1, 1, put_order},
    {"CellData", "Territory", "UInt32", 1, 4, 1, put_territory},
    {"CellData", "Lodged", "UInt32", 1, 4, 1, put_lodged},
    {"CellData", "Lesion", "UInt16", 1, 2, 1, put_lesion},
    {"Points", "Points", "Float32", 3, 4, 6, put_points},
    {"Lines", "connectivity", "Int64", 1, 8, 2, put_connectivity},
    {"Lines", "offsets", "Int64", 1, 8, 1, put_offset},
};
enum { KINDS = sizeof kinds / sizeof *kinds };

static bool has(const writing *w, const array_kind *kind) {
    return (kind->put != put_pressure || w->fields->pressure) && (kind->put != put_lodged || w->fields->lodged);
}

static uint64_t size_of(const writing *w, const array_kind *kind) {
    return (uint64_t)w->tree->n * kind->per_segment * kind->bytes;
}

static void put_xml(const writing *w) {
    FILE *s = w->stream;
    uint64_t offset = 0;
    fprintf(s,
            "<?xml version=\"1.0\"?>\n"
            "<VTKFile type=\"PolyData\" version=\"1.0\" byte_order=\"LittleEndian\" header_type=\"UInt64\">\n"
            "<!-- arterial tree by stasis %s: mm LPS; Flow mL/min; Pressure mmHg at the second point -->\n"
            "<PolyData>\n<Piece NumberOfPoints=\"%llu\" NumberOfVerts=\"0\" NumberOfLines=\"%u\" "
            "NumberOfStrips=\"0\" NumberOfPolys=\"0\">\n",
            st_version(), 2 * (unsigned long long)w->tree->n, w->tree->n);
    for (int i = 0; i < KINDS; i++) {
        const array_kind *kind = &kinds[i];
        if (i == 0 || strcmp(kind->section, kinds[i - 1].section) != 0)
            fprintf(s, "<%s>\n", kind->section);
        if (has(w, kind)) {
            fprintf(s,
                    "<DataArray type=\"%s\" Name=\"%s\" NumberOfComponents=\"%u\" format=\"appended\" "
                    "offset=\"%llu\"/>\n",
                    kind->type, kind->name, kind->components, (unsigned long long)offset);
            offset += 8 + size_of(w, kind);
        }
        if (i + 1 == KINDS || strcmp(kind->section, kinds[i + 1].section) != 0)
            fprintf(s, "</%s>\n", kind->section);
    }
    fputs("</Piece>\n</PolyData>\n<AppendedData encoding=\"raw\">\n_", s);
}

static void put_data(const writing *w) {
    for (int i = 0; i < KINDS; i++) {
        if (!has(w, &kinds[i]))
            continue;
        put_bits(w->stream, size_of(w, &kinds[i]), 8);
        for (uint32_t segment = 0; segment < w->tree->n; segment++)
            kinds[i].put(w, segment);
    }
    fputs("\n</AppendedData>\n</VTKFile>\n", w->stream);
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
        put_xml(&w);
        put_data(&w);
        status = st_writer_commit(&writer, err);
    }
    free(w.order);
    return status;
}
