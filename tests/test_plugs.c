/* What lies where in the bed, and which plugs touch.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "made_tree.h"
#include "with_parameters.h"

#define NARROW 0.05f /* mm, radius */

/* Two wide vessels, each of which divides into two narrow ones. */
static const made FOUR_ENDS[] = {
    {.parent = ST_NONE, .from = {0, 0, 0}, .to = {5, 0, 0}, .radius = 1},
    {.parent = 0, .from = {5, 0, 0}, .to = {9, 3, 0}, .radius = 0.3f},
    {.parent = 1, .from = {9, 3, 0}, .to = {10, 5, 0}, .radius = NARROW, .flow = 1},
    {.parent = 1, .from = {9, 3, 0}, .to = {11, 4, 0}, .radius = NARROW, .flow = 1},
    {.parent = 0, .from = {5, 0, 0}, .to = {9, -3, 0}, .radius = 0.3f},
    {.parent = 4, .from = {9, -3, 0}, .to = {10, -5, 0}, .radius = NARROW, .flow = 1},
    {.parent = 4, .from = {9, -3, 0}, .to = {11, -4, 0}, .radius = NARROW, .flow = 1},
};

typedef struct given {
    st_tree tree;
    st_bed *bed;
    st_infusion infusion;
    st_plug *plug;
    size_t n;
} given;

/* So many spheres of 200 um, each of which closes its vessel, into FOUR_ENDS without random vessels. */
static given give(unsigned spheres) {
    st_error err = {0};
    st_agent agent;
    given g = {.tree = TREE_OF(FOUR_ENDS)};
    assert_ok(st_parameters_set(&parameters, "plug_porosity", 0, &err));
    assert_ok(st_parameters_set(&parameters, "closure_terminals", 0, &err));
    assert_ok(st_parameters_set(&parameters, "injection_rate", 0.1, &err));
    assert_ok(st_parameters_set(&parameters, "slowest_rate", 0.01, &err));
    assert_ok(st_agent_sized(0.2, 0.2, &agent, &err));
    assert_ok(st_bed_new(&g.tree, &parameters, 0.2, 1, &g.bed, &err));
    const st_injection order = {.agent = &agent,
                                .tip = 0,
                                .endpoint = ST_ENDPOINT_DOSE,
                                .dose = (spheres - 0.5) / st_agent_concentration(&agent, &parameters),
                                .seed = 1};
    assert_ok(st_infuse(g.bed, &order, NULL, &g.infusion, &err));
    assert_int_equal(g.infusion.particles.injected, spheres);
    assert_ok(st_bed_plugs(g.bed, &g.plug, &g.n, &err));
    return g;
}

static void give_back(given *g) {
    free(g->plug);
    st_infusion_fini(&g->infusion);
    st_bed_free(g->bed);
    st_tree_fini(&g->tree);
}

static void test_one_sphere_is_one_plug(void **state) {
    (void)state;
    given g = give(1);
    assert_int_equal(g.n, 1);
    assert_int_equal(g.plug[0].particles, 1);
    assert_near(g.plug[0].width, 2 * (double)NARROW, 1e-6);
    assert_near(g.plug[0].volume, M_PI / 6 * 0.2 * 0.2 * 0.2, 1e-12);
    give_back(&g);
}

/* Side by side at a joint they touch; across the open vessels above they do not. */
static void test_plugs_touch_at_a_joint(void **state) {
    (void)state;
    given g = give(4);
    assert_int_equal(g.n, 4);
    for (size_t i = 0; i < 4; i++)
        for (size_t k = 0; k < 4; k++) {
            const bool beside = g.tree.parent[g.plug[i].segment] == g.tree.parent[g.plug[k].segment];
            assert_int_equal(g.plug[i].cluster == g.plug[k].cluster, beside);
        }
    give_back(&g);
}

/* In a liver every particle that lodged is in one plug, in the segment that st_bed_lodged says, and some plugs touch.
 */
static void test_plugs_hold_all_that_lodged(void **state) {
    (void)state;
    st_error err = {0};
    st_parameters standard;
    st_agent agent;
    st_tree tree = {0};
    st_tree_growth growth;
    st_bed *bed = NULL;
    st_infusion infusion;
    st_plug *plug;
    size_t n, clusters = 0, largest = 0;
    assert_ok(st_parameters_init(&standard, &err));
    st_liver liver = support_liver(&standard, 0.5, 2, 1, 6);
    const st_tree_options options = {.terminals = 2000, .seed = 1};
    assert_ok(st_tree_grow(&liver, &standard, &options, NULL, &tree, &growth, &err));
    assert_ok(st_agents_find(NULL, ST_DEFAULT_AGENT, &agent, &err));
    assert_ok(st_bed_new(&tree, &standard, st_agent_smallest(&agent), 1, &bed, &err));
    const st_injection order = {.agent = &agent, .tip = 0, .endpoint = ST_ENDPOINT_STASIS, .seed = 1};
    assert_ok(st_infuse(bed, &order, NULL, &infusion, &err));
    assert_ok(st_bed_plugs(bed, &plug, &n, &err));

    uint32_t *lodged = calloc(tree.n, sizeof *lodged);
    double *volume = calloc(tree.n, sizeof *volume), in_plugs = 0, in_segments = 0;
    assert_true(lodged && volume);
    st_bed_lodged(bed, lodged, volume);
    for (size_t i = 0; i < n; i++) {
        lodged[plug[i].segment] -= plug[i].particles;
        in_plugs += plug[i].volume;
        clusters = plug[i].cluster >= clusters ? plug[i].cluster + (size_t)1 : clusters;
    }
    for (uint32_t i = 0; i < tree.n; i++) {
        assert_int_equal(lodged[i], 0);
        in_segments += volume[i];
    }
    assert_near(in_plugs, in_segments, 1e-9);
    size_t *members = calloc(clusters, sizeof *members);
    assert_non_null(members);
    for (size_t i = 0; i < n; i++)
        members[plug[i].cluster]++;
    for (size_t k = 0; k < clusters; k++) {
        assert_true(members[k] > 0);
        largest = members[k] > largest ? members[k] : largest;
    }
    assert_true(largest > 2 && clusters > 1 && clusters < n);

    free(members);
    free(lodged);
    free(volume);
    free(plug);
    st_infusion_fini(&infusion);
    st_bed_free(bed);
    st_tree_fini(&tree);
    st_liver_fini(&liver);
    st_parameters_fini(&standard);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_sphere_is_one_plug),
        cmocka_unit_test(test_plugs_touch_at_a_joint),
        cmocka_unit_test(test_plugs_hold_all_that_lodged),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
