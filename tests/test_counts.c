/* Pooled counts: Mantel and Haenszel, Peto, and mixed models against sums and integrals that are written out here.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "counts_likelihood.h"

static st_error err;

static const double AI[] = {6, 3, 15, 2, 18, 1}, BI[] = {14, 17, 15, 13, 22, 24};
static const double CI[] = {6, 7, 8, 9, 3, 2}, DI[] = {14, 23, 12, 11, 17, 28};
static const double T1[] = {17.5, 15, 13, 22, 24, 26}, T2[] = {14, 23, 12, 11, 17, 28};
enum { K = 6 };

static const st_counts TABLES = {ST_MEASURE_OR, K, {AI, BI, CI, DI}}, RATES = {ST_MEASURE_IRR, K, {AI, T1, CI, T2}};

static st_counts_options options_of(st_method method, st_counts_model model) {
    return (st_counts_options){.method = method,
                               .model = model,
                               .level = 0.95,
                               .continuity = true,
                               .effects = {ST_MEASURE_ADD, ST_ADD_ONLY0, true}};
}

static st_counts_fit pool(const st_counts *c, st_method method, st_counts_model model) {
    const st_counts_options o = options_of(method, model);
    st_counts_fit fit;
    err = (st_error){0};
    assert_ok(st_counts_pool(c, &o, &fit, &err));
    return fit;
}

static st_counts_fit glmm(const st_counts *c, st_counts_model model) {
    return pool(c, ST_METHOD_GLMM, model);
}

/* The likelihood at the estimate to 1e-9; its slopes there are zero, and its curvatures give the standard errors of the
 * effect and of tau2. */
static void agrees_with_brute_force(const st_counts *c, st_counts_model model) {
    static const double h = 1e-3;
    st_counts_fit fit = glmm(c, model);
    const double b = fit.pooled.b[0], tau = sqrt(fit.pooled.tau2);
    assert_true(tau > 0);
    assert_true(fit.quadrature_error < 1e-10);
    double l[3][3];
    for (int i = 0; i < 3; i++)
        for (int j = 0; j < 3; j++)
            l[i][j] = brute_force(c, model, b + (i - 1) * h, tau + (j - 1) * h, 0);
    assert_true(fabs(l[1][1] - fit.pooled.loglik) < 1e-9);
    assert_true(fabs(l[2][1] - l[0][1]) / (2 * h) < 1e-5);
    assert_true(fabs(l[1][2] - l[1][0]) / (2 * h) < 1e-5);
    const double bb = (2 * l[1][1] - l[2][1] - l[0][1]) / (h * h), tt = (2 * l[1][1] - l[1][2] - l[1][0]) / (h * h);
    const double bt = -(l[2][2] - l[2][0] - l[0][2] + l[0][0]) / (4 * h * h), det = bb * tt - bt * bt;
    assert_near(fit.pooled.se[0], sqrt(tt / det), 1e-4);
    assert_near(fit.pooled.se_tau2, 2 * tau * sqrt(bb / det), 1e-3);
    st_counts_fit_fini(&fit);
}

static void likelihoods_are_those_of_brute_force(void **state) {
    (void)state;
    static const double n[] = {20, 20, 30, 15, 40, 25};
    static const st_counts one = {ST_MEASURE_PLO, K, {AI, n}}, rate = {ST_MEASURE_IRLN, K, {AI, T1}};
    agrees_with_brute_force(&one, ST_COUNTS_UM_FS);
    agrees_with_brute_force(&rate, ST_COUNTS_UM_FS);
    agrees_with_brute_force(&TABLES, ST_COUNTS_CM_EL);
    agrees_with_brute_force(&TABLES, ST_COUNTS_CM_AL);
    agrees_with_brute_force(&RATES, ST_COUNTS_CM_EL);
    agrees_with_brute_force(&TABLES, ST_COUNTS_UM_FS);
    agrees_with_brute_force(&RATES, ST_COUNTS_UM_FS);
}

static void two_random_effects_are_integrated(void **state) {
    (void)state;
    static const double a[] = {12, 3}, b[] = {10, 22}, c[] = {2, 9}, d[] = {18, 11};
    const st_counts two = {ST_MEASURE_OR, 2, {a, b, c, d}};
    st_counts_fit fit = glmm(&two, ST_COUNTS_UM_RS);
    const double tau = sqrt(fit.pooled.tau2), sigma = sqrt(fit.sigma2);
    assert_true(tau > 0);
    const double l = brute_force(&two, ST_COUNTS_UM_RS, fit.pooled.b[0], tau, sigma);
    assert_true(fabs(l - fit.pooled.loglik) < 1e-8);
    st_counts_fit_fini(&fit);
}

/* Fixed rules maximize what they give, by differences; a few points, laid along the axes of the integrand, are near. */
static void few_points_come_close(void **state) {
    (void)state;
    st_counts_options o = options_of(ST_METHOD_GLMM, ST_COUNTS_UM_RS);
    st_counts_fit best = glmm(&TABLES, ST_COUNTS_UM_RS), fit;
    static const struct {
        size_t points;
        double tolerance;
    } rules[] = {{1, 0.1}, {7, 2e-5}, {14, 1e-8}};
    for (size_t i = 0; i < 3; i++) {
        o.points = rules[i].points;
        assert_ok(st_counts_pool(&TABLES, &o, &fit, &err));
        assert_int_equal(fit.points, o.points);
        assert_true(fabs(fit.pooled.loglik - best.pooled.loglik) < rules[i].tolerance);
        assert_true(fabs(fit.pooled.b[0] - best.pooled.b[0]) < 0.1 * rules[i].tolerance + 1e-6 || rules[i].points == 1);
        st_counts_fit_fini(&fit);
    }
    st_counts_fit_fini(&best);
}

/* A maximum at tau = 0 and a higher one beyond a valley. */
static void the_higher_of_two_maxima_is_found(void **state) {
    (void)state;
    static const double x1[] = {4, 4, 3}, t1[] = {54.1, 57, 5.1}, x2[] = {16, 9, 13}, t2[] = {41.6, 49.7, 46.3};
    const st_counts c = {ST_MEASURE_IRR, 3, {x1, t1, x2, t2}};
    st_counts_fit fit = glmm(&c, ST_COUNTS_UM_FS);
    assert_true(fit.pooled.tau2 > 0.2);
    const double near = brute_force(&c, ST_COUNTS_UM_FS, -0.994, 0.1, 0);
    assert_true(near < fit.loglik_equal && fit.loglik_equal < fit.pooled.loglik);
    st_counts_fit_fini(&fit);
}

/* Wide random effects on empty cells, which Gauss and Hermite's points do not settle. */
static void equal_steps_take_over(void **state) {
    (void)state;
    static const double x[] = {0, 50, 0, 50, 2, 0, 60, 0}, n[] = {50, 50, 40, 50, 50, 50, 60, 30};
    const st_counts wide = {ST_MEASURE_PLO, 8, {x, n}};
    st_counts_fit fit = glmm(&wide, ST_COUNTS_UM_FS);
    assert_true(fit.pooled.tau2 > 9);
    assert_int_equal(fit.points, 0);
    const double tau = sqrt(fit.pooled.tau2), b = fit.pooled.b[0], best = fit.pooled.loglik;
    assert_true(fabs(brute_force(&wide, 0, b, tau, 0) - best) < 1e-9);
    assert_true(brute_force(&wide, 0, b, 1.02 * tau, 0) < best && brute_force(&wide, 0, b, 0.98 * tau, 0) < best);
    st_counts_fit_fini(&fit);
}

/* ---- special cases ------------------------------------------------------------------------------- */

static void one_table_pools_to_itself(void **state) {
    (void)state;
    static const double a[] = {7}, b[] = {13}, c[] = {4}, d[] = {26}, t1[] = {30}, t2[] = {50};
    const st_counts table = {ST_MEASURE_OR, 1, {a, b, c, d}}, rate = {ST_MEASURE_IRR, 1, {a, t1, c, t2}};
    st_counts_fit fit = pool(&table, ST_METHOD_MH, 0);
    assert_near(fit.pooled.b[0], log(7. * 26 / (13 * 4)), 1e-14);
    assert_near(fit.pooled.se[0], sqrt(1. / 7 + 1. / 13 + 1. / 4 + 1. / 26), 1e-14);
    assert_true(fabs(fit.breslow_day.stat) < 1e-20 && isnan(fit.breslow_day.p));
    assert_near(fit.pooled.QEp, 1, 0);
    const double expected = 20. * 11 / 50, variance = 20. * 30 * 11 * 39 / (50. * 50 * 49);
    assert_near(fit.cmh.stat, pow(fabs(7 - expected) - 0.5, 2) / variance, 1e-12);
    st_counts_fit_fini(&fit);
    fit = pool(&table, ST_METHOD_PETO, 0);
    assert_near(fit.pooled.b[0], (7 - expected) / variance, 1e-13);
    assert_near(fit.pooled.se[0], 1 / sqrt(variance), 1e-13);
    st_counts_fit_fini(&fit);
    fit = glmm(&table, ST_COUNTS_UM_FS);
    assert_near(fit.pooled.b[0], log(7. * 26 / (13 * 4)), 1e-10);
    assert_near(fit.pooled.tau2, 0, 0);
    assert_near(fit.pooled.se[0], sqrt(1. / 7 + 1. / 13 + 1. / 4 + 1. / 26), 1e-9);
    st_counts_fit_fini(&fit);
    fit = pool(&rate, ST_METHOD_MH, 0);
    assert_near(fit.pooled.b[0], log(7 / 30. / (4 / 50.)), 1e-14);
    assert_near(fit.pooled.se[0], sqrt(1. / 7 + 1. / 4), 1e-14);
    st_counts_fit_fini(&fit);
    const st_counts difference = {ST_MEASURE_RD, 1, {a, b, c, d}}, ratio = {ST_MEASURE_RR, 1, {a, b, c, d}};
    fit = pool(&difference, ST_METHOD_MH, 0);
    assert_near(fit.pooled.b[0], 7. / 20 - 4. / 30, 1e-14);
    st_counts_fit_fini(&fit);
    fit = pool(&ratio, ST_METHOD_MH, 0);
    assert_near(fit.pooled.b[0], log(7. / 20 / (4. / 30)), 1e-14);
    assert_near(fit.pooled.se[0], sqrt(1. / 7 - 1. / 20 + 1. / 4 - 1. / 30), 1e-13);
    st_counts_fit_fini(&fit);
}

static void expect_mirror(const st_counts *c, const st_counts *mirror, st_method method, st_counts_model model) {
    st_counts_fit there = pool(c, method, model), back = pool(mirror, method, model);
    assert_true(fabs(there.pooled.b[0]) > 1e-4);
    assert_true(fabs(there.pooled.b[0] + back.pooled.b[0]) < 1e-9);
    assert_near(back.pooled.se[0], there.pooled.se[0], 1e-8);
    assert_true(fabs(back.pooled.tau2 - there.pooled.tau2) < 1e-8);
    if (method != ST_METHOD_GLMM)
        assert_near(back.pooled.QE, there.pooled.QE, 1e-10);
    else
        assert_near(back.pooled.loglik, there.pooled.loglik, 1e-11);
    st_counts_fit_fini(&there);
    st_counts_fit_fini(&back);
}

static void arms_and_outcomes_may_be_exchanged(void **state) {
    (void)state;
    static const st_counts arms = {ST_MEASURE_OR, K, {CI, DI, AI, BI}}, outcomes = {ST_MEASURE_OR, K, {BI, AI, DI, CI}};
    static const st_counts rates = {ST_MEASURE_IRR, K, {CI, T2, AI, T1}};
    expect_mirror(&TABLES, &arms, ST_METHOD_MH, 0);
    expect_mirror(&TABLES, &outcomes, ST_METHOD_MH, 0);
    expect_mirror(&TABLES, &arms, ST_METHOD_PETO, 0);
    expect_mirror(&TABLES, &outcomes, ST_METHOD_PETO, 0);
    for (int model = 0; model < ST_COUNTS_MODELS; model++) {
        expect_mirror(&TABLES, &arms, ST_METHOD_GLMM, (st_counts_model)model);
        if (model != ST_COUNTS_CM_AL) {
            expect_mirror(&TABLES, &outcomes, ST_METHOD_GLMM, (st_counts_model)model);
            expect_mirror(&RATES, &rates, ST_METHOD_GLMM, (st_counts_model)model);
        }
    }
}

static void order_does_not_matter(void **state) {
    (void)state;
    double x[4][K];
    for (size_t j = 0; j < 4; j++)
        for (size_t i = 0; i < K; i++)
            x[j][i] = TABLES.column[j][(5 * i + 2) % K];
    const st_counts shuffled = {ST_MEASURE_OR, K, {x[0], x[1], x[2], x[3]}};
    for (int model = 0; model < ST_COUNTS_MODELS; model++) {
        st_counts_fit a = glmm(&TABLES, (st_counts_model)model), b = glmm(&shuffled, (st_counts_model)model);
        assert_near(b.pooled.b[0], a.pooled.b[0], 1e-9);
        assert_near(b.pooled.tau2, a.pooled.tau2, 1e-9);
        assert_near(b.QE_wald.stat, a.QE_wald.stat, 1e-8);
        st_counts_fit_fini(&a);
        st_counts_fit_fini(&b);
    }
}

/* Where studies agree tau2 is 0, and the model a logistic regression: the sums of its score are zero. */
static void without_heterogeneity_it_is_a_regression(void **state) {
    (void)state;
    static const double a[] = {10, 21, 5}, b[] = {30, 59, 16}, c[] = {6, 12, 4}, d[] = {34, 68, 17};
    const st_counts alike = {ST_MEASURE_OR, 3, {a, b, c, d}};
    st_counts_fit fit = glmm(&alike, ST_COUNTS_UM_FS);
    assert_near(fit.pooled.tau2, 0, 0);
    assert_true(isnan(fit.pooled.se_tau2));
    assert_near(fit.pooled.I2, 0, 0);
    assert_near(fit.pooled.loglik, fit.loglik_equal, 0);
    double score = 0, information = 0;
    for (size_t i = 0; i < 3; i++) {
        const double n1 = a[i] + b[i], n2 = c[i] + d[i];
        double low = -20, high = 20, p1 = 0, p2 = 0;
        while (high - low > 1e-14) {
            const double level = (low + high) / 2;
            p1 = 1 / (1 + exp(-level - fit.pooled.b[0]));
            p2 = 1 / (1 + exp(-level));
            *(n1 * p1 + n2 * p2 > a[i] + c[i] ? &high : &low) = level;
        }
        score += a[i] - n1 * p1;
        const double w1 = n1 * p1 * (1 - p1), w2 = n2 * p2 * (1 - p2);
        information += w1 * w2 / (w1 + w2);
    }
    assert_true(fabs(score) < 1e-9);
    assert_near(fit.pooled.se[0], 1 / sqrt(information), 1e-9);
    st_counts_fit_fini(&fit);
}

/* The saturated model is each table by itself. */
static void heterogeneity_is_that_of_single_tables(void **state) {
    (void)state;
    double sum = 0, weight = 0, squares = 0, loglik = 0;
    for (size_t i = 0; i < K; i++) {
        const double n1 = AI[i] + BI[i], n2 = CI[i] + DI[i];
        const double y = log(AI[i] * DI[i] / (BI[i] * CI[i])), w = 1 / (1 / AI[i] + 1 / BI[i] + 1 / CI[i] + 1 / DI[i]);
        sum += w * y;
        weight += w;
        squares += w * y * y;
        loglik += log_binomial(AI[i], n1, log(AI[i] / BI[i])) + log_binomial(CI[i], n2, log(CI[i] / DI[i]));
    }
    st_counts_fit fit = glmm(&TABLES, ST_COUNTS_UM_FS);
    assert_near(fit.QE_wald.stat, squares - sum * sum / weight, 1e-10);
    assert_near(fit.QE_wald.df, K - 1, 0);
    assert_near(fit.loglik_saturated, loglik, 1e-12);
    assert_near(fit.QE_lrt.stat, 2 * (loglik - brute_force(&TABLES, ST_COUNTS_UM_FS, 0.013, 0, 0)), 1e-2);
    st_counts_fit_fini(&fit);
}

/* ---- extremes ------------------------------------------------------------------------------------ */

static void expect_no_estimate(const st_counts *c, st_method method, st_counts_model model, const char *why) {
    st_counts_fit fit = pool(c, method, model);
    assert_true(isnan(fit.pooled.b[0]) && isnan(fit.pooled.se[0]) && isnan(fit.pooled.ci_lb[0]));
    if (!strstr(fit.note, why))
        fail_msg("the note is \"%s\", wanted \"%s\"", fit.note, why);
    st_counts_fit_fini(&fit);
}

static void infinite_maxima_are_said_to_be(void **state) {
    (void)state;
    static const double zero[] = {0, 0, 0}, some[] = {3, 1, 4}, n[] = {12, 9, 15}, all[] = {12, 0, 15},
                        ones[] = {1, 1, 1};
    static const double b[] = {9, 8, 0}, d[] = {0, 6, 5}, a[] = {0, 0, 4};
    const st_counts none = {ST_MEASURE_PLO, 3, {zero, n}}, full = {ST_MEASURE_PLO, 3, {n, n}},
                    split = {ST_MEASURE_PLO, 3, {all, n}}, coins = {ST_MEASURE_PLO, 3, {(double[]){0, 1, 1}, ones}};
    expect_no_estimate(&none, ST_METHOD_GLMM, 0, "minus infinity");
    expect_no_estimate(&full, ST_METHOD_GLMM, 0, "infinity");
    expect_no_estimate(&split, ST_METHOD_GLMM, 0, "grows with tau2 without end");
    const st_counts empty = {ST_MEASURE_OR, 3, {zero, n, some, n}}, other = {ST_MEASURE_OR, 3, {some, n, zero, n}};
    for (int model = 0; model < ST_COUNTS_MODELS; model++) {
        expect_no_estimate(&empty, ST_METHOD_GLMM, (st_counts_model)model, "infini");
        expect_no_estimate(&other, ST_METHOD_GLMM, (st_counts_model)model, "infini");
    }
    expect_no_estimate(&empty, ST_METHOD_MH, 0, "the odds ratio is zero");
    expect_no_estimate(&other, ST_METHOD_MH, 0, "the odds ratio is infinite");
    const st_counts nothing = {ST_MEASURE_OR, 3, {zero, n, zero, n}};
    expect_no_estimate(&nothing, ST_METHOD_PETO, 0, "in no study");
    expect_no_estimate(&nothing, ST_METHOD_GLMM, 0, "no study is left");
    /* arm 1 and arm 2 have both outcomes, but not in one study */
    const st_counts apart = {ST_MEASURE_OR, 3, {a, b, (double[]){2, 1, 0}, d}};
    expect_no_estimate(&apart, ST_METHOD_GLMM, ST_COUNTS_CM_EL, "grows with tau2");
    st_counts_fit fit = glmm(&apart, ST_COUNTS_UM_FS); /* the second study's arm 2 holds it */
    assert_true(isfinite(fit.pooled.b[0]) && isfinite(fit.pooled.tau2));
    st_counts_fit_fini(&fit);
    fit = glmm(&coins, 0); /* one patient each says nothing about tau2 */
    assert_near(fit.pooled.b[0], log(2), 1e-9);
    assert_near(fit.pooled.tau2, 0, 0);
    st_counts_fit_fini(&fit);
}

static void zero_and_full_cells_are_data(void **state) {
    (void)state;
    static const double a[] = {0, 5, 12, 0, 3, 6}, b[] = {10, 0, 4, 8, 9, 7}, c[] = {2, 3, 9, 0, 0, 4},
                        d[] = {11, 4, 0, 7, 14, 9};
    const st_counts t = {ST_MEASURE_OR, 6, {a, b, c, d}};
    for (int model = 0; model < ST_COUNTS_MODELS; model++) {
        st_counts_fit fit = glmm(&t, (st_counts_model)model);
        assert_int_equal(fit.k, 5);
        assert_int_equal(fit.k_left_out, 1);
        assert_true(isfinite(fit.pooled.b[0]) && fit.pooled.se[0] > 0 && fit.pooled.loglik >= fit.loglik_equal);
        assert_true(fit.loglik_saturated >= fit.pooled.loglik - 1e-9);
        st_counts_fit_fini(&fit);
    }
}

static void large_and_many(void **state) {
    (void)state;
    enum { MANY = 1000 };
    static double x[4][MANY];
    st_rng rng = st_rng_stream(7, ST_RNG_TEST, 0);
    for (size_t i = 0; i < MANY; i++) {
        const double level = -1 + st_rng_normal(&rng), effect = 0.5 + 0.4 * st_rng_normal(&rng);
        const double n = 1e6, p1 = 1 / (1 + exp(-level - effect / 2)), p2 = 1 / (1 + exp(-level + effect / 2));
        x[0][i] = floor(n * p1);
        x[1][i] = n - x[0][i];
        x[2][i] = floor(n * p2);
        x[3][i] = n - x[2][i];
    }
    const st_counts many = {ST_MEASURE_OR, MANY, {x[0], x[1], x[2], x[3]}};
    st_counts_fit fit = glmm(&many, ST_COUNTS_UM_FS);
    double mean = 0, variance = 0; /* of log odds ratios, which are all but exact */
    for (size_t i = 0; i < MANY; i++)
        mean += log(x[0][i] * x[3][i] / (x[1][i] * x[2][i])) / MANY;
    for (size_t i = 0; i < MANY; i++)
        variance += pow(log(x[0][i] * x[3][i] / (x[1][i] * x[2][i])) - mean, 2) / MANY;
    assert_near(fit.pooled.b[0], mean, 1e-4);
    assert_near(fit.pooled.tau2, variance, 1e-3);
    assert_near(fit.pooled.se[0], sqrt(variance / MANY), 1e-3);
    st_counts_fit_fini(&fit);
}

static void expect_refusal(st_counts c, st_counts_options o, const char *why) {
    st_counts_fit fit;
    err = (st_error){0};
    assert_int_equal(st_counts_pool(&c, &o, &fit, &err), ST_VALUE);
    if (!strstr(err.what, why))
        fail_msg("refused with \"%s\", wanted \"%s\"", err.what, why);
}

static void what_cannot_be_is_refused(void **state) {
    (void)state;
    static const double half[] = {1, 2.5}, minus[] = {1, -1}, n[] = {4, 5}, nan[] = {1, NAN}, zero[] = {3, 0},
                        more[] = {5, 5};
    const st_counts_options g = options_of(ST_METHOD_GLMM, 0), mh = options_of(ST_METHOD_MH, 0);
    expect_refusal((st_counts){ST_MEASURE_PLO, 2, {half, n}}, g, "study 2: xi = 2.5");
    expect_refusal((st_counts){ST_MEASURE_PLO, 2, {minus, n}}, g, "study 2: xi = -1");
    expect_refusal((st_counts){ST_MEASURE_PLO, 2, {nan, n}}, g, "study 2: xi = nan");
    expect_refusal((st_counts){ST_MEASURE_PLO, 2, {more, n}}, g, "xi = 5 of ni = 4");
    expect_refusal((st_counts){ST_MEASURE_IRLN, 2, {n, zero}}, g, "study 2: ti = 0");
    expect_refusal((st_counts){ST_MEASURE_OR, 2, {zero, zero, n, n}}, mh, "study 2: ai = bi = 0");
    expect_refusal((st_counts){ST_MEASURE_OR, 0, {n, n, n, n}}, mh, "no study");
    expect_refusal((st_counts){ST_MEASURE_RR, 2, {n, n, n, n}}, g, "not RR");
    expect_refusal((st_counts){ST_MEASURE_PLO, 2, {n, n}}, mh, "not PLO");
    expect_refusal((st_counts){ST_MEASURE_IRR, 2, {n, n, n, n}}, options_of(ST_METHOD_GLMM, ST_COUNTS_CM_AL), "exact");
    expect_refusal((st_counts){ST_MEASURE_OR, 2, {n, n, n, n}}, options_of(ST_METHOD_REML, 0), "REML pools estimates");
    static const double huge[] = {1e8, 1e8};
    expect_refusal((st_counts){ST_MEASURE_OR, 2, {huge, huge, huge, huge}}, options_of(ST_METHOD_GLMM, ST_COUNTS_CM_EL),
                   "possible tables");
    st_counts_options o = g;
    o.points = 101;
    expect_refusal((st_counts){ST_MEASURE_PLO, 2, {n, more}}, o, "101 points");
    o = g;
    o.level = 1;
    expect_refusal((st_counts){ST_MEASURE_PLO, 2, {n, more}}, o, "level of 1");
    st_counts_model model;
    assert_ok(st_counts_model_find("CM.EL", &model, &err));
    assert_string_equal(st_counts_model_name(model), "CM.EL");
    assert_int_equal(st_counts_model_find("UM", &model, &err), ST_USAGE);
    assert_non_null(strstr(err.what, "UM.FS UM.RS CM.EL CM.AL"));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(likelihoods_are_those_of_brute_force),
        cmocka_unit_test(two_random_effects_are_integrated),
        cmocka_unit_test(few_points_come_close),
        cmocka_unit_test(the_higher_of_two_maxima_is_found),
        cmocka_unit_test(equal_steps_take_over),
        cmocka_unit_test(one_table_pools_to_itself),
        cmocka_unit_test(arms_and_outcomes_may_be_exchanged),
        cmocka_unit_test(order_does_not_matter),
        cmocka_unit_test(without_heterogeneity_it_is_a_regression),
        cmocka_unit_test(heterogeneity_is_that_of_single_tables),
        cmocka_unit_test(infinite_maxima_are_said_to_be),
        cmocka_unit_test(zero_and_full_cells_are_data),
        cmocka_unit_test(large_and_many),
        cmocka_unit_test(what_cannot_be_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
