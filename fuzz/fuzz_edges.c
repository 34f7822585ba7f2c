/* A tree as two tables: the nodes, a line of "--", the edges.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz_tree.h"

static st_status parse_both(const char *name, const char *bytes, size_t size, st_tree *tree, st_error *err) {
    static const char mark[] = "\n--\n";
    const size_t length = sizeof mark - 1;
    size_t at = 0;
    while (at + length <= size && memcmp(bytes + at, mark, length) != 0)
        at++;
    const size_t behind = at + length < size ? at + length : size;
    const st_bytes nodes = {name, bytes, at < size ? at : size}, edges = {name, bytes + behind, size - behind};
    return st_tree_parse_csv(&nodes, &edges, tree, err);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    return fuzz_tree(parse_both, bytes, size);
}
