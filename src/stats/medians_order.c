/* The median of medians, and limits by the sign test.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "medians_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double WORK_MOST = 1e9; /* arms times patients */

typedef struct ranked {
    double time, weight;
} ranked;

static int by_time(const void *a, const void *b) {
    const ranked *x = a, *y = b;
    return (x->time > y->time) - (x->time < y->time);
}

/* below[s], s = 0 .. total: probability that coins, one of each weight, sum to s or less. */
static void sum_coins(const ranked *r, size_t k, size_t total, double *below) {
    memset(below, 0, (total + 1) * sizeof *below);
    below[0] = 1;
    size_t reach = 0;
    for (size_t i = 0; i < k; i++) {
        const size_t weight = (size_t)r[i].weight;
        reach += weight;
        for (size_t s = reach + 1; s-- > 0;)
            below[s] = (below[s] + (s >= weight ? below[s - weight] : 0)) / 2;
    }
    for (size_t s = 1; s <= total; s++)
        below[s] += below[s - 1];
}

/* Middle of the ranked times: the mean of two where the weights below and above are the same. */
static double middle(const ranked *r, size_t k, double total) {
    double sum = 0;
    for (size_t i = 0; i + 1 < k; i++) {
        sum += r[i].weight;
        if (2 * sum > total)
            return r[i].time;
        if (!(2 * sum < total))
            return isinf(r[i + 1].time) ? INFINITY : (r[i].time + r[i + 1].time) / 2;
    }
    return r[k - 1].time;
}

/* A median between two neighbouring times is kept where neither tail of the weight below it is `tail` or less. */
static void sign_limits(const ranked *r, size_t k, size_t total, const double *below, double tail, double *lb,
                        double *ub) {
    size_t sum = 0;
    bool found = false;
    *lb = 0;
    *ub = INFINITY;
    for (size_t i = 0; i <= k; i++) { /* the gap below time i */
        const bool empty = i > 0 && i < k && !(r[i].time > r[i - 1].time);
        if (!empty && below[sum] > tail && below[total - sum] > tail) {
            if (!found)
                *lb = i > 0 ? r[i - 1].time : 0;
            found = true;
            *ub = i < k ? r[i].time : INFINITY;
        }
        sum += i < k ? (size_t)r[i].weight : 0;
    }
    if (!found) /* all the weight of the accepted sums lies within one time */
        *lb = *ub = middle(r, k, (double)total);
}

static double coverage(const double *below, size_t total, double tail) {
    double sum = 0;
    for (size_t s = 0; s <= total; s++)
        if (below[s] > tail && below[total - s] > tail)
            sum += below[s] - (s > 0 ? below[s - 1] : 0);
    return sum;
}

/* Ranks the arms, those that did not reach their median at their follow-up or above all. */
static void rank(const st_median_arm *arm, size_t k, bool least, bool weighted, ranked *r) {
    for (size_t i = 0; i < k; i++)
        r[i] = (ranked){arm[i].not_reached && !least ? INFINITY : arm[i].median, weighted ? arm[i].n : 1};
    qsort(r, k, sizeof *r, by_time);
}

static void pool(const st_median_arm *arm, size_t k, bool weighted, size_t total, double tail, ranked *r, double *below,
                 double answer[4]) {
    double other;
    rank(arm, k, true, weighted, r);
    sum_coins(r, k, total, below);
    answer[1] = middle(r, k, (double)total);
    sign_limits(r, k, total, below, tail, &answer[2], &other);
    rank(arm, k, false, weighted, r);
    answer[0] = middle(r, k, (double)total);
    sign_limits(r, k, total, below, tail, &other, &answer[3]);
}

st_status st_medians_pool_order(const st_median_arm *arm, size_t k, double level, st_medians_order *fit,
                                st_error *err) {
    *fit = (st_medians_order){.level = level, .k = k};
    const st_status status = medians_check(arm, k, level, err);
    if (status != ST_OK)
        return status;
    double all = 0;
    for (size_t i = 0; i < k; i++) {
        all += arm[i].n;
        fit->not_reached += arm[i].not_reached;
    }
    if (all * (double)k > WORK_MOST)
        return st_fail(err, ST_VALUE, "%g patients in %zu arms: the exact sign test takes arms times patients up to %g",
                       all, k, WORK_MOST);
    const size_t total = (size_t)all;
    ranked *r = st_alloc(k, sizeof *r, err);
    double *below = r != NULL ? st_alloc(total + 1, sizeof *below, err) : NULL;
    if (below != NULL) {
        const double tail = (1 - level) / 2;
        double answer[4];
        pool(arm, k, false, k, tail, r, below, answer);
        fit->plain = answer[0];
        fit->plain_lb = answer[2];
        fit->plain_ub = answer[3];
        pool(arm, k, true, total, tail, r, below, answer);
        fit->median = answer[0];
        fit->median_least = answer[1];
        fit->lb = answer[2];
        fit->ub = answer[3];
        fit->coverage = coverage(below, total, tail);
    }
    free(r);
    free(below);
    return below != NULL ? ST_OK : ST_MEMORY;
}
