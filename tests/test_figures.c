/* Pictures of evidence: places of marks and words; files that are whole, the same each time, or absent.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "../src/report/curves.h"
#include "../src/report/forest.h"

#include <dirent.h>
#include <expat.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "support.h"

#define FOLDER "test_figures_out"

static st_error err;

/* ---- the forest ------------------------------------------------------------------------- */

enum { ROWS = 200 };
static st_forest_row rows[ROWS];
static char labels[ROWS][64];
static const char *const group_names[] = {"Carcinoid", "Pancreatic", "Empty"};

static st_forest forest_of(size_t n, st_axis_scale scale) {
    for (size_t i = 0; i < n; i++) {
        st_rng rng = st_rng_stream(9, ST_RNG_TEST, i);
        const double y = st_rng_normal(&rng), se = 0.1 + st_rng_uniform(&rng);
        snprintf(labels[i], sizeof labels[i], "Author \xc3\x84 %zu", i);
        rows[i] =
            (st_forest_row){labels[i], "16/22", y, y - 2 * se, y + 2 * se, 1 + st_rng_uniform(&rng), (uint32_t)(i % 2)};
    }
    return (st_forest){.title = "made up",
                       .estimate_label = "Odds ratio",
                       .counts_label = "Events / n",
                       .scale = scale,
                       .reference = NAN,
                       .rows = rows,
                       .n_rows = n};
}

static void test_forest_places(void **state) {
    (void)state;
    const size_t sizes[] = {1, 2, 3, 15, 60, ROWS};
    const st_axis_scale scales[] = {ST_SCALE_PLAIN, ST_SCALE_EXP, ST_SCALE_LOGISTIC, ST_SCALE_PERCENT};
    for (size_t i = 0; i < 24; i++) {
        const st_forest f = forest_of(sizes[i / 4], scales[i % 4]);
        forest_layout l;
        assert_ok(forest_layout_init(&l, &f, &err));
        assert_int_equal(l.n_lines, f.n_rows);
        /* columns beside each other, all on the sheet */
        assert_true(l.counts_left > EVIDENCE_MARGIN && l.counts_slash > l.counts_left &&
                    l.counts_right > l.counts_slash);
        assert_true(l.plot_left > l.counts_right && l.plot_right - l.plot_left >= 165);
        assert_true(l.estimate_left > l.plot_right && l.estimate_right > l.estimate_left &&
                    l.lower_right > l.estimate_right);
        assert_true(l.upper_right > l.lower_right && l.weight_right > l.upper_right && l.weight_right < EVIDENCE_WIDTH);
        for (size_t k = 0; k < l.n_lines; k++) {
            const double x = forest_x(&l, l.line[k].estimate);
            assert_true(x >= l.plot_left && x <= l.plot_right);
            assert_true(k == 0 || l.line[k].y - l.line[k - 1].y >= l.text.size);
            assert_true(l.line[k].y < l.rows_bottom && l.rows_bottom < l.height);
        }
        forest_layout_fini(&l);
    }
}

static void test_forest_geometry(void **state) {
    (void)state;
    st_forest f = forest_of(2, ST_SCALE_EXP);
    rows[0] = (st_forest_row){"A", NULL, log(0.5), log(0.1), log(10), 80, 0};
    rows[1] = (st_forest_row){"B", NULL, log(2), log(0.5), log(8), 20, 0};
    f.reference = 0;
    forest_layout l;
    assert_ok(forest_layout_init(&l, &f, &err));
    assert_true(isnan(l.counts_left)); /* no counts, no column */
    const double middle = forest_x(&l, 0), half = forest_x(&l, log(0.5)), two = forest_x(&l, log(2)),
                 ten = forest_x(&l, log(10));
    assert_near(middle - half, two - middle, 1e-9);
    assert_near((ten - middle) / (two - middle), log(10) / log(2), 1e-9);
    assert_near(pow(forest_half_side(&l, 80) / forest_half_side(&l, 20), 2), 4, 1e-9); /* area by weight */
    assert_near(l.plot_left, forest_x(&l, log(0.1)), 1e-9);
    assert_string_equal(l.header[1], "[95" TYPE_THIN "% CI]");
    forest_layout_fini(&l);
    f.level = 0.9;
    assert_ok(forest_layout_init(&l, &f, &err));
    assert_string_equal(l.header[1], "[90" TYPE_THIN "% CI]");
    forest_layout_fini(&l);
}

/* Far limits of one study do not press the others together; what is not estimable has no say. */
static void test_forest_axis(void **state) {
    (void)state;
    st_forest f = forest_of(10, ST_SCALE_PLAIN);
    for (size_t i = 0; i < 10; i++)
        rows[i] = (st_forest_row){labels[i], NULL, 0.1 * (double)i, 0.1 * (double)i - 1, 0.1 * (double)i + 1, 1, 0};
    forest_layout l;
    assert_ok(forest_layout_init(&l, &f, &err));
    const double from = l.axis.from, to = l.axis.to;
    assert_true(from <= -1 && from > -3 && to >= 1.9 && to < 4);
    forest_layout_fini(&l);
    rows[3].lower = -1000;
    rows[4].upper = INFINITY;
    rows[5].estimate = NAN;
    rows[5].upper = 55;
    rows[6].upper = NAN;
    rows[6].estimate = 1e6;
    assert_ok(forest_layout_init(&l, &f, &err));
    assert_true(l.axis.from > -5 && l.axis.to < 5);
    assert_false(forest_estimable(l.line[5].estimate, l.line[5].lower, l.line[5].upper));
    forest_layout_fini(&l);
    rows[7].estimate = 30; /* an estimate is always shown, and so is the pool */
    const st_forest_pool pool = {"Pool", NULL, -20, -40, 0, NAN, NAN};
    f.pool = &pool;
    assert_ok(forest_layout_init(&l, &f, &err));
    assert_true(axis_share(&l.axis, 30) <= 1 && axis_share(&l.axis, -40) >= 0);
    forest_layout_fini(&l);
    for (size_t i = 0; i < 10; i++)
        rows[i].estimate = NAN;
    f.pool = NULL;
    assert_ok(forest_layout_init(&l, &f, &err));
    forest_layout_fini(&l);
}

static void test_forest_groups(void **state) {
    (void)state;
    const forest_kind wanted[] = {FOREST_HEADING,    FOREST_STUDY, FOREST_STUDY,     FOREST_POOL,
                                  FOREST_PREDICTION, FOREST_NOTE,  FOREST_HEADING,   FOREST_STUDY,
                                  FOREST_POOL,       FOREST_POOL,  FOREST_PREDICTION};
    const st_forest_pool pools[] = {{"Random", "I2 = 1 %", 0, -1, 1, -2, 2},
                                    {"Random", NULL, 0, -1, 1, NAN, NAN},
                                    {"None", NULL, NAN, NAN, NAN, NAN, NAN}};
    const st_forest_pool all = {"All", "a note", 0, -1, 1, -3, 3};
    st_forest f = forest_of(3, ST_SCALE_PLAIN);
    f.groups = group_names;
    f.n_groups = 3;
    f.group_pools = pools;
    f.groups_note = "Q(1) = 3";
    f.pool = &all;
    forest_layout l;
    assert_ok(forest_layout_init(&l, &f, &err));
    assert_int_equal(l.n_lines, sizeof wanted / sizeof wanted[0]); /* the empty group is left out */
    for (size_t i = 0; i < l.n_lines; i++)
        assert_int_equal(l.line[i].kind, wanted[i]);
    assert_string_equal(l.line[2].label, labels[2]);
    assert_string_equal(l.line[7].label, labels[1]);
    assert_true(l.line[10].lower <= -3 && l.line[10].upper >= 3 && l.line[9].overall && !l.line[8].overall);
    assert_int_equal(l.notes, 2);
    forest_layout_fini(&l);
}

static void test_forest_long_labels(void **state) {
    (void)state;
    st_forest f = forest_of(3, ST_SCALE_LOGISTIC);
    forest_layout l;
    rows[0].label = "Cooperative Group for Embolization, Lyon, 1999-2004"; /* 51 */
    rows[1].label = "Cooperative Group for Embolization, Lyon, 1999-200";
    rows[2].label = "WWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWWW";
    assert_ok(forest_layout_init(&l, &f, &err));
    assert_non_null(strstr(l.line[0].label, TYPE_ELLIPSIS));
    assert_string_equal(l.line[1].label, rows[1].label);
    assert_non_null(strstr(l.line[2].label, TYPE_ELLIPSIS)); /* the plot needs room */
    assert_true(l.plot_right - l.plot_left >= 165);
    forest_layout_fini(&l);
}

static void forest_fails(const st_forest *f, const char *word) {
    forest_layout l;
    assert_int_equal(forest_layout_init(&l, f, &err), ST_VALUE);
    if (strstr(err.what, word) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.what, word);
    forest_layout_fini(&l);
}

static void test_forest_refusals(void **state) {
    (void)state;
    st_forest f = forest_of(3, ST_SCALE_PLAIN);
    const st_forest_pool crossed = {"Pool", NULL, 0, 1, -1, NAN, NAN}, wide = {"Pool", NULL, 0, -1, 1, 5, -5};
    f.n_rows = 0;
    forest_fails(&f, "at least one study");
    f.n_rows = 801;
    forest_fails(&f, "at most 800 studies");
    f = forest_of(3, ST_SCALE_PLAIN);
    rows[1].lower = rows[1].upper + 1;
    forest_fails(&f, "must not lie above");
    f = forest_of(3, ST_SCALE_PLAIN);
    rows[1].weight = -1;
    forest_fails(&f, "must not be negative");
    f = forest_of(3, ST_SCALE_EXP);
    rows[1].estimate = 1e5;
    rows[1].upper = 2e5;
    forest_fails(&f, "beyond what can be drawn");
    f = forest_of(3, ST_SCALE_PLAIN);
    f.groups = group_names;
    f.n_groups = 1;
    forest_fails(&f, "there are 1");
    f = forest_of(3, ST_SCALE_PLAIN);
    f.pool = &crossed;
    forest_fails(&f, "must not lie above");
    f.pool = &wide;
    forest_fails(&f, "prediction interval");
}

/* ---- curves ------------------------------------------------------------------------------ */

static const double steps[] = {2, 5, 5.5, 9}, left[] = {0.75, 0.5, 0.25, 0.25}, seen[] = {2, 3, 5, 5.5, 9, 12},
                    ticks[] = {3, 12};
static const double low[] = {0.5, 0.2, 0.05, NAN}, high[] = {0.95, 0.8, 0.6, NAN};
static const st_survival_line line = {"Made up", steps, left, low, high, 4, ticks, 2, seen, 6};

static void test_curves(void **state) {
    (void)state;
    st_survival_line other = line;
    const double never[] = {0.9, 0.8, 0.7, 0.6}, at_once[] = {0.4, 0.3, 0.2, 0.1};
    assert_near(curves_at(&line, false, 0), 1, 0);
    assert_near(curves_at(&line, false, 1.99), 1, 0);
    assert_near(curves_at(&line, false, 2), 0.75, 0); /* from the step on */
    assert_near(curves_at(&line, false, 100), 0.25, 0);
    assert_true(curves_at(&line, true, 0) <= 0);
    assert_near(curves_end(&line), 12, 0);
    assert_int_equal(curves_at_risk(&line, 0), 6);
    assert_int_equal(curves_at_risk(&line, 5), 4); /* whoever leaves at 5 is still at risk */
    assert_int_equal(curves_at_risk(&line, 5.1), 3);
    assert_int_equal(curves_at_risk(&line, 13), 0);
    assert_near(curves_median(&line), 5.25, 1e-12); /* the middle of the stretch at one half */
    other.n = 2;
    assert_near(curves_median(&other), (5 + 12) / 2.0, 1e-12); /* at one half to the end */
    other.n = 4;
    other.survival = never;
    assert_true(isnan(curves_median(&other)));
    other.survival = at_once;
    assert_near(curves_median(&other), 2, 0);
}

/* Whether a point of a curve, or of its band, lies in the key. */
static bool key_covers(const curves_layout *l, const st_survival_line *of, bool rising) {
    for (double time = 0; time <= curves_end(of); time += curves_end(of) / 1000) {
        const double x = panel_x(&l->frame, time), y = panel_y(&l->frame, curves_at(of, rising, time));
        if (x > l->key_left && x < l->key_left + l->key_width && y > l->key_top && y < l->key_top + l->key_height)
            return true;
    }
    return false;
}

static void test_key_covers_nothing(void **state) {
    (void)state;
    enum { STEPS = 40 };
    double time[STEPS], curve[2][STEPS];
    size_t inside = 0;
    for (uint64_t item = 0; item < 60; item++) {
        st_rng rng = st_rng_stream(3, ST_RNG_TEST, item);
        const bool rising = item % 2 == 1;
        st_survival_line lines[2];
        for (size_t k = 0; k < 2; k++) {
            double s = 1;
            const double speed = 0.15 * st_rng_uniform(&rng);
            for (size_t i = 0; i < STEPS; i++) {
                time[i] = (double)i + 1;
                s *= 1 - speed * st_rng_uniform(&rng);
                curve[k][i] = rising ? 1 - s : s;
            }
            lines[k] = (st_survival_line){
                k == 0 ? "First" : "Second of two arms", time, curve[k], NULL, NULL, STEPS, NULL, 0, time, STEPS};
        }
        const st_survival_figure s = {NULL, NULL, NULL, "p = 0.2", lines, 2, rising};
        curves_layout l;
        assert_ok(curves_layout_init(&l, &s, &err));
        assert_true(l.key_left >= l.frame.left && l.key_left + l.key_width <= l.frame.right);
        inside += !l.outside;
        for (size_t k = 0; k < 2; k++)
            assert_false(key_covers(&l, &lines[k], rising));
    }
    assert_true(inside >= 55); /* there is nearly always room for two names */
}

static void curves_fail(const st_survival_figure *s, const char *word) {
    curves_layout l;
    assert_int_equal(curves_layout_init(&l, s, &err), ST_VALUE);
    if (strstr(err.what, word) == NULL)
        fail_msg("\"%s\" does not say \"%s\"", err.what, word);
}

static void test_curves_refusals(void **state) {
    (void)state;
    st_survival_line wrong = line;
    const st_survival_figure s = {.lines = &wrong, .n_lines = 1};
    st_survival_figure none = s;
    const double back[] = {2, 1, 3, 4}, much[] = {0.9, 1.5, 0.2, 0.1}, before[] = {-1, 2},
                 hole[] = {1, NAN, 3, 4, 5, 6};
    none.n_lines = 0;
    curves_fail(&none, "1 to 16 curves");
    none.n_lines = 17;
    curves_fail(&none, "1 to 16 curves");
    wrong.time = back;
    curves_fail(&s, "ascend");
    wrong = line;
    wrong.survival = much;
    curves_fail(&s, "between 0 and 1");
    wrong = line;
    wrong.censored_at = before;
    curves_fail(&s, "not negative");
    wrong = line;
    wrong.event_or_censored_at = hole;
    curves_fail(&s, "ascend");
}

/* ---- labels ------------------------------------------------------------------------------- */

static bool apart(const evidence_box *a, const evidence_box *b) {
    return a->left >= b->right || b->left >= a->right || a->top >= b->bottom || b->top >= a->bottom;
}

static void test_labels_lie_apart(void **state) {
    (void)state;
    enum { SPOTS = 60, MOST = 20 };
    canvas c;
    figure nothing = {0};
    const evidence_box frame = {0, 0, 500, 300};
    size_t total = 0;
    assert_ok(type_measure_begin(&c, &nothing, &err));
    for (uint64_t item = 0; item < 40; item++) {
        spot d[SPOTS];
        placed_label placed[MOST];
        size_t n = 0;
        st_rng rng = st_rng_stream(4, ST_RNG_TEST, item);
        for (size_t i = 0; i < SPOTS; i++)
            d[i] = (spot){500 * st_rng_uniform(&rng), 300 * st_rng_uniform(&rng), 3, i % 3 ? "A study 2004" : NULL,
                          st_rng_uniform(&rng)};
        assert_ok(evidence_place_labels(&c, d, SPOTS, MOST, &frame, placed, &n, &err));
        assert_true(n <= MOST);
        total += n;
        for (size_t i = 0; i < n; i++) {
            const evidence_box *b = &placed[i].box;
            assert_true(b->left >= 0 && b->right <= 500 && b->top >= 0 && b->bottom <= 300);
            assert_non_null(placed[i].of->label);
            for (size_t k = 0; k < i; k++)
                assert_true(apart(b, &placed[k].box) && placed[k].of->rank >= placed[i].of->rank);
            for (size_t k = 0; k < SPOTS; k++) {
                const evidence_box around = {d[k].x - 3, d[k].y - 3, d[k].x + 3, d[k].y + 3};
                assert_true(apart(b, &around));
            }
        }
    }
    assert_true(total > 40 * MOST / 2);
    assert_ok(type_measure_end(&c, &err));
}

/* ---- files --------------------------------------------------------------------------------- */

static const double ys[] = {-0.5, 0.2, 0.9, NAN}, ses[] = {0.2, 0.5, 0.1, 0.3}, filled_y[] = {1.5}, filled_se[] = {0.4};
static const double risks[] = {0, 0.5, 1, NAN}, other_risks[] = {0.1, 0.5, 0.9, 0.2}, weights[] = {1, 5, 2, 1};
static const char *const four[] = {"One 2001", "Two <&> 2002", NULL, "\xff\xfe"};
static const st_funnel funnel = {"made up", "Odds ratio", ST_SCALE_EXP, ys, ses, 4, 0.1, 0, filled_y, filled_se, 1};
static const st_baujat baujat = {"made up", four, ys, ses, 4};
static const st_labbe labbe = {"made up",   "Control", "Treatment", four,         risks,
                               other_risks, weights,   4,           ST_SCALE_EXP, 0.7};
static const st_survival_figure survival = {"made up", "Months", "Survival", "chi2(1) = 3", &line, 1, false};

enum { FIGURES_OF_EVIDENCE = 5 };
static st_status write_one(size_t which, const char *path, const st_forest *forest, st_error *e) {
    switch (which) {
    case 0:
        return st_figure_forest(path, forest, e);
    case 1:
        return st_figure_funnel(path, &funnel, e);
    case 2:
        return st_figure_baujat(path, &baujat, e);
    case 3:
        return st_figure_labbe(path, &labbe, e);
    default:
        return st_figure_survival(path, &survival, e);
    }
}

static st_forest plain_forest(void) {
    static const st_forest_pool pool = {"Random effects (REML)", "tau2 = 0.1, I2 = 20 %", 0.1, -0.2, 0.4, -1, 1.2};
    st_forest f = forest_of(12, ST_SCALE_EXP);
    rows[2].upper = NAN;
    f.pool = &pool;
    f.reference = 0;
    f.left_label = "less";
    f.right_label = "more";
    return f;
}

static size_t count_entries(void) {
    size_t n = 0;
    DIR *folder = opendir(FOLDER);
    assert_non_null(folder);
    while (readdir(folder) != NULL)
        n++;
    closedir(folder);
    return n - 2;
}

static void well_formed(const char *bytes, size_t size) {
    XML_Parser parser = XML_ParserCreate(NULL);
    assert_non_null(parser);
    if (XML_Parse(parser, bytes, (int)size, 1) != XML_STATUS_OK)
        fail_msg("line %lu: %s", XML_GetCurrentLineNumber(parser), XML_ErrorString(XML_GetErrorCode(parser)));
    XML_ParserFree(parser);
}

static size_t count(const char *bytes, size_t size, const char *piece) {
    size_t n = 0;
    for (size_t i = 0; i + strlen(piece) <= size; i++)
        n += memcmp(bytes + i, piece, strlen(piece)) == 0;
    return n;
}

static void test_files(void **state) {
    (void)state;
    static const char *const ending[] = {"svg", "pdf", "PNG"};
    static const char *const magic[] = {"<?xml", "%PDF-", "\x89PNG\r\n\x1a\n"};
    const st_forest forest = plain_forest();
    for (size_t i = 0; i < FIGURES_OF_EVIDENCE; i++)
        for (size_t e = 0; e < 3; e++) {
            char path[64], *first, *second;
            size_t size, size_again;
            snprintf(path, sizeof path, FOLDER "/%zu.%s", i, ending[e]);
            assert_ok(write_one(i, path, &forest, &err));
            assert_ok(st_file_read(path, 1 << 24, &first, &size, &err));
            assert_true(size > 1000);
            assert_memory_equal(first, magic[e], strlen(magic[e]));
            assert_ok(write_one(i, path, &forest, &err));
            assert_ok(st_file_read(path, 1 << 24, &second, &size_again, &err));
            assert_int_equal(size, size_again);
            assert_memory_equal(first, second, size);
            assert_int_equal(count(first, size, "CreationDate"), 0); /* the day is no part of it */
            if (e == 0)
                well_formed(first, size);
            free(first);
            free(second);
            assert_int_equal(unlink(path), 0);
        }
    assert_int_equal(count_entries(), 0);
}

/* One square for each study that can be estimated, one diamond for the pool. */
static void test_marks_in_svg(void **state) {
    (void)state;
    const st_forest forest = plain_forest();
    figure f = {0};
    assert_ok(evidence_draw_forest(&forest, CANVAS_SVG, &f, &err));
    assert_int_equal(count((const char *)f.bytes, f.size, "fill:rgb(0%,44.7"), forest.n_rows - 1);
    assert_near(f.width, EVIDENCE_WIDTH, 0);
    free(f.bytes);
    f = (figure){0};
    assert_ok(evidence_draw_funnel(&funnel, CANVAS_SVG, &f, &err));
    assert_int_equal(count((const char *)f.bytes, f.size, "fill:rgb(0%,44.7"), 3 + 1); /* and one in the key */
    free(f.bytes);
}

/* ---- pixels -------------------------------------------------------------------------------- */

typedef struct reader {
    const figure *f;
    size_t at;
} reader;

static cairo_status_t read_on(void *closure, unsigned char *bytes, unsigned int size) {
    reader *r = closure;
    if (size > r->f->size - r->at)
        return CAIRO_STATUS_READ_ERROR;
    memcpy(bytes, r->f->bytes + r->at, size);
    r->at += size;
    return CAIRO_STATUS_SUCCESS;
}

/* The PNG as a surface; frees the figure. */
static cairo_surface_t *pixels_of(figure *f) {
    reader r = {f, 0};
    cairo_surface_t *surface = cairo_image_surface_create_from_png_stream(read_on, &r);
    assert_int_equal(cairo_surface_status(surface), CAIRO_STATUS_SUCCESS);
    free(f->bytes);
    return surface;
}

/* Red, green, blue of 0..1 at a place in CSS pixels, on a sheet drawn 4 times as fine. */
enum { SHARP = 4 };
static colour pixel(cairo_surface_t *surface, double x, double y) {
    const size_t row = (size_t)(y * SHARP), column = (size_t)(x * SHARP);
    const unsigned char *data = cairo_image_surface_get_data(surface);
    uint32_t value;
    memcpy(&value, data + row * (size_t)cairo_image_surface_get_stride(surface) + 4 * column, 4);
    return (colour){(value >> 16 & 255) / 255.0, (value >> 8 & 255) / 255.0, (value & 255) / 255.0};
}

static bool is_near(colour a, colour b) {
    return fabs(a.r - b.r) + fabs(a.g - b.g) + fabs(a.b - b.b) < 0.1;
}

static void test_curve_where_it_belongs(void **state) {
    (void)state;
    curves_layout l;
    figure f = {0};
    assert_ok(curves_layout_init(&l, &survival, &err));
    assert_ok(evidence_draw_survival(&survival, SHARP, &f, &err));
    cairo_surface_t *surface = pixels_of(&f);
    const double middle[] = {1, 3.5, 5.2, 7, 10}, height[] = {1, 0.75, 0.5, 0.25, 0.25};
    for (size_t i = 0; i < 5; i++) {
        const double x = panel_x(&l.frame, middle[i]), y = panel_y(&l.frame, height[i]);
        assert_true(is_near(pixel(surface, x, y), evidence_colour(0)));
        assert_false(is_near(pixel(surface, x, y + 5), evidence_colour(0)));
    }
    /* the band: tinted inside, white outside */
    const double x = panel_x(&l.frame, 3);
    assert_true(pixel(surface, x + 8, panel_y(&l.frame, 0.55)).r < 0.95);
    assert_true(pixel(surface, x + 8, panel_y(&l.frame, 0.45)).r > 0.95);
    cairo_surface_destroy(surface);
}

/* Shares of dark pixels along a dashed line. */
static double darkness(cairo_surface_t *surface, const panel *p, double (*line_at)(double share, double *x)) {
    enum { SAMPLES = 400 };
    size_t dark = 0;
    for (size_t i = 1; i < SAMPLES; i++) {
        double x;
        const double y = line_at((double)i / SAMPLES, &x);
        dark += pixel(surface, panel_x(p, x), panel_y(p, y)).r < 0.5;
    }
    return (double)dark / SAMPLES;
}

static double odds_line(double share, double *x) {
    const double odds = exp(labbe.log_odds_ratio) * share / (1 - share);
    *x = share;
    return odds / (1 + odds);
}

static double beside_odds_line(double share, double *x) {
    return fmin(odds_line(share, x) + 0.03, 1);
}

static void test_line_of_odds(void **state) {
    (void)state;
    figure f = {0};
    const panel p = evidence_labbe_panel(&labbe);
    assert_ok(evidence_draw_labbe(&labbe, SHARP, &f, &err));
    cairo_surface_t *surface = pixels_of(&f);
    assert_true(darkness(surface, &p, odds_line) > 0.35);
    assert_true(darkness(surface, &p, beside_odds_line) < 0.15);
    cairo_surface_destroy(surface);
}

static double limit_of_funnel(double share, double *x) {
    *x = funnel.centre - 1.959964 * share * 0.5;
    return share * 0.5;
}

static double beside_limit(double share, double *x) {
    const double se = limit_of_funnel(share, x);
    *x -= 0.03;
    return se;
}

/* Grey by the p of a test against the reference: lighter the further out, white in the middle. */
static void test_funnel_ground(void **state) {
    (void)state;
    figure f = {0};
    panel p;
    size_t left_out;
    assert_ok(evidence_funnel_panel(&funnel, &p, &left_out, &err));
    assert_int_equal(left_out, 1);
    assert_ok(evidence_draw_funnel(&funnel, SHARP, &f, &err));
    cairo_surface_t *surface = pixels_of(&f);
    const double z[] = {1.55, 1.73, 1.88, 2.1, 2.45, 2.7}, grey[] = {1, 0.79, 0.79, 0.88, 0.88, 0.95}, se = 0.45;
    for (size_t i = 0; i < 6; i++)
        for (int side = -1; side <= 1; side += 2)
            if (funnel.reference + side * z[i] * se > p.x.from && funnel.reference + side * z[i] * se < p.x.to) {
                const colour got = pixel(surface, panel_x(&p, funnel.reference + side * z[i] * se), panel_y(&p, se));
                assert_true(fabs(got.r - grey[i]) < 0.01);
            }
    assert_true(darkness(surface, &p, limit_of_funnel) > 0.35);
    assert_true(darkness(surface, &p, beside_limit) < 0.15);
    cairo_surface_destroy(surface);
}

typedef struct threads {
    st_forest forest;
    figure got[8];
    bool failed[8];
} threads;

static void draw_some(void *context, size_t begin, size_t end) {
    threads *t = context;
    for (size_t i = begin; i < end; i++)
        t->failed[i] = evidence_draw_forest(&t->forest, i % 2 ? CANVAS_PDF : CANVAS_SVG, &t->got[i], NULL) != ST_OK;
}

static void test_threads(void **state) {
    (void)state;
    threads t = {.forest = plain_forest()};
    st_parallel_for(8, 4, draw_some, &t);
    for (size_t i = 0; i < 8; i++) {
        assert_false(t.failed[i]);
        assert_int_equal(t.got[i].size, t.got[i % 2].size);
        assert_memory_equal(t.got[i].bytes, t.got[i % 2].bytes, t.got[i].size);
    }
    for (size_t i = 0; i < 8; i++)
        free(t.got[i].bytes);
}

static void test_extremes_are_drawn(void **state) {
    (void)state;
    const double zero[] = {0, 0}, same[] = {1, 1}, half[] = {0.5};
    const st_funnel one = {NULL, NULL, ST_SCALE_LOGISTIC, zero, zero, 1, 0, NAN, NULL, NULL, 0};
    const st_baujat equal = {NULL, NULL, same, same, 2}, nothing = {NULL, NULL, zero, zero, 1};
    const st_labbe bare = {NULL, NULL, NULL, NULL, half, half, NULL, 1, ST_SCALE_PLAIN, NAN};
    const st_labbe far = {NULL, NULL, NULL, NULL, zero, zero, NULL, 2, ST_SCALE_EXP, INFINITY};
    const st_survival_line empty = {0};
    const st_survival_figure still = {.lines = &empty, .n_lines = 1},
                             flat = {.lines = &empty, .n_lines = 1, .rising = true};
    st_forest f = forest_of(ROWS, ST_SCALE_LOGISTIC);
    assert_ok(st_figure_forest(FOLDER "/a.png", &f, &err));
    f.n_rows = 1;
    rows[0] = (st_forest_row){NULL, NULL, -230, -INFINITY, INFINITY, NAN, 0};
    assert_ok(st_figure_forest(FOLDER "/a.svg", &f, &err));
    assert_ok(st_figure_funnel(FOLDER "/a.svg", &one, &err));
    assert_ok(st_figure_baujat(FOLDER "/a.svg", &equal, &err));
    assert_ok(st_figure_baujat(FOLDER "/a.svg", &nothing, &err));
    assert_ok(st_figure_labbe(FOLDER "/a.svg", &bare, &err));
    assert_ok(st_figure_labbe(FOLDER "/a.svg", &far, &err));
    assert_ok(st_figure_survival(FOLDER "/a.svg", &still, &err));
    assert_ok(st_figure_survival(FOLDER "/a.svg", &flat, &err));
    assert_int_equal(unlink(FOLDER "/a.svg"), 0);
    assert_int_equal(unlink(FOLDER "/a.png"), 0);
}

/* More groups than a PNG has pixels for. */
static void test_too_high(void **state) {
    (void)state;
    enum { GROUPS = ROWS };
    st_forest f = forest_of(ROWS, ST_SCALE_PLAIN);
    static const char *names[GROUPS];
    static st_forest_pool pools[GROUPS];
    for (size_t i = 0; i < GROUPS; i++) {
        names[i] = "Group";
        pools[i] = (st_forest_pool){"Pool", "note", 0, -1, 1, -2, 2};
        rows[i].group = (uint32_t)i;
    }
    f.groups = names;
    f.n_groups = GROUPS;
    f.group_pools = pools;
    assert_int_equal(st_figure_forest(FOLDER "/high.png", &f, &err), ST_VALUE);
    assert_non_null(strstr(err.what, ".svg or .pdf"));
    assert_ok(st_figure_forest(FOLDER "/high.pdf", &f, &err));
    assert_int_equal(unlink(FOLDER "/high.pdf"), 0);
}

static void test_nothing_to_draw(void **state) {
    (void)state;
    const double none[] = {NAN}, beyond[] = {1.5}, minus[] = {-1};
    st_funnel f = {NULL, NULL, ST_SCALE_PLAIN, none, none, 1, 0, NAN, NULL, NULL, 0};
    const st_baujat b = {NULL, NULL, none, none, 1};
    st_labbe l = {NULL, NULL, NULL, NULL, none, none, NULL, 1, ST_SCALE_EXP, NAN};
    assert_int_equal(st_figure_funnel(FOLDER "/n.svg", &f, &err), ST_VALUE);
    f.centre = NAN;
    assert_int_equal(st_figure_funnel(FOLDER "/n.svg", &f, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "centre"));
    assert_int_equal(st_figure_baujat(FOLDER "/n.svg", &b, &err), ST_VALUE);
    assert_int_equal(st_figure_labbe(FOLDER "/n.svg", &l, &err), ST_VALUE);
    l.x = l.y = beyond;
    assert_int_equal(st_figure_labbe(FOLDER "/n.svg", &l, &err), ST_VALUE);
    assert_non_null(strstr(err.what, "between 0 and 1"));
    l.x = l.y = risks;
    l.weight = minus;
    assert_int_equal(st_figure_labbe(FOLDER "/n.svg", &l, &err), ST_VALUE);
    assert_int_equal(count_entries(), 0);
}

static void test_no_half_file(void **state) {
    (void)state;
    static const char *const wrong[] = {FOLDER "/a.jpg", FOLDER "/a", FOLDER ".svg/a", "", ".svg/", FOLDER "/png"};
    const st_forest forest = plain_forest();
    for (size_t i = 0; i < FIGURES_OF_EVIDENCE; i++) {
        for (size_t k = 0; k < sizeof wrong / sizeof wrong[0]; k++) {
            assert_int_equal(write_one(i, wrong[k], &forest, &err), ST_USAGE);
            assert_non_null(strstr(err.what, ".svg, .pdf or .png"));
        }
        assert_int_equal(write_one(i, FOLDER "/none/a.svg", &forest, &err), ST_IO);
    }
    if (geteuid() != 0) { /* root may write anywhere */
        assert_int_equal(chmod(FOLDER, 0500), 0);
        assert_int_equal(write_one(0, FOLDER "/a.pdf", &forest, &err), ST_IO);
        assert_int_equal(chmod(FOLDER, 0700), 0);
    }
    assert_int_equal(mkdir(FOLDER "/a.svg", 0700), 0); /* a folder is in the way */
    assert_int_equal(write_one(1, FOLDER "/a.svg", &forest, &err), ST_IO);
    assert_int_equal(count_entries(), 1);
    assert_int_equal(rmdir(FOLDER "/a.svg"), 0);
}

static int set_up(void **state) {
    (void)state;
    return mkdir(FOLDER, 0700);
}

static int tear_down(void **state) {
    (void)state;
    return rmdir(FOLDER);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_forest_places),
        cmocka_unit_test(test_forest_geometry),
        cmocka_unit_test(test_forest_axis),
        cmocka_unit_test(test_forest_groups),
        cmocka_unit_test(test_forest_long_labels),
        cmocka_unit_test(test_forest_refusals),
        cmocka_unit_test(test_curves),
        cmocka_unit_test(test_key_covers_nothing),
        cmocka_unit_test(test_curves_refusals),
        cmocka_unit_test(test_labels_lie_apart),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_marks_in_svg),
        cmocka_unit_test(test_curve_where_it_belongs),
        cmocka_unit_test(test_line_of_odds),
        cmocka_unit_test(test_funnel_ground),
        cmocka_unit_test(test_threads),
        cmocka_unit_test(test_extremes_are_drawn),
        cmocka_unit_test(test_too_high),
        cmocka_unit_test(test_nothing_to_draw),
        cmocka_unit_test(test_no_half_file),
    };
    return cmocka_run_group_tests_name("figures", tests, set_up, tear_down);
}
