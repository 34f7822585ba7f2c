/* Curves of the months after: diameters, markers, enzymes.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "canvas.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>

/* Layout, CSS pixels. */
static const double WIDTH = 1000, ROW = 300, THIN = 1.4, THICK = 2.2, DOT = 4.5;
static const double HEAD_ROOM = 1.12, SIDE_ROOM = 1.03; /* of the axes beyond the largest value */

typedef double (*visit_value)(const st_visit *visit, const st_course *course);

static double diameters(const st_visit *v, const st_course *course) {
    (void)course;
    return v->sum_of_diameters;
}

static double viable(const st_visit *v, const st_course *course) {
    (void)course;
    return v->sum_of_viable_diameters;
}

static double hiaa(const st_visit *v, const st_course *course) {
    (void)course;
    return v->marker_5hiaa / ST_PERCENT;
}

static double cga(const st_visit *v, const st_course *course) {
    (void)course;
    return v->marker_cga / ST_PERCENT;
}

/* The length at which RECIST calls progression: over the smallest sum so far, by a share and by a length. */
typedef struct progression {
    double rise, absolute;
} progression;

static void progression_line(const st_course *course, const progression *p, double *y) {
    double nadir = INFINITY;
    for (size_t i = 0; i < course->n_weekly; i++) {
        nadir = fmin(nadir, course->weekly[i].sum_of_diameters);
        y[i] = nadir + fmax(p->rise * nadir, p->absolute);
    }
}

typedef struct series {
    const st_course *course;
    double *week, *value; /* [n_weekly] */
} series;

static double fill(series *s, visit_value value) {
    double most = 0;
    for (size_t i = 0; i < s->course->n_weekly; i++) {
        s->week[i] = s->course->weekly[i].time / ST_WEEK;
        s->value[i] = value(&s->course->weekly[i], s->course);
        most = isfinite(s->value[i]) ? fmax(most, s->value[i]) : most;
    }
    return most;
}

static void mark_sessions(const plot *p, const st_plan *plan, double unit) {
    for (size_t s = 0; s < plan->n_sessions; s++) {
        char text[32];
        snprintf(text, sizeof text, "session %zu", s + 1);
        if (plan->sessions[s].time / unit <= p->x_to)
            plot_event(p, plan->sessions[s].time / unit, text);
    }
}

/* The category at each visit, beside its dot. */
static void mark_visits(const plot *p, const st_course *course, visit_value value, colour hue, double shift,
                        st_response (*category)(const st_visit *visit)) {
    for (size_t i = 0; i < course->n_visits; i++) {
        const st_visit *v = &course->visits[i];
        const double x = v->time / ST_WEEK, y = value(v, course);
        if (!isfinite(y))
            continue;
        plot_dot(p, x, y, DOT, hue);
        if (category != NULL)
            canvas_label(p->c, plot_x(p, x), plot_y(p, y) + shift, TEXT_SMALL, hue, white,
                         st_response_name(category(v)));
    }
}

static st_response recist_of(const st_visit *v) {
    return v->recist;
}
static st_response mrecist_of(const st_visit *v) {
    return v->mrecist;
}
static st_response biochemical_of(const st_visit *v) {
    return v->biochemical;
}

/* Names of the lines, in their colours, below the title. */
static void key(const plot *p, size_t place, colour hue, double dash, const char *text) {
    const double y = p->top + p->height - 10 - 16 * (double)place, x = p->left + 12;
    cairo_save(p->c->cr);
    cairo_rectangle(p->c->cr, x - 4, y - 13, 40 + canvas_text_width(p->c, TEXT_SMALL, text), 17);
    canvas_colour(p->c, white, 0.85);
    cairo_fill(p->c->cr);
    cairo_set_dash(p->c->cr, &dash, dash > 0 ? 1 : 0, 0);
    cairo_set_line_width(p->c->cr, THICK);
    canvas_colour(p->c, hue, 1);
    canvas_line(p->c, x, y - 4, x + 26, y - 4);
    cairo_restore(p->c->cr);
    canvas_colour(p->c, ink, 1);
    canvas_text(p->c, x + 32, y, LEFT, TEXT_SMALL, text);
}

/* Where no lesion is measurable. */
static void draw_no_target(const canvas *c) {
    canvas_colour(c, ink, 1);
    canvas_text(c, WIDTH / 2, ROW / 2, MIDDLE, TEXT_NORMAL,
                "No lesion is large enough to be measured: no target, no response by RECIST 1.1, mRECIST or WHO.");
}

static void draw_diameters(const canvas *c, const st_case *kase, const st_result *r, series *s) {
    const st_course *course = s->course;
    const st_parameters *parameters = &kase->parameters;
    const progression pd = {st_parameter_value(parameters, ST_P_RECIST_PD_RISE),
                            st_parameter_value(parameters, ST_P_RECIST_PD_ABSOLUTE)};
    const double fall = st_parameter_value(parameters, ST_P_RECIST_PR_FALL);
    const double baseline = course->weekly[0].sum_of_diameters, dash = 6, dots = 2;
    char text[64];
    plot p = plot_panel(c, 0, 0, WIDTH, ROW);
    p.x_to = course->weekly[course->n_weekly - 1].time / ST_WEEK * SIDE_ROOM;
    p.y_to = fmax(fill(s, diameters), baseline + fmax(pd.rise * baseline, pd.absolute)) * HEAD_ROOM;
    p.title = "Target lesions: longest diameter (RECIST 1.1) and its viable part (mRECIST), simulated";
    p.x_label = "weeks after the first session";
    p.y_label = "sum of diameters, mm";
    plot_frame(&p);
    snprintf(text, sizeof text, "partial response: %.0f %% below baseline", fall / ST_PERCENT);
    plot_level(&p, baseline * (1 - fall), muted, text);
    mark_sessions(&p, &r->plan, ST_WEEK);
    plot_line(&p, calm, THICK, 0, s->week, s->value, course->n_weekly);
    fill(s, viable);
    plot_line(&p, alert, THICK, dash, s->week, s->value, course->n_weekly);
    progression_line(course, &pd, s->value);
    plot_line(&p, muted, THIN, dots, s->week, s->value, course->n_weekly);
    mark_visits(&p, course, diameters, calm, -3 * DOT, recist_of);
    mark_visits(&p, course, viable, alert, 3 * DOT, mrecist_of);
    key(&p, 2, calm, 0, "longest diameters, RECIST 1.1 category at the visits");
    key(&p, 1, alert, dash, "viable diameters, mRECIST category");
    key(&p, 0, muted, dots, "progression by RECIST 1.1: above this line");
}

static void draw_markers(const canvas *c, const st_case *kase, const st_result *r, series *s) {
    const st_course *course = s->course;
    const double fall = st_parameter_value(&kase->parameters, ST_P_BIOCHEMICAL_PR_FALL), dash = 6, full = 100;
    char text[64];
    plot p = plot_panel(c, 0, ROW, WIDTH / 2, ROW);
    p.x_to = course->weekly[course->n_weekly - 1].time / ST_WEEK * SIDE_ROOM;
    p.y_to = fmax(fmax(fill(s, cga), fill(s, hiaa)), full) * HEAD_ROOM;
    p.title = "Markers, simulated";
    p.x_label = "weeks after the first session";
    p.y_label = "% of baseline";
    plot_frame(&p);
    snprintf(text, sizeof text, "major fall: %.0f %%", fall / ST_PERCENT);
    plot_level(&p, full - fall / ST_PERCENT, muted, text);
    mark_sessions(&p, &r->plan, ST_WEEK);
    plot_line(&p, calm, THICK, 0, s->week, s->value, course->n_weekly);
    fill(s, cga);
    plot_line(&p, alert, THICK, dash, s->week, s->value, course->n_weekly);
    mark_visits(&p, course, hiaa, calm, -3 * DOT, biochemical_of);
    key(&p, 1, calm, 0, "urinary 5-HIAA, category at the visits");
    key(&p, 0, alert, dash, "chromogranin A");
}

static st_status draw_enzymes(const canvas *c, const st_result *r, st_error *err) {
    const st_course *course = &r->course;
    const size_t n = course->n_enzymes;
    double *day = st_alloc(n, sizeof *day, err), *value = st_alloc(n, sizeof *value, err);
    const double dash = 6;
    plot p = plot_panel(c, WIDTH / 2, ROW, WIDTH / 2, ROW);
    if (day == NULL || value == NULL) {
        free(day);
        free(value);
        return ST_MEMORY;
    }
    for (size_t i = 0; i < n; i++) {
        day[i] = course->enzymes[i].time / ST_DAY;
        value[i] = course->enzymes[i].ast;
    }
    p.x_to = n > 0 ? day[n - 1] : 1;
    p.y_to = plot_round_up(fmax(fmax(course->ast_peak, course->alt_peak), 1) * HEAD_ROOM);
    p.title = "Aminotransferases from dead normal liver, simulated";
    p.x_label = "days after the first session";
    p.y_label = "times baseline";
    plot_frame(&p);
    mark_sessions(&p, &r->plan, ST_DAY);
    plot_line(&p, calm, THICK, 0, day, value, n);
    for (size_t i = 0; i < n; i++)
        value[i] = course->enzymes[i].alt;
    plot_line(&p, alert, THICK, dash, day, value, n);
    key(&p, 1, calm, 0, "AST");
    key(&p, 0, alert, dash, "ALT");
    free(day);
    free(value);
    return ST_OK;
}

st_status figure_course(const st_case *c, const st_result *result, figure *f, st_error *err) {
    const st_course *course = &result->course;
    if (course->n_weekly == 0)
        return ST_OK;
    canvas sheet;
    series s = {.course = course};
    s.week = st_alloc(course->n_weekly, sizeof *s.week, err);
    s.value = st_alloc(course->n_weekly, sizeof *s.value, err);
    st_status status = s.week != NULL && s.value != NULL ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        status = canvas_begin(&sheet, f, WIDTH, 2 * ROW, 0, err);
    if (status == ST_OK) {
        if (course->n_targets > 0)
            draw_diameters(&sheet, c, result, &s);
        else
            draw_no_target(&sheet);
        draw_markers(&sheet, c, result, &s);
        status = draw_enzymes(&sheet, result, err);
        const st_status ended = canvas_end(&sheet, err);
        status = status != ST_OK ? status : ended;
    }
    free(s.week);
    free(s.value);
    return status;
}
