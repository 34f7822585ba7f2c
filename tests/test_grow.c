/* The growth by territories: feeders, inlets, both systems; checked with the checker, not with the engine.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grown.h"

static st_error err;

typedef struct grown {
    st_liver liver;
    st_tree tree;
    st_tree_growth growth;
} grown;

static void grown_free(grown *g) {
    st_tree_fini(&g->tree);
    st_liver_fini(&g->liver);
}

static grown grow(st_tree_options options, grow_parts parts, unsigned lesions) {
    grown g;
    g.liver = support_liver(&parameters, 1, 1.5, lesions, 14);
    assert_ok(grow_in_parts(&g.liver, &parameters, &options, parts, NULL, &g.tree, &g.growth, &err));
    return g;
}

static const grow_parts one_piece = {1 << 20, 0}, small_parts = {2048, 2048};

static double volume_of(const st_tree *tree) {
    st_tree_measures m;
    assert_ok(st_tree_measure(tree, NULL, &parameters, 0, &m, &err));
    return m.volume;
}

static void territories_keep_every_promise_at_any_thread_count(void **state) {
    (void)state;
    grown one = grow((st_tree_options){.terminals = 20000, .seed = 4, .threads = 1}, small_parts, 2);
    assert_int_equal(one.tree.n_terminals, 20000);
    assert_true(one.growth.territories > 8);
    assert_faultless(&one.tree, &one.liver, NULL);
    for (int threads = 2; threads <= 3; threads++) {
        grown more = grow((st_tree_options){.terminals = 20000, .seed = 4, .threads = threads}, small_parts, 2);
        assert_int_equal(more.tree.n, one.tree.n);
        assert_memory_equal(more.tree.distal, one.tree.distal, one.tree.n * sizeof *one.tree.distal);
        assert_memory_equal(more.tree.parent, one.tree.parent, one.tree.n * sizeof *one.tree.parent);
        assert_memory_equal(more.tree.radius, one.tree.radius, one.tree.n * sizeof *one.tree.radius);
        assert_memory_equal(more.tree.lesion, one.tree.lesion, one.tree.n * sizeof *one.tree.lesion);
        grown_free(&more);
    }
    grown_free(&one);
}

/* Wide vessels whose radii are not final when they are laid out: what they were promised must hold. */
static void a_wide_tree_keeps_its_promises_too(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        st_liver liver = support_liver(&parameters, 1, 1.5, 2, 14);
        st_supply supply;
        assert_ok(st_supply_portal(&liver, &parameters, &supply, &err));
        const st_tree_options options = {.system = ST_PORTAL, .terminals = 20000, .seed = seed, .supply = &supply};
        st_tree tree;
        st_tree_growth report;
        assert_ok(grow_in_parts(&liver, &parameters, &options, small_parts, NULL, &tree, &report, &err));
        assert_true(report.territories > 4);
        assert_faultless(&tree, &liver, NULL);
        st_tree_fini(&tree);
        st_supply_fini(&supply);
        st_liver_fini(&liver);
    }
}

/* One tree against another of the same seed differs by some percent either way: the mean over seeds counts. */
static void territories_cost_little_volume(void **state) {
    (void)state;
    double parts = 0, whole = 0;
    for (uint64_t seed = 1; seed <= 6; seed++) {
        const st_tree_options options = {.terminals = 20000, .seed = seed};
        grown a = grow(options, small_parts, 0), b = grow(options, one_piece, 0);
        parts += volume_of(&a.tree);
        whole += volume_of(&b.tree);
        grown_free(&a);
        grown_free(&b);
    }
    print_message("# volume by territories over that in one piece %.4f\n", parts / whole);
    assert_true(parts <= 1.02 * whole);
}

/* Flow of the widest vessels that feed a lesion alone, `n` of them at most, over that of the lesion. */
static double own_share(const st_tree *tree, uint16_t lesion, unsigned n) {
    double widest[ST_FEEDERS_MOST] = {0}, all = 0, sum = 0;
    double *flow = calloc(tree->n, sizeof *flow);
    assert_non_null(flow);
    for (uint32_t i = 0; i < tree->n; i++)
        flow[i] = st_tree_is_terminal(tree, i) && tree->lesion[i] == lesion ? tree->demand[i] : 0;
    st_tree_sum_up(tree, flow);
    all = flow[0];
    for (uint32_t i = 1; i < tree->n; i++) {
        const uint32_t above = tree->parent[i];
        const bool own = flow[i] >= tree->demand[i] * (1 - 1e-9);
        if (!own || flow[above] >= tree->demand[above] * (1 - 1e-9))
            continue;
        unsigned at = n;
        for (; at > 0 && widest[at - 1] < flow[i]; at--)
            if (at < n)
                widest[at] = widest[at - 1];
        if (at < n)
            widest[at] = flow[i];
    }
    for (unsigned k = 0; k < n; k++)
        sum += widest[k];
    free(flow);
    return sum / all;
}

static void feeders_carry_what_is_not_shared(void **state) {
    (void)state;
    static const unsigned counts[] = {1, 3, 10};
    static const double shares[] = {0, 0.25, 0.5};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 3; k++) {
            const st_feeding feeding[2] = {{counts[i], shares[k]}, {counts[i], shares[k]}};
            const st_tree_options options = {.terminals = 12000, .seed = 1, .feeding = feeding};
            grown g = grow(options, small_parts, 2);
            const unsigned given_up = 2 * counts[i] - g.growth.feeders; /* whose part no vessel reached */
            assert_in_range(g.growth.feeders, 2 * counts[i] - 3 * counts[i] / 10, 2 * counts[i]);
            assert_faultless(&g.tree, &g.liver, NULL);
            for (uint16_t lesion = 1; lesion <= 2; lesion++) {
                const double own = own_share(&g.tree, lesion, counts[i]);
                print_message("# %u feeders, %.2f shared: %.3f\n", counts[i], shares[k], own);
                assert_true(own > 1 - shares[k] - 0.06 - (double)given_up / counts[i]);
                assert_true(shares[k] == 0 || counts[i] > 3 || own < 1 - shares[k] + 0.12);
            }
            grown_free(&g);
        }
    const st_feeding none[2] = {{0, 0}, {0, 0}};
    grown g = grow((st_tree_options){.terminals = 12000, .seed = 1, .feeding = none}, small_parts, 2);
    assert_int_equal(g.growth.feeders, 0);
    assert_true(own_share(&g.tree, 1, 1) < 0.5);
    grown_free(&g);
}

static int by_place(const void *x, const void *y) {
    return memcmp(x, y, 3 * sizeof(float));
}

/* A feeder that cannot end in the middle of its part ends at one of the sites there, which is then taken. */
static void no_two_terminals_end_in_one_place(void **state) {
    (void)state;
    const st_feeding feeding[2] = {{10, 0}, {10, 0}};
    for (uint64_t seed = 1; seed <= 8; seed++) {
        grown g = grow((st_tree_options){.terminals = 6000, .seed = seed, .feeding = feeding}, small_parts, 2);
        float(*end)[3] = calloc(g.tree.n_terminals, sizeof *end);
        assert_non_null(end);
        uint32_t n = 0;
        for (uint32_t i = 0; i < g.tree.n; i++)
            if (st_tree_is_terminal(&g.tree, i))
                memcpy(end[n++], g.tree.distal[i], sizeof *end);
        assert_int_equal(n, 6000);
        qsort(end, n, sizeof *end, by_place);
        for (uint32_t i = 1; i < n; i++)
            assert_memory_not_equal(end[i], end[i - 1], sizeof *end);
        free(end);
        grown_free(&g);
    }
}

static void drawn_feeding_stays_in_its_ranges(void **state) {
    (void)state;
    bool seen[ST_FEEDERS_MOST + 1] = {false};
    for (uint16_t lesion = 1; lesion < 1000; lesion++) {
        const st_feeding f = st_feeding_draw(&parameters, 1, lesion);
        assert_in_range(f.feeders, 1, 3);
        assert_true(f.shared >= 0.1 && f.shared <= 0.3);
        seen[f.feeders] = true;
    }
    assert_true(seen[1] && seen[2] && seen[3]);
}

static void each_inlet_supplies_its_domain(void **state) {
    (void)state;
    static const char *const names[] = {"michels-3", "michels-4", "michels-7"};
    for (int k = 0; k < 3; k++) {
        st_variant variant;
        st_supply supply;
        st_liver liver = support_liver(&parameters, 1, 1.5, 2, 14);
        assert_ok(st_variant_find(names[k], &variant, &err));
        assert_ok(st_supply_init(&liver, &variant, &parameters, &supply, &err));
        const st_tree_options options = {.terminals = 12000, .seed = 1, .supply = &supply};
        st_tree tree;
        st_tree_growth report;
        assert_ok(grow_in_parts(&liver, &parameters, &options, small_parts, NULL, &tree, &report, &err));
        assert_faultless(&tree, &liver, NULL);
        uint32_t *inlet = calloc(tree.n, sizeof *inlet), roots = 0, elsewhere = 0;
        for (uint32_t i = 0; i < tree.n; i++) {
            inlet[i] = tree.parent[i] == ST_NONE ? roots++ : inlet[tree.parent[i]];
            const double p[3] = {(double)tree.distal[i][0], (double)tree.distal[i][1], (double)tree.distal[i][2]};
            if (st_tree_is_terminal(&tree, i) && tree.lesion[i] == 0)
                elsewhere += supply.domain[st_liver_voxel_at(&liver, p)] != inlet[i];
        }
        assert_int_equal(roots, supply.n);
        assert_int_equal(elsewhere, 0);
        free(inlet);
        st_tree_fini(&tree);
        st_supply_fini(&supply);
        st_liver_fini(&liver);
    }
}

static void both_systems_keep_off_each_other(void **state) {
    (void)state;
    st_liver liver = support_liver(&parameters, 1, 1.5, 2, 14);
    st_supply supply;
    assert_ok(st_supply_portal(&liver, &parameters, &supply, &err));
    const st_tree_options options[2] = {{.terminals = 4000, .seed = 1},
                                        {.system = ST_PORTAL, .terminals = 4000, .seed = 1, .supply = &supply}};
    st_tree tree[2];
    st_tree_growth report[2];
    assert_ok(st_tree_grow_both(&liver, &parameters, options, NULL, tree, report, &err));
    assert_faultless(&tree[0], &liver, &tree[1]);
    const st_demand demand = st_demand_from_parameters(&parameters);
    assert_near(tree[1].demand[0], st_demand_portal_total(&demand, &liver), 1e-9);
    assert_near(2 * (double)tree[1].radius[0], st_system_diameter(&parameters, ST_PORTAL, tree[1].demand[0]), 1e-6);
    for (int k = 0; k < 2; k++)
        st_tree_fini(&tree[k]);
    st_supply_fini(&supply);
    st_liver_fini(&liver);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(territories_keep_every_promise_at_any_thread_count),
        cmocka_unit_test(a_wide_tree_keeps_its_promises_too),
        cmocka_unit_test(territories_cost_little_volume),
        cmocka_unit_test(feeders_carry_what_is_not_shared),
        cmocka_unit_test(no_two_terminals_end_in_one_place),
        cmocka_unit_test(drawn_feeding_stays_in_its_ranges),
        cmocka_unit_test(each_inlet_supplies_its_domain),
        cmocka_unit_test(both_systems_keep_off_each_other),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
