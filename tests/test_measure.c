/* The checks of a tree: each must find what it is for, and nothing else.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "made_tree.h"
#include "with_parameters.h"

static st_error err;

static st_tree_check check_of(const st_tree *tree, const st_liver *liver, const st_tree *beside) {
    st_tree_check check, serial;
    assert_ok(st_tree_check_all(tree, liver, beside, &parameters, 2, &check, &err));
    assert_ok(st_tree_check_all(tree, liver, beside, &parameters, 1, &serial, &err));
    for (int k = 0; k < ST_TREE_FAULTS; k++) {
        assert_true(check.fault[k].n == serial.fault[k].n && check.fault[k].first == serial.fault[k].first);
        assert_true(check.fault[k].worst == serial.fault[k].worst);
    }
    assert_int_equal(check.crossed, serial.crossed);
    return check;
}

/* One fault is there, and no other. */
static void assert_only(const st_tree *tree, const st_tree_check *check, st_tree_fault_kind kind, uint64_t n,
                        uint32_t first) {
    for (int k = 0; k < ST_TREE_FAULTS; k++)
        if (k != (int)kind && check->fault[k].n != 0)
            fail_msg("%s: %llu", st_tree_fault_name((st_tree_fault_kind)k), (unsigned long long)check->fault[k].n);
    assert_int_equal(check->fault[kind].n, n);
    assert_int_equal(check->fault[kind].first, first);
    assert_int_equal(st_tree_check_verdict(tree, check, &err), n > 0 ? ST_NUMERIC : ST_OK);
    if (n > 0)
        assert_non_null(strstr(err.what, st_tree_fault_text(kind)));
}

#define CUBE_ROOT_OF_HALF 0.793700526f

/* A Y with flow and Murray's radii: a stump, its two branches, and two more at the end of the first of them. */
static const made sound[] = {
    {ST_NONE, {0, 0, 0}, {10, 0, 0}, 1, 0},
    {0, {10, 0, 0}, {20, 10, 0}, CUBE_ROOT_OF_HALF, 0},
    {1, {20, 10, 0}, {30, 10, 0}, CUBE_ROOT_OF_HALF *CUBE_ROOT_OF_HALF, 1},
    {1, {20, 10, 0}, {30, 20, 0}, CUBE_ROOT_OF_HALF *CUBE_ROOT_OF_HALF, 1},
    {0, {10, 0, 0}, {20, -10, 0}, CUBE_ROOT_OF_HALF, 2},
};

static void a_sound_tree_has_no_fault(void **state) {
    (void)state;
    st_tree tree = TREE_OF(sound);
    const st_tree_check check = check_of(&tree, NULL, NULL);
    assert_only(&tree, &check, ST_FAULT_CROSSING, 0, ST_NONE);
    assert_int_equal(check.crossed, ST_NONE);
    assert_true(check.fault[ST_FAULT_MURRAY].worst > 0 && check.fault[ST_FAULT_MURRAY].worst < 1e-6);
    assert_false(check.fault[ST_FAULT_OUTSIDE].checked || check.fault[ST_FAULT_BESIDE].checked);
    assert_true(check.fault[ST_FAULT_FLOW].checked && check.fault[ST_FAULT_BALANCE].checked);
    st_tree_fini(&tree);
}

static void every_fault_is_found(void **state) {
    (void)state;
    st_tree tree = TREE_OF(sound);
    st_tree_check check;

    tree.radius[1] *= 1.001f; /* wrong at its beginning and at its end */
    check = check_of(&tree, NULL, NULL);
    assert_only(&tree, &check, ST_FAULT_MURRAY, 2, 0);
    assert_near(check.fault[ST_FAULT_MURRAY].worst, 0.003, 0.01);
    assert_non_null(strstr(err.what, "segment 0"));
    tree.measured[1] = 1; /* and nobody's business when it was measured */
    check = check_of(&tree, NULL, NULL);
    assert_only(&tree, &check, ST_FAULT_MURRAY, 0, ST_NONE);
    assert_int_equal(check.measured_joints, 2);
    tree.measured[1] = 0;
    tree.radius[1] = CUBE_ROOT_OF_HALF;

    tree.demand[3] = 0; /* its joint and the one before no longer balance either */
    check = check_of(&tree, NULL, NULL);
    assert_int_equal(check.fault[ST_FAULT_FLOW].n, 1);
    assert_int_equal(check.fault[ST_FAULT_FLOW].first, 3);
    assert_int_equal(check.fault[ST_FAULT_BALANCE].n, 1);
    assert_int_equal(check.fault[ST_FAULT_BALANCE].first, 1);
    assert_near(check.fault[ST_FAULT_BALANCE].worst, 0.5, 1e-12);
    tree.demand[3] = 1 + 1e-5;
    check = check_of(&tree, NULL, NULL);
    assert_only(&tree, &check, ST_FAULT_BALANCE, 1, 1);
    tree.demand[3] = 1;

    tree.proximal[4][2] = 0.001f;
    check = check_of(&tree, NULL, NULL);
    assert_only(&tree, &check, ST_FAULT_APART, 1, 4);
    tree.proximal[4][2] = 0;

    memcpy(tree.distal[4], tree.proximal[4], sizeof tree.distal[4]);
    check = check_of(&tree, NULL, NULL);
    assert_only(&tree, &check, ST_FAULT_LENGTH, 1, 4);
    memcpy(tree.distal[4], sound[4].to, sizeof tree.distal[4]);

    tree.radius[4] = 0;
    check = check_of(&tree, NULL, NULL);
    assert_int_equal(check.fault[ST_FAULT_RADIUS].n, 1);
    assert_int_equal(check.fault[ST_FAULT_RADIUS].first, 4);
    st_tree_fini(&tree);
}

/* A tree that no file gave flow to has none to check. */
static void a_tree_without_flow_is_not_judged_by_it(void **state) {
    (void)state;
    made dry[5];
    memcpy(dry, sound, sizeof dry);
    for (int i = 0; i < 5; i++)
        dry[i].flow = 0;
    st_tree tree = TREE_OF(dry);
    const st_tree_check check = check_of(&tree, NULL, NULL);
    assert_only(&tree, &check, ST_FAULT_FLOW, 0, ST_NONE);
    assert_false(check.fault[ST_FAULT_FLOW].checked || check.fault[ST_FAULT_BALANCE].checked);
    st_tree_fini(&tree);
}

/* ---- crossings ---------------------------------------------------------------------- */

static uint64_t crossings_of(const st_tree *tree) {
    return check_of(tree, NULL, NULL).fault[ST_FAULT_CROSSING].n;
}

static void crossings_are_counted_exactly(void **state) {
    (void)state;
    /* a hairpin: the third vessel runs back along the first, two joints apart */
    const made hairpin[] = {{ST_NONE, {0, 0, 0}, {10, 0, 0}, 1, 0},
                            {0, {10, 0, 0}, {10, 1.5f, 0}, 1, 0},
                            {1, {10, 1.5f, 0}, {0, 1.5f, 0}, 1, 1}};
    st_tree tree = TREE_OF(hairpin);
    st_tree_check check = check_of(&tree, NULL, NULL);
    assert_only(&tree, &check, ST_FAULT_CROSSING, 1, 0);
    assert_int_equal(check.crossed, 2);
    tree.distal[1][1] = tree.proximal[2][1] = tree.distal[2][1] = 2; /* now they touch, and no more */
    assert_int_equal(crossings_of(&tree), 0);
    tree.distal[1][1] = tree.proximal[2][1] = tree.distal[2][1] = nextafterf(2, 0);
    assert_int_equal(crossings_of(&tree), 1);
    st_tree_fini(&tree);

    /* siblings may be as near as they like, cousins may not */
    tree = TREE_OF(sound);
    memcpy(tree.distal[4], (const float[3]){20, 9.5f, 0}, sizeof tree.distal[4]); /* crosses segments 2 and 3 */
    check = check_of(&tree, NULL, NULL);
    assert_only(&tree, &check, ST_FAULT_CROSSING, 2, 2);
    assert_int_equal(check.crossed, 4);
    st_tree_fini(&tree);

    /* roots that leave one place share it; elsewhere they may not meet */
    const made roots[] = {{ST_NONE, {0, 0, 0}, {10, 0, 0}, 1, 1},
                          {ST_NONE, {0, 0, 0}, {0, 10, 0}, 1, 1},
                          {ST_NONE, {5, -50, 0}, {5, 50, 0}, 1, 1}};
    tree = TREE_OF(roots);
    check = check_of(&tree, NULL, NULL);
    assert_only(&tree, &check, ST_FAULT_CROSSING, 1, 0);
    assert_int_equal(check.crossed, 2);
    st_tree_fini(&tree);
}

/* Squared distance by descent: each point to the nearest of the other segment in turn, from several places. */
static double slow_distance(vec a, vec b, vec c, vec d) {
    const vec u = vec_sub(b, a), v = vec_sub(d, c);
    double least = INFINITY;
    for (int start = 0; start <= 4; start++) {
        double s = 0.25 * start, t = 0;
        for (int round = 0; round < 2000; round++) {
            const vec x = vec_add(a, vec_scale(u, s));
            t = fmin(fmax(vec_dot(vec_sub(x, c), v) / fmax(vec_dot(v, v), 1e-30), 0), 1);
            const vec y = vec_add(c, vec_scale(v, t));
            s = fmin(fmax(vec_dot(vec_sub(y, a), u) / fmax(vec_dot(u, u), 1e-30), 0), 1);
        }
        least = fmin(least, vec_distance(vec_add(a, vec_scale(u, s)), vec_add(c, vec_scale(v, t))));
    }
    return least;
}

static bool touch(const st_tree *a, uint32_t i, const st_tree *b, uint32_t j) {
    const double reach = (double)a->radius[i] + (double)b->radius[j];
    const vec p = vec_of(a->proximal[i]), q = vec_of(a->distal[i]), r = vec_of(b->proximal[j]),
              s = vec_of(b->distal[j]);
    const double middles = vec_distance(vec_along(p, q, 0.5), vec_along(r, s, 0.5));
    return middles < reach + (vec_distance(p, q) + vec_distance(r, s)) / 2 && slow_distance(p, q, r, s) < reach;
}

static bool have_joint(const st_tree *t, uint32_t i, uint32_t j) {
    return t->parent[i] == j || t->parent[j] == i || (t->parent[i] == t->parent[j] && t->parent[i] != ST_NONE);
}

static void crossings_agree_with_every_pair(void **state) {
    (void)state;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        st_tree a = random_tree(900, seed, 0.2), b = random_tree(500, seed + 10, 0.2);
        uint64_t within = 0, between = 0;
        for (uint32_t i = 0; i < a.n; i++) {
            for (uint32_t j = 0; j < i; j++)
                within += !have_joint(&a, i, j) && touch(&a, i, &a, j);
            for (uint32_t j = 0; j < b.n; j++)
                between += touch(&a, i, &b, j);
        }
        print_message("# %llu pairs within, %llu between\n", (unsigned long long)within, (unsigned long long)between);
        assert_true(within > 20 && between > 5);
        const st_tree_check check = check_of(&a, NULL, &b);
        assert_int_equal(check.fault[ST_FAULT_CROSSING].n, within);
        assert_int_equal(check.fault[ST_FAULT_BESIDE].n, between);
        st_tree_fini(&a);
        st_tree_fini(&b);
    }
}

/* All in one cell, and more than a block of them. */
static void crowds_are_counted(void **state) {
    (void)state;
    enum { MANY = 300 };
    st_tree tree;
    assert_ok(st_tree_init(&tree, MANY, &err));
    for (uint32_t i = 0; i < MANY; i++) {
        const double turn = 2 * M_PI * i / MANY;
        put(tree.proximal[i], (vec){-10 * cos(turn), -10 * sin(turn), 0.01 * i});
        put(tree.distal[i], (vec){10 * cos(turn), 10 * sin(turn), 0.01 * i});
        tree.radius[i] = 5;
    }
    assert_ok(st_tree_finish(&tree, &err));
    assert_int_equal(crossings_of(&tree), MANY * (MANY - 1) / 2);
    st_tree_fini(&tree);
}

static void a_vessel_that_ends_nowhere_is_refused(void **state) {
    (void)state;
    st_tree tree = TREE_OF(sound);
    st_tree_check check;
    tree.distal[4][1] = -INFINITY;
    assert_int_equal(st_tree_check_all(&tree, NULL, NULL, &parameters, 0, &check, &err), ST_VALUE);
    st_tree_fini(&tree);
}

static void trees_beside_each_other(void **state) {
    (void)state;
    st_tree tree = TREE_OF(sound);
    const made wall[] = {{ST_NONE, {-5, -20, 1.5f}, {-5, 20, 1.5f}, 0.5f, 1},
                         {ST_NONE, {26, -40, 0.8f}, {26, 40, 0.8f}, 0.25f, 1}};
    st_tree beside = TREE_OF(wall);
    const st_tree_check check = check_of(&tree, NULL, &beside);
    assert_only(&tree, &check, ST_FAULT_BESIDE, 2, 2); /* the second wall meets segments 2 and 3 */
    st_tree_fini(&beside);
    st_tree_fini(&tree);
}

/* ---- against the organ ---------------------------------------------------------------- */

static void what_takes_the_organ_is_found(void **state) {
    (void)state;
    st_liver liver = support_liver(&parameters, 1, 2, 1, 12); /* a lesion at -25, 5, 0 */
    const made inside[] = {{ST_NONE, {0, 80, 0}, {0, 30, 0}, 1, 0},
                           {0, {0, 30, 0}, {-25, 5, 0}, CUBE_ROOT_OF_HALF, 1},
                           {0, {0, 30, 0}, {20, 0, 0}, CUBE_ROOT_OF_HALF, 1}};
    st_tree tree = TREE_OF(inside);
    tree.lesion[1] = liver.lesions[0].id;
    st_tree_check check = check_of(&tree, &liver, NULL);
    assert_only(&tree, &check, ST_FAULT_LESION, 0, ST_NONE);
    assert_true(check.fault[ST_FAULT_LESION].checked && check.fault[ST_FAULT_OUTSIDE].checked);

    tree.lesion[2] = liver.lesions[0].id;
    check = check_of(&tree, &liver, NULL);
    assert_only(&tree, &check, ST_FAULT_LESION, 1, 2);
    tree.lesion[2] = 0;

    tree.distal[2][0] = 70;
    check = check_of(&tree, &liver, NULL);
    assert_only(&tree, &check, ST_FAULT_OUTSIDE, 1, 2);
    tree.distal[2][0] = 20;

    tree.proximal[0][1] = 42; /* the stump begins inside: something is missing before it */
    check = check_of(&tree, &liver, NULL);
    assert_only(&tree, &check, ST_FAULT_ORPHAN, 1, 0);
    st_tree_fini(&tree);
    st_liver_fini(&liver);
}

static void a_grown_tree_has_no_fault(void **state) {
    (void)state;
    st_liver liver = support_liver(&parameters, 1, 1.5, 2, 12);
    const st_tree_options options = {.terminals = 3000, .seed = 4};
    st_tree tree;
    st_tree_growth growth;
    assert_ok(st_tree_grow(&liver, &parameters, &options, NULL, &tree, &growth, &err));
    const st_tree_check check = check_of(&tree, &liver, NULL);
    assert_only(&tree, &check, ST_FAULT_CROSSING, 0, ST_NONE);
    for (int k = 0; k < ST_TREE_FAULTS; k++)
        assert_true(check.fault[k].checked || k == ST_FAULT_BESIDE);
    st_tree_fini(&tree);
    st_liver_fini(&liver);
}

/* ---- what a file said --------------------------------------------------------------------- */

static st_tree parsed(const char *flows, const char *connectivity) {
    char text[2048];
    const int size = snprintf(
        text, sizeof text,
        "<VTKFile type=\"PolyData\"><PolyData><Piece NumberOfPoints=\"4\" NumberOfLines=\"3\"><PointData>"
        "<DataArray type=\"Float32\" Name=\"Radius\" format=\"ascii\">1 1 1 1</DataArray></PointData><CellData>"
        "<DataArray type=\"Float64\" Name=\"Flow\" format=\"ascii\">%s</DataArray></CellData><Points>"
        "<DataArray type=\"Float32\" NumberOfComponents=\"3\" format=\"ascii\">0 0 0 9 0 0 18 9 0 18 -9 0</DataArray>"
        "</Points><Lines><DataArray type=\"Int32\" Name=\"connectivity\" format=\"ascii\">%s</DataArray>"
        "<DataArray type=\"Int32\" Name=\"offsets\" format=\"ascii\">2 4 6</DataArray></Lines></Piece></PolyData>"
        "</VTKFile>",
        flows, connectivity);
    st_tree tree;
    assert_ok(st_tree_parse_vtp("test", text, (size_t)size, &tree, &err));
    return tree;
}

static void a_file_is_held_to_its_flows(void **state) {
    (void)state;
    st_tree tree = parsed("3 1 2", "0 1 1 2 1 3");
    assert_int_equal(tree.reading.unbalanced, 0);
    st_tree_fini(&tree);

    tree = parsed("3.3 1 2", "0 1 1 2 1 3");
    assert_int_equal(tree.reading.unbalanced, 1);
    assert_near(tree.reading.imbalance, 0.1, 0.1);
    st_tree_check check = check_of(&tree, NULL, NULL);
    assert_int_equal(check.fault[ST_FAULT_BALANCE].n, 1);
    assert_int_equal(check.fault[ST_FAULT_BALANCE].first, 0);
    st_tree_fini(&tree);

    tree = parsed("3 1 2", "0 1 1 2 3 3");
    check = check_of(&tree, NULL, NULL);
    assert_int_equal(check.fault[ST_FAULT_LENGTH].n, 1); /* the last line has none */
    assert_int_equal(check.fault[ST_FAULT_LENGTH].first, ST_NONE);
    assert_int_equal(check.fault[ST_FAULT_BALANCE].n, 1);
    st_tree_fini(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_sound_tree_has_no_fault),
        cmocka_unit_test(every_fault_is_found),
        cmocka_unit_test(a_tree_without_flow_is_not_judged_by_it),
        cmocka_unit_test(crossings_are_counted_exactly),
        cmocka_unit_test(crossings_agree_with_every_pair),
        cmocka_unit_test(crowds_are_counted),
        cmocka_unit_test(a_vessel_that_ends_nowhere_is_refused),
        cmocka_unit_test(trees_beside_each_other),
        cmocka_unit_test(what_takes_the_organ_is_found),
        cmocka_unit_test(a_grown_tree_has_no_fault),
        cmocka_unit_test(a_file_is_held_to_its_flows),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
