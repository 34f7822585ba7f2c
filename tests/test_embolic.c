/* The infusion: every particle accounted for, the physics against its analytic cases and moving the right way.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "embolic_support.h"

static st_error err;

/* 2^13 terminals from a 2 mm artery: terminals of 0.1 mm. */
static st_tree fine_tree(void) {
    return support_symmetric_tree(13, 1.0, 20, 0.2, true);
}

/* ---- the account ----------------------------------------------------------- */

static void every_particle_is_accounted_for(void **state) {
    (void)state;
    static const struct {
        const char *name;
        double value;
    } modes[] = {{"plug_porosity", 0.38}, {"plug_porosity", 0}, {"closure_terminals", 0}, {"mixing", 0.4},
                 {"mixing", 0},           {"fixed_share", 0.6}, {"shunt_share", 0.3},     {"pulse_volume", 0.05}};
    st_tree tree = fine_tree();
    for (size_t m = 0; m < sizeof modes / sizeof *modes; m++) {
        reset();
        with(modes[m].name, modes[m].value);
        with("injection_rate", 20);
        with("slowest_rate", 20); /* so that some goes back */
        bench b = bench_of(&tree, 0.075);
        infuse(&b, 75, 250, 1, ST_ENDPOINT_STASIS, 1 + m);
        const st_particles *p = &b.infusion.particles;
        assert_true(p->injected > 0 && p->refluxed > 0);
        assert_true(p->injected == p->lodged_tumour + p->lodged_normal + p->refluxed + p->passed);
        uint64_t resting = 0;
        double volume = 0;
        for (uint32_t i = 0; i < tree.n; i++) {
            resting += b.lodged[i];
            volume += b.volume[i];
        }
        assert_true(resting >= p->lodged_tumour + p->lodged_normal);
        assert_true(resting <= p->injected - p->passed);
        assert_true(volume <= b.infusion.embolic_volume * (1 + 1e-12));
        bench_free(&b);
    }
    st_tree_fini(&tree);
    reset();
}

static void the_same_seed_gives_the_same_particles(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    bench a = bench_of(&tree, 0.075), b = bench_of(&tree, 0.075), c = bench_of(&tree, 0.075);
    infuse(&a, 75, 150, 1, ST_ENDPOINT_SUBSTASIS, 21);
    infuse(&b, 75, 150, 1, ST_ENDPOINT_SUBSTASIS, 21);
    infuse(&c, 75, 150, 1, ST_ENDPOINT_SUBSTASIS, 22);
    assert_memory_equal(a.lodged, b.lodged, tree.n * sizeof *a.lodged);
    assert_true(memcmp(a.lodged, c.lodged, tree.n * sizeof *a.lodged) != 0);
    /* another stream, the same physics */
    assert_near((double)a.infusion.particles.injected, (double)c.infusion.particles.injected, 0.02);
    bench_free(&a);
    bench_free(&b);
    bench_free(&c);
    st_tree_fini(&tree);
}

static void concentration_changes_the_volume_alone(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    bench a = bench_of(&tree, 0.075), b = bench_of(&tree, 0.075);
    with("suspension_dilution", 20);
    infuse(&a, 75, 150, 1, ST_ENDPOINT_SUBSTASIS, 5);
    with("suspension_dilution", 10);
    infuse(&b, 75, 150, 1, ST_ENDPOINT_SUBSTASIS, 5);
    assert_int_equal(a.infusion.particles.injected, b.infusion.particles.injected);
    assert_memory_equal(a.lodged, b.lodged, tree.n * sizeof *a.lodged);
    assert_near(a.infusion.suspension_volume, 2 * b.infusion.suspension_volume, 1e-12);
    assert_near(a.infusion.seconds, 2 * b.infusion.seconds, 1e-9);
    bench_free(&a);
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

/* ---- tight plugs ------------------------------------------------------------- */

/* In a symmetric tree each vessel of the first generation too narrow for the particles takes one, and then nothing
 * flows: 2^generation of them from the tip. */
static void tight_plugs_close_a_symmetric_tree_one_by_one(void **state) {
    (void)state;
    bare();
    parameters.item[ST_P_SUBSTASIS_FLOW_LEFT].value = 0;
    parameters.item[ST_P_SLOWEST_RATE].value = 1e-12; /* no reflux at the end */
    st_tree tree = support_symmetric_tree(9, 1.0, 20, 0.8, true);
    for (unsigned generation = 3; generation <= 9; generation++) {
        const double narrow = 2e3 * pow(2, -(double)generation / 3), d = narrow * 1.1; /* um */
        bench b = bench_of(&tree, d * ST_UM);
        infuse(&b, d, d, 1, ST_ENDPOINT_SUBSTASIS, generation);
        assert_int_equal(b.infusion.particles.injected, 1u << (generation - 1));
        assert_true(b.infusion.tip_flow_after <= 0);
        assert_int_equal(b.infusion.particles.lodged_normal + b.infusion.particles.lodged_tumour,
                         b.infusion.particles.injected);
        bench_free(&b);
    }
    st_tree_fini(&tree);
    reset();
}

static void a_particle_rests_in_the_first_vessel_too_narrow_for_it(void **state) {
    (void)state;
    bare();
    st_tree tree = fine_tree();
    bench b = bench_of(&tree, 0.13);
    infuse(&b, 130, 130, 0, ST_ENDPOINT_SUBSTASIS, 7);
    for (uint32_t i = 0; i < tree.n; i++)
        if (b.lodged[i] > 0) {
            assert_true(2 * (double)tree.radius[i] < 0.130);
            assert_true(2 * (double)tree.radius[tree.parent[i]] >= 0.130);
            assert_int_equal(b.lodged[i], 1); /* a closed vessel takes no more */
        }
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

/* ---- porous plugs ------------------------------------------------------------- */

static double poiseuille_per_mm(double d) {
    const double viscosity = st_viscosity(d / ST_UM, st_parameter_value(&parameters, ST_P_HAEMATOCRIT),
                                          st_parameter_value(&parameters, ST_P_PLASMA_VISCOSITY));
    return 128 * viscosity / (M_PI * d * d * d * d);
}

/* One particle in one of two branches, worked out by hand. */
static void a_porous_plug_resists_as_kozeny_and_carman_say(void **state) {
    (void)state;
    with("closure_terminals", 0);
    st_tree tree = support_symmetric_tree(1, 1.0, 20, 100, false);
    bench b = bench_of(&tree, 1.7);
    parameters.item[ST_P_DOSE_LIMIT].value = 1;
    infuse(&b, 1700, 1700, 0, ST_ENDPOINT_STASIS, 3);
    const uint32_t hit = b.lodged[1] > 0 ? 1 : 2;
    const double d = 1.7, f = 0.38, width = 2 * (double)tree.radius[hit], area = M_PI / 4 * width * width;
    const double length = M_PI / 6 * d * d * d / ((1 - f) * area);
    const double k = width * width * f * f * f / (180 * (1 - f) * (1 - f)); /* pores no wider than the vessel allows */
    const double viscosity = poiseuille_per_mm(width) * area * width * width / 32;
    const double open = poiseuille_per_mm(width) * st_tree_length(&tree, hit);
    const double plugged = open + viscosity * length / (k * area) - poiseuille_per_mm(width) * length;
    const double root = poiseuille_per_mm(2) * st_tree_length(&tree, 0);
    const double pressure = (90 - 13.4) * ST_MMHG, outlet = (pressure - 200 * root - 100 * open) / 100;
    const double g = 1 / (plugged + outlet), other = 1 / (open + outlet);
    double flow;
    assert_ok(st_bed_flow_at(b.bed, hit, &flow, &err));
    assert_near(flow, pressure / (1 + root * (g + other)) * g, 1e-5); /* radii are stored as float */
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

/* Spheres that fit stack from the end of a vessel whose branches are full: as many as its packed half beyond the tip
 * holds, then the catheter is reached. */
static void plugs_stack_up_to_the_catheter(void **state) {
    (void)state;
    with("closure_terminals", 0);
    parameters.item[ST_P_SUBSTASIS_FLOW_LEFT].value = 0;
    st_tree tree = support_symmetric_tree(1, 1.0, 20, 100, false);
    bench b = bench_of(&tree, 1.6);
    infuse(&b, 1650, 1650, 0, ST_ENDPOINT_SUBSTASIS, 3);
    assert_string_equal(b.infusion.stopped_by, "plug at the catheter");
    const double sphere = M_PI / 6 * pow(1.65, 3), packed = 0.62;
    const double narrow = 2 * (double)tree.radius[1], above = 2;
    const double room = st_tree_length(&tree, 1) * (above - 1.65) / (above - narrow);
    const double in_branch = ceil(room * M_PI / 4 * narrow * narrow * packed / sphere - 1e-4);
    const double in_tip = ceil(0.5 * st_tree_length(&tree, 0) * M_PI / 4 * above * above * packed / sphere - 1e-4);
    assert_int_equal(b.lodged[1], (int)in_branch);
    assert_int_equal(b.lodged[2], (int)in_branch);
    assert_int_equal(b.lodged[0], (int)in_tip);
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

static void porous_plugs_take_more_than_tight_ones(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    double before = 0;
    for (double porosity = 0; porosity < 0.5; porosity += 0.1) {
        with("plug_porosity", porosity);
        bench b = bench_of(&tree, 0.1);
        infuse(&b, 110, 150, 1, ST_ENDPOINT_SUBSTASIS, 3);
        assert_true((double)b.infusion.particles.injected > before);
        before = (double)b.infusion.particles.injected;
        bench_free(&b);
    }
    st_tree_fini(&tree);
    reset();
}

/* ---- routing --------------------------------------------------------------------- */

/* Particles wider than both branches, one closed in part: which is closed first? */
static double first_share(double *flow_share, unsigned runs) {
    st_tree tree = support_symmetric_tree(1, 1.0, 20, 100, false);
    unsigned first = 0;
    tree.demand[1] = 40;
    tree.demand[0] = 140;
    *flow_share = 40.0 / 140;
    for (uint64_t seed = 1; seed <= runs; seed++) {
        bench b = bench_of(&tree, 1.7);
        parameters.item[ST_P_DOSE_LIMIT].value = 1;
        infuse(&b, 1700, 1700, 0, ST_ENDPOINT_STASIS, seed);
        first += b.lodged[1];
        bench_free(&b);
    }
    st_tree_fini(&tree);
    return (double)first / runs;
}

static void assert_share(double share, double wanted, unsigned runs) {
    assert_true(fabs(share - wanted) < 4 * sqrt(wanted * (1 - wanted) / runs));
}

static void routing_follows_the_flow(void **state) {
    (void)state;
    enum { RUNS = 3000 };
    double wanted;
    bare();
    for (double mixing = 1; mixing >= 0; mixing -= 0.5) { /* released over the whole section, mixing changes nothing */
        with("mixing", mixing);
        const double share = first_share(&wanted, RUNS);
        assert_share(share, wanted, RUNS);
    }
    with("fixed_share", 0.6);
    const double share = first_share(&wanted, RUNS);
    assert_true(fabs(share - 0.6) < 0.04 || fabs(share - 0.4) < 0.04);
    reset();
}

/* Without mixing the side of release decides: released within the share of a branch, all enter it. */
static void without_mixing_the_place_of_release_decides(void **state) {
    (void)state;
    double wanted;
    bare();
    with("mixing", 0);
    with("release_width", 0.25); /* the smaller branch has 0.286 */
    with("release_place", 0);
    assert_near(first_share(&wanted, 200), 1, 0);
    with("release_place", 1);
    assert_true(first_share(&wanted, 200) <= 0);
    with("mixing", 1); /* and mixed, it decides nothing */
    const double share = first_share(&wanted, 3000);
    assert_share(share, wanted, 3000);
    reset();
}

/* The branches of a joint lean to one side, so that they span a plane, and the planes of the generations turn. */
static void lean(st_tree *tree) {
    for (uint32_t i = 1; i < tree->n; i++) {
        unsigned depth = 0;
        for (uint32_t v = i; v > 0; v = (v - 1) / 2)
            depth++;
        memcpy(tree->proximal[i], tree->distal[tree->parent[i]], sizeof tree->proximal[i]);
        memcpy(tree->distal[i], tree->proximal[i], sizeof tree->distal[i]);
        tree->distal[i][depth % 3] += i % 2 == 0 ? 10.0f : -10.0f;
        tree->distal[i][(depth + 1) % 3] += 10;
        tree->distal[i][(depth + 2) % 3] += (float)(depth % 2) * 5;
    }
}

/* Over many generations too: of unmixed particles released everywhere each terminal gets its part of the flow. */
static void sections_keep_the_measure_of_the_flow(void **state) {
    (void)state;
    enum { RUNS = 40000, GENERATIONS = 4 };
    bare();
    with("mixing", 0);
    st_tree tree = support_symmetric_tree(GENERATIONS, 1.0, 20, 40, false);
    lean(&tree);
    for (uint32_t i = 0; i < tree.n; i++)
        if (st_tree_is_terminal(&tree, i))
            tree.demand[i] = 10 + 5.0 * (i % 7);
    assert_ok(st_tree_finish(&tree, &err));
    double chi2 = 0, *count = calloc(tree.n, sizeof *count);
    for (uint64_t seed = 1; seed <= RUNS; seed++) {
        bench b = bench_of(&tree, 0.85);
        parameters.item[ST_P_DOSE_LIMIT].value = 1;
        infuse(&b, 850, 990, 0, ST_ENDPOINT_STASIS, seed);
        for (uint32_t i = 0; i < tree.n; i++)
            count[i] += b.lodged[i];
        bench_free(&b);
    }
    for (uint32_t i = 0; i < tree.n; i++)
        if (st_tree_is_terminal(&tree, i)) {
            const double expected = RUNS * tree.demand[i] / tree.demand[0];
            chi2 += (count[i] - expected) * (count[i] - expected) / expected;
        }
    assert_true(chi2 < 40); /* 15 degrees of freedom: p = 0.0005 */
    free(count);
    st_tree_fini(&tree);
    reset();
}

static double mean_rest_diameter(const bench *b) {
    double sum = 0, n = 0;
    for (uint32_t i = 0; i < b->tree->n; i++) {
        sum += 2 * (double)b->tree->radius[i] * b->lodged[i];
        n += b->lodged[i];
    }
    return sum / n;
}

static void larger_particles_and_clumps_stop_more_proximally(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    double before = 0;
    for (double d = 120; d < 500; d *= 1.6) {
        bench b = bench_of(&tree, d * ST_UM);
        infuse(&b, d, d * 1.2, 1, ST_ENDPOINT_SUBSTASIS, 3);
        assert_true(mean_rest_diameter(&b) > before);
        before = mean_rest_diameter(&b);
        bench_free(&b);
    }
    before = 0;
    for (double clump = 1; clump < 9; clump *= 2) {
        st_agent agent;
        assert_ok(st_agent_sized(0.1, 0.15, &agent, &err));
        agent.clump = clump;
        bench b = bench_of(&tree, 0.1);
        infuse_agent(&b, &agent, 1, ST_ENDPOINT_SUBSTASIS, 0, 3);
        assert_true(mean_rest_diameter(&b) > before);
        before = mean_rest_diameter(&b);
        bench_free(&b);
    }
    st_tree_fini(&tree);
}

static void shunts_are_in_tumour_and_lead_past(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    with("shunt_share", 0.25);
    with("shunt_diameter", 200);
    bench b = bench_of(&tree, 0.1);
    infuse(&b, 100, 150, 0, ST_ENDPOINT_SUBSTASIS, 3);
    const st_particles *p = &b.infusion.particles;
    const double share = (double)p->passed / (double)(p->passed + p->lodged_tumour);
    assert_share(share, 0.25, (unsigned)(p->passed + p->lodged_tumour));
    bench_free(&b);
    with("shunt_diameter", 50); /* too narrow for any */
    b = bench_of(&tree, 0.1);
    infuse(&b, 100, 150, 0, ST_ENDPOINT_SUBSTASIS, 3);
    assert_int_equal(b.infusion.particles.passed, 0);
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

/* ---- flow and endpoint ------------------------------------------------------------- */

static void more_particles_never_leave_more_flow(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    bench b = bench_of(&tree, 0.075);
    infuse(&b, 75, 150, 1, ST_ENDPOINT_STASIS, 11);
    assert_true(b.infusion.n_curve > 10);
    for (size_t i = 1; i < b.infusion.n_curve; i++) {
        assert_true(b.infusion.curve[i].injected > b.infusion.curve[i - 1].injected);
        assert_true(b.infusion.curve[i].suspension > b.infusion.curve[i - 1].suspension);
        if (b.infusion.particles.refluxed == 0)
            assert_true(b.infusion.curve[i].tip_flow <= b.infusion.curve[i - 1].tip_flow);
    }
    bench_free(&b);
    st_tree_fini(&tree);
}

static void endpoints_stand_in_order(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    double flow_left[ST_ENDPOINTS];
    for (int endpoint = 0; endpoint < ST_ENDPOINT_DOSE; endpoint++) {
        bench b = bench_of(&tree, 0.11);
        infuse(&b, 110, 150, 1, (st_endpoint)endpoint, 2);
        flow_left[endpoint] = b.infusion.tip_flow_after / b.infusion.tip_flow_before;
        assert_string_equal(b.infusion.stopped_by, "endpoint");
        if (endpoint == ST_ENDPOINT_STASIS)
            assert_true(b.infusion.clearance_beats >= 5);
        bench_free(&b);
    }
    assert_true(flow_left[ST_ENDPOINT_STASIS] < flow_left[ST_ENDPOINT_NEAR_STASIS]);
    assert_true(flow_left[ST_ENDPOINT_SUBSTASIS] <= 0.35);
    st_tree_fini(&tree);
}

static void a_dose_ends_where_it_should(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    st_agent agent;
    assert_ok(st_agent_sized(0.11, 0.15, &agent, &err));
    const double per = st_agent_concentration(&agent, &parameters), dose = 0.1 * ST_ML;
    bench b = bench_of(&tree, 0.11);
    infuse_agent(&b, &agent, 1, ST_ENDPOINT_DOSE, dose, 2);
    assert_int_equal(b.infusion.particles.injected, (uint64_t)ceil(dose * per));
    assert_string_equal(b.infusion.stopped_by, "endpoint");
    infuse_agent(&b, &agent, 1, ST_ENDPOINT_STASIS, dose / 10, 3); /* the dose before the endpoint */
    assert_string_equal(b.infusion.stopped_by, "dose");
    bench_free(&b);
    st_tree_fini(&tree);
}

/* Looked at after every pulse, the endpoint is passed by one pulse at most; the pauses take time. */
static void pulses_pass_the_endpoint_by_one_at_most(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    st_agent agent;
    assert_ok(st_agent_sized(0.11, 0.15, &agent, &err));
    const double per = st_agent_concentration(&agent, &parameters);
    bench all = bench_of(&tree, 0.11), pulsed = bench_of(&tree, 0.11);
    infuse_agent(&all, &agent, 1, ST_ENDPOINT_SUBSTASIS, 0, 2);
    with("pulse_volume", 0.02);
    infuse_agent(&pulsed, &agent, 1, ST_ENDPOINT_SUBSTASIS, 0, 2);
    const double more = (double)pulsed.infusion.particles.injected - (double)all.infusion.particles.injected;
    assert_true(more >= 0 && more <= ceil(0.02 * ST_ML * per));
    const double pulses = floor(pulsed.infusion.suspension_volume / (0.02 * ST_ML));
    assert_true(pulses > 3);
    assert_true(pulsed.infusion.seconds >= pulses * 10);
    bench_free(&all);
    bench_free(&pulsed);
    st_tree_fini(&tree);
    reset();
}

static void an_endpoint_out_of_reach_is_given_up(void **state) {
    (void)state;
    bare();
    st_tree tree = support_symmetric_tree(6, 1.0, 20, 10, false);
    bench b = bench_of(&tree, 0.1);
    infuse(&b, 100, 120, 0, ST_ENDPOINT_STASIS, 1); /* all of it passes */
    assert_string_equal(b.infusion.stopped_by, "nothing lodges any more");
    assert_int_equal(b.infusion.particles.passed, b.infusion.particles.injected);
    bench_free(&b);
    reset();
    b = bench_of(&tree, 0.1);
    with("dose_limit", 1000);
    infuse(&b, 100, 120, 0, ST_ENDPOINT_STASIS, 1);
    assert_string_equal(b.infusion.stopped_by, "dose limit");
    assert_int_equal(b.infusion.particles.injected, 1000);
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

/* ---- the catheter --------------------------------------------------------------------- */

static void a_catheter_narrows_its_vessel(void **state) {
    (void)state;
    const double k = 0.5, concentric = 1 - pow(k, 4) - pow(1 - k * k, 2) / log(1 / k);
    assert_near(st_catheter_flow(0.5, 1, 0), concentric, 1e-12);
    assert_near(st_catheter_flow(0.5, 1, 0.001), concentric, 1e-5);
    /* a narrow gap carries 2.5 times as much with the catheter at the wall as in the middle (lubrication theory) */
    assert_near(st_catheter_flow(0.99, 1, 0.999) / st_catheter_flow(0.99, 1, 0), 2.5, 0.01);
    assert_true(st_catheter_flow(1, 1, 0.9) <= 0);
    double before = 1;
    for (double d = 0.05; d < 1; d += 0.05) {
        const double flow = st_catheter_flow(d, 1, 0.9);
        assert_true(flow < before && flow > st_catheter_flow(d, 1, 0));
        before = flow;
    }
    st_tree tree = support_symmetric_tree(6, 1.0, 20, 10, false);
    bench b = bench_of(&tree, 0.3);
    parameters.item[ST_P_DOSE_LIMIT].value = 0;
    infuse(&b, 300, 400, 0, ST_ENDPOINT_STASIS, 1);
    double flow;
    assert_ok(st_bed_flow_at(b.bed, 0, &flow, &err));
    assert_near(flow, tree.demand[0], 1e-9); /* and without it all is as before */
    assert_true(b.infusion.tip_flow_before < flow && b.infusion.tip_flow_before > 0.5 * flow);
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

/* The flow at a tip behind two joints is that of the whole network with the catheter's vessels narrowed. */
static void the_catheter_stands_in_all_vessels_on_its_way(void **state) {
    (void)state;
    bare();
    const uint32_t tip = 3; /* 1.26 mm, beyond segments 1 and 0 */
    st_tree tree = support_symmetric_tree(6, 1.0, 20, 10, false);
    st_flow flow;
    bench b = bench_of(&tree, 0.3);
    parameters.item[ST_P_DOSE_LIMIT].value = 0;
    infuse(&b, 300, 400, tip, ST_ENDPOINT_STASIS, 1);
    assert_ok(st_flow_init(&tree, &parameters, &flow, &err));
    for (uint32_t i = tip; i != ST_NONE; i = tree.parent[i]) {
        const double left = st_catheter_flow(0.9, 2 * (double)tree.radius[i], 0.9);
        const double part = i == tip ? 0.5 : 1; /* the tip stands halfway */
        st_flow_set(&flow, &tree, i, flow.conductance[i] / (1 - part + part / left));
    }
    assert_near(b.infusion.tip_flow_before, st_flow_at(&flow, &tree, tip), 1e-6); /* radii are stored as float */
    st_flow_fini(&flow);
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

/* A wedged tip lets nothing come back: what is injected goes on. */
static void a_wedged_catheter_does_not_reflux(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    with("slowest_rate", 20);
    with("injection_rate", 20);
    with("microcatheter_diameter", 1.25); /* in a vessel of 1.26 mm */
    with("catheter_eccentricity", 0);
    bench b = bench_of(&tree, 0.11);
    parameters.item[ST_P_DOSE_LIMIT].value = 2000;
    infuse(&b, 110, 200, 3, ST_ENDPOINT_STASIS, 4);
    assert_true(b.infusion.tip_flow_before < 1e-3 * 0.25 * tree.demand[0]);
    assert_int_equal(b.infusion.particles.refluxed, 0);
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

static void injection_faster_than_the_flow_refluxes(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    with("microcatheter_diameter", 0.4);
    bench slow = bench_of(&tree, 0.11);
    infuse(&slow, 110, 200, 16, ST_ENDPOINT_STASIS, 4);
    with("injection_rate", 20);
    with("slowest_rate", 20);
    bench b = bench_of(&tree, 0.11);
    infuse(&b, 110, 200, 16, ST_ENDPOINT_STASIS, 4);
    assert_true(b.infusion.particles.refluxed > slow.infusion.particles.refluxed);
    uint64_t elsewhere = 0;
    for (uint32_t i = 0; i < tree.n; i++) {
        uint32_t v = i;
        while (v != ST_NONE && v != 16)
            v = tree.parent[v];
        elsewhere += v == ST_NONE ? b.lodged[i] : 0;
    }
    assert_true(elsewhere > 0 && elsewhere <= b.infusion.particles.refluxed);
    bench_free(&slow);
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

/* A bend and a closed branch lie between the tip and the only other branch with flow. */
static void reflux_goes_back_to_the_first_branch_with_flow(void **state) {
    (void)state;
    static const uint32_t parent[] = {ST_NONE, 0, 1, 2, 2, 0, 5};
    enum { N = sizeof parent / sizeof *parent, TIP = 3, CLOSED = 4, NARROW = 6 };
    bare();
    with("microcatheter_diameter", 0.4);
    st_tree tree;
    assert_ok(st_tree_init(&tree, N, &err));
    for (uint32_t i = 0; i < N; i++) {
        tree.parent[i] = parent[i];
        tree.radius[i] = i == NARROW ? 0.1f : 0.5f;
        tree.proximal[i][0] = i == 0 ? 0 : tree.distal[parent[i]][0];
        tree.distal[i][0] = tree.proximal[i][0] + 5;
        tree.distal[i][1] = (float)i;
        tree.demand[i] = st_tree_is_terminal(&tree, i) ? 1 : 0;
    }
    tree.demand[CLOSED] = 0; /* no flow from the start */
    tree.demand[TIP] = tree.demand[NARROW] = 1;
    assert_ok(st_tree_finish(&tree, &err));
    bench b = bench_of(&tree, 0.3);
    with("dose_limit", 1000);
    parameters.item[ST_P_INJECTION_RATE].value = parameters.item[ST_P_SLOWEST_RATE].value = 0.11; /* mL/min, of 0.12 */
    infuse(&b, 300, 300, TIP, ST_ENDPOINT_SUBSTASIS, 1); /* they pass the tip: the dose alone ends it */
    assert_string_equal(b.infusion.stopped_by, "dose limit");
    assert_true(b.infusion.particles.refluxed > 0);
    assert_int_equal(b.lodged[NARROW], 1);
    assert_int_equal(b.lodged[CLOSED], 0);
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

/* Contrast fills the pores of plugs, and goes no farther than a tight one. */
static void the_column_is_what_contrast_reaches(void **state) {
    (void)state;
    st_tree tree = support_symmetric_tree(3, 1.0, 20, 100, false);
    const double beats = st_parameter_value(&parameters, ST_P_HEART_RATE), sphere = M_PI / 6 * pow(1.7, 3);
    for (int porous = 0; porous <= 1; porous++) {
        with("closure_terminals", 0);
        with("plug_porosity", porous ? 0.38 : 0);
        bench b = bench_of(&tree, 1.7);
        double all = 0, side = 0; /* mm^3: everything beyond the tip, one branch of the root */
        for (uint32_t i = 0; i < tree.n; i++) {
            uint32_t top = i;
            while (top > 2)
                top = tree.parent[top];
            const double r = (double)tree.radius[i], volume = M_PI * r * r * st_tree_length(&tree, i);
            all += i == 0 ? volume / 2 : volume;
            side += top == 1 ? volume : 0;
        }
        parameters.item[ST_P_DOSE_LIMIT].value = 1;
        infuse(&b, 1700, 1700, 0, ST_ENDPOINT_SUBSTASIS, 1); /* wider than either branch */
        const st_infusion_point *curve = b.infusion.curve, *last = &curve[b.infusion.n_curve - 1];
        assert_near(curve[0].clearance_beats, all / curve[0].tip_flow * beats, 1e-6);
        assert_near(last->clearance_beats, (all - (porous ? sphere : side)) / last->tip_flow * beats, 1e-6);
        const double left = last->clearance_beats;
        /* the next infusion begins with what this one left */
        infuse(&b, 1700, 1700, 0, ST_ENDPOINT_SUBSTASIS, 2);
        assert_near(b.infusion.curve[0].clearance_beats, left, 1e-6);
        bench_free(&b);
    }
    st_tree_fini(&tree);
    reset();
}

/* ---- oil --------------------------------------------------------------------------------- */

static void oil_is_accounted_for_and_slows_the_flow(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    st_agent oil;
    assert_ok(st_agents_find(NULL, "lipiodol", &oil, &err));
    double before = 1;
    for (double ml = 0.1; ml < 60; ml *= 4) {
        bench b = bench_of(&tree, 0.1);
        infuse_agent(&b, &oil, 0, ST_ENDPOINT_DOSE, ml * ST_ML, 1);
        const st_oil *o = &b.infusion.oil;
        assert_near(o->injected, ml * ST_ML, 1e-9);
        assert_near(o->tumour + o->normal + o->portal + o->refluxed, o->injected, 1e-9);
        assert_true(o->refluxed <= 0); /* the flow takes all of it, to the last digit */
        double *held = calloc(tree.n, sizeof *held), sum = 0, in_tumour = 0;
        st_bed_oil(b.bed, held);
        for (uint32_t i = 0; i < tree.n; i++) {
            sum += held[i];
            in_tumour += tree.lesion[i] > 0 ? held[i] : 0;
        }
        assert_near(sum, o->tumour + o->normal + o->portal, 1e-9);
        assert_true(in_tumour >= o->tumour * (1 - 1e-9));
        const double left = b.infusion.tip_flow_after / b.infusion.tip_flow_before;
        assert_true(left < before);
        before = left;
        double error;
        assert_ok(st_bed_error(b.bed, &error, &err));
        assert_true(error <= 1e-12);
        free(held);
        bench_free(&b);
    }
    st_tree_fini(&tree);
}

static void oil_stops_when_the_flow_has_slowed(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    st_agent oil;
    assert_ok(st_agents_find(NULL, "lipiodol", &oil, &err));
    with("oil_viscosity_ratio", 30);
    bench b = bench_of(&tree, 0.1);
    infuse_agent(&b, &oil, 0, ST_ENDPOINT_SUBSTASIS, 50 * ST_ML, 1);
    assert_string_equal(b.infusion.stopped_by, "endpoint");
    assert_true(b.infusion.oil.injected < 50 * ST_ML);
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

/* ---- what is refused ------------------------------------------------------------------------ */

static void refused(const st_bed *bed, const st_agent *agent, uint32_t tip, const char *word) {
    const st_injection order = {.agent = agent, .tip = tip, .endpoint = ST_ENDPOINT_STASIS, .seed = 1};
    st_infusion infusion;
    memset(&err, 0, sizeof err);
    assert_int_equal(st_infuse((st_bed *)(uintptr_t)bed, &order, NULL, &infusion, &err), ST_VALUE);
    if (!strstr(err.what, word))
        fail_msg("\"%s\" does not speak of \"%s\"", err.what, word);
    st_infusion_fini(&infusion);
}

static void impossible_infusions_are_refused(void **state) {
    (void)state;
    st_tree tree = fine_tree();
    bench b = bench_of(&tree, 0.1);
    st_agent agent;
    assert_ok(st_agent_sized(0.1, 0.2, &agent, &err));
    refused(b.bed, &agent, tree.n, "segments 0 to");
    refused(b.bed, &agent, 40, "microcatheter_diameter"); /* 0.63 mm */
    assert_ok(st_agent_sized(0.05, 0.2, &agent, &err));
    refused(b.bed, &agent, 1, "made for 100 um");
    assert_ok(st_agent_sized(1, 1.7, &agent, &err));
    refused(b.bed, &agent, 1, "stop at the catheter");
    assert_ok(st_agent_sized(0.1, 0.2, &agent, &err));
    parameters.item[ST_P_INJECTION_RATE].value = 1e4;
    refused(b.bed, &agent, 1, "whole artery");
    reset();
    bare();
    bench_free(&b);
    b = bench_of(&tree, 0.1);
    parameters.item[ST_P_SUBSTASIS_FLOW_LEFT].value = 0;
    parameters.item[ST_P_SLOWEST_RATE].value = 1e-12;
    infuse(&b, 1300, 1300, 1, ST_ENDPOINT_SUBSTASIS, 1); /* closes both branches beyond the tip */
    reset();
    refused(b.bed, &agent, 1, "no blood flows");
    bench_free(&b);
    st_tree_fini(&tree);
    reset();
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_particle_is_accounted_for),
        cmocka_unit_test(the_same_seed_gives_the_same_particles),
        cmocka_unit_test(concentration_changes_the_volume_alone),
        cmocka_unit_test(tight_plugs_close_a_symmetric_tree_one_by_one),
        cmocka_unit_test(a_particle_rests_in_the_first_vessel_too_narrow_for_it),
        cmocka_unit_test(a_porous_plug_resists_as_kozeny_and_carman_say),
        cmocka_unit_test(plugs_stack_up_to_the_catheter),
        cmocka_unit_test(porous_plugs_take_more_than_tight_ones),
        cmocka_unit_test(routing_follows_the_flow),
        cmocka_unit_test(without_mixing_the_place_of_release_decides),
        cmocka_unit_test(sections_keep_the_measure_of_the_flow),
        cmocka_unit_test(larger_particles_and_clumps_stop_more_proximally),
        cmocka_unit_test(shunts_are_in_tumour_and_lead_past),
        cmocka_unit_test(more_particles_never_leave_more_flow),
        cmocka_unit_test(endpoints_stand_in_order),
        cmocka_unit_test(a_dose_ends_where_it_should),
        cmocka_unit_test(pulses_pass_the_endpoint_by_one_at_most),
        cmocka_unit_test(an_endpoint_out_of_reach_is_given_up),
        cmocka_unit_test(a_catheter_narrows_its_vessel),
        cmocka_unit_test(the_catheter_stands_in_all_vessels_on_its_way),
        cmocka_unit_test(a_wedged_catheter_does_not_reflux),
        cmocka_unit_test(injection_faster_than_the_flow_refluxes),
        cmocka_unit_test(reflux_goes_back_to_the_first_branch_with_flow),
        cmocka_unit_test(the_column_is_what_contrast_reaches),
        cmocka_unit_test(oil_is_accounted_for_and_slows_the_flow),
        cmocka_unit_test(oil_stops_when_the_flow_has_slowed),
        cmocka_unit_test(impossible_infusions_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
