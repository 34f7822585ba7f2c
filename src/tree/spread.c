/* Mean, deviation and percentiles of values as they come.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "spread.h"

#include <math.h>
#include <stdlib.h>

double tally_mean(const tally *t) {
    return t->n > 0 ? t->mean : NAN;
}

double tally_sd(const tally *t) {
    return t->n > 1 ? sqrt(t->squares / (double)(t->n - 1)) : t->n == 1 ? 0 : NAN;
}

static int ascending(const void *x, const void *y) {
    const double a = *(const double *)x, b = *(const double *)y;
    return (a > b) - (a < b);
}

/* Linear between the values in order (Hyndman & Fan, Am Stat 1996;50:361, their seventh). */
static double percentile(const double *value, uint64_t n, double percent) {
    const double at = percent / 100 * (double)(n - 1);
    const uint64_t below = (uint64_t)at;
    return below + 1 < n ? value[below] + (at - (double)below) * (value[below + 1] - value[below]) : value[n - 1];
}

st_spread spread_of(double *value, uint64_t n) {
    tally t = {0};
    for (uint64_t i = 0; i < n; i++)
        tally_add(&t, value[i]);
    st_spread spread = {.n = n, .mean = tally_mean(&t), .sd = tally_sd(&t), .p5 = NAN, .p50 = NAN, .p95 = NAN};
    if (n == 0)
        return spread;
    qsort(value, n, sizeof *value, ascending);
    spread.p5 = percentile(value, n, 5);
    spread.p50 = percentile(value, n, 50);
    spread.p95 = percentile(value, n, 95);
    return spread;
}
