/* The bed: the flow of the tree it is made of, random vessels where that ends, the answer to every lodging.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/units.h>

#include "embolic_support.h"

static st_error err;

static void at_baseline_every_terminal_has_its_demand(void **state) {
    (void)state;
    for (int closure = 0; closure <= 64; closure += 64) {
        with("closure_terminals", closure);
        st_tree tree = support_symmetric_tree(9, 1.0, 20, 0.5, true);
        double *q = calloc(tree.n, sizeof *q), *pressure = calloc(tree.n, sizeof *pressure);
        st_bed *bed = NULL;
        assert_ok(st_bed_new(&tree, &parameters, 0.06, 1, &bed, &err));
        assert_ok(st_bed_flow(bed, q, pressure, &err));
        for (uint32_t i = 0; i < tree.n; i++)
            assert_near(q[i], tree.demand[i], 1e-9);
        if (closure == 0)
            assert_int_equal(st_bed_joints(bed), (1u << 9)); /* one for the root, one where each vessel divides */
        else
            assert_true(st_bed_joints(bed) > 4 * (1u << 9));
        st_bed_free(bed);
        free(q);
        free(pressure);
        st_tree_fini(&tree);
    }
    reset();
}

/* With tight plugs in the vessels of the tree itself the network is that of st_flow with those segments closed. */
static void a_bare_bed_flows_as_the_tree_does(void **state) {
    (void)state;
    bare();
    st_tree tree = support_symmetric_tree(8, 1.0, 20, 0.8, true);
    st_flow flow;
    bench b = bench_of(&tree, 0.1);
    double *q = calloc(tree.n, sizeof *q), *pressure = calloc(tree.n, sizeof *pressure);
    double *bed_q = calloc(tree.n, sizeof *bed_q), *bed_pressure = calloc(tree.n, sizeof *bed_pressure);
    assert_ok(st_flow_init(&tree, &parameters, &flow, &err));
    for (uint64_t step = 1; step <= 5; step++) {
        with("dose_limit", 1000);
        parameters.item[ST_P_DOSE_LIMIT].value = 17; /* a few at a time */
        infuse(&b, 320, 700, 0, ST_ENDPOINT_STASIS, step);
        for (uint32_t i = 0; i < tree.n; i++)
            if (b.lodged[i] > 0 && flow.conductance[i] > 0)
                st_flow_set(&flow, &tree, i, 0);
        st_flow_solve(&flow, &tree, q, pressure);
        assert_ok(st_bed_flow(b.bed, bed_q, bed_pressure, &err));
        for (uint32_t i = 0; i < tree.n; i++) {
            assert_true(fabs(bed_q[i] - q[i]) <= 1e-11 * q[0]);
            if (q[i] > 0)
                assert_near(bed_pressure[i], pressure[i], 1e-9);
        }
        double error;
        assert_ok(st_bed_error(b.bed, &error, &err));
        assert_true(error <= 1e-12);
    }
    st_flow_fini(&flow);
    free(q);
    free(pressure);
    free(bed_q);
    free(bed_pressure);
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

static void every_thousand_lodgings_leave_the_exact_flow(void **state) {
    (void)state;
    st_tree tree = support_symmetric_tree(10, 1.0, 20, 0.2, true);
    for (int porous = 0; porous <= 1; porous++) {
        with("plug_porosity", porous ? 0.38 : 0);
        bench b = bench_of(&tree, 0.075);
        parameters.item[ST_P_DOSE_LIMIT].value = 1000;
        for (uint64_t k = 1; k <= 12; k++) {
            double error, *q = calloc(tree.n, sizeof *q);
            infuse(&b, 75, 150, 0, ST_ENDPOINT_STASIS, k);
            assert_ok(st_bed_error(b.bed, &error, &err));
            assert_true(error <= 1e-12);
            assert_ok(st_bed_flow(b.bed, q, NULL, &err));
            double sum = 0, at_root;
            for (uint32_t i = 0; i < tree.n; i++)
                sum += st_tree_is_terminal(&tree, i) ? q[i] : 0;
            assert_ok(st_bed_flow_at(b.bed, 0, &at_root, &err));
            assert_near(sum, at_root,
                        1e-9); /* what enters leaves, however the random vessels lie under the terminals */
            free(q);
        }
        bench_free(&b);
    }
    st_tree_fini(&tree);
    reset();
}

/* The routes, not only the conductances: a bed in which many vessels are closed, and one particle more, again and
 * again. */
static void particles_divide_as_the_flow_does(void **state) {
    (void)state;
    enum { RUNS = 6000, GENERATIONS = 5, CLOSED = 12 };
    bare();
    st_tree tree = support_symmetric_tree(GENERATIONS, 1.0, 20, 20, false);
    double *q = calloc(tree.n, sizeof *q);
    uint32_t *count = calloc(tree.n, sizeof *count);
    for (uint32_t run = 0; run < RUNS; run++) {
        bench b = bench_of(&tree, 0.5);
        parameters.item[ST_P_DOSE_LIMIT].value = CLOSED;
        infuse(&b, 700, 790, 0, ST_ENDPOINT_STASIS, 99); /* each of them closes a terminal of 630 um */
        if (run == 0)
            assert_ok(st_bed_flow(b.bed, q, NULL, &err));
        parameters.item[ST_P_DOSE_LIMIT].value = 1;
        uint32_t before[64];
        memcpy(before, b.lodged, tree.n * sizeof *before);
        infuse(&b, 700, 790, 0, ST_ENDPOINT_STASIS, 1000 + run);
        for (uint32_t i = 0; i < tree.n; i++)
            count[i] += b.lodged[i] - before[i];
        bench_free(&b);
    }
    double chi2 = 0;
    unsigned open = 0, sum = 0;
    for (uint32_t i = 0; i < tree.n; i++) {
        if (!st_tree_is_terminal(&tree, i))
            continue;
        if (q[i] <= 0) {
            assert_int_equal(count[i], 0); /* never into a closed vessel */
            continue;
        }
        const double expected = RUNS * q[i] / q[0];
        chi2 += (count[i] - expected) * (count[i] - expected) / expected;
        sum += count[i];
        open++;
    }
    assert_int_equal(open, (1 << GENERATIONS) - CLOSED);
    assert_int_equal(sum, RUNS);
    assert_true(chi2 < 46); /* 19 degrees of freedom: p = 0.0005 */
    free(q);
    free(count);
    st_tree_fini(&tree);
    reset();
}

static void random_vessels_do_not_depend_on_what_is_narrower(void **state) {
    (void)state;
    st_tree tree = support_symmetric_tree(8, 1.0, 20, 0.8, true);
    bench a = bench_of(&tree, 0.15), b = bench_of(&tree, 0.075);
    infuse(&a, 150, 300, 0, ST_ENDPOINT_STASIS, 3);
    infuse(&b, 150, 300, 0, ST_ENDPOINT_STASIS, 3);
    assert_true(st_bed_joints(b.bed) > 3 * st_bed_joints(a.bed));
    assert_near((double)a.infusion.particles.injected, (double)b.infusion.particles.injected, 0.02);
    bench_free(&a);
    bench_free(&b);
    st_tree_fini(&tree);
}

/* The dose does not hang on how fine the tree is: docs/convergence.md has trees of up to 3 million terminals. */
static void a_coarse_tree_takes_the_dose_of_a_fine_one(void **state) {
    (void)state;
    st_liver liver = support_liver(&parameters, 1.2, 3, 2, 10);
    double dose[2], left[2];
    for (int fine = 0; fine <= 1; fine++) {
        const st_tree_options options = {.terminals = fine ? 40000 : 4000, .seed = 5};
        st_tree tree;
        st_tree_growth growth;
        assert_ok(st_tree_grow(&liver, &parameters, &options, NULL, &tree, &growth, &err));
        bench b = bench_of(&tree, 0.1);
        with("substasis_flow_left", 0.5);
        infuse(&b, 100, 200, 0, ST_ENDPOINT_SUBSTASIS, 1);
        dose[fine] = (double)b.infusion.particles.injected;
        left[fine] = b.infusion.tip_flow_after / b.infusion.tip_flow_before;
        bench_free(&b);
        st_tree_fini(&tree);
    }
    assert_near(dose[0], dose[1], 0.08);
    assert_near(left[0], left[1], 0.01);
    st_liver_fini(&liver);
    reset();
}

static void what_was_measured_stays(void **state) {
    (void)state;
    st_tree tree = support_symmetric_tree(4, 1.0, 20, 40, false);
    memset(tree.measured, 1, tree.n);
    st_bed *bed = NULL;
    assert_ok(st_bed_new(&tree, &parameters, 0.3, 1, &bed, &err));
    double flow;
    for (uint32_t i = 0; i < tree.n; i++) { /* each is a branch of its own */
        assert_ok(st_bed_flow_at(bed, i, &flow, &err));
        assert_near(flow, tree.demand[i], 1e-9);
    }
    st_bed_free(bed);
    st_tree_fini(&tree);
}

static void more_than_two_branches_meet(void **state) {
    (void)state;
    static const uint32_t parent[] = {ST_NONE, 0, 0, 0, 0};
    enum { N = sizeof parent / sizeof *parent };
    bare();
    st_tree tree;
    assert_ok(st_tree_init(&tree, N, &err));
    for (uint32_t i = 0; i < N; i++) {
        tree.parent[i] = parent[i];
        tree.radius[i] = i == 0 ? 1.0f : 0.5f;
        tree.proximal[i][0] = i == 0 ? 0 : 20;
        tree.distal[i][0] = i == 0 ? 20 : 30;
        tree.distal[i][1] = (float)i;
        tree.demand[i] = i == 0 ? 0 : 100.0 * i;
    }
    assert_ok(st_tree_finish(&tree, &err));
    bench b = bench_of(&tree, 0.5);
    double q[N];
    assert_ok(st_bed_flow(b.bed, q, NULL, &err));
    for (uint32_t i = 0; i < N; i++)
        assert_near(q[i], tree.demand[i], 1e-9);
    parameters.item[ST_P_SUBSTASIS_FLOW_LEFT].value = 0;
    infuse(&b, 1500, 1500, 0, ST_ENDPOINT_SUBSTASIS, 4); /* each branch takes one */
    assert_int_equal(b.infusion.particles.injected, 4);
    for (uint32_t i = 1; i < N; i++)
        assert_int_equal(b.lodged[i], 1);
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

static void what_makes_no_bed_is_refused(void **state) {
    (void)state;
    st_tree tree = support_symmetric_tree(3, 0.5, 20, 2000, false);
    st_bed *bed;
    assert_int_equal(st_bed_new(&tree, &parameters, 0.1, 1, &bed, &err),
                     ST_NUMERIC); /* more flow than there is pressure */
    assert_null(bed);
    assert_int_equal(st_bed_new(&tree, &parameters, 0, 1, &bed, &err), ST_VALUE);
    st_tree_fini(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(at_baseline_every_terminal_has_its_demand),
        cmocka_unit_test(a_bare_bed_flows_as_the_tree_does),
        cmocka_unit_test(every_thousand_lodgings_leave_the_exact_flow),
        cmocka_unit_test(particles_divide_as_the_flow_does),
        cmocka_unit_test(random_vessels_do_not_depend_on_what_is_narrower),
        cmocka_unit_test(a_coarse_tree_takes_the_dose_of_a_fine_one),
        cmocka_unit_test(what_was_measured_stays),
        cmocka_unit_test(more_than_two_branches_meet),
        cmocka_unit_test(what_makes_no_bed_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
