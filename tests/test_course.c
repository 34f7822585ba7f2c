/* The months after: growth, resorption, markers, enzymes and categories against their closed forms.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "support.h"

#include <stasis/units.h>

static st_parameters parameters;
static st_patient patient;
static st_lesion lesions[3];
static st_liver liver;

static int set_up(void **state) {
    (void)state;
    st_error err = {0};
    assert_ok(st_parameters_init(&parameters, &err));
    json_t *record = json_pack("{s:{s:f}}", "labs", "urinary_5hiaa_mg_24h", 80.0);
    assert_ok(st_patient_from_json(record, "record", "", &patient, &err));
    json_decref(record);
    const double diameter[3] = {50, 30, 8};
    for (int i = 0; i < 3; i++)
        lesions[i] = (st_lesion){.id = (uint16_t)(i + 1),
                                 .volume = M_PI / 6 * pow(diameter[i], 3),
                                 .longest_axial_diameter = diameter[i],
                                 .perpendicular_diameter = 0.8 * diameter[i]};
    liver = (st_liver){.lesions = lesions, .n_lesions = 3, .volume = 1.5e6};
    return 0;
}

static int tear_down(void **state) {
    (void)state;
    st_parameters_fini(&parameters);
    return 0;
}

static st_course run(st_grade grade, const st_insult *insults, size_t n_insults, const double *weeks, size_t n_weeks) {
    st_error err = {0};
    st_course course;
    assert_ok(st_course_run(&liver, grade, &patient, insults, n_insults, weeks, n_weeks, &parameters, &course, &err));
    return course;
}

static double value_of(st_parameter_id id) {
    return st_parameter_value(&parameters, id);
}

/* ---- growth and resorption -------------------------------------------------- */

static void untreated_lesions_double_in_their_time(void **state) {
    (void)state;
    static const struct {
        st_grade grade;
        st_parameter_id time;
    } pace[] = {{ST_GRADE_G1, ST_P_DOUBLING_TIME_G1},
                {ST_GRADE_G2, ST_P_DOUBLING_TIME_G2},
                {ST_GRADE_G3, ST_P_DOUBLING_TIME_G3},
                {ST_GRADE_INDETERMINATE, ST_P_DOUBLING_TIME_G2}};
    for (size_t i = 0; i < 4; i++) {
        const double week = value_of(pace[i].time) / ST_WEEK, weeks[2] = {week / 2, week};
        st_course course = run(pace[i].grade, NULL, 0, weeks, 2);
        assert_near(course.doubling_time, value_of(pace[i].time), 1e-12);
        assert_true((*course.doubling_note != '\0') == (i >= 2));
        for (size_t l = 0; l < 3; l++) {
            assert_near(course.visits[1].lesion[l].viable, 2 * lesions[l].volume, 1e-12);
            assert_near(course.visits[0].lesion[l].viable, sqrt(2) * lesions[l].volume, 1e-12);
            assert_true(course.visits[1].lesion[l].necrotic == 0);
            assert_near(course.visits[1].lesion[l].diameter, cbrt(2) * lesions[l].longest_axial_diameter, 1e-12);
            assert_true(course.visits[1].lesion[l].diameter == course.visits[1].lesion[l].viable_diameter);
        }
        assert_near(course.visits[1].marker_cga, 2, 1e-12);
        for (size_t k = 0; k < course.n_enzymes; k++)
            assert_true(course.enzymes[k].ast == 1 && course.enzymes[k].alt == 1);
        st_course_fini(&course);
    }
}

/* 5.4 % a month is where the default comes from. */
static void default_growth_is_the_published_one(void **state) {
    (void)state;
    assert_near(exp2(ST_MONTH / value_of(ST_P_DOUBLING_TIME_G2)) - 1, 0.054, 0.01);
}

static void necrosis_halves_in_its_time(void **state) {
    (void)state;
    const double all[3] = {1, 1, 1}, half = value_of(ST_P_NECROSIS_HALF_TIME) / ST_WEEK;
    const st_insult insult = {.time = 0, .lesion_necrosis = all};
    const double weeks[2] = {half, 2 * half};
    st_course course = run(ST_GRADE_G2, &insult, 1, weeks, 2);
    for (size_t l = 0; l < 3; l++) {
        assert_near(course.visits[0].lesion[l].necrotic, lesions[l].volume / 2, 1e-12);
        assert_near(course.visits[1].lesion[l].necrotic, lesions[l].volume / 4, 1e-12);
        assert_true(course.visits[0].lesion[l].viable == 0);
        assert_near(course.visits[0].lesion[l].diameter, lesions[l].longest_axial_diameter / cbrt(2), 1e-12);
    }
    st_course_fini(&course);
}

/* Each session kills its share of what has grown until then; a visit on its day comes before it. */
static void sessions_follow_each_other(void **state) {
    (void)state;
    const double first[3] = {0.5, 0.9, 0}, second[3] = {0.2, 1, 0};
    const st_insult insults[2] = {{.time = 0, .lesion_necrosis = first},
                                  {.time = 4 * ST_WEEK, .lesion_necrosis = second}};
    const double weeks[3] = {0, 4, 12};
    st_course course = run(ST_GRADE_G2, insults, 2, weeks, 3);
    const double four = 4 * ST_WEEK, eight = 8 * ST_WEEK;
    const double growth = value_of(ST_P_DOUBLING_TIME_G2), decay = value_of(ST_P_NECROSIS_HALF_TIME);
    for (size_t l = 0; l < 3; l++) {
        const double v0 = lesions[l].volume;
        assert_near(course.visits[0].lesion[l].viable, v0, 1e-12);
        const double v = v0 * (1 - first[l]) * exp2(four / growth), n = v0 * first[l] * exp2(-four / decay);
        assert_near(course.visits[1].lesion[l].viable, v, 1e-12);
        assert_near(course.visits[1].lesion[l].necrotic, n, 1e-12);
        assert_near(course.visits[2].lesion[l].viable, v * (1 - second[l]) * exp2(eight / growth), 1e-12);
        assert_near(course.visits[2].lesion[l].necrotic, (n + v * second[l]) * exp2(-eight / decay), 1e-12);
    }
    st_course_fini(&course);
}

static void markers_go_with_the_viable_volume(void **state) {
    (void)state;
    const double killed[3] = {0.7, 0.4, 0.9};
    const st_insult insult = {.time = ST_WEEK, .lesion_necrosis = killed};
    const double weeks[3] = {1, 5, 24};
    st_course course = run(ST_GRADE_G1, &insult, 1, weeks, 3);
    const double whole = lesions[0].volume + lesions[1].volume + lesions[2].volume;
    for (size_t i = 0; i < course.n_visits; i++) {
        double viable = 0;
        for (size_t l = 0; l < 3; l++)
            viable += course.visits[i].lesion[l].viable;
        assert_near(course.visits[i].viable_volume, viable, 1e-12);
        assert_near(course.visits[i].marker_5hiaa, viable / whole, 1e-12);
        assert_near(course.visits[i].marker_cga, viable / whole, 1e-12);
    }
    assert_int_equal(course.visits[0].biochemical, ST_RESPONSE_SD);
    assert_int_equal(course.visits[1].biochemical, ST_RESPONSE_PR);
    st_course_fini(&course);
}

/* ---- response ----------------------------------------------------------------- */

static void targets_are_the_two_largest_that_are_measurable(void **state) {
    (void)state;
    const double weeks[1] = {0};
    st_course course = run(ST_GRADE_G2, NULL, 0, weeks, 1);
    assert_int_equal(course.n_targets, 2);
    assert_int_equal(course.target[0], 0);
    assert_int_equal(course.target[1], 1);
    assert_near(course.visits[0].sum_of_diameters, 80, 1e-12);
    assert_near(course.visits[0].sum_of_products, 0.8 * (50 * 50 + 30 * 30), 1e-12);
    st_course_fini(&course);
    liver.lesions = &lesions[2]; /* 8 mm alone */
    liver.n_lesions = 1;
    course = run(ST_GRADE_G2, NULL, 0, weeks, 1);
    assert_int_equal(course.n_targets, 0);
    assert_int_equal(course.visits[0].recist, ST_RESPONSE_NE);
    assert_int_equal(course.visits[0].mrecist, ST_RESPONSE_NE);
    st_course_fini(&course);
}

/* A share killed such that the viable diameter falls by just over or just under 30 %: mRECIST turns, RECIST waits. */
static void mrecist_sees_what_recist_does_not(void **state) {
    (void)state;
    for (int enough = 0; enough < 2; enough++) {
        const double left = pow(enough ? 0.695 : 0.705, 3), killed[3] = {1 - left, 1 - left, 1 - left};
        const st_insult insult = {.time = 0, .lesion_necrosis = killed};
        const double weeks[2] = {0, 0.001};
        st_course course = run(ST_GRADE_G2, &insult, 1, weeks, 2);
        assert_int_equal(course.visits[0].mrecist, ST_RESPONSE_SD);
        assert_int_equal(course.visits[1].mrecist, enough ? ST_RESPONSE_PR : ST_RESPONSE_SD);
        assert_int_equal(course.visits[1].recist, ST_RESPONSE_SD);
        assert_int_equal(course.visits[1].who, ST_RESPONSE_SD);
        st_course_fini(&course);
    }
}

static void everything_killed_is_a_complete_response(void **state) {
    (void)state;
    const double all[3] = {1, 1, 1};
    const st_insult insult = {.time = 0, .lesion_necrosis = all};
    const double weeks[2] = {4, 500};
    st_course course = run(ST_GRADE_G2, &insult, 1, weeks, 2);
    assert_int_equal(course.visits[0].mrecist, ST_RESPONSE_CR);
    assert_int_equal(course.visits[0].recist, ST_RESPONSE_SD);
    assert_int_equal(course.visits[0].biochemical, ST_RESPONSE_CR);
    assert_int_equal(course.visits[1].recist, ST_RESPONSE_CR); /* resorbed below what can be seen */
    st_course_fini(&course);
    patient.liver.hypervascular = 0; /* nothing enhances that could stop enhancing */
    course = run(ST_GRADE_G2, &insult, 1, weeks, 2);
    assert_int_equal(course.visits[0].mrecist, ST_RESPONSE_NE);
    st_course_fini(&course);
}

static void growth_becomes_progression(void **state) {
    (void)state;
    const double limit = 3 * log2(1.2) * value_of(ST_P_DOUBLING_TIME_G2) / ST_WEEK; /* diameters + 20 % */
    const double weeks[2] = {limit - 0.01, limit + 0.01};
    st_course course = run(ST_GRADE_G2, NULL, 0, weeks, 2);
    assert_int_equal(course.visits[0].recist, ST_RESPONSE_SD);
    assert_int_equal(course.visits[1].recist, ST_RESPONSE_PD);
    st_course_fini(&course);
}

/* ---- enzymes ------------------------------------------------------------------ */

static void enzyme_curve_is_the_bateman_function(void **state) {
    (void)state;
    const double release = 24 * ST_HOUR, half_life = 15.8 * ST_HOUR, a = 1 / release, b = log(2) / half_life;
    for (double t = ST_HOUR; t < 10 * ST_DAY; t *= 1.5)
        assert_near(st_enzyme_activity(t, 3, release, half_life), 3 * a / (a - b) * (exp(-b * t) - exp(-a * t)), 1e-10);
    assert_true(st_enzyme_activity(0, 3, release, half_life) == 0);
    assert_true(st_enzyme_activity(-1, 3, release, half_life) == 0);
    /* Equal rates: the limit of the formula, a t exp(-a t). */
    const double equal = log(2) * release;
    assert_near(st_enzyme_activity(release, 1, release, equal), exp(-1), 1e-12);
}

/* Released all at once, the tail falls with the half-life of clearance. */
static void enzyme_tail_has_the_half_life(void **state) {
    (void)state;
    st_error err = {0};
    assert_ok(st_parameters_set(&parameters, "enzyme_release_time", 2, &err));
    const double none[3] = {0};
    const st_insult insult = {.time = 0, .lesion_necrosis = none, .normal_necrotic_volume = 1e4};
    const double weeks[1] = {4};
    st_course course = run(ST_GRADE_G2, &insult, 1, weeks, 1);
    size_t from = 0, to = 0;
    for (size_t i = 0; i < course.n_enzymes; i++) {
        if (course.enzymes[i].time <= 2 * ST_DAY)
            from = i;
        if (course.enzymes[i].time <= 4 * ST_DAY)
            to = i;
    }
    const double span = course.enzymes[to].time - course.enzymes[from].time;
    const double ast = (course.enzymes[from].ast - 1) / (course.enzymes[to].ast - 1);
    const double alt = (course.enzymes[from].alt - 1) / (course.enzymes[to].alt - 1);
    assert_near(span / log2(ast) / ST_HOUR, 15.8, 1e-3);
    assert_near(span / log2(alt) / ST_HOUR, 34.6, 1e-3);
    st_course_fini(&course);
}

static void enzymes_peak_when_they_should(void **state) {
    (void)state;
    const double none[3] = {0};
    const st_insult insult = {.time = ST_WEEK, .lesion_necrosis = none, .normal_necrotic_volume = 1e4};
    const double weeks[1] = {6};
    st_course course = run(ST_GRADE_G2, &insult, 1, weeks, 1);
    const double a = 1 / value_of(ST_P_ENZYME_RELEASE_TIME);
    const double b[2] = {log(2) / value_of(ST_P_AST_HALF_LIFE), log(2) / value_of(ST_P_ALT_HALF_LIFE)};
    const double peak_time[2] = {course.ast_peak_time, course.alt_peak_time};
    for (int i = 0; i < 2; i++) /* d/dt = 0 at ln(a/b) / (a - b); points are an hour apart */
        assert_true(fabs(peak_time[i] - ST_WEEK - log(a / b[i]) / (a - b[i])) <= ST_HOUR);
    const double dose = 1e4 * value_of(ST_P_LIVER_DENSITY) * value_of(ST_P_AST_CONTENT) *
                        value_of(ST_P_ENZYME_RECOVERED) /
                        (value_of(ST_P_ENZYME_DISTRIBUTION_VOLUME) * value_of(ST_P_AST_BASELINE));
    assert_near(course.ast_peak - 1, dose * pow(b[0] / a, b[0] / (a - b[0])), 1e-3);
    assert_near(course.enzymes[course.n_enzymes - 1].ast, 1, 1e-3); /* back to baseline */
    st_course_fini(&course);
}

static void second_session_adds_to_the_first(void **state) {
    (void)state;
    const double none[3] = {0}, weeks[1] = {6};
    const st_insult insults[2] = {{.time = 0, .lesion_necrosis = none, .normal_necrotic_volume = 5e3},
                                  {.time = ST_DAY, .lesion_necrosis = none, .normal_necrotic_volume = 2e3}};
    st_course both = run(ST_GRADE_G2, insults, 2, weeks, 1);
    const double per_volume = value_of(ST_P_LIVER_DENSITY) * value_of(ST_P_ALT_CONTENT) *
                              value_of(ST_P_ENZYME_RECOVERED) /
                              (value_of(ST_P_ENZYME_DISTRIBUTION_VOLUME) * value_of(ST_P_ALT_BASELINE));
    const double release = value_of(ST_P_ENZYME_RELEASE_TIME), half_life = value_of(ST_P_ALT_HALF_LIFE);
    for (size_t i = 0; i < both.n_enzymes; i++) {
        const double t = both.enzymes[i].time;
        assert_near(both.enzymes[i].alt,
                    1 + st_enzyme_activity(t, 5e3 * per_volume, release, half_life) +
                        st_enzyme_activity(t - ST_DAY, 2e3 * per_volume, release, half_life),
                    1e-12);
    }
    st_course_fini(&both);
}

/* ---- refusals ----------------------------------------------------------------- */

static void impossible_courses_are_refused(void **state) {
    (void)state;
    const double good[3] = {0.5, 0.5, 0.5}, much[3] = {0.5, 1.5, 0.5}, none[3] = {0};
    const double weeks[2] = {4, 12}, backwards[2] = {12, 4}, negative[1] = {-1}, late[1] = {1e6};
    const st_insult fine = {.time = 0, .lesion_necrosis = good};
    const st_insult over = {.time = 0, .lesion_necrosis = much}, early = {.time = -1, .lesion_necrosis = good};
    const st_insult large = {.time = 0, .lesion_necrosis = none, .normal_necrotic_volume = 2e6};
    const struct {
        const st_insult *insult;
        const double *weeks;
        size_t n_weeks;
        const char *says;
    } bad[] = {{&fine, backwards, 2, "week 4"}, {&fine, negative, 1, "week -1"}, {&fine, late, 1, "week"},
               {&over, weeks, 2, "lesion 2"},   {&early, weeks, 2, "session 1"}, {&large, weeks, 2, "session 1"}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        st_error err = {0};
        st_course course;
        assert_int_equal(st_course_run(&liver, ST_GRADE_G2, &patient, bad[i].insult, 1, bad[i].weeks, bad[i].n_weeks,
                                       &parameters, &course, &err),
                         ST_VALUE);
        assert_non_null(strstr(err.what, bad[i].says));
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(untreated_lesions_double_in_their_time),
        TEST(default_growth_is_the_published_one),
        TEST(necrosis_halves_in_its_time),
        TEST(sessions_follow_each_other),
        TEST(markers_go_with_the_viable_volume),
        TEST(targets_are_the_two_largest_that_are_measurable),
        TEST(mrecist_sees_what_recist_does_not),
        TEST(everything_killed_is_a_complete_response),
        TEST(growth_becomes_progression),
        TEST(enzyme_curve_is_the_bateman_function),
        TEST(enzyme_tail_has_the_half_life),
        TEST(enzymes_peak_when_they_should),
        TEST(second_session_adds_to_the_first),
        TEST(impossible_courses_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
