/* Likelihoods of counts with random effects, by sums and integrals that are written out.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TESTS_COUNTS_LIKELIHOOD_H
#define STASIS_TESTS_COUNTS_LIKELIHOOD_H

#include <gsl/gsl_integration.h>
#include <gsl/gsl_min.h>

#include "support.h"

typedef struct study {
    const st_counts *c;
    size_t i;
    st_counts_model model;
    double effect, tau, level, sigma; /* level: of arm 2, without the study's random effect */
    double u;                         /* that random effect */
} study;

static inline double log_choose(double n, double k) {
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

static inline double log_binomial(double x, double n, double eta) {
    return log_choose(n, x) + x * eta - n * log1p(exp(eta));
}

static inline double log_poisson(double x, double time, double eta) {
    return x * (eta + log(time)) - time * exp(eta) - lgamma(x + 1);
}

static inline double log_hypergeometric(double a, double b, double c, double d, double eta) {
    double sum = 0;
    const double top = log_choose(a + b, a) + log_choose(c + d, c) + a * eta;
    for (double u = fmax(0, a - d); u <= fmin(a + b, a + c); u++)
        sum += exp(log_choose(a + b, u) + log_choose(c + d, a + c - u) + u * eta - top);
    return -log(sum);
}

/* Given the deviation v of the effect. */
static inline double log_given(const study *s, double v) {
    const double *const *x = s->c->column;
    const size_t i = s->i;
    const bool rates = s->c->measure == ST_MEASURE_IRR;
    const double one = s->effect + v;
    if (s->c->measure == ST_MEASURE_PLO)
        return log_binomial(x[0][i], x[1][i], one);
    if (s->c->measure == ST_MEASURE_IRLN)
        return log_poisson(x[0][i], x[1][i], one);
    if (s->model == ST_COUNTS_CM_EL)
        return rates ? log_binomial(x[0][i], x[0][i] + x[2][i], one + log(x[1][i] / x[3][i]))
                     : log_hypergeometric(x[0][i], x[1][i], x[2][i], x[3][i], one);
    if (s->model == ST_COUNTS_CM_AL)
        return log_binomial(x[0][i], x[0][i] + x[2][i], one + log((x[0][i] + x[1][i]) / (x[2][i] + x[3][i])));
    const double second = s->level + s->u - v / 2, first = s->level + s->u + s->effect + v / 2;
    return rates ? log_poisson(x[0][i], x[1][i], first) + log_poisson(x[2][i], x[3][i], second)
                 : log_binomial(x[0][i], x[0][i] + x[1][i], first) + log_binomial(x[2][i], x[2][i] + x[3][i], second);
}

static inline double over_normal(double (*f)(double, void *), void *context, double accuracy) {
    gsl_integration_workspace *w = gsl_integration_workspace_alloc(4000);
    gsl_function function = {f, context};
    double sum = 0, part, error;
    for (int i = -12; i < 12; i += 2) {
        assert_int_equal(
            gsl_integration_qag(&function, i, i + 2, 1e-300, accuracy, 4000, GSL_INTEG_GAUSS31, w, &part, &error), 0);
        sum += part;
    }
    gsl_integration_workspace_free(w);
    return sum;
}

static inline double weigh(double z) {
    return exp(-z * z / 2) / sqrt(2 * M_PI);
}

static inline double along_effect(double z, void *context) {
    const study *s = context;
    return weigh(z) * exp(log_given(s, s->tau * z));
}

static inline double along_study(double z, void *context) {
    study s = *(const study *)context;
    s.u = s.sigma * z;
    return weigh(z) * over_normal(along_effect, &s, 1e-11);
}

static inline double log_study(const study *s) {
    study copy = *s;
    if (s->model == ST_COUNTS_UM_RS && s->sigma > 0)
        return log(over_normal(along_study, &copy, 1e-11));
    return s->tau > 0 ? log(over_normal(along_effect, &copy, 1e-13)) : log_given(s, 0);
}

/* Minus the likelihood of one study (UM.FS) or of all (UM.RS) as a function of the level of arm 2. */
static inline double minus_at_level(double level, void *context) {
    study s = *(const study *)context;
    double sum = 0;
    s.level = level;
    if (s.model == ST_COUNTS_UM_FS)
        return -log_study(&s);
    for (s.i = 0; s.i < s.c->k; s.i++)
        sum -= log_study(&s);
    return sum;
}

static inline double best_over_level(study *s, double accuracy) {
    gsl_min_fminimizer *m = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    gsl_function function = {minus_at_level, s};
    double start = -6;
    for (double level = start; level < 2; level += 0.5)
        start = minus_at_level(level, s) < minus_at_level(start, s) ? level : start;
    assert_int_equal(gsl_min_fminimizer_set(m, &function, start, start - 0.5, start + 0.5), 0);
    while (gsl_min_fminimizer_x_upper(m) - gsl_min_fminimizer_x_lower(m) > accuracy)
        assert_int_equal(gsl_min_fminimizer_iterate(m), 0);
    const double value = -gsl_min_fminimizer_f_minimum(m);
    gsl_min_fminimizer_free(m);
    return value;
}

/* The log likelihood at these parameters, the levels of arm 2 at their best. */
static inline double brute_force(const st_counts *c, st_counts_model model, double effect, double tau, double sigma) {
    study s = {.c = c, .model = model, .effect = effect, .tau = tau, .sigma = sigma};
    const bool arms = c->measure == ST_MEASURE_OR || c->measure == ST_MEASURE_IRR;
    if (arms && model == ST_COUNTS_UM_RS)
        return best_over_level(&s, 1e-4);
    double sum = 0;
    for (s.i = 0; s.i < c->k; s.i++)
        sum += arms && model == ST_COUNTS_UM_FS ? best_over_level(&s, 1e-6) : log_study(&s);
    return sum;
}

#endif
