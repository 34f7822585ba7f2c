/* stasis/statistics.h - order and rank of numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_STATISTICS_H
#define STASIS_STATISTICS_H

#include <stasis/base.h>

/* Ascending. No value may be NaN. */
ST_API void st_sort(double *value, size_t n);
/* Of ascending values, linear between them (Hyndman & Fan, Am Stat 1996;50:361, their seventh; quantile() of R).
 * percent 0..100; NaN without values. */
ST_API double st_percentile(const double *ascending, size_t n, double percent);

/* rank[n] from 1; equal values share the mean of their ranks. No value may be NaN. */
ST_API ST_MUST_CHECK st_status st_ranks(const double *value, size_t n, double *rank, st_error *err);
/* Pearson's; of ranks it is Spearman's. NaN where one of the two does not vary. */
ST_API double st_correlation(const double *x, const double *y, size_t n);
/* |rho| above which a rank correlation of n pairs is taken for more than chance at two-sided `level`, by Student's t with
 * n - 2 degrees of freedom; 1, which none exceeds, for fewer than 20 pairs. */
ST_API double st_rank_correlation_critical(size_t n, double level);

#endif
