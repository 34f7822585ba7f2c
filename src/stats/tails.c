/* Tails and quantiles.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tails.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>

static const double MANY = 1e3;      /* degrees of freedom above which GSL's chi-squared quantile cannot be relied on */
static const double TOO_MANY = 1e6;  /* and above which its tails cannot */
static const double CERTAIN = 1e150; /* no statistic beyond that differs from an infinite one */

double tail_normal(double z) {
    return isnan(z) ? NAN : 2 * gsl_cdf_ugaussian_Q(fabs(z));
}

/* The cube root of chi2 / df is nearly normal (Wilson & Hilferty, PNAS 1931;17:684). */
static double cube_root_normal(double x, double df) {
    return (cbrt(x / df) - (1 - 2 / (9 * df))) / sqrt(2 / (9 * df));
}

double tail_chisq(double x, double df) {
    if (isnan(x) || !(df > 0))
        return NAN;
    if (x >= CERTAIN)
        return 0;
    return df > TOO_MANY ? gsl_cdf_ugaussian_Q(cube_root_normal(x, df)) : gsl_cdf_chisq_Q(fmax(0, x), df);
}

double tail_f(double x, double m, double n) {
    if (isnan(x) || !(m > 0) || !(n > 0))
        return NAN;
    if (n > TOO_MANY) /* m F is as good as chi-squared */
        return tail_chisq(m * x, m);
    return x >= CERTAIN * CERTAIN ? 0 : gsl_cdf_fdist_Q(fmax(0, x), m, n);
}

double tail_t(double t, double df) {
    return fabs(t) >= CERTAIN ? (df > 0 ? 0 : NAN) : tail_f(t * t, 1, df);
}

double quantile_normal(double upper) {
    return gsl_cdf_ugaussian_Qinv(upper);
}

double quantile_t(double upper, double df) {
    if (!(df > 0))
        return NAN;
    return gsl_cdf_tdist_Qinv(upper, df);
}

double quantile_chisq(double upper, double df) {
    if (!(df > 0))
        return NAN;
    if (df <= MANY)
        return upper > 0.5 ? gsl_cdf_chisq_Pinv(1 - upper, df) : gsl_cdf_chisq_Qinv(upper, df);
    double x = df * pow(1 - 2 / (9 * df) + sqrt(2 / (9 * df)) * quantile_normal(upper), 3);
    for (int i = 0; i < 5 && df <= TOO_MANY; i++) /* Newton, from a few digits to all */
        x += (tail_chisq(x, df) - upper) / gsl_ran_chisq_pdf(x, df);
    return x;
}
