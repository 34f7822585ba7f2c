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
static const double WIDTH = 1100, GAP = 14, MARGIN = 8, SHARPNESS = 2;
static const double LEGEND_ROW = 24, SWATCH = 14;
static const colour ORGAN = {0.42, 0.42, 0.42}, TUMOUR = {0.66, 0.66, 0.66}, OTHER = {0.17, 0.17, 0.18},
                    GROUND = {0.03, 0.03, 0.04};

typedef struct sheet {
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

static colour voxel_colour(const sheet *s, size_t voxel) {
    return s->necrosis ? necrosis_colour(s->result, voxel) : territory_colour(s->result, voxel);
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

static void raster_rows(void *context, size_t begin, size_t end) {
    const raster *r = context;
    const st_result *result = r->sheet->result;
    for (size_t j = begin; j < end; j++)
        for (size_t i = 0; i < r->width; i++) {
            double lps[3];
            slice_place(r->slice, ((double)i + 0.5) * r->step, ((double)j + 0.5) * r->step, lps);
            const size_t voxel = st_liver_voxel_at(&result->liver, lps);
            const int tissue = voxel != SIZE_MAX ? result->liver.tissue[voxel] : ST_OUTSIDE;
            const colour here = tissue != ST_OUTSIDE                ? voxel_colour(r->sheet, voxel)
                                : other_label(&result->labels, lps) ? OTHER
                                                                    : GROUND;
            const uint32_t pixel = (uint32_t)lround(255 * here.r) << 16 | (uint32_t)lround(255 * here.g) << 8 |
                                   (uint32_t)lround(255 * here.b);
            memcpy(r->pixels + j * r->stride + 4 * i, &pixel, sizeof pixel);
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

/* Where a label stands: as deep inside as it gets. */
typedef struct spot {
    double depth, x, y; /* mm, mm from the corner of the slice */
} spot;

/* A slice on a lattice fine enough for labels. */
typedef struct lattice {
    uint32_t size[3];
    size_t cells;
    double step;      /* mm */
    uint32_t *number; /* [cells] of the tip or lesion, 0 for none */
    uint8_t *mask;
    float *depth;
} lattice;

static st_status lattice_init(lattice *l, const slice *sl, st_error *err) {
    *l = (lattice){.step = 2};
    l->size[0] = (uint32_t)(sl->width / l->step) + 1;
    l->size[1] = (uint32_t)(sl->height / l->step) + 1;
    l->size[2] = 1;
    l->cells = (size_t)l->size[0] * l->size[1];
    l->number = st_alloc(l->cells, sizeof *l->number, err);
    l->mask = st_alloc(l->cells, 1, err);
    l->depth = st_alloc(l->cells, sizeof *l->depth, err);
    return l->number != NULL && l->mask != NULL && l->depth != NULL ? ST_OK : ST_MEMORY;
}

static void lattice_fini(lattice *l) {
    free(l->number);
    free(l->mask);
    free(l->depth);
}

/* The deepest cell of each number 1..n; depth 0 where there is none. */
static st_status find_spots(lattice *l, spot *spots, size_t n, st_error *err) {
    const double far = 1e6, spacing[3] = {l->step, l->step, far};
    st_status status = ST_OK;
    for (size_t k = 0; k < n && status == ST_OK; k++) {
        size_t members = 0;
        for (size_t i = 0; i < l->cells; i++)
            members += l->mask[i] = l->number[i] == k + 1;
        spots[k] = (spot){0};
        if (members > 0)
            status = st_distance(l->size, spacing, l->mask, l->depth, err);
        for (size_t i = 0; members > 0 && status == ST_OK && i < l->cells; i++)
            if (l->depth[i] > spots[k].depth)
                spots[k] = (spot){l->depth[i], (double)(i % l->size[0]) * l->step, (double)(i / l->size[0]) * l->step};
    }
    return status;
}

static size_t lattice_voxel(const lattice *l, const st_liver *liver, const slice *sl, size_t cell) {
    double lps[3];
    slice_place(sl, (double)(cell % l->size[0]) * l->step, (double)(cell / l->size[0]) * l->step, lps);
    return st_liver_voxel_at(liver, lps);
}

/* Numbers of lesions stand above them, so that what is inside shows: (x, y) becomes that place. */
static st_status lesion_spots(const sheet *s, const slice *sl, lattice *l, spot *spots, st_error *err) {
    const st_liver *liver = &s->result->liver;
    for (size_t i = 0; i < l->cells; i++) {
        const size_t voxel = lattice_voxel(l, liver, sl, i);
        l->number[i] = voxel != SIZE_MAX ? liver->lesion[voxel] : 0;
    }
    st_status status = find_spots(l, spots, liver->n_lesions, err);
    for (size_t k = 0; k < liver->n_lesions; k++)
        spots[k].y -= spots[k].depth + TEXT_NORMAL / s->pixels_per_mm;
    return status;
}

/* Numbers of tips stand in normal liver, clear of lesions and of their numbers. */
static st_status tip_spots(const sheet *s, const slice *sl, lattice *l, const spot *lesions, spot *spots,
                           st_error *err) {
    const st_liver *liver = &s->result->liver;
    const double clear = 1.3 * TEXT_LARGE / s->pixels_per_mm;
    for (size_t i = 0; i < l->cells; i++) {
        const size_t voxel = lattice_voxel(l, liver, sl, i);
        const bool normal = voxel != SIZE_MAX && liver->tissue[voxel] == ST_NORMAL;
        const double x = (double)(i % l->size[0]) * l->step, y = (double)(i / l->size[0]) * l->step;
        l->number[i] = normal ? (uint32_t)tip_of_voxel(s->result, voxel) : 0;
        for (size_t k = 0; k < liver->n_lesions && l->number[i] != 0; k++)
            if (lesions[k].depth > 0 && hypot(x - lesions[k].x, y - lesions[k].y) < clear)
                l->number[i] = 0;
    }
    return find_spots(l, spots, report_tips(s->result), err);
}

static void draw_spots(const sheet *s, const canvas *c, double x, double y, const spot *spots, size_t n, bool lesions) {
    const double shallowest = lesions ? 2 : 4; /* mm: what is flatter holds no label */
    for (size_t k = 0; k < n; k++) {
        char text[32];
        snprintf(text, sizeof text, lesions ? "L%zu" : "%zu", k + 1);
        if (spots[k].depth >= shallowest)
            canvas_label(c, x + spots[k].x * s->pixels_per_mm, y + spots[k].y * s->pixels_per_mm,
                         lesions ? TEXT_NORMAL : TEXT_LARGE,
                         lesions ? white : colour_mix(colour_of_tip(k + 1), white, 0.35), black, text);
    }
}

static st_status draw_numbers(const sheet *s, const slice *sl, const canvas *c, double x, double y, st_error *err) {
    const size_t n_lesions = s->result->liver.n_lesions, n_tips = report_tips(s->result);
    lattice l;
    spot *lesions = st_alloc(n_lesions, sizeof *lesions, err), *tips = st_alloc(n_tips, sizeof *tips, err);
    st_status status = lattice_init(&l, sl, err);
    if (lesions == NULL || tips == NULL)
        status = ST_MEMORY;
    if (status == ST_OK)
        status = lesion_spots(s, sl, &l, lesions, err);
    if (status == ST_OK && !s->necrosis)
        status = tip_spots(s, sl, &l, lesions, tips, err);
    if (status == ST_OK) {
        draw_spots(s, c, x, y, tips, n_tips, false);
        draw_spots(s, c, x, y, lesions, n_lesions, true);
    }
    lattice_fini(&l);
    free(lesions);
    free(tips);
    return status;
}

/* ---- one panel ------------------------------------------------------------------------------------- */

static void draw_marks(const sheet *s, const slice *sl, const canvas *c, double x, double y) {
    const double width = sl->width * s->pixels_per_mm, height = sl->height * s->pixels_per_mm, edge = 6;
    char text[64];
    canvas_colour(c, white, 0.9);
    canvas_bold(c, x + edge, y + height / 2, LEFT, TEXT_LARGE, "R");
    canvas_bold(c, x + width - edge, y + height / 2, RIGHT, TEXT_LARGE, "L");
    canvas_bold(c, x + width / 2, y + TEXT_LARGE + 2, MIDDLE, TEXT_LARGE, sl->coronal ? "S" : "A");
    canvas_bold(c, x + width / 2, y + height - edge, MIDDLE, TEXT_LARGE, sl->coronal ? "I" : "P");
    canvas_scale_bar(c, x + width - 2 * edge, y + height - 2 * edge, width, s->pixels_per_mm, TEXT_SMALL);
    snprintf(text, sizeof text, "%s, %s %.1f mm", sl->coronal ? "coronal" : "axial", sl->coronal ? "y" : "z",
             sl->position);
    canvas_text(c, x + edge, y + TEXT_NORMAL + 4, LEFT, TEXT_NORMAL, text);
}

static st_status draw_slice(const sheet *s, const slice *sl, const canvas *c, double x, double y, st_error *err) {
    st_status status = draw_raster(s, sl, c, x, y, err);
    if (status == ST_OK)
        status = draw_numbers(s, sl, c, x, y, err);
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
    double x = swatch(c, 0, y, ORGAN, "liver of no tip");
    x = swatch(c, x, y, TUMOUR, "tumour of no tip");
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

/* Slices of one row get the same height. */
static double level_row(slice *slices, size_t n) {
    double tallest = 0;
    for (size_t i = 0; i < n; i++)
        tallest = fmax(tallest, slices[i].height);
    for (size_t i = 0; i < n; i++) {
        slices[i].top += (slices[i].coronal ? 0.5 : -0.5) * (tallest - slices[i].height);
        slices[i].height = tallest;
    }
    return tallest;
}

static st_status draw_sheet(sheet *s, figure *f, st_error *err) {
    enum { COLUMNS = 2, ROWS = SLICES / COLUMNS };
    const double column = (WIDTH - GAP) / COLUMNS;
    double top[ROWS + 1] = {0};
    s->pixels_per_mm = column / s->slices[0].width; /* all are as wide as the organ */
    for (size_t j = 0; j < ROWS; j++)
        top[j + 1] = top[j] + level_row(s->slices + j * COLUMNS, COLUMNS) * s->pixels_per_mm + GAP;
    const size_t tips = report_tips(s->result);
    const size_t legend = 1 + (s->necrosis ? 0 : (tips + TIPS_PER_ROW - 1) / TIPS_PER_ROW);
    canvas c;
    st_status status = canvas_begin(&c, f, WIDTH, top[ROWS] + LEGEND_ROW * (double)legend, SHARPNESS, err);
    if (status != ST_OK)
        return status;
    for (size_t i = 0; i < SLICES && status == ST_OK; i++)
        status = draw_slice(s, &s->slices[i], &c, (double)(i % COLUMNS) * (column + GAP), top[i / COLUMNS], err);
    const double first = top[ROWS] + LEGEND_ROW / 2;
    if (s->necrosis)
        legend_necrosis(&c, first);
    else
        legend_territories(s, &c, first);
    const st_status ended = canvas_end(&c, err);
    return status != ST_OK ? status : ended;
}

st_status figure_slices(const st_result *result, int threads, figure *territories, figure *necrosis, st_error *err) {
    if (result->plan.n_sessions == 0)
        return ST_OK;
    sheet s = {.result = result, .threads = threads};
    slices_choose(&result->liver, MARGIN, s.slices);
    st_status status = draw_sheet(&s, territories, err);
    s.necrosis = true;
    return status == ST_OK ? draw_sheet(&s, necrosis, err) : status;
}
