/* Curves of survival, the log-rank test, competing risks: values by hand, invariants, extremes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "survival_support.h"

/* ---- curves ------------------------------------------------------------------------------------- */

static void curve_by_hand(void **state) {
    (void)state;
    static const double time[] = {9, 5, 2, 3, 7, 5};
    static const uint32_t status[] = {1, 1, 1, 0, 0, 1};
    st_survival s = sorted(6, NULL, time, status);
    st_survival_curve c = curve(&s, ST_LIMITS_PLAIN);
    assert_int_equal(c.steps, 5);
    assert_int_equal(c.events, 4);
    static const double survival[] = {5. / 6, 5. / 6, 5. / 12, 5. / 12, 0}, risk[] = {6, 5, 4, 2, 1};
    for (size_t i = 0; i < 5; i++) {
        assert_near(c.survival[i], survival[i], 1e-15);
        assert_near(c.n_risk[i], risk[i], 0);
    }
    assert_near(c.n_event[2], 2, 0);
    assert_near(c.n_censor[3], 1, 0);
    const double se = 5. / 12 * sqrt(1. / 30 + 1. / 4), z = 1.9599639845400545;
    assert_near(c.std_err[2], se, 1e-14);
    assert_near(c.lower[0], 5. / 6 - z * 5 / 6 * sqrt(1. / 30), 1e-14);
    assert_near(c.upper[0], 1, 0);
    assert_near(c.lower[2] + 1, 1, 0); /* cut at 0 */
    assert_true(isnan(c.std_err[4]) && isnan(c.lower[4]) && isnan(c.upper[4]));
    const st_survival_estimate median = st_survival_quantile(&c, 0.5), mean = st_survival_mean(&c, 9, 0.95);
    assert_near(median.estimate, 5, 0);
    assert_near(mean.estimate, 2 + 3 * 5. / 6 + 4 * 5. / 12, 1e-15);
    assert_near(mean.se, sqrt(25. / 6 * (25. / 6) / 30 + 5. / 3 * (5. / 3) / 4), 1e-14);
    assert_near(st_survival_mean(&c, 1, 0.95).estimate, 1, 0);
    assert_near(st_survival_mean(&c, 4, 0.95).estimate, 2 + 2 * 5. / 6, 1e-15);
    assert_near(st_survival_mean(&c, 20, 0.95).estimate, mean.estimate, 1e-15);
    st_survival_curve_fini(&c);
    st_survival_fini(&s);
}

static void limits_on_three_scales(void **state) {
    (void)state;
    double time[40];
    uint32_t status[40];
    for (size_t i = 0; i < 40; i++) {
        time[i] = 1 + (double)i;
        status[i] = i < 10;
    }
    st_survival s = sorted(40, NULL, time, status);
    st_survival_curve log_scale = curve(&s, ST_LIMITS_LOG), loglog = curve(&s, ST_LIMITS_LOG_LOG);
    const double z = 1.9599639845400545, p = 0.75, se = sqrt(10. / (40 * 30));
    assert_near(log_scale.survival[20], p, 1e-14);
    assert_near(log_scale.lower[20], p * exp(-z * se), 1e-13);
    assert_near(log_scale.upper[20], p * exp(z * se), 1e-13);
    assert_near(log_scale.upper[0], 1, 0); /* cut */
    assert_near(loglog.lower[20], pow(p, exp(z * se / -log(p))), 1e-13);
    assert_near(loglog.upper[20], pow(p, exp(-z * se / -log(p))), 1e-13);
    st_survival_curve_fini(&log_scale);
    st_survival_curve_fini(&loglog);
    st_survival_fini(&s);
}

static void without_censoring_it_is_the_distribution(void **state) {
    (void)state;
    sample a = make_sample(1);
    for (size_t i = 0; i < N; i++)
        a.any[i] = 1;
    st_survival s = sorted(N, NULL, a.time, a.any);
    st_survival_curve c = curve(&s, ST_LIMITS_LOG);
    assert_int_equal(c.steps, N);
    for (size_t i = 0; i + 1 < N; i++) {
        const double p = 1 - (double)(i + 1) / N;
        assert_near(c.survival[i], p, 1e-13);
        assert_near(c.std_err[i], sqrt(p * (1 - p) / N), 1e-12);
    }
    double sum = 0;
    for (size_t i = 0; i < N; i++)
        sum += a.time[i] / N;
    assert_near(st_survival_mean(&c, 1e6, 0.95).estimate, sum, 1e-13);
    st_survival_curve_fini(&c);
    st_survival_fini(&s);
}

static void a_rest_at_the_level_gives_its_middle(void **state) {
    (void)state;
    static const double time[] = {1, 2, 3, 4, 6, 7, 8, 9};
    static const uint32_t events[] = {1, 1, 1, 1, 1, 0, 0, 0}, ends_there[] = {1, 1, 1, 1, 0, 0, 0, 0};
    st_survival s = sorted(8, NULL, time, events);
    st_survival_curve c = curve(&s, ST_LIMITS_LOG);
    assert_near(st_survival_quantile(&c, 0.5).estimate, 5, 0);
    assert_near(st_survival_quantile(&c, 0.25).estimate, 2.5, 0);
    assert_true(isnan(st_survival_quantile(&c, 0.75).estimate));
    st_survival_curve_fini(&c);
    st_survival_fini(&s);
    s = sorted(8, NULL, time, ends_there);
    c = curve(&s, ST_LIMITS_LOG);
    assert_near(st_survival_quantile(&c, 0.5).estimate, 4, 0); /* the median: where the rest begins */
    st_survival_curve_fini(&c);
    st_survival_fini(&s);
    static const uint32_t quarter[] = {1, 1, 0, 0, 0, 0, 0, 0};
    s = sorted(8, NULL, time, quarter);
    c = curve(&s, ST_LIMITS_LOG);
    assert_near(st_survival_quantile(&c, 0.25).estimate, 5.5, 0); /* others: its middle, 2 to 9 */
    st_survival_curve_fini(&c);
    st_survival_fini(&s);
}

static void times_that_arithmetic_split_are_joined(void **state) {
    (void)state;
    static const double time[] = {0.1 + 0.2, 0.3, 0.3 - 1e-12, 0.3 + 1e-6, 2};
    static const uint32_t status[] = {1, 1, 0, 1, 0};
    st_survival s = sorted(5, NULL, time, status);
    assert_int_equal(s.joined, 2);
    assert_near(s.time[2], 0.3 - 1e-12, 0);
    assert_true(s.time[3] > s.time[2]);
    st_survival_fini(&s);
    static const double large[] = {1e9, 1e9 + 10, 1e9 + 30}; /* 1.5e-8 of the mean: 15 */
    s = sorted(3, NULL, large, status);
    assert_int_equal(s.joined, 1);
    st_survival_fini(&s);
    static const double small[] = {1e-9, 2e-9, 3e-9}; /* or 1.5e-8 alone */
    s = sorted(3, NULL, small, status);
    assert_int_equal(s.joined, 2);
    st_survival_fini(&s);
    static const double start[] = {0.3};
    const st_survival_data none_left = {1, start, time, status};
    assert_int_equal(st_survival_init(&none_left, &s, &err), ST_VALUE);
}

static void late_entry_counts_who_is_there(void **state) {
    (void)state;
    static const double start[] = {0, 0, 3, 5, 2}, time[] = {4, 6, 8, 9, 5};
    static const uint32_t status[] = {1, 1, 1, 0, 0};
    st_survival s = sorted(5, start, time, status);
    st_survival_curve c = curve(&s, ST_LIMITS_LOG);
    static const double risk[] = {4, 3, 3, 2, 1};
    for (size_t i = 0; i < 5; i++)
        assert_near(c.n_risk[i], risk[i], 0); /* who enters at 5 is not at risk at 5 */
    assert_near(c.survival[4], 3. / 4 * 2. / 3 * 1. / 2, 1e-15);
    st_survival_curve_fini(&c);
    st_survival_fini(&s);
}

static void order_of_many_numbers(void **state) {
    (void)state;
    enum { MANY = 3000 };
    static double time[MANY];
    static uint32_t status[MANY];
    st_rng rng = st_rng_stream(1, ST_RNG_TEST, 9);
    for (size_t i = 0; i < MANY; i++)
        time[i] = i % 7 == 0 ? 0 : i % 3 == 0 ? (double)st_rng_below(&rng, 40) : exp(20 * st_rng_normal(&rng));
    st_survival s = sorted(MANY, NULL, time, status);
    for (size_t i = 1; i < MANY; i++) {
        assert_true(s.time[i - 1] <= s.time[i]);
        if (!(s.time[i - 1] < s.time[i]) && !(time[s.row[i - 1]] < time[s.row[i]]))
            assert_true(s.row[i - 1] < s.row[i]);
    }
    st_survival_fini(&s);
}

/* ---- log-rank -------------------------------------------------------------------------------------- */

static void logrank_by_hand(void **state) {
    (void)state;
    static const double time[] = {1, 3, 3, 4, 2, 3, 5, 6};
    static const uint32_t status[] = {1, 1, 0, 1, 0, 1, 1, 0}, group[] = {0, 0, 0, 0, 1, 1, 1, 1};
    st_survival s = sorted(8, NULL, time, status);
    st_survival_parts all = split(&s, NULL, 1);
    st_logrank test;
    assert_ok(st_logrank_test(&s, group, 2, &all, 0, &test, &err));
    /* at 1: 4 + 4, one event; at 3: 3 + 3, two; at 4: 1 + 2, one; at 5: 0 + 2, one */
    const double expected = 0.5 + 1 + 1. / 3, variance = 0.25 + 2 * 0.25 * 4. / 5 + 2. / 9;
    assert_near(test.observed[0], 3, 0);
    assert_near(test.expected[0], expected, 1e-14);
    assert_near(test.expected[0] + test.expected[1], 5, 1e-14);
    assert_near(test.chisq, (3 - expected) * (3 - expected) / variance, 1e-13);
    assert_int_equal(test.df, 1);
    st_logrank_fini(&test);
    assert_ok(st_logrank_test(&s, group, 2, &all, 1, &test, &err));
    const double s1 = 7. / 8, s3 = s1 * 4. / 6, s4 = s3 * 2. / 3; /* before 3, 4 and 5 */
    assert_near(test.observed[0], 1 + s1 + s3, 1e-14);
    assert_near(test.expected[1], 0.5 + s1 + s3 * 2. / 3 + s4, 1e-14);
    st_logrank_fini(&test);
    assert_int_equal(st_logrank_test(&s, group, 1, &all, 0, &test, &err), ST_VALUE);
    assert_int_equal(st_logrank_test(&s, group, 5000, &all, 0, &test, &err), ST_VALUE);
    st_survival_parts_fini(&all);
    st_survival_fini(&s);
}

/* ---- competing risks -------------------------------------------------------------------------------------- */

static void causes_add_to_all(void **state) {
    (void)state;
    sample a = make_sample(16);
    for (size_t i = 0; i < N; i++)
        a.time[i] = floor(a.time[i] * 2);
    st_survival s = sorted(N, NULL, a.time, a.status);
    st_survival_parts all = split(&s, NULL, 1);
    st_survival_curve c = curve(&s, ST_LIMITS_LOG);
    st_incidence f;
    assert_ok(st_incidence_fit(&s, &all, 0, 2, ST_LIMITS_PLAIN, 0.95, &f, &err));
    assert_int_equal(f.steps, c.steps);
    for (size_t i = 0; i < f.steps; i++) {
        assert_near(f.cif[i] + f.cif[f.steps + i], 1 - c.survival[i], 1e-13);
        assert_near(f.n_risk[i], c.n_risk[i], 0);
    }
    st_incidence_fini(&f);
    assert_int_equal(st_incidence_fit(&s, &all, 0, 1, ST_LIMITS_PLAIN, 0.95, &f, &err), ST_VALUE);
    st_survival_curve_fini(&c);
    st_survival_parts_fini(&all);
    st_survival_fini(&s);
}

/* Without censoring an incidence is a share, and its variance that of a share. */
static void incidence_without_censoring_is_a_share(void **state) {
    (void)state;
    sample a = make_sample(17);
    for (size_t i = 0; i < N; i++)
        a.status[i] = 1 + a.group[i];
    st_survival s = sorted(N, NULL, a.time, a.status);
    st_survival_parts all = split(&s, NULL, 1);
    st_incidence f;
    assert_ok(st_incidence_fit(&s, &all, 0, 2, ST_LIMITS_LOG, 0.95, &f, &err));
    double so_far[2] = {0, 0};
    for (size_t i = 0; i < f.steps; i++) {
        so_far[s.status[i] - 1] += 1. / N;
        for (size_t k = 0; k < 2; k++) {
            const double p = so_far[k], at = sqrt(p * (1 - p) / N);
            assert_near(f.cif[k * f.steps + i], p, 1e-12);
            assert_near(f.std_err[k * f.steps + i], at, 1e-9);
        }
    }
    st_incidence_fini(&f);
    st_survival_parts_fini(&all);
    st_survival_fini(&s);
}

/* The variance of the jackknife from its definition: weights moved one by one. */
static double weighted_incidence(const sample *a, size_t heavy, double weight, uint32_t cause, double until) {
    double survival = 1, sum = 0, last = -1;
    for (;;) {
        double time = INFINITY, risk = 0, d = 0, of_cause = 0;
        for (size_t i = 0; i < N; i++)
            if (a->time[i] > last && a->time[i] < time)
                time = a->time[i];
        if (time > until)
            return sum;
        for (size_t i = 0; i < N; i++) {
            const double w = i == heavy ? weight : 1;
            risk += a->time[i] >= time ? w : 0;
            d += !(a->time[i] < time) && !(a->time[i] > time) && a->status[i] > 0 ? w : 0;
            of_cause += !(a->time[i] < time) && !(a->time[i] > time) && a->status[i] == cause ? w : 0;
        }
        sum += survival * of_cause / risk;
        survival *= 1 - d / risk;
        last = time;
    }
}

static void variance_is_that_of_the_jackknife(void **state) {
    (void)state;
    sample a = make_sample(18);
    for (size_t i = 0; i < N; i++)
        a.time[i] = floor(a.time[i]);
    st_survival s = sorted(N, NULL, a.time, a.status);
    st_survival_parts all = split(&s, NULL, 1);
    st_incidence f;
    assert_ok(st_incidence_fit(&s, &all, 0, 2, ST_LIMITS_LOG, 0.95, &f, &err));
    for (size_t step = 0; step + 1 < f.steps; step += 3)
        for (uint32_t k = 0; k < 2; k++) {
            double variance = 0;
            const double h = 1e-5;
            for (size_t i = 0; i < N; i++) {
                const double up = weighted_incidence(&a, i, 1 + h, k + 1, f.time[step]);
                const double down = weighted_incidence(&a, i, 1 - h, k + 1, f.time[step]);
                variance += (up - down) * (up - down) / (4 * h * h);
            }
            assert_near(f.std_err[k * f.steps + step], sqrt(variance), 1e-7);
        }
    st_incidence_fini(&f);
    st_survival_parts_fini(&all);
    st_survival_fini(&s);
}

/* ---- what is refused ----------------------------------------------------------------------------------------- */

static void refusals(void **state) {
    (void)state;
    static const uint32_t status[] = {1, 0}, level[] = {0, 5};
    static const double bad[][2] = {{1, -1}, {1, NAN}, {INFINITY, 1}}, fine[] = {1, 2}, late[] = {0, 2};
    st_survival s;
    for (size_t i = 0; i < 3; i++) {
        const st_survival_data data = {2, NULL, bad[i], status};
        assert_int_equal(st_survival_init(&data, &s, &err), ST_VALUE);
    }
    const st_survival_data empty = {0, NULL, fine, status}, entry = {2, late, fine, status};
    assert_int_equal(st_survival_init(&empty, &s, &err), ST_VALUE);
    assert_int_equal(st_survival_init(&entry, &s, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "subject 2"));
    s = sorted(2, NULL, fine, status);
    st_survival_parts parts;
    assert_int_equal(st_survival_split(&s, level, 2, &parts, &err), ST_VALUE);
    st_survival_fini(&s);
    static const double start[] = {0, 0};
    s = sorted(2, start, fine, status);
    parts = split(&s, NULL, 1);
    st_incidence f;
    assert_int_equal(st_incidence_fit(&s, &parts, 0, 1, ST_LIMITS_LOG, 0.95, &f, &err), ST_VALUE);
    st_survival_parts_fini(&parts);
    st_survival_fini(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(curve_by_hand),
        cmocka_unit_test(limits_on_three_scales),
        cmocka_unit_test(without_censoring_it_is_the_distribution),
        cmocka_unit_test(a_rest_at_the_level_gives_its_middle),
        cmocka_unit_test(times_that_arithmetic_split_are_joined),
        cmocka_unit_test(late_entry_counts_who_is_there),
        cmocka_unit_test(order_of_many_numbers),
        cmocka_unit_test(logrank_by_hand),
        cmocka_unit_test(causes_add_to_all),
        cmocka_unit_test(incidence_without_censoring_is_a_share),
        cmocka_unit_test(variance_is_that_of_the_jackknife),
        cmocka_unit_test(refusals),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
