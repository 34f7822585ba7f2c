/* Territories, necrosis and oil on slices through the largest lesions, as a radiologist holds them: the patient's
 * right on the left, front or head on top.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "slices.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Layout: CSS pixels and mm. */
static const double WIDTH = 1100, GAP = 14, MARGIN = 8, SHARPNESS = 2;

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
            const colour here = sheet_colour(r->sheet, voxel, lps);
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
    canvas_colour(c, sheet_outline(r->sheet), 1);
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
        l->number[i] = normal ? (uint32_t)sheet_tip(s, voxel) : 0;
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
    if (status == ST_OK && s->kind == SHEET_TERRITORIES)
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
    canvas c;
    st_status status = canvas_begin(&c, f, WIDTH, top[ROWS] + sheet_legend_height(s), SHARPNESS, err);
    if (status != ST_OK)
        return status;
    for (size_t i = 0; i < SLICES && status == ST_OK; i++)
        status = draw_slice(s, &s->slices[i], &c, (double)(i % COLUMNS) * (column + GAP), top[i / COLUMNS], err);
    sheet_legend(s, &c, WIDTH, top[ROWS]);
    const st_status ended = canvas_end(&c, err);
    return status != ST_OK ? status : ended;
}

static st_status draw_oil_ct(sheet *s, const st_case *c, figure *f, st_error *err) {
    if (!report_shows_oil(c, s->result))
        return ST_OK;
    float *hu = st_alloc(s->result->tissue.voxels, sizeof *hu, err);
    st_status status = hu != NULL ? report_oil_ct(c, s->result, hu, err) : ST_MEMORY;
    s->kind = SHEET_OIL_CT;
    s->hu = hu;
    if (status == ST_OK)
        status = draw_sheet(s, f, err);
    s->hu = NULL;
    free(hu);
    return status;
}

st_status figure_slices(const st_case *c, const st_result *result, int threads, figure *f, st_error *err) {
    if (result->plan.n_sessions == 0)
        return ST_OK;
    sheet s = {.result = result, .parameters = &c->parameters, .threads = threads};
    slices_choose(&result->liver, MARGIN, s.slices);
    s.kind = SHEET_TERRITORIES;
    st_status status = draw_sheet(&s, &f[FIGURE_TERRITORIES], err);
    s.kind = SHEET_NECROSIS;
    if (status == ST_OK)
        status = draw_sheet(&s, &f[FIGURE_NECROSIS], err);
    return status == ST_OK ? draw_oil_ct(&s, c, &f[FIGURE_OIL_CT], err) : status;
}
