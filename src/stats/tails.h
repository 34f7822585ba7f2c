/* Tails and quantiles of the distributions of test statistics. GSL's, where they hold; it ends the process where an
 * argument is out of its reach, loses digits of Student's far tail, and misses chi-squared quantiles of many degrees
 * of freedom (GSL 2.7.1), so that nothing in this room calls gsl_cdf_ for them itself. NaN gives NaN.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_STATS_TAILS_H
#define STASIS_STATS_TAILS_H

/* P(|Z| > |z|). */
double tail_normal(double z);
/* P(|T| > |t|); NaN for df <= 0. */
double tail_t(double t, double df);
/* P(chi2 > x); NaN for df <= 0. */
double tail_chisq(double x, double df);
/* P(F > x) with m and n degrees of freedom; NaN for n <= 0. */
double tail_f(double x, double m, double n);

/* The value that is exceeded with probability `upper`, 0 < upper < 1. */
double quantile_normal(double upper);
double quantile_t(double upper, double df); /* NaN for df <= 0 */
double quantile_chisq(double upper, double df);

#endif
