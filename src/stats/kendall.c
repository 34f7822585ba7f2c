/* Kendall's rank correlation with its test, and the test of Begg and Mazumdar.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/meta_checks.h>
#include <stasis/statistics.h>

#include <math.h>
#include <stdlib.h>

#include "tails.h"

/* Of m, the sizes of the runs of equal values: sums of t (t - 1), t (t - 1) (t - 2) and t (t - 1) (2 t + 5). */
typedef struct ties {
    double pairs, triples, variance;
} ties;

static st_status count_ties(const double *value, size_t n, ties *t, st_error *err) {
    *t = (ties){0};
    double *ascending = st_alloc(n, sizeof *ascending, err);
    if (ascending == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < n; i++)
        ascending[i] = value[i];
    st_sort(ascending, n);
    for (size_t first = 0, next; first < n; first = next) {
        for (next = first + 1; next < n && !(ascending[next] > ascending[first]);)
            next++;
        const double m = (double)(next - first);
        t->pairs += m * (m - 1);
        t->triples += m * (m - 1) * (m - 2);
        t->variance += m * (m - 1) * (2 * m + 5);
    }
    free(ascending);
    return ST_OK;
}

/* Concordant less discordant pairs. */
static double score(const double *x, const double *y, size_t n) {
    double sum = 0;
    for (size_t i = 1; i < n; i++) {
        long row = 0;
        for (size_t j = 0; j < i; j++)
            row += ((x[i] > x[j]) - (x[i] < x[j])) * ((y[i] > y[j]) - (y[i] < y[j]));
        sum += (double)row;
    }
    return sum;
}

/* P(inversions <= most) of a random order of n things, most <= n (n - 1) / 4: the j-th thing adds 0 .. j - 1 of them
 * with the same probability each. */
static st_status inversions_below(size_t n, size_t most, double *p, st_error *err) {
    double *last = st_alloc(most + 1, sizeof *last, err), *next = st_alloc(most + 1, sizeof *next, err);
    const st_status status = last && next ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        last[0] = 1;
    for (size_t j = 2; status == ST_OK && j <= n; j++) {
        double window = 0;
        for (size_t s = 0; s <= most; s++) {
            window += last[s] - (s >= j ? last[s - j] : 0);
            next[s] = window / (double)j;
        }
        double *swap = last;
        last = next;
        next = swap;
    }
    *p = 0;
    for (size_t s = 0; status == ST_OK && s <= most; s++)
        *p += last[s];
    free(last);
    free(next);
    return status;
}

st_status st_kendall_test(const double *x, const double *y, size_t n, st_kendall *kendall, st_error *err) {
    *kendall = (st_kendall){NAN, NAN, NAN, false};
    ties tx, ty;
    st_status status = count_ties(x, n, &tx, err);
    if (status == ST_OK)
        status = count_ties(y, n, &ty, err);
    if (status != ST_OK)
        return status;
    const double m = (double)n, pairs = m * (m - 1);
    if (n < 2 || !(pairs > tx.pairs) || !(pairs > ty.pairs))
        return ST_OK;
    const double s = score(x, y, n);
    kendall->tau = fmax(-1, fmin(1, 2 * s / sqrt((pairs - tx.pairs) * (pairs - ty.pairs))));
    kendall->exact = n <= ST_KENDALL_EXACT_MOST && !(tx.pairs > 0) && !(ty.pairs > 0);
    if (kendall->exact) {
        double tail;
        status = inversions_below(n, (size_t)((pairs / 2 - fabs(s)) / 2), &tail, err);
        kendall->p = fmin(1, 2 * tail);
        return status;
    }
    double variance = (pairs * (2 * m + 5) - tx.variance - ty.variance) / 18 + tx.pairs * ty.pairs / (2 * pairs);
    if (n > 2)
        variance += tx.triples * ty.triples / (9 * pairs * (m - 2));
    kendall->z = s / sqrt(variance);
    kendall->p = fmin(1, tail_normal(kendall->z));
    return ST_OK;
}

/* Standardized distance of study i from the pool, the same to the last bit for equal studies. Written so that a study
 * which outweighs the others together does not lose its digits: y - b = sum w(j) (y - y(j)) / W, v - var b = v W(-i) /
 * W. */
static double standardized(const double *yi, const double *vi, size_t k, size_t i) {
    double all = 0, without = 0, shift = 0;
    for (size_t j = 0; j < k; j++) {
        all += 1 / vi[j];
        without += j == i ? 0 : 1 / vi[j];
        shift += (yi[i] - yi[j]) / vi[j];
    }
    const double others = 1 / vi[i] > all / 2 ? without : all - 1 / vi[i]; /* more than half: at most one study */
    return shift / all / sqrt(vi[i] * others / all);
}

st_status st_meta_begg(const double *yi, const double *vi, size_t k, st_kendall *begg, st_error *err) {
    *begg = (st_kendall){NAN, NAN, NAN, false};
    for (size_t i = 0; i < k; i++)
        if (!isfinite(yi[i]) || !isfinite(vi[i]) || !(vi[i] > 0))
            return st_fail(err, ST_VALUE,
                           "study %zu has the estimate %g and the variance %g; the rank test wants finite ones and a "
                           "variance above 0",
                           i + 1, yi[i], vi[i]);
    double *z = st_alloc(k, sizeof *z, err);
    if (z == NULL)
        return ST_MEMORY;
    bool finite = k > 1; /* one alone has no distance from itself */
    for (size_t i = 0; i < k; i++) {
        z[i] = standardized(yi, vi, k, i);
        finite = finite && isfinite(z[i]);
    }
    st_status status = ST_OK;
    if (finite)
        status = st_kendall_test(z, vi, k, begg, err);
    free(z);
    return status;
}
