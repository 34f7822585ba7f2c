/* What the tests of tree formats share: a tree in the order that files keep, and its comparison.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TESTS_TREE_SUPPORT_H
#define STASIS_TESTS_TREE_SUPPORT_H

#include <stasis/units.h>

#include "support.h"

static st_error err;

static inline void assert_same_tree(const st_tree *a, const st_tree *b) {
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->n_terminals, b->n_terminals);
    assert_memory_equal(a->parent, b->parent, a->n * sizeof *a->parent);
    assert_memory_equal(a->proximal, b->proximal, a->n * sizeof *a->proximal);
    assert_memory_equal(a->distal, b->distal, a->n * sizeof *a->distal);
    assert_memory_equal(a->radius, b->radius, a->n * sizeof *a->radius);
    assert_memory_equal(a->lesion, b->lesion, a->n * sizeof *a->lesion);
    assert_memory_equal(a->measured, b->measured, a->n * sizeof *a->measured);
    for (uint32_t i = 0; i < a->n; i++)
        assert_near(a->demand[i], b->demand[i], 1e-12);
}

/* Segments in the depth-first order that the object promises. */
static inline st_tree depth_first(unsigned generations) {
    st_tree made = support_symmetric_tree(generations, 2, 20, 0.01 * ST_ML_MIN, true), tree;
    assert_ok(st_tree_init(&tree, made.n, &err));
    uint32_t stack[64] = {0}, depth = 1, n = 0;
    uint32_t *number = calloc(made.n, sizeof *number);
    assert_non_null(number);
    while (depth > 0) {
        const uint32_t i = stack[--depth];
        number[i] = n;
        tree.parent[n] = i == 0 ? ST_NONE : number[made.parent[i]];
        memcpy(tree.proximal[n], made.proximal[i], sizeof tree.proximal[n]);
        memcpy(tree.distal[n], made.distal[i], sizeof tree.distal[n]);
        tree.distal[n][0] += (float)(1e-3 * n); /* no two ends in one place */
        if (i > 0)
            memcpy(tree.proximal[n], tree.distal[tree.parent[n]], sizeof tree.proximal[n]);
        tree.radius[n] = made.radius[i];
        tree.demand[n] = st_tree_is_terminal(&made, i) ? made.demand[i] * (1 + 0.01 * i) : 0;
        tree.measured[n] = n < 3;
        tree.lesion[n++] = made.lesion[i];
        for (uint32_t child = 2 * i + 2; child > 2 * i; child--)
            if (child < made.n)
                stack[depth++] = child;
    }
    free(number);
    st_tree_fini(&made);
    assert_ok(st_tree_finish(&tree, &err));
    return tree;
}

#endif
