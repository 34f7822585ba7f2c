/* WHO 2010 grade from mitoses and Ki-67, with the reason in a sentence.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "rules.h"

#include <math.h>
#include <string.h>

static const char *const grade_name[] = {"indeterminate", "G1", "G2", "G3"};

const char *st_grade_name(st_grade grade) {
    return grade_name[grade];
}

static st_grade grade_from_name(const char *name) {
    for (st_grade grade = ST_GRADE_G1; grade <= ST_GRADE_G3; grade++)
        if (!strcmp(grade_name[grade], name))
            return grade;
    return ST_GRADE_INDETERMINATE;
}

/* The grade each marker gives by itself, indeterminate where it gives none. */
typedef struct marker_grades {
    st_grade mitoses, ki67;
} marker_grades;

static st_status grade_markers(const st_patient *patient, marker_grades *grades) {
    st_rules rules;
    st_facts facts = {.patient = patient};
    *grades = (marker_grades){ST_GRADE_INDETERMINATE, ST_GRADE_INDETERMINATE};
    st_status status = st_rules_load("rules/grade2010.csv", &rules, NULL);
    if (status)
        return status;
    for (size_t row = 0; row < rules.table.rows && !status;) {
        st_rule_result rule;
        status = st_rules_next(&rules, &row, &facts, NULL, &rule, NULL);
        if (!status && rule.status == ST_RULE_MET)
            *(!strcmp(rule.group, "mitoses") ? &grades->mitoses : &grades->ki67) = grade_from_name(rule.kind);
    }
    st_rules_fini(&rules);
    return status;
}

/* "mitoses 3 per 10 HPF give G2" */
static void describe_marker(char *text, size_t size, const char *name, double value, const char *unit, const char *verb,
                            st_grade grade) {
    if (isnan(value))
        snprintf(text, size, "%s not recorded", name);
    else if (grade == ST_GRADE_INDETERMINATE)
        snprintf(text, size, "%s %g %s %s no class, the 2010 rule has a gap there", name, value, unit, verb);
    else
        snprintf(text, size, "%s %g %s %s %s", name, value, unit, verb, st_grade_name(grade));
}

st_grade st_patient_grade(const st_patient *patient, char *reason, size_t size) {
    marker_grades grades;
    char mitoses[96], ki67[96];
    const char *how = "";
    if (grade_markers(patient, &grades)) {
        snprintf(reason, size, "the grading rules could not be read");
        return ST_GRADE_INDETERMINATE;
    }
    describe_marker(mitoses, sizeof mitoses, "mitoses", patient->tumour.mitoses_per_10hpf, "per 10 HPF", "give",
                    grades.mitoses);
    describe_marker(ki67, sizeof ki67, "Ki-67", patient->tumour.ki67_percent, "%", "gives", grades.ki67);
    st_grade grade = grades.mitoses > grades.ki67 ? grades.mitoses : grades.ki67;
    if (grade == ST_GRADE_INDETERMINATE)
        how = ": no grade without guessing";
    else if (grades.mitoses == grades.ki67)
        how = ": they agree";
    else if (grades.mitoses && grades.ki67)
        how = ": they disagree and the higher counts";
    snprintf(reason, size, "%s; %s%s%s", mitoses, ki67, how,
             grade == ST_GRADE_G3 && !strcmp(patient->tumour.differentiation, "well")
                 ? "; well differentiated: the 2010 rule has no class of its own for that"
                 : "");
    return grade;
}
