/* The product-limit curve, its quantiles and its area.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "survival_internal.h"

#include <stasis/statistics.h>

#include <math.h>
#include <stdlib.h>

static const double FLAT = 1.4901161193847656e-08; /* heights this near are one, as in R */

void survival_limits(double p, double se_log, st_survival_limits limits, double z, double *lower, double *upper) {
    double reach = z * se_log;
    *lower = *upper = NAN;
    switch (limits) {
    case ST_LIMITS_LOG:
        if (p > 0) {
            *lower = exp(log(p) - reach);
            *upper = fmin(1, exp(log(p) + reach));
        }
        break;
    case ST_LIMITS_LOG_LOG:
        if (p > 0 && p < 1) {
            reach /= log(p); /* negative: the lower limit of S is the upper one of the hazard */
            *lower = exp(-exp(log(-log(p)) - reach));
            *upper = exp(-exp(log(-log(p)) + reach));
        }
        break;
    case ST_LIMITS_PLAIN:
        if (isfinite(se_log)) {
            *lower = fmax(0, p - p * reach);
            *upper = fmin(1, p + p * reach);
        }
        break;
    }
}

static st_status curve_alloc(st_survival_curve *c, size_t steps, st_error *err) {
    double **const array[] = {&c->time,    &c->n_risk, &c->n_event, &c->n_censor,       &c->survival,
                              &c->std_err, &c->lower,  &c->upper,   &c->hazard_variance};
    for (size_t i = 0; i < sizeof array / sizeof *array; i++) {
        *array[i] = st_alloc(steps, sizeof **array[i], err);
        if (*array[i] == NULL) {
            st_survival_curve_fini(c);
            return ST_MEMORY;
        }
    }
    return ST_OK;
}

void st_survival_curve_fini(st_survival_curve *c) {
    double *const array[] = {c->time,    c->n_risk, c->n_event, c->n_censor,       c->survival,
                             c->std_err, c->lower,  c->upper,   c->hazard_variance};
    for (size_t i = 0; i < sizeof array / sizeof *array; i++)
        free(array[i]);
    *c = (st_survival_curve){0};
}

/* Entries of the members, ascending; *entry NULL where all are there from the beginning. */
static st_status entries(const st_survival *s, const uint32_t *member, size_t n, double **entry, st_error *err) {
    *entry = NULL;
    if (s->start == NULL)
        return ST_OK;
    *entry = st_alloc(n, sizeof **entry, err);
    if (*entry == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < n; i++)
        (*entry)[i] = s->start[member[i]];
    st_sort(*entry, n);
    return ST_OK;
}

static void fill(st_survival_curve *c, const st_survival *s, const uint32_t *member, const double *entry,
                 st_survival_limits limits, double z) {
    double survival = 1, variance = 0; /* of log S */
    size_t entered = entry ? 0 : c->n, step = 0;
    for (size_t i = 0, next; i < c->n; i = next, step++) {
        const double time = s->time[member[i]];
        size_t deaths = 0;
        for (next = i; next < c->n && s->time[member[next]] <= time; next++)
            deaths += s->status[member[next]] > 0;
        while (entered < c->n && entry[entered] < time)
            entered++;
        const double at_risk = (double)(entered - i), d = (double)deaths;
        if (deaths > 0) {
            const double left = at_risk - d;
            survival *= left / at_risk;
            variance += d / (at_risk * left); /* infinite, and S is 0, once none is left */
            c->hazard_variance[step] = left > 0 ? d / (at_risk * left) : 0;
        }
        c->time[step] = time;
        c->n_risk[step] = at_risk;
        c->n_event[step] = d;
        c->n_censor[step] = (double)(next - i) - d;
        c->events += deaths;
        c->survival[step] = survival;
        c->std_err[step] = survival * sqrt(variance);
        survival_limits(survival, sqrt(variance), limits, z, &c->lower[step], &c->upper[step]);
    }
}

st_status st_survival_curve_fit(const st_survival *s, const st_survival_parts *parts, uint32_t part,
                                st_survival_limits limits, double level, st_survival_curve *c, st_error *err) {
    *c = (st_survival_curve){0};
    const uint32_t *member = part_members(parts, part, &c->n);
    for (size_t i = 0; i < c->n; i++)
        c->steps += i == 0 || s->time[member[i]] > s->time[member[i - 1]];
    double *entry;
    st_status status = entries(s, member, c->n, &entry, err);
    if (status == ST_OK)
        status = curve_alloc(c, c->steps, err);
    if (status == ST_OK)
        fill(c, s, member, entry, limits, survival_z(level));
    free(entry);
    return status;
}

/* Where `height` first comes down to `level`. */
static double crossing(const double *time, const double *height, size_t n, double level, bool middle_to_end) {
    size_t meets = 0, below;
    while (meets < n && !(height[meets] < level + FLAT))
        meets++;
    if (meets == n)
        return NAN;
    if (!(fabs(height[meets] - level) < FLAT))
        return time[meets];
    for (below = meets; below < n && !(height[below] < level - FLAT);)
        below++;
    if (below < n)
        return (time[meets] + time[below]) / 2;
    return middle_to_end ? (time[meets] + time[n - 1]) / 2 : time[meets];
}

st_survival_estimate st_survival_quantile(const st_survival_curve *c, double share) {
    const bool median = !(share < 0.5) && !(share > 0.5);
    return (st_survival_estimate){.estimate = crossing(c->time, c->survival, c->steps, 1 - share, !median),
                                  .se = NAN,
                                  .lower = crossing(c->time, c->lower, c->steps, 1 - share, !median),
                                  .upper = crossing(c->time, c->upper, c->steps, 1 - share, !median)};
}

st_survival_estimate st_survival_mean(const st_survival_curve *c, double upto, double level) {
    size_t steps = 0;
    while (steps < c->steps && c->time[steps] <= upto)
        steps++;
    double area = 0, variance = 0, end = upto; /* area from a step to upto, from the last one back */
    for (size_t i = steps; i-- > 0;) {
        area += c->survival[i] * (end - c->time[i]);
        variance += area * area * c->hazard_variance[i];
        end = c->time[i];
    }
    area += end;
    const double reach = survival_z(level) * sqrt(variance);
    return (st_survival_estimate){area, sqrt(variance), area - reach, area + reach};
}
