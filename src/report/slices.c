/* Territories and necrosis on slices through the largest lesions, as a radiologist holds them: the patient's
 * right on the left, front or head on top.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "slices.h"
#include "canvas.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Layout: CSS pixels and mm. */
static const double WIDTH = 1100, GAP = 14, MARGIN = 8, SHARPNESS = 2, SCALE_BAR = 50;
static const double LEGEND_ROW = 24, SWATCH = 14;
static const colour ORGAN = {0.42, 0.42, 0.42}, TUMOUR = {0.66, 0.66, 0.66}, OTHER = {0.17, 0.17, 0.18},
                    GROUND = {0.03, 0.03, 0.04};

typedef struct sheet {
    const st_case *c;
    const st_result *result;
    int threads;
    slice slices[SLICES];
    double pixels_per_mm;
    bool necrosis; /* else territories */
} sheet;

/* ---- colour of a voxel -------------------------------------------------------------- */

static size_t tip_of_voxel(const st_result *r, size_t voxel) {
    const uint32_t terminal = r->tissue.terminal[voxel];
    return terminal != ST_NONE ? r->territory[terminal] : 0;
}

static colour territory_colour(const st_result *r, size_t voxel) {
    const bool tumour = r->liver.tissue[voxel] == ST_TUMOUR;
    const size_t tip = tip_of_voxel(r, voxel);
    const colour plain = tumour ? TUMOUR : ORGAN;
    return tip == 0 ? plain : colour_mix(plain, colour_of_tip(tip), tumour ? 0.85 : 0.6);
}

/* Living normal liver stays grey; the scale takes over as it dies. */
static colour necrosis_colour(const st_result *r, size_t voxel) {
    const double dead = r->tissue.necrosis[voxel];
    const double full = 0.1;
    if (r->liver.tissue[voxel] == ST_TUMOUR)
        return colour_scale(dead);
    return colour_mix(ORGAN, colour_scale(dead), fmin(dead / full, 1));
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

static colour place_colour(const sheet *s, const double lps[3]) {
    const st_result *r = s->result;
    const size_t voxel = st_liver_voxel_at(&r->liver, lps);
    if (voxel == SIZE_MAX || r->liver.tissue[voxel] == ST_OUTSIDE)
        return other_label(&r->labels, lps) ? OTHER : GROUND;
    return s->necrosis ? necrosis_colour(r, voxel) : territory_colour(r, voxel);
}

/* ---- the raster of one slice ------------------------------------------------------------ */

typedef struct raster {
    const sheet *sheet;
    const slice *slice;
    size_t width, height, stride;
    double step; /* mm */
    unsigned char *pixels;
    float *organ, *lesions; /* [width * height] 1 inside */
} raster;

/* Four places in each pixel soften the steps of the voxels without hiding them. */
static void raster_rows(void *context, size_t begin, size_t end) {
    const raster *r = context;
    enum { SIDE = 2 };
    for (size_t j = begin; j < end; j++)
        for (size_t i = 0; i < r->width; i++) {
            colour sum = {0, 0, 0};
            for (int k = 0; k < SIDE * SIDE; k++) {
                double lps[3];
                slice_place(r->slice, ((double)i + (k % SIDE + 0.5) / SIDE) * r->step,
                            ((double)j + (k / SIDE + 0.5) / SIDE) * r->step, lps);
                const colour here = place_colour(r->sheet, lps);
                sum = (colour){sum.r + here.r, sum.g + here.g, sum.b + here.b};
            }
            const double byte = 255.0 / (SIDE * SIDE);
            const uint32_t pixel = (uint32_t)lround(byte * sum.r) << 16 | (uint32_t)lround(byte * sum.g) << 8 |
                                   (uint32_t)lround(byte * sum.b);
            memcpy(r->pixels + j * r->stride + 4 * i, &pixel, sizeof pixel);
            double lps[3];
            slice_place(r->slice, ((double)i + 0.5) * r->step, ((double)j + 0.5) * r->step, lps);
            const st_tissue_class tissue = st_liver_class_at(&r->sheet->result->liver, lps);
            r->organ[j * r->width + i] = tissue != ST_OUTSIDE;
            r->lesions[j * r->width + i] = tissue == ST_TUMOUR;
        }
}

static void paint_raster(const canvas *c, const raster *r, cairo_surface_t *image, double x, double y) {
    const double shrink = 1 / SHARPNESS;
    cairo_surface_mark_dirty(image);
    cairo_save(c->cr);
    cairo_translate(c->cr, x, y);
    cairo_scale(c->cr, shrink, shrink);
    cairo_set_source_surface(c->cr, image, 0, 0);
    cairo_pattern_set_filter(cairo_get_source(c->cr), CAIRO_FILTER_NEAREST);
    cairo_paint(c->cr);
    cairo_restore(c->cr);
    canvas_colour(c, white, 0.35);
    cairo_set_line_width(c->cr, 0.8);
    canvas_contour(c, r->organ, r->width, r->height, 0.5F, x + 0.5 * shrink, y + 0.5 * shrink, shrink);
    cairo_stroke(c->cr);
    canvas_colour(c, white, 1);
    cairo_set_line_width(c->cr, 1.4);
    canvas_contour(c, r->lesions, r->width, r->height, 0.5F, x + 0.5 * shrink, y + 0.5 * shrink, shrink);
    cairo_stroke(c->cr);
}

static st_status draw_raster(const sheet *s, const slice *sl, const canvas *c, double x, double y, st_error *err) {
    raster r = {.sheet = s, .slice = sl, .step = 1 / (s->pixels_per_mm * SHARPNESS)};
    r.width = (size_t)lround(sl->width / r.step);
    r.height = (size_t)lround(sl->height / r.step);
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)r.width, (int)r.height);
    r.organ = st_alloc(r.width * r.height, sizeof *r.organ, err);
    r.lesions = st_alloc(r.width * r.height, sizeof *r.lesions, err);
    st_status status = r.organ != NULL && r.lesions != NULL ? ST_OK : ST_MEMORY;
    if (status == ST_OK && cairo_surface_status(image) != CAIRO_STATUS_SUCCESS)
        status = st_fail(err, ST_MEMORY, "not enough memory for the picture of a slice");
    if (status == ST_OK) {
        r.pixels = cairo_image_surface_get_data(image);
        r.stride = (size_t)cairo_image_surface_get_stride(image);
        st_parallel_for(r.height, s->threads, raster_rows, &r);
        paint_raster(c, &r, image, x, y);
    }
    cairo_surface_destroy(image);
    free(r.organ);
    free(r.lesions);
    return status;
}

/* ---- numbers on the picture ------------------------------------------------------------------ */

/* Where a label of a tip's territory or of a lesion stands: as deep inside as it gets. */
typedef struct spot {
    double depth, x, y; /* mm, mm from the corner of the slice */
} spot;

static size_t number_at(const st_result *r, const double lps[3], bool lesions) {
    const size_t voxel = st_liver_voxel_at(&r->liver, lps);
    if (voxel == SIZE_MAX || r->liver.tissue[voxel] == ST_OUTSIDE)
        return 0;
    return lesions ? r->liver.lesion[voxel] : tip_of_voxel(r, voxel);
}

/* On a lattice of 2 mm: fine enough for a label. */
static st_status find_spots(const st_result *r, const slice *sl, bool lesions, spot *spots, size_t n, st_error *err) {
    const double step = 2, far = 1e6;
    const uint32_t size[3] = {(uint32_t)(sl->width / step) + 1, (uint32_t)(sl->height / step) + 1, 1};
    const double spacing[3] = {step, step, far};
    const size_t cells = (size_t)size[0] * size[1];
    uint32_t *number = st_alloc(cells, sizeof *number, err);
    uint8_t *mask = st_alloc(cells, 1, err);
    float *depth = st_alloc(cells, sizeof *depth, err);
    st_status status = number != NULL && mask != NULL && depth != NULL ? ST_OK : ST_MEMORY;
    for (size_t i = 0; status == ST_OK && i < cells; i++) {
        double lps[3];
        slice_place(sl, (double)(i % size[0]) * step, (double)(i / size[0]) * step, lps);
        number[i] = (uint32_t)number_at(r, lps, lesions);
    }
    for (size_t k = 0; status == ST_OK && k < n; k++) {
        spots[k] = (spot){0};
        size_t members = 0;
        for (size_t i = 0; i < cells; i++)
            members += mask[i] = number[i] == k + 1;
        if (members > 0)
            status = st_distance(size, spacing, mask, depth, err);
        for (size_t i = 0; status == ST_OK && members > 0 && i < cells; i++)
            if (depth[i] > spots[k].depth)
                spots[k] = (spot){depth[i], (double)(i % size[0]) * step, (double)(i / size[0]) * step};
    }
    free(number);
    free(mask);
    free(depth);
    return status;
}

static st_status draw_numbers(const sheet *s, const slice *sl, const canvas *c, double x, double y, bool lesions,
                              st_error *err) {
    const size_t n = lesions ? s->result->liver.n_lesions : report_tips(s->result);
    const double shallowest = lesions ? 2 : 4; /* mm: what is flatter holds no label */
    spot *spots = st_alloc(n, sizeof *spots, err);
    st_status status = spots != NULL ? find_spots(s->result, sl, lesions, spots, n, err) : ST_MEMORY;
    for (size_t k = 0; status == ST_OK && k < n; k++) {
        char text[32];
        snprintf(text, sizeof text, lesions ? "L%zu" : "%zu", k + 1);
        if (spots[k].depth < shallowest)
            continue;
        const double at_x = x + spots[k].x * s->pixels_per_mm, at_y = y + spots[k].y * s->pixels_per_mm;
        if (lesions) /* below the lesion's middle, so that the number of its territory has room */
            canvas_label(c, at_x, at_y + (s->necrosis ? 0 : TEXT_LARGE), TEXT_SMALL, white, black, text);
        else
            canvas_label(c, at_x, at_y, TEXT_LARGE, colour_mix(colour_of_tip(k + 1), white, 0.35), black, text);
    }
    free(spots);
    return status;
}

/* ---- one panel ------------------------------------------------------------------------------------- */

static void draw_marks(const sheet *s, const slice *sl, const canvas *c, double x, double y) {
    const double width = sl->width * s->pixels_per_mm, height = sl->height * s->pixels_per_mm, edge = 6;
    const double bar = SCALE_BAR * s->pixels_per_mm, right = x + width - 2 * edge;
    char text[64];
    canvas_colour(c, white, 0.9);
    canvas_bold(c, x + edge, y + height / 2, LEFT, TEXT_LARGE, "R");
    canvas_bold(c, x + width - edge, y + height / 2, RIGHT, TEXT_LARGE, "L");
    canvas_bold(c, x + width / 2, y + TEXT_LARGE + 2, MIDDLE, TEXT_LARGE, sl->coronal ? "S" : "A");
    canvas_bold(c, x + width / 2, y + height - edge, MIDDLE, TEXT_LARGE, sl->coronal ? "I" : "P");
    cairo_set_line_width(c->cr, 2.5);
    canvas_line(c, right - bar, y + height - 2 * edge, right, y + height - 2 * edge);
    canvas_text(c, right - bar / 2, y + height - 3 * edge, MIDDLE, TEXT_SMALL, "5 cm");
    snprintf(text, sizeof text, "%s, %s %.1f mm", sl->coronal ? "coronal" : "axial", sl->coronal ? "y" : "z",
             sl->position);
    canvas_text(c, x + edge, y + TEXT_NORMAL + 4, LEFT, TEXT_NORMAL, text);
}

static st_status draw_slice(const sheet *s, const slice *sl, const canvas *c, double x, double y, st_error *err) {
    st_status status = draw_raster(s, sl, c, x, y, err);
    if (status == ST_OK && !s->necrosis)
        status = draw_numbers(s, sl, c, x, y, false, err);
    if (status == ST_OK)
        status = draw_numbers(s, sl, c, x, y, true, err);
    if (status == ST_OK)
        draw_marks(s, sl, c, x, y);
    return status;
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

enum { TIPS_PER_ROW = 8 };

static void legend_territories(const sheet *s, const canvas *c, double y) {
    double x = swatch(c, 0, y, ORGAN, "liver beyond the tips");
    x = swatch(c, x, y, TUMOUR, "tumour beyond the tips");
    x = swatch(c, x, y, OTHER, "other labels of the image");
    canvas_text(c, x, y, LEFT, TEXT_NORMAL, "white line: lesions L1, L2, ...");
    size_t number = 0;
    for (size_t k = 0; k < s->result->plan.n_sessions; k++)
        for (size_t t = 0; t < s->result->plan.sessions[k].n_tips; t++, number++) {
            char text[40];
            snprintf(text, sizeof text, "tip %zu, session %zu", number + 1, k + 1);
            swatch(c, (double)(number % TIPS_PER_ROW) * WIDTH / TIPS_PER_ROW,
                   y + LEGEND_ROW * (double)(1 + number / TIPS_PER_ROW), colour_of_tip(number + 1), text);
        }
}

static void legend_necrosis(const canvas *c, double y) {
    const double bar = 260;
    double x = swatch(c, 0, y, ORGAN, "living normal liver");
    x = swatch(c, x, y, OTHER, "other labels of the image");
    canvas_text(c, x, y, LEFT, TEXT_NORMAL, "white line: lesions.   Dead:  0 %");
    x += canvas_text_width(c, TEXT_NORMAL, "white line: lesions.   Dead:  0 %") + SWATCH / 2;
    for (double at = 0; at < bar; at++) {
        cairo_rectangle(c->cr, x + at, y - SWATCH + 2, 1.5, SWATCH);
        canvas_colour(c, colour_scale(at / bar), 1);
        cairo_fill(c->cr);
    }
    canvas_colour(c, ink, 1);
    canvas_text(c, x + bar + SWATCH / 2, y, LEFT, TEXT_NORMAL, "100 %");
}

/* ---- the sheet: two by two --------------------------------------------------------------------------------- */

static st_status draw_sheet(sheet *s, figure *f, st_error *err) {
    double widest = 0, row[SLICES / 2] = {0}, y = 0;
    for (size_t i = 0; i < SLICES; i++)
        widest = fmax(widest, s->slices[i].width);
    s->pixels_per_mm = (WIDTH - GAP) / 2 / widest;
    for (size_t i = 0; i < SLICES; i++)
        row[i / 2] = fmax(row[i / 2], s->slices[i].height * s->pixels_per_mm);
    const size_t tips = report_tips(s->result);
    const size_t legend = 1 + (s->necrosis ? 0 : (tips + TIPS_PER_ROW - 1) / TIPS_PER_ROW);
    const double panels = row[0] + GAP + row[1];
    canvas c;
    st_status status = canvas_begin(&c, f, WIDTH, panels + LEGEND_ROW * ((double)legend + 0.5), SHARPNESS, err);
    if (status != ST_OK)
        return status;
    for (size_t i = 0; i < SLICES && status == ST_OK; i++) {
        const double x = (double)(i % 2) * ((WIDTH - GAP) / 2 + GAP), width = (WIDTH - GAP) / 2;
        y = i < 2 ? 0 : row[0] + GAP;
        canvas_colour(&c, GROUND, 1);
        cairo_rectangle(c.cr, x, y, width, row[i / 2]);
        cairo_fill(c.cr);
        const slice *sl = &s->slices[i];
        status = draw_slice(s, sl, &c, x + (width - sl->width * s->pixels_per_mm) / 2,
                            y + (row[i / 2] - sl->height * s->pixels_per_mm) / 2, err);
    }
    if (s->necrosis)
        legend_necrosis(&c, panels + LEGEND_ROW);
    else
        legend_territories(s, &c, panels + LEGEND_ROW);
    const st_status ended = canvas_end(&c, err);
    return status != ST_OK ? status : ended;
}

st_status figure_slices(const st_case *c, const st_result *result, int threads, figure *territories, figure *necrosis,
                        st_error *err) {
    sheet s = {.c = c, .result = result, .threads = threads};
    slices_choose(&result->liver, MARGIN, s.slices);
    st_status status = draw_sheet(&s, territories, err);
    s.necrosis = true;
    return status == ST_OK ? draw_sheet(&s, necrosis, err) : status;
}
