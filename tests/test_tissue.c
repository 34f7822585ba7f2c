/* Territories, oxygen, death: against analytic profiles, brute force and the laws of conservation.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "with_parameters.h"

#include <gsl/gsl_sf_bessel.h>
#include <stasis/units.h>

static double krogh_coefficient(void) {
    return st_parameter_value(&parameters, ST_P_OXYGEN_DIFFUSIVITY) *
           st_parameter_value(&parameters, ST_P_OXYGEN_SOLUBILITY) * ST_MMHG;
}

/* ---- the cylinder --------------------------------------------------------- */

/* Use that does not depend on pressure: the Krogh-Erlang profile. */
static double krogh_erlang(const st_oxygen_demand *d, double wall, double r) {
    const double rate = d->use / (1 - pow(d->capillary / d->radius, 2));
    const double reach = d->radius * d->radius * log(r / d->capillary);
    return wall - rate / (2 * krogh_coefficient()) * (reach - 0.5 * (r * r - d->capillary * d->capillary));
}

/* Use proportional to pressure: modified Bessel functions with no flux at the outer edge. */
static double first_order(const st_oxygen_demand *d, double wall, double r) {
    const double rate = d->use / (1 - pow(d->capillary / d->radius, 2));
    const double l = sqrt(rate / (d->half * krogh_coefficient()));
    const double a = gsl_sf_bessel_K1(l * d->radius), b = gsl_sf_bessel_I1(l * d->radius);
    const double at_wall = a * gsl_sf_bessel_I0(l * d->capillary) + b * gsl_sf_bessel_K0(l * d->capillary);
    return wall * (a * gsl_sf_bessel_I0(l * r) + b * gsl_sf_bessel_K0(l * r)) / at_wall;
}

static double profile_error(const st_oxygen_demand *d, double wall, unsigned cells,
                            double (*exact)(const st_oxygen_demand *, double, double)) {
    double radius[ST_KROGH_CELLS_MAX], pressure[ST_KROGH_CELLS_MAX], worst = 0;
    st_krogh_profile(wall, d, &parameters, cells, radius, pressure);
    for (unsigned i = 0; i < cells; i++)
        worst = fmax(worst, fabs(pressure[i] - exact(d, wall, radius[i])));
    return worst / wall;
}

static void assert_second_order(const st_oxygen_demand *d, double wall,
                                double (*exact)(const st_oxygen_demand *, double, double)) {
    const double coarse = profile_error(d, wall, 24, exact), fine = profile_error(d, wall, 48, exact);
    assert_true(fine < 1e-3);
    assert_near(log2(coarse / fine), 2, 0.05);
}

static void profile_of_constant_use(void **state) {
    (void)state;
    st_oxygen_demand d = st_oxygen_demand_of(ST_TUMOUR, &parameters);
    d.half = 1e-9;
    assert_second_order(&d, 60, krogh_erlang);
    double radius[48], pressure[48];
    assert_near(st_krogh_profile(60, &d, &parameters, 48, radius, pressure), d.use, 1e-9);
}

static void profile_of_proportional_use(void **state) {
    (void)state;
    st_oxygen_demand d = st_oxygen_demand_of(ST_TUMOUR, &parameters);
    d.half = 10;
    const double wall = 1e-6; /* far below half: use is proportional to pressure to 1e-7 */
    assert_second_order(&d, wall, first_order);
}

/* What is used has come through the wall. */
static void profile_balances(void **state) {
    (void)state;
    const st_oxygen_demand d = st_oxygen_demand_of(ST_TUMOUR, &parameters);
    for (double wall = 0.5; wall < 100; wall *= 2) {
        double radius[64], pressure[64];
        const double used = st_krogh_profile(wall, &d, &parameters, 64, radius, pressure);
        const double width = log(d.radius / d.capillary) / 64;
        const double flux = krogh_coefficient() * (wall - pressure[0]) / (width / 2);
        assert_near(2 * flux / (d.radius * d.radius), used, 1e-7);
    }
}

/* ---- the blood ------------------------------------------------------------ */

static double content_at(double p) {
    const double x = pow(p / (st_parameter_value(&parameters, ST_P_OXYGEN_P50) / ST_MMHG),
                         st_parameter_value(&parameters, ST_P_HILL_EXPONENT));
    return st_parameter_value(&parameters, ST_P_OXYGEN_CAPACITY) * x / (1 + x) +
           st_parameter_value(&parameters, ST_P_OXYGEN_SOLUBILITY) * ST_MMHG * p;
}

static double pressure_at(double content) {
    double low = 0, high = 2000;
    for (int i = 0; i < 80; i++) {
        const double p = 0.5 * (low + high);
        *(content_at(p) < content ? &low : &high) = p;
    }
    return low;
}

/* March along the capillary in small steps: content falls by use over flow. */
static void march(double flow, double content, const st_oxygen_demand *d, double *mean, double *used) {
    enum { STEPS = 2000, CELLS = 48 };
    double radius[CELLS], pressure[CELLS], first = content;
    *mean = 0;
    for (int i = 0; i < STEPS; i++) {
        const double use = st_krogh_profile(pressure_at(content), d, &parameters, CELLS, radius, pressure);
        const double width = log(d->radius / d->capillary) / CELLS;
        double sum = 0, whole = 0;
        for (int k = 0; k < CELLS; k++) {
            const double volume = radius[k] * radius[k] * sinh(width);
            sum += volume * pressure[k];
            whole += volume;
        }
        *mean += sum / whole / STEPS;
        content = fmax(0, content - use / flow / STEPS);
    }
    *used = flow * (first - content);
}

static void voxel_follows_the_capillary(void **state) {
    (void)state;
    const double artery = st_parameter_value(&parameters, ST_P_OXYGEN_ARTERY);
    const double portal = st_parameter_value(&parameters, ST_P_OXYGEN_PORTAL);
    const st_demand demand = st_demand_from_parameters(&parameters);
    for (int kind = ST_NORMAL; kind <= ST_TUMOUR; kind++) {
        const st_oxygen_demand d = st_oxygen_demand_of((st_tissue_class)kind, &parameters);
        for (double left = 1; left > 0.1; left *= 0.5) {
            const double a = demand.arterial[kind] * left, p = demand.portal[kind] * left;
            double mean, used, mean_marched, used_marched;
            st_oxygen_voxel(a, p, &d, &parameters, 5, &mean, NULL, &used);
            march(a + p, (a * artery + p * portal) / (a + p), &d, &mean_marched, &used_marched);
            assert_near(used, used_marched, 2e-3);
            assert_near(mean, mean_marched, 5e-3);
        }
    }
}

static void voxel_in_its_limits(void **state) {
    (void)state;
    const st_oxygen_demand d = st_oxygen_demand_of(ST_TUMOUR, &parameters);
    double mean, hypoxic, used;
    st_oxygen_voxel(0, 0, &d, &parameters, 5, &mean, &hypoxic, &used);
    assert_true(mean == 0 && hypoxic == 1 && used == 0);
    /* Next to no flow: all the oxygen that comes is used. */
    const double trickle = 1e-6;
    st_oxygen_voxel(trickle, 0, &d, &parameters, 5, &mean, &hypoxic, &used);
    assert_near(used, trickle * st_parameter_value(&parameters, ST_P_OXYGEN_ARTERY), 1e-3);
    assert_true(hypoxic > 0.99);
    double before_used = 0, before_hypoxic = 1;
    for (double flow = 1e-6; flow < 0.1; flow *= 1.2) {
        st_oxygen_voxel(flow, 0, &d, &parameters, 5, &mean, &hypoxic, &used);
        assert_true(used >= before_used && hypoxic <= before_hypoxic);
        assert_true(used <= d.use && hypoxic >= 0);
        before_used = used;
        before_hypoxic = hypoxic;
    }
    assert_true(before_hypoxic == 0);
}

/* Both tissues are well at baseline; normal liver lives on portal blood alone, tumour dies without its artery. */
static void baseline_is_well(void **state) {
    (void)state;
    const st_demand demand = st_demand_from_parameters(&parameters);
    double hypoxic;
    for (int kind = ST_NORMAL; kind <= ST_TUMOUR; kind++) {
        const st_oxygen_demand d = st_oxygen_demand_of((st_tissue_class)kind, &parameters);
        st_oxygen_voxel(demand.arterial[kind], demand.portal[kind], &d, &parameters, 5, NULL, &hypoxic, NULL);
        assert_true(hypoxic == 0);
        st_oxygen_voxel(0, demand.portal[kind], &d, &parameters, 5, NULL, &hypoxic, NULL);
        assert_true(kind == ST_NORMAL ? hypoxic < 0.01 : hypoxic > 0.5);
    }
}

/* ---- a liver and a tree by hand -------------------------------------------- */

typedef struct scene {
    st_liver liver;
    st_tree tree;
    double *q;
} scene;

enum { SIDE = 40 };

/* A ball of liver in a box of SIDE^3 voxels of 1 mm with two ball lesions, and a star of `terminals` vessels at random
 * places in its tissues: lesion 2 gets none unless `both`. */
static scene make_scene(uint32_t terminals, bool both) {
    st_error err = {0};
    scene s = {0};
    const uint32_t n[3] = {SIDE, SIDE, SIDE};
    const double to_lps[3][4] = {{1, 0, 0, -20}, {0, -1, 0, 12}, {0, 0, 1, 5}};
    assert_ok(st_geometry_init(&s.liver.geometry, n, to_lps, &err));
    s.liver.input = s.liver.geometry;
    s.liver.tissue = calloc(SIDE * SIDE * SIDE, 1);
    s.liver.lesion = calloc(SIDE * SIDE * SIDE, sizeof *s.liver.lesion);
    s.liver.lesions = calloc(2, sizeof *s.liver.lesions);
    s.liver.n_lesions = 2;
    const double centre[3][3] = {{20, 20, 20}, {13, 20, 20}, {28, 22, 20}}, radius[3] = {19, 6, 5};
    for (uint32_t i = 0; i < SIDE * SIDE * SIDE; i++) {
        const double p[3] = {i % SIDE, i / SIDE % SIDE, i / SIDE / SIDE};
        for (uint16_t k = 0; k < 3; k++) {
            double d2 = 0;
            for (int a = 0; a < 3; a++)
                d2 += (p[a] - centre[k][a]) * (p[a] - centre[k][a]);
            if (d2 > radius[k] * radius[k])
                continue;
            s.liver.tissue[i] = k == 0 ? ST_NORMAL : ST_TUMOUR;
            s.liver.lesion[i] = k;
        }
        s.liver.volume += s.liver.tissue[i] != ST_OUTSIDE;
        s.liver.tumour_volume += s.liver.tissue[i] == ST_TUMOUR;
    }
    assert_ok(st_tree_init(&s.tree, terminals + 1, &err));
    s.tree.radius[0] = 1;
    st_rng rng = st_rng_stream(7, ST_RNG_TEST, terminals);
    for (uint32_t t = 1; t <= terminals; t++) {
        size_t voxel;
        do
            voxel = st_rng_below(&rng, SIDE * SIDE * SIDE);
        while (s.liver.tissue[voxel] == ST_OUTSIDE || (s.liver.lesion[voxel] == 2 && !both));
        const double place[3] = {(double)(voxel % SIDE) + st_rng_uniform(&rng) - 0.5, (double)(voxel / SIDE % SIDE),
                                 (double)(voxel / SIDE / SIDE) + st_rng_uniform(&rng) - 0.5};
        double lps[3];
        st_geometry_to_lps(&s.liver.geometry, place, lps);
        for (int a = 0; a < 3; a++)
            s.tree.distal[t][a] = (float)lps[a];
        s.tree.parent[t] = 0;
        s.tree.radius[t] = 0.1f;
        s.tree.lesion[t] = s.liver.lesion[voxel];
        s.tree.demand[t] = 1 + st_rng_uniform(&rng);
    }
    assert_ok(st_tree_finish(&s.tree, &err));
    s.q = calloc(s.tree.n, sizeof *s.q);
    memcpy(s.q, s.tree.demand, s.tree.n * sizeof *s.q);
    return s;
}

static void free_scene(scene *s) {
    free(s->liver.tissue);
    free(s->liver.lesion);
    free(s->liver.lesions);
    st_tree_fini(&s->tree);
    free(s->q);
}

static st_tissue tissue_of(const scene *s, int threads) {
    st_error err = {0};
    st_tissue tissue;
    assert_ok(st_tissue_init(&s->liver, &s->tree, &parameters, threads, &tissue, &err));
    return tissue;
}

static void update(const scene *s, st_tissue *tissue, double stay, int threads) {
    st_tissue_update(tissue, &s->liver, &s->tree, &parameters, s->q, stay, threads);
}

static st_tissue_summary summary_of(const scene *s, const st_tissue *tissue) {
    st_error err = {0};
    st_tissue_summary summary;
    assert_ok(st_tissue_summarise(tissue, &s->liver, &summary, &err));
    return summary;
}

/* ---- territories ----------------------------------------------------------- */

static uint32_t nearest_by_brute_force(const scene *s, size_t voxel) {
    const uint16_t own = s->liver.lesion[voxel];
    const double index[3] = {(double)(voxel % SIDE), (double)(voxel / SIDE % SIDE), (double)(voxel / SIDE / SIDE)};
    double p[3];
    st_geometry_to_lps(&s->liver.geometry, index, p);
    for (int any = 0; any < 2; any++) {
        uint32_t best = ST_NONE;
        double least = INFINITY;
        for (uint32_t t = 0; t < s->tree.n; t++) {
            if (!st_tree_is_terminal(&s->tree, t) || (!any && s->tree.lesion[t] != own))
                continue;
            double d2 = 0;
            for (int a = 0; a < 3; a++) {
                const double d = (double)s->tree.distal[t][a] - p[a];
                d2 += d * d;
            }
            if (d2 < least) {
                least = d2;
                best = t;
            }
        }
        if (best != ST_NONE)
            return best;
    }
    return ST_NONE;
}

static void assert_territories(const scene *s) {
    st_tissue tissue = tissue_of(s, 2);
    for (size_t i = 0; i < tissue.voxels; i++)
        assert_int_equal(tissue.terminal[i], s->liver.tissue[i] == ST_OUTSIDE ? ST_NONE : nearest_by_brute_force(s, i));
    st_tissue_fini(&tissue);
}

static void territories_are_the_nearest(void **state) {
    (void)state;
    const uint32_t count[] = {1, 2, 30, 700};
    for (size_t i = 0; i < 4; i++) {
        scene s = make_scene(count[i], i == 3);
        assert_territories(&s);
        free_scene(&s);
    }
}

/* Terminals on a lattice stand at equal distances; in a plane the grid is flat; far away every ring is empty. */
static void territories_in_awkward_places(void **state) {
    (void)state;
    for (int kind = 0; kind < 3; kind++) {
        scene s = make_scene(125, true);
        for (uint32_t t = 1; t < s.tree.n; t++) {
            const uint32_t k = t - 1;
            const float lattice[3] = {-16 + 8 * (float)(k % 5), -24 + 8 * (float)(k / 5 % 5), 9 + 8 * (float)(k / 25)};
            for (int a = 0; a < 3; a++) {
                if (kind == 0)
                    s.tree.distal[t][a] = lattice[a];
                else if (kind == 1 && a == 2)
                    s.tree.distal[t][a] = 25;
                else if (kind == 2)
                    s.tree.distal[t][a] = 0.2f * s.tree.distal[t][a] + 300;
            }
        }
        assert_territories(&s);
        free_scene(&s);
    }
}

static void tree_without_terminals_is_refused(void **state) {
    (void)state;
    scene s = make_scene(1, false);
    st_error err = {0};
    st_tissue tissue;
    const st_tree none = {0};
    assert_int_equal(st_tissue_init(&s.liver, &none, &parameters, 1, &tissue, &err), ST_VALUE);
    free_scene(&s);
}

/* ---- blood over the organ --------------------------------------------------- */

static void flows_add_up_to_the_demand(void **state) {
    (void)state;
    scene s = make_scene(300, true);
    const st_demand demand = st_demand_from_parameters(&parameters);
    const double tumour = s.liver.tumour_volume, normal = s.liver.volume - tumour;
    for (double rim = 0; rim < 10; rim += 2.5) {
        st_error err = {0};
        assert_ok(st_parameters_set(&parameters, "portal_rim", rim, &err));
        st_tissue tissue = tissue_of(&s, 2);
        double arterial = 0, portal = 0, portal_of[3] = {0};
        for (size_t i = 0; i < tissue.voxels; i++) {
            arterial += (double)tissue.arterial_baseline[i];
            portal += (double)tissue.portal[i];
            portal_of[s.liver.lesion[i]] += (double)tissue.portal[i];
        }
        assert_near(arterial, demand.arterial[ST_NORMAL] * normal + demand.arterial[ST_TUMOUR] * tumour, 1e-6);
        assert_near(portal, demand.portal[ST_NORMAL] * normal + demand.portal[ST_TUMOUR] * tumour, 1e-6);
        size_t voxels = 0;
        for (size_t i = 0; i < tissue.voxels; i++)
            voxels += s.liver.lesion[i] == 1;
        assert_near(portal_of[1], demand.portal[ST_TUMOUR] * (double)voxels, 1e-6);
        st_tissue_fini(&tissue);
    }
    free_scene(&s);
}

static void portal_blood_of_a_lesion_is_in_its_rim(void **state) {
    (void)state;
    scene s = make_scene(50, true);
    st_tissue tissue = tissue_of(&s, 1);
    const size_t middle = (20 * SIDE + 20) * SIDE + 13; /* of lesion 1, radius 6 */
    assert_true(tissue.portal[middle] == 0);
    assert_true(tissue.portal[middle + 6] > 0);
    assert_int_equal(s.liver.lesion[middle + 6], 1);
    st_tissue_fini(&tissue);
    free_scene(&s);
}

/* Lesion 1 becomes a bar that sticks out of the ball of liver up to the end of the box. */
static void make_bar(scene *s) {
    for (size_t i = 0; i < (size_t)SIDE * SIDE * SIDE; i++) {
        const size_t x = i % SIDE, y = i / SIDE % SIDE, z = i / SIDE / SIDE;
        if (s->liver.lesion[i] == 1) {
            s->liver.tissue[i] = ST_NORMAL;
            s->liver.lesion[i] = 0;
        }
        if (x < 10 && y >= 15 && y <= 25 && z >= 15 && z <= 25) {
            s->liver.tissue[i] = ST_TUMOUR;
            s->liver.lesion[i] = 1;
        }
    }
}

static void beyond_the_box_is_no_liver_that_makes_a_rim(void **state) {
    (void)state;
    scene s = make_scene(50, true);
    make_bar(&s);
    st_tissue tissue = tissue_of(&s, 1);
    const size_t end = (20 * SIDE + 20) * SIDE, root = end + 9; /* 6.3 mm from normal liver, and beside it */
    assert_int_equal(s.liver.lesion[end], 1);
    assert_int_equal(s.liver.tissue[root + 1], ST_NORMAL);
    assert_true(tissue.portal[end] == 0);
    assert_true(tissue.portal[root] > 0);
    st_tissue_fini(&tissue);
    free_scene(&s);
}

static void the_rim_is_a_voxel_thick_at_least(void **state) {
    (void)state;
    scene s = make_scene(50, true);
    const double to_lps[3][4] = {{3.3, 0, 0, -100}, {0, -3.3, 0, 60}, {0, 0, 3.3, 25}};
    const uint32_t n[3] = {SIDE, SIDE, SIDE};
    st_error err = {0};
    assert_ok(st_geometry_init(&s.liver.geometry, n, to_lps, &err));
    st_tissue tissue = tissue_of(&s, 1);
    const size_t middle = (20 * SIDE + 20) * SIDE + 13; /* of lesion 1, radius 6 voxels */
    assert_true(tissue.portal[middle] == 0);
    assert_true(tissue.portal[middle + 5] == 0);
    assert_true(tissue.portal[middle + 6] > 0);
    st_tissue_fini(&tissue);
    free_scene(&s);
}

static void flow_left_follows_the_terminal(void **state) {
    (void)state;
    scene s = make_scene(200, true);
    st_tissue tissue = tissue_of(&s, 2);
    for (uint32_t t = 1; t < s.tree.n; t++)
        s.q[t] *= 0.25;
    update(&s, &tissue, 0, 2);
    st_tissue_summary summary = summary_of(&s, &tissue);
    assert_near(summary.tumour_arterial_left, 0.25, 1e-6);
    assert_near(summary.normal_arterial_left, 0.25, 1e-6);
    st_tissue_summary_fini(&summary);
    st_tissue_fini(&tissue);
    free_scene(&s);
}

/* ---- death ----------------------------------------------------------------- */

static void close_lesion(scene *s, uint16_t lesion) {
    for (uint32_t t = 1; t < s->tree.n; t++)
        if (s->tree.lesion[t] == lesion)
            s->q[t] = 0;
}

static void unchanged_flow_changes_nothing(void **state) {
    (void)state;
    const double radius[] = {50, 150}; /* the wide cylinder is hypoxic at baseline already */
    for (int k = 0; k < 2; k++) {
        st_error err = {0};
        assert_ok(st_parameters_set(&parameters, "tumour_cylinder_radius", radius[k], &err));
        scene s = make_scene(200, true);
        st_tissue tissue = tissue_of(&s, 2);
        update(&s, &tissue, 4 * ST_WEEK, 2);
        double hypoxic = 0;
        for (size_t i = 0; i < tissue.voxels; i++) {
            assert_true(tissue.necrosis[i] == 0);
            hypoxic += (double)tissue.hypoxic[i];
        }
        assert_true(k == 0 ? hypoxic == 0 : hypoxic > 0);
        st_tissue_fini(&tissue);
        free_scene(&s);
    }
}

static void starved_lesion_dies_alone(void **state) {
    (void)state;
    scene s = make_scene(400, true);
    st_tissue tissue = tissue_of(&s, 2);
    close_lesion(&s, 1);
    update(&s, &tissue, 4 * ST_WEEK, 2);
    st_tissue_summary summary = summary_of(&s, &tissue);
    assert_true(summary.lesion_necrosis[0] > 0.5);
    assert_true(summary.lesion_necrosis[1] == 0 && summary.normal_necrosis == 0);
    assert_true(summary.normal_arterial_left > 1 - 1e-6 && summary.tumour_arterial_left < 1);
    assert_true(summary.lesion_arterial_left[0] == 0 && summary.lesion_arterial_left[1] == 1);
    const size_t middle = (20 * SIDE + 20) * SIDE + 13;
    assert_true(tissue.necrosis[middle] > 0.99f); /* what survives is at the rim */
    assert_true(tissue.necrosis[middle + 6] < tissue.necrosis[middle]);
    st_tissue_summary_fini(&summary);
    st_tissue_fini(&tissue);
    free_scene(&s);
}

static void normal_liver_lives_without_its_artery(void **state) {
    (void)state;
    scene s = make_scene(100, true);
    st_tissue tissue = tissue_of(&s, 2);
    memset(s.q, 0, s.tree.n * sizeof *s.q);
    update(&s, &tissue, 4 * ST_WEEK, 2);
    st_tissue_summary summary = summary_of(&s, &tissue);
    assert_true(summary.normal_arterial_left == 0 && summary.normal_necrosis < 0.01);
    assert_true(summary.tumour_necrosis > 0.5);
    st_tissue_summary_fini(&summary);
    st_tissue_fini(&tissue);
    free_scene(&s);
}

/* Without oxygen the dead part is 1 - exp(-t / 6 h), in one stay or in two; blood that returns revives nothing. */
static void death_takes_its_time(void **state) {
    (void)state;
    scene s = make_scene(100, true);
    const double hours = st_parameter_value(&parameters, ST_P_NECROSIS_TIME);
    const size_t middle = (20 * SIDE + 20) * SIDE + 13;
    st_tissue once = tissue_of(&s, 1), twice = tissue_of(&s, 1);
    close_lesion(&s, 1);
    update(&s, &once, hours, 1);
    update(&s, &twice, 0.4 * hours, 1);
    update(&s, &twice, 0.6 * hours, 1);
    assert_near((double)once.necrosis[middle], 1 - exp(-1), 1e-5);
    for (size_t i = 0; i < once.voxels; i++) {
        assert_true(fabs((double)once.necrosis[i] - (double)twice.necrosis[i]) < 0.03);
        assert_true(once.necrosis[i] <= once.hypoxic[i] + 1e-6f);
    }
    assert_near((double)twice.necrosis[middle], 1 - exp(-1), 1e-5);
    memcpy(s.q, s.tree.demand, s.tree.n * sizeof *s.q);
    update(&s, &twice, ST_WEEK, 1);
    assert_near((double)twice.necrosis[middle], 1 - exp(-1), 1e-5);
    st_tissue_fini(&once);
    st_tissue_fini(&twice);
    free_scene(&s);
}

static void threads_do_not_matter(void **state) {
    (void)state;
    scene s = make_scene(600, true);
    st_tissue one = tissue_of(&s, 1), three = tissue_of(&s, 3);
    for (uint32_t t = 1; t < s.tree.n; t++)
        s.q[t] *= (t % 7) / 7.0;
    update(&s, &one, ST_DAY, 1);
    update(&s, &three, ST_DAY, 3);
    assert_memory_equal(one.terminal, three.terminal, one.voxels * sizeof *one.terminal);
    assert_memory_equal(one.arterial, three.arterial, one.voxels * sizeof *one.arterial);
    assert_memory_equal(one.oxygen, three.oxygen, one.voxels * sizeof *one.oxygen);
    assert_memory_equal(one.hypoxic, three.hypoxic, one.voxels * sizeof *one.hypoxic);
    assert_memory_equal(one.necrosis, three.necrosis, one.voxels * sizeof *one.necrosis);
    st_tissue_fini(&one);
    st_tissue_fini(&three);
    free_scene(&s);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(profile_of_constant_use),
        TEST(profile_of_proportional_use),
        TEST(profile_balances),
        TEST(voxel_follows_the_capillary),
        TEST(voxel_in_its_limits),
        TEST(baseline_is_well),
        TEST(territories_are_the_nearest),
        TEST(territories_in_awkward_places),
        TEST(tree_without_terminals_is_refused),
        TEST(flows_add_up_to_the_demand),
        TEST(portal_blood_of_a_lesion_is_in_its_rim),
        TEST(beyond_the_box_is_no_liver_that_makes_a_rim),
        TEST(the_rim_is_a_voxel_thick_at_least),
        TEST(flow_left_follows_the_terminal),
        TEST(unchanged_flow_changes_nothing),
        TEST(starved_lesion_dies_alone),
        TEST(normal_liver_lives_without_its_artery),
        TEST(death_takes_its_time),
        TEST(threads_do_not_matter),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
