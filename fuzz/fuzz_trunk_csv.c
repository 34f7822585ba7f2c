/* A .csv of centrelines, and what every trunk promises.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

static void check(const st_tree *trunk) {
    for (uint32_t i = 0; i < trunk->n; i++) {
        unsigned children = 0;
        for (uint32_t child = trunk->first_child[i]; child != ST_NONE; child = trunk->next_sibling[child])
            children++;
        if (children > 2 || (trunk->parent[i] == ST_NONE) != (i == 0) || (i > 0 && trunk->parent[i] >= i))
            abort(); /* one root, parents first, forks of two */
        if (!(trunk->radius[i] > 0) || !(st_tree_length(trunk, i) > 0))
            abort();
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    static st_parameters parameters;
    st_error err = {0};
    st_tree trunk;
    st_trunk_report report;
    if (parameters.item[0].name == NULL && st_parameters_init(&parameters, &err) != ST_OK)
        return 0;
    if (st_trunk_parse_csv("fuzz.csv", (const char *)bytes, size, "LPS", &parameters, &trunk, &report, &err) != ST_OK) {
        if (err.what[0] == 0 || trunk.n != 0)
            abort(); /* a refusal without a word, or half a trunk */
        return 0;
    }
    check(&trunk);
    st_tree_fini(&trunk);
    return 0;
}
