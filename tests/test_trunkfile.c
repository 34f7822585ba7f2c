/* Trunks from files, and the one real liver with known centrelines.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <unistd.h>

#include "tubes.h"

static st_error err;

static st_status parse(const char *text, const char *axes, st_tree *trunk, st_trunk_report *report) {
    err = (st_error){0};
    return st_trunk_parse_csv("test.csv", text, strlen(text), axes, &parameters, trunk, report, &err);
}

static st_tree parsed(const char *text, const char *axes, st_trunk_report *report) {
    st_tree trunk;
    assert_ok(parse(text, axes, &trunk, report));
    assert_trunk(&trunk);
    return trunk;
}

static void assert_place(const float p[3], double x, double y, double z) {
    assert_true((double)p[0] == x && (double)p[1] == y && (double)p[2] == z);
}

/* ---- .csv ------------------------------------------------------------------------------------------- */

static void rows_make_a_line(void **state) {
    (void)state;
    st_trunk_report report;
    st_tree trunk = parsed("x,y,z,radius\n0,0,0,2\n5,0,0,1\n5,0,0,1\n5,7,0,1\n", NULL, &report);
    assert_int_equal(trunk.n, 2); /* the point that is there twice is taken once */
    assert_place(trunk.proximal[0], 0, 0, 0);
    assert_place(trunk.distal[1], 5, 7, 0);
    assert_true(trunk.radius[0] == 1.5F && trunk.radius[1] == 1);
    assert_near(report.length, 12, 1e-6);
    assert_int_equal(report.pieces, 1);
    st_tree_fini(&trunk);
}

static void axes_are_turned(void **state) {
    (void)state;
    st_trunk_report report;
    st_tree trunk = parsed("radius_mm,x_mm,y_mm,z_mm\n1,1,2,3\n1,4,5,7\n", "LAI", &report);
    assert_place(trunk.proximal[0], 1, -2, -3);
    assert_place(trunk.distal[0], 4, -5, -7);
    st_tree_fini(&trunk);
    trunk = parsed("x,y,z,radius\n1,2,3,1\n4,5,7,1\n", "SLA", &report);
    assert_place(trunk.proximal[0], 2, -3, 1);
    st_tree_fini(&trunk);
    assert_int_equal(parse("x,y,z,radius\n1,2,3,1\n4,5,7,1\n", "LLS", &trunk, &report), ST_VALUE);
}

/* Rings in any order, a reversed element, one that only comes near. */
static void elements_are_joined(void **state) {
    (void)state;
    st_trunk_report report;
    st_tree trunk = parsed("element,ring,x,y,z,radius\n0,2,20,0,0,2\n0,0,0,0,0,3\n0,1,10,0,0,2\n"
                           "2,0,30,10,0,1\n2,1,20,0,0,1\n3,0,32,-12,0,1\n3,1,23,-3,0,1\n",
                           NULL, &report);
    assert_int_equal(trunk.n_terminals, 2);
    assert_place(trunk.proximal[0], 0, 0, 0);
    assert_int_equal(report.pieces, 2);
    assert_int_equal(report.bridges, 1);
    assert_near(report.bridge[0].length, sqrt(18), 1e-6);
    assert_near(report.length, 20 + sqrt(200) + sqrt(162) + sqrt(18), 1e-6);
    st_tree_fini(&trunk);
}

static void joints_are_taken_apart(void **state) {
    (void)state;
    st_trunk_report report;
    st_tree trunk = parsed("id,parent,x,y,z,radius\n1,,0,0,0,2\n2,1,10,0,0,2\n3,2,20,0,0,1.5\n4,2,18,9,0,1\n"
                           "5,2,18,-9,0,1.2\n6,2,18,0,9,0.5\n",
                           NULL, &report);
    assert_int_equal(report.forks_split, 1);
    assert_int_equal(trunk.n_terminals, 4);
    assert_int_equal(trunk.n, 7);          /* five and two pieces of the stem */
    for (uint32_t i = 0; i < trunk.n; i++) /* the joints stay in the stem, within its radius of where they were */
        if (trunk.parent[i] != ST_NONE)
            assert_true(trunk.proximal[i][0] >= 8 && trunk.proximal[i][0] <= 10 && trunk.proximal[i][1] == 0);
    st_tree_fini(&trunk);
}

static void rings_are_cut(void **state) {
    (void)state;
    st_trunk_report report;
    st_tree trunk = parsed("element,ring,x,y,z,radius\n0,0,0,0,0,2\n0,1,10,0,0,2\n1,0,10,0,0,2\n1,1,20,10,0,2\n"
                           "1,2,30,10,0,2\n1,3,40,0,0,2\n2,0,10,0,0,1\n2,1,20,-10,0,0.5\n2,2,30,-10,0,0.4\n"
                           "2,3,40,0,0,2\n3,0,40,0,0,2\n3,1,50,0,0,2\n",
                           NULL, &report);
    assert_int_equal(report.loops, 1);
    assert_near(report.loop[0].length, 20 + 4 * sqrt(200), 1e-6);
    assert_true(fabs(report.loop[0].lps[1]) > 4 && report.loop[0].lps[1] < 0); /* on the narrow side */
    assert_int_equal(trunk.n_terminals, 2);
    st_tree_fini(&trunk);
}

static void broken_tables_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *text;
        st_status status;
        size_t line;
        const char *field, *word;
    } bad[] = {
        {"", ST_FORMAT, 0, "", "empty"},
        {"x,y,z\n1,2,3\n", ST_FORMAT, 1, "", "radius"},
        {"x,y,z,radius\n", ST_FORMAT, 0, "", "0 points"},
        {"x,y,z,radius\n1,2,3,1\n", ST_FORMAT, 0, "", "1 points"},
        {"x,y,z,radius\n1,2,3,1\n4,nan,6,1\n", ST_VALUE, 3, "y", "nan"},
        {"x,y,z,radius\n1,2,3,1\n4,,6,1\n", ST_VALUE, 3, "y", "wanted"},
        {"x,y,z,radius\n1,2,3,1\n4,1e300,6,1\n", ST_VALUE, 3, "y", "100 m"},
        {"x,y,z,radius\n1,2,3,1\n4,5,6,0\n", ST_VALUE, 3, "radius", "above 0"},
        {"x,y,z,radius\n1,2,3,1\n4,5,6,-1\n", ST_VALUE, 3, "radius", "above 0"},
        {"x,y,z,radius\n1,2,3,\n4,5,6,1\n", ST_VALUE, 2, "radius", "above 0"},
        {"x,y,z,radius\n1,2,3,1\n1,2,3,1\n", ST_ANATOMY, 0, "", "length"},
        {"x,y,z,radius,element\n1,2,3,1,0\n4,5,6,1,0\n", ST_FORMAT, 1, "", "ring"},
        {"x,y,z,radius,element,ring\n1,2,3,1,0,0\n4,5,6,1,0,0\n", ST_VALUE, 3, "ring", "before"},
        {"x,y,z,radius,id,parent\n1,2,3,1,0,\n4,5,6,1,1,7\n", ST_VALUE, 3, "parent", "no id"},
        {"x,y,z,radius,id,parent\n1,2,3,1,0,\n4,5,6,1,0,0\n", ST_VALUE, 3, "id", "before"},
        {"x,y,z,radius,id,parent,element,ring\n1,2,3,1,0,,0,0\n4,5,6,1,1,0,0,1\n", ST_FORMAT, 1, "", "only one"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        st_tree trunk;
        st_trunk_report report;
        assert_int_equal(parse(bad[i].text, NULL, &trunk, &report), bad[i].status);
        assert_int_equal(err.line, bad[i].line);
        assert_string_equal(err.field, bad[i].field);
        assert_non_null(strstr(err.what, bad[i].word));
        assert_int_equal(trunk.n, 0);
    }
}

/* ---- files and the organ ---------------------------------------------------------------------------- */

static void write_text(const char *path, const char *text) {
    FILE *stream = fopen(path, "w");
    assert_non_null(stream);
    assert_true(fputs(text, stream) >= 0 && fclose(stream) == 0);
}

static void a_tree_file_is_taken_as_it_is(void **state) {
    (void)state;
    const char *const path[] = {"test_trunk.vtp", "test_trunk.swc"};
    st_liver liver = support_liver(&parameters, 1, 3, 0, 0);
    st_tree tree = support_symmetric_tree(5, 3, 8, 1, false);
    for (uint32_t i = 0; i < tree.n; i++) { /* no two ends in one place */
        tree.distal[i][0] += 0.01F * (float)i;
        if (tree.parent[i] != ST_NONE)
            memcpy(tree.proximal[i], tree.distal[tree.parent[i]], sizeof tree.proximal[i]);
    }
    for (int k = 0; k < 2; k++) {
        st_tree trunk, back;
        st_trunk_report report;
        assert_ok(st_tree_write(path[k], &tree, &(st_tree_fields){0}, &err));
        assert_ok(st_tree_read(path[k], &back, &err));
        assert_ok(st_trunk_read(path[k], NULL, &liver, &parameters, &trunk, &report, &err));
        assert_trunk(&trunk);
        assert_int_equal(trunk.n, back.n);
        assert_int_equal(trunk.n_terminals, back.n_terminals);
        st_tree_measures a, b;
        assert_ok(st_tree_measure(&trunk, NULL, &parameters, 1, &a, &err));
        assert_ok(st_tree_measure(&back, NULL, &parameters, 1, &b, &err));
        assert_near(a.volume, b.volume, 1e-9);
        assert_near(a.length, b.length, 1e-9);
        assert_memory_equal(trunk.distal[0], back.distal[0], sizeof trunk.distal[0]);
        assert_int_equal(report.touching, a.crossings);
        st_tree_fini(&trunk);
        st_tree_fini(&back);
        unlink(path[k]);
    }
    st_tree_fini(&tree);
    st_liver_fini(&liver);
}

static void the_organ_says_what_belongs_to_it(void **state) {
    (void)state;
    const char *path = "test_trunk.csv";
    st_liver liver = support_liver(&parameters, 1, 3, 0, 0);
    st_trunk_report report;
    st_tree trunk;
    write_text(path, "x,y,z,radius\n-90,0,0,2\n-20,0,0,2\n"); /* its first point is outside */
    assert_ok(st_trunk_read(path, NULL, &liver, &parameters, &trunk, &report, &err));
    assert_near(report.organ_length, 40, 0.05);
    assert_true(trunk.proximal[0][0] == -90);
    st_tree_fini(&trunk);
    write_text(path, "x,y,z,radius\n-190,0,0,2\n-120,0,0,2\n");
    assert_int_equal(st_trunk_read(path, NULL, &liver, &parameters, &trunk, &report, &err), ST_ANATOMY);
    assert_non_null(strstr(err.what, "root_tolerance"));
    write_text(path, "element,ring,x,y,z,radius\n0,0,-190,0,0,2\n0,1,-100,0,0,2\n1,0,-50,0,0,1\n1,1,-20,0,0,1\n");
    assert_ok(st_trunk_read(path, NULL, &liver, &parameters, &trunk, &report, &err));
    assert_near(report.length_left_out, 90, 1e-6); /* the longer one is not the organ's */
    st_tree_fini(&trunk);
    unlink(path);
    assert_int_equal(st_trunk_read(path, NULL, &liver, &parameters, &trunk, &report, &err), ST_IO);
    assert_int_equal(st_trunk_read("trunk.obj", NULL, &liver, &parameters, &trunk, &report, &err), ST_FORMAT);
    st_liver_fini(&liver);
}

/* ---- patient 1 ----------------------------------------------------------------------------------------- */

static void path_of(const char *name, char path[512]) {
    const char *folder = getenv("STASIS_SHARED"), *source = getenv("STASIS_SOURCE");
    if (folder)
        snprintf(path, 512, "%s/%s", folder, name);
    else
        snprintf(path, 512, "%s/../shared/data/%s", source ? source : ".", name);
}

/* Each segment of the file's centreline as a tube. */
static size_t tubes_of(const st_tree *tree, tube *t) {
    for (uint32_t i = 0; i < tree->n; i++) {
        for (int k = 0; k < 3; k++) {
            t[i].from[k] = (double)tree->proximal[i][k];
            t[i].to[k] = (double)tree->distal[i][k];
        }
        t[i].radius = (double)tree->radius[i];
    }
    return tree->n;
}

static void assert_patient(const st_labels *labels, st_role role, const char *file, uint32_t ends, uint32_t missed) {
    char path[512];
    st_label_map map;
    st_liver liver;
    st_tree truth, trunk;
    st_trunk_report report;
    path_of(file, path);
    assert_ok(st_label_map_preset("couinaud_vessels", &map, &err));
    assert_ok(st_liver_from_labels(labels, &map, &parameters, &liver, &err));
    assert_ok(st_trunk_read(path, "LAI", &liver, &parameters, &truth, &report, &err));
    assert_trunk(&truth);
    assert_int_equal(truth.n_terminals, ends);
    assert_true(report.loops == 0 && report.bridges == 0 && report.pieces == 1);
    assert_ok(st_trunk_from_labels(labels, &map, role, &liver, &parameters, &trunk, &report, &err));
    assert_trunk(&trunk);
    assert_int_equal(report.pieces_left_out, 0);
    assert_int_equal(report.loops, 0);
    assert_true(trunk.n_terminals + missed >= ends && trunk.n_terminals <= ends + 1);
    tube *t = calloc(truth.n, sizeof *t);
    assert_non_null(t);
    const tube_error e = tube_compare(&trunk, t, tubes_of(&truth, t));
    free(t);
    assert_true(e.distance < 0.4 && e.distance_p90 < 1.0); /* voxels are 1.25 mm */
    assert_true(e.radius < 0.1 && e.radius_p90 < 0.6);
    double off = 0, length = 0;
    for (uint32_t i = 0; i < truth.n; i++)
        length += st_tree_length(&truth, i);
    for (int k = 0; k < 3; k++)
        off += pow((double)trunk.proximal[0][k] - (double)truth.proximal[0][k], 2);
    assert_true(sqrt(off) < 8);
    assert_near(report.length, length, 0.08);
    st_tree_fini(&trunk);
    st_tree_fini(&truth);
    st_liver_fini(&liver);
}

static void the_vessels_of_a_patient_come_back(void **state) {
    (void)state;
    char path[512];
    st_labels labels;
    path_of("patient1_couinaud_vessels.nii.gz", path);
    if (access(path, R_OK) != 0) {
        print_message("# %s is not at hand: skipped\n", path);
        skip();
    }
    assert_ok(st_labels_read(path, &labels, &err));
    assert_patient(&labels, ST_ROLE_ARTERY, "patient1_hepatic_artery_centreline.csv", 10, 1);
    assert_patient(&labels, ST_ROLE_PORTAL_VEIN, "patient1_portal_vein_centreline.csv", 25, 0);
    st_labels_fini(&labels);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(rows_make_a_line),
        cmocka_unit_test(axes_are_turned),
        cmocka_unit_test(elements_are_joined),
        cmocka_unit_test(joints_are_taken_apart),
        cmocka_unit_test(rings_are_cut),
        cmocka_unit_test(broken_tables_are_refused),
        cmocka_unit_test(a_tree_file_is_taken_as_it_is),
        cmocka_unit_test(the_organ_says_what_belongs_to_it),
        cmocka_unit_test(the_vessels_of_a_patient_come_back),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
