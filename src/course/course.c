/* Lesions between and after the sessions, the sums a radiologist would measure, and the response.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "course.h"

#include <math.h>
#include <stasis/units.h>
#include <stdlib.h>
#include <string.h>

/* What every state of the course is computed from. */
typedef struct course_model {
    const st_liver *liver;
    const st_insult *insults;
    size_t n_insults;
    const st_parameters *parameters;
    double doubling_time, necrosis_half_time;
    double visible;      /* mm: smaller counts as gone */
    bool enhancing;      /* mRECIST can be read */
    double marker_limit; /* of normal, times the baseline of the recorded marker; NaN when none is */
} course_model;

/* ---- one lesion ----------------------------------------------------------- */

/* A visit at the time of a session sees the lesion before it. */
static st_lesion_state lesion_at(const course_model *model, size_t index, double time) {
    const st_lesion *lesion = &model->liver->lesions[index];
    st_lesion_state state = {.viable = lesion->volume};
    double at = 0;
    for (size_t i = 0; i <= model->n_insults; i++) {
        const bool struck = i < model->n_insults && model->insults[i].time < time;
        const double next = struck ? model->insults[i].time : time;
        state.viable *= exp2((next - at) / model->doubling_time);
        state.necrotic *= exp2(-(next - at) / model->necrosis_half_time);
        at = next;
        if (!struck)
            break;
        const double killed = state.viable * model->insults[i].lesion_necrosis[index];
        state.viable -= killed;
        state.necrotic += killed;
    }
    if (lesion->volume > 0) {
        state.diameter = lesion->longest_axial_diameter * cbrt((state.viable + state.necrotic) / lesion->volume);
        state.viable_diameter = lesion->longest_axial_diameter * cbrt(state.viable / lesion->volume);
    }
    return state;
}

/* ---- one visit ------------------------------------------------------------ */

static double seen(const course_model *model, double diameter) {
    return diameter < model->visible ? 0 : diameter;
}

/* Volumes, sums and markers; the response needs the nadir and comes later. */
static void measure(const course_model *model, const st_course *course, double time, st_visit *visit) {
    double baseline = 0;
    visit->time = time;
    for (size_t i = 0; i < course->n_lesions; i++) {
        visit->lesion[i] = lesion_at(model, i, time);
        visit->viable_volume += visit->lesion[i].viable;
        baseline += model->liver->lesions[i].volume;
    }
    for (size_t i = 0; i < course->n_targets; i++) {
        const st_lesion_state *state = &visit->lesion[course->target[i]];
        const st_lesion *lesion = &model->liver->lesions[course->target[i]];
        const double diameter = seen(model, state->diameter);
        visit->sum_of_diameters += diameter;
        visit->sum_of_viable_diameters += seen(model, state->viable_diameter);
        visit->sum_of_products +=
            diameter * lesion->perpendicular_diameter * (state->diameter / lesion->longest_axial_diameter);
    }
    visit->marker_5hiaa = visit->marker_cga = baseline > 0 ? visit->viable_volume / baseline : NAN;
}

typedef struct sums {
    double diameters, viable, products;
} sums;

static sums sums_of(const st_visit *visit) {
    return (sums){visit->sum_of_diameters, visit->sum_of_viable_diameters, visit->sum_of_products};
}

/* The smallest weekly sums up to `time`, baseline included. */
static sums nadir_until(const st_course *course, double time) {
    sums nadir = sums_of(&course->weekly[0]);
    for (size_t i = 1; i < course->n_weekly && course->weekly[i].time <= time; i++) {
        nadir.diameters = fmin(nadir.diameters, course->weekly[i].sum_of_diameters);
        nadir.viable = fmin(nadir.viable, course->weekly[i].sum_of_viable_diameters);
        nadir.products = fmin(nadir.products, course->weekly[i].sum_of_products);
    }
    return nadir;
}

static void score(const course_model *model, const st_course *course, st_visit *visit) {
    const sums baseline = sums_of(&course->weekly[0]), nadir = nadir_until(course, visit->time), now = sums_of(visit);
    visit->recist = st_recist(baseline.diameters, nadir.diameters, now.diameters, false, model->parameters);
    visit->mrecist = model->enhancing ? st_mrecist(baseline.viable, nadir.viable, now.viable, false, model->parameters)
                                      : ST_RESPONSE_NE;
    visit->who = st_who(baseline.products, nadir.products, now.products, false, model->parameters);
    visit->biochemical = st_biochemical(1, visit->marker_5hiaa, model->marker_limit, model->parameters);
}

/* Visits with room for their lesions: one block for all states, owned by the first visit. */
static st_visit *visits_new(size_t n, size_t n_lesions, st_error *err) {
    if (n_lesions > 0 && n > SIZE_MAX / n_lesions) {
        (void)st_fail(err, ST_MEMORY, "%zu visits of %zu lesions are more than memory can hold", n, n_lesions);
        return NULL;
    }
    st_visit *visits = st_alloc(n, sizeof *visits, err);
    st_lesion_state *states = visits ? st_alloc(n * n_lesions, sizeof *states, err) : NULL;
    if (!states) {
        free(visits);
        return NULL;
    }
    for (size_t i = 0; i < n; i++)
        visits[i].lesion = states + i * n_lesions;
    if (n == 0)
        free(states);
    return visits;
}

static void visits_free(st_visit *visits, size_t n) {
    if (visits && n)
        free(visits[0].lesion);
    free(visits);
}

/* ---- the whole course ----------------------------------------------------- */

/* The largest measurable lesions, at most ST_TARGETS_MAX. */
static void choose_targets(const st_liver *liver, double measurable, st_course *course) {
    for (size_t n = 0; n < ST_TARGETS_MAX; n++) {
        size_t best = SIZE_MAX;
        for (size_t i = 0; i < liver->n_lesions; i++) {
            const double diameter = liver->lesions[i].longest_axial_diameter;
            const bool taken = n > 0 && course->target[0] == i;
            if (!taken && diameter >= measurable &&
                (best == SIZE_MAX || diameter > liver->lesions[best].longest_axial_diameter))
                best = i;
        }
        if (best == SIZE_MAX)
            return;
        course->target[course->n_targets++] = best;
    }
}

static double marker_limit(const st_patient *patient, const st_parameters *parameters) {
    if (patient->labs.urinary_5hiaa_mg_24h > 0)
        return st_parameter_value(parameters, ST_P_NORMAL_URINARY_5HIAA) / patient->labs.urinary_5hiaa_mg_24h;
    if (patient->labs.chromogranin_a_ng_ml > 0)
        return st_parameter_value(parameters, ST_P_NORMAL_CHROMOGRANIN_A) / patient->labs.chromogranin_a_ng_ml;
    return NAN;
}

static void pace(st_grade grade, const st_parameters *parameters, st_course *course) {
    static const st_parameter_id by_grade[] = {
        [ST_GRADE_INDETERMINATE] = ST_P_DOUBLING_TIME_G2,
        [ST_GRADE_G1] = ST_P_DOUBLING_TIME_G1,
        [ST_GRADE_G2] = ST_P_DOUBLING_TIME_G2,
        [ST_GRADE_G3] = ST_P_DOUBLING_TIME_G3,
    };
    course->doubling_time = st_parameter_value(parameters, by_grade[grade]);
    course->doubling_note = grade == ST_GRADE_INDETERMINATE ? "the grade is indeterminate: the pace of G2 is assumed"
                            : grade == ST_GRADE_G3          ? "the pace of G3 is assumed"
                                                            : "";
}

static st_status check_weeks(const double *weeks, size_t n_weeks, const st_parameters *parameters, st_error *err) {
    const double limit = st_parameter_value(parameters, ST_P_FOLLOW_UP_LIMIT) / ST_WEEK;
    for (size_t i = 0; i < n_weeks; i++)
        if (!(weeks[i] >= 0 && weeks[i] <= limit) || (i > 0 && weeks[i] <= weeks[i - 1]))
            return st_fail(err, ST_VALUE, "follow-up week %g: weeks must ascend and lie between 0 and %g", weeks[i],
                           limit);
    return ST_OK;
}

static st_status check_insults(const st_liver *liver, const st_insult *insults, size_t n_insults,
                               const st_parameters *parameters, st_error *err) {
    const double limit = st_parameter_value(parameters, ST_P_FOLLOW_UP_LIMIT);
    for (size_t i = 0; i < n_insults; i++) {
        if (!(insults[i].time >= 0 && insults[i].time <= limit) || (i > 0 && insults[i].time < insults[i - 1].time))
            return st_fail(err, ST_VALUE,
                           "session %zu: its time must not lie before the session before it, nor "
                           "after week %g",
                           i + 1, limit / ST_WEEK);
        if (!(insults[i].normal_necrotic_volume >= 0 && insults[i].normal_necrotic_volume <= liver->volume))
            return st_fail(err, ST_VALUE,
                           "session %zu: necrosis of normal liver must lie between 0 and the volume of "
                           "the liver",
                           i + 1);
        for (size_t j = 0; j < liver->n_lesions; j++)
            if (!(insults[i].lesion_necrosis[j] >= 0 && insults[i].lesion_necrosis[j] <= 1))
                return st_fail(err, ST_VALUE, "session %zu, lesion %zu: the share killed must lie between 0 and 1",
                               i + 1, j + 1);
    }
    return ST_OK;
}

/* The weekly points are scored too; they come first because the nadir is taken from them. */
static st_status run_visits(const course_model *model, const double *weeks, size_t n_weeks, st_course *course,
                            st_error *err) {
    const size_t n_weekly = n_weeks ? (size_t)floor(weeks[n_weeks - 1]) + 1 : 1;
    course->weekly = visits_new(n_weekly, course->n_lesions, err);
    if (!course->weekly)
        return ST_MEMORY;
    course->n_weekly = n_weekly;
    course->visits = visits_new(n_weeks, course->n_lesions, err);
    if (!course->visits)
        return ST_MEMORY;
    course->n_visits = n_weeks;
    for (size_t i = 0; i < n_weekly; i++)
        measure(model, course, (double)i * ST_WEEK, &course->weekly[i]);
    for (size_t i = 0; i < n_weekly; i++)
        score(model, course, &course->weekly[i]);
    for (size_t i = 0; i < n_weeks; i++) {
        measure(model, course, weeks[i] * ST_WEEK, &course->visits[i]);
        score(model, course, &course->visits[i]);
    }
    return ST_OK;
}

st_status st_course_run(const st_liver *liver, st_grade grade, const st_patient *patient, const st_insult *insults,
                        size_t n_insults, const double *weeks, size_t n_weeks, const st_parameters *parameters,
                        st_course *course, st_error *err) {
    memset(course, 0, sizeof *course);
    st_status status = check_weeks(weeks, n_weeks, parameters, err);
    if (!status)
        status = check_insults(liver, insults, n_insults, parameters, err);
    if (status)
        return status;
    course->n_lesions = liver->n_lesions;
    pace(grade, parameters, course);
    choose_targets(liver, st_parameter_value(parameters, ST_P_MEASURABLE_DIAMETER), course);
    const course_model model = {
        .liver = liver,
        .insults = insults,
        .n_insults = n_insults,
        .parameters = parameters,
        .doubling_time = course->doubling_time,
        .necrosis_half_time = st_parameter_value(parameters, ST_P_NECROSIS_HALF_TIME),
        .visible = st_parameter_value(parameters, ST_P_LESION_VISIBLE_DIAMETER),
        .enhancing = patient->liver.hypervascular != 0,
        .marker_limit = marker_limit(patient, parameters),
    };
    const double last_visit = n_weeks ? weeks[n_weeks - 1] * ST_WEEK : 0;
    const double last_session = n_insults ? insults[n_insults - 1].time : 0;
    status = run_visits(&model, weeks, n_weeks, course, err);
    if (!status)
        status = st_course_enzymes(insults, n_insults, fmax(last_visit, last_session + 2 * ST_WEEK), parameters, course,
                                   err);
    if (status)
        st_course_fini(course);
    return status;
}

void st_course_fini(st_course *course) {
    visits_free(course->visits, course->n_visits);
    visits_free(course->weekly, course->n_weekly);
    free(course->enzymes);
    memset(course, 0, sizeof *course);
}
