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
static const double EVIDENCE_WIDTH = 680, EVIDENCE_MARGIN = 6;
static const type TYPE_BODY = {10.67, false}, TYPE_BODY_BOLD = {10.67, true}, TYPE_FINE = {9.33, false},
                  TYPE_FINE_BOLD = {9.33, true}, TYPE_TITLE = {12, true};
static const double HAIRLINE = 0.6, RULE = 0.8, CURVE = 1.4;
extern const colour evidence_blue, evidence_grey;

/* Colours of groups (Okabe and Ito 2008), those that show on white, by their order. */
colour evidence_colour(size_t group);

/* ---- the file ---------------------------------------------------------------------- */

/* The scale for canvas_begin that the ending of `path` asks for; ST_USAGE for another ending. */
st_status evidence_scale(const char *path, double *scale, st_error *err);
/* Writes `f` unless `drawn` is a failure; frees it. */
st_status evidence_save(const char *path, st_status drawn, figure *f, st_error *err);

/* ---- drawing ----------------------------------------------------------------------- */

st_status evidence_begin(canvas *c, figure *out, double height, double scale, st_error *err);
/* At the head of the sheet. */
void evidence_title(const canvas *c, const char *title);
void evidence_stroke(const canvas *c, colour hue, double alpha, double width);
/* A line with a dash and a gap of so many pixels; 0: solid. */
void evidence_dash(const canvas *c, double dash, double gap);
/* A filled head at (x, y) that points along (dx, dy), a unit vector. */
void evidence_arrow(const canvas *c, double x, double y, double dx, double dy, double length);

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
