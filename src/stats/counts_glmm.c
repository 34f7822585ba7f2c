/* What is made of the maxima of a mixed model of counts: estimate, tests, heterogeneity.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "counts_models.h"
#include "tails.h"

#include <math.h>
#include <stdio.h>

/* Share of tau2 in the variance of studies (Higgins & Thompson, Stat Med 2002;21:1539), whose sampling variance is
 * taken from the estimates of single studies. */
static st_status set_heterogeneity(const st_counts *c, const st_counts_options *o, st_counts_fit *fit, st_error *err) {
    counts_effects e;
    const st_status status = counts_effects_make(c, c->measure, &o->effects, &e, err);
    if (status != ST_OK)
        return status;
    double w = 0, ww = 0;
    for (size_t i = 0; i < e.k; i++) {
        w += 1 / e.vi[i];
        ww += 1 / (e.vi[i] * e.vi[i]);
    }
    st_meta_fit *f = &fit->pooled;
    f->vt = e.k > 1 ? (double)(e.k - 1) / (w - ww / w) : NAN;
    f->I2 = 100 * f->tau2 / (f->vt + f->tau2);
    f->H2 = f->tau2 / f->vt + 1;
    counts_effects_fini(&e);
    return ST_OK;
}

static void set_model(counts_model *best, const counts_problem *p, st_counts_fit *fit) {
    double v[GLMM_PARAMETERS][GLMM_PARAMETERS];
    st_meta_fit *f = &fit->pooled;
    const double tau = best->tau > 0 ? best->m.shared[best->tau] : 0;
    const double sigma = best->sigma > 0 ? best->m.shared[best->sigma] : 0;
    glmm_covariance(&best->m, v);
    counts_set_estimate(fit, best->m.shared[0], sqrt(v[0][0]));
    f->tau2 = tau * tau;
    if (best->tau > 0)
        f->se_tau2 = 2 * fabs(tau) * sqrt(v[best->tau][best->tau]);
    if (p->study == STUDY_RANDOM)
        fit->sigma2 = sigma * sigma;
    const double reach = quantile_normal((1 - f->level) / 2) * sqrt(f->vb[0] + f->tau2);
    f->pi_lb = f->b[0] - reach;
    f->pi_ub = f->b[0] + reach;
    f->loglik = best->m.loglik;
    if (best->m.layout.dims > 0) {
        fit->points = glmm_rule(best->m.rules, best->m.level)->n;
        fit->quadrature_error = best->m.quadrature_error;
    }
}

/* The best finite tau2, unless the likelihood is higher where tau2 is infinite. */
static st_status choose_model(const counts_problem *p, counts_model *best, st_counts_fit *fit, st_error *err) {
    const double at_infinity = counts_loglik_at_infinity(p);
    const bool lost = glmm_is_lost(&best->m);
    if (p->k > 1 && (isfinite(at_infinity) && (lost || best->m.loglik < at_infinity - 1e-9)))
        snprintf(
            fit->note, sizeof fit->note,
            "the effect of each study alone is infinite, of some minus and of some plus: the likelihood grows with "
            "tau2 without end, and there is no estimate");
    else if (lost)
        return st_fail(err, ST_NUMERIC, "the likelihood grows beyond tau = %g; data of less extreme counts would do",
                       GLMM_DEVIATION_MOST);
    else
        set_model(best, p, fit);
    return ST_OK;
}

static st_status fit_models(counts_problem *p, st_counts_fit *fit, st_error *err) {
    counts_model equal, random = {0};
    st_status status = counts_fit_equal(p, &equal, err);
    if (status != ST_OK)
        return status;
    fit->loglik_equal = equal.m.loglik;
    if (p->k > 1) {
        double wald;
        status = counts_fit_saturated(p, &fit->loglik_saturated, &wald, err);
        fit->QE_wald = counts_test(fmax(0, wald), (double)p->k - 1);
        fit->QE_lrt = counts_test(fmax(0, 2 * (fit->loglik_saturated - fit->loglik_equal)), (double)p->k - 1);
    }
    if (status == ST_OK)
        status = counts_fit_random(p, &equal, &random, err);
    if (status == ST_OK)
        status = choose_model(p, random.tau > 0 ? &random : &equal, fit, err);
    glmm_fini(&random.m);
    glmm_fini(&equal.m);
    return status;
}

st_status counts_glmm(const st_counts *c, const st_counts_options *o, st_counts_fit *fit, st_error *err) {
    counts_problem p;
    st_status status = counts_problem_init(c, o, &p, err);
    if (status != ST_OK)
        return status;
    fit->k = p.k;
    fit->k_left_out = p.k_left_out;
    const char *infinite = counts_equal_infinite(&p);
    if (infinite)
        snprintf(fit->note, sizeof fit->note, "%s", infinite);
    else
        status = fit_models(&p, fit, err);
    if (status == ST_OK && !infinite)
        status = set_heterogeneity(c, o, fit, err);
    counts_problem_fini(&p);
    return status;
}
