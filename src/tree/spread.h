/* Mean, deviation and percentiles of values as they come.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_SPREAD_H
#define STASIS_TREE_SPREAD_H

#include <stasis/tree.h>

/* Mean and standard deviation of values that are not kept (Welford, Technometrics 1962;4:419). */
typedef struct tally {
    uint64_t n;
    double mean, squares; /* sum of squared deviations from the mean */
} tally;

static inline void tally_add(tally *t, double value) {
    const double before = value - t->mean;
    t->n++;
    t->mean += before / (double)t->n;
    t->squares += before * (value - t->mean);
}
double tally_mean(const tally *t); /* NaN without values */
double tally_sd(const tally *t);   /* of the sample, 0 with one value, NaN without */

/* Sorts value[n]. */
st_spread spread_of(double *value, uint64_t n);

#endif
