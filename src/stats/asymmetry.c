/* Regression tests for asymmetry of a funnel.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/meta_checks.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "tails.h"

static const char *const PREDICTOR[] = {"standard errors", "variances", "numbers of patients",
                                        "inverse numbers of patients"};

static double predict(st_asymmetry_predictor predictor, double vi, const double *ni, size_t i) {
    switch (predictor) {
    case ST_ASYMMETRY_SEI:
        return sqrt(vi);
    case ST_ASYMMETRY_VI:
        return vi;
    case ST_ASYMMETRY_NI:
        return ni[i];
    case ST_ASYMMETRY_NINV:
        break;
    }
    return 1 / ni[i];
}

/* The model matrix with one column more. */
static st_status append_predictor(const st_meta_data *data, const double *ni, st_asymmetry_predictor predictor,
                                  double *x, st_error *err) {
    const size_t p = data->x ? data->p : 1;
    double least = INFINITY, most = -INFINITY;
    for (size_t i = 0; i < data->k; i++) {
        for (size_t j = 0; j < p; j++)
            x[i * (p + 1) + j] = data->x ? data->x[i * p + j] : 1;
        const double value = predict(predictor, data->vi[i], ni, i);
        if (!isfinite(value))
            return st_fail(err, ST_VALUE,
                           "study %zu has no finite value among the %s, on which the estimates are regressed", i + 1,
                           PREDICTOR[predictor]);
        least = fmin(least, value);
        most = fmax(most, value);
        x[i * (p + 1) + p] = value;
    }
    return most > least ? ST_OK
                        : st_fail(err, ST_VALUE,
                                  "the %s of all studies are equal; a regression on them needs some that "
                                  "differ",
                                  PREDICTOR[predictor]);
}

/* A regression with weights 1 / vi has the coefficients of an equal-effects model; its covariance is that model's times
 * the dispersion Q / (k - p). */
static void with_dispersion(const st_meta_fit *fit, double level, bool limit, st_asymmetry *a) {
    const size_t last = fit->p - 1;
    a->df = (double)(fit->k - fit->p);
    /* a Q of rounding: the line goes through every estimate, and what they scatter by is not known */
    const double factor = fit->QE > DBL_EPSILON ? sqrt(fit->QE / a->df) : NAN, t = quantile_t((1 - level) / 2, a->df);
    a->slope = fit->b[last];
    a->se = factor * fit->se[last];
    a->statistic = a->slope / a->se;
    a->p = tail_t(a->statistic, a->df);
    if (limit) {
        a->limit = fit->b[0];
        a->limit_lb = a->limit - t * factor * fit->se[0];
        a->limit_ub = a->limit + t * factor * fit->se[0];
    }
}

static void of_model(const st_meta_fit *fit, bool limit, st_asymmetry *a) {
    const size_t last = fit->p - 1;
    a->df = fit->df;
    a->slope = fit->b[last];
    a->se = fit->se[last];
    a->statistic = fit->zval[last];
    a->p = fit->pval[last];
    a->tau2 = fit->tau2;
    if (limit) {
        a->limit = fit->b[0];
        a->limit_lb = fit->ci_lb[0];
        a->limit_ub = fit->ci_ub[0];
    }
}

st_status st_meta_asymmetry(const st_meta_data *data, const double *ni, const st_meta_options *options,
                            st_asymmetry_model model, st_asymmetry_predictor predictor, st_asymmetry *asymmetry,
                            st_error *err) {
    const size_t p = (data->x ? data->p : 1) + 1;
    *asymmetry = (st_asymmetry){NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN, NAN};
    if (data->k <= p)
        return ST_OK;
    if (ni == NULL && (predictor == ST_ASYMMETRY_NI || predictor == ST_ASYMMETRY_NINV))
        return st_fail(err, ST_VALUE, "a regression on the %s needs the number of patients of each study",
                       PREDICTOR[predictor]);
    double *x = st_alloc(data->k * p, sizeof *x, err);
    if (x == NULL)
        return ST_MEMORY;
    st_meta_options chosen = *options;
    if (model == ST_ASYMMETRY_LM) {
        chosen.method = ST_METHOD_FE;
        chosen.test = ST_TEST_Z;
    }
    const st_meta_data with = {.k = data->k, .p = p, .yi = data->yi, .vi = data->vi, .x = x};
    st_meta_fit fit = {0};
    st_status status = append_predictor(data, ni, predictor, x, err);
    if (status == ST_OK)
        status = st_meta_fit_run(&with, &chosen, &fit, err);
    if (status == ST_OK) {
        const bool limit = p == 2 && predictor != ST_ASYMMETRY_NI;
        if (model == ST_ASYMMETRY_LM)
            with_dispersion(&fit, options->level, limit, asymmetry);
        else
            of_model(&fit, limit, asymmetry);
        st_meta_fit_fini(&fit);
    }
    free(x);
    return status;
}
