/* A .swc tree, and what the flow makes of it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    st_error err = {0};
    st_tree tree;
    if (st_tree_parse_swc("fuzz.swc", (const char *)bytes, size, &tree, &err) != ST_OK) {
        if (err.what[0] == 0)
            abort(); /* a refusal without a word */
        return 0;
    }
    for (uint32_t i = 0; i < tree.n; i++)
        if (tree.parent[i] != ST_NONE && tree.parent[i] >= i)
            abort(); /* the order that every sweep relies on */
    st_tree_fini(&tree);
    return 0;
}
