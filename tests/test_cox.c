/* Cox models and proportional hazards: values by hand, invariants, extremes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "survival_support.h"

/* Without ties the score test of a Cox model is the log-rank test, late entry and strata or not. */
static void logrank_is_the_score_test(void **state) {
    (void)state;
    for (uint64_t item = 2; item < 6; item++) {
        sample a = make_sample(item);
        const bool late = item % 2 == 0;
        st_survival s = sorted(N, late ? a.start : NULL, a.time, a.any);
        const double *const x[] = {a.b};
        const uint32_t *stratum = item < 4 ? NULL : a.stratum;
        st_cox cox = cox_of(&s, stratum, 3, 1, x, ST_TIES_EFRON);
        st_survival_parts parts = split(&s, stratum, 3);
        st_logrank test;
        assert_ok(st_logrank_test(&s, a.group, 2, &parts, 0, &test, &err));
        assert_near(test.chisq, cox.score, 1e-10);
        st_logrank_fini(&test);
        st_survival_parts_fini(&parts);
        st_cox_fini(&cox);
        st_survival_fini(&s);
    }
}

static void nothing_to_compare(void **state) {
    (void)state;
    sample a = make_sample(7);
    memset(a.any, 0, sizeof a.any);
    st_survival s = sorted(N, NULL, a.time, a.any);
    st_survival_parts all = split(&s, NULL, 1);
    st_logrank test;
    assert_ok(st_logrank_test(&s, a.group, 2, &all, 0, &test, &err));
    assert_int_equal(test.df, 0);
    assert_true(isnan(test.p));
    const double *const x[] = {a.x};
    st_cox cox = cox_of(&s, NULL, 1, 1, x, ST_TIES_EFRON);
    assert_int_equal(cox.df, 0);
    assert_int_equal(cox.kind[0], ST_COX_REDUNDANT);
    assert_true(isnan(cox.coef[0]) && isnan(cox.concordance));
    st_cox_fini(&cox);
    st_logrank_fini(&test);
    st_survival_parts_fini(&all);
    st_survival_fini(&s);
}

/* ---- Cox ---------------------------------------------------------------------------------------------- */

/* Derivative of the partial likelihood of one column without ties, from its definition. */
static double score_at(const sample *a, double beta, double *info) {
    double score = 0;
    *info = 0;
    for (size_t i = 0; i < N; i++) {
        double s0 = 0, s1 = 0, s2 = 0;
        for (size_t j = 0; j < N && a->any[i]; j++)
            if (a->time[j] >= a->time[i]) {
                const double w = exp(beta * a->b[j]);
                s0 += w;
                s1 += w * a->b[j];
                s2 += w * a->b[j] * a->b[j];
            }
        if (a->any[i]) {
            score += a->b[i] - s1 / s0;
            *info += s2 / s0 - s1 / s0 * (s1 / s0);
        }
    }
    return score;
}

static void one_column_solves_its_equation(void **state) {
    (void)state;
    sample a = make_sample(8);
    st_survival s = sorted(N, NULL, a.time, a.any);
    const double *const x[] = {a.b};
    st_cox cox = cox_of(&s, NULL, 1, 1, x, ST_TIES_EFRON);
    double low = -10, high = 10, info;
    while (high - low > 1e-13) {
        const double middle = (low + high) / 2;
        *(score_at(&a, middle, &info) > 0 ? &low : &high) = middle;
    }
    assert_near(cox.coef[0], low, 1e-10);
    (void)score_at(&a, low, &info);
    assert_near(cox.se[0], 1 / sqrt(info), 1e-9);
    assert_near(cox.wald, low * low * info, 1e-9);
    assert_near(cox.z[0] * cox.z[0], cox.wald, 1e-12);
    assert_near(cox.hazard_ratio[0], exp(low), 1e-9);
    assert_near(cox.lower[0], exp(low - 1.9599639845400545 * cox.se[0]), 1e-9);
    const double u = score_at(&a, 0, &info);
    assert_near(cox.score, u * u / info, 1e-11);
    assert_near(cox.lrt, 2 * (cox.loglik - cox.loglik_null), 1e-12);
    st_cox_fini(&cox);
    st_survival_fini(&s);
}

static void fits_alike(const st_cox *a, const st_cox *b, double limit) {
    for (size_t j = 0; j < a->p; j++) {
        assert_near(b->coef[j], a->coef[j], limit);
        assert_near(b->se[j], a->se[j], limit);
    }
    assert_near(b->loglik, a->loglik, limit);
    assert_near(b->score, a->score, limit);
    assert_near(b->concordance, a->concordance, 1e-15);
    assert_near(b->concordance_se, a->concordance_se, 1e-12);
}

/* Rows in another order, time stretched, columns shifted, ties in another way where there are none: the same answer. */
static void cox_does_not_care(void **state) {
    (void)state;
    sample a = make_sample(10), r = a;
    for (size_t i = 0; i < N; i++) {
        const size_t from = (i * 7 + 3) % N;
        r.time[i] = exp(a.time[from] / 20) * 3;
        r.any[i] = a.any[from];
        r.b[i] = a.b[from] + 1e6;
        r.x[i] = a.x[from] - 5;
    }
    st_survival s = sorted(N, NULL, a.time, a.any), t = sorted(N, NULL, r.time, r.any);
    const double *const x[] = {a.b, a.x}, *const y[] = {r.b, r.x};
    st_cox one = cox_of(&s, NULL, 1, 2, x, ST_TIES_EFRON), other = cox_of(&t, NULL, 1, 2, y, ST_TIES_BRESLOW);
    fits_alike(&one, &other, 1e-9);
    st_cox_fini(&one);
    st_cox_fini(&other);
    st_survival_fini(&s);
    st_survival_fini(&t);
}

/* The larger the column, the earlier the event, without exception. */
static void a_perfect_order_is_endless(void **state) {
    (void)state;
    for (int late = 0; late < 2; late++) {
        sample a = make_sample(19);
        for (size_t i = 0; i < N; i++) {
            a.x[i] = -a.time[i];
            a.start[i] = -1;
        }
        st_survival s = sorted(N, late ? a.start : NULL, a.time, a.any);
        const double *const x[] = {a.x};
        st_cox cox = cox_of(&s, NULL, 1, 1, x, ST_TIES_EFRON);
        assert_int_equal(cox.kind[0], ST_COX_INFINITE);
        assert_true(isinf(cox.coef[0]) && cox.coef[0] > 0);
        assert_true(fabs(cox.loglik) < 1e-8);
        assert_near(cox.concordance, 1, 0);
        st_cox_fini(&cox);
        st_survival_fini(&s);
    }
}

/* A subject cut in two at any time is the same subject. */
static void a_subject_may_be_cut(void **state) {
    (void)state;
    sample a = make_sample(11);
    double start[2 * N], time[2 * N], x[2][2 * N];
    uint32_t status[2 * N];
    for (size_t i = 0; i < 2 * N; i++) {
        const size_t from = i / 2;
        const double cut = a.time[from] * 0.6;
        start[i] = i % 2 ? cut : -1;
        time[i] = i % 2 ? a.time[from] : cut;
        status[i] = i % 2 ? a.any[from] : 0;
        x[0][i] = a.b[from];
        x[1][i] = a.x[from];
    }
    st_survival s = sorted(N, NULL, a.time, a.any), t = sorted(2 * N, start, time, status);
    const double *const whole[] = {a.b, a.x}, *const cut[] = {x[0], x[1]};
    st_cox one = cox_of(&s, NULL, 1, 2, whole, ST_TIES_EFRON), other = cox_of(&t, NULL, 1, 2, cut, ST_TIES_EFRON);
    other.concordance_se = one.concordance_se; /* which counts rows */
    fits_alike(&one, &other, 1e-9);
    st_cox_fini(&one);
    st_cox_fini(&other);
    st_survival_fini(&s);
    st_survival_fini(&t);
}

/* Two periods; what the second one's subjects weigh, e^80 and e^1400 times the first one's, does not reach the first,
 * nor where one subject is there in both. */
static void a_heavy_period_leaves_a_light_one(void **state) {
    (void)state;
    static const double shift[] = {0, 1000, 60};
    st_cox cox[3];
    for (int k = 0; k < 3; k++) {
        sample a = make_sample(20);
        for (size_t i = 0; i < N; i++) {
            const bool late = i % 2;
            a.x[i] = i % 4 < 2 ? 0.6 : 0;
            a.time[i] = fmod(a.time[i] + 1, 9) * (1 - 0.4 * a.x[i]) + (late ? 10 : 0);
            a.start[i] = late ? 10 : -1;
            a.x[i] += late ? shift[k] : 0;
        }
        st_survival s = sorted(N, a.start, a.time, a.any);
        const double *const x[] = {a.x};
        cox[k] = cox_of(&s, NULL, 1, 1, x, ST_TIES_EFRON);
        st_survival_fini(&s);
    }
    assert_true(fabs(cox[0].coef[0]) > 0.4);
    for (int k = 1; k < 3; k++) {
        assert_near(cox[k].coef[0], cox[0].coef[0], 1e-9);
        assert_near(cox[k].loglik, cox[0].loglik, 1e-12);
    }
    for (int k = 0; k < 3; k++)
        st_cox_fini(&cox[k]);
}

static void ties_by_hand(void **state) {
    (void)state;
    static const double time[] = {1, 1, 2, 3}, x[] = {1, 0, 2, 0.5};
    static const uint32_t status[] = {1, 1, 0, 0};
    st_survival s = sorted(4, NULL, time, status);
    const double *const column[] = {x};
    st_cox efron = cox_of(&s, NULL, 1, 1, column, ST_TIES_EFRON);
    assert_near(efron.loglik_null, -log(4) - log(3), 1e-14);
    st_cox breslow = cox_of(&s, NULL, 1, 1, column, ST_TIES_BRESLOW);
    assert_near(breslow.loglik_null, -2 * log(4), 1e-14);
    double w[4], all = 0;
    for (size_t i = 0; i < 4; i++) {
        w[i] = exp(efron.coef[0] * x[i]);
        all += w[i];
    }
    assert_near(efron.loglik, efron.coef[0] - log(all) - log(all - (w[0] + w[1]) / 2), 1e-13);
    const double u = 1 - 3.5 / 4 - (3.5 - 0.5) / 3; /* score at 0 */
    const double info = 5.25 / 4 - 3.5 / 4 * (3.5 / 4) + (5.25 - 0.5) / 3 - 1;
    assert_near(efron.score, u * u / info, 1e-13);
    st_cox_fini(&efron);
    st_cox_fini(&breslow);
    st_survival_fini(&s);
}

static void endless_and_redundant_columns(void **state) {
    (void)state;
    sample a = make_sample(12);
    double never[N], same[N], flat[N];
    uint32_t pair[N];
    for (size_t i = 0; i < N; i++) {
        never[i] = i % 5 == 0;
        a.any[i] = a.any[i] && i % 5 != 0; /* no event where it is 1 */
        same[i] = 2 * a.x[i] - 3 * a.b[i] + 1;
        flat[i] = 0.1;
        pair[i] = (uint32_t)a.b[i];
    }
    st_survival s = sorted(N, NULL, a.time, a.any);
    const double *const x[] = {a.b, a.x, never, same, flat}, *const without[] = {a.b, a.x};
    st_cox cox = cox_of(&s, NULL, 1, 5, x, ST_TIES_EFRON);
    assert_int_equal(cox.kind[0], ST_COX_FINITE);
    assert_int_equal(cox.kind[2], ST_COX_INFINITE);
    assert_int_equal(cox.kind[3], ST_COX_REDUNDANT);
    assert_int_equal(cox.kind[4], ST_COX_REDUNDANT);
    assert_int_equal(cox.df, 3);
    assert_true(isinf(cox.coef[2]) && cox.coef[2] < 0);
    assert_true(isnan(cox.z[2]) && isnan(cox.wald) && isnan(cox.coef[3]));
    assert_near(cox.hazard_ratio[2] + 1, 1, 0);
    double time[N]; /* the limit: subjects that never have the event are not there */
    size_t n = 0;
    double left[2][N];
    for (size_t i = 0; i < N; i++)
        if (i % 5 != 0) {
            time[n] = a.time[i];
            a.any[n] = a.any[i];
            left[0][n] = a.b[i];
            left[1][n++] = a.x[i];
        }
    st_survival t = sorted(n, NULL, time, a.any);
    const double *const y[] = {left[0], left[1]};
    st_cox limit = cox_of(&t, NULL, 1, 2, y, ST_TIES_EFRON);
    assert_near(cox.coef[0], limit.coef[0], 1e-7);
    assert_near(cox.loglik, limit.loglik, 1e-9);
    st_zph zph;
    st_survival_parts all = split(&s, NULL, 1);
    const st_cox_data data = {5, x, NULL};
    assert_int_equal(st_zph_test(&s, &all, &data, &cox, ST_TIES_EFRON, ST_ZPH_KM, &zph, &err), ST_VALUE);
    st_cox within = cox_of(&s, pair, 2, 2, without, ST_TIES_EFRON);
    assert_int_equal(within.kind[0], ST_COX_REDUNDANT); /* the strata say it */
    st_survival_parts_fini(&all);
    st_cox_fini(&within);
    st_cox_fini(&limit);
    st_cox_fini(&cox);
    st_survival_fini(&s);
    st_survival_fini(&t);
}

/* Of sizes that exponentials do not bear as they come. */
static void huge_and_tiny_columns(void **state) {
    (void)state;
    sample a = make_sample(13);
    double large[N], small[N];
    for (size_t i = 0; i < N; i++) {
        large[i] = 1e12 * a.x[i];
        small[i] = 1e-12 * a.b[i];
    }
    st_survival s = sorted(N, NULL, a.time, a.any);
    const double *const x[] = {a.x, a.b}, *const y[] = {large, small};
    st_cox one = cox_of(&s, NULL, 1, 2, x, ST_TIES_EFRON), other = cox_of(&s, NULL, 1, 2, y, ST_TIES_EFRON);
    assert_near(other.coef[0] * 1e12, one.coef[0], 1e-9);
    assert_near(other.coef[1] * 1e-12, one.coef[1], 1e-9);
    assert_near(other.loglik, one.loglik, 1e-12);
    st_cox_fini(&one);
    st_cox_fini(&other);
    large[3] = NAN;
    st_survival_parts all = split(&s, NULL, 1);
    const st_cox_data data = {2, y, NULL};
    assert_int_equal(st_cox_fit(&s, &all, &data, ST_TIES_EFRON, 0.95, &one, &err), ST_VALUE);
    st_survival_parts_fini(&all);
    st_survival_fini(&s);
}

/* Every pair, late entry too. */
static void concordance_counts_pairs(void **state) {
    (void)state;
    sample a = make_sample(14);
    for (size_t i = 0; i < N; i++) {
        a.time[i] = 1 + floor(a.time[i]);
        a.start[i] = floor(a.start[i]);
        a.x[i] = floor(2 * a.x[i]);
    }
    st_survival s = sorted(N, a.start, a.time, a.any);
    const double *const x[] = {a.x};
    st_cox cox = cox_of(&s, a.stratum, 3, 1, x, ST_TIES_EFRON);
    double good = 0, all = 0;
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++)
            if (a.any[i] && a.stratum[i] == a.stratum[j] && a.start[j] < a.time[i] &&
                (a.time[j] > a.time[i] || (!(a.time[j] < a.time[i]) && !a.any[j]))) {
                const double more = cox.coef[0] * (a.x[i] - a.x[j]);
                good += more > 0 ? 1 : more < 0 ? 0 : 0.5;
                all++;
            }
    assert_near(cox.concordance, good / all, 1e-14);
    st_cox_fini(&cox);
    st_survival_fini(&s);
}

static st_zph zph_of(const st_survival *s, const st_cox_data *data, st_zph_transform transform) {
    st_survival_parts all = split(s, NULL, 1);
    st_cox cox;
    st_zph zph;
    assert_ok(st_cox_fit(s, &all, data, ST_TIES_EFRON, 0.95, &cox, &err));
    assert_ok(st_zph_test(s, &all, data, &cox, ST_TIES_EFRON, transform, &zph, &err));
    st_cox_fini(&cox);
    st_survival_parts_fini(&all);
    return zph;
}

static void proportional_hazards(void **state) {
    (void)state;
    sample a = make_sample(15);
    double cubed[N], doubled[N];
    for (size_t i = 0; i < N; i++) {
        cubed[i] = a.time[i] * a.time[i] * a.time[i];
        doubled[i] = 2 * a.time[i];
    }
    st_survival s = sorted(N, NULL, a.time, a.any), t = sorted(N, NULL, cubed, a.any),
                d = sorted(N, NULL, doubled, a.any);
    const double *const x[] = {a.b, a.x, a.noise};
    static const size_t term[] = {0, 1, 1}, one[] = {0, 0, 0};
    const st_cox_data apart = {3, x, NULL}, joint = {3, x, term}, all = {3, x, one};
    for (int k = ST_ZPH_KM; k <= ST_ZPH_LOG; k++) {
        const st_zph_transform how = (st_zph_transform)k;
        st_zph z = zph_of(&s, &joint, how), z_time = zph_of(how == ST_ZPH_IDENTITY ? &d : &t, &joint, how);
        for (size_t i = 0; i <= 2; i++) /* ranks stay, logarithms and doubles are linear in the old */
            assert_near(z_time.chisq[i], z.chisq[i], 1e-8);
        assert_int_equal(z.terms, 2);
        assert_int_equal(z.df[0], 1);
        assert_int_equal(z.df[1], 2);
        assert_int_equal(z.df[2], 3);
        st_zph single = zph_of(&s, &apart, how), together = zph_of(&s, &all, how);
        assert_near(single.chisq[0], z.chisq[0], 1e-12);
        assert_near(together.chisq[0], z.chisq[2], 1e-12);
        assert_true(single.chisq[1] <= z.chisq[1] && single.chisq[2] <= z.chisq[1]);
        st_zph_fini(&z);
        st_zph_fini(&z_time);
        st_zph_fini(&single);
        st_zph_fini(&together);
    }
    st_survival_fini(&s);
    st_survival_fini(&t);
    st_survival_fini(&d);
    a.time[4] = 0;
    a.any[4] = 1;
    s = sorted(N, NULL, a.time, a.any);
    st_survival_parts parts = split(&s, NULL, 1);
    st_cox cox = cox_of(&s, NULL, 1, 3, x, ST_TIES_EFRON);
    st_zph zph;
    assert_int_equal(st_zph_test(&s, &parts, &apart, &cox, ST_TIES_EFRON, ST_ZPH_LOG, &zph, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "time 0"));
    st_cox_fini(&cox);
    st_survival_parts_fini(&parts);
    st_survival_fini(&s);
}

/* One half of the ones has the event before the zeros, the other half after them. */
static void a_turning_hazard_is_seen(void **state) {
    (void)state;
    enum { M = 400 };
    static double time[M], b[M];
    static uint32_t status[M];
    for (size_t i = 0; i < M; i++) {
        b[i] = (double)(i % 2);
        time[i] = i % 2 == 0 ? 1 + (double)i / M : i < M / 2 ? (double)(i + 1) / M : 2 + (double)i / M;
        status[i] = 1;
    }
    st_survival s = sorted(M, NULL, time, status);
    const double *const x[] = {b};
    const st_cox_data data = {1, x, NULL};
    st_zph zph = zph_of(&s, &data, ST_ZPH_IDENTITY);
    assert_true(zph.p[0] < 1e-6);
    st_zph_fini(&zph);
    st_survival_fini(&s);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(logrank_is_the_score_test),         cmocka_unit_test(nothing_to_compare),
        cmocka_unit_test(one_column_solves_its_equation),    cmocka_unit_test(cox_does_not_care),
        cmocka_unit_test(a_perfect_order_is_endless),        cmocka_unit_test(a_subject_may_be_cut),
        cmocka_unit_test(a_heavy_period_leaves_a_light_one), cmocka_unit_test(ties_by_hand),
        cmocka_unit_test(endless_and_redundant_columns),     cmocka_unit_test(huge_and_tiny_columns),
        cmocka_unit_test(concordance_counts_pairs),          cmocka_unit_test(proportional_hazards),
        cmocka_unit_test(a_turning_hazard_is_seen),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
