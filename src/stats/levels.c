/* Three-level meta-analysis: the highest point of the likelihood, and what follows from it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "levels_internal.h"
#include "scalar.h"
#include "tails.h"

#include <math.h>
#include <stdlib.h>

static const double SPREAD_MIN = 1e-10; /* below: the studies' own means lie in X */
static const double FAR = 1e8;          /* times the range of the search: a limit beyond is infinite */

/* The likelihood along one variance, the other fixed or at its best. */
typedef struct profile {
    levels *l;
    int along;        /* which variance the curve runs along */
    bool other_free;  /* else the other stays at sigma2[1 - along] */
    double sigma2[2]; /* of the last value */
    double lo, hi;    /* range of the search */
    double level;     /* taken off the value: a root is where the profile crosses it */
} profile;

static double along_one(void *context, double x, double *slope) {
    profile *f = context;
    double both[2];
    f->sigma2[f->along] = x;
    const double value = levels_evaluate(f->l, f->sigma2, both);
    if (slope != NULL)
        *slope = both[f->along];
    return value - f->level;
}

/* The slope of the profile is that at the other's best (envelope theorem). */
static double along_profile(void *context, double x, double *slope) {
    profile *f = context, inner = *f;
    double highest;
    inner.along = 1 - f->along;
    inner.sigma2[f->along] = x;
    inner.level = 0;
    if (f->other_free)
        inner.sigma2[inner.along] = scalar_peak(along_one, &inner, f->lo, f->hi, &highest);
    f->sigma2[0] = inner.sigma2[0];
    f->sigma2[1] = inner.sigma2[1];
    return along_one(f, x, slope);
}

/* From a hundredth of the least sampling variance to what the residuals and variances can want. */
static void search_range(const levels *l, profile *f) {
    double least = INFINITY, most = 0, low = 0, high = 0;
    for (size_t i = 0; i < l->k; i++) {
        least = fmin(least, l->v[i]);
        most = fmax(most, l->v[i]);
        low = fmin(low, l->z[i * l->q + l->p]);
        high = fmax(high, l->z[i * l->q + l->p]);
    }
    f->lo = least / 100;
    f->hi = fmax(most, (high - low) * (high - low));
}

/* Both orders of the search, the better one is kept: each sees several peaks along its own variance. */
static void search(profile *f, st_levels_fit *fit) {
    fit->loglik = -INFINITY;
    for (int along = 0; along < 2; along++) {
        if (!fit->identified[along])
            continue;
        double highest;
        f->along = along;
        f->other_free = fit->identified[1 - along];
        f->sigma2[0] = f->sigma2[1] = 0;
        const double x = scalar_peak(along_profile, f, f->lo, f->hi, &highest);
        if (highest > fit->loglik) {
            fit->loglik = along_profile(f, x, NULL);
            fit->sigma2[0] = f->sigma2[0];
            fit->sigma2[1] = f->sigma2[1];
        }
    }
    if (!fit->identified[0] && !fit->identified[1])
        fit->loglik = levels_evaluate(f->l, fit->sigma2, (double[2]){0});
}

/* Where the profile has fallen by half the quantile of chi squared with 1 df (Hardy & Thompson, Stat Med 1996;15:619).
 */
static void limits(profile *f, st_levels_fit *fit, int along) {
    fit->sigma2_lb[along] = fit->sigma2_ub[along] = NAN;
    if (!fit->identified[along])
        return;
    const double best = fit->sigma2[along];
    f->along = along;
    f->other_free = fit->identified[1 - along];
    f->sigma2[0] = f->sigma2[1] = 0;
    f->level = fit->loglik - quantile_chisq(1 - fit->options.level, 1) / 2;
    const double top = fit->loglik - f->level;
    const double at_zero = along_profile(f, 0, NULL);
    fit->sigma2_lb[along] = at_zero >= 0 || best <= 0 ? 0 : scalar_root(along_profile, f, 0, at_zero, best, top);
    double inside = best, value = top, at = fmax(2 * best, f->lo), above = along_profile(f, at, NULL);
    while (above >= 0 && at < FAR * f->hi) {
        inside = at;
        value = above;
        at *= 4;
        above = along_profile(f, at, NULL);
    }
    fit->sigma2_ub[along] = above >= 0 ? INFINITY : scalar_root(along_profile, f, inside, value, at, above);
    f->level = 0;
}

/* Against arms as if independent. */
static void test_study(profile *f, st_levels_fit *fit) {
    fit->lrt = fit->lrt_p = fit->lrt_p_mixed = NAN;
    if (!fit->identified[0] || !fit->identified[1])
        return;
    f->along = 0;
    f->other_free = true;
    f->sigma2[0] = f->sigma2[1] = 0;
    fit->lrt = fmax(0, 2 * (fit->loglik - along_profile(f, 0, NULL)));
    fit->lrt_p = tail_chisq(fit->lrt, 1);
    fit->lrt_p_mixed = fit->lrt > 0 ? fit->lrt_p / 2 : 1;
}

/* Q, and the typical sampling variance behind I2: both of the model without random effects. */
static void heterogeneity(levels *l, st_levels_fit *fit) {
    const double df = (double)(l->k - l->p);
    levels_evaluate(l, (double[2]){0, 0}, (double[2]){0});
    fit->QE = l->rss;
    fit->QEp = tail_chisq(fit->QE, df);
    const double between = fit->sigma2[0] + fit->sigma2[1], all = between + df / l->trace_p;
    for (int a = 0; a < 2; a++)
        fit->I2[a] = 100 * fit->sigma2[a] / all;
    fit->I2_total = 100 * between / all;
    fit->icc = between > 0 ? fit->sigma2[0] / between : NAN;
}

/* Wald's test of all coefficients but the intercept, or of it alone. */
static st_status test_moderators(const levels *l, st_levels_fit *fit, st_error *err) {
    const size_t p = l->p, from = p > 1, n = p - from;
    double *part = st_alloc(2 * n * n, sizeof *part, err), *inverse = part + n * n;
    if (part == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++)
            part[i * n + j] = fit->vb[(from + i) * p + from + j];
    fit->QM_df = n;
    fit->QM = 0;
    if (levels_cholesky(part, n)) {
        levels_invert(part, n, inverse);
        for (size_t i = 0; i < n; i++)
            for (size_t j = 0; j < n; j++)
                fit->QM += fit->b[from + i] * inverse[i * n + j] * fit->b[from + j];
    } else {
        fit->QM = NAN;
    }
    if (fit->options.t_test)
        fit->QM /= (double)n;
    fit->QMp = fit->options.t_test ? tail_f(fit->QM, (double)n, fit->df) : tail_chisq(fit->QM, (double)n);
    free(part);
    return ST_OK;
}

static void coefficients(const levels *l, st_levels_fit *fit) {
    const size_t p = l->p;
    const bool t = fit->options.t_test;
    const double tail = (1 - fit->options.level) / 2;
    fit->df = t ? (double)(l->k - p) : INFINITY;
    const double width = t ? quantile_t(tail, fit->df) : quantile_normal(tail);
    for (size_t c = 0; c < p; c++) {
        fit->b[c] = 0;
        for (size_t a = 0; a < p; a++) {
            fit->b[c] += l->back[c * p + a] * (l->ols[a] + l->b[a]);
            fit->vb[c * p + a] = 0;
            for (size_t x = 0; x < p; x++)
                for (size_t y = 0; y < p; y++)
                    fit->vb[c * p + a] += l->back[c * p + x] * l->vb[x * p + y] * l->back[a * p + y];
        }
        fit->se[c] = sqrt(fit->vb[c * p + c]);
        fit->zval[c] = fit->b[c] / fit->se[c];
        fit->pval[c] = t ? tail_t(fit->zval[c], fit->df) : tail_normal(fit->zval[c]);
        fit->ci_lb[c] = fit->b[c] - width * fit->se[c];
        fit->ci_ub[c] = fit->b[c] + width * fit->se[c];
    }
    const double spread = sqrt(fit->vb[0] + fit->sigma2[0] + fit->sigma2[1]);
    fit->pi_lb = p == 1 ? fit->b[0] - width * spread : NAN;
    fit->pi_ub = p == 1 ? fit->b[0] + width * spread : NAN;
}

static st_status reserve(st_levels_fit *fit, st_error *err) {
    double **const place[] = {&fit->se,        &fit->zval,     &fit->pval,     &fit->ci_lb,     &fit->ci_ub,
                              &fit->robust_se, &fit->robust_t, &fit->robust_p, &fit->robust_lb, &fit->robust_ub,
                              &fit->cr2_se,    &fit->cr2_t,    &fit->cr2_df,   &fit->cr2_p,     &fit->cr2_lb,
                              &fit->cr2_ub,    &fit->vb};
    const size_t n = sizeof place / sizeof *place, p = fit->p;
    fit->b = st_alloc((n + p) * p, sizeof *fit->b, err);
    for (size_t i = 0; fit->b != NULL && i < n; i++)
        *place[i] = fit->b + (i + 1) * p;
    return fit->b != NULL ? ST_OK : ST_MEMORY;
}

st_status st_levels_fit_init(const st_meta_data *data, const uint32_t *study, const st_levels_options *options,
                             st_levels_fit *fit, st_error *err) {
    levels l;
    *fit = (st_levels_fit){.options = *options, .k = data->k, .p = data->p};
    st_status status = levels_init(data, study, options, &l, err);
    if (status == ST_OK)
        status = reserve(fit, err);
    if (status == ST_OK) {
        profile f = {.l = &l};
        fit->studies = l.m;
        fit->identified[0] = !l.reml || l.spread > SPREAD_MIN * (double)l.k;
        fit->identified[1] = l.m < l.k;
        search_range(&l, &f);
        search(&f, fit);
        if (!isfinite(fit->loglik))
            status = st_fail(err, ST_NUMERIC,
                             "no variances were found at which the likelihood of these %zu estimates "
                             "can be computed; variances of less different size are wanted",
                             l.k);
        if (status == ST_OK) {
            limits(&f, fit, 0);
            limits(&f, fit, 1);
            test_study(&f, fit);
            heterogeneity(&l, fit);
            levels_evaluate(&l, fit->sigma2, (double[2]){0});
            coefficients(&l, fit);
            status = test_moderators(&l, fit, err);
        }
        if (status == ST_OK)
            status = levels_robust(&l, fit->sigma2, fit, err);
    }
    levels_fini(&l);
    if (status != ST_OK)
        st_levels_fit_fini(fit);
    return status;
}

void st_levels_fit_fini(st_levels_fit *fit) {
    free(fit->b);
    *fit = (st_levels_fit){0};
}
