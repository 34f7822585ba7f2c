/* Organs and wishes that are hard or impossible to grow in: each ends in a tree without fault or in one sentence; one
 * that hangs runs into the time limit of the test program.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grown.h"
#include "made_tree.h"

static st_error err;

typedef struct box {
    const char *name;
    uint32_t n[3];
    bool (*holds)(const uint32_t at[3]);
} box;

static bool everything(const uint32_t at[3]) {
    (void)at;
    return true;
}

static bool plate(const uint32_t at[3]) {
    return at[2] == 4;
}

static bool rod(const uint32_t at[3]) {
    return at[1] == 4 && at[2] == 4;
}

static bool staircase(const uint32_t at[3]) { /* voxels that meet at corners */
    return at[0] == at[1] && at[1] == at[2];
}

static bool holes(const uint32_t at[3]) {
    return at[0] % 4 != 1 || at[1] % 4 != 1 || at[2] % 4 != 1;
}

static bool sponge(const uint32_t at[3]) { /* beams that cross */
    return (at[0] % 5 == 0) + (at[1] % 5 == 0) + (at[2] % 5 == 0) >= 2;
}

static bool voxel(const uint32_t at[3]) {
    return at[0] == 3 && at[1] == 4 && at[2] == 4;
}

static bool pieces(const uint32_t at[3]) {
    return at[0] / 6 != 1;
}

static const box ORGAN[] = {
    {"the whole image", {20, 20, 20}, everything},
    {"a plate", {40, 40, 9}, plate},
    {"a rod", {60, 9, 9}, rod},
    {"an image of one layer", {40, 40, 1}, everything},
    {"a staircase", {30, 30, 30}, staircase},
    {"holes", {24, 24, 24}, holes},
    {"a sponge", {31, 31, 31}, sponge},
    {"one voxel", {9, 9, 9}, voxel},
    {"an image of one voxel", {1, 1, 1}, voxel},
    {"pieces", {24, 18, 18}, pieces},
};
enum { ORGANS = sizeof ORGAN / sizeof *ORGAN };

static st_status liver_of(const box *b, double size, st_liver *liver) {
    st_labels labels = {0};
    st_label_map map;
    double to_lps[3][4] = {{0}};
    for (int i = 0; i < 3; i++)
        to_lps[i][i] = size;
    assert_ok(st_geometry_init(&labels.geometry, b->n, (const double(*)[4])to_lps, &err));
    labels.label = st_alloc(st_geometry_voxels(&labels.geometry), sizeof *labels.label, &err);
    assert_non_null(labels.label);
    size_t i = 0;
    for (uint32_t z = 0; z < b->n[2]; z++)
        for (uint32_t y = 0; y < b->n[1]; y++)
            for (uint32_t x = 0; x < b->n[0]; x++)
                labels.label[i++] = b->holds((const uint32_t[3]){x, y, z});
    assert_ok(st_label_map_preset("lits", &map, &err));
    const st_status status = st_liver_from_labels(&labels, &map, &parameters, liver, &err);
    st_labels_fini(&labels);
    return status;
}

/* A tree without fault, or a sentence. */
static bool grows_or_says_why(const char *name, const st_liver *liver, const st_tree_options *options) {
    st_tree tree;
    st_tree_growth report;
    const double begun = st_clock();
    const st_status status = st_tree_grow(liver, &parameters, options, NULL, &tree, &report, &err);
    const double seconds = st_clock() - begun;
    print_message("# %s, %u terminals: %.2f s, %s\n", name, options->terminals, seconds,
                  status == ST_OK ? "a tree" : err.what);
    if (status == ST_OK) {
        assert_whole(&tree, liver, options);
        assert_faultless(&tree, liver, options->avoid);
    } else {
        assert_true(status == ST_ANATOMY || status == ST_VALUE);
        assert_true(strlen(err.what) > 20);
        assert_int_equal(tree.n, 0);
    }
    st_tree_fini(&tree);
    return status == ST_OK;
}

static void odd_organs(void **state) {
    (void)state;
    static const uint32_t terminals[] = {1, 2, 3, 40, 1000};
    for (size_t k = 0; k < ORGANS; k++) {
        st_liver liver;
        if (liver_of(&ORGAN[k], 1.5, &liver) != ST_OK) {
            print_message("# %s: %s\n", ORGAN[k].name, err.what);
            continue;
        }
        for (size_t i = 0; i < sizeof terminals / sizeof *terminals; i++) {
            const st_tree_options options = {.terminals = terminals[i], .seed = 1};
            grows_or_says_why(ORGAN[k].name, &liver, &options);
        }
        st_liver_fini(&liver);
    }
}

/* An organ in pieces that no reader of labels has cut: a layer is taken out of it. */
static void a_piece_apart(void **state) {
    (void)state;
    st_liver liver = support_liver(&parameters, 0.6, 1.5, 0, 0);
    const uint32_t *n = liver.geometry.n;
    const size_t hilum = st_liver_voxel_at(&liver, liver.hilum);
    const uint32_t middle = (uint32_t)(hilum % n[0]) > n[0] / 2 ? n[0] / 4 : 3 * n[0] / 4;
    for (size_t i = 0; i < st_geometry_voxels(&liver.geometry); i++)
        if (i % n[0] >= middle && i % n[0] < middle + 2)
            liver.tissue[i] = ST_OUTSIDE;
    for (uint32_t terminals = 100; terminals <= 1000; terminals *= 10) {
        const st_tree_options options = {.terminals = terminals, .seed = 1};
        (void)grows_or_says_why("a piece apart", &liver, &options);
    }
    st_liver_fini(&liver);
}

static void far_more_terminals_than_room(void **state) {
    (void)state;
    enum { TERMINALS = 70000 }; /* as many as make territories in a larger organ */
    static const box tiny = {"8 mm^3", {2, 2, 2}, everything}, small = {"1 ml", {10, 10, 10}, everything};
    st_liver liver;
    assert_ok(liver_of(&tiny, 1, &liver));
    grows_or_says_why(tiny.name, &liver, &(st_tree_options){.terminals = TERMINALS, .seed = 1});
    st_liver_fini(&liver);
    assert_ok(liver_of(&small, 1, &liver));
    grows_or_says_why(small.name, &liver, &(st_tree_options){.terminals = TERMINALS, .seed = 1});
    st_liver_fini(&liver);
}

/* ---- nothing free -------------------------------------------------------------------------- */

static void vessels_of_another_fill_the_organ(void **state) {
    (void)state;
    enum { SIDE = 12 };
    made vessel[SIDE * SIDE];
    for (uint32_t k = 0; k < SIDE * SIDE; k++) { /* 4 mm apart */
        const float x = 10.0f * (float)(k % SIDE) - 55, y = 10.0f * (float)(k / SIDE) - 55;
        vessel[k] = (made){ST_NONE, {x, y, -80}, {x, y, 80}, 3, 1};
    }
    const made all = {ST_NONE, {0, 0, -100}, {0, 0, 100}, 90, 1};
    st_liver liver = support_liver(&parameters, 0.6, 1.5, 0, 0);
    st_tree avoid[2] = {made_tree(&all, 1), made_tree(vessel, SIDE * SIDE)};
    for (int k = 0; k < 2; k++)
        for (uint32_t terminals = 1; terminals <= 1000; terminals *= 10) {
            const st_tree_options options = {.terminals = terminals, .seed = 1, .avoid = &avoid[k]};
            const bool grown = grows_or_says_why(k ? "a bundle" : "one vessel", &liver, &options);
            assert_true(k == 1 || !grown);
        }
    for (int k = 0; k < 2; k++)
        st_tree_fini(&avoid[k]);
    st_liver_fini(&liver);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(odd_organs),
        cmocka_unit_test(a_piece_apart),
        cmocka_unit_test(far_more_terminals_than_room),
        cmocka_unit_test(vessels_of_another_fill_the_organ),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
