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

/* The scale for canvas_begin that the ending of `path` asks for. */
static st_status scale_of(const char *path, double *scale, st_error *err) {
    const double dots = 300.0 / 96; /* 300 to the inch */
    const char *slash = strrchr(path, '/'), *ending = strrchr(slash != NULL ? slash : path, '.');
    if (ending != NULL && strcasecmp(ending, ".svg") == 0)
        *scale = CANVAS_SVG;
    else if (ending != NULL && strcasecmp(ending, ".pdf") == 0)
        *scale = CANVAS_PDF;
    else if (ending != NULL && strcasecmp(ending, ".png") == 0)
        *scale = dots;
    else
        return st_fail(err, ST_USAGE, "%s: a picture is written as .svg, .pdf or .png, by the ending of its name",
                       path);
    return ST_OK;
}

static st_status save(const char *path, const figure *f, st_error *err) {
    st_writer writer;
    const st_status status = st_writer_open(&writer, path, err);
    if (status != ST_OK)
        return status;
    fwrite(f->bytes, 1, f->size, writer.stream); /* a failure shows in the stream when it is committed */
    return st_writer_commit(&writer, err);
}

#define FIGURE_FILE(name, type)                                                                                        \
    st_status st_figure_##name(const char *path, const type *what, st_error *err) {                                    \
        double scale = 0;                                                                                              \
        figure f = {0};                                                                                                \
        st_status status = scale_of(path, &scale, err);                                                                \
        if (status == ST_OK)                                                                                           \
            status = evidence_draw_##name(what, scale, &f, err);                                                       \
        if (status == ST_OK)                                                                                           \
            status = save(path, &f, err);                                                                              \
        free(f.bytes);                                                                                                 \
        return status;                                                                                                 \
    }
FIGURE_FILE(forest, st_forest)
FIGURE_FILE(funnel, st_funnel)
FIGURE_FILE(baujat, st_baujat)
FIGURE_FILE(labbe, st_labbe)
FIGURE_FILE(survival, st_survival_figure)

/* ---- drawing ----------------------------------------------------------------------- */

st_status evidence_begin(canvas *c, figure *out, double height, double scale, st_error *err) {
    const st_status status = canvas_begin(c, out, EVIDENCE_WIDTH, height, scale, err);
    if (status == ST_OK)
        type_set(c);
    return status;
}

void evidence_percent_label(const char *label, const char *otherwise, char out[TYPE_TEXT]) {
    type_plain(label != NULL ? label : otherwise, TYPE_LABEL, out);
    if (strchr(out, '%') == NULL)
        strcat(out, ", %");
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

void evidence_dot(const canvas *c, double x, double y, double radius, colour hue) {
    cairo_new_sub_path(c->cr);
    cairo_arc(c->cr, x, y, radius, 0, 4 * acos(0));
    canvas_colour(c, hue, 1);
    cairo_fill_preserve(c->cr);
    evidence_stroke(c, white, 1, HAIRLINE); /* where dots overlap */
    cairo_stroke(c->cr);
}

void evidence_ring(const canvas *c, double x, double y, double radius, colour hue) {
    cairo_new_sub_path(c->cr);
    cairo_arc(c->cr, x, y, radius, 0, 4 * acos(0));
    canvas_colour(c, white, 1);
    cairo_fill_preserve(c->cr);
    evidence_stroke(c, hue, 1, 1);
    cairo_stroke(c->cr);
}

/* ---- a key ------------------------------------------------------------------------- */

static const double KEY_SAMPLE = 18, KEY_GAP = 6, KEY_PITCH = 15;

static void draw_sample(const canvas *c, const key_item *item, double x, double y) {
    const double box = 4.5, middle = x + KEY_SAMPLE / 2;
    evidence_stroke(c, item->hue, 1, CURVE);
    evidence_dash(c, item->kind == KEY_DASHES ? 3 : 0, 2.5);
    if (item->kind == KEY_LINE || item->kind == KEY_DASHES)
        canvas_line(c, x, y, x + KEY_SAMPLE, y);
    evidence_dash(c, 0, 0);
    if (item->kind == KEY_DOT)
        evidence_dot(c, middle, y, DOT, item->hue);
    if (item->kind == KEY_RING)
        evidence_ring(c, middle, y, DOT, item->hue);
    if (item->kind == KEY_BOX) {
        cairo_rectangle(c->cr, x + 1, y - box, KEY_SAMPLE - 2, 2 * box);
        cairo_fill_preserve(c->cr);
        evidence_stroke(c, evidence_grey, 1, HAIRLINE);
        cairo_stroke(c->cr);
    }
}

double evidence_key(const canvas *c, const key_item *item, size_t n, double left, double right, double y, bool shows) {
    const double between = 16;
    double x = left, row = 0;
    for (size_t i = 0; i < n; i++) {
        const double width = KEY_SAMPLE + KEY_GAP + type_width(c, TYPE_FINE, item[i].text);
        if (x > left && x + width > right) {
            x = left;
            row += KEY_PITCH;
        }
        if (shows) {
            draw_sample(c, &item[i], x, y + row);
            canvas_colour(c, ink, 1);
            type_show(c, x + KEY_SAMPLE + KEY_GAP, y + row + 0.35 * TYPE_FINE.size, LEFT, TYPE_FINE, item[i].text);
        }
        x += width + between;
    }
    return n > 0 ? row + KEY_PITCH : 0;
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
