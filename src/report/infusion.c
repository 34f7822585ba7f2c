/* Curves of the infusion, as the operator follows it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "canvas.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>

/* Layout, CSS pixels. */
static const double WIDTH = 1000, ROW = 290, THICK = 2.2, DOTS = 2, DOT = 4.5;
static const double HEAD_ROOM = 1.12; /* of the axis beyond the largest value */

/* The endpoint that the operator waits for, as a level of one of the two panels. */
typedef struct endpoint_level {
    double beats, flow_percent; /* NaN: not by this one */
} endpoint_level;

static endpoint_level level_of(const st_case *c) {
    endpoint_level level = {NAN, NAN};
    if (c->endpoint == ST_ENDPOINT_STASIS)
        level.beats = st_parameter_value(&c->parameters, ST_P_STASIS_BEATS);
    else if (c->endpoint == ST_ENDPOINT_NEAR_STASIS)
        level.beats = st_parameter_value(&c->parameters, ST_P_NEAR_STASIS_BEATS);
    else if (c->endpoint == ST_ENDPOINT_SUBSTASIS)
        level.flow_percent = st_parameter_value(&c->parameters, ST_P_SUBSTASIS_FLOW_LEFT) / ST_PERCENT;
    return level;
}

/* The infusions through one tip, one after the other. */
typedef struct course {
    const st_infusion *step;
    size_t n;
} course;

static course course_of(const st_session_result *session, size_t tip, size_t steps) {
    return (course){&session->infusions[tip * steps], steps};
}

static double given(const course *k) { /* mL */
    double sum = 0;
    for (size_t i = 0; i < k->n; i++)
        sum += k->step[i].suspension_volume / ST_ML;
    return sum;
}

static double most_given(const st_session_result *session, size_t steps) {
    double most = 0;
    for (size_t t = 0; t < session->n_infusions / steps; t++) {
        const course k = course_of(session, t, steps);
        most = fmax(most, given(&k));
    }
    return most;
}

/* Of a point on the curve; the flow as a part of that before anything was given. */
static double curve_value(const plot *p, const course *k, const st_infusion_point *point, bool beats) {
    return beats ? fmin(point->clearance_beats, 2 * p->y_to)
                 : point->tip_flow / k->step[0].tip_flow_before / ST_PERCENT;
}

/* One of the infusions, which begins after `before` mL; oil is dotted. */
static st_status draw_curve(const plot *p, const course *k, const st_infusion *infusion, double before, colour hue,
                            bool beats, st_error *err) {
    const size_t n = infusion->n_curve;
    double *x = st_alloc(n, sizeof *x, err), *y = st_alloc(n, sizeof *y, err);
    if (x != NULL && y != NULL) {
        for (size_t i = 0; i < n; i++) {
            x[i] = before + infusion->curve[i].suspension / ST_ML;
            y[i] = curve_value(p, k, &infusion->curve[i], beats);
        }
        plot_line(p, hue, THICK, infusion->kind == ST_AGENT_OIL ? DOTS : 0, x, y, n);
    }
    const st_status status = x != NULL && y != NULL ? ST_OK : ST_MEMORY;
    free(x);
    free(y);
    return status;
}

static st_status draw_course(const plot *p, const course *k, colour hue, bool beats, st_error *err) {
    st_status status = ST_OK;
    double before = 0;
    for (size_t i = 0; i < k->n && status == ST_OK; i++) {
        status = draw_curve(p, k, &k->step[i], before, hue, beats, err);
        before += k->step[i].suspension_volume / ST_ML;
    }
    return status;
}

typedef struct place {
    double x, y;
} place;

/* Up from where a number would stand until none of those before it is in the way. */
static place free_place(const place *taken, size_t n, place at) {
    const double room = TEXT_NORMAL;
    for (size_t i = 0; i < n; i++)
        if (fabs(taken[i].x - at.x) < room && fabs(taken[i].y - at.y) < room) {
            at.y = taken[i].y - room;
            i = (size_t)-1; /* look at all of them again */
        }
    return at;
}

/* Where the last infusion of each tip stopped: a dot and the number of the tip. */
static st_status draw_ends(const plot *p, const st_session_result *session, size_t steps, size_t first, bool beats,
                           st_error *err) {
    const size_t tips = session->n_infusions / steps;
    place *taken = st_alloc(tips, sizeof *taken, err);
    if (taken == NULL)
        return ST_MEMORY;
    size_t n = 0;
    for (size_t t = 0; t < tips; t++) {
        const course k = course_of(session, t, steps);
        const st_infusion *last = &k.step[k.n - 1];
        if (last->n_curve == 0) /* nothing flowed */
            continue;
        const double x = given(&k), y = fmin(curve_value(p, &k, &last->curve[last->n_curve - 1], beats), p->y_to);
        plot_dot(p, x, y, DOT, colour_of_tip(first + t + 1));
        taken[n] = free_place(taken, n, (place){plot_x(p, x) + 2.4 * DOT, plot_y(p, y) - 2 * DOT});
        canvas_tip(p->c, taken[n].x, taken[n].y, TEXT_NORMAL, first + t + 1);
        n++;
    }
    free(taken);
    return ST_OK;
}

static st_status draw_infusions(const plot *p, const st_session_result *session, size_t steps, size_t first, bool beats,
                                st_error *err) {
    st_status status = ST_OK;
    for (size_t t = 0; t < session->n_infusions / steps && status == ST_OK; t++) {
        const course k = course_of(session, t, steps);
        status = draw_course(p, &k, colour_of_tip(first + t + 1), beats, err);
    }
    return status == ST_OK ? draw_ends(p, session, steps, first, beats, err) : status;
}

static st_status draw_session(const canvas *c, const st_case *kase, const st_result *r, size_t s, size_t first,
                              st_error *err) {
    const st_session_result *session = &r->sessions[s];
    const endpoint_level level = level_of(kase);
    const double most = most_given(session, kase->regimen.n);
    char flow_title[128], beats_title[128];
    const char *endpoint = st_endpoint_name(kase->endpoint);
    plot flow = plot_panel(c, 0, (double)s * ROW, WIDTH / 2, ROW);
    plot beats = plot_panel(c, WIDTH / 2, (double)s * ROW, WIDTH / 2, ROW);
    flow.x_to = beats.x_to = most > 0 ? most * HEAD_ROOM : 1;
    flow.y_to = 105;
    beats.y_to =
        isfinite(level.beats) ? 1.6 * level.beats : 1.6 * st_parameter_value(&kase->parameters, ST_P_STASIS_BEATS);
    flow.x_label = beats.x_label = "given through the tip, mL";
    flow.y_label = "flow at the tip, % of that before";
    beats.y_label = "heartbeats to clear the column";
    snprintf(flow_title, sizeof flow_title, "Session %zu, week %.3g: flow left%s%s", s + 1,
             r->plan.sessions[s].time / ST_WEEK, isfinite(level.flow_percent) ? "; dashed: " : "",
             isfinite(level.flow_percent) ? endpoint : "");
    snprintf(beats_title, sizeof beats_title, "Clearance of contrast%s%s", isfinite(level.beats) ? "; dashed: " : "",
             isfinite(level.beats) ? endpoint : "");
    flow.title = flow_title;
    beats.title = beats_title;
    plot_frame(&flow);
    plot_frame(&beats);
    plot_level(&beats, level.beats, alert, "");
    plot_level(&flow, level.flow_percent, alert, "");
    const st_status status = draw_infusions(&flow, session, kase->regimen.n, first, false, err);
    return status == ST_OK ? draw_infusions(&beats, session, kase->regimen.n, first, true, err) : status;
}

st_status figure_infusion(const st_case *c, const st_result *result, figure *f, st_error *err) {
    const size_t sessions = result->plan.n_sessions;
    canvas sheet;
    if (sessions == 0)
        return ST_OK;
    st_status status = canvas_begin(&sheet, f, WIDTH, (double)sessions * ROW, 0, err);
    if (status != ST_OK)
        return status;
    size_t first = 0;
    for (size_t s = 0; s < sessions && status == ST_OK; s++) {
        status = draw_session(&sheet, c, result, s, first, err);
        first += result->plan.sessions[s].n_tips;
    }
    const st_status ended = canvas_end(&sheet, err);
    return status != ST_OK ? status : ended;
}
