/* What the files of survival statistics share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_STATS_SURVIVAL_INTERNAL_H
#define STASIS_STATS_SURVIVAL_INTERNAL_H

#include <stasis/survival.h>

/* order[n]: places of the values in ascending order, equal ones in theirs. No value is NaN. */
ST_MUST_CHECK st_status survival_order(const double *value, size_t n, uint32_t *order, st_error *err);

/* The members of a part as arrays of their own. */
static inline const uint32_t *part_members(const st_survival_parts *parts, uint32_t part, size_t *n) {
    *n = parts->first[part + 1] - parts->first[part];
    return parts->member + parts->first[part];
}

/* Standard normal quantile at 1 - (1 - level) / 2. */
double survival_z(double level);
/* Two-sided p of a standard normal z. */
double survival_p_normal(double z);
/* Upper tail of chi-square; NaN where df is 0. */
double survival_p_chisq(double chisq, size_t df);

/* Limits of a probability whose logarithm has the standard error se_log. */
void survival_limits(double p, double se_log, st_survival_limits limits, double z, double *lower, double *upper);

/* Cholesky factor of a symmetric matrix a[n * n] (the lower triangle counts) in place. A column whose pivot is not
 * above floor[j] adds nothing to those before it: used[j] is false and its row and column are passed over. Returns how
 * many are used. */
size_t cholesky(double *a, size_t n, const double *floor, bool *used);
/* x = a^-1 b by that factor, 0 where a column is not used; x may be b. */
void cholesky_solve(const double *factor, size_t n, const bool *used, const double *b, double *x);
/* inverse[n * n], rows and columns that are not used 0. work[n] */
void cholesky_inverse(const double *factor, size_t n, const bool *used, double *inverse, double *work);
/* b' a^-1 b of a[n * n], which is overwritten, with *rank columns used; work[2 * n]. A pivot counts above `tolerance`
 * of its diagonal element. */
double quadratic_form(double *a, size_t n, const double *b, double tolerance, size_t *rank, bool *used, double *work);

#endif
