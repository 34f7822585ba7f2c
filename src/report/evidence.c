/* Pictures of evidence: what they share.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

const colour evidence_blue = {0, 0.447, 0.698}, evidence_grey = {0.55, 0.55, 0.55};

colour evidence_colour(size_t group) {
    static const size_t tip[] = {6, 4, 3, 5, 1, 2}; /* blue, vermilion, green, purple, orange, sky */
    enum { COLOURS = sizeof tip / sizeof tip[0] };
    return group < COLOURS ? colour_of_tip(tip[group]) : colour_of_tip(group + 2);
}

/* ---- the file ---------------------------------------------------------------------- */

st_status evidence_scale(const char *path, double *scale, st_error *err) {
    const double dots = 300.0 / 96; /* 300 to the inch */
    const char *slash = strrchr(path, '/'), *dot = strrchr(slash != NULL ? slash : path, '.');
    if (dot != NULL && strcasecmp(dot, ".svg") == 0)
        *scale = CANVAS_SVG;
    else if (dot != NULL && strcasecmp(dot, ".pdf") == 0)
        *scale = CANVAS_PDF;
    else if (dot != NULL && strcasecmp(dot, ".png") == 0)
        *scale = dots;
    else
        return st_fail(err, ST_USAGE, "%s: a picture is written as .svg, .pdf or .png, by the ending of its name",
                       path);
    return ST_OK;
}

st_status evidence_save(const char *path, st_status drawn, figure *f, st_error *err) {
    st_writer writer;
    st_status status = drawn;
    if (status == ST_OK)
        status = st_writer_open(&writer, path, err);
    if (status == ST_OK) {
        fwrite(f->bytes, 1, f->size, writer.stream); /* a failure shows in the stream when it is committed */
        status = st_writer_commit(&writer, err);
    }
    free(f->bytes);
    *f = (figure){0};
    return status;
}

/* ---- drawing ----------------------------------------------------------------------- */

st_status evidence_begin(canvas *c, figure *out, double height, double scale, st_error *err) {
    const st_status status = canvas_begin(c, out, EVIDENCE_WIDTH, height, scale, err);
    if (status == ST_OK)
        type_set(c);
    return status;
}

void evidence_title(const canvas *c, const char *title) {
    char text[TYPE_TEXT];
    type_plain(title, TYPE_TEXT, text);
    type_fit(c, TYPE_TITLE, EVIDENCE_WIDTH - 2 * EVIDENCE_MARGIN, text);
    canvas_colour(c, ink, 1);
    type_show(c, EVIDENCE_MARGIN, EVIDENCE_MARGIN + TYPE_TITLE.size, LEFT, TYPE_TITLE, text);
}

void evidence_stroke(const canvas *c, colour hue, double alpha, double width) {
    canvas_colour(c, hue, alpha);
    cairo_set_line_width(c->cr, width);
}

void evidence_dash(const canvas *c, double dash, double gap) {
    const double pattern[] = {dash, gap};
    cairo_set_dash(c->cr, pattern, dash > 0 ? 2 : 0, 0);
}

void evidence_arrow(const canvas *c, double x, double y, double dx, double dy, double length) {
    const double half = 0.45 * length;
    cairo_move_to(c->cr, x, y);
    cairo_line_to(c->cr, x - length * dx + half * dy, y - length * dy - half * dx);
    cairo_line_to(c->cr, x - length * dx - half * dy, y - length * dy + half * dx);
    cairo_close_path(c->cr);
    cairo_fill(c->cr);
}

/* ---- a frame ----------------------------------------------------------------------- */

double panel_x(const panel *f, double value) {
    return f->left + axis_share(&f->x, value) * (f->right - f->left);
}

double panel_y(const panel *f, double value) {
    const double share = axis_share(&f->y, value), height = f->bottom - f->top;
    return f->downwards ? f->top + share * height : f->bottom - share * height;
}

void panel_draw(const panel *f, const char *x_label, const char *y_label) {
    const double tick = 4, below = f->bottom + tick + 0.95 * TYPE_FINE.size;
    const canvas *c = f->c;
    double widest = 0;
    evidence_stroke(c, ink, 1, RULE);
    evidence_dash(c, 0, 0);
    canvas_line(c, f->left, f->bottom, f->right, f->bottom);
    canvas_line(c, f->left, f->top, f->left, f->bottom);
    for (size_t i = 0; i < f->x.n; i++) {
        const double x = f->left + axis_share_of_tick(&f->x, i) * (f->right - f->left);
        canvas_line(c, x, f->bottom, x, f->bottom + tick);
        type_show(c, x, below, MIDDLE, TYPE_FINE, f->x.text[i]);
    }
    for (size_t i = 0; i < f->y.n; i++) {
        const double share = axis_share_of_tick(&f->y, i);
        const double y =
            f->downwards ? f->top + share * (f->bottom - f->top) : f->bottom - share * (f->bottom - f->top);
        canvas_line(c, f->left - tick, y, f->left, y);
        type_show(c, f->left - tick - 3, y + 0.35 * TYPE_FINE.size, RIGHT, TYPE_FINE, f->y.text[i]);
        widest = fmax(widest, type_width(c, TYPE_FINE, f->y.text[i]));
    }
    type_show(c, (f->left + f->right) / 2, below + 1.5 * TYPE_BODY.size, MIDDLE, TYPE_BODY, x_label);
    cairo_save(c->cr);
    cairo_translate(c->cr, f->left - tick - 3 - widest - 0.8 * TYPE_BODY.size, (f->top + f->bottom) / 2);
    cairo_rotate(c->cr, -acos(0));
    type_show(c, 0, 0, MIDDLE, TYPE_BODY, y_label);
    cairo_restore(c->cr);
}

void panel_clip(const panel *f) {
    cairo_save(f->c->cr);
    cairo_rectangle(f->c->cr, f->left, f->top, f->right - f->left, f->bottom - f->top);
    cairo_clip(f->c->cr);
}

void panel_unclip(const panel *f) {
    cairo_restore(f->c->cr);
}
