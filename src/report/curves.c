/* Curves of survival (Kaplan and Meier 1958) or cumulative incidence.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "curves.h"

#include <math.h>
#include <string.h>

static const double SAMPLE = 18, CENSORED = 3.2;

/* ---- curves ------------------------------------------------------------------------ */

static double end_of_step(const st_survival_line *line, size_t i) {
    return i + 1 < line->n ? line->time[i + 1] : curves_end(line);
}

static bool has_limits(const st_survival_line *line, size_t i) {
    return isfinite(line->lower[i]) && isfinite(line->upper[i]);
}

/* The steps first..last - 1, there along the upper limits and back along the lower. */
static void trace_band(const panel *f, const st_survival_line *line, size_t first, size_t last) {
    cairo_t *cr = f->c->cr;
    for (size_t i = first; i < last; i++) {
        cairo_line_to(cr, panel_x(f, line->time[i]), panel_y(f, line->upper[i]));
        cairo_line_to(cr, panel_x(f, end_of_step(line, i)), panel_y(f, line->upper[i]));
    }
    for (size_t i = last; i-- > first;) {
        cairo_line_to(cr, panel_x(f, end_of_step(line, i)), panel_y(f, line->lower[i]));
        cairo_line_to(cr, panel_x(f, line->time[i]), panel_y(f, line->lower[i]));
    }
    cairo_close_path(cr);
}

static void draw_band(const panel *f, const st_survival_line *line, colour hue, double light) {
    if (line->lower == NULL || line->upper == NULL)
        return;
    for (size_t i = 0; i < line->n;) {
        size_t last = i;
        while (last < line->n && has_limits(line, last))
            last++;
        if (last > i)
            trace_band(f, line, i, last);
        i = last > i ? last : i + 1;
    }
    canvas_colour(f->c, hue, light);
    cairo_fill(f->c->cr);
}

static void draw_steps(const panel *f, const st_survival_line *line, bool rising, colour hue) {
    double y = panel_y(f, rising ? 0 : 1);
    evidence_stroke(f->c, hue, 1, CURVE);
    cairo_set_line_join(f->c->cr, CAIRO_LINE_JOIN_MITER);
    cairo_move_to(f->c->cr, panel_x(f, 0), y);
    for (size_t i = 0; i < line->n; i++) {
        cairo_line_to(f->c->cr, panel_x(f, line->time[i]), y);
        y = panel_y(f, line->survival[i]);
        cairo_line_to(f->c->cr, panel_x(f, line->time[i]), y);
    }
    cairo_line_to(f->c->cr, panel_x(f, curves_end(line)), y);
    cairo_stroke(f->c->cr);
    evidence_stroke(f->c, hue, 1, RULE);
    for (size_t i = 0; i < line->n_censored; i++) {
        const double at = panel_x(f, line->censored_at[i]);
        const double level = panel_y(f, curves_at(line, rising, line->censored_at[i]));
        canvas_line(f->c, at, level - CENSORED, at, level + CENSORED);
    }
}

/* From the axis to the curve that falls below one half last, and down from each. */
static void draw_medians(const panel *f, const st_survival_figure *s) {
    const double half = 0.5;
    double last = NAN;
    evidence_dash(f->c, 3, 2.5);
    for (size_t k = 0; k < s->n_lines; k++) {
        const double median = curves_median(&s->lines[k]);
        if (isnan(median))
            continue;
        last = fmax(last, median); /* not NaN */
        evidence_stroke(f->c, s->n_lines > 1 ? evidence_colour(k) : evidence_grey, 1, RULE);
        canvas_line(f->c, panel_x(f, median), panel_y(f, half), panel_x(f, median), f->bottom);
    }
    evidence_stroke(f->c, evidence_grey, 1, RULE);
    if (!isnan(last))
        canvas_line(f->c, f->left, panel_y(f, half), panel_x(f, last), panel_y(f, half));
    evidence_dash(f->c, 0, 0);
}

/* ---- words ------------------------------------------------------------------------- */

static void show_key(const canvas *c, const curves_layout *l, size_t n_lines) {
    double y = l->key_top + 0.5 * l->key_pitch;
    for (size_t k = 0; k < n_lines && l->key; k++, y += l->key_pitch) {
        evidence_stroke(c, evidence_colour(k), 1, CURVE);
        canvas_line(c, l->key_left, y, l->key_left + SAMPLE, y);
        canvas_colour(c, ink, 1);
        type_show(c, l->key_left + SAMPLE + 6, y + 0.35 * TYPE_BODY.size, LEFT, TYPE_BODY, l->name[k]);
    }
    canvas_colour(c, ink, 1);
    for (size_t i = 0; i < l->notes; i++, y += l->key_pitch)
        type_show(c, l->key_left, y + 0.35 * TYPE_BODY.size, LEFT, TYPE_BODY, l->note_line[i]);
}

static void show_risk(const canvas *c, const curves_layout *l, const st_survival_figure *s) {
    double y = l->risk_top + l->risk_pitch;
    canvas_colour(c, ink, 1);
    type_show(c, EVIDENCE_MARGIN, y, LEFT, TYPE_FINE_BOLD, "Number at risk");
    for (size_t k = 0; k < s->n_lines; k++) {
        y += l->risk_pitch;
        canvas_colour(c, l->key ? evidence_colour(k) : ink, 1);
        type_show(c, EVIDENCE_MARGIN, y, LEFT, TYPE_FINE, l->risk_name[k]);
        canvas_colour(c, ink, 1);
        for (size_t i = 0; i < l->frame.x.n && s->lines[k].n_subjects > 0; i++) {
            char text[AXIS_TEXT];
            const double at = l->frame.left + axis_share_of_tick(&l->frame.x, i) * (l->frame.right - l->frame.left);
            axis_number((double)curves_at_risk(&s->lines[k], l->frame.x.tick[i]), 0, text);
            type_show(c, at, y, MIDDLE, TYPE_FINE, text);
        }
    }
}

/* ---- all of it --------------------------------------------------------------------- */

static void draw(const canvas *c, curves_layout *l, const st_survival_figure *s) {
    char text[TYPE_TEXT], label[TYPE_TEXT];
    panel *f = &l->frame;
    const double light = s->n_lines <= 2 ? 0.16 : 0.09;
    f->c = c;
    for (size_t k = 0; k < s->n_lines; k++)
        draw_band(f, &s->lines[k], evidence_colour(k), light);
    if (!s->rising)
        draw_medians(f, s);
    for (size_t k = 0; k < s->n_lines; k++)
        draw_steps(f, &s->lines[k], s->rising, evidence_colour(k));
    type_plain(s->x_label != NULL ? s->x_label : "Time", 2 * TYPE_LABEL, text);
    evidence_percent_label(s->y_label, s->rising ? "Cumulative incidence" : "Survival", label);
    panel_draw(f, text, label);
    show_key(c, l, s->n_lines);
    if (l->risk)
        show_risk(c, l, s);
    if (s->title != NULL)
        evidence_title(c, s->title);
}

st_status evidence_draw_survival(const st_survival_figure *s, double scale, figure *out, st_error *err) {
    curves_layout l;
    canvas c;
    *out = (figure){0};
    st_status status = curves_layout_init(&l, s, err);
    if (status == ST_OK)
        status = evidence_begin(&c, out, l.height, scale, err);
    if (status == ST_OK) {
        draw(&c, &l, s);
        status = canvas_end(&c, err);
    }
    return status;
}
