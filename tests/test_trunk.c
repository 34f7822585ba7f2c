/* Trunks from label maps: what was drawn is found again.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tubes.h"

static st_error err;

static const double CUBE[3] = {1, 1, 1};

static st_tree trunk_of(const double size[3], const double spacing[3], double organ, const tube *t, size_t n,
                        st_trunk_report *report) {
    st_tree trunk;
    st_labels labels = tube_labels(size, spacing, organ, t, n);
    assert_ok(tube_trunk(&labels, &trunk, report, &err));
    assert_trunk(&trunk);
    st_labels_fini(&labels);
    return trunk;
}

static tube tube_along(const double way[3], double length, double radius) {
    tube t = {.radius = radius};
    const double l = sqrt(way[0] * way[0] + way[1] * way[1] + way[2] * way[2]);
    for (int k = 0; k < 3; k++) {
        t.from[k] = 14.3 + 0.1 * k;
        t.to[k] = t.from[k] + length * way[k] / l;
    }
    return t;
}

static unsigned joints_of(const st_tree *trunk) {
    unsigned joints = 0;
    for (uint32_t i = 0; i < trunk->n; i++)
        joints += trunk->first_child[i] != ST_NONE && trunk->next_sibling[trunk->first_child[i]] != ST_NONE;
    return joints;
}

/* Straight and oblique, thin and wide: bounds in voxels; the radius of a single vessel of one voxel depends on where
 * it runs through the grid, so that only wider ones are bound in it. */
static void a_tube_comes_back(void **state) {
    (void)state;
    const double way[5][3] = {{1, 0, 0}, {1, 0.3, 0.1}, {1, 0.6, 0.4}, {1, 1, 1}, {1, 1, 0}};
    const double radius[] = {0.7, 1, 1.5, 2, 3, 4}, size[3] = {70, 60, 60};
    for (size_t r = 0; r < 6; r++)
        for (size_t w = 0; w < 5; w++) {
            const tube t = tube_along(way[w], 40, radius[r]);
            st_trunk_report report;
            st_tree trunk = trunk_of(size, CUBE, 20, &t, 1, &report);
            const tube_error e = tube_compare(&trunk, &t, 1);
            assert_int_equal(trunk.n_terminals, 1);
            assert_int_equal(report.pieces, 1);
            assert_true(report.loops == 0 && report.touching == 0);
            assert_true(e.distance < 0.4);
            assert_true(e.radius < (radius[r] < 1.5 ? 0.25 : radius[r] < 3 ? 0.15 : 0.07));
            assert_true(fabs(e.length - 40 - 2 * radius[r]) < 1.7);
            assert_near(report.length, e.length, 1e-5);
            assert_true(trunk.proximal[0][0] < 20); /* the root is the end outside the organ */
            st_tree_fini(&trunk);
        }
}

/* Slices 3.6 times as thick as voxels are wide: bounds in mm. */
static void thick_slices_are_no_harm(void **state) {
    (void)state;
    const double way[3][3] = {{1, 0.3, 0.1}, {0.3, 0.2, 1}, {1, 1, 1}}, spacing[3] = {0.7, 0.7, 2.5};
    const double size[3] = {70, 60, 60};
    for (size_t w = 0; w < 3; w++) {
        const tube t = tube_along(way[w], 40, 2);
        st_trunk_report report;
        st_tree trunk = trunk_of(size, spacing, 20, &t, 1, &report);
        const tube_error e = tube_compare(&trunk, &t, 1);
        assert_int_equal(trunk.n_terminals, 1);
        assert_true(e.distance < 0.6 && e.radius < 0.1);
        assert_near(e.length, 44, 0.03);
        st_tree_fini(&trunk);
    }
}

static void a_fork_has_two_branches(void **state) {
    (void)state;
    const tube t[3] = {
        {{5, 30, 30}, {30, 30, 30}, 2.5}, {{30, 30, 30}, {55, 45, 30}, 2}, {{30, 30, 30}, {55, 18, 36}, 1.5}};
    const double size[3] = {60, 60, 60};
    st_trunk_report report;
    st_tree trunk = trunk_of(size, CUBE, 15, t, 3, &report);
    assert_int_equal(trunk.n_terminals, 2);
    assert_int_equal(joints_of(&trunk), 1);
    const tube_error e = tube_compare(&trunk, t, 3);
    assert_true(e.distance < 0.5);
    assert_true(e.radius < 0.08);
    uint32_t joint = 0;
    while (trunk.next_sibling[trunk.first_child[joint]] == ST_NONE)
        joint = trunk.first_child[joint];
    for (int k = 0; k < 3; k++)
        assert_true(fabs((double)trunk.distal[joint][k] - 30) < 2.5);
    const uint32_t wide = trunk.first_child[joint]; /* the wider child comes first */
    assert_true(trunk.radius[wide] > trunk.radius[trunk.next_sibling[wide]]);
    assert_true(report.organ_length > 0.5 * report.length && report.organ_length < report.length);
    st_tree_fini(&trunk);
}

static void short_gaps_are_bridged(void **state) {
    (void)state;
    const tube t[2] = {{{5, 30, 30}, {25, 30, 30}, 1.5}, {{33, 31, 30}, {55, 33, 30}, 1.5}};
    const double size[3] = {60, 60, 60};
    st_trunk_report report;
    st_tree trunk = trunk_of(size, CUBE, 15, t, 2, &report);
    assert_int_equal(report.pieces, 2);
    assert_int_equal(report.bridges, 1);
    assert_int_equal(report.pieces_left_out, 0);
    assert_int_equal(trunk.n_terminals, 1);
    assert_near(report.bridge[0].length, 5, 0.3);
    assert_near(report.bridge[0].lps[0], 29, 0.05);
    assert_near(report.length, 50 + 3, 0.03);
    st_tree_fini(&trunk);
}

/* A branch whose beginning is missing joins the side of the vessel that it points to. */
static void a_broken_branch_joins_the_side(void **state) {
    (void)state;
    const tube t[2] = {{{5, 30, 30}, {55, 30, 30}, 2}, {{30, 37, 30}, {30, 55, 30}, 1.5}};
    const double size[3] = {60, 60, 60};
    st_trunk_report report;
    st_tree trunk = trunk_of(size, CUBE, 15, t, 2, &report);
    assert_int_equal(report.bridges, 1);
    assert_int_equal(trunk.n_terminals, 2);
    assert_int_equal(joints_of(&trunk), 1);
    st_tree_fini(&trunk);
}

static void what_is_far_or_points_elsewhere_is_left_out(void **state) {
    (void)state;
    const double size[3] = {80, 60, 60};
    const tube far[2] = {{{5, 30, 30}, {43, 30, 30}, 1.5}, {{60, 30, 30}, {75, 30, 30}, 1.5}};
    const tube beside[2] = {{{5, 30, 30}, {50, 30, 30}, 1.5}, {{30, 37, 20}, {30, 37, 40}, 1.5}};
    st_trunk_report report;
    st_tree trunk = trunk_of(size, CUBE, 15, far, 2, &report);
    assert_int_equal(report.bridges, 0);
    assert_int_equal(report.pieces_left_out, 1);
    assert_true(fabs(report.length_left_out - 18) < 1.3);
    st_tree_fini(&trunk);
    trunk = trunk_of(size, CUBE, 15, beside, 2, &report);
    assert_int_equal(report.pieces_left_out, 1);
    assert_near(report.length, 48, 0.05);
    st_tree_fini(&trunk);
}

/* A ring with a stem, narrow on one side. */
static void a_loop_is_cut_where_it_is_narrow(void **state) {
    (void)state;
    enum { PARTS = 24 };
    tube t[PARTS + 1] = {{{4, 40, 30}, {20, 40, 30}, 2.5}};
    const double ring = 20, turn = 2 * M_PI / PARTS, size[3] = {80, 80, 60};
    for (int i = 0; i < PARTS; i++) {
        const double from = M_PI + i * turn, to = from + turn;
        t[i + 1] = (tube){{40 + ring * cos(from), 40 + ring * sin(from), 30},
                          {40 + ring * cos(to), 40 + ring * sin(to), 30},
                          i >= 15 && i < 18 ? 1.2 : 2.5};
    }
    st_trunk_report report;
    st_tree trunk = trunk_of(size, CUBE, 12, t, PARTS + 1, &report);
    assert_int_equal(report.loops, 1);
    assert_int_equal(trunk.n_terminals, 2);
    assert_near(report.loop[0].length, 2 * M_PI * ring, 0.12); /* in steps from voxel to voxel */
    const double middle = M_PI + 16.5 * turn;
    assert_true(hypot(report.loop[0].lps[0] - 40 - ring * cos(middle),
                      report.loop[0].lps[1] - 40 - ring * sin(middle)) < ring * 2 * turn);
    assert_true(report.length > 0.9 * (2 * M_PI * ring + 16) && report.length < 2 * M_PI * ring + 20);
    assert_int_equal(report.touching, 0);
    st_tree_fini(&trunk);
}

static void a_vessel_may_reach_the_border_of_the_image(void **state) {
    (void)state;
    const tube t = {{-5, 30, 28}, {65, 30, 32}, 2};
    const double size[3] = {60, 60, 60};
    st_trunk_report report;
    st_tree trunk = trunk_of(size, CUBE, 15, &t, 1, &report);
    assert_int_equal(trunk.n_terminals, 1);
    assert_near(report.length, 60, 0.03);
    assert_true(tube_compare(&trunk, &t, 1).distance < 0.3);
    st_tree_fini(&trunk);
}

/* A tunnel one voxel wide through a wide vessel and a cavity in it are faults of the label. */
static void holes_in_a_label_are_no_loops(void **state) {
    (void)state;
    const tube t = {{5, 30, 30}, {55, 30, 30}, 5};
    const double size[3] = {60, 60, 60};
    st_labels labels = tube_labels(size, CUBE, 15, &t, 1);
    const uint32_t *n = labels.geometry.n;
    for (uint32_t z = 0; z < n[2]; z++)
        labels.label[((size_t)z * n[1] + 30) * n[0] + 30] = TUBE_LIVER;
    labels.label[((size_t)30 * n[1] + 30) * n[0] + 40] = TUBE_LIVER;
    st_trunk_report report;
    st_tree trunk;
    assert_ok(tube_trunk(&labels, &trunk, &report, &err));
    assert_trunk(&trunk);
    assert_int_equal(report.loops, 0);
    assert_int_equal(trunk.n_terminals, 1);
    assert_near(report.length, 60, 0.03);
    st_tree_fini(&trunk);
    st_labels_fini(&labels);
}

/* ---- trees by chance ------------------------------------------------------------------------------- */

enum { BRANCHES_MOST = 15 };

static double between_tubes(const tube *a, const tube *b) {
    double least = INFINITY;
    for (int i = 0; i <= 40; i++) {
        double p[3];
        for (int k = 0; k < 3; k++)
            p[k] = a->from[k] + (a->to[k] - a->from[k]) * i / 40;
        least = fmin(least, tube_distance(p, b->from, b->to));
    }
    return least - a->radius - b->radius;
}

/* Branches of 14 to 20 mm, each from the end of one that came before, as long as it stays 4 mm off all others. */
static size_t tree_by_chance(uint64_t seed, tube t[BRANCHES_MOST]) {
    st_rng rng = st_rng_stream(seed, ST_RNG_TEST, 7);
    size_t n = 1, tries = 0;
    unsigned children[BRANCHES_MOST] = {0};
    t[0] = (tube){{4, 50, 50}, {30, 50, 50}, 3};
    while (n < BRANCHES_MOST && tries++ < 3000) {
        const size_t parent = st_rng_below(&rng, (uint32_t)n);
        tube b = {.radius = t[parent].radius * (0.75 + 0.1 * st_rng_uniform(&rng))};
        double way[3], l = 0, along = 0, clear = INFINITY;
        for (int k = 0; k < 3; k++) {
            way[k] = st_rng_normal(&rng);
            l += way[k] * way[k];
        }
        const double length = 14 + 6 * st_rng_uniform(&rng);
        for (int k = 0; k < 3; k++) {
            b.from[k] = t[parent].to[k];
            b.to[k] = b.from[k] + length * way[k] / sqrt(l);
            along += (b.to[k] - b.from[k]) * (t[parent].to[k] - t[parent].from[k]);
            clear = fmin(clear, fmin(b.to[k], 100 - b.to[k]) - 4);
        }
        if (children[parent] == 2 || b.radius < 1 || along < 0.3 * length * length)
            continue;
        for (size_t i = 0; i < n; i++) {
            const tube tip = {{b.from[0] + 0.6 * (b.to[0] - b.from[0]), b.from[1] + 0.6 * (b.to[1] - b.from[1]),
                               b.from[2] + 0.6 * (b.to[2] - b.from[2])},
                              {b.to[0], b.to[1], b.to[2]},
                              b.radius};
            const bool beside = i == parent || memcmp(t[i].from, b.from, sizeof b.from) == 0;
            clear = fmin(clear, between_tubes(beside ? &tip : &b, &t[i]) - 4);
        }
        if (clear < 0)
            continue;
        children[parent]++;
        t[n++] = b;
    }
    return n;
}

static void trees_by_chance_come_back(void **state) {
    (void)state;
    const double size[3] = {100, 100, 100}, spacing[2][3] = {{1, 1, 1}, {0.8, 0.8, 1.5}};
    for (uint64_t seed = 0; seed < 8; seed++) {
        tube t[BRANCHES_MOST];
        const size_t n = tree_by_chance(seed, t);
        unsigned ends = 0, joints = 0;
        double length = 0;
        for (size_t i = 0; i < n; i++) {
            unsigned children = 0;
            for (size_t k = 0; k < n; k++)
                children += memcmp(t[k].from, t[i].to, sizeof t[i].to) == 0;
            ends += children == 0;
            joints += children == 2;
            length += sqrt(pow(t[i].to[0] - t[i].from[0], 2) + pow(t[i].to[1] - t[i].from[1], 2) +
                           pow(t[i].to[2] - t[i].from[2], 2));
        }
        assert_true(n >= 5 && joints >= 1);
        st_trunk_report report;
        st_tree trunk = trunk_of(size, spacing[seed % 2], 20, t, n, &report);
        assert_int_equal(trunk.n_terminals, ends);
        assert_int_equal(joints_of(&trunk), joints);
        assert_int_equal(report.loops, 0);
        const tube_error e = tube_compare(&trunk, t, n);
        assert_true(e.distance < 0.5 * spacing[seed % 2][2]);
        assert_true(e.radius < 0.12);
        assert_near(report.length, length, 0.08);
        assert_true(trunk.proximal[0][0] < 5);
        st_tree_fini(&trunk);
    }
}

static void the_same_labels_give_the_same_bytes(void **state) {
    (void)state;
    tube t[BRANCHES_MOST];
    const size_t n = tree_by_chance(1, t);
    const double size[3] = {100, 100, 100};
    st_trunk_report report[2];
    st_tree trunk[2] = {trunk_of(size, CUBE, 20, t, n, &report[0]), trunk_of(size, CUBE, 20, t, n, &report[1])};
    assert_int_equal(trunk[0].n, trunk[1].n);
    assert_memory_equal(trunk[0].distal, trunk[1].distal, trunk[0].n * sizeof *trunk[0].distal);
    assert_memory_equal(trunk[0].radius, trunk[1].radius, trunk[0].n * sizeof *trunk[0].radius);
    assert_memory_equal(&report[0], &report[1], sizeof report[0]);
    st_tree_fini(&trunk[0]);
    st_tree_fini(&trunk[1]);
}

/* ---- what is refused ------------------------------------------------------------------------------- */

static void what_is_no_trunk_is_refused(void **state) {
    (void)state;
    const double size[3] = {90, 40, 40};
    const tube away = {{4, 20, 20}, {30, 20, 20}, 2}, near = {{4, 20, 20}, {60, 20, 20}, 2};
    const tube dot = {{70.5, 20.5, 20.5}, {70.5, 20.5, 20.5}, 0.5};
    st_trunk_report report;
    st_tree trunk;
    st_labels labels = tube_labels(size, CUBE, 60, &away, 1);
    assert_int_equal(tube_trunk(&labels, &trunk, &report, &err), ST_ANATOMY);
    assert_non_null(strstr(err.what, "root_tolerance"));
    st_labels_fini(&labels);
    labels = tube_labels(size, CUBE, 70, &near, 1); /* ends 8 mm before the organ */
    assert_ok(tube_trunk(&labels, &trunk, &report, &err));
    assert_true(report.organ_length == 0);
    st_tree_fini(&trunk);
    st_labels_fini(&labels);
    labels = tube_labels(size, CUBE, 60, &dot, 0);
    assert_int_equal(tube_trunk(&labels, &trunk, &report, &err), ST_ANATOMY);
    assert_non_null(strstr(err.what, "artery"));
    assert_non_null(strstr(err.what, "label 3"));
    st_labels_fini(&labels);
    labels = tube_labels(size, CUBE, 60, &dot, 1);
    assert_int_equal(tube_trunk(&labels, &trunk, &report, &err), ST_ANATOMY);
    assert_non_null(strstr(err.what, "length"));
    st_labels_fini(&labels);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tube_comes_back),
        cmocka_unit_test(thick_slices_are_no_harm),
        cmocka_unit_test(a_fork_has_two_branches),
        cmocka_unit_test(short_gaps_are_bridged),
        cmocka_unit_test(a_broken_branch_joins_the_side),
        cmocka_unit_test(what_is_far_or_points_elsewhere_is_left_out),
        cmocka_unit_test(a_loop_is_cut_where_it_is_narrow),
        cmocka_unit_test(a_vessel_may_reach_the_border_of_the_image),
        cmocka_unit_test(holes_in_a_label_are_no_loops),
        cmocka_unit_test(trees_by_chance_come_back),
        cmocka_unit_test(the_same_labels_give_the_same_bytes),
        cmocka_unit_test(what_is_no_trunk_is_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
