/* Numbers of series of numbers.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "statistics.h"

#include <math.h>
#include <stdlib.h>

double correlation(const double *x, const double *y, size_t n) {
    double mx = 0, my = 0, xx = 0, yy = 0, xy = 0;
    for (size_t i = 0; i < n; i++) {
        mx += x[i] / (double)n;
        my += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mx) * (x[i] - mx);
        yy += (y[i] - my) * (y[i] - my);
        xy += (x[i] - mx) * (y[i] - my);
    }
    return xy / sqrt(xx * yy);
}

static int by_value(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

double quantile(double *value, size_t n, double part) {
    if (n == 0)
        return NAN;
    qsort(value, n, sizeof *value, by_value);
    const double at = part * (double)(n - 1);
    const size_t below = (size_t)at;
    return below + 1 < n ? value[below] + (at - (double)below) * (value[below + 1] - value[below]) : value[below];
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
