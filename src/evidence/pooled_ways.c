/* The same rows by other models, and medians by theirs.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "pooled_internal.h"

#include <stasis/meta_bayes.h>
#include <stasis/meta_counts.h>

#include <math.h>
#include <stdlib.h>

static void add_way(st_pooled *p, const char *name, double b, double lb, double ub, double tau2, const char *note) {
    const double n = p->harmonic_n;
    p->way[p->n_ways++] = (st_pooled_way){.name = name,
                                          .estimate = st_measure_back(p->measure, b, n),
                                          .lb = st_measure_back(p->measure, lb, n),
                                          .ub = st_measure_back(p->measure, ub, n),
                                          .tau2 = tau2,
                                          .note = note};
}

/* By inverse variances. */
static st_status add_fit(st_pooled *p, const st_meta_data *data, const char *name, st_method method, st_meta_test test,
                         st_error *err) {
    const st_meta_options options = {method, test, POOLED_LEVEL};
    st_meta_fit fit = {0};
    const st_status status = st_meta_fit_run(data, &options, &fit, err);
    if (status == ST_OK)
        add_way(p, name, fit.b[0], fit.ci_lb[0], fit.ci_ub[0], fit.tau2, "");
    if (status == ST_OK && method == ST_METHOD_REML) {
        p->normal_lb = fit.ci_lb[0];
        p->normal_ub = fit.ci_ub[0];
    }
    st_meta_fit_fini(&fit);
    return status;
}

/* By the counts themselves. */
static st_status add_counts(st_pooled *p, const char *name, st_method method, st_error *err) {
    const st_counts counts = {p->measure, p->k, {p->column[0], p->column[1], p->column[2], p->column[3]}};
    const st_counts_options options = {
        .method = method, .level = POOLED_LEVEL, .continuity = true, .effects = {ST_MEASURE_ADD, ST_ADD_ONLY0, true}};
    st_counts_fit fit = {0};
    const st_status status = st_counts_pool(&counts, &options, &fit, err);
    if (status == ST_OK)
        add_way(p, name, fit.pooled.b[0], fit.pooled.ci_lb[0], fit.pooled.ci_ub[0], fit.pooled.tau2,
                fit.note[0] ? "its maximum lies at infinity" : "");
    st_counts_fit_fini(&fit);
    return status;
}

static st_status add_bayes(st_pooled *p, const st_meta_data *data, st_error *err) {
    const st_bayes_prior prior = {.mu_flat = true, .tau = ST_TAU_HALFNORMAL, .tau_number = ST_TAU_SCALE};
    st_bayes_fit fit = {0};
    const st_status status = st_bayes_fit_init(data, &prior, POOLED_LEVEL, &fit, err);
    if (status == ST_OK)
        add_way(p, "Bayes, half-normal (0.5) prior of tau, flat prior of the mean", fit.mu.median, fit.mu.lb, fit.mu.ub,
                fit.tau.median * fit.tau.median, "");
    st_bayes_fit_fini(&fit);
    return status;
}

st_status pooled_ways(st_pooled *p, const st_meta_data *data, st_error *err) {
    const bool two = p->pool->shape == ST_POOL_TWO;
    st_status status = add_fit(p, data, "Equal effects, inverse variance", ST_METHOD_FE, ST_TEST_Z, err);
    if (status == ST_OK && p->k > 1)
        status = add_fit(p, data, "DerSimonian and Laird", ST_METHOD_DL, ST_TEST_Z, err);
    if (status == ST_OK && p->k > 1)
        status = add_fit(p, data, "Paule and Mandel", ST_METHOD_PM, ST_TEST_Z, err);
    if (status == ST_OK && p->k > 1)
        status = add_fit(p, data, "REML, normal limits", ST_METHOD_REML, ST_TEST_Z, err);
    if (status == ST_OK && p->k > 1)
        status = add_counts(
            p, two ? "Binomial-normal model of the counts (GLMM, UM.FS)" : "Binomial-normal model of the counts (GLMM)",
            ST_METHOD_GLMM, err);
    if (status == ST_OK && two)
        status = add_counts(p, "Mantel and Haenszel", ST_METHOD_MH, err);
    if (status == ST_OK && two)
        status = add_counts(p, "Peto", ST_METHOD_PETO, err);
    if (status == ST_OK && p->k > 1)
        status = add_bayes(p, data, err);
    return status;
}

/* ---- medians --------------------------------------------------------------------------------- */

static void add_median(st_pooled_medians *p, const char *name, double estimate, double lb, double ub, double tau2,
                       const char *note) {
    p->way[p->n_ways++] = (st_pooled_way){name, estimate, lb, ub, tau2, note};
}

/* A median that was not reached has no follow-up in the review: it is left out. */
static size_t take_arms(st_pooled_medians *p, st_median_arm *arm) {
    for (size_t i = 0; i < p->pool->n; i++) {
        const st_pool_row *row = &p->pool->row[i];
        if (!row->included || !isfinite(row->months))
            continue;
        arm[p->k] = (st_median_arm){.median = row->months, .n = row->n, .events = NAN};
        p->row[p->k++] = i;
    }
    return p->k;
}

static st_status add_model(st_pooled_medians *p, const st_median_arm *arm, const char *name, double shape,
                           double fraction, st_medians_fit *fit, st_error *err) {
    const st_medians_options options = {shape, fraction, POOLED_LEVEL};
    const st_status status = st_medians_pool(arm, p->k, &options, fit, err);
    if (status == ST_OK)
        add_median(p, name, fit->median, fit->lb, fit->ub, fit->tau2, "");
    return status;
}

static st_status median_ways(st_pooled_medians *p, const st_median_arm *arm, st_error *err) {
    st_medians_fit other;
    st_status status = add_model(p, arm, "Exponential within a series, half of the patients dead", 1,
                                 ST_MEDIANS_FRACTION, &p->exponential, err);
    if (status == ST_OK)
        status = add_model(p, arm, "Exponential, all patients dead", 1, 1, &other, err);
    if (status == ST_OK)
        status = add_model(p, arm, "Weibull, shape 0.7", ST_MEDIANS_SHAPE_LOW, ST_MEDIANS_FRACTION, &other, err);
    if (status == ST_OK)
        status = add_model(p, arm, "Weibull, shape 1.5", ST_MEDIANS_SHAPE_HIGH, ST_MEDIANS_FRACTION, &other, err);
    if (status == ST_OK)
        status = st_medians_pool_order(arm, p->k, POOLED_LEVEL, &p->order, err);
    if (status == ST_OK) {
        add_median(p, "Median of the medians, each as often as it has patients", p->order.median, p->order.lb,
                   p->order.ub, NAN, "");
        add_median(p, "Median of the medians, every series once", p->order.plain, p->order.plain_lb, p->order.plain_ub,
                   NAN, "");
    }
    return status;
}

st_status st_pooled_medians_init(const st_pool *pool, st_pooled_medians *pooled, st_error *err) {
    *pooled = (st_pooled_medians){.pool = pool};
    st_median_arm *arm = st_alloc(pool->n, sizeof *arm, err);
    pooled->row = st_alloc(pool->n, sizeof *pooled->row, err);
    st_status status = arm && pooled->row ? ST_OK : ST_MEMORY;
    if (status == ST_OK && take_arms(pooled, arm) > 0)
        status = median_ways(pooled, arm, err);
    free(arm);
    if (status != ST_OK)
        st_pooled_medians_fini(pooled);
    return status;
}

void st_pooled_medians_fini(st_pooled_medians *pooled) {
    free(pooled->row);
    *pooled = (st_pooled_medians){0};
}
