/* Observed and expected events of groups.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "survival_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SINGULAR = 1e-10; /* of a variance: the groups before it leave nothing to this one */

/* Sums over the event times. */
typedef struct tally {
    uint32_t groups;
    double *at_risk, *deaths; /* [groups] now */
    double *observed, *expected, *variance;
} tally;

/* Hypergeometric moments of one event time (Mantel & Haenszel, J Natl Cancer Inst 1959;22:719). */
static void count_time(tally *t, double n, double d, double weight) {
    const double scale = n > 1 ? weight * weight * d * (n - d) / (n - 1) : 0;
    for (uint32_t g = 0; g < t->groups; g++) {
        const double share = t->at_risk[g] / n;
        t->observed[g] += weight * t->deaths[g];
        t->expected[g] += weight * d * share;
        for (uint32_t h = 0; h < g && share > 0; h++)
            t->variance[(size_t)g * t->groups + h] -= scale * share * (t->at_risk[h] / n);
        t->variance[(size_t)g * t->groups + g] += scale * share * (1 - share);
    }
}

/* One stratum. `enters`: its places in ascending order of entry, NULL where all are there from the beginning. */
static void count_stratum(tally *t, const st_survival *s, const uint32_t *member, size_t n, const uint32_t *enters,
                          const uint32_t *group, double rho) {
    double survival = 1;
    size_t entered = 0;
    memset(t->at_risk, 0, t->groups * sizeof *t->at_risk);
    for (size_t i = 0, next; i < n; i = next) {
        const double time = s->time[member[i]];
        size_t deaths = 0;
        for (; entered < n; entered++) {
            const uint32_t who = member[enters ? enters[entered] : entered];
            if (enters && !(s->start[who] < time))
                break;
            t->at_risk[group[s->row[who]]]++;
        }
        memset(t->deaths, 0, t->groups * sizeof *t->deaths);
        for (next = i; next < n && s->time[member[next]] <= time; next++)
            if (s->status[member[next]] > 0) {
                t->deaths[group[s->row[member[next]]]]++;
                deaths++;
            }
        const double at_risk = (double)(entered - i);
        if (deaths > 0) {
            count_time(t, at_risk, (double)deaths, rho < 0 || rho > 0 ? pow(survival, rho) : 1);
            survival *= 1 - (double)deaths / at_risk;
        }
        for (size_t k = i; k < next; k++)
            t->at_risk[group[s->row[member[k]]]]--;
    }
}

/* (O - E)' V^- (O - E) over the groups with an expectation; the last of them is what the others leave. */
static st_status compare(const tally *t, st_logrank *test, st_error *err) {
    const size_t n = t->groups;
    double *v = st_alloc(n * n + 3 * n, sizeof *v, err), *u = v ? v + n * n : NULL;
    bool *used = st_alloc(n, sizeof *used, err);
    uint32_t *with = st_alloc(n, sizeof *with, err);
    if (v == NULL || used == NULL || with == NULL) {
        free(v);
        free(used);
        free(with);
        return ST_MEMORY;
    }
    size_t m = 0;
    for (uint32_t g = 0; g < n; g++)
        if (t->expected[g] > 0)
            with[m++] = g;
    m -= m > 0;
    for (size_t i = 0; i < m; i++) {
        u[i] = t->observed[with[i]] - t->expected[with[i]];
        for (size_t j = 0; j <= i; j++)
            v[i * m + j] = t->variance[with[i] * n + with[j]];
    }
    test->chisq = quadratic_form(v, m, u, SINGULAR, &test->df, used, u + n);
    test->p = survival_p_chisq(test->chisq, test->df);
    free(v);
    free(used);
    free(with);
    return ST_OK;
}

static st_status count(tally *t, const st_survival *s, const uint32_t *group, const st_survival_parts *strata,
                       double rho, st_error *err) {
    uint32_t *enters = s->start ? st_alloc(s->n, sizeof *enters, err) : NULL;
    double *entry = s->start ? st_alloc(s->n, sizeof *entry, err) : NULL;
    st_status status = s->start && !(enters && entry) ? ST_MEMORY : ST_OK;
    for (uint32_t k = 0; k < strata->n && status == ST_OK; k++) {
        size_t n;
        const uint32_t *member = part_members(strata, k, &n);
        for (size_t i = 0; i < n && s->start; i++)
            entry[i] = s->start[member[i]];
        if (s->start)
            status = survival_order(entry, n, enters, err);
        if (status == ST_OK)
            count_stratum(t, s, member, n, enters, group, rho);
    }
    free(enters);
    free(entry);
    return status;
}

st_status st_logrank_test(const st_survival *s, const uint32_t *group, uint32_t n_groups,
                          const st_survival_parts *strata, double rho, st_logrank *test, st_error *err) {
    *test = (st_logrank){0};
    if (n_groups > ST_LOGRANK_GROUPS_MOST)
        return st_fail(err, ST_VALUE, "%lu groups; at most %d are compared", (unsigned long)n_groups,
                       ST_LOGRANK_GROUPS_MOST);
    for (size_t i = 0; i < s->n; i++)
        if (group[i] >= n_groups)
            return st_fail(err, ST_VALUE, "subject %zu is of group %lu; there are %lu", i + 1, (unsigned long)group[i],
                           (unsigned long)n_groups);
    const size_t n = n_groups;
    test->groups = n_groups;
    test->observed = st_alloc(n, sizeof(double), err);
    test->expected = st_alloc(n, sizeof(double), err);
    double *work = st_alloc(n * n + 2 * n, sizeof *work, err);
    st_status status = test->observed && test->expected && work ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        tally t = {n_groups, work + n * n, work + n * n + n, test->observed, test->expected, work};
        status = count(&t, s, group, strata, rho, err);
        if (status == ST_OK)
            status = compare(&t, test, err);
    }
    free(work);
    if (status != ST_OK)
        st_logrank_fini(test);
    return status;
}

void st_logrank_fini(st_logrank *test) {
    free(test->observed);
    free(test->expected);
    *test = (st_logrank){0};
}
