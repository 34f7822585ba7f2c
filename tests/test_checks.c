/* What a pool rests on: refits, influence, small-study effects.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/meta_checks.h>

#include "support.h"

static st_error err;

static const st_meta_options FE = {ST_METHOD_FE, ST_TEST_Z, 0.95}, DL = {ST_METHOD_DL, ST_TEST_Z, 0.95},
                             REML = {ST_METHOD_REML, ST_TEST_Z, 0.95}, KNHA = {ST_METHOD_REML, ST_TEST_KNHA, 0.95};

/* k studies with effects about `mean`, of spread sqrt(tau2). */
typedef struct made {
    double yi[1000], vi[1000];
    st_meta_data data;
} made;

static void make(made *m, uint64_t item, size_t k, double tau2) {
    st_rng rng = st_rng_stream(7, ST_RNG_TEST, item);
    for (size_t i = 0; i < k; i++) {
        m->vi[i] = 0.01 + 0.5 * st_rng_uniform(&rng);
        m->yi[i] = 0.3 + sqrt(m->vi[i] + tau2) * st_rng_normal(&rng);
    }
    m->data = (st_meta_data){.k = k, .p = 1, .yi = m->yi, .vi = m->vi};
}

static void same_line(const st_meta_line *line, const st_meta_fit *fit, double relative) {
    assert_near(line->b, fit->b[0], relative);
    assert_near(line->se, fit->se[0], relative);
    assert_near(line->zval, fit->zval[0], relative);
    assert_near(line->pval, fit->pval[0], relative);
    assert_near(line->ci_lb, fit->ci_lb[0], relative);
    assert_near(line->ci_ub, fit->ci_ub[0], relative);
    assert_near(line->QE, fit->QE, relative);
    assert_near(line->QEp, fit->QEp, relative);
    assert_near(line->tau2, fit->tau2, relative);
    assert_near(line->I2, fit->I2, relative);
    assert_near(line->H2, fit->H2, relative);
}

/* ---- refits ---- */

static void cumulative_ends_with_the_full_fit(void **state) {
    (void)state;
    made m;
    make(&m, 1, 12, 0.1);
    double order[12];
    for (size_t i = 0; i < 12; i++)
        order[i] = i < 2 ? 5 : (double)(12 - i) / 2; /* the first two share the place of the third */
    const st_meta_options *options[] = {&FE, &DL, &REML, &KNHA};
    for (size_t o = 0; o < 4; o++) {
        const st_meta_model model = {&m.data, options[o]};
        size_t place[12];
        st_meta_line line[12];
        st_meta_fit fit;
        assert_ok(st_meta_cumulative(st_meta_model_refit, &model, 12, order, place, line, &err));
        assert_ok(st_meta_fit_run(&m.data, options[o], &fit, &err));
        same_line(&line[11], &fit, 1e-12);
        st_meta_fit_fini(&fit);
        assert_int_equal(place[0], 11);
        assert_int_equal(place[9], 0);
        assert_int_equal(place[10], 1);
        assert_int_equal(place[11], 2);
        assert_near(line[0].b, m.yi[11], 1e-14); /* of one study: itself */
        assert_near(line[0].se, sqrt(m.vi[11]), 1e-14);
        double w = 1 / (m.vi[11] + line[1].tau2), v = 1 / (m.vi[10] + line[1].tau2);
        assert_near(line[1].b, (w * m.yi[11] + v * m.yi[10]) / (w + v), 1e-12);
    }
    const st_meta_model model = {&m.data, &DL};
    size_t place[12];
    st_meta_line line[12];
    assert_ok(st_meta_cumulative(st_meta_model_refit, &model, 12, NULL, place, line, &err));
    for (size_t i = 0; i < 12; i++)
        assert_int_equal(place[i], i);
    order[4] = NAN;
    assert_int_equal(st_meta_cumulative(st_meta_model_refit, &model, 12, order, place, line, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "study 5"));
}

static void leaving_one_out_is_a_pool_of_the_others(void **state) {
    (void)state;
    made m;
    make(&m, 2, 9, 0.2);
    const st_meta_model model = {&m.data, &REML};
    st_meta_line line[9];
    st_influence influence;
    assert_ok(st_meta_leave_one_out(st_meta_model_refit, &model, 9, line, &err));
    assert_ok(st_meta_influence(&m.data, &REML, &influence, &err));
    for (size_t i = 0; i < 9; i++) {
        double yi[8], vi[8];
        for (size_t j = 0, n = 0; j < 9; j++)
            if (j != i) {
                yi[n] = m.yi[j];
                vi[n++] = m.vi[j];
            }
        const st_meta_data data = {.k = 8, .p = 1, .yi = yi, .vi = vi};
        st_meta_fit fit;
        assert_ok(st_meta_fit_run(&data, &REML, &fit, &err));
        same_line(&line[i], &fit, 1e-12);
        same_line(&influence.row[i].left_out, &fit, 1e-12);
        assert_near(influence.row[i].tau2_del, fit.tau2, 1e-12);
        assert_near(influence.row[i].QE_del, fit.QE, 1e-12);
        st_meta_fit_fini(&fit);
    }
    st_influence_fini(&influence);
}

static void a_study_that_knows_nothing_changes_nothing(void **state) {
    (void)state;
    made m;
    make(&m, 3, 8, 0.1);
    m.yi[3] = 2;
    m.vi[3] = 1e18;
    const st_meta_options *options[] = {&FE, &REML};
    for (size_t o = 0; o < 2; o++) {
        const st_meta_model model = {&m.data, options[o]};
        st_meta_line line[8];
        st_meta_fit fit;
        st_influence influence;
        assert_ok(st_meta_leave_one_out(st_meta_model_refit, &model, 8, line, &err));
        assert_ok(st_meta_fit_run(&m.data, options[o], &fit, &err));
        assert_near(line[3].b, fit.b[0], 1e-8);
        assert_near(line[3].se, fit.se[0], 1e-8);
        st_meta_fit_fini(&fit);
        assert_ok(st_meta_influence(&m.data, options[o], &influence, &err));
        const st_influence_row *row = &influence.row[3];
        assert_true(fabs(row->dffits) < 1e-6 && row->cook_d < 1e-6 && row->hat < 1e-12 && row->baujat_y < 1e-6);
        assert_near(row->cov_r, 1, 1e-8);
        assert_false(row->influential);
        st_influence_fini(&influence);
    }
}

/* ---- influence ---- */

/* Two studies, equal effects: all by hand. */
static void influence_of_two_studies_by_hand(void **state) {
    (void)state;
    const double yi[] = {0, 1}, vi[] = {0.25, 1};
    const st_meta_data data = {.k = 2, .p = 1, .yi = yi, .vi = vi};
    st_influence f;
    assert_ok(st_meta_influence(&data, &FE, &f, &err));
    /* weights 4 and 1: b = 0.2, V = 0.2; without the first b = 1, V = 1 */
    const st_influence_row *r = &f.row[0];
    assert_near(r->hat, 0.8, 1e-14);
    assert_near(r->weight, 80, 1e-14);
    assert_near(r->rstudent, -1 / sqrt(1.25), 1e-14);
    assert_near(r->dffits, -0.8 / sqrt(0.8 * 0.25), 1e-14);
    assert_near(r->cook_d, 0.64 / 0.2, 1e-14);
    assert_near(r->cov_r, 5, 1e-14);
    assert_near(r->baujat_x, 0.04 / 0.25, 1e-14);
    assert_near(r->baujat_y, 0.64, 1e-14);
    assert_near(f.dfbs[0], -0.8 / sqrt(0.2), 1e-14);
    assert_near(f.row[1].cov_r, 1.25, 1e-14);
    assert_true(r->influential);
    assert_int_equal(f.k, 2);
    st_influence_fini(&f);
}

static void each_rule_marks_a_study(void **state) {
    (void)state;
    made m;
    make(&m, 4, 30, 0);
    for (size_t i = 0; i < 30; i++) {
        m.yi[i] = i % 2 ? 0.1 : -0.1;
        m.vi[i] = 1;
    }
    m.vi[7] = 0.2; /* weight 5 of 34, above 3 / 30: the hat alone */
    m.yi[7] = 0;
    st_influence f;
    assert_ok(st_meta_influence(&m.data, &FE, &f, &err));
    for (size_t i = 0; i < 30; i++)
        assert_int_equal(f.row[i].influential, i == 7);
    assert_true(fabs(f.row[7].dffits) < 0.01 && f.row[7].hat > 0.1);
    st_influence_fini(&f);
    m.vi[7] = 1;
    m.yi[7] = 4; /* dffits 0.74 of 0.56, cook 0.5: by the dffits alone */
    assert_ok(st_meta_influence(&m.data, &FE, &f, &err));
    for (size_t i = 0; i < 30; i++)
        assert_int_equal(f.row[i].influential, i == 7);
    assert_true(f.row[7].hat < 0.1 && fabs(f.dfbs[7]) < 1 && f.row[7].dffits > 3 * sqrt(1.0 / 29));
    st_influence_fini(&f);
    /* few studies, where only a large shift in standard errors is left of the rules: dfbs */
    const double yi[] = {0, 0, 0, 2.7}, vi[] = {1, 1, 1, 1};
    const st_meta_data data = {.k = 4, .p = 1, .yi = yi, .vi = vi};
    assert_ok(st_meta_influence(&data, &FE, &f, &err));
    assert_true(f.row[3].dffits < 3 * sqrt(1.0 / 3) && f.row[3].hat < 0.75 && f.dfbs[3] > 1);
    assert_true(f.row[3].influential);
    assert_false(f.row[0].influential);
    st_influence_fini(&f);
}

/* The four rules of the header, of what else stands in a row; each marks some study alone. */
static void the_mark_is_what_the_rules_say(void **state) {
    (void)state;
    unsigned alone[4] = {0}, unmarked = 0;
    for (uint64_t item = 100; item < 400; item++) {
        made m;
        const size_t k = 6 + item % 9;
        make(&m, item, k, 0.1);
        double x[2 * 14];
        st_rng rng = st_rng_stream(8, ST_RNG_TEST, item);
        for (size_t i = 0; i < k; i++) {
            x[2 * i] = 1;
            x[2 * i + 1] = st_rng_normal(&rng);
        }
        m.data.p = 2;
        m.data.x = x;
        st_influence f;
        assert_ok(st_meta_influence(&m.data, item % 2 ? &DL : &KNHA, &f, &err));
        for (size_t i = 0; i < k; i++) {
            const st_influence_row *r = &f.row[i];
            const bool rule[4] = {fabs(r->dffits) > 3 * sqrt(2 / (double)(k - 2)),
                                  1 - exp(-r->cook_d / 2) > 0.5, /* chi-square of 2 degrees of freedom */
                                  r->hat > 6 / (double)k, fabs(f.dfbs[2 * i]) > 1 || fabs(f.dfbs[2 * i + 1]) > 1};
            const unsigned rules = 0u + rule[0] + rule[1] + rule[2] + rule[3];
            assert_int_equal(r->influential, rules > 0);
            for (size_t j = 0; j < 4; j++)
                alone[j] += rule[j] && rules == 1;
            unmarked += rules == 0;
        }
        st_influence_fini(&f);
    }
    assert_true(alone[1] > 0 && alone[2] > 0 && alone[3] > 0 && unmarked > 0);
    print_message("# alone: dffits %u, Cook %u, hat %u, dfbs %u\n", alone[0], alone[1], alone[2], alone[3]);
}

static void moderators_have_influence_too(void **state) {
    (void)state;
    made m;
    make(&m, 5, 10, 0.1);
    double x[20];
    for (size_t i = 0; i < 10; i++) {
        x[2 * i] = 1;
        x[2 * i + 1] = i == 6; /* study 7 alone says what the second coefficient is */
    }
    m.data.p = 2;
    m.data.x = x;
    st_influence f;
    assert_ok(st_meta_influence(&m.data, &REML, &f, &err));
    assert_near(f.row[6].hat, 1, 1e-12);
    assert_true(isnan(f.row[6].rstudent) && isnan(f.row[6].left_out.b) && isnan(f.dfbs[13]));
    assert_true(isfinite(f.row[5].rstudent));
    double hats = 0;
    for (size_t i = 0; i < 10; i++)
        hats += f.row[i].hat;
    assert_near(hats, 2, 1e-12); /* trace of a projection */
    st_influence_fini(&f);
}

static void one_study_has_no_influence(void **state) {
    (void)state;
    made m;
    make(&m, 6, 1, 0);
    st_influence f;
    st_meta_line line;
    size_t place;
    const st_meta_model model = {&m.data, &REML};
    assert_ok(st_meta_influence(&m.data, &REML, &f, &err));
    assert_true(isnan(f.row[0].rstudent) && isnan(f.row[0].cook_d) && isnan(f.dfbs[0]) && isnan(f.row[0].left_out.b));
    assert_near(f.row[0].weight, 100, 1e-14);
    assert_false(f.row[0].influential);
    st_influence_fini(&f);
    assert_ok(st_meta_leave_one_out(st_meta_model_refit, &model, 1, &line, &err));
    assert_true(isnan(line.b) && isnan(line.QE));
    assert_ok(st_meta_cumulative(st_meta_model_refit, &model, 1, NULL, &place, &line, &err));
    assert_near(line.b, m.yi[0], 1e-14);
    m.vi[0] = -1;
    assert_int_equal(st_meta_influence(&m.data, &REML, &f, &err), ST_VALUE);
}

/* ---- rank test ---- */

static void kendall_of_a_perfect_order(void **state) {
    (void)state;
    const double x[] = {1, 2, 3, 4, 5, 6}, y[] = {-3, 0, 1, 8, 9, 100}, down[] = {6, 5, 4, 3, 2, 1};
    st_kendall kendall;
    assert_ok(st_kendall_test(x, y, 6, &kendall, &err));
    assert_true(kendall.exact);
    assert_near(kendall.tau, 1, 0);
    assert_near(kendall.p, 2 / 720.0, 1e-13);
    assert_ok(st_kendall_test(x, down, 6, &kendall, &err));
    assert_near(kendall.tau, -1, 0);
    assert_near(kendall.p, 2 / 720.0, 1e-13);
    const double one_swap[] = {1, 2, 3, 4, 6, 5}; /* 0 or 1 inversion: 1 + 5 of 720 orders */
    assert_ok(st_kendall_test(x, one_swap, 6, &kendall, &err));
    assert_near(kendall.tau, 13 / 15.0, 1e-14);
    assert_near(kendall.p, 12 / 720.0, 1e-13);
    const double even[] = {2, 1, 4, 3}; /* 2 of 6 inversions; up to 2: 1 + 3 + 5 of 24 */
    assert_ok(st_kendall_test(x, even, 4, &kendall, &err));
    assert_near(kendall.p, 18 / 24.0, 1e-13);
    const double half[] = {1, 4, 3, 2}; /* 3 of 6: more than half of the orders on either side */
    assert_ok(st_kendall_test(x, half, 4, &kendall, &err));
    assert_near(kendall.p, 1, 0);
}

/* Counted by going through all orders of 7. */
static void kendall_counts_every_order(void **state) {
    (void)state;
    unsigned of[22] = {0};
    unsigned digit[7] = {0}; /* inversions that each thing adds */
    for (unsigned n = 0; n < 5040; n++) {
        unsigned rest = n, sum = 0;
        for (unsigned i = 1; i < 7; i++) {
            digit[i] = rest % (i + 1);
            rest /= i + 1;
            sum += digit[i];
        }
        of[sum]++;
    }
    const double x[] = {1, 2, 3, 4, 5, 6, 7};
    unsigned below = 0;
    for (unsigned inversions = 0; inversions <= 10; inversions++) {
        double y[] = {1, 2, 3, 4, 5, 6, 7};
        for (unsigned n = 0, i = 0; n < inversions; i = (i + 1) % 6)
            if (y[i] < y[i + 1]) {
                const double swap = y[i];
                y[i] = y[i + 1];
                y[i + 1] = swap;
                n++;
            }
        below += of[inversions];
        st_kendall kendall;
        assert_ok(st_kendall_test(x, y, 7, &kendall, &err));
        assert_near(kendall.tau, 1 - 2 * inversions / 21.0, 1e-14);
        assert_near(kendall.p, fmin(1, 2 * below / 5040.0), 1e-12);
    }
}

static void kendall_with_ties_and_without_variation(void **state) {
    (void)state;
    const double x[] = {1, 2, 2, 3}, y[] = {1, 2, 3, 4}, same[] = {2, 2, 2, 2};
    st_kendall kendall;
    assert_ok(st_kendall_test(x, y, 4, &kendall, &err));
    assert_false(kendall.exact);
    assert_near(kendall.tau, 5 / sqrt(30), 1e-14);
    assert_near(kendall.z, 5 / sqrt((4 * 3 * 13 - 2 * 1 * 9) / 18.0), 1e-14);
    assert_ok(st_kendall_test(x, same, 4, &kendall, &err));
    assert_true(isnan(kendall.tau) && isnan(kendall.p));
    assert_ok(st_kendall_test(x, y, 1, &kendall, &err));
    assert_true(isnan(kendall.tau) && isnan(kendall.p));
    /* three equal on either side: the term of triples; 5 pairs agree, none disagrees */
    const double left[] = {1, 1, 1, 2, 3}, right[] = {1, 2, 2, 2, 3};
    assert_ok(st_kendall_test(left, right, 5, &kendall, &err));
    const double variance = (5 * 4 * 15 - 3 * 2 * 11 - 3 * 2 * 11) / 18.0 + 36 / (2 * 20.0) + 36 / (9 * 20 * 3.0);
    assert_near(kendall.z, 5 / sqrt(variance), 1e-13);
    const double two[] = {1, 1, 2}, pair[] = {1, 2, 1};
    assert_ok(st_kendall_test(two, pair, 3, &kendall, &err));
    assert_near(kendall.tau, -0.5, 1e-14);
    assert_ok(st_kendall_test(two + 1, pair, 2, &kendall, &err));
    assert_near(kendall.p, 1, 0);
}

/* On either side of where the exact count ends the two agree. */
static void kendall_exact_meets_the_normal(void **state) {
    (void)state;
    double x[ST_KENDALL_EXACT_MOST + 1], y[ST_KENDALL_EXACT_MOST + 1];
    st_rng rng = st_rng_stream(1, ST_RNG_TEST, 9);
    for (size_t i = 0; i <= ST_KENDALL_EXACT_MOST; i++) {
        x[i] = st_rng_uniform(&rng);
        y[i] = 0.1 * x[i] + st_rng_uniform(&rng);
    }
    st_kendall exact, normal;
    assert_ok(st_kendall_test(x, y, ST_KENDALL_EXACT_MOST, &exact, &err));
    x[ST_KENDALL_EXACT_MOST] = 0.5;
    y[ST_KENDALL_EXACT_MOST] = 0.55;
    assert_ok(st_kendall_test(x, y, ST_KENDALL_EXACT_MOST + 1, &normal, &err));
    assert_true(exact.exact && isnan(exact.z));
    assert_false(normal.exact);
    assert_true(exact.p > 1e-6 && exact.p < 0.5);
    assert_near(normal.p, exact.p, 0.02);
}

static void begg_of_a_perfect_order(void **state) {
    (void)state;
    double yi[6], vi[6];
    for (size_t i = 0; i < 6; i++) { /* the less precise, the larger */
        vi[i] = 0.1 * (double)(i + 1);
        yi[i] = (double)(i * i);
    }
    st_kendall begg;
    assert_ok(st_meta_begg(yi, vi, 6, &begg, &err));
    assert_near(begg.tau, 1, 0);
    assert_near(begg.p, 2 / 720.0, 1e-13);
    assert_ok(st_meta_begg(yi, vi, 1, &begg, &err));
    assert_true(isnan(begg.tau) && isnan(begg.p));
    assert_ok(st_meta_begg(yi, vi, 2, &begg, &err));
    assert_near(begg.p, 1, 0);
    vi[0] = 1e-30; /* outweighs the others by more than a double's digits */
    assert_ok(st_meta_begg(yi, vi, 6, &begg, &err));
    assert_near(begg.tau, 1, 0);
    vi[2] = 0;
    assert_int_equal(st_meta_begg(yi, vi, 6, &begg, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "study 3"));
}

/* ---- regression ---- */

/* y = 1 + 2 se + noise that a line does not see. */
static void egger_finds_the_line(void **state) {
    (void)state;
    double yi[8], vi[8], ni[8];
    const double noise[] = {1, -1, -1, 1, 1, -1, -1, 1}; /* orthogonal to a line where weights are equal */
    for (size_t i = 0; i < 8; i++) {
        vi[i] = 1;
        ni[i] = (double)(10 * (i + 1));
        yi[i] = 3 - 0.02 * ni[i] + 0.1 * noise[i];
    }
    const st_meta_data data = {.k = 8, .p = 1, .yi = yi, .vi = vi};
    st_asymmetry a;
    assert_ok(st_meta_asymmetry(&data, ni, &FE, ST_ASYMMETRY_LM, ST_ASYMMETRY_NI, &a, &err));
    const double sxx = 4200, s2 = 0.08 / 6; /* of 10..80; residual mean square */
    assert_near(a.slope, -0.02, 1e-12);
    assert_near(a.se, sqrt(s2 / sxx), 1e-11);
    assert_near(a.df, 6, 0);
    assert_near(a.statistic, -0.02 / sqrt(s2 / sxx), 1e-11);
    assert_true(isnan(a.limit) && isnan(a.tau2));
    assert_ok(st_meta_asymmetry(&data, ni, &FE, ST_ASYMMETRY_RMA, ST_ASYMMETRY_NI, &a, &err));
    assert_near(a.se, sqrt(1 / sxx), 1e-11);
    assert_true(isinf(a.df));
    assert_near(a.p, erfc(0.02 * sqrt(sxx) / sqrt(2)), 1e-10);
    /* the standard errors do not differ */
    assert_int_equal(st_meta_asymmetry(&data, ni, &FE, ST_ASYMMETRY_LM, ST_ASYMMETRY_SEI, &a, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "equal"));
    assert_int_equal(st_meta_asymmetry(&data, NULL, &FE, ST_ASYMMETRY_LM, ST_ASYMMETRY_NINV, &a, &err), ST_VALUE);
    ni[4] = NAN;
    assert_int_equal(st_meta_asymmetry(&data, ni, &FE, ST_ASYMMETRY_LM, ST_ASYMMETRY_NINV, &a, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "study 5"));
}

static void egger_reaches_the_limit(void **state) {
    (void)state;
    double yi[6], vi[6], ni[6];
    for (size_t i = 0; i < 6; i++) {
        const double se = 0.1 * (double)(i + 1);
        vi[i] = se * se;
        ni[i] = 1 / vi[i];
    }
    st_asymmetry a;
    const st_meta_data data = {.k = 6, .p = 1, .yi = yi, .vi = vi};
    const st_asymmetry_predictor predictor[] = {ST_ASYMMETRY_SEI, ST_ASYMMETRY_VI, ST_ASYMMETRY_NINV};
    for (size_t j = 0; j < 3; j++)
        for (unsigned model = 0; model < 2; model++) {
            for (size_t i = 0; i < 6; i++)
                yi[i] = 0.7 - 1.5 * (j == 0 ? sqrt(vi[i]) : vi[i]);
            assert_ok(st_meta_asymmetry(&data, ni, &REML, (st_asymmetry_model)model, predictor[j], &a, &err));
            assert_near(a.slope, -1.5, 1e-9);
            assert_near(a.limit, 0.7, 1e-9);
            if (model == ST_ASYMMETRY_RMA)
                assert_true(a.limit_lb <= a.limit && a.limit <= a.limit_ub);
            else /* no scatter about the line, no test */
                assert_true(isnan(a.se) && isnan(a.p) && isnan(a.limit_lb));
        }
    for (size_t k = 1; k < 3; k++) { /* a line through two says nothing */
        const st_meta_data few = {.k = k, .p = 1, .yi = yi, .vi = vi};
        for (unsigned model = 0; model < 2; model++) {
            assert_ok(st_meta_asymmetry(&few, ni, &DL, (st_asymmetry_model)model, ST_ASYMMETRY_SEI, &a, &err));
            assert_true(isnan(a.slope) && isnan(a.p) && isnan(a.limit));
        }
    }
}

/* ---- trim and fill ---- */

static void a_symmetric_funnel_lacks_nothing(void **state) {
    (void)state;
    double yi[11], vi[11];
    for (size_t i = 0; i < 11; i++) {
        yi[i] = 0.5 + 0.1 * ((double)i - 5);
        vi[i] = 0.02 + 0.01 * fabs((double)i - 5);
    }
    const st_meta_data data = {.k = 11, .p = 1, .yi = yi, .vi = vi};
    for (unsigned estimator = 0; estimator < 3; estimator++)
        for (unsigned side = ST_SIDE_LEFT; side <= ST_SIDE_RIGHT; side++) {
            st_trim_fill t;
            assert_ok(st_meta_trim_fill(&data, &REML, (st_trim_estimator)estimator, (st_trim_side)side, &t, &err));
            assert_int_equal(t.k0, 0);
            assert_int_equal(t.side, side);
            assert_near(t.fit.b[0], 0.5, 1e-12);
            if (estimator == ST_TRIM_R0)
                assert_near(t.p_k0, 0.5, 0);
            else
                assert_true(isnan(t.p_k0));
            st_trim_fill_fini(&t);
        }
}

/* The filled studies mirror the most extreme ones about the pool of the others, on the side where some lack. */
static void what_lacks_is_mirrored(void **state) {
    (void)state;
    double yi[12], vi[12];
    for (unsigned left = 0; left < 2; left++) {
        for (size_t i = 0; i < 12; i++) {
            const double d = i < 9 ? (double)i - 4 : (double)i - 1; /* -4 .. 4, 8, 9, 10 */
            yi[i] = 1 + (left ? 1 : -1) * 0.1 * d;
            vi[i] = 0.01 + 0.002 * d * d;
        }
        const st_meta_data data = {.k = 12, .p = 1, .yi = yi, .vi = vi},
                           trimmed = {.k = 10, .p = 1, .yi = yi, .vi = vi};
        st_trim_fill t;
        st_meta_fit fit, all;
        assert_ok(st_meta_trim_fill(&data, &FE, ST_TRIM_L0, ST_SIDE_AUTO, &t, &err));
        assert_ok(st_meta_fit_run(&trimmed, &FE, &fit, &err));
        assert_int_equal(t.side, left ? ST_SIDE_LEFT : ST_SIDE_RIGHT);
        assert_int_equal(t.k0, 2);
        double yi_all[14], vi_all[14];
        memcpy(yi_all, yi, sizeof yi);
        memcpy(vi_all, vi, sizeof vi);
        for (size_t i = 0; i < 2; i++) {
            assert_int_equal(t.mirror[i], 10 + i);
            assert_near((t.yi[i] + yi[10 + i]) / 2, fit.b[0], 1e-12);
            assert_near(t.vi[i], vi[10 + i], 0);
            yi_all[12 + i] = t.yi[i];
            vi_all[12 + i] = t.vi[i];
        }
        const st_meta_data filled = {.k = 14, .p = 1, .yi = yi_all, .vi = vi_all};
        assert_ok(st_meta_fit_run(&filled, &FE, &all, &err));
        assert_near(t.fit.b[0], all.b[0], 1e-12);
        assert_near(t.fit.QE, all.QE, 1e-12);
        st_meta_fit_fini(&fit);
        st_meta_fit_fini(&all);
        st_trim_fill_fini(&t);
    }
}

/* Duval and Tweedie's three counts, of ranks that are given. */
static void estimators_by_hand(void **state) {
    (void)state;
    /* about 0, with a weight that nothing shifts: the ranks are 1 .. 9 and -6, -3, -1 are negative */
    double yi[10] = {0, -1, 2, -3, 4, 5, -6, 7, 8, 9}, vi[10];
    for (size_t i = 0; i < 10; i++)
        vi[i] = i == 0 ? 1e-12 : 1 + (double)i;
    const st_meta_data data = {.k = 10, .p = 1, .yi = yi, .vi = vi};
    st_trim_fill t;
    /* the zero has rank 1 and no sign; the positive ones are 3, 5, 6, 8, 9, 10: 41 of 55; the highest 3 are a run */
    assert_ok(st_meta_trim_fill(&data, &FE, ST_TRIM_R0, ST_SIDE_LEFT, &t, &err));
    assert_int_equal(t.k0, 2);
    assert_near(t.se_k0, sqrt(6), 1e-12);
    assert_near(t.p_k0, 0.125, 0);
    st_trim_fill_fini(&t);
    assert_ok(st_meta_trim_fill(&data, &FE, ST_TRIM_L0, ST_SIDE_LEFT, &t, &err));
    assert_int_equal(t.k0, 3); /* (164 - 110) / 19 = 2.84 */
    st_trim_fill_fini(&t);
    assert_ok(st_meta_trim_fill(&data, &FE, ST_TRIM_Q0, ST_SIDE_LEFT, &t, &err));
    assert_int_equal(t.k0, 3); /* 9.5 - sqrt(200 - 164 + 1 / 4) = 3.48 */
    st_trim_fill_fini(&t);
}

static void trim_and_fill_refuses(void **state) {
    (void)state;
    made m;
    st_trim_fill t;
    for (size_t k = 1; k < 3; k++) {
        make(&m, 8, k, 0);
        assert_int_equal(st_meta_trim_fill(&m.data, &FE, ST_TRIM_L0, ST_SIDE_AUTO, &t, &err), ST_VALUE);
    }
    make(&m, 8, 6, 0);
    for (size_t i = 0; i < 6; i++)
        m.vi[i] = 0.5; /* no side can be told */
    assert_int_equal(st_meta_trim_fill(&m.data, &FE, ST_TRIM_L0, ST_SIDE_AUTO, &t, &err), ST_VALUE);
    assert_ok(st_meta_trim_fill(&m.data, &FE, ST_TRIM_L0, ST_SIDE_LEFT, &t, &err));
    st_trim_fill_fini(&t);
    double x[12];
    for (size_t i = 0; i < 12; i++)
        x[i] = i % 2 ? (double)i : 1;
    m.data.x = x;
    m.data.p = 2;
    assert_int_equal(st_meta_trim_fill(&m.data, &FE, ST_TRIM_L0, ST_SIDE_LEFT, &t, &err), ST_VALUE);
    /* Q0 has no root where the ranks are one-sided */
    const double yi[] = {0, 1, 2, 3, 4, 5}, vi[] = {1e-9, 1, 1, 1, 1, 1};
    const st_meta_data one_sided = {.k = 6, .p = 1, .yi = yi, .vi = vi};
    assert_int_equal(st_meta_trim_fill(&one_sided, &FE, ST_TRIM_Q0, ST_SIDE_LEFT, &t, &err), ST_NUMERIC);
    assert_null(t.yi);
    /* R0 has: the pool lies just above the lowest study, and five in a row lie above it */
    assert_ok(st_meta_trim_fill(&one_sided, &FE, ST_TRIM_R0, ST_SIDE_LEFT, &t, &err));
    assert_int_equal(t.k0, 4);
    st_trim_fill_fini(&t);
}

/* ---- speed ---- */

static void a_thousand_studies_take_less_than_a_second(void **state) {
    (void)state;
    static made m;
    make(&m, 9, 1000, 0.3);
    const double begin = st_clock();
    st_influence f;
    assert_ok(st_meta_influence(&m.data, &REML, &f, &err));
    st_influence_fini(&f);
    const double took = st_clock() - begin;
    print_message("# influence of 1000 studies: %.3f s\n", took);
    if (getenv("STASIS_SANITIZED") == NULL)
        assert_true(took < 1);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(cumulative_ends_with_the_full_fit),
        cmocka_unit_test(leaving_one_out_is_a_pool_of_the_others),
        cmocka_unit_test(a_study_that_knows_nothing_changes_nothing),
        cmocka_unit_test(influence_of_two_studies_by_hand),
        cmocka_unit_test(each_rule_marks_a_study),
        cmocka_unit_test(the_mark_is_what_the_rules_say),
        cmocka_unit_test(moderators_have_influence_too),
        cmocka_unit_test(one_study_has_no_influence),
        cmocka_unit_test(kendall_of_a_perfect_order),
        cmocka_unit_test(kendall_counts_every_order),
        cmocka_unit_test(kendall_with_ties_and_without_variation),
        cmocka_unit_test(kendall_exact_meets_the_normal),
        cmocka_unit_test(begg_of_a_perfect_order),
        cmocka_unit_test(egger_finds_the_line),
        cmocka_unit_test(egger_reaches_the_limit),
        cmocka_unit_test(a_symmetric_funnel_lacks_nothing),
        cmocka_unit_test(what_lacks_is_mirrored),
        cmocka_unit_test(estimators_by_hand),
        cmocka_unit_test(trim_and_fill_refuses),
        cmocka_unit_test(a_thousand_studies_take_less_than_a_second),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
