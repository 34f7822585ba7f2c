/* Numbers of series of numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_VALIDATE_STATISTICS_H
#define STASIS_VALIDATE_STATISTICS_H

#include <stddef.h>

/* Sorts them; interpolates between neighbours. NaN of none. */
double quantile(double *value, size_t n, double part);
typedef struct moments {
    double mean, variation, skewness; /* variation: SD over mean */
} moments;
moments moments_of(const double *value, size_t n);

#endif
