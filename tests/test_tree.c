/* The grown tree: its promises, on organs made on the spot.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/flow.h>
#include <stasis/units.h>

#include "../src/tree/grow_geometry.h"
#include "with_parameters.h"

static st_error err;

static vec random_point(st_rng *rng, double size) {
    return (vec){size * st_rng_uniform(rng), size * st_rng_uniform(rng), size * st_rng_uniform(rng)};
}

static double joint_sum(vec j, vec a, vec b, vec p, const double w[3]) {
    return w[0] * vec_distance(j, a) + w[1] * vec_distance(j, b) + w[2] * vec_distance(j, p);
}

/* The other two branches pull the joint off a corner when their pull together exceeds the corner's weight. */
static bool pulled_off(vec corner, double weight, vec q, double weight_q, vec r, double weight_r) {
    const vec to_q = vec_scale(vec_sub(q, corner), weight_q / vec_distance(q, corner));
    const vec to_r = vec_scale(vec_sub(r, corner), weight_r / vec_distance(r, corner));
    return vec_length(vec_add(to_q, to_r)) > weight;
}

/* The closed form against a descent by ever smaller random steps. */
static void the_joint_is_the_weighted_fermat_point(void **state) {
    (void)state;
    st_rng rng = st_rng_stream(1, ST_RNG_TEST, 1);
    unsigned interior = 0;
    for (int k = 0; k < 400; k++) {
        const vec a = random_point(&rng, 1), b = random_point(&rng, 1), p = random_point(&rng, 1);
        const double n = 1 + st_rng_below(&rng, 30);
        const double w[3] = {pow(n + 1, 2.0 / 3), pow(n, 2.0 / 3), 1};
        vec joint;
        const double cost = joint_best(a, b, p, w[0], w[1], w[2], &joint);
        assert_near(cost, joint_sum(joint, a, b, p, w), 1e-12);
        vec best = vec_along(a, b, 0.5);
        double least = joint_sum(best, a, b, p, w);
        for (double step = 0.5; step > 1e-7; step *= 0.9)
            for (int i = 0; i < 30; i++) {
                const vec d = random_point(&rng, 2 * step);
                const vec q = vec_add(best, vec_sub(d, (vec){step, step, step}));
                const double sum = joint_sum(q, a, b, p, w);
                if (sum < least) {
                    least = sum;
                    best = q;
                }
            }
        assert_true(cost >= least * (1 - 1e-6));
        if (pulled_off(a, w[0], b, w[1], p, w[2]) && pulled_off(b, w[1], a, w[0], p, w[2]) &&
            pulled_off(p, w[2], a, w[0], b, w[1])) {
            assert_near(cost, least, 1e-6);
            interior++;
        }
    }
    assert_true(interior > 50);
}

static void segment_distances_are_right(void **state) {
    (void)state;
    st_rng rng = st_rng_stream(1, ST_RNG_TEST, 2);
    for (int k = 0; k < 200; k++) {
        const segment_ends s = {random_point(&rng, 1), random_point(&rng, 1)};
        const segment_ends t = {random_point(&rng, 1), random_point(&rng, 1)};
        double least = INFINITY;
        for (int i = 0; i <= 200; i++)
            least = fmin(least, sqrt(point_segment_distance2(vec_along(s.a, s.b, i / 200.0), t)));
        assert_true(segment_distance(s, t) <= least + 1e-12);
        assert_true(segment_distance(s, t) >= least - 0.01);
    }
    const segment_ends parallel[2] = {{{0, 0, 0}, {1, 0, 0}}, {{0.5, 1, 0}, {3, 1, 0}}};
    assert_near(segment_distance(parallel[0], parallel[1]), 1, 1e-12);
    const segment_ends point = {{2, 0, 0}, {2, 0, 0}};
    assert_near(segment_distance(parallel[0], point), 1, 1e-12);
}

typedef struct grown {
    st_liver liver;
    st_tree tree;
    st_tree_growth growth;
    st_tree_measures measures;
} grown;

static grown grow(double scale, uint32_t terminals, uint64_t seed, int threads) {
    grown g;
    g.liver = support_liver(&parameters, scale, 1.5, 2, 12 * scale);
    const st_tree_options options = {.terminals = terminals, .seed = seed};
    assert_ok(st_tree_grow(&g.liver, &parameters, &options, NULL, &g.tree, &g.growth, &err));
    assert_ok(st_tree_measure(&g.tree, &g.liver, &parameters, threads, &g.measures, &err));
    return g;
}

static void grown_free(grown *g) {
    st_tree_fini(&g->tree);
    st_liver_fini(&g->liver);
}

static void every_terminal_is_placed_inside(void **state) {
    (void)state;
    const uint32_t sizes[] = {1, 2, 3, 50, 4000};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        grown g = grow(1, sizes[i], 1, 1);
        assert_int_equal(g.tree.n_terminals, sizes[i]);
        /* the stump, two for each bifurcation, and a few bends that the regraft left */
        assert_in_range(g.tree.n, 2 * sizes[i], 2 * sizes[i] + sizes[i] / 100);
        assert_int_equal(g.measures.outside, 0);
        for (uint32_t s = 0; s < g.tree.n; s++) {
            const double p[3] = {(double)g.tree.distal[s][0], (double)g.tree.distal[s][1], (double)g.tree.distal[s][2]};
            assert_int_not_equal(st_liver_class_at(&g.liver, p), ST_OUTSIDE);
            if (st_tree_is_terminal(&g.tree, s))
                assert_int_equal(g.tree.lesion[s], g.liver.lesion[st_liver_voxel_at(&g.liver, p)]);
        }
        grown_free(&g);
    }
}

static void murray_holds_at_every_bifurcation(void **state) {
    (void)state;
    for (double exponent = 2.5; exponent <= 3.0; exponent += 0.25) {
        assert_ok(st_parameters_set(&parameters, "murray_exponent", exponent, &err));
        grown g = grow(1, 2000, 1, 1);
        assert_true(g.measures.murray_worst < 1e-5); /* radii are stored in float */
        const double root = st_system_diameter(&parameters, ST_ARTERIAL, g.tree.demand[0]);
        assert_near(g.measures.root_diameter, root, 1e-6);
        assert_near(g.measures.smallest_diameter, root * pow(2000, -1 / exponent), 1e-5);
        grown_free(&g);
    }
    assert_ok(st_parameters_set(&parameters, "murray_exponent", 3, &err));
}

/* Lesions of one voxel leave a site no other place in its tissue. */
static void a_liver_full_of_specks_is_grown(void **state) {
    (void)state;
    st_labels labels = support_labels(1, 1.5, 0, 0);
    const uint32_t *n = labels.geometry.n;
    for (uint32_t z = 0; z < n[2]; z += 4)
        for (uint32_t y = 0; y < n[1]; y += 4)
            for (uint32_t x = 0; x < n[0]; x += 4) {
                uint16_t *label = &labels.label[((size_t)z * n[1] + y) * n[0] + x];
                *label = *label == 1 ? 2 : *label;
            }
    st_label_map map;
    st_liver liver;
    st_tree tree;
    st_tree_growth growth;
    assert_ok(st_label_map_preset("lits", &map, &err));
    assert_ok(st_liver_from_labels(&labels, &map, &parameters, &liver, &err));
    assert_true(liver.n_lesions > 1000);
    const st_tree_options options = {.terminals = 60000, .seed = 1};
    assert_ok(st_tree_grow(&liver, &parameters, &options, NULL, &tree, &growth, &err));
    assert_int_equal(tree.n_terminals, 60000);
    for (uint32_t i = 0; i < tree.n; i++) {
        const double p[3] = {(double)tree.distal[i][0], (double)tree.distal[i][1], (double)tree.distal[i][2]};
        if (st_tree_is_terminal(&tree, i))
            assert_int_equal(tree.lesion[i], liver.lesion[st_liver_voxel_at(&liver, p)]);
    }
    st_tree_fini(&tree);
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

static void flow_follows_demand(void **state) {
    (void)state;
    grown g = grow(1, 8000, 3, 1);
    const st_demand demand = st_demand_from_parameters(&parameters);
    const double total = st_demand_arterial_total(&demand, &g.liver);
    assert_near(g.tree.demand[0], total, 1e-9);
    /* tumour is fed four to one by volume, to the accuracy of one terminal's share at its surface */
    const double tumour = demand.arterial[ST_TUMOUR] * g.liver.tumour_volume;
    assert_near(g.tree.tumour_demand[0], tumour, 0.03);
    /* and so is each lobe */
    double lobe[3] = {0}, wanted[3] = {0};
    for (uint32_t s = 0; s < g.tree.n; s++)
        if (st_tree_is_terminal(&g.tree, s)) {
            const double p[3] = {(double)g.tree.distal[s][0], (double)g.tree.distal[s][1], (double)g.tree.distal[s][2]};
            lobe[g.liver.lobe[st_liver_voxel_at(&g.liver, p)]] += g.tree.demand[s];
        }
    for (int l = 1; l < 3; l++) {
        wanted[l] = demand.arterial[ST_NORMAL] * (g.liver.lobe_volume[l] - g.liver.lobe_tumour_volume[l]) +
                    demand.arterial[ST_TUMOUR] * g.liver.lobe_tumour_volume[l];
        assert_near(lobe[l], wanted[l], 0.02);
    }
    grown_free(&g);
}

static void no_vessels_cross(void **state) {
    (void)state;
    grown g = grow(1, 20000, 5, 0);
    print_message("# crossings %llu of %u segments, relocated %u, path %.1f segments, %.2f s\n",
                  (unsigned long long)g.measures.crossings, g.tree.n, g.growth.relocated, g.measures.path_mean,
                  g.growth.seconds);
    assert_true(g.measures.crossings == 0);
    assert_true(g.growth.relocated <= g.tree.n_terminals / 100);
    grown_free(&g);
}

/* A shell: the ball in the middle is no liver. */
static st_liver hollow_liver(void) {
    const double half[3] = {70, 70, 70};
    const phantom_ball hole = {{0, 0, 0}, 55};
    st_labels labels;
    st_label_map map;
    st_liver liver;
    json_t *roles = json_pack("{s:i}", "liver", 1);
    assert_ok(phantom_labels(half, 3, &hole, 1, &labels, &err));
    assert_ok(st_label_map_custom(roles, "test", &map, &err));
    assert_ok(st_liver_from_labels(&labels, &map, &parameters, &liver, &err));
    json_decref(roles);
    st_labels_fini(&labels);
    return liver;
}

/* Radii depend on the number of terminals, and with few of them one more or less is much. */
static void no_vessels_cross_in_small_trees(void **state) {
    (void)state;
    st_liver liver = hollow_liver();
    for (uint32_t terminals = 20; terminals <= 150; terminals++) {
        const st_tree_options options = {.terminals = terminals, .seed = 1 + terminals % 2};
        st_tree tree;
        st_tree_growth growth;
        st_tree_measures measures;
        assert_ok(st_tree_grow(&liver, &parameters, &options, NULL, &tree, &growth, &err));
        assert_ok(st_tree_measure(&tree, &liver, &parameters, 1, &measures, &err));
        assert_int_equal(measures.crossings, 0);
        assert_int_equal(measures.outside, 0);
        st_tree_fini(&tree);
    }
    st_liver_fini(&liver);
}

/* Greedy growth alone leaves terminals at the end of long thin vessels that no pressure reaches. */
static void no_terminal_is_starved_of_pressure(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        grown g = grow(1, 20000, seed, 0);
        st_flow flow;
        assert_ok(st_flow_init(&g.tree, &parameters, &flow, &err));
        double *q = calloc(g.tree.n, sizeof *q), *pressure = calloc(g.tree.n, sizeof *pressure);
        assert_true(q && pressure);
        st_flow_solve(&flow, &g.tree, q, pressure);
        double sum = 0, worst = 0;
        for (uint32_t i = 0; i < g.tree.n; i++)
            if (st_tree_is_terminal(&g.tree, i)) {
                sum += flow.inlet_pressure - pressure[i];
                worst = fmax(worst, flow.inlet_pressure - pressure[i]);
            }
        assert_true(worst < 4 * sum / g.tree.n_terminals);
        free(q);
        free(pressure);
        st_flow_fini(&flow);
        grown_free(&g);
    }
}

static void same_seed_same_tree_at_any_thread_count(void **state) {
    (void)state;
    grown a = grow(0.7, 3000, 9, 1), b = grow(0.7, 3000, 9, 2), c = grow(0.7, 3000, 10, 1);
    assert_memory_equal(a.tree.distal, b.tree.distal, a.tree.n * sizeof *a.tree.distal);
    assert_memory_equal(a.tree.parent, b.tree.parent, a.tree.n * sizeof *a.tree.parent);
    assert_memory_equal(a.tree.radius, b.tree.radius, a.tree.n * sizeof *a.tree.radius);
    assert_true(memcmp(a.tree.distal, c.tree.distal, a.tree.n * sizeof *a.tree.distal) != 0);
    grown_free(&a);
    grown_free(&b);
    grown_free(&c);
}

static void more_terminals_than_fit_are_refused(void **state) {
    (void)state;
    st_liver liver = support_liver(&parameters, 0.5, 4, 0, 0);
    st_tree tree;
    st_tree_growth growth;
    const st_tree_options options = {.terminals = UINT32_MAX / 2 - 1};
    assert_int_equal(st_tree_grow(&liver, &parameters, &options, NULL, &tree, &growth, &err), ST_VALUE);
    st_liver_fini(&liver);
}

static void terminals_as_wide_as_asked(void **state) {
    (void)state;
    const double flow = st_parameter_value(&parameters, ST_P_ROOT_FLOW);
    assert_in_range(st_tree_terminals_needed(&parameters, ST_ARTERIAL, flow), 151700, 151710); /* (4 / 0.075)^3 */
    assert_ok(st_parameters_set(&parameters, "terminal_diameter", 100, &err));
    assert_in_range(st_tree_terminals_needed(&parameters, ST_ARTERIAL, flow), 63999, 64001);
    assert_in_range(st_tree_terminals_needed(&parameters, ST_ARTERIAL, 2 * flow), 127999, 128001);
    assert_ok(st_parameters_set(&parameters, "terminal_diameter", 75, &err));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_joint_is_the_weighted_fermat_point),
        cmocka_unit_test(segment_distances_are_right),
        cmocka_unit_test(every_terminal_is_placed_inside),
        cmocka_unit_test(murray_holds_at_every_bifurcation),
        cmocka_unit_test(a_liver_full_of_specks_is_grown),
        cmocka_unit_test(flow_follows_demand),
        cmocka_unit_test(no_vessels_cross),
        cmocka_unit_test(no_vessels_cross_in_small_trees),
        cmocka_unit_test(no_terminal_is_starved_of_pressure),
        cmocka_unit_test(same_seed_same_tree_at_any_thread_count),
        cmocka_unit_test(more_terminals_than_fit_are_refused),
        cmocka_unit_test(terminals_as_wide_as_asked),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
