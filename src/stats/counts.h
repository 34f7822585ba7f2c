/* What the files of pooled counts share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_STATS_COUNTS_H
#define STASIS_STATS_COUNTS_H

#include <stasis/meta_counts.h>

/* The estimates of the single studies by a measure that the columns fit; those without one are left out. */
typedef struct counts_effects {
    size_t k;
    double *yi, *vi; /* [k]; one allocation, that of yi */
} counts_effects;
ST_MUST_CHECK st_status counts_effects_make(const st_counts *c, st_measure measure, const st_effect_options *o,
                                            counts_effects *e, st_error *err);
void counts_effects_fini(counts_effects *e);

/* Each fills `fit`, in which everything that is not defined is NaN. */
ST_MUST_CHECK st_status counts_mantel_haenszel(const st_counts *c, const st_counts_options *o, st_counts_fit *fit,
                                               st_error *err);
ST_MUST_CHECK st_status counts_peto(const st_counts *c, const st_counts_options *o, st_counts_fit *fit, st_error *err);
ST_MUST_CHECK st_status counts_glmm(const st_counts *c, const st_counts_options *o, st_counts_fit *fit, st_error *err);

/* The estimate with its standard error, test and limits. */
void counts_set_estimate(st_counts_fit *fit, double b, double se);
/* A chi-square statistic; NaN without degrees of freedom. */
st_counts_test counts_test(double stat, double df);
/* I2, H2, QE and QEp of MH and PETO from Cochran's Q on df degrees of freedom; without these nothing can differ. */
void counts_set_heterogeneity(st_counts_fit *fit, double Q, double df);

#endif
