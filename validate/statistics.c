/* Numbers of series of numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "statistics.h"

#include <math.h>
#include <stasis/statistics.h>
#include <stasis/units.h>

double quantile(double *value, size_t n, double part) {
    st_sort(value, n);
    return st_percentile(value, n, part / ST_PERCENT);
}

moments moments_of(const double *value, size_t n) {
    double mean = 0, square = 0, cube = 0;
    for (size_t i = 0; i < n; i++)
        mean += value[i] / (double)n;
    for (size_t i = 0; i < n; i++) {
        const double d = value[i] - mean;
        square += d * d / (double)n;
        cube += d * d * d / (double)n;
    }
    return (moments){.mean = mean, .variation = sqrt(square) / mean, .skewness = cube / (square * sqrt(square))};
}
