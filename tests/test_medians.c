/* Pooled medians: closed forms, the likelihood with bounds, the sign test by enumeration, and what is refused.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "support.h"

static st_error err;
static const st_medians_options EXPONENTIAL = {.shape = 1, .fraction = 0.5, .level = 0.95};
static const double CRITICAL = 3.841458820694124 / 2;

static st_medians_fit pool(const st_median_arm *arm, size_t k, st_medians_options options) {
    st_medians_fit fit;
    assert_ok(st_medians_pool(arm, k, &options, &fit, &err));
    return fit;
}

/* One study: r^2 <= v costs r^2 / 2v; beyond, tau2 = r^2 - v costs (1 + log(r^2 / v)) / 2. */
static void one_arm_is_itself(void **state) {
    (void)state;
    const st_median_arm arm = {.median = 24, .n = 40, .events = NAN};
    const st_medians_fit fit = pool(&arm, 1, EXPONENTIAL);
    assert_near(fit.median, 24, 1e-12);
    assert_near(fit.tau2, 0, 0);
    assert_near(fit.se, sqrt(1 / 20.), 1e-12);
    assert_near(log(fit.ub / 24), sqrt(1 / 20.) * exp(CRITICAL - 0.5), 1e-9);
    assert_near(log(24 / fit.lb), sqrt(1 / 20.) * exp(CRITICAL - 0.5), 1e-9);
    assert_near(fit.loglik, -log(2 * M_PI / 20) / 2, 1e-12);
}

static void equal_variances_have_a_closed_form(void **state) {
    (void)state;
    st_median_arm arm[6];
    double mean = 0, variance = 0;
    for (int i = 0; i < 6; i++) {
        arm[i] = (st_median_arm){.median = 10 * pow(1.5, i * i % 5), .n = 30, .events = 20};
        mean += log(arm[i].median) / 6;
    }
    for (int i = 0; i < 6; i++)
        variance += (log(arm[i].median) - mean) * (log(arm[i].median) - mean) / 6;
    st_medians_fit fit = pool(arm, 6, EXPONENTIAL);
    assert_near(fit.mu, mean, 1e-12);
    assert_near(fit.tau2, variance - 1. / 20, 1e-10);
    assert_near(fit.se, sqrt(variance / 6), 1e-9);
    assert_near(log(fit.pi_ub) - mean, 1.959963984540054 * sqrt(variance / 6 + fit.tau2), 1e-9);
    /* Profile of a normal mean: (k / 2) log(1 + d^2 / variance) has reached the critical value. */
    assert_near(log(fit.ub) - mean, sqrt(variance * (exp(CRITICAL / 3) - 1)), 1e-9);
    /* Of its variance s: (k / 2) (log(s / variance) + variance / s - 1). */
    for (int side = 0; side < 2; side++) {
        const double ratio = ((side ? fit.tau2_ub : fit.tau2_lb) + 1. / 20) / variance;
        assert_near(3 * (log(ratio) + 1 / ratio - 1), CRITICAL, 1e-8);
    }
    /* Weibull with shape s counts each death s^2 times. */
    fit = pool(arm, 6, (st_medians_options){.shape = 2, .fraction = 0.5, .level = 0.95});
    assert_near(fit.tau2, variance - 1. / 80, 1e-10);
    /* Deaths that are not known: the fraction of n. */
    for (int i = 0; i < 6; i++)
        arm[i].events = NAN;
    fit = pool(arm, 6, (st_medians_options){.shape = 1, .fraction = 0.2, .level = 0.95});
    assert_near(fit.tau2, variance - 1. / 6, 1e-10);
}

static void random_arms(uint64_t item, size_t k, st_median_arm *arm) {
    st_rng rng = st_rng_stream(5, ST_RNG_TEST, item);
    for (size_t i = 0; i < k; i++) {
        arm[i] = (st_median_arm){.median = 30 * exp(0.6 * st_rng_normal(&rng)),
                                 .n = 5 + st_rng_below(&rng, 100),
                                 .events = NAN,
                                 .not_reached = i > 0 && st_rng_below(&rng, 4) == 0};
        if (st_rng_below(&rng, 2) == 0)
            arm[i].events = 1 + st_rng_below(&rng, (uint32_t)arm[i].n - 1);
    }
}

/* A bound's likelihood is the integral of the normal density above it (here by the midpoint rule). */
static double loglik_by_integration(const st_median_arm *arm, size_t k, double mu, double tau2) {
    double value = 0;
    for (size_t i = 0; i < k; i++) {
        const double s = sqrt(tau2 + 1 / (isnan(arm[i].events) ? arm[i].n / 2 : arm[i].events)), y = log(arm[i].median);
        const int steps = 20000;
        double sum = 0;
        for (int j = 0; j < steps; j++) {
            const double x = y + (j + 0.5) * 24 * s / steps;
            sum += exp(-(x - mu) * (x - mu) / (2 * s * s)) * 24 * s / steps;
        }
        value += arm[i].not_reached ? log(sum) : -(y - mu) * (y - mu) / (2 * s * s);
        value -= log(2 * M_PI * s * s) / 2;
    }
    return value;
}

static void bounds_enter_by_their_probability(void **state) {
    (void)state;
    for (uint64_t item = 0; item < 30; item++) {
        st_median_arm arm[9];
        random_arms(item, 9, arm);
        const st_medians_fit fit = pool(arm, 9, EXPONENTIAL);
        assert_near(fit.loglik, loglik_by_integration(arm, 9, fit.mu, fit.tau2), 1e-6);
        assert_near(fit.loglik, st_medians_loglik(arm, 9, &EXPONENTIAL, fit.mu, fit.tau2), 1e-14);
        for (int i = -20; i <= 20; i++)
            for (int j = 0; j < 20; j++)
                assert_true(st_medians_loglik(arm, 9, &EXPONENTIAL, fit.mu + 0.05 * i,
                                              j == 0 ? 0 : 0.002 * pow(1.6, j)) <= fit.loglik + 1e-12);
        /* se: both second derivatives of the likelihood by differences. */
        if (fit.tau2 > 0.02) {
            const double h = 1e-4, g = 1e-4 * fit.tau2;
#define AT(i, j) st_medians_loglik(arm, 9, &EXPONENTIAL, fit.mu + (i)*h, fit.tau2 + (j)*g)
            const double mm = (AT(1, 0) - 2 * AT(0, 0) + AT(-1, 0)) / (h * h);
            const double tt = (AT(0, 1) - 2 * AT(0, 0) + AT(0, -1)) / (g * g);
            const double mt = (AT(1, 1) - AT(1, -1) - AT(-1, 1) + AT(-1, -1)) / (4 * h * g);
#undef AT
            assert_near(fit.se, 1 / sqrt(mt * mt / tt - mm), 1e-4);
        }
    }
}

static void a_bound_pulls_upwards(void **state) {
    (void)state;
    st_median_arm arm[4] = {{.median = 20, .n = 40, .events = NAN},
                            {.median = 30, .n = 40, .events = NAN},
                            {.median = 25, .n = 40, .events = NAN},
                            {.median = 1e-9, .n = 40, .events = NAN}};
    const double without = pool(arm, 3, EXPONENTIAL).median;
    arm[3].not_reached = true;
    assert_near(pool(arm, 4, EXPONENTIAL).median, without, 1e-9); /* a bound that all exceed says nothing */
    double before = without;
    for (double bound = 10; bound < 1e4; bound *= 2) {
        arm[3].median = bound;
        const st_medians_fit fit = pool(arm, 4, EXPONENTIAL);
        assert_true(fit.median > before && fit.lb < fit.median && fit.median < fit.ub);
        before = fit.median;
    }
    arm[3].median = 1e40; /* a hundred standard errors out: no underflow */
    assert_true(isfinite(pool(arm, 4, EXPONENTIAL).loglik));
    /* log of the normal distribution function far out, on either side of where its series takes over (R: pnorm) */
    static const double z[] = {29.5, 31, 40}, wanted[] = {-439.42947460915, -484.853963627179, -804.608442013754};
    for (int i = 0; i < 3; i++) {
        arm[3].median = exp(z[i] / sqrt(20));
        assert_near(st_medians_loglik(&arm[3], 1, &EXPONENTIAL, 0, 0), wanted[i], 1e-12);
    }
}

static void median_of_medians_has_binomial_limits(void **state) {
    (void)state;
    st_median_arm arm[10];
    st_medians_order fit;
    for (int i = 0; i < 10; i++)
        arm[i] = (st_median_arm){.median = 10 + 3 * i % 10, .n = 50, .events = NAN};
    assert_ok(st_medians_pool_order(arm, 10, 0.95, &fit, &err));
    assert_near(fit.median, 14.5, 1e-12); /* 10 .. 19 */
    assert_near(fit.plain, 14.5, 1e-12);
    assert_near(fit.lb, 11, 0); /* 2nd and 9th of 10, 97.85 % */
    assert_near(fit.ub, 18, 0);
    assert_near(fit.plain_lb, 11, 0);
    assert_near(fit.plain_ub, 18, 0);
    assert_near(fit.coverage, 1 - 22. / 1024, 1e-12);
    assert_ok(st_medians_pool_order(arm, 5, 0.95, &fit, &err));
    assert_near(fit.lb, 0, 0);
    assert_true(isinf(fit.ub));
    assert_near(fit.coverage, 1, 1e-12);
}

/* Every way in which studies can lie below or above, for limits and coverage. */
static void sign_test_is_that_of_enumeration(void **state) {
    (void)state;
    enum { K = 9 };
    for (uint64_t item = 0; item < 30; item++) {
        st_median_arm arm[K];
        random_arms(item, K, arm);
        double total = 0, lb = INFINITY, ub = 0, covered = 0;
        for (int i = 0; i < K; i++) {
            arm[i].not_reached = false;
            total += arm[i].n;
        }
        for (int way = 0; way < 1 << K; way++) {
            double sum = 0, less = 0, more = 0;
            for (int i = 0; i < K; i++)
                sum += way >> i & 1 ? arm[i].n : 0;
            for (int other = 0; other < 1 << K; other++) {
                double s = 0;
                for (int i = 0; i < K; i++)
                    s += other >> i & 1 ? arm[i].n : 0;
                less += s <= sum;
                more += s >= sum;
            }
            covered += less / (1 << K) > 0.025 && more / (1 << K) > 0.025;
        }
        /* A candidate just above or below each median. */
        for (int c = 0; c < 2 * K; c++) {
            const double at = arm[c / 2].median * (c % 2 ? 1 + 1e-9 : 1 - 1e-9);
            double sum = 0, less = 0, more = 0;
            for (int i = 0; i < K; i++)
                sum += arm[i].median < at ? arm[i].n : 0;
            for (int way = 0; way < 1 << K; way++) {
                double s = 0;
                for (int i = 0; i < K; i++)
                    s += way >> i & 1 ? arm[i].n : 0;
                less += s <= sum;
                more += s >= sum;
            }
            if (less / (1 << K) > 0.025 && more / (1 << K) > 0.025) {
                lb = fmin(lb, at);
                ub = fmax(ub, at);
            }
        }
        st_medians_order fit;
        assert_ok(st_medians_pool_order(arm, K, 0.95, &fit, &err));
        assert_near(fit.coverage, covered / (1 << K), 1e-12);
        assert_near(fit.lb, lb, 1e-8);
        assert_near(fit.ub, ub, 1e-8);
        double below = 0, above = 0;
        for (int i = 0; i < K; i++) {
            below += arm[i].median < fit.median ? arm[i].n : 0;
            above += arm[i].median > fit.median ? arm[i].n : 0;
        }
        assert_true(2 * below <= total && 2 * above <= total);
    }
}

static void unreached_medians_widen_both_limits(void **state) {
    (void)state;
    st_median_arm arm[8];
    st_medians_order fit;
    for (int i = 0; i < 8; i++)
        arm[i] = (st_median_arm){.median = 10 + i, .n = 20, .events = NAN};
    arm[7].not_reached = true;
    arm[7].median = 5;
    assert_ok(st_medians_pool_order(arm, 8, 0.95, &fit, &err));
    assert_near(fit.median, 13.5, 0);       /* 10 11 12 13 14 15 16 and above all */
    assert_near(fit.median_least, 12.5, 0); /* 5 and 10 .. 16 */
    assert_near(fit.lb, 5, 0);
    assert_true(isinf(fit.ub));
    assert_int_equal(fit.not_reached, 1);
}

static void what_cannot_be_pooled_is_refused(void **state) {
    (void)state;
    const st_median_arm good = {.median = 10, .n = 20, .events = NAN};
    st_medians_fit fit;
    st_medians_order order;
    const st_median_arm bad[] = {{.median = 0, .n = 20, .events = NAN},       {.median = NAN, .n = 20, .events = NAN},
                                 {.median = 10, .n = 0, .events = NAN},       {.median = 10, .n = 2.5, .events = NAN},
                                 {.median = 10, .n = 20, .events = 21},       {.median = 10, .n = 20, .events = 0},
                                 {.median = INFINITY, .n = 20, .events = NAN}};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        const st_median_arm arm[2] = {good, bad[i]};
        assert_int_equal(st_medians_pool(arm, 2, &EXPONENTIAL, &fit, &err), ST_VALUE);
        assert_non_null(strstr(err.what, "arm 2"));
        assert_int_equal(st_medians_pool_order(arm, 2, 0.95, &order, &err), ST_VALUE);
    }
    const st_median_arm unreached = {.median = 10, .n = 20, .events = NAN, .not_reached = true};
    assert_int_equal(st_medians_pool(&unreached, 1, &EXPONENTIAL, &fit, &err), ST_VALUE);
    assert_int_equal(st_medians_pool(&good, 0, &EXPONENTIAL, &fit, &err), ST_VALUE);
    const st_medians_options wrong[] = {{.shape = 0, .fraction = 0.5, .level = 0.95},
                                        {.shape = 1, .fraction = 1.5, .level = 0.95},
                                        {.shape = 1, .fraction = 0.5, .level = 1}};
    for (size_t i = 0; i < 3; i++)
        assert_int_equal(st_medians_pool(&good, 1, &wrong[i], &fit, &err), ST_VALUE);
    const st_median_arm huge = {.median = 10, .n = 1e12, .events = NAN};
    assert_int_equal(st_medians_pool_order(&huge, 1, 0.95, &order, &err), ST_VALUE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(one_arm_is_itself),
        cmocka_unit_test(equal_variances_have_a_closed_form),
        cmocka_unit_test(bounds_enter_by_their_probability),
        cmocka_unit_test(a_bound_pulls_upwards),
        cmocka_unit_test(median_of_medians_has_binomial_limits),
        cmocka_unit_test(sign_test_is_that_of_enumeration),
        cmocka_unit_test(unreached_medians_widen_both_limits),
        cmocka_unit_test(what_cannot_be_pooled_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
