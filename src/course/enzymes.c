/* AST and ALT after each session: released by necrotic liver, cleared from plasma.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "course.h"

#include <math.h>
#include <stasis/units.h>

/* Sampling of the curve: hourly while it moves, daily later. */
#define FINE_STEP   ST_HOUR
#define FINE_WINDOW (2 * ST_WEEK)
#define COARSE_STEP ST_DAY

double st_enzyme_activity(double t, double dose, double release, double half_life) {
    if (!(t > 0))
        return 0;
    const double out = log(2.0) / half_life, in = 1.0 / release;
    const double slow = fmin(in, out), x = fabs(in - out) * t;
    /* (exp(-slow t) - exp(-fast t)) / (fast - slow), also where the two rates meet. */
    const double span = x > 0 ? -expm1(-x) / x * t : t;
    return dose * in * exp(-slow * t) * span;
}

typedef struct enzyme_kinetics {
    double dose_per_volume; /* times baseline, per mm^3 of necrotic liver */
    double release, half_life;
} enzyme_kinetics;

static enzyme_kinetics enzyme_from_parameters(const st_parameters *parameters, st_parameter_id content,
                                              st_parameter_id baseline, st_parameter_id half_life) {
    const double released = st_parameter_value(parameters, ST_P_LIVER_DENSITY) *
                            st_parameter_value(parameters, content) *
                            st_parameter_value(parameters, ST_P_ENZYME_RECOVERED);
    const double pool =
        st_parameter_value(parameters, ST_P_ENZYME_DISTRIBUTION_VOLUME) * st_parameter_value(parameters, baseline);
    return (enzyme_kinetics){released / pool, st_parameter_value(parameters, ST_P_ENZYME_RELEASE_TIME),
                             st_parameter_value(parameters, half_life)};
}

/* Times the baseline: the baseline itself and what every session so far adds. */
static double activity(const enzyme_kinetics *enzyme, const st_insult *insults, size_t n_insults, double t) {
    double sum = 1;
    for (size_t i = 0; i < n_insults; i++)
        sum += st_enzyme_activity(t - insults[i].time, insults[i].normal_necrotic_volume * enzyme->dose_per_volume,
                                  enzyme->release, enzyme->half_life);
    return sum;
}

/* The point after `t`: never past the next session or the end. */
static double next_time(const st_insult *insults, size_t n_insults, double t, double end) {
    double step = COARSE_STEP, limit = end;
    for (size_t i = 0; i < n_insults; i++) {
        if (t >= insults[i].time && t - insults[i].time < FINE_WINDOW)
            step = FINE_STEP;
        if (insults[i].time > t)
            limit = fmin(limit, insults[i].time);
    }
    return fmin(t + step, limit);
}

st_status st_course_enzymes(const st_insult *insults, size_t n_insults, double end, const st_parameters *parameters,
                            st_course *course, st_error *err) {
    const enzyme_kinetics ast =
        enzyme_from_parameters(parameters, ST_P_AST_CONTENT, ST_P_AST_BASELINE, ST_P_AST_HALF_LIFE);
    const enzyme_kinetics alt =
        enzyme_from_parameters(parameters, ST_P_ALT_CONTENT, ST_P_ALT_BASELINE, ST_P_ALT_HALF_LIFE);
    size_t n = 1;
    for (double t = 0; t < end; t = next_time(insults, n_insults, t, end))
        n++;
    course->enzymes = st_alloc(n, sizeof *course->enzymes, err);
    if (!course->enzymes)
        return ST_MEMORY;
    course->n_enzymes = n;
    double t = 0;
    for (size_t i = 0; i < n; i++, t = next_time(insults, n_insults, t, end)) {
        st_enzyme_point *point = &course->enzymes[i];
        *point = (st_enzyme_point){t, activity(&ast, insults, n_insults, t), activity(&alt, insults, n_insults, t)};
        if (point->ast > course->ast_peak) {
            course->ast_peak = point->ast;
            course->ast_peak_time = t;
        }
        if (point->alt > course->alt_peak) {
            course->alt_peak = point->alt;
            course->alt_peak_time = t;
        }
    }
    return ST_OK;
}
