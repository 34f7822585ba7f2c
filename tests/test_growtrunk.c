/* Trees that grow on from measured vessels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grown.h"
#include "made_tree.h"

static st_error err;

/* A Y with bends that comes from below; one of its branches runs past the organ, in two pieces. */
static const made Y[] = {
    {ST_NONE, {0, 0, -60}, {0, 1, -45}, 2.0f, 0},        /* 0 */
    {0, {0, 1, -45}, {1, 0, -30}, 1.9f, 0},              /* 1 */
    {1, {1, 0, -30}, {0, 0, -20}, 1.8f, 0},              /* 2 */
    {2, {0, 0, -20}, {-10, 2, -15}, 1.4f, 0},            /* 3 */
    {3, {-10, 2, -15}, {-25.3f, 5.1f, -10.7f}, 1.2f, 0}, /* 4 */
    {2, {0, 0, -20}, {10, -2, -14}, 1.5f, 0},            /* 5 */
    {5, {10, -2, -14}, {25.1f, -3.3f, -5.9f}, 1.3f, 0},  /* 6 */
    {0, {0, 1, -45}, {20, 0, -60}, 1.1f, 0},             /* 7 */
    {7, {20, 0, -60}, {30, 0, -70}, 1.0f, 0},            /* 8 */
};
enum { Y_VESSELS = sizeof Y / sizeof *Y, Y_OUTSIDE = 7 };

static st_tree trunk_of(const made *vessel, uint32_t n) {
    st_tree trunk = made_tree(vessel, n);
    memset(trunk.measured, 1, n);
    return trunk;
}

static bool same_point(const float a[3], const float b[3]) {
    return a[0] == b[0] && a[1] == b[1] && a[2] == b[2];
}

/* How many segments make up one vessel of the trunk in the tree; 0 when it is not there: they end where it ends, begin
 * where it begins, all as wide as it, on a line, and come from the image. */
static uint32_t pieces_of(const st_tree *tree, const st_tree *trunk, uint32_t vessel) {
    uint32_t at = 0, pieces = 1;
    while (at < tree->n && !(tree->measured[at] && same_point(tree->distal[at], trunk->distal[vessel])))
        at++;
    if (at == tree->n)
        return 0;
    double length = st_tree_length(tree, at);
    for (; !same_point(tree->proximal[at], trunk->proximal[vessel]); pieces++) {
        assert_true(tree->radius[at] == trunk->radius[vessel]);
        at = tree->parent[at];
        assert_true(at != ST_NONE && tree->measured[at]);
        length += st_tree_length(tree, at);
    }
    assert_true(tree->radius[at] == trunk->radius[vessel]);
    assert_near(length, st_tree_length(trunk, vessel), 1e-5);
    return pieces;
}

static void assert_begins_with(const st_tree *tree, const st_tree *trunk, uint32_t kept) {
    uint32_t pieces = 0, measured = 0, roots = 0;
    for (uint32_t v = 0; v < trunk->n; v++) {
        const uint32_t n = pieces_of(tree, trunk, v);
        assert_true((n > 0) == (v < kept));
        pieces += n;
    }
    for (uint32_t i = 0; i < tree->n; i++) {
        measured += tree->measured[i];
        if (tree->parent[i] != ST_NONE)
            continue;
        assert_true(same_point(tree->proximal[i], trunk->proximal[roots]));
        roots++;
    }
    assert_int_equal(pieces, measured);
    for (uint32_t v = 0; v < trunk->n; v++)
        roots -= trunk->parent[v] == ST_NONE;
    assert_int_equal(roots, 0);
}

static void the_trunk_stays_as_it_is(void **state) {
    (void)state;
    static const struct {
        uint32_t terminals;
        grow_parts parts;
    } sizes[] = {{2, {2, 0}}, {50, {50, 0}}, {3000, {3000, 0}}, {6000, {1024, 1024}}};
    st_liver liver = support_liver(&parameters, 1, 1.5, 0, 0);
    st_tree trunk = trunk_of(Y, Y_VESSELS);
    for (size_t k = 0; k < sizeof sizes / sizeof *sizes; k++) {
        const st_tree_options options = {.terminals = sizes[k].terminals, .seed = 1, .trunk = &trunk};
        st_tree_growth report;
        st_tree tree = grow_checked(&liver, &options, sizes[k].parts, &report);
        assert_int_equal(report.left_out, Y_VESSELS - Y_OUTSIDE);
        assert_begins_with(&tree, &trunk, Y_OUTSIDE);
        st_tree_fini(&tree);
    }
    st_tree_fini(&trunk);
    st_liver_fini(&liver);
}

/* One terminal leaves one way through the Y. */
static void what_leads_nowhere_is_left_out(void **state) {
    (void)state;
    st_liver liver = support_liver(&parameters, 1, 1.5, 0, 0);
    st_tree trunk = trunk_of(Y, Y_VESSELS);
    const st_tree_options options = {.terminals = 1, .seed = 1, .trunk = &trunk};
    st_tree_growth report;
    st_tree tree = grow_checked(&liver, &options, (grow_parts){1, 0}, &report);
    assert_int_equal(report.left_out, 4);
    st_tree_fini(&tree);
    st_tree_fini(&trunk);
    st_liver_fini(&liver);
}

/* ---- two roots ------------------------------------------------------------------------- */

static const made TWO[] = {
    {ST_NONE, {-30, 0, -60}, {-30, 0, -25}, 1.5f, 0},
    {ST_NONE, {30, 0, -60}, {30, 0, -25}, 1.6f, 0},
    {0, {-30, 0, -25}, {-28, 3, -15}, 1.4f, 0},
    {1, {30, 0, -25}, {27, -4, -12}, 1.3f, 0},
};

static void a_trunk_may_have_two_roots(void **state) {
    (void)state;
    st_liver liver = support_liver(&parameters, 1, 1.5, 0, 0);
    st_tree trunk = trunk_of(TWO, 4);
    const st_tree_options options = {.terminals = 3000, .seed = 1, .trunk = &trunk};
    st_tree_growth report;
    st_tree tree = grow_checked(&liver, &options, (grow_parts){3000, 0}, &report);
    assert_int_equal(report.left_out, 0);
    assert_begins_with(&tree, &trunk, 4);
    st_tree_fini(&tree);
    st_tree_fini(&trunk);
    st_liver_fini(&liver);
}

/* A root that passes the organ by is no terminal of it. */
static void a_root_that_leads_nowhere_is_left_out(void **state) {
    (void)state;
    static const made passing[] = {
        {ST_NONE, {-30, 0, -60}, {-30, 0, -25}, 1.5f, 0},
        {ST_NONE, {30, 0, -90}, {90, 0, -90}, 1.6f, 0},
        {0, {-30, 0, -25}, {-28, 3, -15}, 1.4f, 0},
        {1, {90, 0, -90}, {120, 0, -90}, 1.3f, 0},
    };
    st_liver liver = support_liver(&parameters, 1, 1.5, 0, 0);
    for (uint32_t n = 3; n <= 4; n++) {
        st_tree trunk = trunk_of(passing, n);
        const st_tree_options options = {.terminals = 100, .seed = 1, .trunk = &trunk};
        st_tree_growth report;
        st_tree tree = grow_checked(&liver, &options, (grow_parts){100, 0}, &report);
        assert_int_equal(report.left_out, n - 2);
        assert_int_equal(pieces_of(&tree, &trunk, 1), 0);
        st_tree_fini(&tree);
        st_tree_fini(&trunk);
    }
    st_liver_fini(&liver);
}

/* ---- refused ------------------------------------------------------------------------------ */

static void assert_refused(const st_liver *liver, st_tree trunk, st_status wanted, const char *word) {
    const st_tree_options options = {.terminals = 100, .seed = 1, .trunk = &trunk};
    st_tree_growth report;
    st_tree tree;
    assert_int_equal(st_tree_grow(liver, &parameters, &options, NULL, &tree, &report, &err), wanted);
    assert_non_null(strstr(err.what, word));
    assert_int_equal(tree.n, 0);
    st_tree_fini(&trunk);
}

static void trunks_that_are_none_are_refused(void **state) {
    (void)state;
    static const made three[] = {{ST_NONE, {0, 0, -60}, {0, 0, -20}, 2, 0},
                                 {0, {0, 0, -20}, {10, 0, -10}, 1, 0},
                                 {0, {0, 0, -20}, {-10, 0, -10}, 1, 0},
                                 {0, {0, 0, -20}, {0, 10, -10}, 1, 0}};
    static const made late[] = {{ST_NONE, {-30, 0, -60}, {-30, 0, -25}, 1.5f, 0},
                                {0, {-30, 0, -25}, {-28, 3, -15}, 1.4f, 0},
                                {ST_NONE, {30, 0, -60}, {30, 0, -25}, 1.6f, 0}};
    static const made far[] = {{ST_NONE, {0, 0, -160}, {0, 0, -130}, 2, 0}, {0, {0, 0, -130}, {0, 9, -110}, 1, 0}};
    made many[ST_INLETS_MOST + 1];
    for (int k = 0; k <= ST_INLETS_MOST; k++)
        many[k] = (made){ST_NONE, {(float)(10 * k - 20), 0, -60}, {(float)(10 * k - 20), 0, -20}, 1, 0};
    st_liver liver = support_liver(&parameters, 1, 1.5, 0, 0);
    assert_refused(&liver, trunk_of(three, 4), ST_VALUE, "more than two branches");
    assert_refused(&liver, trunk_of(late, 3), ST_VALUE, "before its other vessels");
    assert_refused(&liver, trunk_of(far, 2), ST_ANATOMY, "leads into the organ");
    assert_refused(&liver, trunk_of(many, ST_INLETS_MOST + 1), ST_VALUE, "more than 4 roots");
    st_liver_fini(&liver);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_trunk_stays_as_it_is),         cmocka_unit_test(what_leads_nowhere_is_left_out),
        cmocka_unit_test(a_trunk_may_have_two_roots),       cmocka_unit_test(a_root_that_leads_nowhere_is_left_out),
        cmocka_unit_test(trunks_that_are_none_are_refused),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
