/* Three levels: against the likelihood with whole matrices, analysis of variance, and what it refuses.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "support.h"

enum { MOST = 40 };
static st_error err;
static const double CRITICAL = 3.841458820694124 / 2; /* chi squared, 1 df, 95 % */

typedef struct made {
    size_t k, p;
    double y[MOST], v[MOST], x[MOST * 3];
    uint32_t study[MOST];
} made;

static st_meta_data data_of(const made *m) {
    return (st_meta_data){.k = m->k, .p = m->p, .yi = m->y, .vi = m->v, .x = m->x};
}

static st_levels_fit fit_of(const made *m, st_method method, double rho) {
    const st_levels_options options = {.method = method, .level = 0.95, .rho = rho};
    const st_meta_data data = data_of(m);
    st_levels_fit fit;
    assert_ok(st_levels_fit_init(&data, m->study, &options, &fit, &err));
    return fit;
}

/* log det of a; a is replaced by its inverse (Gauss and Jordan; positive definite). */
static double invert(double *a, size_t n) {
    double log_det = 0;
    for (size_t c = 0; c < n; c++) {
        const double pivot = a[c * n + c];
        assert_true(pivot > 0);
        log_det += log(pivot);
        a[c * n + c] = 1;
        for (size_t j = 0; j < n; j++)
            a[c * n + j] /= pivot;
        for (size_t i = 0; i < n; i++) {
            const double factor = a[i * n + c];
            if (i == c)
                continue;
            a[i * n + c] = 0;
            for (size_t j = 0; j < n; j++)
                a[i * n + j] -= factor * a[c * n + j];
        }
    }
    return log_det;
}

/* The (restricted) log likelihood by whole matrices; b and its covariance where wanted. */
static double dense(const made *m, bool reml, double rho, double between, double within, double *b, double *vb) {
    static double w[MOST * MOST];
    const size_t k = m->k, p = m->p;
    double xwx[9] = {0}, xx[9] = {0}, xwy[3] = {0}, beta[3] = {0}, rss = 0;
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++)
            w[i * k + j] = (m->study[i] == m->study[j] ? between + (i != j ? rho * sqrt(m->v[i] * m->v[j]) : 0) : 0) +
                           (i == j ? m->v[i] + within : 0);
    double value = -invert(w, k);
    for (size_t i = 0; i < k; i++)
        for (size_t a = 0; a < p; a++) {
            for (size_t c = 0; c < p; c++)
                xx[a * p + c] += m->x[i * p + a] * m->x[i * p + c];
            for (size_t j = 0; j < k; j++) {
                xwy[a] += m->x[i * p + a] * w[i * k + j] * m->y[j];
                for (size_t c = 0; c < p; c++)
                    xwx[a * p + c] += m->x[i * p + a] * w[i * k + j] * m->x[j * p + c];
            }
        }
    const double log_xwx = invert(xwx, p), log_xx = invert(xx, p);
    for (size_t a = 0; a < p; a++)
        for (size_t c = 0; c < p; c++)
            beta[a] += xwx[a * p + c] * xwy[c];
    for (size_t i = 0; i < k; i++)
        for (size_t j = 0; j < k; j++) {
            double ri = m->y[i], rj = m->y[j];
            for (size_t a = 0; a < p; a++) {
                ri -= m->x[i * p + a] * beta[a];
                rj -= m->x[j * p + a] * beta[a];
            }
            rss += ri * w[i * k + j] * rj;
        }
    if (reml)
        value += log_xx - log_xwx;
    if (b != NULL) {
        memcpy(b, beta, p * sizeof *b);
        memcpy(vb, xwx, p * p * sizeof *vb);
    }
    return (value - rss - (double)(reml ? k - p : k) * log(2 * M_PI)) / 2;
}

static made random_data(uint64_t item) {
    made m = {.p = 1 + item % 3};
    st_rng rng = st_rng_stream(11, ST_RNG_TEST, item);
    static const double sizes[] = {0, 0.02, 0.3, 2};
    const double between = sizes[st_rng_below(&rng, 4)], within = sizes[st_rng_below(&rng, 4)];
    const size_t studies = 4 + st_rng_below(&rng, 8);
    for (uint32_t s = 0; s < studies; s++) {
        const double shift = sqrt(between) * st_rng_normal(&rng);
        for (uint32_t arms = 1 + st_rng_below(&rng, 4); arms > 0 && m.k < MOST; arms--) {
            m.study[m.k] = s;
            m.v[m.k] = 0.02 + 0.4 * st_rng_uniform(&rng);
            m.y[m.k] = 0.3 + shift + sqrt(within + m.v[m.k]) * st_rng_normal(&rng);
            for (size_t c = 0; c < m.p; c++)
                m.x[m.k * m.p + c] = c == 0 ? 1 : st_rng_normal(&rng);
            m.k++;
        }
    }
    return m;
}

/* Value, coefficients and covariance are those of whole matrices, and no point of a grid lies higher. */
static void likelihood_is_that_of_whole_matrices(void **state) {
    (void)state;
    for (uint64_t item = 0; item < 60; item++) {
        const made m = random_data(item);
        const bool reml = item % 2 == 0;
        const double rho = item % 5 == 0 ? 0.5 : 0;
        st_levels_fit fit = fit_of(&m, reml ? ST_METHOD_REML : ST_METHOD_ML, rho);
        double b[3], vb[9];
        assert_near(fit.loglik, dense(&m, reml, rho, fit.sigma2[0], fit.sigma2[1], b, vb), 1e-11);
        for (size_t c = 0; c < m.p; c++) {
            assert_true(fabs(fit.b[c] - b[c]) < 1e-11);
            assert_near(fit.se[c], sqrt(vb[c * m.p + c]), 1e-11);
            for (size_t d = 0; d < m.p; d++)
                assert_true(fabs(fit.vb[c * m.p + d] - vb[c * m.p + d]) < 1e-11);
        }
        for (int i = 0; i < 8; i++)
            for (int j = 0; j < 8; j++) {
                const double s1 = i == 0 ? 0 : 1e-3 * pow(4, i), s2 = j == 0 ? 0 : 1e-3 * pow(4, j);
                assert_true(dense(&m, reml, rho, s1, s2, NULL, NULL) <= fit.loglik + 1e-9);
            }
        for (int a = 0; a < 2; a++)
            for (int sign = -1; sign <= 1; sign += 2) {
                const double h = sign * 1e-3 * (0.01 + fit.sigma2[a]);
                const double s1 = fmax(0, fit.sigma2[0] + (a == 0 ? h : 0)),
                             s2 = fmax(0, fit.sigma2[1] + (a == 1 ? h : 0));
                assert_true(dense(&m, reml, rho, s1, s2, NULL, NULL) <= fit.loglik + 1e-12);
            }
        st_levels_fit_fini(&fit);
    }
}

/* The highest likelihood with one variance fixed: golden section over the other, in its logarithm and at 0. */
static double best_other(const made *m, bool reml, int fixed, double value) {
    double best = fixed == 0 ? dense(m, reml, 0, value, 0, NULL, NULL) : dense(m, reml, 0, 0, value, NULL, NULL);
    double a = -14, b = 5;
    for (int i = 0; i < 90; i++) {
        const double x = b - 0.6180339887498949 * (b - a), y = a + 0.6180339887498949 * (b - a);
        const double fx =
            fixed == 0 ? dense(m, reml, 0, value, exp(x), NULL, NULL) : dense(m, reml, 0, exp(x), value, NULL, NULL);
        const double fy =
            fixed == 0 ? dense(m, reml, 0, value, exp(y), NULL, NULL) : dense(m, reml, 0, exp(y), value, NULL, NULL);
        best = fmax(best, fmax(fx, fy));
        if (fx > fy)
            b = y;
        else
            a = x;
    }
    return best;
}

static void limits_are_where_the_profile_has_fallen(void **state) {
    (void)state;
    int inside = 0;
    for (uint64_t item = 0; item < 12; item++) {
        const made m = random_data(item);
        const bool reml = item % 2 == 0;
        st_levels_fit fit = fit_of(&m, reml ? ST_METHOD_REML : ST_METHOD_ML, 0);
        for (int a = 0; a < 2; a++) {
            if (!fit.identified[0] || !fit.identified[1])
                continue;
            assert_near(best_other(&m, reml, a, fit.sigma2_ub[a]), fit.loglik - CRITICAL, 1e-8);
            if (fit.sigma2_lb[a] > 0) {
                assert_near(best_other(&m, reml, a, fit.sigma2_lb[a]), fit.loglik - CRITICAL, 1e-8);
                inside++;
            } else {
                assert_true(best_other(&m, reml, a, 0) >= fit.loglik - CRITICAL - 1e-8);
            }
        }
        if (fit.identified[0] && fit.identified[1])
            assert_true(fabs(fit.lrt - 2 * (fit.loglik - best_other(&m, reml, 0, 0))) < 1e-7);
        st_levels_fit_fini(&fit);
    }
    assert_true(inside > 3);
}

/* 5 studies of 4 arms, one sampling variance: mean squares give REML in closed form. */
static made balanced(double shift, double v) {
    made m = {.k = 20, .p = 1};
    for (size_t i = 0; i < m.k; i++) {
        m.study[i] = (uint32_t)(i / 4) * 7 + 3;
        m.y[i] = shift * (double)((i / 4) * (i / 4)) / 4 + (double)(i * i * 7 % 11) / 5;
        m.v[i] = v;
        m.x[i] = 1;
    }
    return m;
}

static void balanced_data_follow_the_analysis_of_variance(void **state) {
    (void)state;
    const made m = balanced(1, 0.1);
    double mean[5] = {0}, all = 0, msb = 0, msw = 0;
    for (size_t i = 0; i < 20; i++) {
        mean[i / 4] += m.y[i] / 4;
        all += m.y[i] / 20;
    }
    for (size_t i = 0; i < 20; i++)
        msw += (m.y[i] - mean[i / 4]) * (m.y[i] - mean[i / 4]) / 15;
    for (size_t j = 0; j < 5; j++)
        msb += 4 * (mean[j] - all) * (mean[j] - all) / 4;
    st_levels_fit fit = fit_of(&m, ST_METHOD_REML, 0);
    assert_int_equal(fit.studies, 5);
    assert_near(fit.sigma2[1], msw - 0.1, 1e-9);
    assert_near(fit.sigma2[0], (msb - msw) / 4, 1e-9);
    assert_near(fit.b[0], all, 1e-12);
    assert_near(fit.se[0], sqrt(msb / 20), 1e-9);
    assert_near(fit.icc, fit.sigma2[0] / (fit.sigma2[0] + fit.sigma2[1]), 1e-12);
    assert_near(fit.I2[0], 100 * fit.sigma2[0] / (fit.sigma2[0] + fit.sigma2[1] + 0.1), 1e-9);
    assert_near(fit.I2[0] + fit.I2[1], fit.I2_total, 1e-12);
    assert_near(fit.pi_ub - fit.pi_lb,
                2 * 1.959963984540054 * sqrt(fit.se[0] * fit.se[0] + fit.sigma2[0] + fit.sigma2[1]), 1e-10);
    /* Both sandwiches of a mean of equal clusters: the standard error of the studies' means, m - 1 degrees of freedom.
     */
    assert_near(fit.robust_se[0], sqrt(msb / 20), 1e-9);
    assert_near(fit.robust_df, 4, 0);
    assert_near(fit.cr2_se[0], sqrt(msb / 20), 1e-9);
    assert_near(fit.cr2_df[0], 4, 1e-9);
    assert_near(fit.cr2_ub[0] - fit.b[0], 2.7764451051977987 * fit.cr2_se[0], 1e-8);
    st_levels_fit_fini(&fit);
}

static void variances_end_at_zero(void **state) {
    (void)state;
    made m = balanced(0, 50); /* all spread is sampling */
    st_levels_fit fit = fit_of(&m, ST_METHOD_REML, 0);
    assert_near(fit.sigma2[0], 0, 0);
    assert_near(fit.sigma2[1], 0, 0);
    assert_near(fit.se[0], sqrt(50. / 20), 1e-12);
    assert_near(fit.sigma2_lb[0], 0, 0);
    assert_true(fit.sigma2_ub[0] > 0 && isfinite(fit.sigma2_ub[0]));
    assert_near(fit.lrt, 0, 0);
    assert_near(fit.lrt_p_mixed, 1, 0);
    assert_true(isnan(fit.icc));
    st_levels_fit_fini(&fit);
    for (size_t i = 0; i < m.k; i++)
        m.y[i] = 0.25;
    fit = fit_of(&m, ST_METHOD_ML, 0);
    assert_near(fit.b[0], 0.25, 1e-14);
    assert_true(fit.QE < 1e-20);
    st_levels_fit_fini(&fit);
}

/* One arm in each study: a model of two levels, whose equation is solved by hand for equal variances. */
static void studies_of_one_arm_have_two_levels(void **state) {
    (void)state;
    made m = balanced(1, 0.1);
    double all = 0, variance = 0;
    for (size_t i = 0; i < m.k; i++) {
        m.study[i] = (uint32_t)(100 - i);
        all += m.y[i] / 20;
    }
    for (size_t i = 0; i < m.k; i++)
        variance += (m.y[i] - all) * (m.y[i] - all) / 19;
    st_levels_fit fit = fit_of(&m, ST_METHOD_REML, 0);
    assert_false(fit.identified[1]);
    assert_true(fit.identified[0]);
    assert_near(fit.sigma2[0], variance - 0.1, 1e-9);
    assert_near(fit.sigma2[1], 0, 0);
    assert_true(isnan(fit.sigma2_ub[1]) && isnan(fit.lrt));
    assert_near(fit.robust_se[0], sqrt(variance / 20), 1e-9);
    assert_near(fit.cr2_se[0], sqrt(variance / 20), 1e-9);
    assert_near(fit.cr2_df[0], 19, 1e-9);
    st_levels_fit_fini(&fit);
}

static void one_study_tells_nothing_between_studies(void **state) {
    (void)state;
    made m = balanced(1, 0.1);
    for (size_t i = 0; i < m.k; i++)
        m.study[i] = 9;
    st_levels_fit fit = fit_of(&m, ST_METHOD_REML, 0);
    assert_false(fit.identified[0]);
    assert_near(fit.sigma2[0], 0, 0);
    assert_true(fit.sigma2[1] > 0 && isnan(fit.robust_se[0]) && isnan(fit.cr2_se[0]));
    st_levels_fit_fini(&fit);
    fit = fit_of(&m, ST_METHOD_ML, 0);
    assert_near(fit.sigma2[0], 0, 0);
    st_levels_fit_fini(&fit);
}

/* In another unit everything scales; the order of arms and the names of studies do not matter; a far origin neither. */
static void units_order_and_origin_do_not_matter(void **state) {
    (void)state;
    const made m = random_data(3);
    made other = m;
    for (size_t i = 0; i < m.k; i++) {
        const size_t from = m.k - 1 - i;
        other.y[i] = 1e4 + 100 * m.y[from];
        other.v[i] = 1e4 * m.v[from];
        other.study[i] = UINT32_MAX - m.study[from];
        memcpy(&other.x[i * m.p], &m.x[from * m.p], m.p * sizeof *m.x);
    }
    st_levels_fit a = fit_of(&m, ST_METHOD_REML, 0.3), b = fit_of(&other, ST_METHOD_REML, 0.3);
    assert_near(b.sigma2[0], 1e4 * a.sigma2[0], 1e-8);
    assert_near(b.sigma2[1], 1e4 * a.sigma2[1], 1e-8);
    assert_near(b.b[0], 1e4 + 100 * a.b[0], 1e-10);
    assert_near(b.se[0], 100 * a.se[0], 1e-9);
    assert_near(b.cr2_df[0], a.cr2_df[0], 1e-8);
    assert_near(b.robust_se[0], 100 * a.robust_se[0], 1e-8);
    st_levels_fit_fini(&a);
    st_levels_fit_fini(&b);
}

/* A moderator far from zero: only the intercept knows. */
static void moderators_far_from_zero_lose_nothing(void **state) {
    (void)state;
    const made m = random_data(1);
    made far = m;
    for (size_t i = 0; i < m.k; i++)
        far.x[2 * i + 1] = m.x[2 * i + 1] + 65536;
    st_levels_fit a = fit_of(&m, ST_METHOD_REML, 0), b = fit_of(&far, ST_METHOD_REML, 0);
    assert_int_equal(m.p, 2);
    assert_near(b.b[1], a.b[1], 1e-9);
    assert_near(b.se[1], a.se[1], 1e-9);
    assert_near(b.cr2_se[1], a.cr2_se[1], 1e-9);
    assert_near(b.cr2_df[1], a.cr2_df[1], 1e-8);
    assert_near(b.robust_se[1], a.robust_se[1], 1e-9);
    assert_near(b.loglik, a.loglik, 1e-9);
    assert_near(b.b[0], a.b[0] - 65536 * a.b[1], 1e-8);
    st_levels_fit_fini(&a);
    st_levels_fit_fini(&b);
}

static void variances_of_any_size_are_fitted(void **state) {
    (void)state;
    for (int power = -12; power <= 6; power += 6) {
        made m = balanced(1, pow(10, power));
        m.v[3] = 1e8;
        m.v[7] = 1e-13;
        st_levels_fit fit = fit_of(&m, ST_METHOD_REML, 0);
        assert_near(fit.loglik, dense(&m, true, 0, fit.sigma2[0], fit.sigma2[1], NULL, NULL), 1e-9);
        assert_true(dense(&m, true, 0, 1.2 * fit.sigma2[0] + 1e-3, fit.sigma2[1], NULL, NULL) <= fit.loglik);
        assert_true(dense(&m, true, 0, fit.sigma2[0], 1.2 * fit.sigma2[1] + 1e-3, NULL, NULL) <= fit.loglik);
        st_levels_fit_fini(&fit);
    }
}

static void t_takes_its_degrees_of_freedom(void **state) {
    (void)state;
    const made m = balanced(1, 0.1);
    const st_meta_data data = data_of(&m);
    const st_levels_options options = {.method = ST_METHOD_REML, .level = 0.95, .t_test = true};
    st_levels_fit z = fit_of(&m, ST_METHOD_REML, 0), t;
    assert_ok(st_levels_fit_init(&data, m.study, &options, &t, &err));
    assert_near(t.df, 19, 0);
    assert_near(t.ci_ub[0] - t.b[0], 2.093024054408263 * z.se[0], 1e-9);
    assert_near(z.ci_ub[0] - z.b[0], 1.959963984540054 * z.se[0], 1e-12);
    assert_near(t.QM, z.zval[0] * z.zval[0], 1e-12);
    assert_near(t.QMp, t.pval[0], 1e-9);
    assert_near(z.QMp, z.pval[0], 1e-9);
    assert_true(t.pval[0] > z.pval[0]);
    st_levels_fit_fini(&z);
    st_levels_fit_fini(&t);
}

static void refuse(made m, st_levels_options options, const char *says) {
    const st_meta_data data = data_of(&m);
    st_levels_fit fit;
    err = (st_error){0};
    assert_int_equal(st_levels_fit_init(&data, m.study, &options, &fit, &err), ST_VALUE);
    if (strstr(err.what, says) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.what, says);
    st_levels_fit_fini(&fit);
}

static void what_cannot_be_fitted_is_refused(void **state) {
    (void)state;
    const made good = balanced(1, 0.1);
    const st_levels_options options = {.method = ST_METHOD_REML, .level = 0.95};
    made m = good;
    m.v[2] = 0;
    refuse(m, options, "estimate 3");
    m = good;
    m.y[4] = NAN;
    refuse(m, options, "estimate 5");
    m = good;
    m.k = 1;
    refuse(m, options, "more estimates");
    m = (made){.k = 10, .p = 2};
    for (size_t i = 0; i < 10; i++) {
        m.y[i] = (double)i;
        m.v[i] = m.x[2 * i] = 1;
        m.x[2 * i + 1] = 3;
    }
    refuse(m, options, "depend on each other");
    refuse(good, (st_levels_options){.method = ST_METHOD_DL, .level = 0.95}, "REML or ML");
    refuse(good, (st_levels_options){.method = ST_METHOD_ML, .level = 1}, "level");
    refuse(good, (st_levels_options){.method = ST_METHOD_ML, .level = 0.9, .rho = 1}, "correlation");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(likelihood_is_that_of_whole_matrices),
        cmocka_unit_test(limits_are_where_the_profile_has_fallen),
        cmocka_unit_test(balanced_data_follow_the_analysis_of_variance),
        cmocka_unit_test(variances_end_at_zero),
        cmocka_unit_test(studies_of_one_arm_have_two_levels),
        cmocka_unit_test(one_study_tells_nothing_between_studies),
        cmocka_unit_test(units_order_and_origin_do_not_matter),
        cmocka_unit_test(moderators_far_from_zero_lose_nothing),
        cmocka_unit_test(variances_of_any_size_are_fitted),
        cmocka_unit_test(t_takes_its_degrees_of_freedom),
        cmocka_unit_test(what_cannot_be_fitted_is_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
