/* V13 enzymes, V14 growth, V20 response by particle size.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "validate.h"

#include <math.h>
#include <stdlib.h>

/* Half-life that an observer of the curve between two times would state. */
static double seen_half_life(double from, double to, double release, double half_life) {
    const double fall =
        log(st_enzyme_activity(from, 1, release, half_life) / st_enzyme_activity(to, 1, release, half_life));
    return (to - from) * log(2) / fall;
}

static void check_enzymes(validation *v) {
    const double release = st_parameter_value(&v->parameters, ST_P_ENZYME_RELEASE_TIME);
    const struct {
        const char *what;
        double published; /* h */
        st_parameter_id half_life;
    } enzyme[] = {{"half-life of AST, as seen on days 3 to 6 after embolization", 15.8, ST_P_AST_HALF_LIFE},
                  {"half-life of ALT, as seen on days 3 to 6 after embolization", 34.6, ST_P_ALT_HALF_LIFE}};
    for (size_t i = 0; i < 2; i++) {
        const double half_life = st_parameter_value(&v->parameters, enzyme[i].half_life);
        add_interval(v, "V13", enzyme[i].what, enzyme[i].published, 0, 0,
                     seen_half_life(3 * ST_DAY, 6 * ST_DAY, release, half_life) / ST_HOUR, "h",
                     "Plasma clearance itself is a parameter; release from the necrosis slows the fall that is seen.");
    }
}

static st_status check_growth(validation *v) {
    const double month = ST_MONTH / ST_WEEK;
    st_patient patient = {0};
    st_course course;
    st_status status =
        st_course_run(&v->liver, ST_GRADE_G2, &patient, NULL, 0, &month, 1, &v->parameters, &course, &v->err);
    if (status != ST_OK)
        return status;
    const double growth = course.visits[0].viable_volume / v->liver.tumour_volume - 1;
    add_interval(v, "V14", "growth of G2 metastases without treatment, per month", 5.4, 0, 0, growth / ST_PERCENT, "%",
                 "The pace is a parameter taken from this series: the row checks the computation alone.");
    st_course_fini(&course);
    return ST_OK;
}

/* Share of the lesions whose viable diameter has fallen as mRECIST asks, on the day after the last session, and the
 * mean of what died of them. */
static st_status responders(validation *v, double d_min, double d_max, double *share, double *dead) {
    const double enough = st_parameter_value(&v->parameters, ST_P_MRECIST_PR_FALL);
    st_agent agent;
    treatment t = {0};
    st_status status = st_agent_sized(d_min, d_max, &agent, &v->err);
    if (status == ST_OK)
        status = treat(v, &v->plan, &agent, ST_ENDPOINT_STASIS, &t);
    if (status == ST_OK) {
        size_t n = 0;
        *dead = 0;
        for (size_t l = 0; l < v->liver.n_lesions; l++) {
            n += 1 - cbrt(1 - t.lesion_necrosis[l]) >= enough;
            *dead += t.lesion_necrosis[l] / (double)v->liver.n_lesions;
        }
        *share = (double)n / (double)v->liver.n_lesions;
    }
    treatment_fini(&t);
    return status;
}

static st_status check_size(validation *v) {
    double small = 0, large = 0, small_dead = 0, large_dead = 0;
    st_status status = responders(v, 75 * ST_UM, 100 * ST_UM, &small, &small_dead);
    if (status == ST_OK)
        status = responders(v, 100 * ST_UM, 300 * ST_UM, &large, &large_dead);
    if (status != ST_OK)
        return status;
    static const char *const note =
        "Patients in the publication, lesions of one liver here (%s); no chemotherapy. A response takes 66 %% of the "
        "volume; %.0f %% of a lesion dies on average. What flow porous plugs leave and the portal rim keep the rest.";
    add_interval(v, "V20", "mRECIST response, particles below 100 um", 64, 0, 0, small / ST_PERCENT, "%", note,
                 "75-100 um", small_dead / ST_PERCENT);
    add_interval(v, "V20", "mRECIST response, particles above 100 um", 42, 0, 0, large / ST_PERCENT, "%", note,
                 "100-300 um", large_dead / ST_PERCENT);
    return ST_OK;
}

st_status check_course(validation *v) {
    check_enzymes(v);
    st_status status = check_growth(v);
    return status == ST_OK ? check_size(v) : status;
}
