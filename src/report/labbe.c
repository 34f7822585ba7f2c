/* The plot of L'Abbe, Detsky and O'Rourke (Ann Intern Med 1987;107:224): the risks of two arms against each other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* CSS pixels. */
static const double FRAME = 400, LEFT_SIDE = 62, AXIS_ROOM = 48, LARGEST = 12, SMALLEST = 2;
enum { LABELS_MOST = 15, CURVE_POINTS = 128 };

static bool is_shown(const st_labbe *l, size_t i) {
    return isfinite(l->x[i]) && isfinite(l->y[i]);
}

static st_status check(const st_labbe *l, double *heaviest, st_error *err) {
    size_t shown = 0;
    *heaviest = 0;
    for (size_t i = 0; i < l->n; i++) {
        if (!is_shown(l, i))
            continue;
        shown++;
        if (!(l->x[i] >= 0 && l->x[i] <= 1 && l->y[i] >= 0 && l->y[i] <= 1))
            return st_fail(err, ST_VALUE, "study %zu: proportions lie between 0 and 1, not at %g and %g", i + 1,
                           l->x[i], l->y[i]);
        if (l->weight != NULL && l->weight[i] < 0)
            return st_fail(err, ST_VALUE, "study %zu: a weight of %g must not be negative", i + 1, l->weight[i]);
        if (l->weight != NULL && isfinite(l->weight[i]))
            *heaviest = fmax(*heaviest, l->weight[i]);
    }
    return shown > 0 ? ST_OK : st_fail(err, ST_VALUE, "a L'Abbe plot needs at least one study with two proportions");
}

/* The proportion that `log_odds` more makes of another. */
static double shifted(double proportion, double log_odds) {
    const double ratio = exp(log_odds);
    return isinf(ratio) ? (proportion > 0 ? 1 : 0) : proportion * ratio / (1 - proportion + proportion * ratio);
}

static void draw_lines(const panel *f, const st_labbe *l) {
    evidence_stroke(f->c, evidence_grey, 1, RULE);
    canvas_line(f->c, panel_x(f, 0), panel_y(f, 0), panel_x(f, 1), panel_y(f, 1));
    if (isnan(l->log_odds_ratio))
        return;
    evidence_stroke(f->c, ink, 1, CURVE);
    evidence_dash(f->c, 3, 2.5);
    for (int i = 0; i <= CURVE_POINTS; i++) {
        const double middle = (double)i / CURVE_POINTS, x = middle * middle * (3 - 2 * middle); /* dense at both ends */
        cairo_line_to(f->c->cr, panel_x(f, x), panel_y(f, shifted(x, l->log_odds_ratio)));
    }
    cairo_stroke(f->c->cr);
    evidence_dash(f->c, 0, 0);
}

static double radius(const st_labbe *l, size_t i, double heaviest) {
    const double share = l->weight != NULL && heaviest > 0 && isfinite(l->weight[i]) ? l->weight[i] / heaviest : 0.1;
    return fmax(LARGEST * sqrt(share), SMALLEST);
}

static size_t write_key(const st_labbe *l, double heaviest, key_item item[]) {
    size_t n = 0;
    char number[AXIS_TEXT];
    item[n++] = (key_item){KEY_LINE, evidence_grey, "Equal risks"};
    if (!isnan(l->log_odds_ratio)) {
        axis_estimate(l->effect_scale, l->log_odds_ratio, 1, number);
        item[n] = (key_item){KEY_DASHES, ink, ""};
        snprintf(item[n++].text, TYPE_TEXT, "Pooled %sodds ratio %s", l->effect_scale == ST_SCALE_EXP ? "" : "log ",
                 number);
    }
    item[n] = (key_item){KEY_DOT, evidence_blue, "Study"};
    if (heaviest > 0)
        strcat(item[n].text, "; the area is its weight");
    n++;
    return n;
}

/* Ranked by the distance from the line, over the diagonal where there is none. */
static st_status draw(const panel *f, const st_labbe *l, double heaviest, spot *d, char (*label)[TYPE_TEXT],
                      st_error *err) {
    const double clear = 0.35, effect = isnan(l->log_odds_ratio) ? 0 : l->log_odds_ratio;
    key_item item[3];
    size_t n = 0;
    char x_label[TYPE_TEXT], y_label[TYPE_TEXT];
    draw_lines(f, l);
    for (size_t i = 0; i < l->n; i++)
        if (is_shown(l, i)) {
            type_plain(l->label != NULL ? l->label[i] : NULL, TYPE_LABEL, label[n]);
            d[n] = (spot){panel_x(f, l->x[i]), panel_y(f, l->y[i]), radius(l, i, heaviest), label[n],
                          fabs(l->y[i] - shifted(l->x[i], effect))};
            cairo_new_sub_path(f->c->cr);
            cairo_arc(f->c->cr, d[n].x, d[n].y, d[n].radius, 0, 4 * acos(0));
            canvas_colour(f->c, evidence_blue, clear);
            cairo_fill_preserve(f->c->cr);
            evidence_stroke(f->c, evidence_blue, 1, RULE);
            cairo_stroke(f->c->cr);
            n++;
        }
    evidence_percent_label(l->x_label, "Risk", x_label);
    evidence_percent_label(l->y_label, "Risk", y_label);
    panel_draw(f, x_label, y_label);
    evidence_key(f->c, item, write_key(l, heaviest, item), f->left, EVIDENCE_WIDTH - EVIDENCE_MARGIN,
                 f->bottom + AXIS_ROOM, true);
    if (l->title != NULL)
        evidence_title(f->c, l->title);
    return evidence_label_dots(f->c, d, n, LABELS_MOST, f->left + 1, f->top, EVIDENCE_WIDTH - EVIDENCE_MARGIN,
                               f->bottom - 1, err);
}

st_status evidence_draw_labbe(const st_labbe *l, double scale, figure *out, st_error *err) {
    const double key = 15;
    panel f = {.left = (EVIDENCE_WIDTH + LEFT_SIDE - FRAME) / 2};
    double heaviest = 0;
    canvas c;
    *out = (figure){0};
    f.right = f.left + FRAME;
    f.top = 2 * EVIDENCE_MARGIN + (l->title != NULL ? EVIDENCE_TITLE : 0);
    f.bottom = f.top + FRAME;
    f.x = f.y = axis_choose(ST_SCALE_PERCENT, true, 0, 1, 6);
    st_status status = check(l, &heaviest, err);
    spot *d = st_alloc(l->n, sizeof *d, err);
    char(*label)[TYPE_TEXT] = st_alloc(l->n, sizeof *label, err);
    if (status == ST_OK)
        status =
            d != NULL && label != NULL ? evidence_begin(&c, out, f.bottom + AXIS_ROOM + key, scale, err) : ST_MEMORY;
    if (status == ST_OK) {
        f.c = &c;
        const st_status drawn = draw(&f, l, heaviest, d, label, err);
        status = canvas_end(&c, err);
        status = drawn != ST_OK ? drawn : status;
    }
    free(d);
    free(label);
    return status;
}
