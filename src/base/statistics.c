/* Order and rank of numbers.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/statistics.h>

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

/* With fewer pairs Student's t is too bold far out, where the strongest of several is looked for: at 6 pairs it lets an
 * order pass at 1 in 200 that chance brings in 1 of 60. */
static const size_t PAIRS_LEAST = 20;

static int ascending(const void *x, const void *y) {
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

void st_sort(double *value, size_t n) {
    qsort(value, n, sizeof *value, ascending);
}

double st_percentile(const double *value, size_t n, double percent) {
    if (n == 0)
        return NAN;
    const double at = percent / 100 * (double)(n - 1);
    const size_t below = (size_t)at;
    return below + 1 < n ? value[below] + (at - (double)below) * (value[below + 1] - value[below]) : value[n - 1];
}

typedef struct placed {
    double value;
    size_t place;
} placed;

static int ascending_placed(const void *x, const void *y) {
    const placed *a = x, *b = y;
    return (a->value > b->value) - (a->value < b->value);
}

st_status st_ranks(const double *value, size_t n, double *rank, st_error *err) {
    placed *order = st_alloc(n, sizeof *order, err);
    if (order == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < n; i++)
        order[i] = (placed){value[i], i};
    qsort(order, n, sizeof *order, ascending_placed);
    for (size_t first = 0, next; first < n; first = next) {
        for (next = first + 1; next < n && !(order[next].value > order[first].value);)
            next++;
        for (size_t i = first; i < next; i++) /* the mean of first + 1 .. next */
            rank[order[i].place] = (double)(first + next + 1) / 2;
    }
    free(order);
    return ST_OK;
}

static bool varies(const double *x, size_t n) {
    for (size_t i = 1; i < n; i++)
        if (x[i] < x[0] || x[i] > x[0])
            return true;
    return false;
}

double st_correlation(const double *x, const double *y, size_t n) {
    double mean_x = 0, mean_y = 0, xx = 0, yy = 0, xy = 0;
    if (!varies(x, n) || !varies(y, n)) /* which rounded sums of squares would not tell */
        return NAN;
    for (size_t i = 0; i < n; i++) {
        mean_x += x[i] / (double)n;
        mean_y += y[i] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        xx += (x[i] - mean_x) * (x[i] - mean_x);
        yy += (y[i] - mean_y) * (y[i] - mean_y);
        xy += (x[i] - mean_x) * (y[i] - mean_y);
    }
    return fmax(-1, fmin(1, xy / sqrt(xx * yy)));
}

double st_rank_correlation_critical(size_t n, double level) {
    if (n < PAIRS_LEAST)
        return 1;
    const double t = gsl_cdf_tdist_Qinv(level / 2, (double)n - 2);
    return t / sqrt((double)n - 2 + t * t);
}
