/* Agents and the infusion: every particle accounted for, the physics moving the right way.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/units.h>

#include "with_parameters.h"

static st_error err;

typedef struct bench {
    st_tree tree;
    st_flow flow;
    uint32_t *lodged;
    double *volume;
    st_infusion infusion;
} bench;

/* 2^13 terminals from a 2 mm artery: terminals of 0.1 mm. */
static bench bench_new(void) {
    bench b = {.tree = support_symmetric_tree(13, 1.0, 20, 0.2, true)};
    assert_ok(st_flow_init(&b.tree, &parameters, &b.flow, &err));
    b.lodged = calloc(b.tree.n, sizeof *b.lodged);
    b.volume = calloc(b.tree.n, sizeof *b.volume);
    return b;
}

static void bench_free(bench *b) {
    st_infusion_fini(&b->infusion);
    st_flow_fini(&b->flow);
    st_tree_fini(&b->tree);
    free(b->lodged);
    free(b->volume);
}

static void infuse(bench *b, double d_min_um, double d_max_um, uint32_t tip, st_endpoint endpoint, uint64_t seed) {
    st_agent agent;
    st_infusion_fini(&b->infusion);
    assert_ok(st_agent_sized(d_min_um * ST_UM, d_max_um * ST_UM, &agent, &err));
    assert_ok(st_infuse(&b->tree, &b->flow, &parameters, &agent, tip, endpoint, seed, 0, NULL, b->lodged, b->volume,
                        &b->infusion, &err));
}

static void every_agent_of_the_table_is_readable(void **state) {
    (void)state;
    st_agent agent;
    assert_ok(st_agents_find(NULL, "pva-75-150", &agent, &err));
    assert_near(agent.d_min, 0.075, 1e-12);
    assert_near(st_agent_smallest(&agent), 0.075, 1e-12);
    assert_ok(st_agents_find(NULL, "tag-100-300", &agent, &err));
    assert_near(st_agent_smallest(&agent), 0.091, 1e-12);
    assert_int_equal(st_agents_find(NULL, "pva-75-15", &agent, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "pva-75-150"));
    assert_int_equal(st_agents_find(NULL, "gelfoam", &agent, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "stasis agents")); /* where none is near */
    assert_int_equal(st_agent_sized(0.2, 0.1, &agent, &err), ST_VALUE);
}

static void settled_particles_per_volume(void **state) {
    (void)state;
    /* docs/model.md: 1.2e6 spheres of 100 um in a settled mL at 0.62 */
    st_agent agent;
    assert_ok(st_agent_sized(0.1, 0.1, &agent, &err));
    assert_ok(st_parameters_set(&parameters, "suspension_dilution", 2, &err));
    assert_near(st_agent_concentration(&agent, &parameters) * 2 * ST_ML, 0.62 / (M_PI / 6 * 1e-3) * 1e3, 1e-9);
    assert_ok(st_parameters_set(&parameters, "suspension_dilution", 20, &err));
}

static void every_particle_is_accounted_for(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        bench b = bench_new();
        infuse(&b, 75, 250, 1, ST_ENDPOINT_STASIS, seed);
        const st_particles *p = &b.infusion.particles;
        assert_true(p->injected > 0);
        assert_true(p->injected == p->lodged_tumour + p->lodged_normal + p->refluxed + p->passed);
        uint64_t resting = 0;
        for (uint32_t i = 0; i < b.tree.n; i++)
            resting += b.lodged[i];
        assert_true(resting >= p->lodged_tumour + p->lodged_normal);
        assert_true(resting <= p->injected - p->passed);
        assert_true(p->passed > 0); /* terminals are 0.1 mm: the smallest go through */
        assert_string_equal(b.infusion.stopped_by, "endpoint");
        bench_free(&b);
    }
}

static void a_particle_rests_in_the_first_vessel_too_narrow_for_it(void **state) {
    (void)state;
    bench b = bench_new();
    infuse(&b, 130, 130, 0, ST_ENDPOINT_SUBSTASIS, 7);
    for (uint32_t i = 0; i < b.tree.n; i++)
        if (b.lodged[i] > 0) {
            assert_true(2 * (double)b.tree.radius[i] < 0.130);
            assert_true(2 * (double)b.tree.radius[b.tree.parent[i]] >= 0.130);
            assert_true(b.flow.conductance[i] <= 0);
            assert_int_equal(b.lodged[i], 1); /* a closed vessel takes no more */
        }
    bench_free(&b);
}

static void a_closed_vessel_is_never_entered(void **state) {
    (void)state;
    bench b = bench_new();
    const uint32_t closed = 3; /* a child of the tip */
    st_flow_set(&b.flow, &b.tree, closed, 0);
    infuse(&b, 110, 200, 1, ST_ENDPOINT_STASIS, 5);
    for (uint32_t i = closed; i < b.tree.n; i++)
        for (uint32_t up = i; up != ST_NONE; up = b.tree.parent[up])
            if (up == closed)
                assert_int_equal(b.lodged[i], 0);
    bench_free(&b);
}

/* V1: with full mixing the particles divide as the flow does. One bifurcation, one branch narrowed;
 * particles wider than both branches, so the first one closes the branch it took. */
static void routing_follows_the_flow(void **state) {
    (void)state;
    st_tree tree = support_symmetric_tree(1, 1.0, 20, 100, false);
    st_agent agent;
    assert_ok(st_agent_sized(1.6, 1.6, &agent, &err));
    const unsigned runs = 4000;
    unsigned first = 0;
    double share = 0;
    for (uint64_t seed = 1; seed <= runs; seed++) {
        st_flow flow;
        st_infusion infusion;
        uint32_t lodged[3] = {0};
        double volume[3] = {0};
        assert_ok(st_flow_init(&tree, &parameters, &flow, &err));
        st_flow_set(&flow, &tree, 1, flow.conductance[1] * 2e-3);
        share = st_flow_at(&flow, &tree, 1) / st_flow_at(&flow, &tree, 0);
        assert_ok(st_infuse(&tree, &flow, &parameters, &agent, 0, ST_ENDPOINT_SUBSTASIS, seed, 0, NULL, lodged, volume,
                            &infusion, &err));
        /* closing branch 2, which has most of the flow, is the endpoint; branch 1 alone is not */
        first += lodged[1] > 0;
        assert_int_equal(lodged[2], 1);
        st_infusion_fini(&infusion);
        st_flow_fini(&flow);
    }
    assert_true(share > 0.05 && share < 0.3);
    /* branch 1 is closed before branch 2 exactly when the first particle takes it */
    assert_true(fabs((double)first / runs - share) < 4 * sqrt(share * (1 - share) / runs));
    st_tree_fini(&tree);
}

static double mean_rest_diameter(const bench *b) {
    double sum = 0, n = 0;
    for (uint32_t i = 0; i < b->tree.n; i++) {
        sum += 2 * (double)b->tree.radius[i] * b->lodged[i];
        n += b->lodged[i];
    }
    return sum / n;
}

static void larger_particles_stop_more_proximally(void **state) {
    (void)state;
    double before = 0;
    for (double d = 120; d < 500; d *= 1.6) {
        bench b = bench_new();
        infuse(&b, d, d * 1.2, 1, ST_ENDPOINT_STASIS, 3);
        const double now = mean_rest_diameter(&b);
        assert_true(now > before);
        before = now;
        bench_free(&b);
    }
}

static void more_particles_never_leave_more_flow(void **state) {
    (void)state;
    bench b = bench_new();
    infuse(&b, 75, 150, 1, ST_ENDPOINT_STASIS, 11);
    for (size_t i = 1; i < b.infusion.n_curve; i++) {
        assert_true(b.infusion.curve[i].injected > b.infusion.curve[i - 1].injected);
        if (b.infusion.particles.refluxed == 0)
            assert_true(b.infusion.curve[i].tip_flow <= b.infusion.curve[i - 1].tip_flow);
    }
    bench_free(&b);
}

static void endpoints_stand_in_order(void **state) {
    (void)state;
    double flow_left[ST_ENDPOINTS];
    for (int endpoint = 0; endpoint < ST_ENDPOINTS; endpoint++) {
        bench b = bench_new();
        infuse(&b, 110, 150, 1, (st_endpoint)endpoint, 2);
        flow_left[endpoint] = b.infusion.tip_flow_after / b.infusion.tip_flow_before;
        if (endpoint == ST_ENDPOINT_STASIS)
            assert_true(b.infusion.clearance_beats >= 5);
        bench_free(&b);
    }
    assert_true(flow_left[ST_ENDPOINT_STASIS] < flow_left[ST_ENDPOINT_NEAR_STASIS]);
    assert_true(flow_left[ST_ENDPOINT_SUBSTASIS] <= 0.35);
}

static void injection_faster_than_the_flow_refluxes(void **state) {
    (void)state;
    bench b = bench_new();
    assert_ok(st_parameters_set(&parameters, "injection_rate", 30, &err));
    infuse(&b, 110, 200, 16, ST_ENDPOINT_STASIS, 4);
    assert_true(b.infusion.particles.refluxed > 0);
    uint64_t elsewhere = 0;
    for (uint32_t i = 0; i < b.tree.n; i++) {
        uint32_t v = i;
        while (v != ST_NONE && v != 16)
            v = b.tree.parent[v];
        elsewhere += v == ST_NONE ? b.lodged[i] : 0;
    }
    assert_true(elsewhere > 0 && elsewhere <= b.infusion.particles.refluxed);
    assert_ok(st_parameters_set(&parameters, "injection_rate", 2, &err));
    bench_free(&b);
}

/* A bend and a closed branch lie between the tip and the only other branch with flow. */
static void reflux_goes_back_to_the_first_branch_with_flow(void **state) {
    (void)state;
    static const uint32_t parent[] = {ST_NONE, 0, 1, 2, 2, 0, 5};
    enum { N = sizeof parent / sizeof *parent, BEND = 2, TIP = 3, CLOSED = 4, NARROW = 6 };
    bench b = {0};
    assert_ok(st_tree_init(&b.tree, N, &err));
    for (uint32_t i = 0; i < N; i++) {
        b.tree.parent[i] = parent[i];
        b.tree.radius[i] = i == NARROW ? 0.1f : 0.5f;
        b.tree.proximal[i][0] = i == 0 ? 0 : b.tree.distal[parent[i]][0];
        b.tree.distal[i][0] = b.tree.proximal[i][0] + 5;
        b.tree.distal[i][1] = (float)i;
        b.tree.demand[i] = 1;
    }
    assert_ok(st_tree_finish(&b.tree, &err));
    assert_ok(st_flow_init(&b.tree, &parameters, &b.flow, &err));
    st_flow_set(&b.flow, &b.tree, CLOSED, 0);
    b.lodged = calloc(N, sizeof *b.lodged);
    b.volume = calloc(N, sizeof *b.volume);
    assert_ok(st_parameters_set(&parameters, "dose_limit", 1000, &err));
    infuse(&b, 300, 300, TIP, ST_ENDPOINT_SUBSTASIS, 1); /* they pass the tip: the dose alone ends it */
    assert_string_equal(b.infusion.stopped_by, "dose limit");
    assert_true(b.infusion.particles.refluxed > 0);
    assert_int_equal(b.lodged[NARROW], 1);
    assert_ok(st_parameters_set(&parameters, "dose_limit", 20e6, &err));
    bench_free(&b);
}

/* What lies beyond a plug is out of sight, though it is wide and open. */
static void the_column_ends_at_a_closed_vessel(void **state) {
    (void)state;
    bench b = {.tree = support_symmetric_tree(3, 1.0, 20, 100, false)};
    assert_ok(st_flow_init(&b.tree, &parameters, &b.flow, &err));
    b.lodged = calloc(b.tree.n, sizeof *b.lodged);
    b.volume = calloc(b.tree.n, sizeof *b.volume);
    const double beats = st_parameter_value(&parameters, ST_P_HEART_RATE);
    double all = 0, side = 0; /* mm^3: everything, one branch of the root */
    for (uint32_t i = 0; i < b.tree.n; i++) {
        uint32_t top = i;
        while (top > 2)
            top = b.tree.parent[top];
        const double r = (double)b.tree.radius[i], volume = M_PI * r * r * st_tree_length(&b.tree, i);
        all += volume;
        side += top == 1 ? volume : 0;
    }
    infuse(&b, 1700, 1700, 0, ST_ENDPOINT_SUBSTASIS, 1); /* wider than either branch: one plug closes each */
    assert_int_equal(b.infusion.particles.lodged_normal, 2);
    const st_infusion_point *curve = b.infusion.curve;
    assert_near(curve[0].clearance_beats, all / curve[0].tip_flow * beats, 1e-6);
    assert_near(curve[1].clearance_beats, (all - side) / curve[1].tip_flow * beats, 1e-6);

    st_flow_set(&b.flow, &b.tree, 1, st_flow_at(&b.flow, &b.tree, 0) + 1); /* opened again, its first branch closed */
    st_flow_set(&b.flow, &b.tree, 3, 0);
    infuse(&b, 1700, 1700, 0, ST_ENDPOINT_SUBSTASIS, 1);
    /* radii and lengths go with the cube root of 2: a branch has half the volume of the root, and half of what lies
     * beyond this one is closed */
    const double root = M_PI * 20, branch = root / 2, left = root + branch + (side - branch) / 2;
    assert_near(b.infusion.curve[0].clearance_beats, left / b.infusion.curve[0].tip_flow * beats, 1e-6);
    bench_free(&b);
}

static void the_same_seed_gives_the_same_particles(void **state) {
    (void)state;
    bench a = bench_new(), b = bench_new(), c = bench_new();
    infuse(&a, 75, 150, 1, ST_ENDPOINT_STASIS, 21);
    infuse(&b, 75, 150, 1, ST_ENDPOINT_STASIS, 21);
    infuse(&c, 75, 150, 1, ST_ENDPOINT_STASIS, 22);
    assert_memory_equal(a.lodged, b.lodged, a.tree.n * sizeof *a.lodged);
    assert_true(memcmp(a.lodged, c.lodged, a.tree.n * sizeof *a.lodged) != 0);
    bench_free(&a);
    bench_free(&b);
    bench_free(&c);
}

static void an_impossible_tip_is_refused(void **state) {
    (void)state;
    bench b = bench_new();
    st_agent agent;
    st_infusion infusion;
    assert_ok(st_agent_sized(0.1, 0.2, &agent, &err));
    assert_int_equal(st_infuse(&b.tree, &b.flow, &parameters, &agent, b.tree.n, ST_ENDPOINT_STASIS, 1, 0, NULL,
                               b.lodged, b.volume, &infusion, &err),
                     ST_VALUE);
    st_flow_set(&b.flow, &b.tree, 1, 0);
    assert_int_equal(st_infuse(&b.tree, &b.flow, &parameters, &agent, 3, ST_ENDPOINT_STASIS, 1, 0, NULL, b.lodged,
                               b.volume, &infusion, &err),
                     ST_VALUE);
    bench_free(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_agent_of_the_table_is_readable),
        cmocka_unit_test(settled_particles_per_volume),
        cmocka_unit_test(every_particle_is_accounted_for),
        cmocka_unit_test(a_particle_rests_in_the_first_vessel_too_narrow_for_it),
        cmocka_unit_test(a_closed_vessel_is_never_entered),
        cmocka_unit_test(routing_follows_the_flow),
        cmocka_unit_test(larger_particles_stop_more_proximally),
        cmocka_unit_test(more_particles_never_leave_more_flow),
        cmocka_unit_test(endpoints_stand_in_order),
        cmocka_unit_test(injection_faster_than_the_flow_refluxes),
        cmocka_unit_test(reflux_goes_back_to_the_first_branch_with_flow),
        cmocka_unit_test(the_column_ends_at_a_closed_vessel),
        cmocka_unit_test(the_same_seed_gives_the_same_particles),
        cmocka_unit_test(an_impossible_tip_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
