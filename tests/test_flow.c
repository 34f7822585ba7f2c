/* Rheology and the network solve against closed forms.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "with_parameters.h"

static st_error err;

static double parameter(st_parameter_id id) {
    return st_parameter_value(&parameters, id);
}

static void viscosity_at_tabulated_diameters(void **state) {
    (void)state;
    /* Relative viscosity in vivo at haematocrit 0.45, worked out by hand from eq. 7-9 of Pries 1994:
     * d = 10 um: e45 = 6 e^-0.85 + 3.2 - 2.44 e^(-0.06 * 10^0.645), wall = (10 / 8.9)^2 */
    const double d[] = {10, 20, 50, 100, 500, 1000};
    for (size_t i = 0; i < sizeof d / sizeof *d; i++) {
        const double e45 = 6 * exp(-0.085 * d[i]) + 3.2 - 2.44 * exp(-0.06 * pow(d[i], 0.645));
        const double wall = pow(d[i] / (d[i] - 1.1), 2);
        assert_near(st_viscosity(d[i], 0.45, 1), (1 + (e45 - 1) * wall) * wall, 1e-12);
    }
    /* In large vessels at haematocrit 0.45 the fit tends to 3.2; the minimum lies near 40 um, and
     * viscosity in vivo rises again below about 30 um (Pries 1994, fig. 5). */
    assert_near(st_viscosity(5000, 0.45, 1), 3.2, 0.01);
    assert_true(st_viscosity(10, 0.45, 1) > st_viscosity(30, 0.45, 1));
    assert_true(st_viscosity(30, 0.45, 1) < st_viscosity(300, 0.45, 1));
    /* plasma alone */
    assert_near(st_viscosity(100, 0.0, 1.2e-3), 1.2e-3 * pow(100 / 98.9, 2), 1e-12);
    /* more cells, more viscosity */
    for (double h = 0.05; h < 0.6; h += 0.05)
        assert_true(st_viscosity(50, h + 0.05, 1) > st_viscosity(50, h, 1));
}

static void poiseuille_on_a_straight_vessel(void **state) {
    (void)state;
    st_tree tree;
    assert_ok(st_tree_init(&tree, 1, &err));
    tree.parent[0] = ST_NONE;
    tree.distal[0][2] = 30;
    tree.radius[0] = 0.5f;
    tree.demand[0] = 500;
    assert_ok(st_tree_finish(&tree, &err));
    st_flow flow;
    assert_ok(st_flow_init(&tree, &parameters, &flow, &err));
    const double viscosity = st_viscosity(1000, parameter(ST_P_HAEMATOCRIT), parameter(ST_P_PLASMA_VISCOSITY));
    const double drop = 500 * 8 * viscosity * 30 / (M_PI * pow(0.5, 4));
    double q, p;
    st_flow_solve(&flow, &tree, &q, &p);
    assert_near(q, 500, 1e-12);
    assert_near(flow.inlet_pressure - p, drop, 1e-9);
    assert_near(flow.outlet[0], 500 / (flow.inlet_pressure - drop - flow.back_pressure), 1e-9);
    st_flow_fini(&flow);
    st_tree_fini(&tree);
}

static void poiseuille_on_a_symmetric_tree(void **state) {
    (void)state;
    const unsigned generations = 8;
    st_tree tree = support_symmetric_tree(generations, 1.0, 20, 2, false);
    st_flow flow;
    assert_ok(st_flow_init(&tree, &parameters, &flow, &err));
    double *q = calloc(tree.n, sizeof *q), *p = calloc(tree.n, sizeof *p);
    st_flow_solve(&flow, &tree, q, p);
    /* one generation after the other by hand */
    double pressure = flow.inlet_pressure;
    uint32_t first = 0;
    for (unsigned g = 0; g <= generations; g++, first = 2 * first + 1) {
        const double r = (double)tree.radius[first];
        const double viscosity = st_viscosity(2000 * r, parameter(ST_P_HAEMATOCRIT), parameter(ST_P_PLASMA_VISCOSITY));
        const double flow_here = 2 * (double)(1u << (generations - g));
        pressure -= flow_here * 8 * viscosity * st_tree_length(&tree, first) / (M_PI * pow(r, 4));
        for (uint32_t i = first; i < 2 * first + 1; i++) {
            assert_near(q[i], flow_here, 1e-12);
            assert_near(p[i], pressure, 1e-6); /* lengths and radii are stored in float */
        }
    }
    free(q);
    free(p);
    st_flow_fini(&flow);
    st_tree_fini(&tree);
}

/* Random closures: conservation at every junction, and the updated network equals a fresh solve. */
static void conservation_and_exact_updates(void **state) {
    (void)state;
    st_tree tree = support_symmetric_tree(10, 1.0, 20, 0.5, true);
    st_flow flow;
    assert_ok(st_flow_init(&tree, &parameters, &flow, &err));
    double *q = calloc(tree.n, sizeof *q), *fresh = calloc(tree.n, sizeof *fresh);
    st_rng rng = st_rng_stream(1, ST_RNG_TEST, 0);
    double before = flow.equivalent[0];
    for (int k = 0; k < 1500; k++) {
        const uint32_t i = 1 + st_rng_below(&rng, tree.n - 1);
        st_flow_set(&flow, &tree, i, st_rng_uniform(&rng) < 0.7 ? 0 : flow.conductance[i] * 0.1);
        assert_true(flow.equivalent[0] <= before * (1 + 1e-12));
        before = flow.equivalent[0];
        if (k % 100)
            continue;
        st_flow_solve(&flow, &tree, q, NULL);
        memcpy(fresh, flow.equivalent, tree.n * sizeof *fresh);
        st_flow_refresh(&flow, &tree);
        for (uint32_t j = 0; j < tree.n; j++) {
            assert_true(fabs(fresh[j] - flow.equivalent[j]) <= 1e-12 * flow.equivalent[j]);
            double out = 0;
            for (uint32_t c = tree.first_child[j]; c != ST_NONE; c = tree.next_sibling[c])
                out += q[c];
            if (!st_tree_is_terminal(&tree, j))
                assert_true(fabs(out - q[j]) <= 1e-12 * fabs(q[j]));
            assert_true(fabs(st_flow_at(&flow, &tree, j) - q[j]) <= 1e-11 * fabs(q[j]));
        }
    }
    free(q);
    free(fresh);
    st_flow_fini(&flow);
    st_tree_fini(&tree);
}

static void too_much_demand_is_refused(void **state) {
    (void)state;
    st_tree tree = support_symmetric_tree(6, 0.2, 40, 50, false);
    st_flow flow;
    assert_int_equal(st_flow_init(&tree, &parameters, &flow, &err), ST_NUMERIC);
    assert_non_null(strstr(err.what, "mmHg"));
    assert_null(flow.conductance);
    st_tree_fini(&tree);
}

/* A tree in metres, or a point for a vessel. */
static void what_is_no_vessel_is_refused(void **state) {
    (void)state;
    st_flow flow;
    st_tree tree = support_symmetric_tree(2, 1.0, 20, 1, false);
    tree.radius[3] = 0.0005f;
    assert_int_equal(st_flow_init(&tree, &parameters, &flow, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "segment 3"));
    tree.radius[3] = tree.radius[4];
    memcpy(tree.distal[5], tree.proximal[5], sizeof tree.distal[5]);
    assert_int_equal(st_flow_init(&tree, &parameters, &flow, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "segment 5"));
    st_tree_fini(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(viscosity_at_tabulated_diameters), cmocka_unit_test(poiseuille_on_a_straight_vessel),
        cmocka_unit_test(poiseuille_on_a_symmetric_tree),   cmocka_unit_test(conservation_and_exact_updates),
        cmocka_unit_test(too_much_demand_is_refused),       cmocka_unit_test(what_is_no_vessel_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
