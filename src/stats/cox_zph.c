/* Whether hazards are proportional.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "cox_internal.h"

#include <stasis/statistics.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const double SINGULAR = 1e-11; /* of a diagonal element: nothing is left to test */

/* Score and information of (beta, theta), theta the coefficients of z g(t); blocks of p: lower triangles. */
typedef struct sums {
    size_t p;
    const double *g; /* [n] by place of the model */
    double *u;       /* [p] of theta; that of beta is 0 */
    double *info[3]; /* [p * p] each, of beta; beta and theta; theta: sums of V, g V, g^2 V */
} sums;

static void add_moment(void *context, const cox_moment *moment) {
    sums *s = context;
    const double g = s->g[moment->last];
    for (size_t j = 0; j < s->p; j++) {
        s->u[j] += g * moment->u[j];
        for (size_t k = 0; k <= j; k++) {
            const double v = moment->info[j * s->p + k];
            s->info[0][j * s->p + k] += v;
            s->info[1][j * s->p + k] += g * v;
            s->info[2][j * s->p + k] += g * g * v;
        }
    }
}

/* ---- the transform of time --------------------------------------------------------------------- */

/* 1 - S(t-) of all subjects in one; value[n] by place of the survival. */
static st_status by_curve(const st_survival *s, double *value, st_error *err) {
    st_survival_parts all;
    st_survival_curve curve;
    st_status status = st_survival_split(s, NULL, 1, &all, err);
    if (status != ST_OK)
        return status;
    status = st_survival_curve_fit(s, &all, 0, ST_LIMITS_LOG, 0.95, &curve, err);
    st_survival_parts_fini(&all);
    if (status != ST_OK)
        return status;
    for (size_t i = 0, step = 0; i < s->n; i++) {
        step += curve.time[step] < s->time[i];
        value[i] = step > 0 ? 1 - curve.survival[step - 1] : 0;
    }
    st_survival_curve_fini(&curve);
    return ST_OK;
}

static st_status transform_times(const st_survival *s, st_zph_transform transform, double *value, st_error *err) {
    switch (transform) {
    case ST_ZPH_KM:
        return by_curve(s, value, err);
    case ST_ZPH_RANK:
        return st_ranks(s->time, s->n, value, err);
    case ST_ZPH_IDENTITY:
        memcpy(value, s->time, s->n * sizeof *value);
        return ST_OK;
    case ST_ZPH_LOG:
        for (size_t i = 0; i < s->n; i++) {
            if (s->status[i] > 0 && !(s->time[i] > 0))
                return st_fail(err, ST_VALUE,
                               "the transform log of the test for proportional hazards has no value for the "
                               "event at time 0; km, identity and rank have one");
            value[i] = log(s->time[i]);
        }
        return ST_OK;
    }
    return ST_OK;
}

/* g[n] by place of the model: centred and scaled over the events, which changes no test and spares digits. */
static st_status prepare(const cox_model *m, st_zph_transform transform, double *g, st_error *err) {
    const st_survival *s = m->survival;
    double *value = st_alloc(s->n, sizeof *value, err), mean = 0, deviation = 0;
    if (value == NULL)
        return ST_MEMORY;
    const st_status status = transform_times(s, transform, value, err);
    for (size_t i = 0; i < s->n && status == ST_OK; i++)
        mean += s->status[i] > 0 ? value[i] / (double)s->events : 0;
    for (size_t i = 0; i < s->n && status == ST_OK; i++)
        deviation += s->status[i] > 0 ? fabs(value[i] - mean) / (double)s->events : 0;
    for (size_t i = 0; i < s->n && status == ST_OK; i++)
        g[i] = (value[m->strata->member[i]] - mean) / (deviation > 0 ? deviation : 1);
    free(value);
    return status;
}

/* ---- the tests ------------------------------------------------------------------------------------ */

static double lower(const double *a, size_t p, size_t j, size_t k) {
    return j > k ? a[j * p + k] : a[k * p + j];
}

/* Of the columns which[n]: u' (I_tt - I_tb I_bb^-1 I_bt)^-1 u within the system of every kept beta and these thetas. */
static st_status test_columns(const sums *s, const size_t *kept, size_t n_kept, const size_t *which, size_t n,
                              double *chisq, st_error *err) {
    const size_t all = n_kept + n;
    double *a = st_alloc(all * all + 3 * all, sizeof *a, err), *b = a ? a + all * all : NULL;
    bool *used = st_alloc(all, sizeof *used, err);
    if (a == NULL || used == NULL) {
        free(a);
        free(used);
        return ST_MEMORY;
    }
    for (size_t i = 0; i < all; i++) {
        const bool theta = i >= n_kept;
        const size_t row = theta ? which[i - n_kept] : kept[i];
        b[i] = theta ? s->u[row] : 0;
        for (size_t j = 0; j <= i; j++) {
            const bool theta_too = j >= n_kept;
            a[i * all + j] = lower(s->info[theta + theta_too], s->p, row, theta_too ? which[j - n_kept] : kept[j]);
        }
    }
    size_t rank;
    const double value = quadratic_form(a, all, b, SINGULAR, &rank, used, b + all);
    *chisq = rank == all ? value : NAN;
    free(a);
    free(used);
    return ST_OK;
}

static st_status test_terms(const sums *s, const st_cox_data *data, const st_cox *cox, st_zph *zph, st_error *err) {
    size_t *kept = st_alloc(2 * data->p, sizeof *kept, err), *which = kept ? kept + data->p : NULL, n_kept = 0;
    if (kept == NULL)
        return ST_MEMORY;
    for (size_t j = 0; j < data->p; j++)
        if (cox->kind[j] != ST_COX_REDUNDANT)
            kept[n_kept++] = j;
    st_status status = ST_OK;
    for (size_t t = 0; t <= zph->terms && status == ST_OK; t++) {
        size_t n = 0;
        for (size_t i = 0; i < n_kept; i++)
            if (t == zph->terms || t == (data->term ? data->term[kept[i]] : kept[i]))
                which[n++] = kept[i];
        zph->df[t] = n;
        zph->chisq[t] = NAN;
        if (n > 0)
            status = test_columns(s, kept, n_kept, which, n, &zph->chisq[t], err);
        zph->p[t] = survival_p_chisq(zph->chisq[t], n);
    }
    free(kept);
    return status;
}

static st_status run(const cox_model *m, const st_cox_data *data, const st_cox *cox, st_zph_transform transform,
                     st_zph *zph, st_error *err) {
    const size_t p = m->p;
    double *g = st_alloc(m->n, sizeof *g, err), *work = st_alloc(3 * p * p + 2 * p, sizeof *work, err);
    st_status status = g && work ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        status = prepare(m, transform, g, err);
    if (status == ST_OK) {
        sums s = {p, g, work, {work + 2 * p, work + 2 * p + p * p, work + 2 * p + 2 * p * p}};
        double *const beta = work + p;
        for (size_t j = 0; j < p; j++)
            beta[j] = cox->reached[j] * m->scale[j];
        cox_pass(m, beta, add_moment, &s);
        status = test_terms(&s, data, cox, zph, err);
    }
    free(g);
    free(work);
    return status;
}

st_status st_zph_test(const st_survival *s, const st_survival_parts *strata, const st_cox_data *data, const st_cox *cox,
                      st_ties ties, st_zph_transform transform, st_zph *zph, st_error *err) {
    *zph = (st_zph){.terms = data->term ? data->term[data->p - 1] + 1 : data->p};
    for (size_t j = 0; j < cox->p; j++)
        if (cox->kind[j] == ST_COX_INFINITE)
            return st_fail(err, ST_VALUE,
                           "proportional hazards cannot be tested where a coefficient is infinite; leave "
                           "column %zu out or join its levels",
                           j + 1);
    cox_model model = {0};
    zph->chisq = st_alloc(zph->terms + 1, sizeof *zph->chisq, err);
    zph->p = st_alloc(zph->terms + 1, sizeof *zph->p, err);
    zph->df = st_alloc(zph->terms + 1, sizeof *zph->df, err);
    st_status status = zph->chisq && zph->p && zph->df ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        status = cox_model_init(s, strata, data, ties, &model, err);
    if (status == ST_OK)
        status = run(&model, data, cox, transform, zph, err);
    cox_model_fini(&model);
    if (status != ST_OK)
        st_zph_fini(zph);
    return status;
}

void st_zph_fini(st_zph *zph) {
    free(zph->chisq);
    free(zph->p);
    free(zph->df);
    *zph = (st_zph){0};
}
