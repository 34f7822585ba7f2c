/* The Bayesian model: closed forms, dense grids, tails that have no moments, and what is refused.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "support.h"

static st_error err;
static const double Z = 1.959963984540054;

static st_bayes_fit fit_of(size_t k, const double *y, const double *v, st_bayes_prior prior) {
    st_bayes_fit fit;
    const st_meta_data data = {.k = k, .p = 1, .yi = y, .vi = v};
    assert_ok(st_bayes_fit_init(&data, &prior, 0.95, &fit, &err));
    assert_true(fit.change <= 1e-8);
    return fit;
}

/* tau as good as 0: everything is normal. */
static void without_spread_it_is_the_common_effect(void **state) {
    (void)state;
    const double y[3] = {0.2, 0.9, 0.5}, v[3] = {0.1, 0.2, 0.4};
    double w = 1 / 4., sum = 0.3 / 4, q = 0;
    for (int i = 0; i < 3; i++) {
        w += 1 / v[i];
        sum += y[i] / v[i];
    }
    const double mean = sum / w, sd = 1 / sqrt(w);
    st_bayes_fit fit =
        fit_of(3, y, v, (st_bayes_prior){.mu_mean = 0.3, .mu_sd = 2, .tau = ST_TAU_UNIFORM, .tau_number = 1e-9});
    assert_near(fit.mu.mean, mean, 1e-10);
    assert_near(fit.mu.sd, sd, 1e-10);
    assert_near(fit.mu.median, mean, 1e-9);
    assert_near(fit.mu.lb, mean - Z * sd, 1e-9);
    assert_near(fit.mu.ub, mean + Z * sd, 1e-9);
    assert_near(fit.mu.shortest_lb, mean - Z * sd, 1e-7);
    assert_near(fit.predict.ub, mean + Z * sd, 1e-9);
    assert_near(fit.theta[1].mean, mean, 1e-9);
    assert_near(fit.theta[1].sd, sd, 1e-9);
    assert_near(fit.bayes_factor, 1, 1e-10);
    assert_near(fit.tau.mean, 0.5e-9, 1e-9);
    assert_near(fit.tau.ub, 0.975e-9, 1e-9);
    double log_marginal = log(sd / 2) - 1.5 * log(2 * M_PI);
    for (int i = 0; i < 3; i++) {
        log_marginal -= log(v[i]) / 2;
        q += (y[i] - mean) * (y[i] - mean) / v[i];
    }
    q += (mean - 0.3) * (mean - 0.3) / 4;
    assert_near(fit.log_marginal, log_marginal - q / 2, 1e-10);
    st_bayes_fit_fini(&fit);
}

/* One study and a flat prior of mu: nothing is learned of tau. */
static void one_study_leaves_the_prior_of_tau(void **state) {
    (void)state;
    const double y = 0.7, v = 0.09, s = 0.5;
    st_bayes_fit fit = fit_of(1, &y, &v, (st_bayes_prior){.mu_flat = true, .tau = ST_TAU_HALFNORMAL, .tau_number = s});
    assert_near(fit.tau.median, s * 0.6744897501960817, 1e-10);
    assert_near(fit.tau.mean, s * sqrt(2 / M_PI), 1e-10);
    assert_near(fit.tau.sd, s * sqrt(1 - 2 / M_PI), 1e-10);
    assert_near(fit.tau.lb, s * 0.031337982021426, 1e-8);
    assert_near(fit.tau.shortest_lb, 0, 0);
    assert_near(fit.tau.shortest_ub, s * Z, 1e-9);
    assert_near(fit.tau_mode, 0, 0);
    assert_near(fit.bayes_factor, 1, 1e-10);
    assert_near(fit.mu.mean, y, 1e-12);
    assert_near(fit.mu.median, y, 1e-10);
    assert_near(fit.mu.sd, sqrt(v + s * s), 1e-10);
    assert_near(fit.predict.sd, sqrt(v + 2 * s * s), 1e-10);
    assert_near(fit.theta[0].mean, y, 1e-12);
    assert_near(fit.theta[0].sd, sqrt(v), 1e-9); /* a flat mean of its own: the study's own estimate */
    assert_true(isnan(fit.log_marginal));
    st_bayes_fit_fini(&fit);
    fit = fit_of(1, &y, &v, (st_bayes_prior){.mu_flat = true, .tau = ST_TAU_HALFCAUCHY, .tau_number = s});
    assert_near(fit.tau.median, s, 1e-10);
    assert_near(fit.tau.ub, s * 25.451699579357067, 1e-9); /* tan(0.975 pi / 2) */
    assert_true(isnan(fit.tau.mean) && isinf(fit.tau.sd) && isnan(fit.mu.mean) && isinf(fit.mu.sd));
    assert_near(fit.mu.median, y, 1e-10);
    st_bayes_fit_fini(&fit);
}

static double log_prior(st_bayes_prior p, double t) {
    const double z = t / p.tau_number;
    return p.tau == ST_TAU_HALFNORMAL   ? log(sqrt(2 / M_PI) / p.tau_number) - z * z / 2
           : p.tau == ST_TAU_HALFCAUCHY ? log(2 / (M_PI * p.tau_number)) - log(1 + z * z)
                                        : (z <= 1 ? -log(p.tau_number) : -INFINITY);
}

/* Log of prior times likelihood, mu integrated by hand; its mean and sd. */
static double log_density(size_t k, const double *y, const double *v, st_bayes_prior p, double t, double *mean,
                          double *sd) {
    double w = p.mu_flat ? 0 : 1 / (p.mu_sd * p.mu_sd), sum = w * p.mu_mean, square = w * p.mu_mean * p.mu_mean;
    double value = log_prior(p, t) - (double)k / 2 * log(2 * M_PI) + (p.mu_flat ? log(2 * M_PI) / 2 : log(w) / 2);
    for (size_t s = 0; s < k; s++) {
        const double a = 1 / (v[s] + t * t);
        w += a;
        sum += a * y[s];
        square += a * y[s] * y[s];
        value += log(a) / 2;
    }
    *mean = sum / w;
    *sd = 1 / sqrt(w);
    return value - (square - sum * sum / w) / 2 - log(w) / 2;
}

/* What a dense grid finds, mu integrated by hand: tau = x / (1 - x), midpoint rule. */
typedef struct dense {
    double log_total, mu, mu_sd, tau, tau_sd, below_mu[5], below_tau[5], below_new[4], below_theta[2];
    double at_shortest[2]; /* density of mu at both ends */
} dense;

static double below(double x, double mean, double sd) {
    return erfc((mean - x) / sd * M_SQRT1_2) / 2;
}

static dense integrate(size_t k, const double *y, const double *v, st_bayes_prior p, const st_bayes_fit *f) {
    enum { STEPS = 100000 };
    dense d = {0};
    double total = 0, mu2 = 0, tau2 = 0;
    for (int i = 0; i < STEPS; i++) {
        const double x = (i + 0.5) / STEPS, t = p.tau == ST_TAU_UNIFORM ? x * p.tau_number : x / (1 - x);
        const double jacobian = p.tau == ST_TAU_UNIFORM ? p.tau_number : 1 / ((1 - x) * (1 - x));
        double m, sd;
        const double value = log_density(k, y, v, p, t, &m, &sd), pull = v[0] / (v[0] + t * t);
        const double mass = exp(value) * jacobian / STEPS;
        total += mass;
        d.mu += mass * m;
        mu2 += mass * (m * m + sd * sd);
        d.tau += mass * t;
        tau2 += mass * t * t;
        const double at[5] = {f->mu.median, f->mu.lb, f->mu.ub, f->mu.shortest_lb, f->mu.shortest_ub};
        const double tau_at[5] = {f->tau.median, f->tau.lb, f->tau.ub, f->tau.shortest_lb, f->tau.shortest_ub};
        const double new_at[4] = {f->predict.lb, f->predict.ub, f->predict.shortest_lb, f->predict.shortest_ub};
        const double step = jacobian / STEPS; /* a cell that a quantile cuts counts in part */
        for (int j = 0; j < 5; j++) {
            d.below_mu[j] += mass * below(at[j], m, sd);
            d.below_tau[j] += mass * fmin(1, fmax(0, 0.5 + (tau_at[j] - t) / step));
        }
        for (int j = 0; j < 4; j++)
            d.below_new[j] += mass * below(new_at[j], m, sqrt(sd * sd + t * t));
        for (int j = 0; j < 2; j++) {
            const double z = ((j ? f->mu.shortest_ub : f->mu.shortest_lb) - m) / sd;
            d.at_shortest[j] += mass / sd * exp(-z * z / 2);
        }
        for (int j = 0; j < 2; j++)
            d.below_theta[j] += mass * below(j ? f->theta[0].ub : f->theta[0].lb, y[0] + pull * (m - y[0]),
                                             sqrt(pull * t * t + pull * pull * sd * sd));
    }
    d.log_total = log(total);
    d.mu /= total;
    d.tau /= total;
    d.mu_sd = sqrt(mu2 / total - d.mu * d.mu);
    d.tau_sd = sqrt(tau2 / total - d.tau * d.tau);
    for (int j = 0; j < 5; j++) {
        d.below_mu[j] /= total;
        d.below_tau[j] /= total;
    }
    for (int j = 0; j < 4; j++)
        d.below_new[j] /= total;
    for (int j = 0; j < 2; j++)
        d.below_theta[j] /= total;
    return d;
}

static void results_are_those_of_a_dense_grid(void **state) {
    (void)state;
    for (uint64_t item = 0; item < 12; item++) {
        st_rng rng = st_rng_stream(3, ST_RNG_TEST, item);
        const size_t k = 4 + st_rng_below(&rng, 8);
        double y[12], v[12];
        for (size_t i = 0; i < k; i++) {
            v[i] = 0.02 + 0.5 * st_rng_uniform(&rng);
            y[i] = -0.5 + sqrt(v[i] + (double)(item % 4) * 0.3) * st_rng_normal(&rng);
        }
        const st_bayes_prior prior = {.mu_flat = item % 2 == 0,
                                      .mu_mean = 0.2,
                                      .mu_sd = 1.5,
                                      .tau = (st_tau_prior)(item % 3),
                                      .tau_number = item % 3 == ST_TAU_UNIFORM ? 3 : 0.6};
        st_bayes_fit f = fit_of(k, y, v, prior);
        const dense d = integrate(k, y, v, prior, &f);
        assert_near(f.mu.mean, d.mu, 1e-7);
        assert_near(f.mu.sd, d.mu_sd, 1e-7);
        assert_near(f.tau.mean, d.tau, 1e-6);
        assert_near(f.tau.sd, d.tau_sd, k < 5 ? 1e-3 : 1e-5);
        if (!prior.mu_flat)
            assert_near(f.log_marginal, d.log_total, 1e-7);
        const double wanted[] = {0.5, 0.025, 0.975};
        for (int j = 0; j < 3; j++) {
            assert_near(d.below_mu[j], wanted[j], 1e-6);
            assert_near(d.below_tau[j], wanted[j], 1e-5);
        }
        assert_near(d.below_mu[4] - d.below_mu[3], 0.95, 1e-6);
        assert_near(d.below_tau[4] - d.below_tau[3], 0.95, 1e-5);
        assert_near(d.below_new[0], 0.025, 1e-6);
        assert_near(d.below_new[1], 0.975, 1e-6);
        assert_near(d.below_new[3] - d.below_new[2], 0.95, 1e-6);
        assert_near(d.below_theta[0], 0.025, 1e-6);
        assert_near(d.below_theta[1], 0.975, 1e-6);
        assert_near(d.at_shortest[0], d.at_shortest[1], 1e-6);
        double mean, sd, at[5];
        const double place[5] = {f.tau_mode, f.tau_mode * 0.9999, f.tau_mode * 1.0001, f.tau.shortest_lb,
                                 f.tau.shortest_ub};
        for (int j = 0; j < 5; j++)
            at[j] = log_density(k, y, v, prior, place[j], &mean, &sd);
        assert_true(at[0] >= at[1] && at[0] >= at[2]);
        if (f.tau.shortest_lb > 0)
            assert_true(fabs(at[3] - at[4]) < 1e-6);
        else
            assert_true(at[3] >= at[4]);
        assert_true(f.mu.shortest_ub - f.mu.shortest_lb <= f.mu.ub - f.mu.lb + 1e-9);
        assert_true(f.tau.shortest_ub - f.tau.shortest_lb <= f.tau.ub - f.tau.lb + 1e-9);
        st_bayes_fit_fini(&f);
    }
}

/* In another unit and from another origin everything moves along. */
static void units_and_origin_do_not_matter(void **state) {
    (void)state;
    const double y[4] = {0.1, 0.8, -0.3, 1.4}, v[4] = {0.05, 0.1, 0.2, 0.02};
    double far[4], wide[4];
    for (int i = 0; i < 4; i++) {
        far[i] = 1e3 * y[i] - 5e4;
        wide[i] = 1e6 * v[i];
    }
    st_bayes_fit a = fit_of(4, y, v, (st_bayes_prior){.mu_mean = 1, .mu_sd = 2, .tau_number = 0.5});
    st_bayes_fit b = fit_of(4, far, wide, (st_bayes_prior){.mu_mean = 1e3 - 5e4, .mu_sd = 2e3, .tau_number = 500});
    assert_near(b.mu.lb + 5e4, 1e3 * a.mu.lb, 1e-7);
    assert_near(b.mu.sd, 1e3 * a.mu.sd, 1e-8);
    assert_near(b.tau.median, 1e3 * a.tau.median, 1e-8);
    assert_near(b.tau_mode, 1e3 * a.tau_mode, 1e-8);
    assert_near(b.bayes_factor, a.bayes_factor, 1e-8);
    assert_near(b.log_marginal, a.log_marginal - 4 * log(1e3), 1e-9);
    st_bayes_fit_fini(&a);
    st_bayes_fit_fini(&b);
}

static void many_studies_and_variances_of_any_size_settle(void **state) {
    (void)state;
    enum { MANY = 500 };
    static double y[MANY], v[MANY];
    st_rng rng = st_rng_stream(4, ST_RNG_TEST, 0);
    for (int i = 0; i < MANY; i++) {
        v[i] = 0.01;
        y[i] = 2 + sqrt(0.01 + 0.25) * st_rng_normal(&rng);
    }
    st_bayes_fit fit = fit_of(MANY, y, v, (st_bayes_prior){.mu_flat = true, .tau_number = 0.5});
    assert_near(fit.tau.median, 0.5, 0.1);
    assert_near(fit.tau.sd, 0.51 / sqrt(2. * MANY) * (0.51 / 0.5), 0.1); /* information on a variance */
    st_bayes_fit_fini(&fit);
    const double odd_y[4] = {1, 1.0001, 5, 0}, odd_v[4] = {1e-14, 1e-9, 1, 1e8};
    for (int prior = 0; prior < ST_TAU_PRIORS; prior++) {
        fit = fit_of(4, odd_y, odd_v, (st_bayes_prior){.mu_flat = true, .tau = (st_tau_prior)prior, .tau_number = 1});
        assert_true(fit.mu.lb < fit.mu.median && fit.mu.median < fit.mu.ub);
        assert_near(fit.theta[0].mean, 1, 1e-6);
        st_bayes_fit_fini(&fit);
    }
    /* The data want a tau a thousand scales out. */
    const double apart_y[3] = {-1e3, 0, 1e3}, apart_v[3] = {1, 1, 1};
    fit = fit_of(3, apart_y, apart_v, (st_bayes_prior){.mu_flat = true, .tau_number = 0.5});
    assert_true(fit.tau.median > 10 && fit.tau.median < 100);
    assert_true(fit.bayes_factor < 1e-300);
    st_bayes_fit_fini(&fit);
}

/* Two exact studies want a small tau, two or seven others a large one: the highest of both peaks, wherever it is. */
static void the_higher_of_two_peaks_is_the_mode(void **state) {
    (void)state;
    const st_bayes_prior prior = {.mu_flat = true, .tau = ST_TAU_UNIFORM, .tau_number = 50};
    for (size_t k = 4; k <= 9; k += 5) {
        double y[9] = {0, 0.01}, v[9] = {1e-6, 1e-6}, mean, sd;
        for (size_t i = 2; i < k; i++) {
            y[i] = i % 2 ? 6 : -6;
            v[i] = 4;
        }
        st_bayes_fit fit = fit_of(k, y, v, prior);
        const double top = log_density(k, y, v, prior, fit.tau_mode, &mean, &sd);
        for (double t = 1e-4; t < 50; t *= 1.01)
            assert_true(log_density(k, y, v, prior, t, &mean, &sd) <= top + 1e-12);
        assert_true(k == 4 ? fit.tau_mode < 0.1 : fit.tau_mode > 1);
        st_bayes_fit_fini(&fit);
    }
}

static void what_cannot_be_computed_is_refused(void **state) {
    (void)state;
    const double y[2] = {0, 1}, v[2] = {1, 1}, zero[2] = {1, 0}, nan[2] = {NAN, 1}, x[4] = {1, 0, 1, 1};
    const st_meta_data good = {.k = 2, .p = 1, .yi = y, .vi = v};
    const st_bayes_prior prior = {.mu_flat = true, .tau_number = 0.5};
    st_bayes_fit fit;
    const st_meta_data bad[] = {{.k = 0, .p = 1, .yi = y, .vi = v},
                                {.k = 2, .p = 1, .yi = y, .vi = zero},
                                {.k = 2, .p = 1, .yi = nan, .vi = v},
                                {.k = 2, .p = 2, .yi = y, .vi = v, .x = x}};
    for (size_t i = 0; i < 4; i++)
        assert_int_equal(st_bayes_fit_init(&bad[i], &prior, 0.95, &fit, &err), ST_VALUE);
    const st_bayes_prior wrong[] = {{.mu_flat = true, .tau_number = 0},
                                    {.mu_flat = true, .tau_number = NAN},
                                    {.mu_sd = 0, .tau_number = 1},
                                    {.mu_sd = INFINITY, .tau_number = 1},
                                    {.mu_flat = true, .tau = (st_tau_prior)7, .tau_number = 1}};
    for (size_t i = 0; i < 5; i++)
        assert_int_equal(st_bayes_fit_init(&good, &wrong[i], 0.95, &fit, &err), ST_VALUE);
    assert_int_equal(st_bayes_fit_init(&good, &prior, 1, &fit, &err), ST_VALUE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_spread_it_is_the_common_effect),
        cmocka_unit_test(one_study_leaves_the_prior_of_tau),
        cmocka_unit_test(results_are_those_of_a_dense_grid),
        cmocka_unit_test(units_and_origin_do_not_matter),
        cmocka_unit_test(many_studies_and_variances_of_any_size_settle),
        cmocka_unit_test(the_higher_of_two_peaks_is_the_mode),
        cmocka_unit_test(what_cannot_be_computed_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
