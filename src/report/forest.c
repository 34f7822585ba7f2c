/* The forest plot.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "forest.h"

#include <math.h>

static const double INDENT = 9, HEAD = 5; /* of labels in groups; of arrows */

static double base_line(const forest_layout *l, double y) {
    return y + 0.35 * l->text.size;
}

/* ---- texts ------------------------------------------------------------------------- */

/* In its column, which ends at `right`, with what stands close before and behind it. */
static void show_number(const canvas *c, type t, double right, double y, const forest_decimals *column,
                        const char *before, const char *number, const char *behind) {
    const char *decimals = forest_decimals_of(number);
    const double end = right + (decimals != NULL ? type_width(c, t, decimals) - column->after : 0);
    type_show(c, end, y, RIGHT, t, number);
    type_show(c, end - type_width(c, t, number), y, RIGHT, t, before);
    type_show(c, end, y, LEFT, t, behind);
}

static void show_estimates(const canvas *c, const forest_layout *l, const forest_line *line) {
    const double y = base_line(l, line->y);
    const type t = line->kind == FOREST_POOL ? l->bold : l->text;
    char text[AXIS_TEXT];
    if (line->kind != FOREST_PREDICTION && !forest_estimable(line->estimate, line->lower, line->upper)) {
        canvas_colour(c, muted, 1);
        type_show(c, (l->estimate_left + l->upper_right) / 2, y, MIDDLE, l->text, "not estimable");
        return;
    }
    canvas_colour(c, ink, 1);
    forest_number(l, line, 0, text);
    show_number(c, t, l->estimate_right, y, &l->estimate, "", text, "");
    forest_number(l, line, 1, text);
    show_number(c, t, l->lower_right, y, &l->lower, "[", text, ",");
    forest_number(l, line, 2, text);
    show_number(c, t, l->upper_right, y, &l->upper, "", text, "]");
}

static void show_texts(const canvas *c, const forest_layout *l, const forest_line *line) {
    const double x = EVIDENCE_MARGIN + (line->indented ? INDENT : 0), y = base_line(l, line->y);
    const bool bold = line->kind == FOREST_POOL || line->kind == FOREST_HEADING;
    char text[TYPE_TEXT];
    if (line->kind == FOREST_NOTE) { /* lines that cross the plot end at it */
        canvas_colour(c, white, 1);
        cairo_rectangle(c->cr, x, line->y - l->pitch / 2, type_width(c, TYPE_FINE, line->label) + 4, l->pitch);
        cairo_fill(c->cr);
    }
    canvas_colour(c, line->kind == FOREST_NOTE ? muted : ink, 1);
    type_show(c, x, y, LEFT, line->kind == FOREST_NOTE ? TYPE_FINE : bold ? l->bold : l->text, line->label);
    if (line->counts != NULL && !isnan(l->counts_x)) {
        type_plain(line->counts, TYPE_LABEL, text);
        type_show(c, l->counts_x, y, MIDDLE, l->text, text);
    }
    if (line->kind == FOREST_STUDY || line->kind == FOREST_POOL || line->kind == FOREST_PREDICTION)
        show_estimates(c, l, line);
    if (line->weight >= 0 && !isnan(l->weight_right)) {
        char number[AXIS_TEXT];
        axis_number(line->weight, 1, number);
        canvas_colour(c, ink, 1);
        type_show(c, l->weight_right, y, RIGHT, l->text, number);
    }
}

static void show_header(const canvas *c, const forest_layout *l, const st_forest *f) {
    const double second = l->header_bottom - 6, first = second - 13;
    char text[TYPE_TEXT];
    canvas_colour(c, ink, 1);
    if (f->title != NULL)
        evidence_title(c, f->title);
    type_show(c, EVIDENCE_MARGIN, second, LEFT, l->bold, "Study");
    if (!isnan(l->counts_x)) {
        type_plain(f->counts_label, TYPE_LABEL, text);
        type_show(c, l->counts_x, second, MIDDLE, l->bold, text);
    }
    const double middle = (l->estimate_left + l->upper_right) / 2;
    type_show(c, middle, first, MIDDLE, l->bold, l->header[0]);
    type_show(c, middle, second, MIDDLE, l->bold, l->header[1]);
    if (!isnan(l->weight_right)) {
        type_show(c, l->weight_right, first, RIGHT, l->bold, "Weight");
        type_show(c, l->weight_right, second, RIGHT, l->bold, "%");
    }
    evidence_stroke(c, ink, 1, RULE);
    canvas_line(c, EVIDENCE_MARGIN, l->header_bottom, EVIDENCE_WIDTH - EVIDENCE_MARGIN, l->header_bottom);
}

/* ---- marks ------------------------------------------------------------------------- */

/* From one limit to the other; an arrow where it leaves the axis. */
static void draw_interval(const canvas *c, const forest_layout *l, const forest_line *line, colour hue,
                          double thickness) {
    const double share_low = axis_share(&l->axis, line->lower), share_high = axis_share(&l->axis, line->upper);
    const double slack = 1e-9;
    const bool left = share_low<-slack, right = share_high> 1 + slack;
    const double from = left ? l->plot_left : fmin(forest_x(l, line->lower), l->plot_right);
    const double to = right ? l->plot_right : fmax(forest_x(l, line->upper), l->plot_left);
    evidence_stroke(c, hue, 1, thickness);
    cairo_set_line_cap(c->cr, CAIRO_LINE_CAP_BUTT);
    canvas_line(c, from + (left ? HEAD / 2 : 0), line->y, to - (right ? HEAD / 2 : 0), line->y);
    if (left)
        evidence_arrow(c, from - HEAD / 2, line->y, -1, 0, HEAD + thickness);
    if (right)
        evidence_arrow(c, to + HEAD / 2, line->y, 1, 0, HEAD + thickness);
}

static void draw_study(const canvas *c, const forest_layout *l, const forest_line *line) {
    const double half = forest_half_side(l, line->weight), x = forest_x(l, line->estimate);
    draw_interval(c, l, line, ink, 1);
    canvas_colour(c, evidence_blue, 1);
    cairo_rectangle(c->cr, x - half, line->y - half, 2 * half, 2 * half);
    cairo_fill(c->cr);
}

static void draw_pool(const canvas *c, const forest_layout *l, const forest_line *line) {
    const double half = 0.36 * l->pitch, least = 1.5;
    const double x = forest_x(l, line->estimate);
    const double left = fmin(fmax(forest_x(l, line->lower), l->plot_left), x - least);
    const double right = fmax(fmin(forest_x(l, line->upper), l->plot_right), x + least);
    cairo_move_to(c->cr, left, line->y);
    cairo_line_to(c->cr, x, line->y - half);
    cairo_line_to(c->cr, right, line->y);
    cairo_line_to(c->cr, x, line->y + half);
    cairo_close_path(c->cr);
    canvas_colour(c, line->overall ? ink : evidence_blue, 1);
    cairo_fill(c->cr);
}

static void draw_line(const canvas *c, const forest_layout *l, const forest_line *line) {
    const double bar = 2;
    if (line->kind == FOREST_PREDICTION)
        draw_interval(c, l, line, line->overall ? ink : evidence_blue, bar);
    else if (!forest_estimable(line->estimate, line->lower, line->upper))
        return;
    else if (line->kind == FOREST_POOL)
        draw_pool(c, l, line);
    else
        draw_study(c, l, line);
}

static void draw_uprights(const canvas *c, const forest_layout *l, const st_forest *f) {
    if (isfinite(f->reference)) {
        evidence_stroke(c, ink, 1, HAIRLINE);
        canvas_line(c, forest_x(l, f->reference), l->header_bottom, forest_x(l, f->reference), l->rows_bottom);
    }
    if (f->pool != NULL && forest_estimable(f->pool->estimate, f->pool->lower, f->pool->upper)) {
        const double x = forest_x(l, f->pool->estimate);
        evidence_stroke(c, evidence_grey, 1, RULE);
        evidence_dash(c, 3, 2.5);
        canvas_line(c, x, l->header_bottom, x, l->rows_bottom);
        evidence_dash(c, 0, 0);
    }
}

/* ---- below ------------------------------------------------------------------------- */

/* What lies on one side of the reference: an arrow, and words as long as there is room to the edge. */
static void show_side(const canvas *c, double x, double y, double direction, const char *label) {
    const double gap = 6, shaft = 12, edge = direction < 0 ? EVIDENCE_MARGIN : EVIDENCE_WIDTH - EVIDENCE_MARGIN;
    const double from = x + direction * gap, to = from + direction * shaft, middle = y - 0.32 * TYPE_FINE.size;
    char text[TYPE_TEXT];
    type_plain(label, TYPE_LABEL, text);
    type_fit(c, TYPE_FINE, fabs(edge - to) - gap, text);
    evidence_stroke(c, ink, 1, RULE);
    canvas_line(c, from, middle, to, middle);
    evidence_arrow(c, to, middle, direction, 0, HEAD);
    type_show(c, to + direction * gap / 2, y, direction < 0 ? RIGHT : LEFT, TYPE_FINE, text);
}

static void draw_axis(const canvas *c, const forest_layout *l, const st_forest *f) {
    const double tick = 4, line = 14, middle = (l->plot_left + l->plot_right) / 2;
    double y = l->rows_bottom + tick + 0.95 * TYPE_FINE.size;
    char text[TYPE_TEXT];
    evidence_stroke(c, ink, 1, RULE);
    canvas_line(c, l->plot_left, l->rows_bottom, l->plot_right, l->rows_bottom);
    for (size_t i = 0; i < l->axis.n; i++) {
        const double x = l->plot_left + axis_share_of_tick(&l->axis, i) * (l->plot_right - l->plot_left);
        canvas_line(c, x, l->rows_bottom, x, l->rows_bottom + tick);
        type_show(c, x, y, MIDDLE, TYPE_FINE, l->axis.text[i]);
    }
    const double from = isfinite(f->reference) ? forest_x(l, f->reference) : middle;
    if (f->left_label != NULL || f->right_label != NULL)
        y += line;
    if (f->left_label != NULL)
        show_side(c, from, y, -1, f->left_label);
    if (f->right_label != NULL)
        show_side(c, from, y, 1, f->right_label);
    canvas_colour(c, ink, 1);
    if (f->estimate_label != NULL) {
        y += line;
        type_plain(f->estimate_label, 2 * TYPE_LABEL, text);
        const double half = type_width(c, TYPE_BODY, text) / 2, edge = EVIDENCE_WIDTH - EVIDENCE_MARGIN - half;
        type_show(c, fmax(fmin(middle, edge), EVIDENCE_MARGIN + half), y, MIDDLE, TYPE_BODY, text);
    }
    for (size_t i = 0; i < l->notes; i++)
        type_show(c, EVIDENCE_MARGIN, l->height - EVIDENCE_MARGIN - line * (double)(l->notes - 1 - i), LEFT, TYPE_FINE,
                  l->note_line[i]);
}

st_status evidence_draw_forest(const st_forest *f, double scale, figure *out, st_error *err) {
    forest_layout l;
    canvas c;
    *out = (figure){0};
    st_status status = forest_layout_init(&l, f, err);
    if (status == ST_OK)
        status = evidence_begin(&c, out, l.height, scale, err);
    if (status == ST_OK) {
        show_header(&c, &l, f);
        draw_uprights(&c, &l, f);
        for (size_t i = 0; i < l.n_lines; i++) {
            show_texts(&c, &l, &l.line[i]);
            draw_line(&c, &l, &l.line[i]);
        }
        draw_axis(&c, &l, f);
        status = canvas_end(&c, err);
    }
    forest_layout_fini(&l);
    return status;
}
