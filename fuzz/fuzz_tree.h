/* What the targets of tree formats share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_FUZZ_TREE_H
#define STASIS_FUZZ_TREE_H

#include "../tests/phantom.h"
#include "fuzz.h"

#include <math.h>

typedef st_status tree_parser(const char *name, const char *bytes, size_t size, st_tree *tree, st_error *err);

/* Whatever a parser lets through can be checked and measured, beside itself and in an organ. */
static inline void fuzz_check(const st_tree *tree) {
    static st_parameters parameters;
    static st_liver liver;
    st_error err = {0};
    st_tree_check check;
    st_tree_morphometry morphometry;
    if (liver.tissue == NULL &&
        (st_parameters_init(&parameters, &err) != ST_OK ||
         phantom_liver((const double[3]){20, 20, 20}, 4, NULL, 0, &parameters, &liver, &err) != ST_OK))
        abort();
    if (tree->n > 1000)
        return; /* crowds take the square of their number */
    if (st_tree_check_all(tree, &liver, tree, &parameters, 1, &check, &err) == ST_OK &&
        st_tree_check_verdict(tree, &check, &err) != ST_OK && err.what[0] == 0)
        abort();
    if (st_tree_morphometry_of(tree, 1, &morphometry, &err) != ST_OK)
        abort();
}

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
    fuzz_check(&tree);
    st_tree_fini(&tree);
    return 0;
}

#endif
