/* Samples: what is drawn, what of it counts, and who is named as driver.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/samples.h>
#include <stasis/statistics.h>
#include <stasis/units.h>
#include <stdio.h>
#include <unistd.h>

#include "with_parameters.h"

#define HEAD "name,agents,distribution,low,high,centre,sd\n"
static st_error err;

/* ---- order and rank ------------------------------------------------------------ */

static void percentiles_are_those_of_the_seventh_type(void **state) {
    (void)state;
    double value[] = {7, 1, 3, 10};
    st_sort(value, 4);
    assert_near(st_percentile(value, 4, 50), 5, 1e-15);
    assert_near(st_percentile(value, 4, 5), 1.3, 1e-15);   /* 1 + 0.15 (3 - 1) */
    assert_near(st_percentile(value, 4, 95), 9.55, 1e-15); /* 7 + 0.85 (10 - 7) */
    assert_near(st_percentile(value, 4, 100), 10, 0);
    assert_near(st_percentile(value, 1, 95), 1, 0);
    assert_true(isnan(st_percentile(value, 0, 50)));
}

static void ties_share_their_rank(void **state) {
    (void)state;
    const double x[] = {10, 20, 20, 40, 50}, y[] = {2, 1, 5, 5, 9}, same[] = {0.1, 0.1, 0.1, 0.1, 0.1};
    double rank_x[5], rank_y[5];
    assert_ok(st_ranks(x, 5, rank_x, &err));
    assert_ok(st_ranks(y, 5, rank_y, &err));
    const double wanted_x[] = {1, 2.5, 2.5, 4, 5}, wanted_y[] = {2, 1, 3.5, 3.5, 5};
    for (int i = 0; i < 5; i++) {
        assert_near(rank_x[i], wanted_x[i], 0);
        assert_near(rank_y[i], wanted_y[i], 0);
    }
    /* by hand: sums of (rank - 3): squares 9.5 and 9.5, products 2 + 1 - 0.25 + 0.5 + 4 */
    assert_near(st_correlation(rank_x, rank_y, 5), 7.25 / 9.5, 1e-14);
    assert_true(isnan(st_correlation(same, y, 5)));
    assert_true(isnan(st_correlation(y, same, 5)));
    assert_true(isnan(st_correlation(x, y, 1)));
}

static void critical_correlations(void **state) {
    (void)state;
    /* t(0.975, 18) = 2.100922, t(0.975, 98) = 1.984467 */
    assert_near(st_rank_correlation_critical(20, 0.05), 0.443763, 1e-5);
    assert_near(st_rank_correlation_critical(100, 0.05), 0.196551, 1e-5);
    assert_near(st_rank_correlation_critical(19, 0.05), 1, 0);
}

/* ---- what varies ---------------------------------------------------------------- */

static st_status parse(const char *text, st_uncertainty *u) {
    err = (st_error){0};
    return st_uncertainty_parse("mine.csv", text, strlen(text), &parameters, u, &err);
}

static void the_table_compiled_in_is_sound(void **state) {
    (void)state;
    st_uncertainty u;
    assert_ok(st_uncertainty_init(&u, &parameters, &err));
    assert_true(u.n >= 10);
    for (size_t i = 0; i < u.n; i++) {
        assert_true(u.row[i].source[0] != '\0' && strlen(u.row[i].source) < sizeof((st_input *)0)->source);
        assert_true(u.row[i].low < u.row[i].high);
    }
    st_uncertainty_fini(&u);
}

static void bad_rows_are_refused_where_they_are(void **state) {
    (void)state;
    static const struct {
        const char *rows;
        st_status status;
        const char *field, *says;
    } bad[] = {
        {HEAD "hematocrit,,uniform,0.3,0.5,,\n", ST_VALUE, "name", "did you mean \"haematocrit\""},
        {HEAD "haematocrit,,uniform,0.3,0.9,,\n", ST_VALUE, "high", "takes 0.1 to 0.65, not 0.9"},
        {HEAD "haematocrit,,uniform,0.5,0.3,,\n", ST_VALUE, "high", "more than low"},
        {HEAD "haematocrit,,uniform,0.3,,,\n", ST_VALUE, "high", "is empty"},
        {HEAD "haematocrit,,uniform,0.3,0.5,0.4,\n", ST_VALUE, "centre", "stays empty"},
        {HEAD "haematocrit,,gaussian,,,0.4,0.1\n", ST_VALUE, "distribution", "uniform, normal or triangular"},
        {HEAD "haematocrit,,normal,,,0.4,\n", ST_VALUE, "sd", "above 0"},
        {HEAD "haematocrit,,normal,,,0.4,x\n", ST_VALUE, "sd", "no finite number"},
        {HEAD "haematocrit,,triangular,0.3,0.5,0.4,0.1\n", ST_VALUE, "sd", "stays empty"},
        {HEAD "size,,uniform,0.9,1.1,,\n", ST_VALUE, "agents", "is empty"},
        {HEAD "clump,*,uniform,0,2,,\n", ST_VALUE, "low", "takes 1 to 1000"},
        {"name,low,high\nhaematocrit,0.3,0.5\n", ST_FORMAT, "", "distribution"},
        {"name,distribution,lowest,high\nhaematocrit,uniform,0.3,0.5\n", ST_FORMAT, "", "did you mean \"low\""},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        st_uncertainty u;
        assert_int_equal(parse(bad[i].rows, &u), bad[i].status);
        if (strstr(err.what, bad[i].says) == NULL || strcmp(err.field, bad[i].field) != 0)
            fail_msg("row %zu: %s: %s", i, err.field, err.what);
        st_uncertainty_fini(&u);
    }
}

/* ---- samples -------------------------------------------------------------------- */

typedef struct bench {
    st_tree tree;
    st_agent agent;
    st_treatment treatment;
} bench;
static const uint32_t tips[] = {1, 2};

/* 2^11 terminals from a 2 mm artery, one half of them in tumour; rigid particles of 200-300 um through both halves. */
static bench bench_new(const char *protocol) {
    bench b = {.tree = support_symmetric_tree(11, 1.0, 20, 0.8, true),
               .treatment = {.endpoint = ST_ENDPOINT_STASIS, .tip = tips, .n_tips = 1}};
    assert_ok(st_agent_sized(0.2, 0.3, &b.agent, &err));
    assert_ok(st_regimen_of(protocol, &b.agent, NULL, &b.treatment.regimen, &err));
    return b;
}

static st_status sample(const bench *b, const char *rows, size_t n, int threads, st_samples *samples) {
    st_uncertainty u;
    assert_ok(parse(rows, &u));
    const st_status status =
        st_samples_run(&b->tree, &parameters, &b->treatment, &u, n, 7, threads, NULL, NULL, samples, &err);
    st_uncertainty_fini(&u);
    return status;
}

#define ROWS HEAD "haematocrit,,uniform,0.36,0.5,,\ntumour_flow_ratio,,triangular,3,5,,\nsize,*,normal,0.8,1.2,1,0.1\n"

static void samples_do_not_depend_on_threads_or_number(void **state) {
    (void)state;
    bench b = bench_new("TAE");
    st_samples one, two, more;
    assert_ok(sample(&b, ROWS, 6, 1, &one));
    assert_ok(sample(&b, ROWS, 6, 2, &two));
    assert_ok(sample(&b, ROWS, 9, 2, &more));
    assert_int_equal(one.n_inputs, 4); /* the size of the particles, and of the oil's droplets */
    assert_int_equal(one.failed, 0);
    for (const st_samples *other = &two;; other = &more) {
        assert_memory_equal(one.drawn, other->drawn, 6 * one.n_inputs * sizeof *one.drawn);
        assert_memory_equal(one.found, other->found, 6 * ST_SAMPLE_RESULTS * sizeof *one.found);
        if (other == &more)
            break;
    }
    for (int r = 0; r < ST_SAMPLE_RESULTS; r++) {
        assert_true(one.summary[r].p5 <= one.summary[r].median && one.summary[r].median <= one.summary[r].p95);
        assert_memory_equal(&one.summary[r].median, &two.summary[r].median, sizeof(double));
    }
    st_samples_fini(&one);
    st_samples_fini(&two);
    st_samples_fini(&more);
    st_tree_fini(&b.tree);
}

static void draws_keep_to_their_distribution(void **state) {
    (void)state;
    enum { N = 60 };
    bench b = bench_new("TAE-bland");
    st_samples s;
    b.treatment.endpoint = ST_ENDPOINT_SUBSTASIS;
    assert_ok(sample(&b, ROWS, N, 0, &s));
    double mean[3] = {0};
    for (size_t k = 0; k < N; k++)
        for (size_t i = 0; i < 3; i++) {
            assert_true(s.drawn[3 * k + i] >= s.input[i].low && s.drawn[3 * k + i] <= s.input[i].high);
            mean[i] += s.drawn[3 * k + i] / N;
        }
    /* within 4 standard errors of the means 0.43, 4 and 1 */
    assert_near(mean[0], 0.43, 4 * 0.14 / sqrt(12 * N) / 0.43);
    assert_near(mean[1], 4, 4 * 2 / sqrt(24 * N) / 4);
    assert_near(mean[2], 1, 4 * 0.1 / sqrt(N));
    assert_string_equal(s.input[2].name, "size of 200-300 um");
    st_samples_fini(&s);
    st_tree_fini(&b.tree);
}

/* The run as it stands is what the infusion itself gives, tip after tip. */
static void the_value_is_that_of_the_infusion(void **state) {
    (void)state;
    bench b = bench_new("TAE-bland");
    b.treatment.n_tips = 2;
    st_samples s;
    st_bed *bed;
    st_infusion infusion[2];
    assert_ok(sample(&b, HEAD, 1, 1, &s));
    assert_ok(st_bed_new(&b.tree, &parameters, 0.2, 7, &bed, &err));
    for (uint64_t i = 0; i < 2; i++) {
        st_injection injection =
            st_regimen_injection(&b.treatment.regimen, 0, ST_ENDPOINT_STASIS, 0.5, tips[i], &parameters);
        injection.seed = 7;
        injection.item = i * ST_PROTOCOL_STEPS;
        assert_ok(st_infuse(bed, &injection, NULL, &infusion[i], &err));
    }
    const double injected = (double)(infusion[0].particles.injected + infusion[1].particles.injected);
    assert_near(s.summary[ST_SAMPLE_PARTICLES].value, injected, 0);
    assert_near(s.summary[ST_SAMPLE_TIME].value, (infusion[0].seconds + infusion[1].seconds) / 60, 1e-12);
    assert_near(s.summary[ST_SAMPLE_TIP_LEFT].value,
                100 * (infusion[0].tip_flow_after + infusion[1].tip_flow_after) /
                    (infusion[0].tip_flow_before + infusion[1].tip_flow_before),
                1e-12);
    assert_true(isnan(s.summary[ST_SAMPLE_OIL].value));
    assert_int_equal(s.summary[ST_SAMPLE_PARTICLES].driver, ST_NO_DRIVER);
    for (int i = 0; i < 2; i++)
        st_infusion_fini(&infusion[i]);
    st_bed_free(bed);
    st_samples_fini(&s);
    st_tree_fini(&b.tree);
}

/* One of two inputs gives the results by a monotone law, the other is noise; a third result is noise alone. */
static void the_driver_of_a_monotone_toy_is_found(void **state) {
    (void)state;
    enum { N = 50 };
    st_samples s;
    st_rng rng = st_rng_stream(3, ST_RNG_TEST, 0);
    assert_ok(st_samples_init(&s, N, 2, &err));
    for (size_t k = 0; k < N; k++) {
        const double x = s.drawn[2 * k] = st_rng_uniform(&rng);
        s.drawn[2 * k + 1] = st_rng_uniform(&rng);
        double *found = s.found + k * ST_SAMPLE_RESULTS;
        found[ST_SAMPLE_PARTICLES] = exp(5 * x);
        found[ST_SAMPLE_TIME] = -x * x * x;
        found[ST_SAMPLE_REFLUXED] = st_rng_uniform(&rng);
        found[ST_SAMPLE_EMBOLIC] = 4;
        s.fine[k] = true;
    }
    assert_ok(st_samples_summarise(&s, &err));
    assert_int_equal(s.summary[ST_SAMPLE_PARTICLES].driver, 0);
    assert_near(s.summary[ST_SAMPLE_PARTICLES].rho[0], 1, 1e-12);
    assert_int_equal(s.summary[ST_SAMPLE_TIME].driver, 0);
    assert_near(s.summary[ST_SAMPLE_TIME].rho[0], -1, 1e-12);
    assert_int_equal(s.summary[ST_SAMPLE_REFLUXED].driver, ST_NO_DRIVER);
    assert_int_equal(s.summary[ST_SAMPLE_EMBOLIC].driver, ST_NO_DRIVER);
    assert_true(isnan(s.summary[ST_SAMPLE_EMBOLIC].rho[0]));
    assert_near(s.summary[ST_SAMPLE_EMBOLIC].p5, 4, 0);
    assert_true(isnan(s.summary[ST_SAMPLE_OIL].median));
    st_samples_fini(&s);
}

/* Larger particles stop earlier, and fewer of them do it. */
static void size_drives_the_number_of_particles(void **state) {
    (void)state;
    bench b = bench_new("TAE-bland");
    st_samples s;
    assert_ok(sample(&b, HEAD "size,*,uniform,0.7,1.3,,\nheart_rate,,uniform,69,71,,\n", 20, 0, &s));
    const st_sample_summary *particles = &s.summary[ST_SAMPLE_PARTICLES];
    assert_int_equal(particles->driver, 0);
    assert_true(particles->rho[0] < -0.9);
    st_samples_fini(&s);
    st_tree_fini(&b.tree);
}

/* From a tip above both halves, particles too few to change the flow go by it: a half of the tree is in tumour, and has
 * ratio / 4 of the flow of the other. */
static void tumour_flow_takes_particles_to_tumour(void **state) {
    (void)state;
    static const uint32_t root[] = {0};
    bench b = bench_new("TAE-bland");
    b.treatment.tip = root;
    b.treatment.endpoint = ST_ENDPOINT_DOSE;
    b.treatment.regimen.step[0].dose = 14; /* some 1000 particles */
    st_samples low, high;
    assert_ok(sample(&b, HEAD "tumour_flow_ratio,,uniform,2,2.01,,\n", 5, 0, &low));
    assert_ok(sample(&b, HEAD "tumour_flow_ratio,,uniform,6,6.01,,\n", 5, 0, &high));
    assert_near(low.summary[ST_SAMPLE_IN_TUMOUR].median, 100 / 3.0, 0.1);
    assert_near(low.summary[ST_SAMPLE_IN_TUMOUR].value, 50, 0.1);
    assert_near(high.summary[ST_SAMPLE_IN_TUMOUR].median, 60, 0.1);
    st_samples_fini(&low);
    st_samples_fini(&high);
    st_tree_fini(&b.tree);
}

static void samples_that_fail_are_counted(void **state) {
    (void)state;
    bench b = bench_new("TAE-bland");
    st_samples s;
    /* with too little of it blood does not reach the terminals */
    assert_ok(
        sample(&b, HEAD "inlet_pressure,,uniform,50,120,,\narterial_back_pressure,,uniform,10,40,,\n", 40, 0, &s));
    size_t failed = 0;
    for (size_t k = 0; k < s.n; k++) {
        assert_true(s.fine[k] == (s.why[k][0] == '\0'));
        assert_true(s.fine[k] == !isnan(s.found[k * ST_SAMPLE_RESULTS + ST_SAMPLE_PARTICLES]));
        failed += !s.fine[k];
        if (!s.fine[k])
            assert_non_null(strstr(s.why[k], "pressure"));
    }
    assert_true(failed > 0 && failed < s.n);
    assert_int_equal(s.failed, failed);
    st_samples_fini(&s);
    assert_int_equal(
        sample(&b, HEAD "inlet_pressure,,uniform,50,50.1,,\narterial_back_pressure,,uniform,39.9,40,,\n", 3, 0, &s),
        ST_NUMERIC);
    assert_non_null(strstr(err.what, "all 3 samples failed; the first: "));
    st_tree_fini(&b.tree);
}

static void what_cannot_be_sampled_is_refused(void **state) {
    (void)state;
    bench b = bench_new("TAE-bland");
    st_samples s;
    assert_int_equal(sample(&b, HEAD, 0, 1, &s), ST_VALUE);
    assert_int_equal(sample(&b, HEAD, ST_SAMPLES_MOST + 1, 1, &s), ST_VALUE);
    assert_int_equal(sample(&b, HEAD "size,*,uniform,0.9,1.1,,\nsize,x* y,uniform,0.9,1.1,,\n", 1, 1, &s), ST_OK);
    st_samples_fini(&s);
    assert_int_equal(sample(&b, HEAD "size,*,uniform,0.9,1.1,,\nsize,x *,uniform,0.9,1.1,,\n", 1, 1, &s), ST_VALUE);
    assert_non_null(strstr(err.what, "two rows"));
    assert_int_equal(err.line, 3);
    assert_int_equal(sample(&b, HEAD "haematocrit,,triangular,0.2,0.3,,\n", 1, 1, &s), ST_VALUE);
    assert_non_null(strstr(err.what, "centre of haematocrit"));
    const int stop = 1;
    st_uncertainty u;
    assert_ok(parse(HEAD, &u));
    assert_int_equal(st_samples_run(&b.tree, &parameters, &b.treatment, &u, 2, 1, 1, NULL, &stop, &s, &err),
                     ST_INTERRUPTED);
    st_uncertainty_fini(&u);
    st_tree_fini(&b.tree);
}

static bool varies(const char *name, const st_samples *s) {
    for (size_t i = 0; i < s->n_inputs; i++)
        if (strcmp(s->input[i].name, name) == 0)
            return true;
    return false;
}

/* What the user set is known; what his own table says varies all the same. */
static void what_is_set_does_not_vary(void **state) {
    (void)state;
    bench b = bench_new("TAE-bland");
    st_parameters changed = parameters; /* shares the texts */
    st_uncertainty u;
    st_samples s;
    assert_ok(st_parameters_set(&changed, "haematocrit", 0.42, &err));
    assert_ok(st_uncertainty_init(&u, &changed, &err));
    assert_ok(st_samples_run(&b.tree, &changed, &b.treatment, &u, 1, 1, 1, NULL, NULL, &s, &err));
    assert_true(varies("inlet_pressure", &s) && !varies("haematocrit", &s));
    assert_false(varies("oil_portal_share", &s)); /* no oil here */
    st_samples_fini(&s);
    st_uncertainty_fini(&u);
    assert_ok(parse(HEAD "haematocrit,,uniform,0.36,0.5,,\n", &u));
    assert_ok(st_samples_run(&b.tree, &changed, &b.treatment, &u, 1, 1, 1, NULL, NULL, &s, &err));
    assert_true(varies("haematocrit", &s));
    st_samples_fini(&s);
    st_uncertainty_fini(&u);
    st_tree_fini(&b.tree);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(percentiles_are_those_of_the_seventh_type),
        cmocka_unit_test(ties_share_their_rank),
        cmocka_unit_test(critical_correlations),
        cmocka_unit_test(the_table_compiled_in_is_sound),
        cmocka_unit_test(bad_rows_are_refused_where_they_are),
        cmocka_unit_test(samples_do_not_depend_on_threads_or_number),
        cmocka_unit_test(draws_keep_to_their_distribution),
        cmocka_unit_test(the_value_is_that_of_the_infusion),
        cmocka_unit_test(the_driver_of_a_monotone_toy_is_found),
        cmocka_unit_test(size_drives_the_number_of_particles),
        cmocka_unit_test(tumour_flow_takes_particles_to_tumour),
        cmocka_unit_test(samples_that_fail_are_counted),
        cmocka_unit_test(what_cannot_be_sampled_is_refused),
        cmocka_unit_test(what_is_set_does_not_vary),
    };
    return cmocka_run_group_tests(tests, set_up, tear_down);
}
