/* The funnel plot: estimates over their standard errors, with the limits around the pool (Sterne and Egger 2001) or
 * contours of significance (Peters and others, J Clin Epidemiol 2008;61:991).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence.h"

#include <math.h>
#include <stasis/meta.h>

/* CSS pixels. */
static const double FRAME = 330, LEFT_SIDE = 62, AXIS_ROOM = 48;
enum { CONTOURS = 3 };
static const double SURE[CONTOURS] = {0.99, 0.95, 0.90}; /* 1 - p of each contour, p two-sided */
static const double LEVEL = 0.95;                        /* of the limits around the pool */
static const colour shade[CONTOURS + 1] = {{0.95, 0.95, 0.95}, {0.88, 0.88, 0.88}, {0.79, 0.79, 0.79}, {1, 1, 1}};

static bool is_shown(double estimate, double se, st_axis_scale scale) {
    return fabs(estimate) <= axis_most(scale) && se >= 0 && se <= axis_most(scale);
}

typedef struct reach {
    double low, high, se;
    size_t shown, left_out;
} reach;

static void extend(reach *r, const double *estimate, const double *se, size_t n, st_axis_scale scale) {
    for (size_t i = 0; i < n; i++)
        if (is_shown(estimate[i], se[i], scale)) {
            r->low = fmin(r->low, estimate[i]);
            r->high = fmax(r->high, estimate[i]);
            r->se = fmax(r->se, se[i]);
            r->shown++;
        } else {
            r->left_out++;
        }
}

st_status evidence_funnel_panel(const st_funnel *funnel, panel *f, size_t *left_out, st_error *err) {
    const double margin = 0.03;
    *f = (panel){.left = LEFT_SIDE, .right = EVIDENCE_WIDTH - 3 * EVIDENCE_MARGIN, .downwards = true};
    f->top = 2 * EVIDENCE_MARGIN + (funnel->title != NULL ? EVIDENCE_TITLE : 0);
    f->bottom = f->top + FRAME;
    reach r = {.low = INFINITY, .high = -INFINITY};
    if (!(fabs(funnel->centre) <= axis_most(funnel->scale)))
        return st_fail(err, ST_VALUE, "the centre of a funnel must be a finite estimate, not %g", funnel->centre);
    extend(&r, funnel->estimate, funnel->se, funnel->n, funnel->scale);
    *left_out = r.left_out;
    if (r.shown == 0)
        return st_fail(err, ST_VALUE, "a funnel plot needs at least one estimate with its standard error");
    extend(&r, funnel->filled_estimate, funnel->filled_se, funnel->n_filled, funnel->scale);
    r.se = r.se > 0 ? (1 + margin) * r.se : 1; /* none on the axis */
    f->y = axis_choose(ST_SCALE_PLAIN, true, 0, r.se, 7);
    r.low = fmin(r.low, funnel->centre - st_critical_z(LEVEL) * r.se);
    r.high = fmax(r.high, funnel->centre + st_critical_z(LEVEL) * r.se);
    if (isfinite(funnel->reference)) {
        r.low = fmin(r.low, funnel->reference);
        r.high = fmax(r.high, funnel->reference);
    }
    const double room = margin * (r.high - r.low);
    f->x = axis_choose(funnel->scale, false, r.low - room, r.high + room, 12);
    return ST_OK;
}

/* From (centre, 0) down to both sides. */
static void trace_cone(const panel *f, double centre, double z) {
    const double se = f->y.to;
    cairo_move_to(f->c->cr, panel_x(f, centre - z * se), f->bottom);
    cairo_line_to(f->c->cr, panel_x(f, centre), f->top);
    cairo_line_to(f->c->cr, panel_x(f, centre + z * se), f->bottom);
}

static void draw_ground(const panel *f, const st_funnel *funnel) {
    panel_clip(f);
    if (isfinite(funnel->reference)) {
        canvas_colour(f->c, shade[0], 1);
        cairo_paint(f->c->cr);
        for (size_t k = 0; k < CONTOURS; k++) {
            trace_cone(f, funnel->reference, st_critical_z(SURE[k]));
            canvas_colour(f->c, shade[k + 1], 1);
            cairo_fill(f->c->cr);
        }
        evidence_stroke(f->c, ink, 1, HAIRLINE);
        canvas_line(f->c, panel_x(f, funnel->reference), f->top, panel_x(f, funnel->reference), f->bottom);
    }
    evidence_stroke(f->c, ink, 1, RULE);
    evidence_dash(f->c, 3, 2.5);
    trace_cone(f, funnel->centre, st_critical_z(LEVEL));
    cairo_stroke(f->c->cr);
    canvas_line(f->c, panel_x(f, funnel->centre), f->top, panel_x(f, funnel->centre), f->bottom);
    evidence_dash(f->c, 0, 0);
    panel_unclip(f);
}

static void draw_points(const panel *f, const double *estimate, const double *se, size_t n, st_axis_scale scale,
                        void (*mark)(const canvas *c, double x, double y, double radius, colour hue), colour hue) {
    for (size_t i = 0; i < n; i++)
        if (is_shown(estimate[i], se[i], scale))
            mark(f->c, panel_x(f, estimate[i]), panel_y(f, se[i]), DOT, hue);
}

static size_t write_marks(const st_funnel *funnel, key_item item[]) {
    size_t n = 0;
    item[n++] = (key_item){KEY_DOT, evidence_blue, "Study"};
    if (funnel->n_filled > 0)
        item[n++] = (key_item){KEY_RING, ink, "Added by trim and fill"};
    item[n++] = (key_item){KEY_DASHES, ink, "Pool and 95" TYPE_THIN "% limits around it"};
    return n;
}

static size_t write_contours(const st_funnel *funnel, key_item item[]) {
    static const char *const p[CONTOURS + 1] = {"< 0.01", "0.01" TYPE_DASH "0.05", "0.05" TYPE_DASH "0.10", "> 0.10"};
    for (size_t k = 0; k <= CONTOURS; k++) {
        item[k] = (key_item){KEY_BOX, shade[CONTOURS - k], ""};
        snprintf(item[k].text, TYPE_TEXT, TYPE_ITALIC "p" TYPE_UPRIGHT " %s", p[CONTOURS - k]);
    }
    return isfinite(funnel->reference) ? CONTOURS + 1 : 0;
}

/* What stands below the axis; returns its height. */
static double write_below(const panel *f, const st_funnel *funnel, size_t left_out, bool shows) {
    const double row = 15;
    key_item item[CONTOURS + 1];
    char text[TYPE_TEXT];
    double y = f->bottom + AXIS_ROOM;
    y += evidence_key(f->c, item, write_marks(funnel, item), f->left, f->right, y, shows);
    y += evidence_key(f->c, item, write_contours(funnel, item), f->left, f->right, y, shows);
    if (left_out > 0 && shows) {
        snprintf(text, sizeof text, "Not shown, for want of an estimate or its standard error: %zu", left_out);
        canvas_colour(f->c, ink, 1);
        type_show(f->c, f->left, y + 0.35 * TYPE_FINE.size, LEFT, TYPE_FINE, text);
    }
    return y + (left_out > 0 ? row : 0) - f->bottom;
}

static void draw(const panel *f, const st_funnel *funnel, size_t left_out) {
    char text[TYPE_TEXT];
    draw_ground(f, funnel);
    draw_points(f, funnel->estimate, funnel->se, funnel->n, funnel->scale, evidence_dot, evidence_blue);
    draw_points(f, funnel->filled_estimate, funnel->filled_se, funnel->n_filled, funnel->scale, evidence_ring, ink);
    type_plain(funnel->estimate_label, 2 * TYPE_LABEL, text);
    panel_draw(f, text, "Standard error");
    write_below(f, funnel, left_out, true);
    if (funnel->title != NULL)
        evidence_title(f->c, funnel->title);
}

st_status evidence_draw_funnel(const st_funnel *funnel, double scale, figure *out, st_error *err) {
    canvas c;
    panel f;
    size_t left_out = 0;
    *out = (figure){0};
    st_status status = evidence_funnel_panel(funnel, &f, &left_out, err);
    if (status == ST_OK)
        status = type_measure_begin(&c, out, err);
    if (status != ST_OK)
        return status;
    f.c = &c;
    const double below = write_below(&f, funnel, left_out, false);
    status = type_measure_end(&c, err);
    if (status == ST_OK)
        status = evidence_begin(&c, out, f.bottom + below, scale, err);
    if (status == ST_OK) {
        draw(&f, funnel, left_out);
        status = canvas_end(&c, err);
    }
    return status;
}
