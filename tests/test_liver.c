/* The liver of a label map: what labels mean, the organ, lesions, lobes, hilum, demand, synthetic metastases.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "support.h"

static st_parameters parameters;

/* ---- label maps made on the spot ------------------------------------------------- */

typedef struct ball {
    double centre[3], radius;
    uint16_t label;
} ball;

/* Balls drawn one after the other on a grid of n voxels with its middle at 0. */
static st_labels draw(const uint32_t n[3], const double spacing[3], const ball *balls, size_t count) {
    st_error err = {0};
    st_labels labels = {0};
    double to_lps[3][4] = {{0}};
    for (int i = 0; i < 3; i++) {
        to_lps[i][i] = spacing[i];
        to_lps[i][3] = -0.5 * fabs(spacing[i]) * (n[i] - 1) * (spacing[i] > 0 ? 1 : -1);
    }
    assert_ok(st_geometry_init(&labels.geometry, n, (const double(*)[4])to_lps, &err));
    labels.label = calloc(st_geometry_voxels(&labels.geometry), sizeof *labels.label);
    assert_non_null(labels.label);
    size_t i = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++)
            for (uint32_t x = 0; x < n[0]; x++, i++) {
                const double index[3] = {x, y, z};
                double p[3];
                st_geometry_to_lps(&labels.geometry, index, p);
                for (size_t k = 0; k < count; k++) {
                    double d2 = 0;
                    for (int c = 0; c < 3; c++)
                        d2 += (p[c] - balls[k].centre[c]) * (p[c] - balls[k].centre[c]);
                    if (d2 <= balls[k].radius * balls[k].radius)
                        labels.label[i] = balls[k].label;
                }
            }
    return labels;
}

static const uint32_t CUBE[3] = {101, 101, 101};
static const double FINE[3] = {1, 1, 1};

static st_label_map preset(const char *name) {
    st_error err = {0};
    st_label_map map;
    assert_ok(st_label_map_preset(name, &map, &err));
    return map;
}

static st_label_map custom(const char *text, st_status wanted, const char *says) {
    st_error err = {0};
    st_label_map map;
    json_t *object = NULL;
    assert_ok(st_json_parse("map.json", text, strlen(text), &object, &err));
    const st_status status = st_label_map_custom(object, "map.json", &map, &err);
    json_decref(object);
    if (status != wanted)
        fail_msg("%s: status %d: %s", text, status, err.what);
    char all[1024];
    st_error_text(&err, all, sizeof all);
    if (says && !strstr(all, says))
        fail_msg("\"%s\" does not say \"%s\"", all, says);
    return map;
}

static st_liver liver_of(st_labels *labels, const char *name) {
    st_error err = {0};
    const st_label_map map = preset(name);
    st_liver liver;
    assert_ok(st_liver_from_labels(labels, &map, &parameters, &liver, &err));
    return liver;
}

static void refused(st_labels *labels, const char *name, const char *says) {
    st_error err = {0};
    const st_label_map map = preset(name);
    st_liver liver;
    assert_int_equal(st_liver_from_labels(labels, &map, &parameters, &liver, &err), ST_ANATOMY);
    if (!strstr(err.what, says))
        fail_msg("\"%s\" does not say \"%s\"", err.what, says);
    st_labels_fini(labels);
}

static double ball_volume(double r) {
    return 4.0 / 3 * M_PI * r * r * r;
}

/* ---- what labels mean -------------------------------------------------------------- */

static int role_of(const st_label_map *map, uint16_t label) {
    for (size_t i = 0; i < map->n; i++)
        if (map->entry[i].label == label)
            return (int)map->entry[i].role;
    return ST_ROLE_IGNORE;
}

static void test_presets(void **state) {
    (void)state;
    static const char *const names[] = {"stasis", "totalseg", "liver_segments",   "liver_vessels",      "lits",
                                        "msd08",  "cgal",     "couinaud_vessels", "liver_tumours_veins"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const st_label_map map = preset(names[i]);
        assert_string_equal(map.name, names[i]);
    }
    st_label_map map = preset("totalseg");
    assert_int_equal(role_of(&map, 5), ST_ROLE_LIVER);
    assert_int_equal(role_of(&map, 64), ST_ROLE_PORTAL_VEIN);
    map = preset("couinaud_vessels");
    assert_int_equal(role_of(&map, 23), ST_ROLE_ARTERY);
    assert_int_equal(role_of(&map, 9), ST_ROLE_IGNORE);
    for (size_t i = 0; i < map.n; i++)
        if (map.entry[i].role == ST_ROLE_COUINAUD)
            assert_int_equal(map.entry[i].segment, map.entry[i].label);
}

static void test_preset_unknown(void **state) {
    (void)state;
    st_error err = {0};
    st_label_map map;
    assert_int_equal(st_label_map_preset("litz", &map, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "did you mean \"lits\""));
    assert_int_equal(st_label_map_preset("../agents", &map, &err), ST_VALUE);
}

static void test_custom_map(void **state) {
    (void)state;
    const st_label_map map = custom("{\"liver\": 7, \"tumour\": [2, 3], \"couinaud\": {\"4\": [40, 41]}}", ST_OK, NULL);
    assert_string_equal(map.name, "custom");
    assert_int_equal(map.n, 5);
    assert_int_equal(role_of(&map, 3), ST_ROLE_TUMOUR);
    assert_int_equal(role_of(&map, 41), ST_ROLE_COUINAUD);
    custom("{\"livre\": 7}", ST_VALUE, "did you mean \"liver\"");
    custom("{\"liver\": 7, \"tumour\": 7}", ST_VALUE, "label 7 has a meaning already");
    custom("{\"liver\": 0}", ST_VALUE, "1 to 65535");
    custom("{\"liver\": 1.5}", ST_VALUE, "1 to 65535");
    custom("{\"liver\": [1, \"2\"]}", ST_VALUE, "liver");
    custom("{\"liver\": 65536}", ST_VALUE, "1 to 65535");
    custom("{\"couinaud\": {\"9\": 1}}", ST_VALUE, "couinaud.9");
    custom("{\"couinaud\": 3}", ST_VALUE, "couinaud");
    custom("{}", ST_VALUE, "no label");
    custom("[1]", ST_VALUE, "object");
}

/* ---- organ and lesions --------------------------------------------------------------- */

static void test_volumes_and_diameters(void **state) {
    (void)state;
    const ball balls[] = {{{0, 0, 0}, 45, 1}, {{-20, 0, 10}, 12, 2}, {{20, 5, -10}, 6, 2}};
    st_labels labels = draw(CUBE, FINE, balls, 3);
    st_liver liver = liver_of(&labels, "lits");
    uint64_t organ = 0, tumour = 0;
    for (size_t i = 0; i < st_geometry_voxels(&labels.geometry); i++) {
        organ += labels.label[i] > 0;
        tumour += labels.label[i] == 2;
    }
    assert_true(liver.volume == (double)organ); /* exactly, voxel by voxel */
    assert_true(liver.tumour_volume == (double)tumour);
    assert_near(liver.volume, ball_volume(45), 0.01);
    assert_int_equal(liver.n_lesions, 2);
    for (int k = 0; k < 2; k++) {
        const st_lesion *lesion = &liver.lesions[k];
        const ball *b = &balls[k + 1];
        assert_int_equal(lesion->id, k + 1);
        assert_near(lesion->volume, ball_volume(b->radius), 0.03);
        assert_true(fabs(lesion->longest_axial_diameter - 2 * b->radius) <= 1);
        assert_true(fabs(lesion->perpendicular_diameter - 2 * b->radius) <= 1);
        for (int c = 0; c < 3; c++)
            assert_true(fabs(lesion->centroid[c] - b->centre[c]) < 1e-9);
    }
    assert_near(st_liver_burden(&liver), (ball_volume(12) + ball_volume(6)) / ball_volume(45), 0.03);
    for (int i = 0; i < 3; i++) { /* the box is tight and in place */
        assert_int_equal(liver.geometry.n[i], 91);
        assert_int_equal(liver.origin[i], 5);
    }
    assert_int_equal(liver.lesion[st_liver_voxel_at(&liver, balls[1].centre)], 1);
    assert_int_equal(st_liver_class_at(&liver, balls[2].centre), ST_TUMOUR);
    assert_int_equal(st_liver_class_at(&liver, (const double[3]){44, 44, 44}), ST_OUTSIDE);
    assert_true(st_liver_voxel_at(&liver, (const double[3]){46, 0, 0}) == SIZE_MAX);
    assert_true(st_liver_voxel_at(&liver, (const double[3]){NAN, 0, 0}) == SIZE_MAX);
    assert_false(liver.synthetic);
    assert_string_equal(liver.note, "");
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

/* A bar along a diagonal of the slice, on voxels that are not square, with slices along the first axis. */
static void test_diameter_of_a_bar(void **state) {
    (void)state;
    st_error err = {0};
    const uint32_t n[3] = {30, 80, 60}; /* x: superior, y: left, z: posterior */
    const double to_lps[3][4] = {{0, 0.5, 0, 0}, {0, 0, 1, 0}, {3, 0, 0, 0}};
    st_labels labels = {0};
    assert_ok(st_geometry_init(&labels.geometry, n, to_lps, &err));
    labels.label = calloc(st_geometry_voxels(&labels.geometry), sizeof *labels.label);
    size_t i = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++)
            for (uint32_t x = 0; x < n[0]; x++, i++) {
                const double index[3] = {x, y, z};
                double p[3];
                st_geometry_to_lps(&labels.geometry, index, p);
                const double along = (p[0] - 20) * 0.6 + (p[1] - 30) * 0.8,
                             across = (p[0] - 20) * 0.8 - (p[1] - 30) * 0.6;
                labels.label[i] = 1;
                if (fabs(along) <= 15 && fabs(across) <= 4 && fabs(p[2] - 45) <= 40)
                    labels.label[i] = 2;
            }
    st_liver liver = liver_of(&labels, "lits");
    assert_int_equal(liver.n_lesions, 1);
    /* the diagonal of 30 x 8 mm, and the chord at right angles to it; 80 mm from slice to slice do not count */
    const double diagonal = sqrt(30 * 30 + 8 * 8);
    assert_true(fabs(liver.lesions[0].longest_axial_diameter - diagonal) < 1.2);
    assert_true(fabs(liver.lesions[0].perpendicular_diameter - 8 * diagonal / 30) < 1.2);
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

static void test_one_voxel_lesion(void **state) {
    (void)state;
    const ball balls[] = {{{0, 0, 0}, 20, 1}, {{3, 3, 3}, 0.1, 2}};
    st_labels labels = draw(CUBE, FINE, balls, 2);
    st_liver liver = liver_of(&labels, "lits");
    assert_int_equal(liver.n_lesions, 1);
    assert_int_equal(liver.lesions[0].voxels, 1);
    assert_near(liver.lesions[0].longest_axial_diameter, 1, 1e-9);
    assert_near(liver.lesions[0].perpendicular_diameter, 1, 1e-9);
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

static void test_no_liver(void **state) {
    (void)state;
    const ball tumour[] = {{{0, 0, 0}, 20, 2}};
    st_labels labels = draw(CUBE, FINE, tumour, 1);
    refused(&labels, "lits", "no voxel is liver");
    labels = draw(CUBE, FINE, tumour, 1);
    refused(&labels, "msd08", "has no label for the liver");
    labels = draw(CUBE, FINE, tumour, 0);
    refused(&labels, "lits", "no voxel is liver");
}

static void test_tumour_outside(void **state) {
    (void)state;
    const ball apart[] = {{{-20, 0, 0}, 25, 1}, {{35, 0, 0}, 8, 2}};
    st_labels labels = draw(CUBE, FINE, apart, 2);
    refused(&labels, "lits", "outside the liver");
    /* a speck beside a real lesion is left out with a note; a lesion that bulges out of the liver is one */
    const ball speck[] = {{{-20, 0, 0}, 25, 1}, {{-20, 0, 0}, 8, 2}, {{35, 0, 0}, 1, 2}, {{-20, 25, 0}, 6, 2}};
    labels = draw(CUBE, FINE, speck, 4);
    st_liver liver = liver_of(&labels, "lits");
    assert_int_equal(liver.n_lesions, 2);
    assert_non_null(strstr(liver.note, "2 pieces"));
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

static void test_pieces(void **state) {
    (void)state;
    const ball balls[] = {{{-15, 0, 0}, 30, 1}, {{35, 0, 0}, 8, 1}};
    st_labels labels = draw(CUBE, FINE, balls, 2);
    st_liver liver = liver_of(&labels, "lits");
    assert_near(liver.volume, ball_volume(30), 0.01);
    assert_non_null(strstr(liver.note, "in 2 pieces"));
    assert_int_equal(st_liver_class_at(&liver, balls[1].centre), ST_OUTSIDE);
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

/* A vessel that hangs free in its canal is not a piece of the liver. */
static void test_vessel_in_its_canal(void **state) {
    (void)state;
    const ball balls[] = {{{0, 0, 0}, 30, 1}, {{0, 0, 0}, 6, 0}, {{0, 0, 0}, 3, 4}};
    st_labels labels = draw(CUBE, FINE, balls, 3);
    st_liver liver = liver_of(&labels, "stasis");
    assert_string_equal(liver.note, "");
    assert_near(liver.volume, ball_volume(30) - ball_volume(6), 0.01);
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

/* A rod of the label along x from `from` to `to`. */
static void add_rod(st_labels *labels, double from, double to, double radius, uint16_t label) {
    size_t i = 0;
    const uint32_t *n = labels->geometry.n;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++)
            for (uint32_t x = 0; x < n[0]; x++, i++) {
                const double index[3] = {x, y, z};
                double p[3];
                st_geometry_to_lps(&labels->geometry, index, p);
                if (p[0] >= from && p[0] <= to && p[1] * p[1] + p[2] * p[2] <= radius * radius)
                    labels->label[i] = label;
            }
}

/* A vein runs from the middle of the liver out to the left: its part inside is liver, the rest is not, and the artery
 * enters where it does. */
static void test_vessel_labels(void **state) {
    (void)state;
    const ball balls[] = {{{-10, 0, 0}, 35, 1}};
    for (uint16_t label = 3; label <= 4; label++) { /* artery; portal vein */
        st_labels labels = draw(CUBE, FINE, balls, 1);
        add_rod(&labels, -10, 45, 4, label);
        st_liver liver = liver_of(&labels, "stasis");
        assert_near(liver.volume, ball_volume(35), 0.01);
        assert_int_equal(st_liver_class_at(&liver, (const double[3]){10, 0, 0}), ST_NORMAL);
        assert_int_equal(st_liver_class_at(&liver, (const double[3]){30, 0, 0}), ST_OUTSIDE);
        assert_non_null(
            strstr(liver.hilum_rule, label == 3 ? "the artery label" : "no artery label: where the portal"));
        const double surface[3] = {25, 0, 0};
        double d2 = 0;
        for (int c = 0; c < 3; c++)
            d2 += (liver.hilum[c] - surface[c]) * (liver.hilum[c] - surface[c]);
        assert_true(d2 < 6 * 6);
        assert_int_equal(st_liver_class_at(&liver, liver.hilum), ST_NORMAL);
        assert_int_equal(st_liver_class_at(&liver, liver.stump), ST_OUTSIDE);
        assert_true(liver.stump[0] > 30); /* along the vessel */
        st_liver_fini(&liver);
        st_labels_fini(&labels);
    }
}

/* ---- lobes ------------------------------------------------------------------------------ */

static void test_lobes_by_plane(void **state) {
    (void)state;
    const ball balls[] = {{{0, 0, 0}, 45, 1}, {{-25, 0, 0}, 5, 2}, {{32, -5, 0}, 4, 2}};
    st_labels labels = draw(CUBE, FINE, balls, 3);
    st_liver liver = liver_of(&labels, "lits");
    assert_near(liver.lobe_volume[ST_LOBE_RIGHT] / liver.volume, 0.65, 0.02);
    assert_true(liver.lobe_volume[ST_LOBE_RIGHT] + liver.lobe_volume[ST_LOBE_LEFT] == liver.volume);
    assert_true(liver.lobe_volume[ST_LOBE_NONE] == 0);
    assert_int_equal(liver.lesions[0].lobe, ST_LOBE_RIGHT);
    assert_int_equal(liver.lesions[1].lobe, ST_LOBE_LEFT);
    assert_true(liver.lobe_tumour_volume[ST_LOBE_RIGHT] == liver.lesions[0].volume);
    assert_null(liver.couinaud);
    assert_non_null(strstr(liver.lobe_rule, "plane"));
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

/* The same liver on a grid that runs the other way along every axis. */
static void test_lobes_do_not_follow_the_grid(void **state) {
    (void)state;
    const ball balls[] = {{{0, 0, 0}, 45, 1}, {{-25, 0, 0}, 5, 2}, {{32, -5, 0}, 4, 2}};
    const double turned[3] = {-1, -1, -1};
    st_labels labels = draw(CUBE, turned, balls, 3);
    st_liver liver = liver_of(&labels, "lits");
    assert_int_equal(liver.lesions[0].lobe, ST_LOBE_RIGHT);
    assert_int_equal(liver.lesions[1].lobe, ST_LOBE_LEFT);
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

static void test_lobes_by_couinaud(void **state) {
    (void)state;
    const ball balls[] = {{{0, 0, 0}, 40, 15}, {{25, 0, 0}, 22, 13}, {{20, 0, 0}, 5, 2}, {{-20, 0, 0}, 4, 2}};
    st_labels labels = draw(CUBE, FINE, balls, 4);
    st_liver liver = liver_of(&labels, "stasis");
    assert_non_null(liver.couinaud);
    const size_t in_left = st_liver_voxel_at(&liver, balls[2].centre),
                 in_right = st_liver_voxel_at(&liver, balls[3].centre);
    assert_int_equal(liver.couinaud[in_left], 3); /* tumour belongs to the segment around it */
    assert_int_equal(liver.couinaud[in_right], 5);
    assert_int_equal(liver.lesions[0].lobe, ST_LOBE_LEFT);
    assert_int_equal(liver.lesions[1].lobe, ST_LOBE_RIGHT);
    for (size_t i = 0; i < st_geometry_voxels(&liver.geometry); i++)
        assert_int_equal(liver.tissue[i] != ST_OUTSIDE, liver.lobe[i] != ST_LOBE_NONE);
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

/* ---- hilum --------------------------------------------------------------------------------- */

/* Without vessel labels the hilum is at the deepest hollow: here a notch from below and the left. */
static void test_hilum_by_shape(void **state) {
    (void)state;
    const ball balls[] = {{{0, 0, 0}, 45, 1}, {{20, 5, -32}, 20, 0}};
    st_labels labels = draw(CUBE, FINE, balls, 2);
    st_liver liver = liver_of(&labels, "lits");
    assert_non_null(strstr(liver.hilum_rule, "hollow"));
    double d2 = 0;
    for (int c = 0; c < 3; c++)
        d2 += (liver.hilum[c] - balls[1].centre[c]) * (liver.hilum[c] - balls[1].centre[c]);
    assert_true(sqrt(d2) < 20 + 5); /* in the wall of the notch */
    assert_true(liver.hilum[2] > -32);
    assert_int_equal(st_liver_class_at(&liver, liver.stump), ST_OUTSIDE);
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

static void test_root_of_the_user(void **state) {
    (void)state;
    st_error err = {0};
    const ball balls[] = {{{0, 0, 0}, 40, 1}};
    st_labels labels = draw(CUBE, FINE, balls, 1);
    st_liver liver = liver_of(&labels, "lits");
    assert_int_equal(st_liver_set_root(&liver, (const double[3]){0, 0, -70}, &parameters, &err), ST_ANATOMY);
    assert_non_null(strstr(err.what, "30."));
    assert_non_null(strstr(err.what, "root_tolerance"));
    assert_int_equal(st_liver_set_root(&liver, (const double[3]){NAN, 0, 0}, &parameters, &err), ST_VALUE);
    assert_ok(st_liver_set_root(&liver, (const double[3]){0, 0, -50}, &parameters, &err));
    assert_int_equal(st_liver_class_at(&liver, liver.hilum), ST_NORMAL);
    assert_true(liver.hilum[2] < -33 && liver.stump[2] < -50);
    assert_ok(st_liver_set_root(&liver, (const double[3]){30, 0, 0}, &parameters, &err)); /* inside */
    assert_near(liver.hilum[0], 30, 0.02);
    assert_int_equal(st_liver_class_at(&liver, liver.stump), ST_OUTSIDE);
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

/* A hollow narrower than the stump is long: the stump still begins outside. */
static void test_root_in_a_hollow(void **state) {
    (void)state;
    st_error err = {0};
    const double way[][3] = {{-5, 0, 0}, {5, 0, 0}, {0, 0, 5}, {0, 0, -5}, {0, 4, 3}};
    const ball balls[] = {{{0, 0, 0}, 40, 1}, {{10, 0, 0}, 6, 0}};
    st_labels labels = draw(CUBE, FINE, balls, 2);
    st_liver liver = liver_of(&labels, "lits");
    for (size_t k = 0; k < sizeof way / sizeof way[0]; k++) {
        const double root[3] = {10 + way[k][0], way[k][1], way[k][2]};
        assert_ok(st_liver_set_root(&liver, root, &parameters, &err));
        assert_int_equal(st_liver_class_at(&liver, liver.stump), ST_OUTSIDE);
        assert_true(sqrt(liver.stump[0] * liver.stump[0] + liver.stump[1] * liver.stump[1] +
                         liver.stump[2] * liver.stump[2]) > 40);
    }
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

/* ---- demand ----------------------------------------------------------------------------------- */

static void test_demand(void **state) {
    (void)state;
    const st_demand d = st_demand_from_parameters(&parameters);
    const double normal = 1.0 / 60; /* 1 mL/min per mL */
    assert_near(d.arterial[ST_NORMAL], 0.25 * normal, 1e-12);
    assert_near(d.portal[ST_NORMAL], 0.75 * normal, 1e-12);
    assert_near(d.arterial[ST_TUMOUR], normal, 1e-12);
    assert_near(d.arterial[ST_TUMOUR] / (d.arterial[ST_TUMOUR] + d.portal[ST_TUMOUR]), 0.95, 1e-12);
    const st_liver liver = {.volume = 1500e3, .tumour_volume = 100e3};
    assert_near(st_demand_arterial_total(&d, &liver), (0.25 * 1400e3 + 100e3) / 60, 1e-12);
    assert_near(st_demand_portal_total(&d, &liver), (0.75 * 1400e3 + 100e3 * 0.05 / 0.95) / 60, 1e-12);
}

/* ---- synthetic metastases ------------------------------------------------------------------------ */

static st_labels seeded(unsigned count, double burden, uint64_t seed, st_status wanted) {
    st_error err = {0};
    const ball balls[] = {{{0, 0, 0}, 45, 1}, {{0, 0, 48}, 10, 9}};
    st_labels labels = draw(CUBE, FINE, balls, 2);
    const st_label_map map = preset("lits");
    const st_status status = st_metastases_place(&labels, &map, count, burden, seed, &parameters, 2, &err);
    if (status != wanted)
        fail_msg("%u at %g: status %d: %s", count, burden, status, err.what);
    return labels;
}

static void test_metastases(void **state) {
    (void)state;
    const unsigned counts[] = {1, 7, 60};
    const double burdens[] = {0.02, 0.1, 0.2};
    for (int k = 0; k < 3; k++) {
        st_labels plain = seeded(1, 0, 1, ST_VALUE), labels = seeded(counts[k], burdens[k], 42, ST_OK);
        st_liver before = liver_of(&plain, "lits"), liver = liver_of(&labels, "lits");
        /* touching ones would be counted as one: as many lesions as asked for means that none touch */
        assert_int_equal(liver.n_lesions, counts[k]);
        assert_true(liver.volume == before.volume);
        assert_true(fabs(liver.tumour_volume - burdens[k] * before.volume) <= 0.5);
        assert_true(liver.synthetic);
        for (size_t i = 0; i < st_geometry_voxels(&labels.geometry); i++)
            if (labels.label[i] != plain.label[i])
                assert_true(plain.label[i] == 1 && labels.label[i] == 2);
        const st_lesion *first = &liver.lesions[0];
        const double ball_diameter = 2 * cbrt(0.75 * first->volume / M_PI);
        assert_true(first->longest_axial_diameter < 1.3 * ball_diameter);
        assert_true(first->longest_axial_diameter > 0.85 * ball_diameter);
        st_liver_fini(&before);
        st_liver_fini(&liver);
        st_labels_fini(&plain);
        st_labels_fini(&labels);
    }
}

/* Vessels in the organ may become tumour; the organ stays what it is. */
static void test_metastases_among_vessels(void **state) {
    (void)state;
    st_error err = {0};
    const ball balls[] = {{{-10, 0, 0}, 35, 1}};
    st_labels labels = draw(CUBE, FINE, balls, 1);
    add_rod(&labels, -40, 45, 4, 4);
    const st_label_map map = preset("stasis");
    st_liver before = liver_of(&labels, "stasis");
    assert_ok(st_metastases_place(&labels, &map, 4, 0.25, 3, &parameters, 2, &err));
    st_liver liver = liver_of(&labels, "stasis");
    assert_true(liver.volume == before.volume);
    assert_int_equal(liver.n_lesions, 4);
    assert_true(fabs(liver.tumour_volume - 0.25 * before.volume) <= 0.5);
    st_liver_fini(&before);
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

static void test_metastases_seed(void **state) {
    (void)state;
    st_labels a = seeded(9, 0.12, 5, ST_OK), b = seeded(9, 0.12, 5, ST_OK), c = seeded(9, 0.12, 6, ST_OK);
    const size_t bytes = st_geometry_voxels(&a.geometry) * sizeof *a.label;
    assert_memory_equal(a.label, b.label, bytes);
    assert_true(memcmp(a.label, c.label, bytes) != 0);
    assert_non_null(strstr(a.description, ST_SYNTHETIC_MARK));
    st_labels_fini(&a);
    st_labels_fini(&b);
    st_labels_fini(&c);
}

static void test_metastases_refused(void **state) {
    (void)state;
    st_error err = {0};
    st_labels none = seeded(3, 0.9, 1, ST_ANATOMY); /* no room: and nothing of the label map has changed */
    for (size_t i = 0; i < st_geometry_voxels(&none.geometry); i++)
        assert_int_not_equal(none.label[i], 2);
    assert_string_equal(none.description, "");
    st_labels_fini(&none);
    none = seeded(60000, 1e-4, 1, ST_ANATOMY); /* smaller than voxels */
    st_labels_fini(&none);
    none = seeded(0, 0.1, 1, ST_VALUE);
    const st_label_map map = preset("lits");
    assert_int_equal(st_metastases_place(&none, &map, 2, 0.1, 1, &parameters, 7, &err), ST_VALUE);
    assert_ok(st_metastases_place(&none, &map, 2, 0.1, 1, &parameters, 2, &err));
    assert_int_equal(st_metastases_place(&none, &map, 2, 0.1, 1, &parameters, 2, &err), ST_ANATOMY);
    assert_non_null(strstr(err.what, "already"));
    st_labels_fini(&none);
}

/* ---- real livers ------------------------------------------------------------------------------------ */

static double apart(const double a[3], const double b[3]) {
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]));
}

static void test_patient_1(void **state) {
    (void)state;
    st_labels labels;
    if (!support_shared("patient1_couinaud_vessels.nii.gz", &labels))
        skip();
    st_liver told = liver_of(&labels, "couinaud_vessels");
    assert_int_equal(told.n_lesions, 0);
    assert_near(told.volume, 1248e3, 0.01);
    assert_non_null(strstr(told.hilum_rule, "artery label"));
    assert_near(told.lobe_volume[ST_LOBE_RIGHT] / told.volume, 0.706, 0.01);
    /* the rules for a liver without these labels come near */
    for (size_t i = 0; i < st_geometry_voxels(&labels.geometry); i++)
        labels.label[i] = labels.label[i] == 9 ? 0 : labels.label[i] > 0;
    st_liver guessed = liver_of(&labels, "lits");
    double same = 0, organ = 0;
    for (size_t i = 0; i < st_geometry_voxels(&told.geometry); i++) {
        double p[3];
        const size_t row = i / told.geometry.n[0];
        const double index[3] = {(double)(i % told.geometry.n[0]), (double)(row % told.geometry.n[1]),
                                 (double)(row / told.geometry.n[1])};
        if (told.tissue[i] == ST_OUTSIDE)
            continue;
        st_geometry_to_lps(&told.geometry, index, p);
        const size_t j = st_liver_voxel_at(&guessed, p);
        organ++;
        same += j != SIZE_MAX && guessed.lobe[j] == told.lobe[i];
    }
    print_message(
        "# lobes by the plane agree with the Couinaud labels in %.1f %% of the organ; the hilum by shape is %.0f "
        "mm from that by the artery\n",
        100 * same / organ, apart(guessed.hilum, told.hilum));
    assert_true(same / organ > 0.8);
    assert_true(apart(guessed.hilum, told.hilum) < 40);
    st_liver_fini(&told);
    st_liver_fini(&guessed);
    st_labels_fini(&labels);
}

static void test_patient_2(void **state) {
    (void)state;
    st_labels labels;
    if (!support_shared("patient2_liver_tumours_veins.nii.gz", &labels))
        skip();
    st_liver liver = liver_of(&labels, "liver_tumours_veins"), plain = liver_of(&labels, "lits");
    assert_int_equal(liver.n_lesions, 15);
    assert_near(liver.tumour_volume, 9529 * 1.25 * 1.25 * 1.25, 1e-6);
    assert_true(liver.lesions[0].longest_axial_diameter > 20 && liver.lesions[0].longest_axial_diameter < 23);
    assert_true(liver.lesions[14].longest_axial_diameter < 4);
    assert_true(apart(liver.hilum, plain.hilum) < 30);
    st_liver_fini(&liver);
    st_liver_fini(&plain);
    st_labels_fini(&labels);
}

static int start(void **state) {
    (void)state;
    st_error err = {0};
    return st_parameters_init(&parameters, &err) == ST_OK ? 0 : -1;
}

static int stop(void **state) {
    (void)state;
    st_parameters_fini(&parameters);
    return 0;
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_presets),
        cmocka_unit_test(test_preset_unknown),
        cmocka_unit_test(test_custom_map),
        cmocka_unit_test(test_volumes_and_diameters),
        cmocka_unit_test(test_diameter_of_a_bar),
        cmocka_unit_test(test_one_voxel_lesion),
        cmocka_unit_test(test_no_liver),
        cmocka_unit_test(test_tumour_outside),
        cmocka_unit_test(test_pieces),
        cmocka_unit_test(test_vessel_in_its_canal),
        cmocka_unit_test(test_vessel_labels),
        cmocka_unit_test(test_lobes_by_plane),
        cmocka_unit_test(test_lobes_do_not_follow_the_grid),
        cmocka_unit_test(test_lobes_by_couinaud),
        cmocka_unit_test(test_hilum_by_shape),
        cmocka_unit_test(test_root_of_the_user),
        cmocka_unit_test(test_root_in_a_hollow),
        cmocka_unit_test(test_demand),
        cmocka_unit_test(test_metastases),
        cmocka_unit_test(test_metastases_among_vessels),
        cmocka_unit_test(test_metastases_seed),
        cmocka_unit_test(test_metastases_refused),
        cmocka_unit_test(test_patient_1),
        cmocka_unit_test(test_patient_2),
    };
    return cmocka_run_group_tests(tests, start, stop);
}
