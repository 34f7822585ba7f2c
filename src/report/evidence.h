/* Pictures of evidence: what they share, and each into memory.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_EVIDENCE_FIGURES_H
#define STASIS_EVIDENCE_FIGURES_H

#include "axis.h"
#include "type.h"

/* Into memory; `scale` as canvas_begin has it, 0 for an SVG. `out` is freed by the caller, whatever is returned. */
st_status evidence_draw_forest(const st_forest *forest, double scale, figure *out, st_error *err);
st_status evidence_draw_funnel(const st_funnel *funnel, double scale, figure *out, st_error *err);
st_status evidence_draw_baujat(const st_baujat *baujat, double scale, figure *out, st_error *err);
st_status evidence_draw_labbe(const st_labbe *labbe, double scale, figure *out, st_error *err);
st_status evidence_draw_survival(const st_survival_figure *survival, double scale, figure *out, st_error *err);

/* ---- the look ---------------------------------------------------------------------- */

/* CSS pixels (1/96 inch): the text area of a journal, 180 mm. Letters of 8 and 7 points, titles of 9. */
static const double EVIDENCE_WIDTH = 680, EVIDENCE_MARGIN = 6, EVIDENCE_TITLE = 24;
static const type TYPE_BODY = {10.67, false}, TYPE_BODY_BOLD = {10.67, true}, TYPE_FINE = {9.33, false},
                  TYPE_FINE_BOLD = {9.33, true}, TYPE_TITLE = {12, true};
static const double HAIRLINE = 0.6, RULE = 0.8, CURVE = 1.4, DOT = 3.4;
extern const colour evidence_blue, evidence_grey;

/* Colours of groups (Okabe and Ito 2008), those that show on white, by their order. */
colour evidence_colour(size_t group);

/* ---- drawing ----------------------------------------------------------------------- */

st_status evidence_begin(canvas *c, figure *out, double height, double scale, st_error *err);
/* The label of an axis that counts percents, which it says in any case. `otherwise`: where there is none. */
void evidence_percent_label(const char *label, const char *otherwise, char out[TYPE_TEXT]);
/* At the head of the sheet. */
void evidence_title(const canvas *c, const char *title);
void evidence_stroke(const canvas *c, colour hue, double alpha, double width);
/* A line with a dash and a gap of so many pixels; 0: solid. */
void evidence_dash(const canvas *c, double dash, double gap);
/* A filled head at (x, y) that points along (dx, dy), a unit vector. */
void evidence_arrow(const canvas *c, double x, double y, double dx, double dy, double length);

/* What marks mean: side by side, in rows from `left` to `right`, the first with its middle at `y`. Returns the height
 * of the rows; draws only where `shows`. */
typedef enum { KEY_LINE, KEY_DASHES, KEY_BOX, KEY_DOT, KEY_RING } key_kind;
typedef struct key_item {
    key_kind kind;
    colour hue;
    char text[TYPE_TEXT];
} key_item;
double evidence_key(const canvas *c, const key_item *item, size_t n, double left, double right, double y, bool shows);
void evidence_dot(const canvas *c, double x, double y, double radius, colour hue);
void evidence_ring(const canvas *c, double x, double y, double radius, colour hue);

/* Labels beside dots, none over another label or dot, inside a frame. */
typedef struct spot {
    double x, y, radius;
    const char *label; /* plain text; NULL: the dot is only in the way */
    double rank;       /* the highest are labelled first */
} spot;
/* Shows as many of the `most` highest as find a place; farther from the dot with a line to it. */
st_status evidence_label_dots(const canvas *c, const spot *d, size_t n, size_t most, double left, double top,
                              double right, double bottom, st_error *err);

/* A frame with two axes. */
typedef struct panel {
    const canvas *c;
    double left, top, right, bottom;
    axis x, y;
    bool downwards; /* y grows downwards */
} panel;
double panel_x(const panel *f, double value);
double panel_y(const panel *f, double value);
/* Axis lines below and at the left, ticks outside, their numbers and the labels, plain text. */
void panel_draw(const panel *f, const char *x_label, const char *y_label);
/* What is drawn until panel_unclip stays inside. */
void panel_clip(const panel *f);
void panel_unclip(const panel *f);

#endif
