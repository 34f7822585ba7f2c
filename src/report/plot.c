/* Axes and curves.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "axis.h"
#include "type.h"

#include <math.h>

enum { TICKS_X = 6, TICKS_Y = 5, TICK = 4 };

plot plot_panel(const canvas *c, double left, double top, double width, double height) {
    const double room_left = 64, room_right = 22, room_top = 34, room_bottom = 46;
    return (plot){.c = c,
                  .left = left + room_left,
                  .top = top + room_top,
                  .width = width - room_left - room_right,
                  .height = height - room_top - room_bottom};
}

double plot_x(const plot *p, double x) {
    return p->left + (x - p->x_from) / (p->x_to - p->x_from) * p->width;
}

double plot_y(const plot *p, double y) {
    return p->top + p->height - (y - p->y_from) / (p->y_to - p->y_from) * p->height;
}

double plot_round_up(double value) {
    if (!(value > 0))
        return 1;
    const double step = axis_step(value, TICKS_Y);
    return step * ceil(value / step - 1e-9);
}

static void ticks_x(const plot *p) {
    const double step = axis_step(p->x_to - p->x_from, TICKS_X);
    char text[AXIS_TEXT];
    for (double x = ceil(p->x_from / step - 1e-9) * step; x <= p->x_to + step * 1e-9; x += step) {
        canvas_colour(p->c, faint, 1);
        canvas_line(p->c, plot_x(p, x), p->top, plot_x(p, x), p->top + p->height);
        axis_number(x, axis_digits(step), text);
        canvas_colour(p->c, muted, 1);
        type_show(p->c, plot_x(p, x), p->top + p->height + TEXT_SMALL + TICK, MIDDLE, (type){TEXT_SMALL, false}, text);
    }
}

static void ticks_y(const plot *p) {
    const double step = axis_step(p->y_to - p->y_from, TICKS_Y);
    char text[AXIS_TEXT];
    for (double y = ceil(p->y_from / step - 1e-9) * step; y <= p->y_to + step * 1e-9; y += step) {
        canvas_colour(p->c, faint, 1);
        canvas_line(p->c, p->left, plot_y(p, y), p->left + p->width, plot_y(p, y));
        axis_number(y, axis_digits(step), text);
        canvas_colour(p->c, muted, 1);
        type_show(p->c, p->left - TICK - 1, plot_y(p, y) + TEXT_SMALL * 0.35, RIGHT, (type){TEXT_SMALL, false}, text);
    }
}

void plot_frame(const plot *p) {
    cairo_set_dash(p->c->cr, NULL, 0, 0);
    cairo_set_line_width(p->c->cr, 1);
    ticks_x(p);
    ticks_y(p);
    canvas_colour(p->c, muted, 1);
    canvas_line(p->c, p->left, p->top + p->height, p->left + p->width, p->top + p->height);
    canvas_line(p->c, p->left, p->top, p->left, p->top + p->height);
    canvas_colour(p->c, ink, 1);
    canvas_bold(p->c, p->left, p->top - 0.7 * TEXT_LARGE, LEFT, TEXT_NORMAL, p->title);
    canvas_text(p->c, p->left + p->width / 2, p->top + p->height + 2.6 * TEXT_NORMAL, MIDDLE, TEXT_SMALL, p->x_label);
    canvas_text_up(p->c, p->left - 3.3 * TEXT_NORMAL, p->top + p->height / 2, TEXT_SMALL, p->y_label);
}

void plot_line(const plot *p, colour hue, double thickness, double dash, const double *x, const double *y, size_t n) {
    cairo_t *cr = p->c->cr;
    bool pen_down = false;
    cairo_save(cr);
    cairo_rectangle(cr, p->left, p->top - thickness, p->width + thickness, p->height + 2 * thickness);
    cairo_clip(cr);
    cairo_set_dash(cr, &dash, dash > 0 ? 1 : 0, 0);
    cairo_set_line_width(cr, thickness);
    canvas_colour(p->c, hue, 1);
    for (size_t i = 0; i < n; i++) {
        if (!isfinite(x[i]) || !isfinite(y[i])) {
            pen_down = false;
            continue;
        }
        if (pen_down)
            cairo_line_to(cr, plot_x(p, x[i]), plot_y(p, y[i]));
        else
            cairo_move_to(cr, plot_x(p, x[i]), plot_y(p, y[i]));
        pen_down = true;
    }
    cairo_stroke(cr);
    cairo_restore(cr);
}

void plot_level(const plot *p, double y, colour hue, const char *text) {
    if (!(y >= p->y_from && y <= p->y_to))
        return;
    const double dash[] = {5, 4}, clear_of_end = 0.94; /* where the last point has its mark */
    cairo_save(p->c->cr);
    cairo_set_dash(p->c->cr, dash, 2, 0);
    cairo_set_line_width(p->c->cr, 1);
    canvas_colour(p->c, hue, 1);
    canvas_line(p->c, p->left, plot_y(p, y), p->left + p->width, plot_y(p, y));
    canvas_text(p->c, p->left + clear_of_end * p->width, plot_y(p, y) - TICK, RIGHT, TEXT_SMALL, text);
    cairo_restore(p->c->cr);
}

void plot_event(const plot *p, double x, const char *text) {
    const double at = plot_x(p, x), half = TICK;
    cairo_save(p->c->cr);
    cairo_set_dash(p->c->cr, NULL, 0, 0);
    cairo_set_line_width(p->c->cr, 1);
    canvas_colour(p->c, muted, 0.8);
    canvas_line(p->c, at, p->top, at, p->top + p->height);
    cairo_move_to(p->c->cr, at - half, p->top);
    cairo_line_to(p->c->cr, at + half, p->top);
    cairo_line_to(p->c->cr, at, p->top + 1.6 * half);
    cairo_fill(p->c->cr);
    canvas_text(p->c, at + 1.6 * half, p->top + TEXT_SMALL, LEFT, TEXT_SMALL, text);
    cairo_restore(p->c->cr);
}

void plot_dot(const plot *p, double x, double y, double radius, colour hue) {
    cairo_save(p->c->cr);
    cairo_new_sub_path(p->c->cr);
    cairo_arc(p->c->cr, plot_x(p, x), plot_y(p, y), radius, 0, 4 * acos(0));
    canvas_colour(p->c, hue, 1);
    cairo_fill_preserve(p->c->cr);
    cairo_set_dash(p->c->cr, NULL, 0, 0);
    cairo_set_line_width(p->c->cr, 1);
    canvas_colour(p->c, white, 1);
    cairo_stroke(p->c->cr);
    cairo_restore(p->c->cr);
}
