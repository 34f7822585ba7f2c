/* The plot of Baujat and others (Stat Med 2002;21:2641): which studies make the heterogeneity, and which the result.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence.h"

#include <math.h>
#include <stdlib.h>

/* CSS pixels. */
static const double FRAME = 330, LEFT_SIDE = 74, AXIS_ROOM = 42;
enum { LABELS_MOST = 15 };

static bool is_shown(const st_baujat *b, size_t i) {
    return fabs(b->x[i]) <= axis_most(ST_SCALE_PLAIN) && fabs(b->y[i]) <= axis_most(ST_SCALE_PLAIN);
}

static st_status set_axes(panel *f, const st_baujat *b, st_error *err) {
    double x[2] = {0, 0}, y[2] = {0, 0};
    size_t shown = 0;
    for (size_t i = 0; i < b->n; i++)
        if (is_shown(b, i)) {
            x[0] = fmin(x[0], b->x[i]);
            x[1] = fmax(x[1], b->x[i]);
            y[0] = fmin(y[0], b->y[i]);
            y[1] = fmax(y[1], b->y[i]);
            shown++;
        }
    if (shown == 0)
        return st_fail(err, ST_VALUE, "a Baujat plot needs at least one study with a contribution and an influence");
    f->x = axis_choose(ST_SCALE_PLAIN, true, x[0], x[1] > x[0] ? x[1] : x[0] + 1, 9);
    f->y = axis_choose(ST_SCALE_PLAIN, true, y[0], y[1] > y[0] ? y[1] : y[0] + 1, 7);
    return ST_OK;
}

/* Ranked by the distance from the corner where studies neither disagree nor matter. */
static st_status draw(const panel *f, const st_baujat *b, spot *d, char (*label)[TYPE_TEXT], st_error *err) {
    size_t n = 0;
    for (size_t i = 0; i < b->n; i++)
        if (is_shown(b, i)) {
            type_plain(b->label != NULL ? b->label[i] : NULL, TYPE_LABEL, label[n]);
            d[n] = (spot){panel_x(f, b->x[i]), panel_y(f, b->y[i]), DOT, label[n],
                          hypot(axis_share(&f->x, b->x[i]), axis_share(&f->y, b->y[i]))};
            evidence_dot(f->c, d[n].x, d[n].y, DOT, evidence_blue);
            n++;
        }
    panel_draw(f, "Contribution to " TYPE_ITALIC "Q" TYPE_UPRIGHT, "Influence on the pooled estimate");
    if (b->title != NULL)
        evidence_title(f->c, b->title);
    return evidence_label_dots(f->c, d, n, LABELS_MOST, f->left + 1, f->top, EVIDENCE_WIDTH - EVIDENCE_MARGIN,
                               f->bottom - 1, err);
}

st_status evidence_draw_baujat(const st_baujat *b, double scale, figure *out, st_error *err) {
    panel f = {.left = LEFT_SIDE, .right = EVIDENCE_WIDTH - 3 * EVIDENCE_MARGIN};
    canvas c;
    *out = (figure){0};
    f.top = 2 * EVIDENCE_MARGIN + (b->title != NULL ? EVIDENCE_TITLE : 0);
    f.bottom = f.top + FRAME;
    st_status status = set_axes(&f, b, err);
    spot *d = st_alloc(b->n, sizeof *d, err);
    char(*label)[TYPE_TEXT] = st_alloc(b->n, sizeof *label, err);
    if (status == ST_OK)
        status = d != NULL && label != NULL ? evidence_begin(&c, out, f.bottom + AXIS_ROOM, scale, err) : ST_MEMORY;
    if (status == ST_OK) {
        f.c = &c;
        const st_status drawn = draw(&f, b, d, label, err);
        status = canvas_end(&c, err);
        status = drawn != ST_OK ? drawn : status;
    }
    free(d);
    free(label);
    return status;
}
