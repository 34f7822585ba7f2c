/* Categories of response: RECIST 1.1, mRECIST, WHO, biochemical.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include <math.h>
#include <stasis/patient.h>

const char *st_response_name(st_response response) {
    static const char *const name[] = {"NE", "CR", "PR", "MR", "SD", "PD"};
    return name[response];
}

/* Measurements are rounded to far less than this: it only keeps "exactly 30 %" exact in binary. */
static const double slack = 1e-9;

static bool fell_by(double from, double to, double fraction) {
    return from - to >= (fraction - slack) * from;
}
static bool rose_by(double from, double to, double fraction) {
    return to - from >= (fraction - slack) * from;
}

/* What the three imaging criteria share: false when the category is still open. */
static bool settled(double baseline, double nadir, double now, bool new_lesion, st_response *response) {
    if (new_lesion)
        *response = ST_RESPONSE_PD;
    else if (!(baseline > 0) || isnan(nadir) || isnan(now))
        *response = ST_RESPONSE_NE;
    else if (now <= 0)
        *response = ST_RESPONSE_CR;
    else if (nadir <= 0)
        *response = ST_RESPONSE_PD;
    else
        return false;
    return true;
}

st_response st_recist(double baseline, double nadir, double now, bool new_lesion, const st_parameters *parameters) {
    st_response response;
    if (settled(baseline, nadir, now, new_lesion, &response))
        return response;
    if (rose_by(nadir, now, st_parameter_value(parameters, ST_P_RECIST_PD_RISE)) &&
        now - nadir >= st_parameter_value(parameters, ST_P_RECIST_PD_ABSOLUTE) - slack * now)
        return ST_RESPONSE_PD;
    return fell_by(baseline, now, st_parameter_value(parameters, ST_P_RECIST_PR_FALL)) ? ST_RESPONSE_PR
                                                                                       : ST_RESPONSE_SD;
}

st_response st_mrecist(double baseline, double nadir, double now, bool new_lesion, const st_parameters *parameters) {
    st_response response;
    if (settled(baseline, nadir, now, new_lesion, &response))
        return response;
    if (rose_by(nadir, now, st_parameter_value(parameters, ST_P_MRECIST_PD_RISE)))
        return ST_RESPONSE_PD;
    return fell_by(baseline, now, st_parameter_value(parameters, ST_P_MRECIST_PR_FALL)) ? ST_RESPONSE_PR
                                                                                        : ST_RESPONSE_SD;
}

st_response st_who(double baseline, double nadir, double now, bool new_lesion, const st_parameters *parameters) {
    st_response response;
    if (settled(baseline, nadir, now, new_lesion, &response))
        return response;
    if (rose_by(nadir, now, st_parameter_value(parameters, ST_P_WHO_PD_RISE)))
        return ST_RESPONSE_PD;
    if (fell_by(baseline, now, st_parameter_value(parameters, ST_P_WHO_PR_FALL)))
        return ST_RESPONSE_PR;
    return fell_by(baseline, now, st_parameter_value(parameters, ST_P_WHO_MR_FALL)) ? ST_RESPONSE_MR : ST_RESPONSE_SD;
}

st_response st_biochemical(double baseline, double now, double normal_limit, const st_parameters *parameters) {
    if (!(baseline > 0) || isnan(now) || baseline <= normal_limit)
        return ST_RESPONSE_NE;
    if (now <= normal_limit)
        return ST_RESPONSE_CR;
    if (now - baseline > (st_parameter_value(parameters, ST_P_BIOCHEMICAL_PD_RISE) + slack) * baseline)
        return ST_RESPONSE_PD;
    if (baseline - now > (st_parameter_value(parameters, ST_P_BIOCHEMICAL_PR_FALL) + slack) * baseline)
        return ST_RESPONSE_PR;
    return fell_by(baseline, now, st_parameter_value(parameters, ST_P_BIOCHEMICAL_MR_FALL)) ? ST_RESPONSE_MR
                                                                                            : ST_RESPONSE_SD;
}
