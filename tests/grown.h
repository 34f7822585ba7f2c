/* Trees grown for tests, none of which goes out before the checker has looked at it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TESTS_GROWN_H
#define STASIS_TESTS_GROWN_H

#include "../src/tree/growth.h"
#include "with_parameters.h"

static inline void assert_faultless(const st_tree *tree, const st_liver *liver, const st_tree *beside) {
    st_error err = {0};
    st_tree_check check;
    assert_ok(st_tree_check_all(tree, liver, beside, &parameters, 0, &check, &err));
    assert_ok(st_tree_check_verdict(tree, &check, &err));
}

/* All terminals are there, and they share the flow that the organ demands. */
static inline void assert_whole(const st_tree *tree, const st_liver *liver, const st_tree_options *options) {
    const st_demand demand = st_demand_from_parameters(&parameters);
    double flow = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        flow += tree->parent[i] == ST_NONE ? tree->demand[i] : 0;
    assert_int_equal(tree->n_terminals, options->terminals);
    assert_near(flow,
                options->system == ST_PORTAL ? st_demand_portal_total(&demand, liver)
                                             : st_demand_arterial_total(&demand, liver),
                1e-9);
}

static inline st_tree grow_checked(const st_liver *liver, const st_tree_options *options, grow_parts parts,
                                   st_tree_growth *report) {
    st_error err = {0};
    st_tree tree;
    assert_ok(grow_in_parts(liver, &parameters, options, parts, NULL, &tree, report, &err));
    assert_whole(&tree, liver, options);
    assert_faultless(&tree, liver, options->avoid);
    return tree;
}

static inline void assert_same_tree(const st_tree *a, const st_tree *b) {
    assert_int_equal(a->n, b->n);
    assert_memory_equal(a->distal, b->distal, a->n * sizeof *a->distal);
    assert_memory_equal(a->parent, b->parent, a->n * sizeof *a->parent);
    assert_memory_equal(a->radius, b->radius, a->n * sizeof *a->radius);
    assert_memory_equal(a->lesion, b->lesion, a->n * sizeof *a->lesion);
}

#endif
