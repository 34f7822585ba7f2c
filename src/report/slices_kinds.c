/* What the slices show, kind by kind: the colour of a voxel, and the legend.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "slices.h"

#include <math.h>

static const double LEGEND_ROW = 24, SWATCH = 14; /* CSS pixels */
static const colour ORGAN = {0.42, 0.42, 0.42}, TUMOUR = {0.66, 0.66, 0.66}, OTHER = {0.17, 0.17, 0.18},
                    GROUND = {0.03, 0.03, 0.04};
static const colour OUTLINE_ON_GREY = {0.36, 0.68, 0.95}; /* white is oil there */

/* ---- colour of a voxel -------------------------------------------------------------- */

size_t sheet_tip(const sheet *s, size_t voxel) {
    const uint32_t terminal = s->result->tissue.terminal[voxel];
    return terminal != ST_NONE ? s->result->territory[terminal] : 0;
}

static colour territory_colour(const sheet *s, size_t voxel) {
    const bool tumour = s->result->liver.tissue[voxel] == ST_TUMOUR;
    const size_t tip = sheet_tip(s, voxel);
    const colour plain = tumour ? TUMOUR : ORGAN;
    return tip == 0 ? plain : colour_mix(plain, colour_of_tip(tip), tumour ? 0.85 : 0.6);
}

/* Living normal liver stays grey; the scale takes over as it dies. */
static colour necrosis_colour(const sheet *s, size_t voxel) {
    const double dead = s->result->tissue.necrosis[voxel];
    const double full = 0.1;
    if (s->result->liver.tissue[voxel] == ST_TUMOUR)
        return colour_scale(dead);
    return colour_mix(ORGAN, colour_scale(dead), fmin(dead / full, 1));
}

typedef struct window {
    double low, high; /* HU that are black and white */
} window;

static window window_of(const sheet *s) {
    const double centre = st_parameter_value(s->parameters, ST_P_CT_WINDOW_CENTRE);
    const double half = st_parameter_value(s->parameters, ST_P_CT_WINDOW_WIDTH) / 2;
    return (window){centre - half, centre + half};
}

static colour grey(double share) {
    return colour_mix(black, white, fmin(fmax(share, 0), 1));
}

static colour ct_colour(const sheet *s, size_t voxel) {
    const window w = window_of(s);
    return grey(((double)s->hu[voxel] - w.low) / (w.high - w.low));
}

static bool other_label(const st_labels *labels, const double lps[3]) {
    double voxel[3];
    st_geometry_to_voxel(&labels->geometry, lps, voxel);
    size_t index = 0;
    for (int k = 2; k >= 0; k--) {
        const double at = floor(voxel[k] + 0.5);
        if (at < 0 || at >= labels->geometry.n[k])
            return false;
        index = index * labels->geometry.n[k] + (size_t)at;
    }
    return labels->label[index] != 0;
}

colour sheet_colour(const sheet *s, size_t voxel, const double lps[3]) {
    if (voxel == SIZE_MAX || s->result->liver.tissue[voxel] == ST_OUTSIDE)
        return other_label(&s->result->labels, lps) ? OTHER : GROUND;
    switch (s->kind) {
    case SHEET_NECROSIS:
        return necrosis_colour(s, voxel);
    case SHEET_OIL_CT:
        return ct_colour(s, voxel);
    case SHEET_TERRITORIES:
    default:
        return territory_colour(s, voxel);
    }
}

colour sheet_outline(const sheet *s) {
    return s->kind == SHEET_OIL_CT ? OUTLINE_ON_GREY : white;
}

/* ---- legends ------------------------------------------------------------------------------------------ */

static double swatch(const canvas *c, double x, double y, colour fill, const char *text) {
    cairo_rectangle(c->cr, x, y - SWATCH + 2, SWATCH, SWATCH);
    canvas_colour(c, fill, 1);
    cairo_fill(c->cr);
    canvas_colour(c, ink, 1);
    canvas_text(c, x + 1.5 * SWATCH, y, LEFT, TEXT_NORMAL, text);
    return x + 3.5 * SWATCH + canvas_text_width(c, TEXT_NORMAL, text);
}

/* A bar of colours from `from` to `to`, with a text before it. */
static void scale(const canvas *c, double x, double y, const char *text, const char *from, const char *to,
                  colour (*hue)(double share)) {
    const double bar = 260;
    canvas_text(c, x, y, LEFT, TEXT_NORMAL, text);
    x += canvas_text_width(c, TEXT_NORMAL, text) + SWATCH;
    canvas_text(c, x, y, LEFT, TEXT_NORMAL, from);
    x += canvas_text_width(c, TEXT_NORMAL, from) + SWATCH / 2;
    for (double at = 0; at < bar; at++) {
        cairo_rectangle(c->cr, x + at, y - SWATCH + 2, 1.5, SWATCH);
        canvas_colour(c, hue(at / bar), 1);
        cairo_fill(c->cr);
    }
    canvas_colour(c, muted, 1); /* white ends in white paper */
    cairo_set_line_width(c->cr, 0.5);
    cairo_rectangle(c->cr, x, y - SWATCH + 2, bar, SWATCH);
    cairo_stroke(c->cr);
    canvas_colour(c, ink, 1);
    canvas_text(c, x + bar + SWATCH / 2, y, LEFT, TEXT_NORMAL, to);
}

enum { TIPS_PER_ROW = 8 };

static void legend_territories(const sheet *s, const canvas *c, double width, double y) {
    double x = swatch(c, 0, y, ORGAN, "liver of no tip");
    x = swatch(c, x, y, TUMOUR, "tumour of no tip");
    x = swatch(c, x, y, OTHER, "other labels of the image");
    canvas_text(c, x, y, LEFT, TEXT_NORMAL, "white line: lesions L1, L2, ...");
    size_t number = 0;
    for (size_t k = 0; k < s->result->plan.n_sessions; k++)
        for (size_t t = 0; t < s->result->plan.sessions[k].n_tips; t++, number++) {
            char text[40];
            snprintf(text, sizeof text, "tip %zu, session %zu", number + 1, k + 1);
            swatch(c, (double)(number % TIPS_PER_ROW) * width / TIPS_PER_ROW,
                   y + LEGEND_ROW * (double)(1 + number / TIPS_PER_ROW), colour_of_tip(number + 1), text);
        }
}

static void legend_necrosis(const canvas *c, double y) {
    double x = swatch(c, 0, y, ORGAN, "living normal liver");
    x = swatch(c, x, y, OTHER, "other labels of the image");
    scale(c, x, y, "white line: lesions.   Dead:", "0 %", "100 %", colour_scale);
}

static void legend_oil_ct(const sheet *s, const canvas *c, double y) {
    const window w = window_of(s);
    char from[40], to[40], plain[120];
    snprintf(from, sizeof from, "%.0f HU", w.low);
    snprintf(to, sizeof to, "%.0f HU and more", w.high);
    snprintf(plain, sizeof plain, "Without oil: liver %.0f HU, tumour %.0f HU.",
             st_parameter_value(s->parameters, ST_P_CT_LIVER), st_parameter_value(s->parameters, ST_P_CT_TUMOUR));
    const double x = swatch(c, 0, y, OTHER, "other labels of the image");
    scale(c, x, y, "blue line: lesions.   CT number:", from, to, grey);
    canvas_text(c, 0, y + LEGEND_ROW, LEFT, TEXT_NORMAL, plain);
}

double sheet_legend_height(const sheet *s) {
    const size_t tips = report_tips(s->result);
    size_t rows = 1;
    if (s->kind == SHEET_TERRITORIES)
        rows += (tips + TIPS_PER_ROW - 1) / TIPS_PER_ROW;
    else if (s->kind == SHEET_OIL_CT)
        rows++;
    return LEGEND_ROW * (double)rows;
}

void sheet_legend(const sheet *s, const canvas *c, double width, double top) {
    const double first = top + LEGEND_ROW / 2;
    switch (s->kind) {
    case SHEET_NECROSIS:
        legend_necrosis(c, first);
        break;
    case SHEET_OIL_CT:
        legend_oil_ct(s, c, first);
        break;
    case SHEET_TERRITORIES:
    default:
        legend_territories(s, c, width, first);
        break;
    }
}
