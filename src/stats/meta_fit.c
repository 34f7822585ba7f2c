/* One model: coefficients, tests, heterogeneity, prediction.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "meta_internal.h"
#include "tails.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

st_status meta_check_options(const st_meta_data *data, const st_meta_options *o, st_error *err) {
    if (!st_method_is_inverse_variance(o->method))
        return st_fail(err, ST_VALUE, "%s pools tables, not estimates with variances; FE to HS do",
                       o->method < ST_METHODS ? st_method_name(o->method) : "the method");
    if (!(o->level > 0 && o->level < 1))
        return st_fail(err, ST_VALUE, "a level of %g is not between 0 and 1", o->level);
    if (o->method != ST_METHOD_FE && data->p >= data->k && data->k > 1)
        return st_fail(err, ST_VALUE, "%zu coefficients and tau2 cannot be estimated from %zu studies", data->p,
                       data->k);
    return ST_OK;
}

static st_status reserve(st_meta_fit *fit, st_error *err) {
    const size_t p = fit->p;
    fit->b = st_alloc(p * (p + 6), sizeof *fit->b, err);
    if (fit->b == NULL)
        return ST_MEMORY;
    double **members[] = {&fit->se, &fit->zval, &fit->pval, &fit->ci_lb, &fit->ci_ub, &fit->vb};
    for (size_t i = 0; i < sizeof members / sizeof *members; i++)
        *members[i] = fit->b + (i + 1) * p;
    return ST_OK;
}

/* y'Py at the fitted tau2 over its degrees of freedom; 0 where it is rounding. */
static double mean_square_residual(double q, double df) {
    return q <= DBL_EPSILON ? 0 : q / df;
}

double st_critical_z(double level) {
    return quantile_normal((1 - level) / 2);
}

static double critical(const st_meta_fit *fit) {
    return fit->test == ST_TEST_Z ? st_critical_z(fit->level) : quantile_t((1 - fit->level) / 2, fit->df);
}

static void test_coefficients(st_meta_fit *fit, double scale) {
    const double crit = critical(fit);
    for (size_t i = 0; i < fit->p * fit->p; i++)
        fit->vb[i] *= scale;
    for (size_t j = 0; j < fit->p; j++) {
        fit->se[j] = sqrt(fit->vb[j * fit->p + j]);
        fit->zval[j] = fit->b[j] / fit->se[j];
        fit->pval[j] = fit->test == ST_TEST_Z ? tail_normal(fit->zval[j]) : tail_t(fit->zval[j], fit->df);
        fit->ci_lb[j] = fit->b[j] - crit * fit->se[j];
        fit->ci_ub[j] = fit->b[j] + crit * fit->se[j];
    }
    const double tested = (double)fit->QM_df;
    fit->QM = scale > 0 ? fit->QM / scale : NAN;
    if (fit->test == ST_TEST_Z) {
        fit->QMp = tail_chisq(fit->QM, tested);
    } else {
        fit->QM /= tested;
        fit->QMp = tail_f(fit->QM, tested, fit->df);
    }
}

static void measure_heterogeneity(meta_work *work, st_meta_fit *fit) {
    const double df = (double)(fit->k - fit->p);
    meta_moments m;
    if (fit->k == fit->p) { /* nothing is left that could differ */
        fit->QE = fit->I2 = fit->vt = 0;
        fit->QEp = fit->H2 = 1;
        return;
    }
    meta_moments_at(work, 0, &m);
    fit->QE = fmax(0, m.q);
    fit->QEp = tail_chisq(fit->QE, df);
    fit->vt = df / m.trp;
    if (fit->method == ST_METHOD_FE) {
        fit->I2 = fit->QE > 0 ? fmax(0, 100 * (fit->QE - df) / fit->QE) : 0;
        fit->H2 = fit->QE / df;
    } else {
        fit->I2 = 100 * fit->tau2 / (fit->vt + fit->tau2);
        fit->H2 = fit->tau2 / fit->vt + 1;
    }
}

static double log_likelihood(meta_work *work, const st_meta_fit *fit, double q) {
    double sum_log, log_det;
    meta_log_terms(work, fit->tau2, &sum_log, &log_det);
    if (fit->method != ST_METHOD_REML)
        return -0.5 * ((double)fit->k * log(2 * M_PI) + sum_log + q);
    return -0.5 * ((double)(fit->k - fit->p) * log(2 * M_PI) + sum_log + q + log_det - meta_log_det_plain(work));
}

static void predict(const meta_work *work, st_meta_fit *fit) {
    fit->pi_lb = fit->pi_ub = NAN;
    if (!work->scalar || fit->method == ST_METHOD_FE)
        return;
    const double reach = critical(fit) * sqrt(fit->vb[0] + fit->tau2);
    fit->pi_lb = fit->b[0] - reach;
    fit->pi_ub = fit->b[0] + reach;
}

st_status st_meta_fit_run(const st_meta_data *data, const st_meta_options *o, st_meta_fit *fit, st_error *err) {
    meta_work work = {0};
    meta_moments m;
    *fit = (st_meta_fit){.method = o->method,
                         .test = data->k == 1 ? ST_TEST_Z : o->test,
                         .level = o->level,
                         .k = data->k,
                         .p = data->p,
                         .df = INFINITY};
    st_status status;
    if ((status = meta_check_options(data, o, err)) != ST_OK || (status = meta_work_init(data, &work, err)) != ST_OK ||
        (status = reserve(fit, err)) != ST_OK)
        goto done;
    const double df = (double)(fit->k - fit->p);
    if (fit->test == ST_TEST_KNHA)
        fit->df = df;
    fit->QM_df = work.intercept && fit->p > 1 ? fit->p - 1 : fit->p;
    meta_tau2(&work, fit->method, &fit->tau2, &fit->se_tau2);
    meta_moments_at(&work, fit->tau2, &m);
    meta_coefficients(&work, fit->tau2, fit->QM_df, fit->b, fit->vb, &fit->QM);
    test_coefficients(fit, fit->test == ST_TEST_KNHA ? mean_square_residual(m.q, df) : 1);
    measure_heterogeneity(&work, fit);
    fit->loglik = log_likelihood(&work, fit, m.q);
    predict(&work, fit);
    if (!isfinite(fit->tau2) || !isfinite(fit->b[0]) || !isfinite(fit->vb[0]))
        status = st_fail(err, ST_NUMERIC,
                         "the sums of these estimates and variances leave the range of numbers; "
                         "another unit would bring them back");
done:
    meta_work_fini(&work);
    if (status != ST_OK)
        st_meta_fit_fini(fit);
    return status;
}

void st_meta_fit_fini(st_meta_fit *fit) {
    free(fit->b);
    *fit = (st_meta_fit){0};
}

st_status st_meta_limits_compute(const st_meta_data *data, const st_meta_fit *fit, st_meta_limits *limits,
                                 st_error *err) {
    *limits = (st_meta_limits){NAN, NAN, NAN, NAN, NAN, NAN};
    if (fit->method == ST_METHOD_FE || fit->k <= fit->p)
        return ST_OK;
    meta_work work;
    const st_status status = meta_work_init(data, &work, err);
    if (status == ST_OK) {
        const double df = (double)(fit->k - fit->p), tail = (1 - fit->level) / 2;
        const double low = meta_tau2_of_q(&work, quantile_chisq(tail, df));
        const double high = meta_tau2_of_q(&work, quantile_chisq(1 - tail, df));
        *limits = (st_meta_limits){low,
                                   high,
                                   100 * low / (fit->vt + low),
                                   100 * high / (fit->vt + high),
                                   low / fit->vt + 1,
                                   high / fit->vt + 1};
    }
    meta_work_fini(&work);
    return status;
}
