/* The measures of a tree, on trees whose measures are known, and its volume beside that of the classical algorithm.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cco_reference.h"
#include "made_tree.h"
#include "with_parameters.h"

#if defined(__SANITIZE_ADDRESS__)
#define SANITIZED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifndef SANITIZED
#define SANITIZED 0
#endif

static st_error err;

static void a_symmetric_tree_has_ratios_by_construction(void **state) {
    (void)state;
    enum { GENERATIONS = 9 };
    st_tree tree = support_symmetric_tree(GENERATIONS, 1, 10, 2, false);
    st_tree_morphometry m;
    assert_ok(st_tree_morphometry_of(&tree, 0, &m, &err));
    assert_int_equal(m.orders, GENERATIONS + 1);
    double path = 0;
    for (unsigned k = 1; k <= m.orders; k++) {
        const unsigned generation = GENERATIONS + 1 - k;
        assert_int_equal(m.row[k].elements, 1u << generation);
        assert_int_equal(m.row[k].segments, 1u << generation);
        assert_near(m.row[k].diameter_mean, 2 * pow(2, -(double)generation / 3), 1e-6);
        assert_near(m.row[k].length_mean, 10 * pow(2, -(double)generation / 3), 1e-5);
        assert_true(m.row[k].diameter_sd < 1e-6 && m.row[k].length_sd < 1e-5);
        path += m.row[k].length_mean;
    }
    assert_near(m.branching_ratio, 2, 1e-9);
    assert_near(m.diameter_ratio, cbrt(2), 1e-6);
    assert_near(m.length_ratio, cbrt(2), 1e-6);
    assert_near(m.radius_ratio.p5, 1, 1e-9);
    assert_near(m.flow_share.mean, 0.5, 1e-9);
    assert_int_equal(m.angle.n, (1u << GENERATIONS) - 1);
    assert_near(m.angle.p50, 180, 1e-6); /* the two branches leave along one axis, at right angles to the parent */
    assert_near(m.angle_wider.mean, 90, 1e-6);
    assert_near(m.path_length.mean, path, 1e-6);
    assert_near(m.path_segments.p95, GENERATIONS + 1, 1e-12);
    assert_near(m.terminal_flow.mean, 2, 1e-12);
    assert_true(m.terminal_flow.sd < 1e-12);
    st_tree_fini(&tree);
}

/* A comb: a trunk of four segments with a tooth at each joint, the last joint with two. */
static void runs_of_one_order_are_one_element(void **state) {
    (void)state;
    const made comb[] = {{ST_NONE, {0, 0, 0}, {1, 0, 0}, 3, 0}, {0, {1, 0, 0}, {2, 0, 0}, 2, 0},
                         {1, {2, 0, 0}, {4, 0, 0}, 1, 0},       {2, {4, 0, 0}, {5, 0, 0}, 1, 1},
                         {2, {4, 0, 0}, {4, 3, 0}, 1, 1},       {1, {2, 0, 0}, {2, 2, 0}, 1, 1},
                         {0, {1, 0, 0}, {1, 2, 0}, 1, 5}};
    st_tree tree = TREE_OF(comb);
    st_tree_morphometry m;
    assert_ok(st_tree_morphometry_of(&tree, 0, &m, &err));
    assert_int_equal(m.orders, 2);
    assert_int_equal(m.row[2].elements, 1);
    assert_int_equal(m.row[2].segments, 3);
    assert_near(m.row[2].length_mean, 4, 1e-12);
    assert_near(m.row[2].diameter_mean, (6 * 1 + 4 * 1 + 2 * 2) / 4.0, 1e-12);
    assert_int_equal(m.row[1].elements, 4);
    assert_near(m.row[1].length_mean, 2, 1e-12);
    assert_near(m.row[1].length_sd, sqrt(2.0 / 3), 1e-12); /* 1, 3, 2, 2 */
    assert_near(m.branching_ratio, 4, 1e-12);
    assert_near(m.length_ratio, 2, 1e-12);
    assert_near(m.path_length.p50, 4.5, 1e-12); /* 5, 7, 4, 3 */
    assert_near(m.path_length.p95, 6.7, 1e-12);
    assert_near(m.path_segments.mean, 3.25, 1e-12);
    assert_near(m.radius_ratio.p50, 0.5 / 1 + 0.5, 1e-12);                    /* 1/2, 1, 1 */
    assert_near(m.flow_share.p5, 0.1 * (3.0 / 8 - 1.0 / 3) + 1.0 / 3, 1e-12); /* 1/3, 3/8, 1/2 */
    assert_near(m.angle.mean, 90, 1e-12);
    assert_near(m.angle_wider.mean, 0 + 0, 1e-12);
    st_tree_fini(&tree);
}

static void sums_do_not_depend_on_threads(void **state) {
    (void)state;
    st_tree tree = random_tree(5000, 7, 0.01);
    st_tree_measures one, two;
    st_tree_morphometry m;
    assert_ok(st_tree_measure(&tree, NULL, &parameters, 1, &one, &err));
    assert_ok(st_tree_measure(&tree, NULL, &parameters, 3, &two, &err));
    assert_ok(st_tree_morphometry_of(&tree, 2, &m, &err));
    assert_memory_equal(&one, &two, sizeof one);
    assert_true(m.volume == one.volume && m.length == one.length && m.path_segments.mean > one.path_mean * (1 - 1e-12));
    double length = 0;
    for (uint32_t i = 0; i < tree.n; i++)
        length += st_tree_length(&tree, i);
    assert_near(one.length, length, 1e-12);
    st_tree_fini(&tree);
}

/* ---- the classical reference ------------------------------------------------------ */

static double classical_volume(const st_tree *tree, uint64_t seed) {
    st_tree reference;
    st_tree_measures measures;
    assert_ok(cco_reference_of(tree, st_parameter_value(&parameters, ST_P_MURRAY_EXPONENT), seed, &reference, &err));
    assert_ok(st_tree_measure(&reference, NULL, &parameters, 0, &measures, &err));
    assert_int_equal(reference.n_terminals, tree->n_terminals);
    assert_true(measures.murray_worst < 1e-5);
    st_tree_fini(&reference);
    return measures.volume;
}

/* One order of the points against another is worth a percent, and so is one seed: the mean counts. */
static void no_worse_than_classical(void **state) {
    (void)state;
    static const struct {
        uint32_t terminals;
        uint64_t seeds;
    } sizes[] = {{500, SANITIZED ? 2 : 8}, {2000, SANITIZED ? 0 : 4}};
    st_liver liver = support_liver(&parameters, 1, 1.5, 0, 0);
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        double sum = 0;
        for (uint64_t seed = 1; seed <= sizes[i].seeds; seed++) {
            const st_tree_options options = {.terminals = sizes[i].terminals, .seed = seed};
            st_tree tree;
            st_tree_growth growth;
            st_tree_measures measures;
            assert_ok(st_tree_grow(&liver, &parameters, &options, NULL, &tree, &growth, &err));
            assert_ok(st_tree_measure(&tree, &liver, &parameters, 0, &measures, &err));
            const double ratio = measures.volume / classical_volume(&tree, seed);
            print_message("# %u terminals, seed %llu: %.4f of the classical volume\n", sizes[i].terminals,
                          (unsigned long long)seed, ratio);
            sum += ratio;
            st_tree_fini(&tree);
        }
        assert_true(sum <= (double)sizes[i].seeds);
    }
    st_liver_fini(&liver);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_symmetric_tree_has_ratios_by_construction),
        cmocka_unit_test(runs_of_one_order_are_one_element),
        cmocka_unit_test(sums_do_not_depend_on_threads),
        cmocka_unit_test(no_worse_than_classical),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
