/* Drawing: a figure in memory, text, axes, curves, contours. A thin layer over cairo.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_CANVAS_H
#define STASIS_CANVAS_H

#include "report_internal.h"

#include <cairo.h>

typedef struct colour {
    double r, g, b;
} colour;

/* The look, in one place. */
extern const colour ink, muted, faint, white, black, alert, calm;
enum { TEXT_SMALL = 11, TEXT_NORMAL = 13, TEXT_LARGE = 15 };

typedef struct canvas {
    cairo_surface_t *surface;
    cairo_t *cr;
    figure *out;
    double width, height;
    double scale;       /* as given to canvas_begin */
    const char *family; /* of the letters */
} canvas;

/* A white sheet of width x height CSS pixels; a PNG of `scale` pixels each, or one of these. The same drawing has the
 * same bytes. */
#define CANVAS_SVG 0.0
#define CANVAS_PDF (-1.0)
st_status canvas_begin(canvas *c, figure *out, double width, double height, double scale, st_error *err);
/* Turns it into the bytes of `out`. Frees the canvas, whatever it returns. */
st_status canvas_end(canvas *c, st_error *err);

colour colour_mix(colour from, colour to, double share);
/* Colours that stay apart for colour-blind eyes (Okabe and Ito 2008; then Tol's muted set); tips count from 1. */
colour colour_of_tip(size_t number);
/* viridis: perceptually even from 0 to 1. */
colour colour_scale(double value);
void canvas_colour(const canvas *c, colour hue, double alpha);

typedef enum { LEFT, MIDDLE, RIGHT } anchor;
void canvas_font(const canvas *c, double size, cairo_font_slant_t slant, cairo_font_weight_t weight);
void canvas_text(const canvas *c, double x, double y, anchor at, double size, const char *text);
void canvas_bold(const canvas *c, double x, double y, anchor at, double size, const char *text);
/* Turned by a quarter, reading upwards, centred on (x, y). */
void canvas_text_up(const canvas *c, double x, double y, double size, const char *text);
/* Bold in `colour` with a rim of `rim`, centred on (x, y): readable on any ground. */
void canvas_label(const canvas *c, double x, double y, double size, colour hue, colour rim, const char *text);
/* The number of a tip in its colour. */
void canvas_tip(const canvas *c, double x, double y, double size, size_t number);
double canvas_text_width(const canvas *c, double size, const char *text);
void canvas_line(const canvas *c, double x0, double y0, double x1, double y1);
/* Length (mm) of a scale bar in a picture `width` mm wide: 5 cm, or as much as goes into a third of it. */
double scale_bar_length(double width);
/* That bar, ending at `right`, with its length above it, in a picture `width` CSS pixels wide. */
void canvas_scale_bar(const canvas *c, double right, double y, double width, double pixels_per_mm, double text_size);

/* The line value = level through a field of width x height samples, strokes left to the caller; sample (i, j) lies
 * at (x + i * step, y + j * step). */
void canvas_contour(const canvas *c, const float *field, size_t width, size_t height, float level, double x, double y,
                    double step);

/* ---- curves --------------------------------------------------------------------- */

typedef struct plot {
    const canvas *c;
    double left, top, width, height; /* of the frame, CSS pixels */
    double x_from, x_to, y_from, y_to;
    const char *title, *x_label, *y_label;
} plot;

/* A frame with room for its labels in a rectangle of the sheet. */
plot plot_panel(const canvas *c, double left, double top, double width, double height);
void plot_frame(const plot *p);
double plot_x(const plot *p, double x);
double plot_y(const plot *p, double y);
/* Values that are not finite break the line; what leaves the frame is cut. dash 0: solid. */
void plot_line(const plot *p, colour hue, double thickness, double dash, const double *x, const double *y, size_t n);
/* A dashed level across the frame with its name inside, near the right end. */
void plot_level(const plot *p, double y, colour hue, const char *text);
/* An upright mark with a small text at the top. */
void plot_event(const plot *p, double x, const char *text);
void plot_dot(const plot *p, double x, double y, double radius, colour hue);
/* The smallest round number that is not below `value`. */
double plot_round_up(double value);

#endif
