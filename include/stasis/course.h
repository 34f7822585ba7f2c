/* stasis/course.h - the months after: regrowth, resorption, markers, enzymes, response.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_COURSE_H
#define STASIS_COURSE_H

#include <stasis/liver.h>
#include <stasis/patient.h>

/* One session as the course sees it. */
typedef struct st_insult {
    double time;                   /* s from the first session */
    const double *lesion_necrosis; /* [n_lesions] of the volume then viable, 0..1, killed by this session */
    double normal_necrotic_volume; /* mm^3 of normal liver killed by this session */
} st_insult;

typedef struct st_lesion_state {
    double viable, necrotic; /* mm^3 */
    double diameter, viable_diameter; /* mm: longest axial, scaled from baseline by the cube root of volume */
} st_lesion_state;

typedef struct st_visit {
    double time;             /* s from the first session */
    st_lesion_state *lesion; /* [n_lesions] */
    double sum_of_diameters, sum_of_viable_diameters; /* mm over the targets */
    double sum_of_products;  /* mm^2 over the targets (WHO) */
    double viable_volume;    /* mm^3 of all lesions */
    double marker_5hiaa, marker_cga; /* relative to baseline, 1 = baseline */
    st_response recist, mrecist, who, biochemical;
} st_visit;

typedef struct st_enzyme_point {
    double time;             /* s from the first session */
    double ast, alt;         /* times the baseline activity */
} st_enzyme_point;

typedef struct st_course {
    size_t n_lesions;
    size_t n_targets;
    size_t target[ST_TARGETS_MAX]; /* index into lesions */
    st_visit *visits;        /* the weeks asked for */
    size_t n_visits;
    st_visit *weekly;        /* week 0 to the last visit, for the curves */
    size_t n_weekly;
    st_enzyme_point *enzymes;
    size_t n_enzymes;
    double ast_peak, alt_peak; /* times baseline */
    double ast_peak_time, alt_peak_time; /* s from the first session */
    double doubling_time;    /* s, as used */
    const char *doubling_note; /* why that one when the grade does not say, or "" */
} st_course;

/* Between sessions viable tumour grows and necrosis is resorbed, both exponentially; a session turns its share of
 * what is viable into necrosis. A visit at the time of a session is imaged before it. weeks[n_weeks] and the times
 * of the insults ascend; the grade sets the pace of growth. Targets: the largest lesions that are measurable; none
 * measurable gives no target and ST_RESPONSE_NE. mRECIST is NE when the record says that the metastases are not
 * hypervascular. The nadir is the smallest weekly sum so far. ST_VALUE names the week or session that is not valid. */
ST_API ST_MUST_CHECK st_status st_course_run(const st_liver *liver, st_grade grade, const st_patient *patient,
                                             const st_insult *insults, size_t n_insults, const double *weeks,
                                             size_t n_weeks, const st_parameters *parameters, st_course *course,
                                             st_error *err);
ST_API void st_course_fini(st_course *course);

/* Activity above baseline `t` seconds after an amount `dose` began to be released with
 * time constant `release` and to be cleared with half-life `half_life` (both s): the Bateman function. */
ST_API double st_enzyme_activity(double t, double dose, double release, double half_life);

#endif
