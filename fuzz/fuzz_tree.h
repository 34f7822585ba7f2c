/* What the targets of tree formats share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_FUZZ_TREE_H
#define STASIS_FUZZ_TREE_H

#include "fuzz.h"

#include <math.h>

typedef st_status tree_parser(const char *name, const char *bytes, size_t size, st_tree *tree, st_error *err);

static inline int fuzz_tree(tree_parser *parse, const uint8_t *bytes, size_t size) {
    st_error err = {0};
    st_tree tree;
    if (parse("fuzz", (const char *)bytes, size, &tree, &err) != ST_OK) {
        if (err.what[0] == 0)
            abort(); /* a refusal without a word */
        return 0;
    }
    for (uint32_t i = 0; i < tree.n; i++) {
        if (tree.parent[i] != ST_NONE && tree.parent[i] >= i)
            abort(); /* a parent must come before its children */
        const double length = st_tree_length(&tree, i), radius = (double)tree.radius[i];
        if (!(length > 0 && isfinite(length) && radius > 0 && radius <= 1e3))
            abort(); /* a vessel has a length and a radius */
    }
    st_tree_fini(&tree);
    return 0;
}

#endif
