/* One pass over the risk sets, from the last event time to the first: sums over those at risk only grow, except where
 * subjects enter late.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cox_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double ROUNDED_AWAY = 1e-6; /* of the deaths' own weight: subjects that left took its digits along */
static const double LP_MOST = 1e8;       /* whose power of two is an integer yet; no search goes there */

/* ---- the model --------------------------------------------------------------------------------- */

/* From the first event on, subjects are compared with others; who left before says nothing. */
static size_t first_compared(const st_survival *s, const uint32_t *member, size_t n) {
    for (size_t i = 0; i < n; i++)
        if (s->status[member[i]] > 0) {
            while (i > 0 && !(s->time[member[i - 1]] < s->time[member[i]]))
                i--;
            return i;
        }
    return n;
}

/* Mean and mean absolute deviation among the compared, so that a value far out, which no event sees, does not drown
 * what the events see. */
static void scale_column(cox_model *m, const double *x, size_t j) {
    const st_survival *s = m->survival;
    double mean = 0, deviation = 0, low = INFINITY, high = -INFINITY;
    size_t n = 0;
    for (int turn = 0; turn < 2; turn++)
        for (uint32_t k = 0; k < m->strata->n; k++) {
            size_t size;
            const uint32_t *member = part_members(m->strata, k, &size);
            for (size_t i = first_compared(s, member, size); i < size; i++) {
                const double value = x[s->row[member[i]]];
                if (turn == 0) {
                    low = fmin(low, value);
                    high = fmax(high, value);
                    mean += (value - mean) / (double)++n;
                } else {
                    deviation += fabs(value - mean) / (double)n;
                }
            }
        }
    m->mean[j] = mean;
    const bool varies = high > low && deviation > 0;
    m->scale[j] = varies ? deviation : 1;
    for (size_t i = 0; i < m->n; i++)
        m->z[i * m->p + j] = varies ? (x[s->row[m->strata->member[i]]] - mean) / deviation : 0;
}

static st_status order_entries(cox_model *m, st_error *err) {
    double *entry = st_alloc(m->n, sizeof *entry, err);
    m->enters = st_alloc(m->n, sizeof *m->enters, err);
    st_status status = entry && m->enters ? ST_OK : ST_MEMORY;
    for (size_t i = 0; i < m->n && status == ST_OK; i++)
        entry[i] = m->survival->start[m->strata->member[i]];
    for (uint32_t k = 0; k < m->strata->n && status == ST_OK; k++) {
        const size_t first = m->strata->first[k];
        status = survival_order(entry + first, m->strata->first[k + 1] - first, m->enters + first, err);
    }
    free(entry);
    return status;
}

static size_t sums_of(size_t p) {
    return 1 + p + p * (p + 1) / 2;
}

st_status cox_model_init(const st_survival *s, const st_survival_parts *strata, const st_cox_data *data, st_ties ties,
                         cox_model *m, st_error *err) {
    *m = (cox_model){.survival = s, .strata = strata, .n = s->n, .p = data->p, .ties = ties};
    const size_t p = data->p;
    if (p == 0 || p > 10000)
        return st_fail(err, ST_VALUE, "%zu columns of covariates; a model has 1 to 10000", p);
    if (m->n > SIZE_MAX / sizeof(double) / p)
        return st_fail(err, ST_MEMORY, "no memory for %zu columns of %zu subjects", p, m->n);
    m->z = st_alloc(m->n * p, sizeof *m->z, err);
    m->mean = st_alloc(2 * p, sizeof *m->mean, err);
    m->weight = st_alloc(m->n, sizeof *m->weight, err);
    m->lp = st_alloc(m->n, sizeof *m->lp, err);
    m->sums = st_alloc(4 * sums_of(p) + 2 * p + p * p, sizeof *m->sums, err);
    st_status status = m->z && m->mean && m->weight && m->lp && m->sums ? ST_OK : ST_MEMORY;
    if (status == ST_OK && s->start)
        status = order_entries(m, err);
    if (status == ST_OK) {
        m->scale = m->mean + p;
        for (size_t j = 0; j < p; j++)
            scale_column(m, data->x[j], j);
    } else {
        cox_model_fini(m);
    }
    return status;
}

void cox_model_fini(cox_model *m) {
    free(m->z);
    free(m->mean);
    free(m->enters);
    free(m->weight);
    free(m->lp);
    free(m->sums);
    *m = (cox_model){0};
}

/* ---- sums over a risk set -------------------------------------------------------------------------- */

/* s0 = sum w, s1[p] = sum w z, s2 = sum w z z' (lower triangle, row after row). */
static void add(double *sum, const double *z, size_t p, double w) {
    *sum++ += w;
    double *s2 = sum + p;
    for (size_t j = 0; j < p; j++) {
        const double wz = w * z[j];
        sum[j] += wz;
        for (size_t k = 0; k <= j; k++)
            *s2++ += wz * z[k];
    }
}

/* What rounding takes from a + b (Knuth, The Art of Computer Programming 4.2.2, theorem B). */
static void add_exactly(double *sum, double *low, double value) {
    const double total = *sum + value, part = total - *sum;
    *low += (*sum - (total - part)) + (value - part);
    *sum = total;
}

/* The same sums where subjects also leave: what remains after a large one has gone keeps its digits. */
static void add_both_ways(double *sum, double *low, const double *z, size_t p, double w) {
    size_t at = 1 + p;
    add_exactly(sum, low, w);
    for (size_t j = 0; j < p; j++) {
        const double wz = w * z[j];
        add_exactly(&sum[1 + j], &low[1 + j], wz);
        for (size_t k = 0; k <= j; k++, at++)
            add_exactly(&sum[at], &low[at], wz * z[k]);
    }
}

/* The terms of one event time with d deaths: Efron takes a share of the deaths' own weight out of the risk set for each
 * of them in turn, Breslow none. `risk` and `dead` are sums as above. NaN where rounding has taken too much. */
static double tied(const double *risk, const double *dead, size_t p, size_t d, st_ties ties, double *u, double *info,
                   double *mean) {
    double loglik = risk[0] > 0 && risk[0] >= dead[0] * (1 - ROUNDED_AWAY) ? 0 : NAN;
    const size_t turns = ties == ST_TIES_EFRON ? d : 1;
    const double times = (double)d / (double)turns;
    for (size_t turn = 0; turn < turns; turn++) {
        const double share = (double)turn / (double)d, s0 = risk[0] - share * dead[0];
        const double *r2 = risk + 1 + p, *d2 = dead + 1 + p;
        loglik -= times * log(s0);
        for (size_t j = 0; j < p; j++) {
            mean[j] = (risk[1 + j] - share * dead[1 + j]) / s0;
            u[j] -= times * mean[j];
            for (size_t k = 0; k <= j; k++)
                info[j * p + k] += times * ((*r2++ - share * *d2++) / s0 - mean[j] * mean[k]);
        }
    }
    return loglik;
}

/* ---- the pass ---------------------------------------------------------------------------------------- */

/* Where a pass through a stratum is. */
typedef struct passing {
    const cox_model *m;
    size_t first, at_risk, leaver; /* leaver: entries after it lie behind */
    double *risk, *low, *dead; /* sums over those at risk, what rounding took from them; over the deaths of a time */
    double *now, *u, *mean, *info;
    int scale; /* the sums are of relative hazards over 2^scale */
    size_t deaths, last;
    double loglik;
} passing;

/* The power of two in a relative hazard: what it is scaled by, without rounding. */
static int power_of(double lp) {
    return (int)lrint(lp / M_LN2);
}

/* The relative hazard of a subject on the scale of the sums, which rises where it must. Without that, what the summit
 * of a likelihood that has none asks for, e to the thousands, would end the search. */
static double scaled_weight(passing *c, size_t at) {
    const int power = power_of(c->m->lp[at]);
    if (c->at_risk == 0 || power > c->scale) {
        const double factor = c->at_risk == 0 ? 0 : ldexp(1, c->scale - power);
        for (size_t j = 0; j < 3 * sums_of(c->m->p); j++)
            c->risk[j] *= factor; /* and low and dead, which follow */
        c->scale = power;
    }
    return ldexp(c->m->weight[at], power - c->scale);
}

/* Those of the time of place i - 1 come under risk; returns the place before them. */
static size_t gather(passing *c, size_t i) {
    const cox_model *m = c->m;
    const st_survival *s = m->survival;
    const uint32_t *member = m->strata->member;
    const double time = s->time[member[i - 1]];
    const size_t p = m->p;
    memset(c->dead, 0, sums_of(p) * sizeof *c->dead);
    memset(c->u, 0, p * sizeof *c->u);
    c->deaths = 0;
    c->loglik = 0;
    for (; i > c->first && !(s->time[member[i - 1]] < time); i--) {
        const size_t at = i - 1;
        const double *z = m->z + at * p, weight = scaled_weight(c, at);
        if (m->enters)
            add_both_ways(c->risk, c->low, z, p, weight);
        else
            add(c->risk, z, p, weight);
        c->at_risk++;
        if (s->status[member[at]] == 0)
            continue;
        add(c->dead, z, p, weight);
        c->deaths++;
        c->last = at;
        c->loglik += m->lp[at];
        for (size_t j = 0; j < p; j++)
            c->u[j] += z[j];
    }
    c->loglik -= (double)c->deaths * c->scale * M_LN2;
    return i;
}

/* Back in time, before their entry, subjects are not at risk. */
static void release(passing *c, double time) {
    const cox_model *m = c->m;
    for (; c->leaver > c->first; c->leaver--) {
        const size_t at = c->first + m->enters[c->leaver - 1];
        if (m->survival->start[m->strata->member[at]] < time)
            break;
        add_both_ways(c->risk, c->low, m->z + at * m->p, m->p, -ldexp(m->weight[at], power_of(m->lp[at]) - c->scale));
        c->at_risk--;
    }
}

/* One stratum: places first .. end - 1. */
static void pass_stratum(const cox_model *m, size_t first, size_t end, cox_visitor *visit, void *context) {
    const size_t p = m->p, size = sums_of(p);
    passing c = {.m = m, .first = first, .leaver = end, .risk = m->sums};
    c.low = c.risk + size;
    c.dead = c.low + size;
    c.now = c.dead + size;
    c.u = c.now + size;
    c.mean = c.u + p;
    c.info = c.mean + p;
    memset(c.risk, 0, 2 * size * sizeof *c.risk);
    for (size_t i = end, next; i > first; i = next) {
        if (m->enters)
            release(&c, m->survival->time[m->strata->member[i - 1]]);
        next = gather(&c, i);
        if (c.deaths == 0)
            continue;
        for (size_t j = 0; m->enters && j < size; j++)
            c.now[j] = c.risk[j] + c.low[j];
        memset(c.info, 0, p * p * sizeof *c.info);
        c.loglik += tied(m->enters ? c.now : c.risk, c.dead, p, c.deaths, m->ties, c.u, c.info, c.mean);
        visit(context, &(cox_moment){c.last, c.loglik, c.u, c.info});
    }
}

void cox_pass(const cox_model *m, const double *beta, cox_visitor *visit, void *context) {
    for (size_t i = 0; i < m->n; i++) {
        double lp = 0;
        for (size_t j = 0; j < m->p; j++)
            lp += beta[j] * m->z[i * m->p + j];
        m->lp[i] = fmax(-LP_MOST, fmin(LP_MOST, lp));
        m->weight[i] = exp(m->lp[i] - power_of(m->lp[i]) * M_LN2);
    }
    for (uint32_t k = 0; k < m->strata->n; k++)
        pass_stratum(m, m->strata->first[k], m->strata->first[k + 1], visit, context);
}
