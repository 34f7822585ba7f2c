/* Meta-analysis: closed forms, equations that estimates must solve, what must not change them, and refusals. Agreement
 * with R is tests/e2e/test_pool.py.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "support.h"

#include <float.h>

static st_error err;

enum { K_MOST = 40 };

static const st_method METHODS[] = {ST_METHOD_FE, ST_METHOD_DL, ST_METHOD_REML, ST_METHOD_ML, ST_METHOD_PM,
                                    ST_METHOD_EB, ST_METHOD_SJ, ST_METHOD_HE,   ST_METHOD_HS};
enum { N_METHODS = sizeof METHODS / sizeof *METHODS };

static st_meta_fit fit_of(size_t k, size_t p, const double *y, const double *v, const double *x, st_method method,
                          st_meta_test test) {
    st_meta_fit fit;
    const st_meta_options options = {method, test, 0.95};
    assert_ok(st_meta_fit_run(&(st_meta_data){k, p, y, v, x}, &options, &fit, &err));
    return fit;
}

static double tau2_of(size_t k, const double *y, const double *v, st_method method) {
    st_meta_fit fit = fit_of(k, 1, y, v, NULL, method, ST_TEST_Z);
    const double tau2 = fit.tau2;
    st_meta_fit_fini(&fit);
    return tau2;
}

/* |value - wanted| within `relative` of the larger of |wanted| and `scale`. */
static void assert_close(double value, double wanted, double relative, double scale) {
    if (!(fabs(value - wanted) <= relative * fmax(fabs(wanted), scale)))
        fail_msg("%.17g, wanted %.17g", value, wanted);
}

/* A random data set: variances over `decades` powers of ten around 1. */
static void draw(st_rng *rng, size_t k, double spread, double decades, double *y, double *v) {
    for (size_t i = 0; i < k; i++) {
        v[i] = pow(10, decades * (st_rng_uniform(rng) - 0.5));
        y[i] = 1 + spread * st_rng_normal(rng) + sqrt(v[i]) * st_rng_normal(rng);
    }
}

/* ---- closed forms ---------------------------------------------------------------------------- */

/* Equal variances v, s the sum of squares about the mean: every estimator has a closed form. */
static void equal_variances(void **state) {
    (void)state;
    static const double y[] = {1.0, 2.5, -0.5, 4.0, 0.25};
    static const double v[] = {0.3, 0.3, 0.3, 0.3, 0.3};
    const double mean = 1.45, k = 5;
    double s = 0;
    for (int i = 0; i < 5; i++)
        s += (y[i] - mean) * (y[i] - mean);
    const double unbiased = s / 4 - 0.3;
    assert_near(tau2_of(5, y, v, ST_METHOD_DL), unbiased, 1e-14);
    assert_near(tau2_of(5, y, v, ST_METHOD_REML), unbiased, 1e-14);
    assert_near(tau2_of(5, y, v, ST_METHOD_PM), unbiased, 1e-14);
    assert_near(tau2_of(5, y, v, ST_METHOD_EB), unbiased, 1e-14);
    assert_near(tau2_of(5, y, v, ST_METHOD_HE), unbiased, 1e-14);
    assert_near(tau2_of(5, y, v, ST_METHOD_ML), s / k - 0.3, 1e-14);
    assert_near(tau2_of(5, y, v, ST_METHOD_HS), s / k - 0.3, 1e-14);
    assert_near(tau2_of(5, y, v, ST_METHOD_SJ), s / k * s / (s / k + 0.3) / 4, 1e-14);

    st_meta_fit fit = fit_of(5, 1, y, v, NULL, ST_METHOD_REML, ST_TEST_KNHA);
    const double total = unbiased + 0.3;
    assert_near(fit.b[0], mean, 1e-15);
    assert_near(fit.se[0], sqrt(total / k), 1e-14); /* s/4 scaled by itself */
    assert_near(fit.se_tau2, sqrt(2.0 / 4) * total, 1e-14);
    assert_near(fit.vt, 0.3, 1e-14);
    assert_near(fit.I2, 100 * unbiased / total, 1e-14);
    assert_near(fit.H2, total / 0.3, 1e-14);
    assert_near(fit.QE, s / 0.3, 1e-14);
    assert_near(fit.df, 4, 0);
    assert_near(fit.ci_ub[0], mean + 2.7764451051977934 * sqrt(total / k), 1e-12); /* t(4) */
    assert_near(fit.pi_ub, mean + 2.7764451051977934 * sqrt(total / k + unbiased), 1e-12);
    assert_near(fit.pi_lb, mean - 2.7764451051977934 * sqrt(total / k + unbiased), 1e-12);
    assert_near(fit.zval[0], mean / sqrt(total / k), 1e-14);
    assert_near(fit.QM, fit.zval[0] * fit.zval[0], 1e-14);
    assert_near(fit.QMp, fit.pval[0], 1e-12);
    /* restricted likelihood of a normal sample */
    assert_near(fit.loglik, -0.5 * (4 * log(2 * M_PI) + 4 * log(total) + s / total), 1e-14);
    st_meta_fit_fini(&fit);
}

/* Of two studies the difference alone tells: DL, REML, PM and EB have ((y1 - y2)^2 - v1 - v2) / 2 or 0. */
static void two_studies(void **state) {
    (void)state;
    static const double y[] = {1, 4}, v[] = {0.5, 2}, same[] = {1, 2};
    static const st_method methods[] = {ST_METHOD_DL, ST_METHOD_REML, ST_METHOD_PM, ST_METHOD_EB};
    for (size_t m = 0; m < 4; m++) {
        assert_near(tau2_of(2, y, v, methods[m]), 3.25, 1e-14);
        assert_true(tau2_of(2, same, v, methods[m]) <= 0);
    }
    st_meta_fit fit = fit_of(2, 1, y, v, NULL, ST_METHOD_REML, ST_TEST_Z);
    st_meta_limits limits;
    const double w1 = 1 / 3.75, w2 = 1 / 5.25;
    assert_near(fit.b[0], (w1 + 4 * w2) / (w1 + w2), 1e-14);
    assert_near(fit.se[0], sqrt(1 / (w1 + w2)), 1e-14);
    assert_near(fit.ci_lb[0], fit.b[0] - 1.959963984540054 * fit.se[0], 1e-14);
    assert_near(fit.pi_lb, fit.b[0] - 1.959963984540054 * sqrt(1 / (w1 + w2) + 3.25), 1e-14);
    assert_true(isinf(fit.df));
    /* Q-profile: 9 / (2.5 + 2 t) equals the quantiles of chi2(1), which are squares of normal ones */
    const double low = 0.03133798202142647 * 0.03133798202142647, high = 2.241402727604945 * 2.241402727604945;
    assert_ok(st_meta_limits_compute(&(st_meta_data){2, 1, y, v, NULL}, &fit, &limits, &err));
    assert_near(limits.tau2_lb, fmax(0, (9 / high - 2.5) / 2), 1e-12);
    assert_near(limits.tau2_ub, (9 / low - 2.5) / 2, 1e-11);
    assert_near(limits.I2_ub, 100 * limits.tau2_ub / (limits.tau2_ub + fit.vt), 1e-14);
    assert_near(limits.H2_ub, 1 + limits.tau2_ub / fit.vt, 1e-14);
    st_meta_fit_fini(&fit);
}

static void one_study(void **state) {
    (void)state;
    const double y = 2, v = 0.25;
    for (size_t m = 0; m < N_METHODS; m++) {
        st_meta_fit fit = fit_of(1, 1, &y, &v, NULL, METHODS[m], ST_TEST_KNHA);
        assert_int_equal(fit.test, ST_TEST_Z);
        assert_near(fit.b[0], 2, 0);
        assert_near(fit.se[0], 0.5, 1e-15);
        assert_near(fit.zval[0], 4, 1e-15);
        assert_true(fit.tau2 <= 0 && fit.QE <= 0 && fit.QEp >= 1 && fit.I2 <= 0 && fit.H2 >= 1);
        st_meta_fit_fini(&fit);
    }
}

/* ---- equations ------------------------------------------------------------------------------- */

/* With long double and nothing shared with the library: y'Py, y'PPy, tr P, tr W, and the log-likelihoods at t. */
typedef struct sums {
    long double q, pp, trp, s1, ml, reml;
} sums;

static sums sums_at(size_t k, const double *y, const double *v, double t) {
    long double s1 = 0, s2 = 0, sy = 0, logs = 0;
    sums s = {0};
    for (size_t i = 0; i < k; i++) {
        const long double w = 1 / ((long double)v[i] + t);
        s1 += w;
        s2 += w * w;
        sy += w * y[i];
        logs += logl((long double)v[i] + t);
    }
    for (size_t i = 0; i < k; i++) {
        const long double w = 1 / ((long double)v[i] + t), r = y[i] - sy / s1;
        s.q += w * r * r;
        s.pp += w * w * r * r;
    }
    s.s1 = s1;
    s.trp = s1 - s2 / s1;
    s.ml = -(logs + s.q) / 2;
    s.reml = s.ml - logl(s1) / 2;
    return s;
}

/* Estimates solve their equations, or the equation has no root above 0, whatever the variances. */
static void estimates_solve_their_equations(void **state) {
    (void)state;
    double y[K_MOST], v[K_MOST];
    for (uint64_t item = 0; item < 400; item++) {
        st_rng rng = st_rng_stream(7, ST_RNG_TEST, item);
        const size_t k = 2 + st_rng_below(&rng, K_MOST - 1);
        draw(&rng, k, 2 * st_rng_uniform(&rng), 6 * st_rng_uniform(&rng), y, v);
        const double pm = tau2_of(k, y, v, ST_METHOD_PM), ml = tau2_of(k, y, v, ST_METHOD_ML);
        const double reml = tau2_of(k, y, v, ST_METHOD_REML);
        assert_near(tau2_of(k, y, v, ST_METHOD_EB), pm, 0);
        const sums zero = sums_at(k, y, v, 0);
        if (pm > 0)
            assert_close((double)sums_at(k, y, v, pm).q, (double)(k - 1), 1e-12, 1);
        else
            assert_true(zero.q <= (long double)(k - 1) * (1 + 1e-12L));
        const sums at_ml = sums_at(k, y, v, ml), at_reml = sums_at(k, y, v, reml);
        if (ml > 0)
            assert_close((double)at_ml.pp, (double)at_ml.s1, 1e-12, 0);
        else
            assert_true(zero.pp <= zero.s1 * (1 + 1e-12L) || zero.ml >= at_ml.ml);
        if (reml > 0)
            assert_close((double)at_reml.pp, (double)at_reml.trp, 1e-12, 0);
        else
            assert_true(zero.pp <= zero.trp * (1 + 1e-12L));
        /* a maximum: no lower than at 0 and on either side */
        assert_true(at_ml.ml >= zero.ml - 1e-10L && at_reml.reml >= zero.reml - 1e-10L);
        for (int side = -1; side <= 1; side += 2) {
            assert_true(at_ml.ml >= sums_at(k, y, v, ml * (1 + side * 1e-3)).ml - 1e-12L);
            assert_true(at_reml.reml >= sums_at(k, y, v, reml * (1 + side * 1e-3)).reml - 1e-12L);
        }
    }
}

/* The log-likelihoods that are told are those of the fit. */
static void likelihoods(void **state) {
    (void)state;
    double y[8], v[8];
    st_rng rng = st_rng_stream(9, ST_RNG_TEST, 0);
    draw(&rng, 8, 1, 2, y, v);
    st_meta_fit ml = fit_of(8, 1, y, v, NULL, ST_METHOD_ML, ST_TEST_Z);
    st_meta_fit reml = fit_of(8, 1, y, v, NULL, ST_METHOD_REML, ST_TEST_Z);
    assert_near(ml.loglik, (double)sums_at(8, y, v, ml.tau2).ml - 4 * log(2 * M_PI), 1e-13);
    assert_near(reml.loglik, (double)sums_at(8, y, v, reml.tau2).reml - 3.5 * log(2 * M_PI) + log(8) / 2, 1e-13);
    st_meta_fit_fini(&ml);
    st_meta_fit_fini(&reml);
}

/* Fisher scoring alone goes to and fro on this one. */
static void scoring_that_cycles(void **state) {
    (void)state;
    static const double y[] = {1.3, 0.31, -2.35}, v[] = {0.115, 3.96, 2.47};
    const double t = tau2_of(3, y, v, ST_METHOD_ML);
    const sums s = sums_at(3, y, v, t), zero = sums_at(3, y, v, 0);
    assert_true(t > 0 ? fabsl(s.pp - s.s1) <= 1e-12L * s.s1 && s.ml >= zero.ml : zero.ml >= s.ml);
    for (double other = 1e-3; other < 100; other *= 1.01) /* the highest maximum */
        assert_true(sums_at(3, y, v, other).ml <= s.ml + 1e-12L);
}

/* Variances all 1e-12 or 1e12 are those of another unit; and both in one pool. */
static void extreme_variances(void **state) {
    (void)state;
    double y[9], v[9], scaled_y[9], scaled_v[9];
    st_rng rng = st_rng_stream(11, ST_RNG_TEST, 0);
    draw(&rng, 9, 1, 1, y, v);
    for (int power = -60; power <= 60; power += 40)
        for (size_t m = 0; m < N_METHODS; m++) {
            const double scale = ldexp(1, power);
            for (size_t i = 0; i < 9; i++) {
                scaled_y[i] = y[i] * scale;
                scaled_v[i] = v[i] * scale * scale;
            }
            st_meta_fit a = fit_of(9, 1, y, v, NULL, METHODS[m], ST_TEST_Z);
            st_meta_fit b = fit_of(9, 1, scaled_y, scaled_v, NULL, METHODS[m], ST_TEST_Z);
            assert_near(b.b[0], a.b[0] * scale, 1e-13);
            assert_close(b.tau2, a.tau2 * scale * scale, 1e-12, 1e-12 * scale * scale);
            assert_near(b.QE, a.QE, 1e-13);
            assert_near(b.pval[0], a.pval[0], 1e-12);
            st_meta_fit_fini(&a);
            st_meta_fit_fini(&b);
        }
    const double far[] = {1e-12, 1e12, 1e-12, 1e12}, at[] = {1, 500, 1 + 3e-6, -700};
    st_meta_fit fit = fit_of(4, 1, at, far, NULL, ST_METHOD_FE, ST_TEST_Z);
    assert_near(fit.b[0], 1 + 1.5e-6, 1e-14);
    assert_near(fit.se[0], sqrt(0.5e-12), 1e-12);
    st_meta_fit_fini(&fit);
}

/* ---- what changes nothing ------------------------------------------------------------------------ */

static void assert_same_fit(const st_meta_fit *a, const st_meta_fit *b, double shift, double relative) {
    assert_close(b->tau2, a->tau2, relative, 0.01);
    assert_close(b->b[0], a->b[0] + shift, relative, fmax(1, fabs(shift)));
    for (size_t j = 0; j < a->p; j++) {
        assert_close(b->b[j], a->b[j] + (j == 0 ? shift : 0), relative, 1);
        assert_close(b->se[j], a->se[j], relative, 0);
    }
    assert_close(b->QE, a->QE, relative, 1);
    assert_close(b->loglik, a->loglik, relative, 1);
    assert_close(b->I2, a->I2, relative, 1);
    if (a->p > 1)
        assert_close(b->QM, a->QM, relative, 1);
}

static void shift_and_order(void **state) {
    (void)state;
    double y[20], v[20], x[40], other_y[20], other_v[20], other_x[40];
    for (uint64_t item = 0; item < 40; item++) {
        st_rng rng = st_rng_stream(13, ST_RNG_TEST, item);
        const size_t k = 4 + st_rng_below(&rng, 17), p = 1 + item % 2;
        draw(&rng, k, 1, 2, y, v);
        for (size_t i = 0; i < k; i++) {
            x[i * 2] = 1;
            x[i * 2 + 1] = st_rng_normal(&rng);
        }
        for (size_t m = 0; m < N_METHODS; m++) {
            const st_meta_test test = m % 2 ? ST_TEST_KNHA : ST_TEST_Z;
            st_meta_fit a = fit_of(k, p, y, v, p == 2 ? x : NULL, METHODS[m], test);
            for (size_t i = 0; i < k; i++)
                other_y[i] = y[i] + 1000;
            st_meta_fit b = fit_of(k, p, other_y, v, p == 2 ? x : NULL, METHODS[m], test);
            assert_same_fit(&a, &b, 1000, 1e-9);
            st_meta_fit_fini(&b);
            for (size_t i = 0; i < k; i++) {
                const size_t from = k - 1 - i;
                other_y[i] = y[from];
                other_v[i] = v[from];
                other_x[i * 2] = 1;
                other_x[i * 2 + 1] = x[from * 2 + 1];
            }
            b = fit_of(k, p, other_y, other_v, p == 2 ? other_x : NULL, METHODS[m], test);
            assert_same_fit(&a, &b, 0, 1e-11);
            st_meta_fit_fini(&b);
            st_meta_fit_fini(&a);
        }
    }
}

/* An intercept that is written down is that which is not. */
static void intercept_as_a_matrix(void **state) {
    (void)state;
    double y[7], v[7], x[7];
    st_rng rng = st_rng_stream(15, ST_RNG_TEST, 0);
    draw(&rng, 7, 1, 2, y, v);
    for (int i = 0; i < 7; i++)
        x[i] = 1;
    st_meta_fit a = fit_of(7, 1, y, v, NULL, ST_METHOD_REML, ST_TEST_KNHA);
    st_meta_fit b = fit_of(7, 1, y, v, x, ST_METHOD_REML, ST_TEST_KNHA);
    assert_same_fit(&a, &b, 0, 1e-14);
    assert_near(b.pi_ub, a.pi_ub, 1e-14);
    st_meta_fit_fini(&b);
    for (int i = 0; i < 7; i++) /* through the origin: x = 2 halves the slope, and there is no interval to predict */
        x[i] = 2;
    b = fit_of(7, 1, y, v, x, ST_METHOD_REML, ST_TEST_KNHA);
    assert_near(b.b[0], a.b[0] / 2, 1e-12);
    assert_near(b.QM, a.QM, 1e-12);
    assert_true(isnan(b.pi_lb));
    st_meta_fit_fini(&a);
    st_meta_fit_fini(&b);
}

/* Two moderators far from 0, which nearly are the intercept, tell what they tell near it. */
static void far_moderators(void **state) {
    (void)state;
    double y[12], v[12], x[36], far[36];
    st_rng rng = st_rng_stream(19, ST_RNG_TEST, 0);
    draw(&rng, 12, 1, 2, y, v);
    for (int i = 0; i < 12; i++) {
        x[3 * i] = far[3 * i] = 1;
        for (int j = 1; j < 3; j++) {
            x[3 * i + j] = floor(16 * st_rng_normal(&rng));
            far[3 * i + j] = 1e8 + x[3 * i + j];
        }
    }
    for (size_t m = 0; m < N_METHODS; m++) {
        st_meta_fit a = fit_of(12, 3, y, v, x, METHODS[m], ST_TEST_Z);
        st_meta_fit b = fit_of(12, 3, y, v, far, METHODS[m], ST_TEST_Z);
        assert_close(b.tau2, a.tau2, 1e-12, 0.01);
        assert_near(b.QM, a.QM, 1e-12);
        assert_near(b.vt, a.vt, 1e-13);
        assert_near(b.se[1], a.se[1], 1e-13);
        assert_near(b.se[2], a.se[2], 1e-13);
        assert_near(b.b[0], a.b[0] - 1e8 * (a.b[1] + a.b[2]), 1e-11);
        /* the intercept is the fit where both are 0 */
        const double *u = a.vb;
        assert_near(b.se[0] * b.se[0], u[0] - 2e8 * (u[1] + u[2]) + 1e16 * (u[4] + 2 * u[5] + u[8]), 1e-11);
        st_meta_fit_fini(&a);
        st_meta_fit_fini(&b);
    }
}

/* A moderator far from 0 (a year) and with another unit tells the same; two groups are two means. */
static void moderators(void **state) {
    (void)state;
    double y[12], v[12], x[24], far[24], groups[24];
    st_rng rng = st_rng_stream(17, ST_RNG_TEST, 0);
    draw(&rng, 12, 1, 2, y, v);
    for (int i = 0; i < 12; i++) {
        x[2 * i] = far[2 * i] = groups[2 * i] = 1;
        x[2 * i + 1] = floor(16 * st_rng_normal(&rng)) / 8; /* so that far is exact */
        far[2 * i + 1] = 1e7 + 8 * x[2 * i + 1];
        groups[2 * i + 1] = i >= 5;
    }
    for (size_t m = 0; m < N_METHODS; m++) {
        st_meta_fit a = fit_of(12, 2, y, v, x, METHODS[m], ST_TEST_KNHA);
        st_meta_fit b = fit_of(12, 2, y, v, far, METHODS[m], ST_TEST_KNHA);
        assert_close(b.tau2, a.tau2, 1e-12, 0.01);
        assert_near(b.b[1] * 8, a.b[1], 1e-12);
        assert_near(b.se[1] * 8, a.se[1], 1e-12);
        assert_near(b.QE, a.QE, 1e-12);
        assert_near(b.QM, a.QM, 1e-12);
        assert_near(a.QM, a.zval[1] * a.zval[1], 1e-11);
        assert_near(a.QMp, a.pval[1], 1e-10);
        assert_int_equal(a.QM_df, 1);
        assert_near(a.df, 10, 0);
        st_meta_fit_fini(&a);
        st_meta_fit_fini(&b);
    }
    st_meta_fit both = fit_of(12, 2, y, v, groups, ST_METHOD_FE, ST_TEST_Z);
    st_meta_fit first = fit_of(5, 1, y, v, NULL, ST_METHOD_FE, ST_TEST_Z);
    st_meta_fit second = fit_of(7, 1, y + 5, v + 5, NULL, ST_METHOD_FE, ST_TEST_Z);
    assert_near(both.b[0], first.b[0], 1e-12);
    assert_near(both.b[0] + both.b[1], second.b[0], 1e-12);
    assert_near(both.se[1] * both.se[1], first.vb[0] + second.vb[0], 1e-12);
    assert_near(both.vb[1], -first.vb[0], 1e-12);
    assert_near(both.QE, first.QE + second.QE, 1e-12);
    st_meta_fit_fini(&both);
    st_meta_fit_fini(&first);
    st_meta_fit_fini(&second);
}

/* ---- heterogeneity ------------------------------------------------------------------------------- */

/* At 0 where studies agree better than chance would have them: limits both 0. */
static void no_heterogeneity(void **state) {
    (void)state;
    static const double y[] = {1, 1.01, 0.99, 1.005, 1, 0.998}, v[] = {1, 2, 1.5, 0.7, 1, 1};
    for (size_t m = 0; m < N_METHODS; m++) {
        st_meta_fit fit = fit_of(6, 1, y, v, NULL, METHODS[m], ST_TEST_Z);
        st_meta_limits limits;
        assert_ok(st_meta_limits_compute(&(st_meta_data){6, 1, y, v, NULL}, &fit, &limits, &err));
        if (METHODS[m] == ST_METHOD_FE)
            assert_true(isnan(limits.tau2_lb) && isnan(limits.tau2_ub) && isnan(fit.pi_lb) && isnan(fit.se_tau2));
        else
            assert_true(limits.tau2_lb <= 0 && limits.tau2_ub <= 0 && limits.H2_ub <= 1);
        if (METHODS[m] != ST_METHOD_SJ) /* which is above 0 by construction */
            assert_true(fit.tau2 <= 0 && fit.I2 <= 0);
        st_meta_fit_fini(&fit);
    }
    const double same[] = {2, 2, 2}; /* even SJ */
    st_meta_fit fit = fit_of(3, 1, same, v, NULL, ST_METHOD_SJ, ST_TEST_KNHA);
    assert_true(fit.tau2 <= 0 && fit.se[0] <= 0 && fit.pval[0] <= 0);
    assert_true(isnan(fit.QM) && isnan(fit.QMp)); /* no covariance to test with */
    st_meta_fit_fini(&fit);
}

/* Quantiles of chi2 on 100,000 degrees of freedom, where GSL's are wrong: 100878.41530566558, 99125.373300647349. */
static void many_studies(void **state) {
    (void)state;
    enum { MANY = 100001 };
    double *y = st_alloc(MANY, 2 * sizeof *y, NULL), *v = y + MANY;
    assert_non_null(y);
    for (int i = 0; i < MANY; i++) {
        y[i] = i % 2 ? 3 : -3;
        v[i] = 1;
    }
    st_meta_fit fit = fit_of(MANY, 1, y, v, NULL, ST_METHOD_REML, ST_TEST_Z);
    st_meta_limits limits;
    assert_ok(st_meta_limits_compute(&(st_meta_data){MANY, 1, y, v, NULL}, &fit, &limits, &err));
    assert_near(fit.QE, 9 * MANY, 1e-8);
    assert_near(limits.tau2_lb, fit.QE / 100878.41530566558 - 1, 1e-11);
    assert_near(limits.tau2_ub, fit.QE / 99125.373300647349 - 1, 1e-11);
    st_meta_fit_fini(&fit);
    free(y);
}

/* p-values far out in Student's tail: 2 P(t(39) > 14) = 8.5286929638163418e-17. */
static void far_tails(void **state) {
    (void)state;
    double y[K_MOST], v[K_MOST], s = 0;
    for (int i = 0; i < K_MOST; i++) {
        y[i] = i % 2 ? 1 : -1;
        v[i] = 1e-3;
        s += 1;
    }
    const double mean = 14 * sqrt(s / (39.0 * K_MOST)); /* so that t is 14 */
    for (int i = 0; i < K_MOST; i++)
        y[i] += mean;
    st_meta_fit fit = fit_of(K_MOST, 1, y, v, NULL, ST_METHOD_FE, ST_TEST_KNHA);
    assert_near(fit.zval[0], 14, 1e-13);
    assert_near(fit.pval[0], 8.5286929638163418e-17, 1e-11);
    assert_near(fit.QMp, fit.pval[0], 1e-11);
    st_meta_fit_fini(&fit);
}

/* ---- refusals --------------------------------------------------------------------------------------- */

static void refuses(st_status wanted, const char *word, st_meta_data data, st_meta_options options) {
    st_meta_fit fit;
    err = (st_error){0};
    assert_int_equal(st_meta_fit_run(&data, &options, &fit, &err), wanted);
    assert_non_null(strstr(err.what, word));
    assert_null(fit.b);
}

static void bad_data(void **state) {
    (void)state;
    static const double y[] = {1, 2, 3}, v[] = {1, 1, 1}, zero[] = {1, 0, 1}, endless[] = {1, INFINITY, 2};
    static const double dependent[] = {1, 2, 4, 1, 3, 6, 1, 5, 10}, nan[] = {1, 2, 1, NAN, 1, 3};
    static const double huge[] = {1e300, -1e300, 1e300}, tiny[] = {1e-300, 1e-300, 1e-300};
    const st_meta_options reml = {ST_METHOD_REML, ST_TEST_Z, 0.95}, fe = {ST_METHOD_FE, ST_TEST_Z, 0.95};
    refuses(ST_VALUE, "no study", (st_meta_data){0, 1, y, v, NULL}, reml);
    refuses(ST_VALUE, "variance of study 2", (st_meta_data){3, 1, y, zero, NULL}, reml);
    refuses(ST_VALUE, "variance of study 2", (st_meta_data){3, 1, y, endless, NULL}, reml);
    refuses(ST_VALUE, "estimate of study 2", (st_meta_data){3, 1, endless, v, NULL}, reml);
    refuses(ST_VALUE, "moderator of study 2", (st_meta_data){3, 2, y, v, nan}, reml);
    refuses(ST_VALUE, "coefficient 3", (st_meta_data){3, 3, y, v, dependent}, fe);
    refuses(ST_VALUE, "3 coefficients and tau2", (st_meta_data){3, 3, y, v, dependent}, reml);
    refuses(ST_VALUE, "4 coefficients", (st_meta_data){3, 4, y, v, dependent}, fe);
    refuses(ST_VALUE, "0 coefficients", (st_meta_data){3, 0, y, v, NULL}, fe);
    refuses(ST_VALUE, "level of 1", (st_meta_data){3, 1, y, v, NULL}, (st_meta_options){ST_METHOD_DL, ST_TEST_Z, 1});
    refuses(ST_VALUE, "MH pools tables", (st_meta_data){3, 1, y, v, NULL},
            (st_meta_options){ST_METHOD_MH, ST_TEST_Z, 0.95});
    refuses(ST_NUMERIC, "range", (st_meta_data){3, 1, huge, tiny, NULL}, reml);
}

static void names(void **state) {
    (void)state;
    st_measure measure;
    st_method method;
    assert_ok(st_measure_find("IRLN", &measure, &err));
    assert_int_equal(measure, ST_MEASURE_IRLN);
    assert_string_equal(st_measure_columns(measure), "xi,ti");
    assert_int_equal(st_measure_find("plo", &measure, &err), ST_USAGE);
    assert_non_null(strstr(err.what, "PLO PR PLN PAS PFT OR RR RD PETO MD SMD ROM COR ZCOR IRR IRLN GEN"));
    assert_ok(st_method_find("SJ", &method, &err));
    assert_int_equal(method, ST_METHOD_SJ);
    assert_true(st_method_is_inverse_variance(method));
    assert_false(st_method_is_inverse_variance(ST_METHOD_MH));
    assert_int_equal(st_method_find("", &method, &err), ST_USAGE);
    assert_non_null(strstr(err.what, "FE DL REML ML PM EB SJ HE HS MH PETO GLMM"));
}

/* ---- effect sizes ------------------------------------------------------------------------------------ */

static void effect(st_measure measure, const double *value, st_effect_options options, double *y, double *v) {
    const double *column[ST_MEASURE_COLUMNS_MOST];
    for (size_t j = 0; j < ST_MEASURE_COLUMNS_MOST; j++)
        column[j] = &value[j];
    assert_ok(st_effects_compute(measure, column, 1, &options, y, v, &err));
}

static void assert_effect(st_measure measure, const double *value, st_effect_options options, double y, double v) {
    double found_y, found_v;
    effect(measure, value, options, &found_y, &found_v);
    assert_near(found_y, y, 1e-13);
    assert_near(found_v, v, 1e-13);
}

static void effect_sizes(void **state) {
    (void)state;
    const st_effect_options plain = {0.5, ST_ADD_ONLY0, false};
    assert_effect(ST_MEASURE_PLO, (double[6]){3, 12}, plain, log(1.0 / 3), 1.0 / 3 + 1.0 / 9);
    assert_effect(ST_MEASURE_PR, (double[6]){3, 12}, plain, 0.25, 0.1875 / 12);
    assert_effect(ST_MEASURE_PLN, (double[6]){3, 12}, plain, log(0.25), 1.0 / 3 - 1.0 / 12);
    assert_effect(ST_MEASURE_PAS, (double[6]){3, 12}, plain, M_PI / 6, 1.0 / 48);
    assert_effect(ST_MEASURE_PFT, (double[6]){0, 3}, (st_effect_options){0, ST_ADD_ONLY0, false}, M_PI / 12, 1.0 / 14);
    assert_effect(ST_MEASURE_OR, (double[6]){6, 3, 4, 8}, plain, log(4), 1.0 / 6 + 1.0 / 3 + 0.25 + 0.125);
    assert_effect(ST_MEASURE_RR, (double[6]){6, 3, 4, 8}, plain, log(2), 1.0 / 6 - 1.0 / 9 + 0.25 - 1.0 / 12);
    assert_effect(ST_MEASURE_RD, (double[6]){6, 3, 4, 8}, plain, 1.0 / 3, 2.0 / 81 + 2.0 / 108);
    const double peto_v = 10 * 11 * (9.0 / 21) * (12.0 / 21) / 20;
    assert_effect(ST_MEASURE_PETO, (double[6]){6, 3, 4, 8}, plain, (6 - 90.0 / 21) / peto_v, 1 / peto_v);
    assert_effect(ST_MEASURE_MD, (double[6]){5, 2, 8, 3, 1, 4}, plain, 2, 0.5 + 0.25);
    assert_effect(ST_MEASURE_ROM, (double[6]){6, 2, 8, 3, 1, 4}, plain, log(2), 4.0 / 288 + 1.0 / 36);
    /* J(2) = Gamma(1) / (1 Gamma(1/2)) */
    const double g = (4.0 - 1) / sqrt((4 + 1) / 2.0) / sqrt(M_PI);
    assert_effect(ST_MEASURE_SMD, (double[6]){4, 2, 2, 1, 1, 2}, plain, g, 1 + g * g / 8);
    for (double n = 2; n < 1e7; n *= 7) { /* both ways to the correction */
        const long double m = 2 * n - 2;
        double y, v;
        effect(ST_MEASURE_SMD, (double[6]){1, 1, n, 0, 1, n}, plain, &y, &v);
        assert_near(y, (double)expl(lgammal(m / 2) - logl(m / 2) / 2 - lgammal((m - 1) / 2)), 1e-11);
    }
    assert_effect(ST_MEASURE_COR, (double[6]){0.6, 17}, plain, 0.6, 0.64 * 0.64 / 16);
    assert_effect(ST_MEASURE_ZCOR, (double[6]){0.6, 17}, plain, log(2), 1.0 / 14);
    assert_effect(ST_MEASURE_IRR, (double[6]){8, 10, 5, 25}, plain, log(4), 1.0 / 8 + 0.2);
    assert_effect(ST_MEASURE_IRLN, (double[6]){8, 16}, plain, log(0.5), 0.125);
    assert_effect(ST_MEASURE_GEN, (double[6]){-3, 2}, plain, -3, 2);
}

static void zero_cells(void **state) {
    (void)state;
    const st_effect_options plain = {0.5, ST_ADD_ONLY0, false}, none = {0.5, ST_ADD_NONE, false};
    const st_effect_options all = {1, ST_ADD_ALL, false}, drop = {0.5, ST_ADD_ONLY0, true};
    double y, v;
    assert_effect(ST_MEASURE_PLO, (double[6]){0, 10}, plain, log(0.5 / 10.5), 2 + 1 / 10.5);
    assert_effect(ST_MEASURE_PLO, (double[6]){10, 10}, plain, log(21), 2 + 1 / 10.5);
    assert_effect(ST_MEASURE_PR, (double[6]){10, 10}, plain, 10.5 / 11, 10.5 * 0.5 / 1331);
    assert_effect(ST_MEASURE_OR, (double[6]){0, 4, 2, 2}, plain, log(0.5 / 4.5), 2 + 1 / 4.5 + 0.8);
    assert_effect(ST_MEASURE_OR, (double[6]){0, 4, 0, 4}, plain, 0, 2 * (2 + 1 / 4.5));
    assert_effect(ST_MEASURE_OR, (double[6]){1, 3, 1, 1}, all, log(0.5), 0.5 + 0.25 + 1);
    assert_effect(ST_MEASURE_IRR, (double[6]){0, 2, 3, 2}, plain, log(0.5 / 3.5), 2 + 1 / 3.5);
    assert_effect(ST_MEASURE_IRLN, (double[6]){0, 2}, plain, log(0.25), 2);
    const struct {
        st_measure measure;
        double value[6];
        st_effect_options options;
    } nothing[] = {{ST_MEASURE_PLO, {0, 10}, none},
                   {ST_MEASURE_PR, {0, 10}, none},
                   {ST_MEASURE_OR, {0, 4, 2, 2}, none},
                   {ST_MEASURE_OR, {0, 4, 0, 9}, drop},
                   {ST_MEASURE_OR, {4, 0, 9, 0}, drop},
                   {ST_MEASURE_IRR, {0, 4, 0, 9}, drop},
                   {ST_MEASURE_PETO, {0, 4, 0, 9}, none},
                   {ST_MEASURE_SMD, {1, 1, 1, 1, 1, 2}, plain},
                   {ST_MEASURE_SMD, {1, 0, 9, 2, 0, 9}, plain},
                   {ST_MEASURE_ROM, {-1, 1, 5, 2, 1, 5}, plain},
                   {ST_MEASURE_ZCOR, {0.5, 3}, plain},
                   {ST_MEASURE_COR, {1, 30}, plain},
                   {ST_MEASURE_MD, {NAN, 1, 5, 2, 1, 5}, plain}};
    for (size_t i = 0; i < sizeof nothing / sizeof *nothing; i++) {
        effect(nothing[i].measure, nothing[i].value, nothing[i].options, &y, &v);
        if (!isnan(y) || !isnan(v))
            fail_msg("case %zu: %g %g", i, y, v);
    }
    effect(ST_MEASURE_OR, (double[6]){0, 4, 2, 9}, drop, &y, &v); /* a single zero stays */
    assert_true(isfinite(y));
    /* if0all: one zero, and every study gets it; not that of a study which is dropped */
    const double x[] = {0, 5}, n[] = {10, 10}, *columns[] = {x, n};
    double ys[2], vs[2];
    assert_ok(
        st_effects_compute(ST_MEASURE_PLO, columns, 2, &(st_effect_options){0.5, ST_ADD_IF0ALL, false}, ys, vs, &err));
    assert_near(vs[1], 2 / 5.5, 1e-14);
    const double a[] = {0, 1}, b[] = {5, 2}, c[] = {0, 3}, d[] = {5, 4}, *cells[] = {a, b, c, d};
    assert_ok(
        st_effects_compute(ST_MEASURE_OR, cells, 2, &(st_effect_options){0.5, ST_ADD_IF0ALL, true}, ys, vs, &err));
    assert_true(isnan(ys[0]));
    assert_near(vs[1], 1 + 0.5 + 1.0 / 3 + 0.25, 1e-14);
    assert_near(st_measure_add(ST_MEASURE_PFT), 0, 0);
    assert_near(st_measure_add(ST_MEASURE_PLN), 0.5, 0);
}

static void faults(void **state) {
    (void)state;
    const struct {
        st_measure measure;
        double value[6];
        size_t column;
    } wrong[] = {{ST_MEASURE_PLO, {11, 10}, 0},
                 {ST_MEASURE_PLO, {-1, 10}, 0},
                 {ST_MEASURE_PFT, {0, 0}, 1},
                 {ST_MEASURE_OR, {1, 2, -3, 4}, 2},
                 {ST_MEASURE_MD, {1, -1, 5, 1, 1, 5}, 1},
                 {ST_MEASURE_MD, {1, 1, 5, 1, -1, 5}, 4},
                 {ST_MEASURE_SMD, {1, 1, 0, 1, 1, 5}, 2},
                 {ST_MEASURE_ROM, {1, 1, 5, 1, 1, -5}, 5},
                 {ST_MEASURE_COR, {1.01, 10}, 0},
                 {ST_MEASURE_ZCOR, {0, 0}, 1},
                 {ST_MEASURE_IRR, {1, 1, -1, 1}, 2},
                 {ST_MEASURE_IRR, {1, 1, 1, 0}, 3},
                 {ST_MEASURE_IRLN, {1, 0}, 1},
                 {ST_MEASURE_GEN, {1, 0}, 1}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        size_t column = 99;
        if (st_measure_fault(wrong[i].measure, wrong[i].value, &column) == NULL || column != wrong[i].column)
            fail_msg("case %zu: column %zu", i, column);
    }
    const double x[] = {1, 5}, n[] = {4, 4}, *columns[] = {x, n};
    double y[2], v[2];
    assert_int_equal(
        st_effects_compute(ST_MEASURE_PR, columns, 2, &(st_effect_options){0.5, ST_ADD_ONLY0, false}, y, v, &err),
        ST_VALUE);
    assert_non_null(strstr(err.what, "study 2, 5, is more than ni"));
}

static void back(void **state) {
    (void)state;
    const st_effect_options none = {0, ST_ADD_NONE, false};
    static const st_measure measures[] = {ST_MEASURE_PLO, ST_MEASURE_PR, ST_MEASURE_PLN, ST_MEASURE_PAS,
                                          ST_MEASURE_PFT};
    double y, v;
    for (int x = 1; x < 20; x++)
        for (size_t m = 0; m < sizeof measures / sizeof *measures; m++) {
            effect(measures[m], (double[6]){x, 20}, none, &y, &v);
            assert_near(st_measure_back(measures[m], y, 20), x / 20.0, 1e-12);
        }
    assert_near(st_measure_back(ST_MEASURE_ZCOR, 0.5, NAN), tanh(0.5), 1e-15);
    assert_near(st_measure_back(ST_MEASURE_OR, log(3), NAN), 3, 1e-15);
    assert_near(st_measure_back(ST_MEASURE_MD, -7, NAN), -7, 0);
    assert_near(st_measure_back(ST_MEASURE_PLO, -800, NAN), 0, 0);
    assert_near(st_measure_back(ST_MEASURE_PLO, 800, NAN), 1, 0);
    assert_near(st_measure_back(ST_MEASURE_PAS, -0.1, NAN), 0, 0);
    assert_near(st_measure_back(ST_MEASURE_PAS, 2, NAN), 1, 0);
    assert_near(st_measure_back(ST_MEASURE_PFT, 0.01, 20), 0, 0); /* less than 0 of 20 gives */
    assert_near(st_measure_back(ST_MEASURE_PFT, 1.56, 20), 1, 0);
}

/* ---- bootstrap ----------------------------------------------------------------------------------------- */

static void bootstrap(void **state) {
    (void)state;
    static const double y[] = {1, 4}, v[] = {0.5, 0.5};
    const st_meta_data data = {2, 1, y, v, NULL};
    const st_meta_options options = {ST_METHOD_REML, ST_TEST_Z, 0.95};
    st_meta_bootstrap one, two, other;
    assert_ok(st_meta_bootstrap_run(&data, &options, 4000, 1, 1, &one, &err));
    assert_ok(st_meta_bootstrap_run(&data, &options, 4000, 1, 2, &two, &err));
    assert_ok(st_meta_bootstrap_run(&data, &options, 4000, 2, 1, &other, &err));
    assert_memory_equal(&one, &two, sizeof one);
    assert_true(one.b_se < other.b_se || one.b_se > other.b_se);
    /* draws are 1 1, 1 4, 4 1, 4 4: means 1, 2.5, 2.5, 4; tau2 0 or 4.5 - 0.5 */
    assert_near(one.b_lb, 1, 1e-14);
    assert_near(one.b_ub, 4, 1e-14);
    assert_near(one.b_se, 1.5 / sqrt(2), 0.03);
    assert_true(one.tau2_lb <= 0);
    assert_near(one.tau2_ub, 4, 1e-13);
    assert_int_equal(st_meta_bootstrap_run(&data, &options, 0, 1, 1, &one, &err), ST_VALUE);
    assert_int_equal(st_meta_bootstrap_run(&(st_meta_data){1, 1, y, v, NULL}, &options, 9, 1, 1, &one, &err), ST_VALUE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(equal_variances),
        cmocka_unit_test(two_studies),
        cmocka_unit_test(one_study),
        cmocka_unit_test(estimates_solve_their_equations),
        cmocka_unit_test(likelihoods),
        cmocka_unit_test(scoring_that_cycles),
        cmocka_unit_test(extreme_variances),
        cmocka_unit_test(shift_and_order),
        cmocka_unit_test(intercept_as_a_matrix),
        cmocka_unit_test(moderators),
        cmocka_unit_test(far_moderators),
        cmocka_unit_test(no_heterogeneity),
        cmocka_unit_test(many_studies),
        cmocka_unit_test(far_tails),
        cmocka_unit_test(bad_data),
        cmocka_unit_test(names),
        cmocka_unit_test(effect_sizes),
        cmocka_unit_test(zero_cells),
        cmocka_unit_test(faults),
        cmocka_unit_test(back),
        cmocka_unit_test(bootstrap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
