/* Axes and typography of the pictures of evidence: scales, round ticks, numbers, text of any origin.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "../src/report/evidence.h"

#include "support.h"

static st_error err;

/* ---- numbers and axes ---------------------------------------------------------------- */

static void number_is(double value, int digits, const char *wanted) {
    char text[AXIS_TEXT];
    axis_number(value, digits, text);
    assert_string_equal(text, wanted);
}

static void test_numbers(void **state) {
    (void)state;
    number_is(0.5, 1, "0.5");
    number_is(-0.5, 2,
              "\xe2\x88\x92"
              "0.50");
    number_is(-0.001, 2, "0.00"); /* no minus before nothing */
    number_is(9999, 0, "9999");
    number_is(12345, 0, "12" TYPE_THIN "345");
    number_is(-1234567, 0,
              "\xe2\x88\x92"
              "1" TYPE_THIN "234" TYPE_THIN "567");
    number_is(INFINITY, 0, "\xe2\x88\x9e");
    number_is(-INFINITY, 0, "\xe2\x88\x92\xe2\x88\x9e");
    number_is(NAN, 0, "");
    number_is(1e9, 0, "10" TYPE_RAISED "9" TYPE_UPRIGHT);
    number_is(-2.5e-20, 21,
              "\xe2\x88\x92"
              "2.5" TYPE_THIN "\xc3\x97" TYPE_THIN "10" TYPE_RAISED "\xe2\x88\x92"
              "20" TYPE_UPRIGHT);
    number_is(0, 300, "0");
}

static void estimate_is(st_axis_scale scale, double value, double span, const char *wanted) {
    char text[AXIS_TEXT];
    axis_estimate(scale, value, span, text);
    assert_string_equal(text, wanted);
}

static void test_estimates(void **state) {
    (void)state;
    estimate_is(ST_SCALE_LOGISTIC, 0, 100, "50.0");
    estimate_is(ST_SCALE_PERCENT, -0.0123, 20,
                "\xe2\x88\x92"
                "1.2");
    estimate_is(ST_SCALE_PERCENT, 0.0123, 0.5, "1.23");
    estimate_is(ST_SCALE_EXP, 0, 3, "1.00");
    estimate_is(ST_SCALE_EXP, log(0.5), 3, "0.50");
    estimate_is(ST_SCALE_EXP, log(123.4), 3, "123");
    estimate_is(ST_SCALE_EXP, log(0.0123), 3, "0.012");
    estimate_is(ST_SCALE_EXP, log(2e-7), 3,
                "2" TYPE_THIN "\xc3\x97" TYPE_THIN "10" TYPE_RAISED "\xe2\x88\x92"
                "7" TYPE_UPRIGHT);
    estimate_is(ST_SCALE_EXP, -INFINITY, 3, "0.00");
    estimate_is(ST_SCALE_PLAIN, 0.75, 2, "0.75");
    estimate_is(ST_SCALE_PLAIN, 123.456, 300, "123");
    estimate_is(ST_SCALE_PLAIN, 0, 1e12, "0");
}

/* The ticks, shown: e to the coordinate where `exponential`. */
static void ticks_are(const tick_axis *a, const double *shown, size_t n, bool exponential) {
    assert_int_equal(a->n, n);
    for (size_t i = 0; i < n; i++)
        assert_near(1 + (exponential ? exp(a->tick[i]) : a->tick[i]), 1 + shown[i], 1e-12);
}

static void test_axis_of_ratios(void **state) {
    (void)state;
    const double row[] = {0.1, 0.2, 0.5, 1, 2, 5, 10}, decades[] = {0.01, 0.1, 1, 10, 100},
                 narrow[] = {0.8, 0.9, 1, 1.1, 1.2};
    tick_axis a = axis_choose(ST_SCALE_EXP, true, log(0.11), log(9), 9);
    ticks_are(&a, row, 7, true);
    assert_near(axis_share(&a, 0), 0.5, 1e-12); /* 1 in the middle; a ratio as far from it as its inverse */
    assert_near(axis_share(&a, log(2)) - 0.5, 0.5 - axis_share(&a, -log(2)), 1e-12);
    assert_string_equal(a.text[0], "0.1");
    assert_string_equal(a.text[6], "10");
    a = axis_choose(ST_SCALE_EXP, true, log(0.012), log(90), 7);
    ticks_are(&a, decades, 5, true);
    a = axis_choose(ST_SCALE_EXP, true, log(0.81), log(1.19), 6);
    ticks_are(&a, narrow, 5, true);
    a = axis_choose(ST_SCALE_EXP, true, -200, 200, 7);
    assert_true(a.n >= 3 && a.n <= 8 && strstr(a.text[0], "10" TYPE_RAISED) != NULL);
    assert_true(a.from <= -200 && a.to >= 200);
}

static void test_axis_of_percents(void **state) {
    (void)state;
    const double full[] = {0, 20, 40, 60, 80, 100}, part[] = {40, 42, 44, 46, 48};
    tick_axis a = axis_choose(ST_SCALE_LOGISTIC, true, -5, 5, 7);
    ticks_are(&a, full, 6, false);
    assert_near(axis_share(&a, 0), 0.5, 1e-12); /* percents evenly: 50 % in the middle, 73 % where it belongs */
    assert_near(axis_share(&a, 1), 1 / (1 + exp(-1)), 1e-12);
    a = axis_choose(ST_SCALE_LOGISTIC, true, log(0.41 / 0.59), log(0.475 / 0.525), 7);
    ticks_are(&a, part, 5, false);
    a = axis_choose(ST_SCALE_LOGISTIC, true, 40, 40, 7); /* all at 100 % */
    assert_true(a.from >= 0 && a.to <= 100 && a.from < a.to);
    a = axis_choose(ST_SCALE_PERCENT, true, -0.07, 0.12, 7);
    assert_near(axis_share(&a, 0), -a.from / (a.to - a.from), 1e-12);
    assert_true(a.from <= -7 && a.to >= 12);
}

static void test_axis_of_logits(void **state) {
    (void)state;
    tick_axis a = axis_choose(ST_SCALE_LOGISTIC, false, -6, 6, 9);
    assert_near(axis_share(&a, 3), 0.75, 1e-12); /* logits evenly */
    bool fifty = false;
    for (size_t i = 0; i < a.n; i++) {
        const double percent = strtod(a.text[i], NULL);
        fifty = fifty || strcmp(a.text[i], "50") == 0;
        assert_near(a.tick[i], log(percent / (100 - percent)), 1e-9);
        assert_true(i == 0 || a.tick[i] > a.tick[i - 1]);
    }
    assert_true(fifty && a.n >= 4 && a.n <= 9);
    a = axis_choose(ST_SCALE_LOGISTIC, false, log(0.42 / 0.58), log(0.47 / 0.53), 7);
    assert_true(a.n >= 3 && strcmp(a.text[0], "42") != 0); /* equal steps of percents; the ends are no ticks */
}

static void test_axis_of_months(void **state) {
    (void)state;
    const tick_axis a = axis_choose_months(61, 9), b = axis_choose_months(5, 9), c = axis_choose_months(400, 9);
    const double year[] = {0, 12, 24, 36, 48, 60, 72};
    ticks_are(&a, year, 7, false);
    assert_true(b.tick[1] >= 1 && b.tick[1] <= 1 && b.to >= 5);
    assert_near(fmod(c.tick[1], 12) + 1, 1, 1e-12);
    assert_true(c.n <= 9 && c.to >= 400);
}

/* Whatever is asked for: few ticks, ascending, inside, and all that was asked for is shown. */
static void check_axis(st_axis_scale scale, bool even, double low, double high, size_t wanted) {
    const tick_axis a = axis_choose(scale, even, low, high, wanted);
    const double from = axis_share(&a, fmin(low, high)), to = axis_share(&a, fmax(low, high)), slack = 1e-6;
    assert_true(isfinite(a.from) && isfinite(a.to) && a.from < a.to);
    assert_true(from >= -slack && to <= 1 + slack && from <= to);
    assert_true(a.n >= 1 && a.n <= wanted + 2);
    for (size_t i = 0; i < a.n; i++) {
        const double share = axis_share_of_tick(&a, i);
        assert_true(share >= -slack && share <= 1 + slack);
        assert_true(i == 0 || a.tick[i] > a.tick[i - 1]);
        assert_true(i == 0 || strcmp(a.text[i], a.text[i - 1]) != 0);
        assert_true(a.text[i][0] != 0);
    }
}

static void test_axes_at_random(void **state) {
    (void)state;
    const st_axis_scale scales[] = {ST_SCALE_PLAIN, ST_SCALE_EXP, ST_SCALE_LOGISTIC, ST_SCALE_PERCENT};
    for (uint64_t item = 0; item < 4000; item++) {
        st_rng rng = st_rng_stream(5, ST_RNG_TEST, item);
        const st_axis_scale scale = scales[item % 4];
        const bool logs = scale == ST_SCALE_EXP || scale == ST_SCALE_LOGISTIC;
        const double size = pow(10, (logs ? 4 : 40) * (st_rng_uniform(&rng) - 0.6)),
                     middle = size * st_rng_normal(&rng);
        const double half = size * st_rng_uniform(&rng), cut = scale == ST_SCALE_LOGISTIC ? 12 : 220;
        const double low = logs ? fmax(middle - half, -cut) : middle - half,
                     high = logs ? fmin(middle + half, cut) : middle + half;
        if (low < high)
            check_axis(scale, item % 8 < 4, low, high, 3 + item % 8);
    }
    check_axis(ST_SCALE_PLAIN, true, 0, 0, 5);
    check_axis(ST_SCALE_PLAIN, true, 7, 7, 5);
    check_axis(ST_SCALE_PLAIN, true, -1e100, 1e100, 5);
    check_axis(ST_SCALE_PLAIN, true, 1e-300, 3e-300, 5);
    check_axis(ST_SCALE_EXP, true, 230, 230, 5);
    check_axis(ST_SCALE_EXP, true, -230, 230, 5);
    check_axis(ST_SCALE_LOGISTIC, true, -230, -230, 5);
}

/* ---- typography ------------------------------------------------------------------------ */

static void plain_is(const char *text, size_t most, const char *wanted) {
    char out[TYPE_TEXT];
    type_plain(text, most, out);
    assert_string_equal(out, wanted);
}

static void test_plain_text(void **state) {
    (void)state;
    const char fifty[] = "12345678901234567890123456789012345678901234567890";
    char longer[64], text[4096], out[TYPE_TEXT];
    plain_is(NULL, 5, "");
    plain_is(fifty, 50, fifty);
    snprintf(longer, sizeof longer, "%sx", fifty);
    plain_is(longer, 50, "1234567890123456789012345678901234567890123456789" TYPE_ELLIPSIS);
    plain_is("\xc3\x84\xc3\x96\xc3\x9c\xe4\xb8\xad", 4,
             "\xc3\x84\xc3\x96\xc3\x9c\xe4\xb8\xad"); /* characters, not bytes */
    plain_is("\xc3\x84\xc3\x96\xc3\x9c\xe4\xb8\xad", 3, "\xc3\x84\xc3\x96" TYPE_ELLIPSIS);
    plain_is("a\nb\tc\x01"
             "d\x7f",
             9, "a b c d ");
    plain_is("a\xff"
             "b",
             9,
             "a\xef\xbf\xbd"
             "b");
    plain_is("a\xe4\xb8", 9, "a\xef\xbf\xbd\xef\xbf\xbd"); /* cut in the middle of a character */
    plain_is("\xc0\xaf\xed\xa0\x80", 9,
             "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* overlong, surrogate */
    plain_is("\xef\xbf\xbe", 9, "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");      /* a noncharacter */
    plain_is("5\xe2\x80\x89%", 9, "5" TYPE_THIN "%");
    memset(text, 0xff, sizeof text - 1);
    text[sizeof text - 1] = 0;
    type_plain(text, SIZE_MAX, out);
    assert_true(strlen(out) < TYPE_TEXT && strstr(out, TYPE_ELLIPSIS) != NULL);
}

static void statistics_are(const char *text, const char *wanted) {
    char out[TYPE_TEXT];
    type_statistics(text, out);
    assert_string_equal(out, wanted);
}

#define I(letter) TYPE_ITALIC letter TYPE_UPRIGHT
static void test_statistics(void **state) {
    (void)state;
    statistics_are("tau2 = -0.61, I2 = 82 %", I("\xcf\x84") "\xc2\xb2 = \xe2\x88\x92"
                                                            "0.61, " I("I") "\xc2\xb2 = 82" TYPE_THIN "%");
    statistics_are("Q(11) = 60.3, p < 0.001", I("Q") "(11) = 60.3, " I("p") " < 0.001");
    statistics_are("chi2(7) = 8.0", I("\xcf\x87") "\xc2\xb2(7) = 8.0");
    statistics_are("0.40-0.80", "0.40" TYPE_DASH "0.80");
    statistics_are("Mantel-Haenszel, t-test, p <= .05",
                   "Mantel" TYPE_DASH "Haenszel, t-test, " I("p") " \xe2\x89\xa4 .05");
    statistics_are("arm k, group I2b, xtau2, the p of n", "arm k, group I2b, xtau2, the p of n");
    char text[2000], out[TYPE_TEXT];
    for (size_t i = 0; i + 5 < sizeof text; i += 5)
        memcpy(text + i, "tau2 ", 6);
    type_statistics(text, out);
    assert_true(strlen(out) < TYPE_TEXT);
}

static void test_widths(void **state) {
    (void)state;
    canvas c;
    figure nothing = {0};
    char text[TYPE_TEXT] = "one two three four five six seven eight nine ten", whole[TYPE_TEXT];
    const char *line[8];
    assert_ok(type_measure_begin(&c, &nothing, &err));
    assert_true(type_width(&c, TYPE_BODY_BOLD, "Heterogeneity") > type_width(&c, TYPE_FINE, "Heterogeneity"));
    assert_near(type_width(&c, TYPE_BODY, "a" TYPE_THIN "b") - type_width(&c, TYPE_BODY, "ab"), TYPE_BODY.size / 6,
                1e-6);
    strcpy(whole, text);
    const double half = type_width(&c, TYPE_BODY, text) / 2;
    const size_t n = type_break(&c, TYPE_BODY, half, text, line, 8);
    assert_int_equal(n, 3);
    size_t length = 0;
    for (size_t i = 0; i < n; i++) {
        assert_true(type_width(&c, TYPE_BODY, line[i]) <= half);
        assert_memory_equal(whole + length, line[i], strlen(line[i])); /* no word is lost */
        length += strlen(line[i]) + 1;
    }
    assert_int_equal(length, strlen(whole) + 1);
    strcpy(text, whole);
    assert_int_equal(type_break(&c, TYPE_BODY, 1, text, line, 4), 4); /* a line for each word, the rest in the last */
    assert_string_equal(line[2], "three");
    assert_true(strncmp(line[3], "four five", 9) == 0);
    strcpy(text, whole);
    type_fit(&c, TYPE_BODY, half, text);
    assert_true(type_width(&c, TYPE_BODY, text) <= half && type_width(&c, TYPE_BODY, text) > 0.7 * half);
    assert_non_null(strstr(text, TYPE_ELLIPSIS));
    strcpy(text, "\xc3\x84\xc3\x96\xc3\x9c");
    type_fit(&c, TYPE_BODY, 0, text);
    assert_string_equal(text, TYPE_ELLIPSIS);
    assert_ok(type_measure_end(&c, &err));
    assert_null(nothing.bytes);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_numbers),        cmocka_unit_test(test_estimates),
        cmocka_unit_test(test_axis_of_ratios), cmocka_unit_test(test_axis_of_percents),
        cmocka_unit_test(test_axis_of_logits), cmocka_unit_test(test_axis_of_months),
        cmocka_unit_test(test_axes_at_random), cmocka_unit_test(test_plain_text),
        cmocka_unit_test(test_statistics),     cmocka_unit_test(test_widths),
    };
    return cmocka_run_group_tests_name("axis", tests, NULL, NULL);
}
