/* What reading a .vtp passes from stage to stage: XML to arrays, arrays to lines, lines to a tree.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_VTP_H
#define STASIS_TREE_VTP_H

#include <stasis/tree.h>

/* One DataArray as the XML gives it: text between its tags, or an offset into the appended data. */
typedef struct vtp_array {
    char section[16]; /* "Points", "Lines", "PointData", "CellData" */
    char name[64], type[16], format[16];
    uint64_t components;
    bool has_offset;
    uint64_t offset;
    char *text;
    size_t text_size;
    size_t line; /* of the tag, for messages */
} vtp_array;

enum { VTP_ARRAYS = 256 };

typedef struct vtp_file {
    const char *name; /* for messages */
    bool big_endian, header64, zlib;
    uint64_t n_points, n_lines, n_verts;
    unsigned pieces;
    vtp_array array[VTP_ARRAYS];
    size_t n_arrays;
    bool appended_base64;
    const char *appended; /* first byte after the underscore, NULL when there is none */
    size_t appended_size;
} vtp_file;

/* Parses the XML. `file` keeps pointers into bytes. */
st_status vtp_xml_parse(const char *name, const char *bytes, size_t size, vtp_file *file, st_error *err);
void vtp_file_fini(vtp_file *file);

/* The array of that name in a section (name NULL: the first one there), NULL when absent. */
const vtp_array *vtp_find(const vtp_file *file, const char *section, const char *name);
/* Its values, exactly n, as doubles. Free with free(). */
st_status vtp_values(const vtp_file *file, const vtp_array *array, uint64_t n, double **value, st_error *err);

#endif
