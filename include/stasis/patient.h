/* stasis/patient.h - the record, WHO grade, eligibility, and the scoring of a follow-up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_PATIENT_H
#define STASIS_PATIENT_H

#include <stasis/parameters.h>
#include <stasis/text.h>

/* Missing numbers are NaN, missing truths -1, missing texts "". */
typedef struct st_patient {
    char id[64], sex[16];
    double age_years;
    struct {
        char primary_site[64], differentiation[16]; /* "well", "poor" */
        double mitoses_per_10hpf, ki67_percent;
        int metastatic;
    } tumour;
    struct {
        double metastases_count, largest_diameter_mm, tumour_burden_percent;
        int hypervascular, resectable, liver_predominant;
        char main_portal_vein[16], function[16]; /* "patent", "occluded"; "preserved", "poor" */
    } liver;
    struct {
        int functioning, carcinoid_syndrome;
        char type[32];
    } syndrome;
    struct {
        int mass_related;
        bool hormonal_known;
        size_t n_hormonal;
        char hormonal[16][32];
    } symptoms;
    int rapid_progression;
    double ecog;
    struct {
        double bilirubin_mg_dl, creatinine_mg_dl, chromogranin_a_ng_ml, urinary_5hiaa_mg_24h;
    } labs;
    struct {
        int sepsis, fever, contrast_allergy, renal_insufficiency, peripheral_vascular_disease, coagulopathy,
            carcinoid_heart_disease;
    } conditions;
    struct {
        int contrast_ultrasound, ct, mri, somatostatin_receptor_imaging, histology, chromogranin_a, urinary_5hiaa;
    } work_up;
} st_patient;

ST_API ST_MUST_CHECK st_status st_patient_from_json(const json_t *record, const char *file, const char *path,
                                                    st_patient *patient, st_error *err);
ST_API ST_MUST_CHECK st_status st_patient_read(const char *path, st_patient *patient, st_error *err);

typedef enum { ST_GRADE_INDETERMINATE, ST_GRADE_G1, ST_GRADE_G2, ST_GRADE_G3 } st_grade;
ST_API const char *st_grade_name(st_grade grade); /* "indeterminate", "G1", ... */
/* WHO 2010 as the review prints it (data/rules/grade2010.csv); `reason` receives a sentence. */
ST_API st_grade st_patient_grade(const st_patient *patient, char *reason, size_t size);

typedef enum { ST_RULE_NOT_MET, ST_RULE_MET, ST_RULE_UNKNOWN } st_rule_status;
ST_API const char *st_rule_status_name(st_rule_status status); /* "not_met", "met", "unknown" */

typedef struct st_rule_result {
    char rule[32];     /* id in the rules file */
    char group[48], kind[16];
    char text[160];    /* what it asks, in words */
    char finding[320]; /* each test with the value on record: "labs.bilirubin_mg_dl 0.8 (< 2 mg/dL: yes)" */
    char missing[96];  /* the field that would decide, or "" */
    char source[128];
    st_rule_status status;
    bool decides;      /* the verdict rests on it */
} st_rule_result;

typedef enum {
    ST_VERDICT_ELIGIBLE,
    ST_VERDICT_CAUTION,
    ST_VERDICT_UNDETERMINED,
    ST_VERDICT_NOT_ELIGIBLE,
    ST_VERDICT_CONTRAINDICATED,
} st_verdict;
ST_API const char *st_verdict_name(st_verdict verdict);

#define ST_RULES_MAX 64
typedef struct st_eligibility {
    st_verdict verdict;
    size_t n_rules;
    st_rule_result rule[ST_RULES_MAX];
} st_eligibility;
/* Every rule of data/rules/review2014.csv, and the verdict. A rule's value cell may name a parameter. */
ST_API ST_MUST_CHECK st_status st_patient_eligibility(const st_patient *patient, const st_parameters *parameters,
                                                      st_eligibility *eligibility, st_error *err);
/* The answer of `stasis check` (docs/formats.md); the caller owns *answer. */
ST_API ST_MUST_CHECK st_status st_patient_check_json(const st_patient *patient, const st_parameters *parameters,
                                                     json_t **answer, st_error *err);

/* ---- scoring of a follow-up ---------------------------------------------- */

typedef enum { ST_RESPONSE_NE, ST_RESPONSE_CR, ST_RESPONSE_PR, ST_RESPONSE_MR, ST_RESPONSE_SD, ST_RESPONSE_PD } st_response;
ST_API const char *st_response_name(st_response response); /* "NE", "CR", ... */

/* The limits are parameters (recist_*, mrecist_*, who_*, biochemical_*). All four: ST_RESPONSE_NE when the
 * baseline is not a positive number or `now` is not known; a new lesion is PD whatever was measured; nothing
 * left is CR; what comes back after that is PD. */

/* RECIST 1.1 target response from sums of longest diameters in mm (Eisenhauer 2009):
 * PD against the nadir so far (baseline included), PR against baseline. */
ST_API st_response st_recist(double baseline, double nadir, double now, bool new_lesion,
                             const st_parameters *parameters);
/* mRECIST: the same on viable (enhancing) diameters, without the absolute 5 mm (Lencioni & Llovet 2010). */
ST_API st_response st_mrecist(double baseline, double nadir, double now, bool new_lesion,
                              const st_parameters *parameters);
/* WHO (Miller 1981) on sums of cross-products, with the old series' minor response (25-50 % fall). */
ST_API st_response st_who(double baseline, double nadir, double now, bool new_lesion, const st_parameters *parameters);
/* Fall of a marker: CR within the normal limit (limit NaN: never CR), PR more than 50 %, MR 25-50 %, PD
 * more than 25 % above baseline, SD else. NE when the baseline was normal already. */
ST_API st_response st_biochemical(double baseline, double now, double normal_limit, const st_parameters *parameters);

#define ST_TARGETS_MAX 2 /* RECIST 1.1: two per organ, and the liver is one */

#endif
