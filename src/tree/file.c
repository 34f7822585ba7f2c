/* A tree by the suffix of its file.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/tree.h>
#include <stdlib.h>
#include <string.h>

static const size_t FILE_LIMIT = (size_t)4 << 30;

static bool ends_in(const char *path, const char *suffix) {
    const size_t n = strlen(path), m = strlen(suffix);
    return n > m && strcmp(path + n - m, suffix) == 0;
}

st_status st_tree_name_check(const char *path, st_error *err) {
    if (ends_in(path, ".vtp") || ends_in(path, ".swc"))
        return ST_OK;
    return st_fail_at(err, ST_FORMAT, path, 0, 0, "the name of a tree ends in .vtp or .swc");
}

st_status st_tree_read(const char *path, st_tree *tree, st_error *err) {
    *tree = (st_tree){0};
    char *bytes = NULL;
    size_t size;
    st_status status = st_tree_name_check(path, err);
    if (status == ST_OK)
        status = st_file_read(path, FILE_LIMIT, &bytes, &size, err);
    if (status == ST_OK)
        status = (ends_in(path, ".swc") ? st_tree_parse_swc : st_tree_parse_vtp)(path, bytes, size, tree, err);
    free(bytes);
    return status;
}

st_status st_tree_write(const char *path, const st_tree *tree, const st_tree_fields *fields, st_error *err) {
    const st_status status = st_tree_name_check(path, err);
    if (status != ST_OK)
        return status;
    return ends_in(path, ".swc") ? st_tree_write_swc(path, tree, err) : st_tree_write_vtp(path, tree, fields, err);
}
