/* Variants of the arteries: the table, the draw, what supplies what, where vessels enter, and who reaches a lesion.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/text.h>

#include "with_parameters.h"

static const char *const NAMES[] = {"michels-1", "michels-2",  "michels-3",  "michels-4", "michels-5", "michels-6",
                                    "michels-7", "michels-8a", "michels-8b", "michels-9", "michels-10"};
enum { VARIANTS = sizeof NAMES / sizeof *NAMES };

static st_variant variant_of(const char *name) {
    st_error err = {0};
    st_variant variant;
    assert_ok(st_variant_find(name, &variant, &err));
    return variant;
}

/* ---- the table ---------------------------------------------------------------------------- */

static void the_shares_are_those_published(void **state) {
    (void)state;
    static const double percent[VARIANTS] = {55, 10, 11, 1, 8, 7, 1, 1, 1, 2.5, 0.5};
    double sum = 0;
    for (size_t i = 0; i < VARIANTS; i++) {
        const st_variant variant = variant_of(NAMES[i]);
        assert_string_equal(variant.name, NAMES[i]);
        assert_near(variant.share, percent[i] / 100, 1e-12);
        sum += variant.share;
    }
    assert_near(sum, 0.98, 1e-12); /* as printed: the types do not make 100 % */
}

/* Every part of the liver has an artery, and none has two that are equally fine. */
static void every_part_has_one_artery(void **state) {
    (void)state;
    /* by st_part: right anterior, right posterior, left medial, left lateral */
    static const bool holds[][4] = {{true, true, true, true},
                                    {true, true, false, false},
                                    {false, false, true, true},
                                    {false, true, false, false},
                                    {false, false, false, true}};
    for (size_t i = 0; i < VARIANTS; i++) {
        const st_variant variant = variant_of(NAMES[i]);
        for (size_t cell = 0; cell < 4; cell++) {
            unsigned of_part[5] = {0}, all = 0;
            for (size_t k = 0; k < variant.n; k++)
                if (holds[variant.artery[k].part][cell]) {
                    of_part[variant.artery[k].part]++;
                    all++;
                }
            assert_true(all >= 1);
            for (size_t part = 0; part < 5; part++)
                assert_true(of_part[part] <= 1);
        }
    }
}

static void every_row_says_what_it_rests_on(void **state) {
    (void)state;
    st_error err = {0};
    st_table table = {0};
    size_t size;
    const char *bytes = st_data_find("variants.csv", &size);
    assert_non_null(bytes);
    assert_ok(st_table_parse("variants.csv", bytes, size, &table, &err));
    for (size_t row = 0; row < table.rows; row++) {
        const char *artery = st_table_cell(&table, row, st_table_column(&table, "artery"));
        const char *trust = st_table_cell(&table, row, st_table_column(&table, "trust"));
        assert_true(st_table_cell(&table, row, st_table_column(&table, "source"))[0] != '\0');
        assert_true(strcmp(trust, "derived") == 0 || strcmp(trust, "assumed") == 0);
        if (strstr(artery, "accessory")) { /* nobody says which segments these take */
            assert_string_equal(trust, "assumed");
            assert_true(st_table_cell(&table, row, st_table_column(&table, "assumption"))[0] != '\0');
        }
    }
    st_table_fini(&table);
}

static void a_name_that_is_none_is_refused(void **state) {
    (void)state;
    char endless[5000];
    memset(endless, 'm', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    const char *const names[] = {"",      "michels", "michels-8",   "michels-11", "Michels-3 ", "../variants.csv",
                                 "drawn", "%s%n",    "michels-3\n", endless};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        st_error err = {0};
        st_variant variant;
        assert_int_equal(st_variant_find(names[i], &variant, &err), ST_VALUE);
        assert_non_null(strstr(err.what, "there are michels-1, michels-2"));
        assert_non_null(strstr(err.what, "michels-10"));
    }
    st_error err = {0};
    st_variant variant;
    assert_int_equal(st_variant_find("michels-8", &variant, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "did you mean \"michels-8a\""));
}

/* ---- the draw ------------------------------------------------------------------------------ */

static void variants_are_drawn_as_often_as_published(void **state) {
    (void)state;
    enum { DRAWS = 100000 };
    const double bound = 29.6; /* of chi-square with 10 degrees of freedom, exceeded once in 1000 */
    st_error err = {0};
    double chi2 = 0;
    size_t drawn[VARIANTS] = {0};
    for (uint64_t seed = 0; seed < DRAWS; seed++) {
        st_variant variant;
        assert_ok(st_variant_draw(seed, &variant, &err));
        for (size_t i = 0; i < VARIANTS; i++)
            drawn[i] += strcmp(variant.name, NAMES[i]) == 0;
    }
    for (size_t i = 0; i < VARIANTS; i++) {
        const double wanted = DRAWS * variant_of(NAMES[i]).share / 0.98;
        chi2 += ((double)drawn[i] - wanted) * ((double)drawn[i] - wanted) / wanted;
    }
    assert_true(chi2 < bound);
}

static void a_seed_draws_the_same_variant(void **state) {
    (void)state;
    st_error err = {0};
    for (uint64_t seed = 0; seed < 50; seed++) {
        st_variant a, b;
        assert_ok(st_variant_draw(seed, &a, &err));
        assert_ok(st_variant_draw(seed, &b, &err));
        assert_string_equal(a.name, b.name);
    }
}

/* ---- domains and inlets ----------------------------------------------------------------------- */

static void point_along(const st_inlet *inlet, double t, double p[3]) {
    for (int i = 0; i < 3; i++)
        p[i] = inlet->hilum[i] + t * (inlet->stump[i] - inlet->hilum[i]);
}

static double apart(const double a[3], const double b[3]) {
    return sqrt((a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]));
}

/* Between two stumps, point by point. */
static double stumps_apart(const st_inlet *a, const st_inlet *b) {
    enum { STEPS = 100 };
    double least = INFINITY;
    for (int i = 0; i <= STEPS; i++)
        for (int j = 0; j <= STEPS; j++) {
            double p[3], q[3];
            point_along(a, (double)i / STEPS, p);
            point_along(b, (double)j / STEPS, q);
            least = fmin(least, apart(p, q));
        }
    return least;
}

static void check_clear(const st_inlet *a, const st_inlet *b) {
    const double clearance = st_parameter_value(&parameters, ST_P_INLET_CLEARANCE);
    if (!(stumps_apart(a, b) >= clearance * (a->diameter + b->diameter) / 2))
        fail_msg("%s and %s are %.2f mm apart", a->name, b->name, stumps_apart(a, b));
}

/* From inside the organ the way leaves it once, and ends at least a stump's length outside. */
static void check_way(const st_liver *liver, const st_inlet *inlet, bool found_by_shape) {
    enum { STEPS = 400 };
    unsigned exits = 0;
    double outside = 0;
    assert_int_not_equal(st_liver_class_at(liver, inlet->hilum), ST_OUTSIDE);
    assert_int_equal(st_liver_class_at(liver, inlet->stump), ST_OUTSIDE);
    bool in = true;
    for (int i = 1; i <= STEPS; i++) {
        double p[3];
        point_along(inlet, (double)i / STEPS, p);
        const bool now = st_liver_class_at(liver, p) != ST_OUTSIDE;
        exits += in && !now;
        in = now;
        outside += now ? 0 : apart(inlet->hilum, inlet->stump) / STEPS;
    }
    if (found_by_shape) /* the hilum of the liver itself may have a fold of it on its way */
        assert_int_equal(exits, 1);
    assert_true(outside > 0.95 * st_parameter_value(&parameters, ST_P_STUMP_LENGTH));
}

/* All around the inlet, as far as its wall to half a voxel, is of its own domain. */
static void check_room(const st_liver *liver, const st_inlet *inlet, const uint8_t *mask) {
    enum { AROUND = 200 };
    const double *h = liver->geometry.spacing;
    const double r = fmax(0, 0.5 * (inlet->diameter - sqrt(h[0] * h[0] + h[1] * h[1] + h[2] * h[2])));
    for (int i = 0; i <= AROUND; i++) {
        const double z = 2.0 * i / AROUND - 1, a = 2.4 * i; /* radians */
        const double p[3] = {inlet->hilum[0] + r * sqrt(1 - z * z) * cos(a),
                             inlet->hilum[1] + r * sqrt(1 - z * z) * sin(a), inlet->hilum[2] + r * z};
        const size_t voxel = st_liver_voxel_at(liver, p);
        assert_true(voxel != SIZE_MAX && mask[voxel] == 1);
    }
}

/* Every voxel of the organ is in one domain, and every domain is one piece that holds its inlet. */
static void check_domains(const st_liver *liver, const st_supply *supply) {
    st_error err = {0};
    const size_t voxels = st_geometry_voxels(&liver->geometry);
    double volume = 0, capacity = 0;
    uint8_t *mask = calloc(voxels, 1);
    uint32_t *component = calloc(voxels, sizeof *component), pieces;
    for (size_t k = 0; k < supply->n; k++) {
        const st_inlet *inlet = &supply->inlet[k];
        size_t count = 0;
        for (size_t i = 0; i < voxels; i++)
            count += mask[i] = liver->tissue[i] != ST_OUTSIDE && supply->domain[i] == k;
        assert_ok(st_components(liver->geometry.n, mask, component, &pieces, &err));
        assert_int_equal(pieces, 1);
        check_room(liver, inlet, mask);
        assert_near(inlet->volume, (double)count * st_geometry_voxel_volume(&liver->geometry), 1e-9);
        volume += inlet->volume;
        capacity += pow(inlet->diameter, st_parameter_value(&parameters, ST_P_MURRAY_EXPONENT));
    }
    assert_near(volume, liver->volume, 1e-9);
    const st_demand demand = st_demand_from_parameters(&parameters);
    const double whole = st_system_diameter(&parameters, ST_ARTERIAL, st_demand_arterial_total(&demand, liver));
    assert_near(capacity, pow(whole, st_parameter_value(&parameters, ST_P_MURRAY_EXPONENT)), 1e-9); /* Murray 1926 */
    free(mask);
    free(component);
}

static void check_supply(const st_liver *liver, const char *name, const st_inlet *portal) {
    st_error err = {0};
    const st_variant variant = variant_of(name);
    st_supply supply;
    assert_ok(st_supply_init(liver, &variant, &parameters, &supply, &err));
    assert_string_equal(supply.variant, name);
    assert_int_equal(supply.n, variant.n);
    assert_int_equal(supply.domain == NULL, supply.n == 1);
    if (supply.n > 1)
        check_domains(liver, &supply);
    for (size_t k = 0; k < supply.n; k++) {
        const st_inlet *inlet = &supply.inlet[k];
        assert_int_equal(inlet->origin, variant.artery[k].origin);
        assert_non_null(strstr(inlet->name, st_origin_name(inlet->origin)));
        check_way(liver, inlet, apart(inlet->hilum, liver->hilum) > 0);
        check_clear(inlet, portal);
        for (size_t j = 0; j < k; j++)
            check_clear(inlet, &supply.inlet[j]);
    }
    st_supply_fini(&supply);
}

static void check_liver(const st_liver *liver) {
    st_error err = {0};
    st_supply portal;
    assert_ok(st_supply_portal(liver, &parameters, &portal, &err));
    assert_int_equal(portal.n, 1);
    assert_null(portal.domain);
    assert_int_equal(portal.inlet[0].origin, ST_FROM_GUT);
    check_way(liver, &portal.inlet[0], true);
    for (size_t i = 0; i < VARIANTS; i++)
        check_supply(liver, NAMES[i], &portal.inlet[0]);
    st_supply_fini(&portal);
}

static void phantoms_have_every_variant(void **state) {
    (void)state;
    for (int k = 0; k < 3; k++) { /* coarse to fine, with and without tumour */
        st_liver liver = support_liver(&parameters, 1, 2.5 - 0.5 * k, (unsigned)k, 12);
        check_liver(&liver);
        st_liver_fini(&liver);
    }
}

static void no_variant_is_one_artery_at_the_hilum(void **state) {
    (void)state;
    st_error err = {0};
    st_supply supply;
    st_liver liver = support_liver(&parameters, 1, 2, 2, 12);
    assert_ok(st_supply_init(&liver, NULL, &parameters, &supply, &err));
    assert_int_equal(supply.n, 1);
    assert_null(supply.domain);
    assert_string_equal(supply.variant, "");
    assert_int_equal(supply.inlet[0].origin, ST_FROM_COELIAC);
    assert_memory_equal(supply.inlet[0].hilum, liver.hilum, sizeof liver.hilum);
    assert_memory_equal(supply.inlet[0].stump, liver.stump, sizeof liver.stump);
    assert_true(supply.inlet[0].volume == liver.volume);
    st_supply_fini(&supply);
    st_liver_fini(&liver);
}

static void the_same_liver_has_the_same_supply(void **state) {
    (void)state;
    st_error err = {0};
    st_liver liver = support_liver(&parameters, 1, 2, 2, 12);
    const st_variant variant = variant_of("michels-7");
    st_supply a, b;
    assert_ok(st_supply_init(&liver, &variant, &parameters, &a, &err));
    assert_ok(st_supply_init(&liver, &variant, &parameters, &b, &err));
    assert_memory_equal(a.domain, b.domain, st_geometry_voxels(&liver.geometry));
    for (size_t k = 0; k < a.n; k++) {
        assert_memory_equal(a.inlet[k].hilum, b.inlet[k].hilum, sizeof a.inlet[k].hilum);
        assert_memory_equal(a.inlet[k].stump, b.inlet[k].stump, sizeof a.inlet[k].stump);
    }
    st_supply_fini(&a);
    st_supply_fini(&b);
    st_liver_fini(&liver);
}

/* Where vessels come from shows in where they enter: the right artery behind the portal vein and to its right, the
 * left one to the left of the hilum; the portal vein behind the artery. */
static void vessels_enter_on_their_side(void **state) {
    (void)state;
    st_error err = {0};
    st_liver liver = support_liver(&parameters, 1, 1.5, 2, 12);
    const st_variant variant = variant_of("michels-4");
    st_supply supply, portal;
    assert_ok(st_supply_portal(&liver, &parameters, &portal, &err));
    assert_ok(st_supply_init(&liver, &variant, &parameters, &supply, &err));
    const double *vein = portal.inlet[0].hilum, *right = supply.inlet[0].hilum, *left = supply.inlet[1].hilum;
    assert_true(vein[1] > liver.hilum[1]);
    assert_true(right[0] < vein[0] && right[1] > vein[1]);
    assert_true(left[0] > liver.hilum[0] && left[2] > liver.hilum[2]);
    st_supply_fini(&supply);
    st_supply_fini(&portal);
    st_liver_fini(&liver);
}

/* ---- parts of the organ -------------------------------------------------------------------------- */

/* The phantom cut into Couinaud segments: 5 and 8 in front of 6 and 7 on the right, 4, then 2 and 3, on the left, and
 * a crumb of 3 amid 5. Labels are those of the preset "stasis". */
static uint16_t segment_label(const double p[3]) {
    if (fabs(p[0] + 30) < 4 && fabs(p[1] + 10) < 4 && fabs(p[2]) < 4)
        return 13;
    if (p[0] < 0)
        return p[1] < 5 ? (p[2] < 0 ? 15 : 18) : (p[2] < 0 ? 16 : 17);
    if (p[0] < 25)
        return 14;
    return p[2] < 0 ? 13 : 12;
}

static st_liver segmented_liver(void) {
    st_error err = {0};
    st_labels labels = support_labels(1, 1.5, 0, 0);
    st_label_map map;
    st_liver liver;
    for (size_t i = 0; i < st_geometry_voxels(&labels.geometry); i++) {
        if (labels.label[i] == 0)
            continue;
        const size_t row = i / labels.geometry.n[0];
        const double at[3] = {(double)(i % labels.geometry.n[0]), (double)(row % labels.geometry.n[1]),
                              (double)(row / labels.geometry.n[1])};
        double p[3];
        st_geometry_to_lps(&labels.geometry, at, p);
        labels.label[i] = segment_label(p);
    }
    assert_ok(st_label_map_preset("stasis", &map, &err));
    assert_ok(st_liver_from_labels(&labels, &map, &parameters, &liver, &err));
    st_labels_fini(&labels);
    return liver;
}

static void labels_say_what_is_supplied(void **state) {
    (void)state;
    st_error err = {0};
    st_liver liver = segmented_liver();
    const st_variant variant = variant_of("michels-7"); /* coeliac, right posterior, left lateral */
    st_supply supply;
    assert_ok(st_supply_init(&liver, &variant, &parameters, &supply, &err));
    size_t crumbs = 0;
    for (size_t i = 0; i < st_geometry_voxels(&liver.geometry); i++) {
        const uint8_t segment = liver.couinaud[i];
        if (liver.tissue[i] == ST_OUTSIDE)
            continue;
        if (segment == 6 || segment == 7)
            assert_int_equal(supply.domain[i], 1);
        else if (segment == 2)
            assert_int_equal(supply.domain[i], 2);
        else if (segment != 3)
            assert_int_equal(supply.domain[i], 0);
        else
            crumbs += supply.domain[i] == 0; /* what lies apart goes to its neighbour */
    }
    assert_int_equal(crumbs, 5 * 5 * 5);
    st_supply_fini(&supply);
    check_liver(&liver);
    st_liver_fini(&liver);
}

static void planes_stand_in_for_labels(void **state) {
    (void)state;
    st_error err = {0};
    st_liver liver = support_liver(&parameters, 1, 1.5, 2, 12);
    const st_variant variant = variant_of("michels-7");
    st_supply supply;
    assert_ok(st_supply_init(&liver, &variant, &parameters, &supply, &err));
    const double a_layer = 0.01; /* of voxels, which the plane cannot cut, as part of the organ */
    assert_true(fabs(supply.inlet[1].volume / liver.volume -
                     st_parameter_value(&parameters, ST_P_RIGHT_POSTERIOR_SHARE)) < a_layer);
    assert_true(fabs(supply.inlet[2].volume / liver.volume - st_parameter_value(&parameters, ST_P_LEFT_LATERAL_SHARE)) <
                a_layer);
    for (size_t i = 0; i < st_geometry_voxels(&liver.geometry); i++) {
        if (liver.tissue[i] == ST_OUTSIDE || supply.domain[i] == 0)
            continue;
        assert_int_equal(liver.lobe[i], supply.domain[i] == 1 ? ST_LOBE_RIGHT : ST_LOBE_LEFT);
    }
    st_supply_fini(&supply);
    st_liver_fini(&liver);
}

static void a_part_that_is_not_there_is_refused(void **state) {
    (void)state;
    st_error err = {0};
    st_liver liver = segmented_liver();
    for (size_t i = 0; i < st_geometry_voxels(&liver.geometry); i++)
        if (liver.tissue[i] != ST_OUTSIDE && (liver.couinaud[i] == 2 || liver.couinaud[i] == 3))
            liver.couinaud[i] = 4;
    const st_variant variant = variant_of("michels-5");
    st_supply supply;
    assert_int_equal(st_supply_init(&liver, &variant, &parameters, &supply, &err), ST_ANATOMY);
    assert_non_null(strstr(err.what, "accessory left hepatic artery"));
    assert_null(supply.domain);
    st_liver_fini(&liver);
}

static void a_liver_too_small_for_its_vessels_is_refused(void **state) {
    (void)state;
    st_error err = {0};
    st_liver liver = support_liver(&parameters, 1, 2, 0, 0);
    const st_variant variant = variant_of("michels-3");
    st_supply supply;
    st_parameters wide;
    assert_ok(st_parameters_init(&wide, &err));
    assert_ok(st_parameters_set(&wide, "inlet_clearance", 4, &err));
    assert_ok(st_parameters_set(&wide, "inlet_reach", 10, &err));
    assert_int_equal(st_supply_init(&liver, &variant, &wide, &supply, &err), ST_ANATOMY);
    assert_non_null(strstr(err.what, "inlet_clearance"));
    st_parameters_fini(&wide);
    st_liver_fini(&liver);
}

/* ---- real livers ------------------------------------------------------------------------------------ */

static void check_file(const char *path, const char *preset) {
    st_error err = {0};
    st_labels labels;
    st_label_map map;
    st_liver liver;
    assert_ok(st_labels_read(path, &labels, &err));
    assert_ok(st_label_map_preset(preset, &map, &err));
    assert_ok(st_liver_from_labels(&labels, &map, &parameters, &liver, &err));
    check_liver(&liver);
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

/* `make demo` fetches it. */
static void the_liver_of_the_demo(void **state) {
    (void)state;
    char path[512];
    const char *source = getenv("STASIS_SOURCE");
    snprintf(path, sizeof path, "%s/build/demo/liver.nii.gz", source ? source : ".");
    FILE *there = fopen(path, "rb");
    if (!there)
        skip();
    fclose(there);
    check_file(path, "cgal");
}

static void check_shared(const char *name, const char *preset) {
    st_error err = {0};
    st_labels labels;
    st_label_map map;
    st_liver liver;
    if (!support_shared(name, &labels))
        skip();
    assert_ok(st_label_map_preset(preset, &map, &err));
    assert_ok(st_liver_from_labels(&labels, &map, &parameters, &liver, &err));
    check_liver(&liver);
    st_liver_fini(&liver);
    st_labels_fini(&labels);
}

static void patient_1(void **state) {
    (void)state;
    check_shared("patient1_couinaud_vessels.nii.gz", "couinaud_vessels");
}

static void patient_2(void **state) {
    (void)state;
    check_shared("patient2_liver_tumours_veins.nii.gz", "liver_tumours_veins");
}

/* ---- lesions ------------------------------------------------------------------------------------------ */

/* Two roots with two terminals each: lesion 1 gets 3 of 4 parts through the first, lesion 2 all through the second. */
static st_tree two_roots(void) {
    static const uint32_t parent[] = {ST_NONE, 0, 0, ST_NONE, 3, 3};
    static const uint16_t lesion[] = {0, 1, 0, 0, 1, 2};
    static const double demand[] = {0, 3, 10, 0, 1, 7};
    st_error err = {0};
    st_tree tree;
    assert_ok(st_tree_init(&tree, 6, &err));
    for (uint32_t i = 0; i < 6; i++) {
        tree.parent[i] = parent[i];
        tree.lesion[i] = lesion[i];
        tree.demand[i] = demand[i];
        tree.radius[i] = 1;
        tree.distal[i][0] = (float)i;
    }
    assert_ok(st_tree_finish(&tree, &err));
    return tree;
}

static void lesions_know_their_arteries(void **state) {
    (void)state;
    st_error err = {0};
    st_tree tree = two_roots();
    const st_supply supply = {.n = 2};
    double share[6] = {9, 9, 9, 9, 9, 9};
    assert_ok(st_supply_of_lesions(&tree, &supply, 3, share, &err));
    assert_near(share[0], 0.75, 1e-15);
    assert_near(share[1], 0.25, 1e-15);
    assert_true(share[2] == 0 && share[3] == 1);
    assert_true(share[4] == 0 && share[5] == 0); /* one that no vessel reaches */
    st_tree_fini(&tree);
}

static void a_tree_of_another_supply_is_refused(void **state) {
    (void)state;
    st_error err = {0};
    st_tree tree = two_roots();
    const st_supply one = {.n = 1}, two = {.n = 2};
    double share[4] = {0};
    assert_int_equal(st_supply_of_lesions(&tree, &one, 2, share, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "2 roots"));
    assert_int_equal(st_supply_of_lesions(&tree, &two, 1, share, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "lesion 2"));
    st_tree_fini(&tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_shares_are_those_published),
        cmocka_unit_test(every_part_has_one_artery),
        cmocka_unit_test(every_row_says_what_it_rests_on),
        cmocka_unit_test(a_name_that_is_none_is_refused),
        cmocka_unit_test(variants_are_drawn_as_often_as_published),
        cmocka_unit_test(a_seed_draws_the_same_variant),
        cmocka_unit_test(phantoms_have_every_variant),
        cmocka_unit_test(no_variant_is_one_artery_at_the_hilum),
        cmocka_unit_test(the_same_liver_has_the_same_supply),
        cmocka_unit_test(vessels_enter_on_their_side),
        cmocka_unit_test(labels_say_what_is_supplied),
        cmocka_unit_test(planes_stand_in_for_labels),
        cmocka_unit_test(a_part_that_is_not_there_is_refused),
        cmocka_unit_test(a_liver_too_small_for_its_vessels_is_refused),
        cmocka_unit_test(the_liver_of_the_demo),
        cmocka_unit_test(patient_1),
        cmocka_unit_test(patient_2),
        cmocka_unit_test(lesions_know_their_arteries),
        cmocka_unit_test(a_tree_of_another_supply_is_refused),
    };
    return cmocka_run_group_tests_name("supply", tests, set_up, tear_down);
}
