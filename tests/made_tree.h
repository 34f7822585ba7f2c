/* Trees made by hand and at random.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TESTS_MADE_TREE_H
#define STASIS_TESTS_MADE_TREE_H

#include "../src/tree/vec.h"
#include "support.h"

typedef struct made {
    uint32_t parent; /* ST_NONE: a root */
    float from[3], to[3], radius;
    double flow; /* of a terminal */
} made;

static inline st_tree made_tree(const made *segment, uint32_t n) {
    st_error err = {0};
    st_tree tree;
    assert_ok(st_tree_init(&tree, n, &err));
    for (uint32_t i = 0; i < n; i++) {
        tree.parent[i] = segment[i].parent;
        memcpy(tree.proximal[i], segment[i].from, sizeof tree.proximal[i]);
        memcpy(tree.distal[i], segment[i].to, sizeof tree.distal[i]);
        tree.radius[i] = segment[i].radius;
        tree.demand[i] = segment[i].flow;
    }
    assert_ok(st_tree_finish(&tree, &err));
    return tree;
}
#define TREE_OF(segments) made_tree(segments, sizeof segments / sizeof *segments)

static inline vec random_point(st_rng *rng, double size) {
    return (vec){size * st_rng_uniform(rng), size * st_rng_uniform(rng), size * st_rng_uniform(rng)};
}

static inline void put(float to[3], vec p) {
    to[0] = (float)p.x;
    to[1] = (float)p.y;
    to[2] = (float)p.z;
}

/* Bushes of random vessels, some of them long or wide, so that cells hold few and many. */
static inline st_tree random_tree(uint32_t n, uint64_t seed, double radius) {
    st_rng rng = st_rng_stream(seed, ST_RNG_TEST, 3);
    st_error err = {0};
    st_tree tree;
    assert_ok(st_tree_init(&tree, n, &err));
    for (uint32_t i = 0; i < n; i++) {
        const bool root = i % 50 == 0;
        tree.parent[i] = root ? ST_NONE : i - 1 - st_rng_below(&rng, i % 50);
        if (root)
            put(tree.proximal[i], random_point(&rng, 40));
        else
            memcpy(tree.proximal[i], tree.distal[tree.parent[i]], sizeof tree.proximal[i]);
        const double reach = i % 97 == 0 ? 60 : 4;
        const vec step = vec_sub(random_point(&rng, reach), (vec){reach / 2, reach / 2, reach / 2});
        put(tree.distal[i], vec_add(vec_of(tree.proximal[i]), step));
        tree.radius[i] = (float)(radius * (i % 89 == 0 ? 30 : 1) * st_rng_uniform(&rng));
    }
    assert_ok(st_tree_finish(&tree, &err));
    return tree;
}

#endif
