/* The figure of the sizes: a row for each, a panel for each number, intervals over the trees.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "canvas.h"
#include "sizes.h"
#include "statistics.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>

/* CSS pixels. */
static const double WIDTH = 1080, HEIGHT = 350, LEFT_ROOM = 112, TOP = 112, ROW = 40, GAP = 30, BAR = 9;
static const double LOW = 0.1, HIGH = 0.9; /* ends of the intervals */

typedef struct panel {
    const char *title, *unit;
    double from, to;
    bool logarithmic;
    double tick[6];
    size_t n_ticks;
    double left, width;
} panel;

enum { DEPTH, PARTICLES, SETTLED, TUMOUR_LEFT, NORMAL_LOST, PANELS };

static double value_of(const size_result *r, int which) {
    switch (which) {
    case DEPTH:
        return r->depth[1] / ST_UM;
    case PARTICLES:
        return r->particles / 1e6;
    case SETTLED:
        return r->settled / ST_ML;
    case TUMOUR_LEFT:
        return r->tumour_flow_left / ST_PERCENT;
    default:
        return r->normal_flow_lost / ST_PERCENT;
    }
}

static double place(const panel *p, double value) {
    const double part =
        p->logarithmic ? log(value / p->from) / log(p->to / p->from) : (value - p->from) / (p->to - p->from);
    return p->left + part * p->width;
}

static double row_middle(int size) {
    return TOP + ROW * (size + 0.5);
}

static void draw_frame(const canvas *c, const panel *p) {
    const double bottom = TOP + ROW * SIZES;
    char text[32];
    cairo_set_line_width(c->cr, 1);
    for (size_t i = 0; i < p->n_ticks; i++) {
        const double x = place(p, p->tick[i]);
        canvas_colour(c, faint, 1);
        canvas_line(c, x, TOP, x, bottom);
        snprintf(text, sizeof text, "%g", p->tick[i]);
        canvas_colour(c, muted, 1);
        canvas_text(c, x, bottom + 16, MIDDLE, TEXT_SMALL, text);
    }
    canvas_colour(c, muted, 1);
    canvas_line(c, p->left, bottom, p->left + p->width, bottom);
    canvas_text(c, p->left + p->width / 2, bottom + 34, MIDDLE, TEXT_SMALL, p->unit);
    canvas_colour(c, ink, 1);
    canvas_bold(c, p->left, TOP - 14, LEFT, TEXT_NORMAL, p->title);
}

static void draw_bar(const canvas *c, const panel *p, int row, double from, double to, double thickness, colour hue,
                     double alpha) {
    canvas_colour(c, hue, alpha);
    cairo_rectangle(c->cr, place(p, from), row_middle(row) - thickness / 2, fmax(1, place(p, to) - place(p, from)),
                    thickness);
    cairo_fill(c->cr);
}

static void draw_dot(const canvas *c, const panel *p, int row, double value, colour hue) {
    cairo_new_sub_path(c->cr);
    cairo_arc(c->cr, place(p, value), row_middle(row), 4.5, 0, 2 * M_PI);
    canvas_colour(c, hue, 1);
    cairo_fill_preserve(c->cr);
    canvas_colour(c, white, 1);
    cairo_set_line_width(c->cr, 1);
    cairo_stroke(c->cr);
}

/* Median and interval over the trees. */
static void draw_interval(const canvas *c, const panel *p, int which, int size, const size_study *study) {
    double value[SEEDS];
    for (int seed = 0; seed < SEEDS; seed++)
        value[seed] = value_of(&study->result[size][seed], which);
    draw_bar(c, p, size, quantile(value, SEEDS, LOW), quantile(value, SEEDS, HIGH), 3, calm, 1);
    draw_dot(c, p, size, quantile(value, SEEDS, 0.5), calm);
}

/* Behind it: the sizes of the particles, and the quartiles of where they lodged (medians over the trees). */
static void draw_depth(const canvas *c, const panel *p, int size, const size_study *study) {
    double first[SEEDS], third[SEEDS];
    for (int seed = 0; seed < SEEDS; seed++) {
        first[seed] = study->result[size][seed].depth[0] / ST_UM;
        third[seed] = study->result[size][seed].depth[2] / ST_UM;
    }
    draw_bar(c, p, size, size_um[size][0], size_um[size][1], 3 * BAR, faint, 1);
    draw_bar(c, p, size, quantile(first, SEEDS, 0.5), quantile(third, SEEDS, 0.5), BAR, calm, 0.35);
}

static void draw_words(const canvas *c) {
    char text[64];
    canvas_colour(c, ink, 1);
    canvas_bold(c, 16, 26, LEFT, TEXT_LARGE, "Size of the spheres and what they do (simulated)");
    canvas_colour(c, muted, 1);
    canvas_text(
        c, 16, 46, LEFT, TEXT_SMALL,
        "One made-up liver of 1.5 L with 12 metastases; a tip with about half of its flow, to stasis; spheres that "
        "give way by 9 %, porous plugs.");
    canvas_text(c, 16, 64, LEFT, TEXT_SMALL, "Dot: median, bar: 10 to 90 % over 8 arterial trees grown in that liver.");
    for (int size = 0; size < SIZES; size++) {
        snprintf(text, sizeof text, "%g\u2013%g \u00b5m", size_um[size][0], size_um[size][1]);
        canvas_colour(c, ink, 1);
        canvas_text(c, LEFT_ROOM - 10, row_middle(size) + 4, RIGHT, TEXT_NORMAL, text);
    }
    canvas_colour(c, muted, 1);
    canvas_text(c, 16, HEIGHT - 14, LEFT, TEXT_SMALL,
                "First panel: grey, diameters of the spheres; pale blue, from the first to the third quartile of the "
                "vessels' diameters over all spheres.");
}

static st_status save(const figure *f, const char *path, st_error *err) {
    st_writer writer;
    const st_status status = st_writer_open(&writer, path, err);
    if (status != ST_OK)
        return status;
    fwrite(f->bytes, 1, f->size, writer.stream);
    return st_writer_commit(&writer, err);
}

st_status draw_sizes(const size_study *study, const char *path, st_error *err) {
    panel panels[PANELS] = {
        [DEPTH] =
            {"Where they lodge", "diameter of the vessel, \u00b5m", 30, 2500, true, {30, 100, 300, 1000}, 4, 0, 0},
        [PARTICLES] = {"Spheres to stasis", "millions", 0.01, 10, true, {0.01, 0.1, 1, 10}, 4, 0, 0},
        [SETTLED] = {"Volume to stasis", "settled spheres, mL", 0, 2.5, false, {0, 0.5, 1, 1.5, 2, 2.5}, 6, 0, 0},
        [TUMOUR_LEFT] =
            {"Tumour flow left", "% of arterial, beyond the tip", 0, 10, false, {0, 2, 4, 6, 8, 10}, 6, 0, 0},
        [NORMAL_LOST] =
            {"Normal liver flow lost", "% of arterial, whole liver", 0, 100, false, {0, 25, 50, 75, 100}, 5, 0, 0},
    };
    const double width = (WIDTH - LEFT_ROOM - GAP * PANELS) / PANELS;
    figure f = {0};
    canvas c;
    st_status status = canvas_begin(&c, &f, WIDTH, HEIGHT, 0, err);
    if (status != ST_OK)
        return status;
    draw_words(&c);
    for (int k = 0; k < PANELS; k++) {
        panels[k].left = LEFT_ROOM + k * (width + GAP);
        panels[k].width = width;
        draw_frame(&c, &panels[k]);
        for (int size = 0; size < SIZES; size++) {
            if (k == DEPTH)
                draw_depth(&c, &panels[k], size, study);
            draw_interval(&c, &panels[k], k, size, study);
        }
    }
    status = canvas_end(&c, err);
    if (status == ST_OK)
        status = save(&f, path, err);
    free(f.bytes);
    return status;
}
