/* Figures of the angiogram before and after: as a digital subtraction run from the front would show it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "angiogram.h"
#include "canvas.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Layout, pixels and mm. */
static const double HEIGHT = 900, HEAD = 86, MARGIN = 12;
static const double BACKGROUND = 0.87; /* grey where there is no contrast */
static const double TEXT = 30, RING = 11, LABEL_REACH = 42;
static const double ORGAN_EDGE = 4, LESION_EDGE = 2; /* mm of organ, of tumour along the ray at its outline */

typedef struct run {
    const st_case *c;
    const st_result *result;
    double time;          /* of the picture, s */
    const double *leaves; /* of the picture being drawn */
    const float *perfusion;
    float *organ, *lesions; /* outlines: depth along the ray, mm */
} run;

/* ---- what the rays sum ------------------------------------------------------------- */

static double blush(const void *context, size_t voxel) {
    const run *r = context;
    const double since = r->time - r->leaves[r->result->tissue.terminal[voxel]];
    return since > 0 ? r->perfusion[voxel] * since : 0;
}

static double is_organ(const void *context, size_t voxel) {
    (void)context;
    (void)voxel;
    return 1;
}

static double is_tumour(const void *context, size_t voxel) {
    const run *r = context;
    return r->result->liver.tissue[voxel] == ST_TUMOUR;
}

/* ---- the picture ----------------------------------------------------------------------- */

static void paint_contrast(const canvas *c, const view *v, double depth) {
    cairo_surface_t *image = cairo_image_surface_create(CAIRO_FORMAT_RGB24, (int)v->width, (int)v->height);
    if (cairo_surface_status(image) == CAIRO_STATUS_SUCCESS) {
        unsigned char *row = cairo_image_surface_get_data(image);
        const size_t stride = (size_t)cairo_image_surface_get_stride(image);
        for (size_t j = 0; j < v->height; j++, row += stride)
            for (size_t i = 0; i < v->width; i++) {
                const double shade = BACKGROUND * exp(-v->thickness[j * v->width + i] / depth);
                const uint32_t grey = (uint32_t)lround(255 * shade), pixel = grey << 16 | grey << 8 | grey;
                memcpy(row + 4 * i, &pixel, sizeof pixel);
            }
        cairo_surface_mark_dirty(image);
    }
    cairo_set_source_surface(c->cr, image, 0, HEAD);
    cairo_paint(c->cr);
    cairo_surface_destroy(image);
}

static void outline(const canvas *c, const view *v, const float *field, double edge, colour hue, double alpha) {
    cairo_save(c->cr);
    cairo_set_line_width(c->cr, 1.6);
    canvas_colour(c, hue, alpha);
    canvas_contour(c, field, v->width, v->height, (float)edge, 0.5, HEAD + 0.5, 1);
    cairo_stroke(c->cr);
    cairo_restore(c->cr);
}

/* ---- marks: a ring where a catheter ends, and numbers where there is room ------------------ */

typedef struct mark {
    double x, y, label_x, label_y; /* pixels of the picture */
    bool ring;                     /* a tip; else a lesion */
    size_t number;
} mark;

/* How much a label at (x, y) would stand in the way of rings and of the labels placed before it. */
static double crowding(const mark *marks, size_t n, size_t self, const canvas *c, double x, double y) {
    double cost = 0;
    for (size_t i = 0; i < n; i++) {
        const double ring = hypot(x - marks[i].x, y - marks[i].y) / TEXT;
        const double label = hypot(x - marks[i].label_x, y - marks[i].label_y) / TEXT;
        if (i != self && marks[i].ring)
            cost += exp(-ring * ring);
        if (i < self)
            cost += 2 * exp(-label * label);
    }
    const bool outside = x < TEXT || y < HEAD + TEXT || x > c->width - TEXT || y > c->height - TEXT;
    return outside ? cost + 1 : cost;
}

/* A tip's number stands off its ring; a lesion's in its middle, if it can. */
static void place_label(mark *marks, size_t n, size_t self, const canvas *c) {
    enum { DIRECTIONS = 16 };
    const double reluctance = 0.1; /* to go farther */
    double best = INFINITY;
    for (int reach = marks[self].ring; reach <= 2; reach++)
        for (int k = 0; k < DIRECTIONS; k++) {
            const double angle = 4 * acos(0) * k / DIRECTIONS;
            const double x = marks[self].x + reach * LABEL_REACH * cos(angle);
            const double y = marks[self].y - reach * LABEL_REACH * sin(angle);
            const double cost = crowding(marks, n, self, c, x, y) + reluctance * reach;
            if (cost < best) {
                best = cost;
                marks[self].label_x = x;
                marks[self].label_y = y;
            }
        }
}

static void draw_ring(const canvas *c, const mark *m, colour hue, double thickness) {
    const double away = hypot(m->label_x - m->x, m->label_y - m->y), share = RING / away;
    cairo_set_line_width(c->cr, thickness);
    canvas_colour(c, hue, 1);
    cairo_new_sub_path(c->cr);
    cairo_arc(c->cr, m->x, m->y, RING, 0, 4 * acos(0));
    cairo_move_to(c->cr, m->x + share * (m->label_x - m->x), m->y + share * (m->label_y - m->y));
    cairo_line_to(c->cr, m->label_x, m->label_y);
    cairo_stroke(c->cr);
}

static void draw_mark(const canvas *c, const mark *m) {
    if (m->ring) {
        draw_ring(c, m, ink, 7);
        draw_ring(c, m, colour_of_tip(m->number), 3.5);
        canvas_tip(c, m->label_x, m->label_y, TEXT, m->number);
    } else {
        char text[32];
        snprintf(text, sizeof text, "L%zu", m->number);
        canvas_label(c, m->label_x, m->label_y, 0.7 * TEXT, calm, white, text);
    }
}

enum { LESIONS_NUMBERED = 20 }; /* more would hide the vessels */

/* Tips first: they matter more. Lesions stand in order of size. */
static size_t collect_marks(const view *v, const run *r, mark *marks) {
    const st_result *result = r->result;
    const double smallest = st_parameter_value(&r->c->parameters, ST_P_ANGIOGRAM_OUTLINE);
    size_t n = 0;
    for (size_t s = 0; s < result->plan.n_sessions; s++)
        for (size_t t = 0; t < result->plan.sessions[s].n_tips; t++, n++) {
            const float *at = result->tree.proximal[result->plan.sessions[s].tips[t].segment];
            marks[n] = (mark){.x = view_x(v, at[0]), .y = HEAD + view_y(v, at[2]), .ring = true, .number = n + 1};
        }
    for (size_t l = 0; l < result->liver.n_lesions && l < LESIONS_NUMBERED; l++) {
        const st_lesion *lesion = &result->liver.lesions[l];
        if (lesion->longest_axial_diameter >= smallest)
            marks[n++] = (mark){
                .x = view_x(v, lesion->centroid[0]), .y = HEAD + view_y(v, lesion->centroid[2]), .number = lesion->id};
    }
    return n;
}

static st_status draw_marks(const canvas *c, const view *v, const run *r, st_error *err) {
    mark *marks = st_alloc(report_tips(r->result) + r->result->liver.n_lesions, sizeof *marks, err);
    if (marks == NULL)
        return ST_MEMORY;
    const size_t n = collect_marks(v, r, marks);
    for (size_t i = 0; i < n; i++)
        place_label(marks, n, i, c);
    for (size_t i = n; i-- > 0;)
        draw_mark(c, &marks[i]);
    free(marks);
    return ST_OK;
}

/* ---- frame ----------------------------------------------------------------------------------- */

static void draw_frame(const canvas *c, const view *v, const char *title, const char *subtitle) {
    canvas_colour(c, ink, 1);
    canvas_bold(c, 0, TEXT, LEFT, TEXT, title);
    canvas_colour(c, muted, 1);
    canvas_text(c, 0, 2.3 * TEXT, LEFT, 0.8 * TEXT, subtitle);
    canvas_colour(c, ink, 1);
    canvas_bold(c, 0.5 * TEXT, HEAD + (double)v->height / 2, LEFT, TEXT, "R");
    canvas_bold(c, c->width - 0.5 * TEXT, HEAD + (double)v->height / 2, RIGHT, TEXT, "L");
    canvas_scale_bar(c, c->width - TEXT, c->height - TEXT, c->width, 1 / v->pixel, 0.8 * TEXT);
}

static double inflow(const st_tree *tree, const double *flow) {
    double sum = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        if (tree->parent[i] == ST_NONE)
            sum += flow[i];
    return sum;
}

static st_status draw(run *r, view *v, const double *flow, double *leaves, const char *title, figure *f,
                      st_error *err) {
    const st_result *result = r->result;
    canvas c;
    char subtitle[160];
    memset(v->thickness, 0, v->width * v->height * sizeof *v->thickness);
    contrast_arrival(&result->tree, flow, leaves);
    r->leaves = leaves;
    st_status status = view_vessels(v, &result->tree, leaves, r->time, err);
    if (status == ST_OK)
        status = view_voxels(v, &result->liver, blush, r, v->thickness, err);
    if (status == ST_OK)
        status = canvas_begin(&c, f, (double)v->width, HEAD + (double)v->height, 1, err);
    if (status != ST_OK)
        return status;
    snprintf(subtitle, sizeof subtitle, "simulated, frontal view, %.3g s after contrast enters; inflow %.0f mL/min",
             r->time, inflow(&result->tree, flow) / ST_ML_MIN);
    paint_contrast(&c, v, st_parameter_value(&r->c->parameters, ST_P_ANGIOGRAM_DEPTH));
    outline(&c, v, r->organ, ORGAN_EDGE, muted, 0.5);
    outline(&c, v, r->lesions, LESION_EDGE, calm, 0.8);
    draw_frame(&c, v, title, subtitle);
    status = draw_marks(&c, v, r, err);
    const st_status ended = canvas_end(&c, err);
    return status != ST_OK ? status : ended;
}

static st_status draw_both(run *r, view *v, double *leaves, figure *before, figure *after, st_error *err) {
    const st_result *result = r->result;
    char title[96] = "After treatment";
    const size_t n = result->plan.n_sessions;
    r->perfusion = result->tissue.arterial_baseline;
    st_status status = draw(r, v, result->flow_before, leaves, "Before treatment", before, err);
    if (n == 0 || status != ST_OK)
        return status;
    if (n > 1)
        snprintf(title, sizeof title, "After session %zu (week %.3g)", n, result->plan.sessions[n - 1].time / ST_WEEK);
    r->perfusion = result->tissue.arterial;
    return draw(r, v, result->flow_after, leaves, title, after, err);
}

st_status figure_angiograms(const st_case *c, const st_result *result, figure *before, figure *after, st_error *err) {
    run r = {.c = c, .result = result, .time = st_parameter_value(&c->parameters, ST_P_ANGIOGRAM_TIME)};
    view v = {0};
    double *leaves = NULL;
    st_status status = view_init(&v, &result->liver, &result->tree, MARGIN, HEIGHT, err);
    if (status != ST_OK)
        goto done;
    const size_t pixels = v.width * v.height;
    if ((r.organ = st_alloc(pixels, sizeof *r.organ, err)) == NULL ||
        (r.lesions = st_alloc(pixels, sizeof *r.lesions, err)) == NULL ||
        (leaves = st_alloc(result->tree.n, sizeof *leaves, err)) == NULL) {
        status = ST_MEMORY;
        goto done;
    }
    if ((status = view_voxels(&v, &result->liver, is_organ, &r, r.organ, err)) == ST_OK &&
        (status = view_voxels(&v, &result->liver, is_tumour, &r, r.lesions, err)) == ST_OK)
        status = draw_both(&r, &v, leaves, before, after, err);
done:
    free(r.organ);
    free(r.lesions);
    free(leaves);
    view_fini(&v);
    return status;
}
