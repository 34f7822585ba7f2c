/* Mean, deviation and percentiles of values as they come.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "spread.h"

#include <stasis/statistics.h>

#include <math.h>

double tally_mean(const tally *t) {
    return t->n > 0 ? t->mean : NAN;
}

double tally_sd(const tally *t) {
    return t->n > 1 ? sqrt(t->squares / (double)(t->n - 1)) : t->n == 1 ? 0 : NAN;
}

st_spread spread_of(double *value, uint64_t n) {
    tally t = {0};
    for (uint64_t i = 0; i < n; i++)
        tally_add(&t, value[i]);
    st_spread spread = {.n = n, .mean = tally_mean(&t), .sd = tally_sd(&t), .p5 = NAN, .p50 = NAN, .p95 = NAN};
    if (n == 0)
        return spread;
    st_sort(value, n);
    spread.p5 = st_percentile(value, n, 5);
    spread.p50 = st_percentile(value, n, 50);
    spread.p95 = st_percentile(value, n, 95);
    return spread;
}
