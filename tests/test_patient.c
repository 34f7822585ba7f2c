/* The record, the grade, every way to a verdict, and the limits of response.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "with_parameters.h"

#include <stdio.h>
#include <unistd.h>

/* ---- reading -------------------------------------------------------------- */

static st_status parse(const char *text, st_patient *patient, st_error *err) {
    json_error_t where;
    json_t *record = json_loads(text, 0, &where);
    assert_non_null(record);
    const st_status status = st_patient_from_json(record, "record.json", "", patient, err);
    json_decref(record);
    return status;
}

static st_patient patient_of(const char *text) {
    st_error err = {0};
    st_patient patient;
    assert_ok(parse(text, &patient, &err));
    return patient;
}

static void example_path(char *path, size_t size, const char *name) {
    snprintf(path, size, "%s/%s", getenv("STASIS_SOURCE"), name);
}

static st_patient example(void) {
    st_error err = {0};
    st_patient patient;
    char path[1024];
    example_path(path, sizeof path, "examples/patient.json");
    assert_ok(st_patient_read(path, &patient, &err));
    return patient;
}

static void empty_record_knows_nothing(void **state) {
    (void)state;
    const st_patient p = patient_of("{}");
    assert_string_equal(p.id, "");
    assert_true(isnan(p.age_years) && isnan(p.tumour.ki67_percent) && isnan(p.ecog) && isnan(p.labs.bilirubin_mg_dl));
    assert_true(isnan(p.liver.metastases_count));
    assert_int_equal(p.tumour.metastatic, -1);
    assert_int_equal(p.rapid_progression, -1);
    assert_int_equal(p.work_up.mri, -1);
    assert_false(p.symptoms.hormonal_known);
}

/* null is as good as absent; an empty list is knowledge. */
static void null_is_unknown_and_an_empty_list_is_not(void **state) {
    (void)state;
    const st_patient p = patient_of("{\"age_years\": null, \"liver\": {\"resectable\": null, \"function\": null,"
                                    " \"metastases_count\": null}, \"symptoms\": {\"hormonal\": []}}");
    assert_true(isnan(p.age_years) && isnan(p.liver.metastases_count));
    assert_int_equal(p.liver.resectable, -1);
    assert_string_equal(p.liver.function, "");
    assert_true(p.symptoms.hormonal_known);
    assert_int_equal(p.symptoms.n_hormonal, 0);
}

static void example_is_read(void **state) {
    (void)state;
    const st_patient p = example();
    assert_string_equal(p.tumour.primary_site, "ileum");
    assert_true(p.tumour.ki67_percent == 8 && p.liver.metastases_count == 9 && p.ecog == 0);
    assert_int_equal(p.liver.resectable, 0);
    assert_int_equal(p.symptoms.n_hormonal, 2);
    assert_string_equal(p.symptoms.hormonal[1], "diarrhoea");
    assert_int_equal(p.work_up.ct, 1);
}

static void bad_records_are_refused_by_name(void **state) {
    (void)state;
    static const struct {
        const char *record, *field, *says;
    } bad[] = {
        {"{\"labs\": {\"bilirubin\": 1}}", "bilirubin", "bilirubin_mg_dl"},
        {"{\"tumor\": {}}", "tumor", "tumour"},
        {"{\"age_years\": \"61\"}", "age_years", ""},
        {"{\"age_years\": -1}", "age_years", "120"},
        {"{\"tumour\": {\"ki67_percent\": 101}}", "ki67_percent", "100"},
        {"{\"liver\": {\"metastases_count\": 2.5}}", "metastases_count", ""},
        {"{\"liver\": {\"resectable\": \"no\"}}", "resectable", ""},
        {"{\"liver\": {\"function\": \"bad\"}}", "function", "poor"},
        {"{\"liver\": 3}", "liver", ""},
        {"{\"performance_status_ecog\": 6}", "performance_status_ecog", "5"},
        {"{\"symptoms\": {\"hormonal\": \"flushing\"}}", "hormonal", "list"},
        {"{\"symptoms\": {\"hormonal\": [\"\"]}}", "hormonal", ""},
        {"[]", "", "object"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        st_error err = {0};
        st_patient patient;
        char text[1024];
        assert_int_equal(parse(bad[i].record, &patient, &err), ST_VALUE);
        st_error_text(&err, text, sizeof text);
        assert_non_null(strstr(text, bad[i].field));
        assert_non_null(strstr(text, bad[i].says));
        assert_non_null(strstr(text, "record.json"));
    }
}

static void broken_json_is_refused_with_its_line(void **state) {
    (void)state;
    char path[] = "patient-XXXXXX";
    const int file = mkstemp(path);
    assert_true(file >= 0);
    static const char text[] = "{\n  \"id\": \"x\",\n  \"labs\": {\"bilirubin_mg_dl\" 1}\n}\n";
    assert_true(write(file, text, sizeof text - 1) == (ssize_t)sizeof text - 1);
    close(file);
    st_error err = {0};
    st_patient patient;
    const st_status status = st_patient_read(path, &patient, &err);
    unlink(path);
    assert_int_equal(status, ST_FORMAT);
    assert_int_equal(err.line, 3);
    assert_true(err.column > 1);
    assert_int_equal(st_patient_read("no/such/file.json", &patient, &err), ST_IO);
}

/* ---- grade ---------------------------------------------------------------- */

static void grade_by_the_rule_of_2010(void **state) {
    (void)state;
    static const struct {
        double mitoses, ki67;
        const char *differentiation;
        st_grade grade;
        const char *says;
    } cases[] = {
        {1, 1, "well", ST_GRADE_G1, "agree"},
        {1.9, 2, "", ST_GRADE_G1, "agree"},
        {2, 3, "", ST_GRADE_G2, "agree"},
        {20, 20, "", ST_GRADE_G2, "agree"},
        {21, 21, "poor", ST_GRADE_G3, "agree"},
        {1, 2.5, "", ST_GRADE_G1, "gap"}, /* Ki-67 between 2 and 3 has no class: the other marker decides */
        {5, 2.01, "", ST_GRADE_G2, "gap"},
        {NAN, 2.5, "", ST_GRADE_INDETERMINATE, "gap"},
        {NAN, 2, "", ST_GRADE_G1, "mitoses not recorded"},
        {NAN, 3, "", ST_GRADE_G2, "mitoses not recorded"},
        {25, NAN, "", ST_GRADE_G3, "Ki-67 not recorded"},
        {NAN, NAN, "", ST_GRADE_INDETERMINATE, "without guessing"},
        {1, 8, "", ST_GRADE_G2, "disagree and the higher counts"},
        {12, 1, "", ST_GRADE_G2, "disagree and the higher counts"},
        {1, 40, "poor", ST_GRADE_G3, "disagree and the higher counts"},
        {3, 30, "well", ST_GRADE_G3, "no class of its own"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        st_patient p = patient_of("{}");
        char reason[400];
        p.tumour.mitoses_per_10hpf = cases[i].mitoses;
        p.tumour.ki67_percent = cases[i].ki67;
        snprintf(p.tumour.differentiation, sizeof p.tumour.differentiation, "%s", cases[i].differentiation);
        assert_int_equal(st_patient_grade(&p, reason, sizeof reason), cases[i].grade);
        assert_non_null(strstr(reason, cases[i].says));
    }
    st_patient p = patient_of("{}");
    char reason[400];
    p.tumour.mitoses_per_10hpf = p.tumour.ki67_percent = 30;
    snprintf(p.tumour.differentiation, sizeof p.tumour.differentiation, "poor");
    (void)st_patient_grade(&p, reason, sizeof reason);
    assert_null(strstr(reason, "no class of its own"));
}

/* ---- eligibility ------------------------------------------------------------ */

static st_eligibility eligibility_of(const st_patient *patient) {
    st_error err = {0};
    st_eligibility eligibility;
    assert_ok(st_patient_eligibility(patient, &parameters, &eligibility, &err));
    return eligibility;
}

static const st_rule_result *rule_of(const st_eligibility *eligibility, const char *id) {
    for (size_t i = 0; i < eligibility->n_rules; i++)
        if (strcmp(eligibility->rule[i].rule, id) == 0)
            return &eligibility->rule[i];
    fail_msg("there is no rule %s", id);
    return NULL;
}

static st_rule_status status_of(const st_patient *patient, const char *id) {
    const st_eligibility eligibility = eligibility_of(patient);
    return rule_of(&eligibility, id)->status;
}

static st_verdict verdict_of(const st_patient *patient) {
    return eligibility_of(patient).verdict;
}

/* Eligible, and without any of the four indications. */
static st_patient without_indication(void) {
    st_patient p = example();
    p.symptoms.mass_related = p.syndrome.functioning = p.syndrome.carcinoid_syndrome = p.rapid_progression = 0;
    p.symptoms.n_hormonal = 0;
    p.liver.hypervascular = 0;
    p.liver.metastases_count = 3;
    p.liver.largest_diameter_mm = 30;
    return p;
}

static void example_is_eligible(void **state) {
    (void)state;
    const st_patient p = example();
    const st_eligibility e = eligibility_of(&p);
    assert_int_equal(e.verdict, ST_VERDICT_ELIGIBLE);
    assert_int_equal(rule_of(&e, "T4.I1")->status, ST_RULE_MET);
    assert_false(rule_of(&e, "T4.I1")->decides);
    assert_true(rule_of(&e, "E.pop")->decides && rule_of(&e, "T4.I2")->decides);
    assert_false(rule_of(&e, "C.rel.2")->decides);
    static const char *const ids[] = {"E.pop",   "E.bili",  "E.creat", "E.ind",   "C.abs.pv", "C.abs.liver",
                                      "C.rel.1", "C.rel.2", "C.rel.3", "C.rel.4", "C.rel.5",  "C.rel.6",
                                      "C.rel.7", "T4.I1",   "T4.I2",   "T4.I3",   "T4.I4",    "T4.C1",
                                      "T4.C2",   "T4.C3",   "T4.C4",   "T4.C5"};
    assert_int_equal(e.n_rules, sizeof ids / sizeof *ids);
    for (size_t i = 0; i < e.n_rules; i++) {
        (void)rule_of(&e, ids[i]);
        assert_true(*e.rule[i].text && *e.rule[i].source);
    }
}

static void limits_of_single_rules(void **state) {
    (void)state;
    st_patient p = without_indication();
    assert_int_equal(status_of(&p, "T4.I3"), ST_RULE_NOT_MET);
    p.liver.metastases_count = 4;
    assert_int_equal(status_of(&p, "T4.I3"), ST_RULE_MET);
    p.liver.metastases_count = 1;
    p.liver.largest_diameter_mm = 30.1;
    assert_int_equal(status_of(&p, "T4.I3"), ST_RULE_MET);
    p.liver.tumour_burden_percent = 75;
    assert_int_equal(status_of(&p, "C.rel.2"), ST_RULE_NOT_MET);
    assert_int_equal(status_of(&p, "T4.C1"), ST_RULE_NOT_MET);
    p.liver.tumour_burden_percent = 75.5;
    assert_int_equal(status_of(&p, "C.rel.2"), ST_RULE_MET);
    assert_int_equal(status_of(&p, "T4.C1"), ST_RULE_MET);
    p.labs.bilirubin_mg_dl = 2; /* neither eligible nor above the limit: the review leaves equality open */
    assert_int_equal(status_of(&p, "E.bili"), ST_RULE_NOT_MET);
    assert_int_equal(status_of(&p, "C.rel.1"), ST_RULE_NOT_MET);
    p.ecog = 2;
    assert_int_equal(status_of(&p, "T4.C3"), ST_RULE_NOT_MET);
    p.ecog = 3;
    assert_int_equal(status_of(&p, "T4.C3"), ST_RULE_MET);
    st_error err = {0};
    assert_ok(st_parameters_set(&parameters, "poor_performance_ecog", 4, &err));
    assert_int_equal(status_of(&p, "T4.C3"), ST_RULE_NOT_MET);
    p.symptoms.n_hormonal = 1;
    assert_int_equal(status_of(&p, "E.ind"), ST_RULE_MET);
    snprintf(p.liver.main_portal_vein, sizeof p.liver.main_portal_vein, "partial");
    assert_int_equal(status_of(&p, "C.abs.pv"), ST_RULE_NOT_MET);
}

/* One test that decides beats the unknown ones beside it. */
static void unknown_fields_matter_only_where_they_decide(void **state) {
    (void)state;
    st_patient p = example();
    p.liver.liver_predominant = -1;
    assert_int_equal(status_of(&p, "E.pop"), ST_RULE_UNKNOWN);
    const st_eligibility e = eligibility_of(&p);
    assert_string_equal(rule_of(&e, "E.pop")->missing, "liver.liver_predominant");
    p.liver.resectable = 1;
    assert_int_equal(status_of(&p, "E.pop"), ST_RULE_NOT_MET);
    p = without_indication();
    p.liver.metastases_count = NAN;
    assert_int_equal(status_of(&p, "T4.I3"), ST_RULE_UNKNOWN);
    p.liver.largest_diameter_mm = 31;
    assert_int_equal(status_of(&p, "T4.I3"), ST_RULE_MET);
    p.symptoms.hormonal_known = false;
    assert_int_equal(status_of(&p, "E.ind"), ST_RULE_UNKNOWN);
}

static void contraindicated_comes_first(void **state) {
    (void)state;
    st_patient p = example();
    snprintf(p.liver.main_portal_vein, sizeof p.liver.main_portal_vein, "occluded");
    assert_int_equal(verdict_of(&p), ST_VERDICT_CONTRAINDICATED);
    p.liver.resectable = 1; /* not eligible either */
    p.labs.bilirubin_mg_dl = NAN;
    assert_int_equal(verdict_of(&p), ST_VERDICT_CONTRAINDICATED);
    p = example();
    snprintf(p.liver.function, sizeof p.liver.function, "poor");
    const st_eligibility e = eligibility_of(&p);
    assert_int_equal(e.verdict, ST_VERDICT_CONTRAINDICATED);
    assert_true(rule_of(&e, "C.abs.liver")->decides);
    assert_false(rule_of(&e, "T4.C2")->decides);
}

static void not_eligible_comes_second(void **state) {
    (void)state;
    st_patient p = example();
    p.liver.resectable = 1;
    assert_int_equal(verdict_of(&p), ST_VERDICT_NOT_ELIGIBLE);
    p = example();
    p.tumour.metastatic = 0;
    assert_int_equal(verdict_of(&p), ST_VERDICT_NOT_ELIGIBLE);
    p = example();
    p.labs.bilirubin_mg_dl = 2.5; /* above the relative limit too */
    assert_int_equal(verdict_of(&p), ST_VERDICT_NOT_ELIGIBLE);
    p = example();
    p.labs.creatinine_mg_dl = 2;
    p.liver.function[0] = '\0'; /* an unknown does not soften it */
    assert_int_equal(verdict_of(&p), ST_VERDICT_NOT_ELIGIBLE);
    p = without_indication();
    const st_eligibility e = eligibility_of(&p);
    assert_int_equal(e.verdict, ST_VERDICT_NOT_ELIGIBLE);
    assert_true(rule_of(&e, "E.ind")->decides && rule_of(&e, "T4.I4")->decides);
    assert_false(rule_of(&e, "E.pop")->decides);
}

static void each_indication_suffices(void **state) {
    (void)state;
    for (int k = 0; k < 7; k++) {
        st_patient p = without_indication();
        if (k == 0)
            p.symptoms.mass_related = 1;
        if (k == 1)
            p.syndrome.functioning = 1;
        if (k == 2)
            p.symptoms.n_hormonal = 1;
        if (k == 3)
            p.rapid_progression = 1;
        if (k == 4)
            p.liver.hypervascular = 1;
        if (k == 5)
            p.liver.metastases_count = 4;
        if (k == 6)
            p.syndrome.carcinoid_syndrome = 1;
        assert_int_equal(verdict_of(&p), ST_VERDICT_ELIGIBLE);
    }
}

static void undetermined_comes_third(void **state) {
    (void)state;
    for (int k = 0; k < 5; k++) {
        st_patient p = example();
        if (k == 0)
            p.liver.main_portal_vein[0] = '\0';
        if (k == 1)
            p.liver.function[0] = '\0';
        if (k == 2)
            p.liver.liver_predominant = -1;
        if (k == 3)
            p.labs.bilirubin_mg_dl = NAN;
        if (k == 4)
            p.labs.creatinine_mg_dl = NAN;
        p.conditions.fever = 1; /* a caution alone would not wait for the field */
        assert_int_equal(verdict_of(&p), ST_VERDICT_UNDETERMINED);
    }
    st_patient p = without_indication();
    p.liver.hypervascular = -1;
    const st_eligibility e = eligibility_of(&p);
    assert_int_equal(e.verdict, ST_VERDICT_UNDETERMINED);
    assert_true(rule_of(&e, "T4.I2")->decides);
    assert_false(rule_of(&e, "E.ind")->decides);
    p.liver.metastases_count = 4; /* one that is met settles it */
    assert_int_equal(verdict_of(&p), ST_VERDICT_ELIGIBLE);
}

static void caution_comes_fourth(void **state) {
    (void)state;
    static const char *const rule[] = {"C.rel.2", "C.rel.3", "C.rel.4", "C.rel.4", "C.rel.5",
                                       "C.rel.6", "C.rel.7", "T4.C3",   "T4.C5"};
    for (int k = 0; k < 9; k++) {
        st_patient p = example();
        int *condition[] = {&p.conditions.contrast_allergy,
                            &p.conditions.fever,
                            &p.conditions.sepsis,
                            &p.conditions.renal_insufficiency,
                            &p.conditions.peripheral_vascular_disease,
                            &p.conditions.coagulopathy};
        if (k == 0)
            p.liver.tumour_burden_percent = 80;
        else if (k < 7)
            *condition[k - 1] = 1;
        else if (k == 7)
            p.ecog = 3;
        else
            p.conditions.carcinoid_heart_disease = 1;
        const st_eligibility e = eligibility_of(&p);
        assert_int_equal(e.verdict, ST_VERDICT_CAUTION);
        assert_true(rule_of(&e, rule[k])->decides);
        assert_false(rule_of(&e, "E.pop")->decides);
    }
    st_patient p = example();
    p.conditions.coagulopathy = -1; /* an unknown reason for caution is none */
    assert_int_equal(verdict_of(&p), ST_VERDICT_ELIGIBLE);
}

/* ---- the answer of `stasis check` ------------------------------------------- */

static json_t *answer_of(const st_patient *patient) {
    st_error err = {0};
    json_t *answer = NULL;
    assert_ok(st_patient_check_json(patient, &parameters, &answer, &err));
    return answer;
}

static const char *string_at(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    assert_non_null(text);
    return text;
}

static void answer_has_the_promised_members(void **state) {
    (void)state;
    st_patient p = example();
    p.work_up.ct = p.work_up.mri = 0;
    json_t *answer = answer_of(&p);
    assert_string_equal(string_at(answer, "grade"), "G2");
    assert_true(strlen(string_at(answer, "grade_reason")) > 0);
    const json_t *missing = json_object_get(json_object_get(answer, "work_up"), "missing");
    assert_int_equal(json_array_size(missing), 1);
    assert_string_equal(json_string_value(json_array_get(missing, 0)), "ct");
    const json_t *eligibility = json_object_get(answer, "eligibility");
    assert_string_equal(string_at(eligibility, "verdict"), "eligible");
    const json_t *reasons = json_object_get(eligibility, "reasons");
    assert_int_equal(json_array_size(reasons), 22);
    for (size_t i = 0; i < json_array_size(reasons); i++) {
        const json_t *rule = json_array_get(reasons, i);
        const char *status = string_at(rule, "status");
        assert_true(strcmp(status, "met") == 0 || strcmp(status, "not_met") == 0 || strcmp(status, "unknown") == 0);
        assert_true(*string_at(rule, "rule") && *string_at(rule, "text") && *string_at(rule, "source"));
    }
    assert_true(json_array_size(json_object_get(answer, "options")) > 0);
    json_decref(answer);
}

/* MRI stands in for CT; 5-HIAA is not missed where there is no carcinoid syndrome. */
static void work_up_knows_its_alternatives(void **state) {
    (void)state;
    st_patient p = example();
    p.work_up.ct = 0;
    p.work_up.urinary_5hiaa = 0;
    p.syndrome.carcinoid_syndrome = 0;
    json_t *answer = answer_of(&p);
    assert_int_equal(json_array_size(json_object_get(json_object_get(answer, "work_up"), "missing")), 0);
    json_decref(answer);
    p.syndrome.carcinoid_syndrome = 1;
    answer = answer_of(&p);
    assert_int_equal(json_array_size(json_object_get(json_object_get(answer, "work_up"), "missing")), 1);
    json_decref(answer);
}

static void options_follow_the_verdict(void **state) {
    (void)state;
    for (int eligible = 0; eligible < 2; eligible++) {
        st_patient p = example();
        p.liver.resectable = !eligible;
        json_t *answer = answer_of(&p);
        const json_t *options = json_object_get(answer, "options");
        bool found = false;
        for (size_t i = 0; i < json_array_size(options); i++) {
            const json_t *option = json_array_get(options, i);
            if (strcmp(string_at(option, "option"), "TAE") != 0)
                continue;
            found = true;
            assert_int_equal(json_array_size(json_object_get(option, "for")), eligible);
            assert_int_equal(json_array_size(json_object_get(option, "against")), !eligible);
        }
        assert_true(found);
        json_decref(answer);
    }
}

/* The record that was handed around with the contract, where it is at hand. */
static void shared_example_is_eligible(void **state) {
    (void)state;
    char path[1024];
    const char *shared = getenv("STASIS_SHARED");
    if (shared)
        snprintf(path, sizeof path, "%s/../patient.example.json", shared);
    else
        example_path(path, sizeof path, "../shared/patient.example.json");
    if (access(path, R_OK) != 0) {
        print_message("# %s is not there\n", path);
        skip();
    }
    st_error err = {0};
    st_patient p;
    assert_ok(st_patient_read(path, &p, &err));
    char reason[400];
    assert_int_equal(st_patient_grade(&p, reason, sizeof reason), ST_GRADE_G2);
    assert_int_equal(verdict_of(&p), ST_VERDICT_ELIGIBLE);
}

/* ---- response --------------------------------------------------------------- */

static void recist_at_its_limits(void **state) {
    (void)state;
    const st_parameters *p = &parameters;
    assert_int_equal(st_recist(100, 100, 70, false, p), ST_RESPONSE_PR);
    assert_int_equal(st_recist(100, 100, 70.1, false, p), ST_RESPONSE_SD);
    assert_int_equal(st_recist(100, 50, 60, false, p), ST_RESPONSE_PD); /* +20 % and 10 mm over the nadir */
    assert_int_equal(st_recist(100, 50, 59.9, false, p), ST_RESPONSE_PR);
    assert_int_equal(st_recist(20, 20, 24, false, p), ST_RESPONSE_SD); /* +20 % but 4 mm */
    assert_int_equal(st_recist(25, 25, 30, false, p), ST_RESPONSE_PD); /* +20 % and 5 mm */
    assert_int_equal(st_recist(100, 100, 0, false, p), ST_RESPONSE_CR);
    assert_int_equal(st_recist(100, 0, 10, false, p), ST_RESPONSE_PD);
    assert_int_equal(st_recist(100, 60, 0, true, p), ST_RESPONSE_PD);
    assert_int_equal(st_recist(0, 0, 10, false, p), ST_RESPONSE_NE);
    assert_int_equal(st_recist(100, 100, NAN, false, p), ST_RESPONSE_NE);
    /* Thirds and tenths are not exact in binary; the limit is all the same. */
    assert_int_equal(st_recist(0.3 * 3, 0.9, 0.7 * 0.9, false, p), ST_RESPONSE_PR);
    assert_int_equal(st_mrecist(20, 20, 24, false, p), ST_RESPONSE_PD); /* no absolute limit */
    assert_int_equal(st_mrecist(100, 100, 70, false, p), ST_RESPONSE_PR);
    assert_int_equal(st_mrecist(100, 100, 0, false, p), ST_RESPONSE_CR);
}

static void who_and_markers_at_their_limits(void **state) {
    (void)state;
    const st_parameters *p = &parameters;
    assert_int_equal(st_who(100, 100, 50, false, p), ST_RESPONSE_PR);
    assert_int_equal(st_who(100, 100, 50.1, false, p), ST_RESPONSE_MR);
    assert_int_equal(st_who(100, 100, 75, false, p), ST_RESPONSE_MR);
    assert_int_equal(st_who(100, 100, 75.1, false, p), ST_RESPONSE_SD);
    assert_int_equal(st_who(100, 40, 50, false, p), ST_RESPONSE_PD);
    assert_int_equal(st_who(100, 40, 49.9, false, p), ST_RESPONSE_PR);
    assert_int_equal(st_biochemical(100, 50, 8, p), ST_RESPONSE_MR); /* major is more than 50 % */
    assert_int_equal(st_biochemical(100, 49.9, 8, p), ST_RESPONSE_PR);
    assert_int_equal(st_biochemical(100, 75, 8, p), ST_RESPONSE_MR);
    assert_int_equal(st_biochemical(100, 75.1, 8, p), ST_RESPONSE_SD);
    assert_int_equal(st_biochemical(100, 125, 8, p), ST_RESPONSE_SD);
    assert_int_equal(st_biochemical(100, 125.1, 8, p), ST_RESPONSE_PD);
    assert_int_equal(st_biochemical(100, 8, 8, p), ST_RESPONSE_CR);
    assert_int_equal(st_biochemical(100, 8, NAN, p), ST_RESPONSE_PR);
    assert_int_equal(st_biochemical(8, 2, 8, p), ST_RESPONSE_NE);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void) {
    const struct CMUnitTest tests[] = {
        TEST(empty_record_knows_nothing),
        TEST(null_is_unknown_and_an_empty_list_is_not),
        TEST(example_is_read),
        TEST(bad_records_are_refused_by_name),
        TEST(broken_json_is_refused_with_its_line),
        TEST(grade_by_the_rule_of_2010),
        TEST(example_is_eligible),
        TEST(limits_of_single_rules),
        TEST(unknown_fields_matter_only_where_they_decide),
        TEST(contraindicated_comes_first),
        TEST(not_eligible_comes_second),
        TEST(each_indication_suffices),
        TEST(undetermined_comes_third),
        TEST(caution_comes_fourth),
        TEST(answer_has_the_promised_members),
        TEST(work_up_knows_its_alternatives),
        TEST(options_follow_the_verdict),
        TEST(shared_example_is_eligible),
        TEST(recist_at_its_limits),
        TEST(who_and_markers_at_their_limits),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
