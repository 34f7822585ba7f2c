/* Surfaces, text, colours, contours.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "canvas.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

const colour ink = {0.11, 0.13, 0.16}, muted = {0.40, 0.43, 0.47}, faint = {0.88, 0.89, 0.90}, white = {1, 1, 1},
             black = {0, 0, 0}, alert = {0.75, 0.22, 0.17}, calm = {0.13, 0.40, 0.67};

/* ---- surfaces -------------------------------------------------------------------- */

static cairo_status_t append(void *closure, const unsigned char *bytes, unsigned int size) {
    figure *f = closure;
    if (f->size + size > f->capacity) {
        const size_t capacity = 2 * (f->size + size);
        unsigned char *more = realloc(f->bytes, capacity);
        if (more == NULL)
            return CAIRO_STATUS_NO_MEMORY;
        f->bytes = more;
        f->capacity = capacity;
    }
    memcpy(f->bytes + f->size, bytes, size);
    f->size += size;
    return CAIRO_STATUS_SUCCESS;
}

/* Pages are measured in points, and carry no date: the same figure has the same bytes. */
static cairo_surface_t *pdf_surface(figure *out, double width, double height) {
    const double points = 72.0 / 96.0;
    cairo_surface_t *surface = cairo_pdf_surface_create_for_stream(append, out, width * points, height * points);
    cairo_pdf_surface_set_metadata(surface, CAIRO_PDF_METADATA_CREATE_DATE, "");
    cairo_surface_set_device_scale(surface, points, points);
    return surface;
}

st_status canvas_begin(canvas *c, figure *out, double width, double height, double scale, st_error *err) {
    *c = (canvas){.out = out, .width = width, .height = height, .scale = scale, .family = "sans-serif"};
    *out = (figure){.width = width, .height = height};
    if (scale > 0) {
        c->surface =
            cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)ceil(width * scale), (int)ceil(height * scale));
        cairo_surface_set_device_scale(c->surface, scale, scale);
    } else if (scale < 0) {
        c->surface = pdf_surface(out, width, height);
    } else {
        c->surface = cairo_svg_surface_create_for_stream(append, out, width, height);
        cairo_svg_surface_set_document_unit(c->surface, CAIRO_SVG_UNIT_PX);
    }
    c->cr = cairo_create(c->surface);
    if (cairo_status(c->cr) != CAIRO_STATUS_SUCCESS)
        return canvas_end(c, err);
    canvas_colour(c, white, 1);
    cairo_paint(c->cr);
    cairo_set_line_join(c->cr, CAIRO_LINE_JOIN_ROUND);
    return ST_OK;
}

/* cairo numbers its surfaces over the life of the program and names the drawing after its number, to which nothing
 * refers: without it the same figure has the same bytes. */
static void drop_surface_number(figure *f) {
    static const char mark[] = "<g id=\"surface";
    const size_t length = sizeof mark - 1;
    for (size_t i = 0; i + length < f->size; i++)
        if (memcmp(f->bytes + i, mark, length) == 0) {
            size_t end = i + length;
            while (end < f->size && f->bytes[end] >= '0' && f->bytes[end] <= '9')
                end++;
            memmove(f->bytes + i + length, f->bytes + end, f->size - end);
            f->size -= end - i - length;
            return;
        }
}

st_status canvas_end(canvas *c, st_error *err) {
    cairo_status_t status = cairo_status(c->cr);
    cairo_destroy(c->cr);
    if (status == CAIRO_STATUS_SUCCESS && c->scale > 0)
        status = cairo_surface_write_to_png_stream(c->surface, append, c->out);
    cairo_surface_finish(c->surface);
    if (status == CAIRO_STATUS_SUCCESS)
        status = cairo_surface_status(c->surface);
    cairo_surface_destroy(c->surface);
    if (!(c->scale > 0))
        drop_surface_number(c->out);
    *c = (canvas){0};
    if (status == CAIRO_STATUS_SUCCESS)
        return ST_OK;
    return st_fail(err, ST_MEMORY, "a figure could not be drawn: %s", cairo_status_to_string(status));
}

/* ---- colours ----------------------------------------------------------------------- */

colour colour_mix(colour from, colour to, double share) {
    return (colour){from.r + (to.r - from.r) * share, from.g + (to.g - from.g) * share,
                    from.b + (to.b - from.b) * share};
}

static colour colour_hex(uint32_t hex) {
    return (colour){(double)(hex >> 16 & 255) / 255, (double)(hex >> 8 & 255) / 255, (double)(hex & 255) / 255};
}

colour colour_of_tip(size_t number) {
    static const uint32_t set[] = {0xE69F00, 0x56B4E9, 0x009E73, 0xD55E00, 0xCC79A7, 0x0072B2, 0xF0E442,
                                   0x88CCEE, 0x882255, 0x44AA99, 0xDDCC77, 0xAA4499, 0x999933, 0xCC6677};
    return colour_hex(set[(number - 1) % (sizeof set / sizeof set[0])]);
}

colour colour_scale(double value) {
    static const uint32_t stop[] = {0x440154, 0x472D7B, 0x3B528B, 0x2C728E, 0x21918C,
                                    0x28AE80, 0x5EC962, 0xADDC30, 0xFDE725};
    enum { LAST = sizeof stop / sizeof stop[0] - 1 };
    const double at = fmin(fmax(value, 0), 1) * LAST;
    const size_t below = at < LAST ? (size_t)at : LAST - 1;
    return colour_mix(colour_hex(stop[below]), colour_hex(stop[below + 1]), at - (double)below);
}

void canvas_colour(const canvas *c, colour hue, double alpha) {
    cairo_set_source_rgba(c->cr, hue.r, hue.g, hue.b, alpha);
}

/* ---- text and lines ------------------------------------------------------------------ */

void canvas_font(const canvas *c, double size, cairo_font_slant_t slant, cairo_font_weight_t weight) {
    cairo_select_font_face(c->cr, c->family, slant, weight);
    cairo_set_font_size(c->cr, size);
}

static void show(const canvas *c, double x, double y, anchor at, const char *text) {
    cairo_text_extents_t extents;
    cairo_text_extents(c->cr, text, &extents);
    cairo_move_to(c->cr, x - extents.x_advance * (at == LEFT ? 0 : at == MIDDLE ? 0.5 : 1), y);
    cairo_show_text(c->cr, text);
}

void canvas_text(const canvas *c, double x, double y, anchor at, double size, const char *text) {
    canvas_font(c, size, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    show(c, x, y, at, text);
}

void canvas_bold(const canvas *c, double x, double y, anchor at, double size, const char *text) {
    canvas_font(c, size, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    show(c, x, y, at, text);
}

void canvas_text_up(const canvas *c, double x, double y, double size, const char *text) {
    cairo_save(c->cr);
    cairo_translate(c->cr, x, y);
    cairo_rotate(c->cr, -acos(0));
    canvas_text(c, 0, 0, MIDDLE, size, text);
    cairo_restore(c->cr);
}

void canvas_label(const canvas *c, double x, double y, double size, colour hue, colour rim, const char *text) {
    cairo_text_extents_t extents;
    canvas_font(c, size, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_BOLD);
    cairo_text_extents(c->cr, text, &extents);
    cairo_move_to(c->cr, x - extents.width / 2 - extents.x_bearing, y - extents.height / 2 - extents.y_bearing);
    cairo_text_path(c->cr, text);
    canvas_colour(c, rim, 0.85);
    cairo_set_line_width(c->cr, size / 4);
    cairo_stroke_preserve(c->cr);
    canvas_colour(c, hue, 1);
    cairo_fill(c->cr);
}

void canvas_tip(const canvas *c, double x, double y, double size, size_t number) {
    const colour hue = colour_of_tip(number);
    const double luminance = 0.2126 * hue.r + 0.7152 * hue.g + 0.0722 * hue.b, dark = 0.38;
    char text[32];
    snprintf(text, sizeof text, "%zu", number);
    canvas_label(c, x, y, size, hue, luminance < dark ? white : ink, text);
}

double canvas_text_width(const canvas *c, double size, const char *text) {
    cairo_text_extents_t extents;
    canvas_font(c, size, CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_text_extents(c->cr, text, &extents);
    return extents.x_advance;
}

void canvas_line(const canvas *c, double x0, double y0, double x1, double y1) {
    cairo_move_to(c->cr, x0, y0);
    cairo_line_to(c->cr, x1, y1);
    cairo_stroke(c->cr);
}

double scale_bar_length(double width) {
    static const double length[] = {50, 20, 10, 5, 2, 1};
    enum { SHORTEST = sizeof length / sizeof length[0] - 1 };
    size_t k = 0;
    while (k < SHORTEST && 3 * length[k] > width)
        k++;
    return length[k];
}

void canvas_scale_bar(const canvas *c, double right, double y, double width, double pixels_per_mm, double text_size) {
    const double length = scale_bar_length(width / pixels_per_mm), left = right - length * pixels_per_mm;
    const double cm = 10, thickness = 3;
    char text[16];
    snprintf(text, sizeof text, length < cm ? "%.0f mm" : "%.0f cm", length < cm ? length : length / cm);
    cairo_set_line_width(c->cr, thickness);
    canvas_line(c, left, y, right, y);
    canvas_text(c, (left + right) / 2, y - text_size / 2, MIDDLE, text_size, text);
}

/* ---- contours: marching squares, cell by cell ---------------------------------------- */

typedef struct cell {
    double x, y, step; /* of the upper left sample */
    float value[4];    /* upper left, upper right, lower right, lower left */
    float level;
} cell;

/* Where the level crosses the side that begins at corner `side` and runs clockwise. */
static void cross(const cell *s, int side, double *x, double *y) {
    static const double corner[5][2] = {{0, 0}, {1, 0}, {1, 1}, {0, 1}, {0, 0}};
    const double from = s->value[side], to = s->value[(side + 1) % 4], share = (s->level - from) / (to - from);
    *x = s->x + s->step * (corner[side][0] + share * (corner[side + 1][0] - corner[side][0]));
    *y = s->y + s->step * (corner[side][1] + share * (corner[side + 1][1] - corner[side][1]));
}

static void contour_cell(cairo_t *cr, const cell *s) {
    int side[4], n = 0;
    for (int i = 0; i < 4; i++)
        if ((s->value[i] > s->level) != (s->value[(i + 1) % 4] > s->level))
            side[n++] = i;
    for (int i = 0; i + 1 < n; i += 2) {
        double x, y;
        cross(s, side[i], &x, &y);
        cairo_move_to(cr, x, y);
        cross(s, side[i + 1], &x, &y);
        cairo_line_to(cr, x, y);
    }
}

void canvas_contour(const canvas *c, const float *field, size_t width, size_t height, float level, double x, double y,
                    double step) {
    for (size_t j = 0; j + 1 < height; j++)
        for (size_t i = 0; i + 1 < width; i++) {
            const float *at = field + j * width + i;
            const cell s = {
                x + (double)i * step, y + (double)j * step, step, {at[0], at[1], at[width + 1], at[width]}, level};
            contour_cell(c->cr, &s);
        }
}
