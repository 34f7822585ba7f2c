/* A tree by the suffix of its file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "csv.h"

static const size_t FILE_LIMIT = (size_t)4 << 30;

static st_status write_swc(const char *path, const st_tree *tree, const st_tree_fields *fields, st_error *err) {
    (void)fields;
    return st_tree_write_swc(path, tree, err);
}

static st_status write_obj(const char *path, const st_tree *tree, const st_tree_fields *fields, st_error *err) {
    (void)fields;
    return st_tree_write_obj(path, tree, err);
}

static st_status write_mz3(const char *path, const st_tree *tree, const st_tree_fields *fields, st_error *err) {
    (void)fields;
    return st_tree_write_mz3(path, tree, err);
}

typedef st_status tree_parser(const char *name, const char *bytes, size_t size, st_tree *tree, st_error *err);

/* A file of one format, read and parsed. */
static st_status read_with(tree_parser *parse, const char *path, st_tree *tree, st_error *err) {
    char *bytes = NULL;
    size_t size;
    st_status status = st_file_read(path, FILE_LIMIT, &bytes, &size, err);
    if (status == ST_OK)
        status = parse(path, bytes, size, tree, err);
    free(bytes);
    return status;
}

static st_status read_vtp(const char *path, st_tree *tree, st_error *err) {
    return read_with(st_tree_parse_vtp, path, tree, err);
}

static st_status read_swc(const char *path, st_tree *tree, st_error *err) {
    return read_with(st_tree_parse_swc, path, tree, err);
}

static st_status read_gxl(const char *path, st_tree *tree, st_error *err) {
    return read_with(st_tree_parse_gxl, path, tree, err);
}

static st_status read_csv(const char *path, st_tree *tree, st_error *err) {
    csv_pair pair;
    char *nodes = NULL, *edges = NULL;
    size_t nodes_size = 0, edges_size = 0;
    st_status status = csv_pair_init(&pair, path, err);
    if (status == ST_OK)
        status = st_file_read(pair.nodes, FILE_LIMIT, &nodes, &nodes_size, err);
    if (status == ST_OK)
        status = st_file_read(pair.edges, FILE_LIMIT, &edges, &edges_size, err);
    if (status == ST_OK)
        status = st_tree_parse_csv(&(st_bytes){pair.nodes, nodes, nodes_size},
                                   &(st_bytes){pair.edges, edges, edges_size}, tree, err);
    free(nodes);
    free(edges);
    csv_pair_fini(&pair);
    return status;
}

typedef struct format {
    const char *suffix;
    st_status (*read)(const char *path, st_tree *tree, st_error *err); /* NULL: a mesh, which is no tree any more */
    st_status (*write)(const char *path, const st_tree *tree, const st_tree_fields *fields, st_error *err);
} format;

static const format formats[] = {
    {".vtp", read_vtp, st_tree_write_vtp},
    {".swc", read_swc, write_swc},
    {".gxl", read_gxl, st_tree_write_gxl},
    {".xml", read_gxl, st_tree_write_gxl}, /* as their programs name it */
    {CSV_NODES, read_csv, st_tree_write_csv},
    {CSV_EDGES, read_csv, st_tree_write_csv},
    {".obj", NULL, write_obj},
    {".mz3", NULL, write_mz3},
};

static const format *format_of(const char *path) {
    const size_t n = strlen(path);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        const size_t m = strlen(formats[i].suffix);
        if (n > m && strcmp(path + n - m, formats[i].suffix) == 0)
            return &formats[i];
    }
    return NULL;
}

st_status st_tree_name_check(const char *path, st_error *err) {
    if (format_of(path))
        return ST_OK;
    return st_fail_at(
        err, ST_FORMAT, path, 0, 0,
        "the name of a tree to write ends in .vtp, .swc, .gxl, .nodes.csv or .edges.csv, that of its mesh "
        "in .obj or .mz3");
}

st_status st_tree_read(const char *path, st_tree *tree, st_error *err) {
    const format *f = format_of(path);
    *tree = (st_tree){0};
    if (f && f->read)
        return f->read(path, tree, err);
    return st_fail_at(err, ST_FORMAT, path, 0, 0,
                      "the name of a tree to read ends in .vtp, .swc, .gxl (or .xml), .nodes.csv or .edges.csv");
}

st_status st_tree_write(const char *path, const st_tree *tree, const st_tree_fields *fields, st_error *err) {
    const st_status status = st_tree_name_check(path, err);
    return status == ST_OK ? format_of(path)->write(path, tree, fields, err) : status;
}
