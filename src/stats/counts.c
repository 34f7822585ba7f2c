/* Pooling of counts: what all methods share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "counts.h"
#include "tails.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    const char *text;
} models[] = {
#define MODEL_ROW(name, title, text) {title, text},
    ST_COUNTS_MODEL_LIST(MODEL_ROW)
#undef MODEL_ROW
};

const char *st_counts_model_name(st_counts_model model) {
    return models[model].name;
}

st_status st_counts_model_find(const char *name, st_counts_model *model, st_error *err) {
    for (size_t i = 0; i < ST_COUNTS_MODELS; i++)
        if (strcmp(models[i].name, name) == 0) {
            *model = (st_counts_model)i;
            return ST_OK;
        }
    return st_fail(err, ST_USAGE, "there is no model \"%.80s\"; known are %s %s %s %s", name, models[0].name,
                   models[1].name, models[2].name, models[3].name);
}

/* Which columns of a measure are times, and which is a number of people that holds the one before it. */
static bool is_time(st_measure measure, size_t column) {
    return (measure == ST_MEASURE_IRR || measure == ST_MEASURE_IRLN) && column % 2 == 1;
}

static size_t n_columns(st_measure measure) {
    return measure == ST_MEASURE_PLO || measure == ST_MEASURE_IRLN ? 2 : 4;
}

/* The j-th name of "ai,bi,ci,di". */
static void column_name(st_measure measure, size_t j, char name[8]) {
    const char *at = st_measure_columns(measure);
    for (; j > 0; j--)
        at = strchr(at, ',') + 1;
    snprintf(name, 8, "%.*s", (int)strcspn(at, ","), at);
}

static st_status check_study(const st_counts *c, size_t i, bool whole, st_error *err) {
    char name[8], next[8];
    double x[4] = {0};
    for (size_t j = 0; j < n_columns(c->measure); j++) {
        x[j] = c->column[j][i];
        column_name(c->measure, j, name);
        if (!isfinite(x[j]) || x[j] < 0)
            return st_fail(err, ST_VALUE, "study %zu: %s = %g is no count; a finite number of 0 or more is", i + 1,
                           name, x[j]);
        if (is_time(c->measure, j) && !(x[j] > 0))
            return st_fail(err, ST_VALUE, "study %zu: %s = 0; person-time is above 0", i + 1, name);
        if (whole && !is_time(c->measure, j) && (x[j] != floor(x[j]) || x[j] > 1e9))
            return st_fail(err, ST_VALUE, "study %zu: %s = %g; a whole number up to 1e9 is wanted", i + 1, name, x[j]);
    }
    if (c->measure == ST_MEASURE_PLO && (x[0] > x[1] || !(x[1] > 0)))
        return st_fail(err, ST_VALUE,
                       "study %zu: xi = %g of ni = %g; there are at least one person and no more "
                       "events than people",
                       i + 1, x[0], x[1]);
    for (size_t j = 0; n_columns(c->measure) == 4 && c->measure != ST_MEASURE_IRR && j < 4; j += 2) {
        column_name(c->measure, j, name);
        column_name(c->measure, j + 1, next);
        if (!(x[j] + x[j + 1] > 0))
            return st_fail(err, ST_VALUE, "study %zu: %s = %s = 0; an arm has at least one person", i + 1, name, next);
    }
    return ST_OK;
}

/* The measures of each method, and the models of each measure. */
static st_status check_measure(st_measure m, const st_counts_options *o, st_error *err) {
    switch (o->method) {
    case ST_METHOD_MH:
        if (m == ST_MEASURE_OR || m == ST_MEASURE_RR || m == ST_MEASURE_RD || m == ST_MEASURE_IRR)
            return ST_OK;
        return st_fail(err, ST_VALUE, "method MH pools OR, RR, RD and IRR, not %s", st_measure_name(m));
    case ST_METHOD_PETO:
        if (m == ST_MEASURE_PETO || m == ST_MEASURE_OR)
            return ST_OK;
        return st_fail(err, ST_VALUE, "method PETO pools the odds ratio (PETO or OR), not %s", st_measure_name(m));
    case ST_METHOD_GLMM:
        if (m != ST_MEASURE_OR && m != ST_MEASURE_IRR && m != ST_MEASURE_PLO && m != ST_MEASURE_IRLN)
            return st_fail(err, ST_VALUE, "method GLMM pools OR, IRR, PLO and IRLN, not %s", st_measure_name(m));
        if (m == ST_MEASURE_IRR && o->model == ST_COUNTS_CM_AL)
            return st_fail(err, ST_VALUE, "IRR needs no approximation: model CM.EL is exact and binomial");
        return ST_OK;
    default:
        return st_fail(err, ST_VALUE, "MH, PETO and GLMM pool counts; %s pools estimates with variances",
                       o->method < ST_METHODS ? st_method_name(o->method) : "the method");
    }
}

static st_status check(const st_counts *c, const st_counts_options *o, st_error *err) {
    st_status status = check_measure(c->measure, o, err);
    if (status == ST_OK && c->k == 0)
        status = st_fail(err, ST_VALUE, "there is no study; at least one is wanted");
    if (status == ST_OK && !(o->level > 0 && o->level < 1))
        status = st_fail(err, ST_VALUE, "a level of %g is not between 0 and 1", o->level);
    if (status == ST_OK && o->points > ST_COUNTS_POINTS_MOST)
        status = st_fail(err, ST_VALUE, "%zu points of quadrature; 0 (as many as it takes) to %d are possible",
                         o->points, ST_COUNTS_POINTS_MOST);
    if (status == ST_OK && (unsigned)o->model >= ST_COUNTS_MODELS)
        status = st_fail(err, ST_VALUE, "there is no model of number %d", (int)o->model);
    for (size_t i = 0; status == ST_OK && i < c->k; i++)
        status = check_study(c, i, o->method == ST_METHOD_GLMM, err);
    return status;
}

/* NaN in all that may stay undefined. */
static st_status reserve(const st_counts_options *o, st_counts_fit *fit, st_error *err) {
    const st_counts_test undefined = {NAN, NAN, NAN};
    *fit = (st_counts_fit){.cmh = undefined,
                           .tarone = undefined,
                           .breslow_day = undefined,
                           .QE_wald = undefined,
                           .QE_lrt = undefined,
                           .QE_df = NAN,
                           .sigma2 = NAN,
                           .loglik_equal = NAN,
                           .loglik_saturated = NAN,
                           .quadrature_error = NAN};
    st_meta_fit *f = &fit->pooled;
    *f = (st_meta_fit){.method = o->method,
                       .test = ST_TEST_Z,
                       .level = o->level,
                       .p = 1,
                       .QM_df = 1,
                       .df = INFINITY,
                       .tau2 = NAN,
                       .se_tau2 = NAN,
                       .vt = NAN,
                       .I2 = NAN,
                       .H2 = NAN,
                       .QE = NAN,
                       .QEp = NAN,
                       .pi_lb = NAN,
                       .pi_ub = NAN,
                       .loglik = NAN};
    f->b = st_alloc(7, sizeof *f->b, err);
    if (!f->b)
        return ST_MEMORY;
    double **members[] = {&f->se, &f->zval, &f->pval, &f->ci_lb, &f->ci_ub, &f->vb};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        *members[i] = f->b + i + 1;
    counts_set_estimate(fit, NAN, NAN);
    return ST_OK;
}

void counts_set_estimate(st_counts_fit *fit, double b, double se) {
    st_meta_fit *f = &fit->pooled;
    const double reach = quantile_normal((1 - f->level) / 2) * se;
    f->b[0] = b;
    f->se[0] = se;
    f->vb[0] = se * se;
    f->zval[0] = b / se;
    f->pval[0] = tail_normal(f->zval[0]);
    f->ci_lb[0] = b - reach;
    f->ci_ub[0] = b + reach;
    f->QM = f->zval[0] * f->zval[0];
    f->QMp = f->pval[0];
}

st_counts_test counts_test(double stat, double df) {
    return (st_counts_test){stat, df, tail_chisq(stat, df)};
}

void counts_set_heterogeneity(st_counts_fit *fit, double Q, double df) {
    st_meta_fit *f = &fit->pooled;
    fit->QE_df = df;
    f->QE = Q;
    f->QEp = df > 0 ? tail_chisq(Q, df) : 1;
    f->I2 = df > 0 && Q > 0 ? fmax(0, 100 * (Q - df) / Q) : 0 * Q;
    f->H2 = df > 0 ? Q / df : 1;
}

st_status counts_effects_make(const st_counts *c, st_measure measure, const st_effect_options *o, counts_effects *e,
                              st_error *err) {
    *e = (counts_effects){.yi = st_alloc(2 * c->k, sizeof(double), err)};
    if (!e->yi)
        return ST_MEMORY;
    e->vi = e->yi + c->k;
    const st_status status = st_effects_compute(measure, c->column, c->k, o, e->yi, e->vi, err);
    for (size_t i = 0; status == ST_OK && i < c->k; i++)
        if (!isnan(e->yi[i])) {
            e->yi[e->k] = e->yi[i];
            e->vi[e->k++] = e->vi[i];
        }
    if (status != ST_OK)
        counts_effects_fini(e);
    return status;
}

void counts_effects_fini(counts_effects *e) {
    free(e->yi);
    *e = (counts_effects){0};
}

st_status st_counts_pool(const st_counts *c, const st_counts_options *o, st_counts_fit *fit, st_error *err) {
    *fit = (st_counts_fit){0};
    st_status status = check(c, o, err);
    if (status == ST_OK)
        status = reserve(o, fit, err);
    if (status == ST_OK)
        status = o->method == ST_METHOD_MH     ? counts_mantel_haenszel(c, o, fit, err)
                 : o->method == ST_METHOD_PETO ? counts_peto(c, o, fit, err)
                                               : counts_glmm(c, o, fit, err);
    fit->pooled.k = fit->k;
    if (status != ST_OK)
        st_counts_fit_fini(fit);
    return status;
}

void st_counts_fit_fini(st_counts_fit *fit) {
    st_meta_fit_fini(&fit->pooled);
    *fit = (st_counts_fit){0};
}
