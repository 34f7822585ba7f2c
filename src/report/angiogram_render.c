/* The angiogram as numbers: contrast enters the artery with the blood, at time 0, and moves with the flow of every
 * segment (plug flow). What has arrived by the moment of the picture lies in the vessels, or in the tissue beyond
 * them, and is summed along rays from front to back. Nothing is drawn where nothing flows.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "angiogram.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Vessels narrower than this radius (pixels) do not show a lumen. */
static const double THINNEST_RADIUS = 0.75;
static const double HALF_PIXEL = 0.5;

st_status view_init(view *v, const st_liver *liver, const st_tree *tree, double margin, double height_px,
                    st_error *err) {
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    const uint32_t *n = liver->geometry.n;
    for (int corner = 0; corner < 8; corner++) { /* the box around the organ */
        const double voxel[3] = {corner & 1 ? n[0] - 0.5 : -0.5, corner & 2 ? n[1] - 0.5 : -0.5,
                                 corner & 4 ? n[2] - 0.5 : -0.5};
        double p[3];
        st_geometry_to_lps(&liver->geometry, voxel, p);
        for (int k = 0; k < 2; k++) {
            low[k] = fmin(low[k], p[2 * k]);
            high[k] = fmax(high[k], p[2 * k]);
        }
    }
    for (uint32_t i = 0; i < tree->n; i++) /* and the stump outside it */
        for (int k = 0; tree->parent[i] == ST_NONE && k < 2; k++) {
            low[k] = fmin(low[k], tree->proximal[i][2 * k]);
            high[k] = fmax(high[k], tree->proximal[i][2 * k]);
        }
    *v = (view){.left = low[0] - margin, .top = high[1] + margin};
    v->pixel = (high[1] - low[1] + 2 * margin) / height_px;
    v->width = (size_t)ceil((high[0] - low[0] + 2 * margin) / v->pixel);
    v->height = (size_t)height_px;
    v->thickness = st_alloc(v->width * v->height, sizeof *v->thickness, err);
    return v->thickness != NULL ? ST_OK : ST_MEMORY;
}

void view_fini(view *v) {
    free(v->thickness);
    *v = (view){0};
}

double view_x(const view *v, double x) {
    return (x - v->left) / v->pixel;
}
double view_y(const view *v, double z) {
    return (v->top - z) / v->pixel;
}

/* ---- contrast on its way --------------------------------------------------------- */

static double segment_volume(const st_tree *tree, uint32_t i) {
    const double r = tree->radius[i];
    return 2 * acos(0) * r * r * st_tree_length(tree, i);
}

void contrast_arrival(const st_tree *tree, const double *flow, double *leaves) {
    for (uint32_t i = 0; i < tree->n; i++) {
        const double enters = tree->parent[i] == ST_NONE ? 0 : leaves[tree->parent[i]];
        leaves[i] = flow[i] > 0 ? enters + segment_volume(tree, i) / flow[i] : INFINITY;
    }
}

double contrast_filled(const st_tree *tree, const double *leaves, uint32_t segment, double time) {
    const double enters = tree->parent[segment] == ST_NONE ? 0 : leaves[tree->parent[segment]];
    if (!(enters < time))
        return 0;
    return leaves[segment] <= time ? 1 : (time - enters) / (leaves[segment] - enters);
}

/* ---- vessels ------------------------------------------------------------------------ */

typedef struct stroke {
    double x0, y0, x1, y1, radius; /* pixels */
    double dx, dy, length;         /* direction and length in the picture */
} stroke;

static double stroke_distance(const stroke *s, double x, double y) {
    const double along = (x - s->x0) * s->dx + (y - s->y0) * s->dy;
    const double clamped = fmin(fmax(along, 0), s->length);
    const double across = x - s->x0 - clamped * s->dx, down = y - s->y0 - clamped * s->dy;
    return sqrt(across * across + down * down); /* hypot takes three times as long */
}

/* Wide enough to show its lumen: the chord through the cylinder. Joints overlap, so the longer path counts. */
static void draw_wide(const view *v, const stroke *s, double steep, float *wide) {
    const double reach = s->radius + 1;
    const long left = (long)fmax(fmin(s->x0, s->x1) - reach, 0), top = (long)fmax(fmin(s->y0, s->y1) - reach, 0);
    const long right = (long)fmin(fmax(s->x0, s->x1) + reach, (double)v->width - 1);
    const long bottom = (long)fmin(fmax(s->y0, s->y1) + reach, (double)v->height - 1);
    for (long j = top; j <= bottom; j++)
        for (long i = left; i <= right; i++) {
            const double d = stroke_distance(s, (double)i + HALF_PIXEL, (double)j + HALF_PIXEL);
            const double chord2 = s->radius * s->radius - d * d;
            if (chord2 <= 0)
                continue;
            const float path = (float)(2 * sqrt(chord2) * v->pixel * steep);
            float *at = wide + (size_t)j * v->width + (size_t)i;
            *at = path > *at ? path : *at;
        }
}

/* Narrow: its volume, in mm^3, spread along the line with soft sides. */
static void draw_narrow(const view *v, const stroke *s, double volume, float *thickness) {
    const double soft = fmax(s->radius, THINNEST_RADIUS) + HALF_PIXEL;
    const long left = (long)floor(fmin(s->x0, s->x1) - soft), top = (long)floor(fmin(s->y0, s->y1) - soft);
    const long right = (long)ceil(fmax(s->x0, s->x1) + soft), bottom = (long)ceil(fmax(s->y0, s->y1) + soft);
    double sum = 0;
    for (int pass = 0; pass < 2; pass++) /* first the sum of the weights, then the shares */
        for (long j = top; j <= bottom; j++)
            for (long i = left; i <= right; i++) {
                const double d = stroke_distance(s, (double)i + HALF_PIXEL, (double)j + HALF_PIXEL) / soft;
                if (d >= 1)
                    continue;
                const double weight = (1 - d * d) * (1 - d * d);
                if (pass == 0)
                    sum += weight;
                else if (i >= 0 && j >= 0 && i < (long)v->width && j < (long)v->height)
                    thickness[(size_t)j * v->width + (size_t)i] +=
                        (float)(volume * weight / sum / (v->pixel * v->pixel));
            }
}

static void draw_segment(const view *v, const st_tree *tree, uint32_t i, double filled, float *wide) {
    const float *from = tree->proximal[i], *to = tree->distal[i];
    stroke s = {.x0 = view_x(v, from[0]), .y0 = view_y(v, from[2]), .radius = tree->radius[i] / v->pixel};
    s.x1 = s.x0 + filled * ((double)to[0] - from[0]) / v->pixel;
    s.y1 = s.y0 - filled * ((double)to[2] - from[2]) / v->pixel;
    s.length = hypot(s.x1 - s.x0, s.y1 - s.y0);
    s.dx = s.length > 0 ? (s.x1 - s.x0) / s.length : 0;
    s.dy = s.length > 0 ? (s.y1 - s.y0) / s.length : 0;
    const double true_length = filled * st_tree_length(tree, i) / v->pixel;
    if (s.radius < THINNEST_RADIUS) {
        draw_narrow(v, &s, filled * segment_volume(tree, i), v->thickness);
        return;
    }
    /* A vessel that runs towards the viewer is as deep as it is long, at most. */
    const double shown = fmax(s.length, 2 * s.radius);
    draw_wide(v, &s, fmax(true_length / shown, 1), wide);
}

st_status view_vessels(view *v, const st_tree *tree, const double *leaves, double time, st_error *err) {
    const size_t pixels = v->width * v->height;
    float *wide = st_alloc(pixels, sizeof *wide, err);
    if (wide == NULL)
        return ST_MEMORY;
    for (uint32_t i = 0; i < tree->n; i++) {
        const double filled = contrast_filled(tree, leaves, i, time);
        if (filled > 0)
            draw_segment(v, tree, i, filled, wide);
    }
    for (size_t i = 0; i < pixels; i++)
        v->thickness[i] += wide[i];
    free(wide);
    return ST_OK;
}

/* ---- tissue ----------------------------------------------------------------------------- */

/* A coarse grid in the same plane: voxels are wider than pixels. */
typedef struct haze {
    size_t width, height;
    double step; /* mm */
    float *value;
} haze;

static st_status haze_init(haze *h, const view *v, const st_geometry *geometry, st_error *err) {
    const double *spacing = geometry->spacing;
    h->step = fmax(fmax(spacing[0], spacing[1]), fmax(spacing[2], v->pixel));
    h->width = (size_t)ceil((double)v->width * v->pixel / h->step) + 1;
    h->height = (size_t)ceil((double)v->height * v->pixel / h->step) + 1;
    h->value = st_alloc(h->width * h->height, sizeof *h->value, err);
    return h->value != NULL ? ST_OK : ST_MEMORY;
}

/* The four grid points around a place share what is there. */
typedef struct corners {
    size_t at[4];
    float share[4];
} corners;

static bool haze_corners(const haze *h, double x, double y, corners *c) {
    const double left = floor(x), top = floor(y);
    if (left < 0 || top < 0 || left + 1 >= (double)h->width || top + 1 >= (double)h->height)
        return false;
    const float fx = (float)(x - left), fy = (float)(y - top);
    c->at[0] = (size_t)top * h->width + (size_t)left;
    c->at[1] = c->at[0] + 1;
    c->at[2] = c->at[0] + h->width;
    c->at[3] = c->at[2] + 1;
    c->share[0] = (1 - fx) * (1 - fy);
    c->share[1] = fx * (1 - fy);
    c->share[2] = (1 - fx) * fy;
    c->share[3] = fx * fy;
    return true;
}

/* 1-2-1 along a line, in place. */
static void smooth_line(float *line, size_t n, size_t stride) {
    float before = 0;
    for (size_t i = 0; i < n; i++) {
        const float now = line[i * stride], after = i + 1 < n ? line[(i + 1) * stride] : 0;
        line[i * stride] = 0.25F * before + 0.5F * now + 0.25F * after;
        before = now;
    }
}

/* Hides the lattice of the voxels. */
static void haze_smooth(haze *h) {
    for (size_t j = 0; j < h->height; j++)
        smooth_line(h->value + j * h->width, h->width, 1);
    for (size_t i = 0; i < h->width; i++)
        smooth_line(h->value + i, h->height, h->width);
}

/* Sum over voxels of amount[voxel] * volume, seen from the front, as thickness in mm. */
static st_status haze_voxels(haze *h, const view *v, const st_liver *liver, voxel_amount amount, const void *context,
                             st_error *err) {
    st_status status = haze_init(h, v, &liver->geometry, err);
    if (status != ST_OK)
        return status;
    const uint32_t *n = liver->geometry.n;
    const double unit = st_geometry_voxel_volume(&liver->geometry) / (h->step * h->step);
    size_t index = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++)
            for (uint32_t x = 0; x < n[0]; x++, index++) {
                const double value = liver->tissue[index] != ST_OUTSIDE ? amount(context, index) : 0;
                if (!(value > 0))
                    continue;
                const double voxel[3] = {x, y, z};
                double p[3];
                corners c;
                st_geometry_to_lps(&liver->geometry, voxel, p);
                if (!haze_corners(h, (p[0] - v->left) / h->step, (v->top - p[2]) / h->step, &c))
                    continue;
                for (int k = 0; k < 4; k++)
                    h->value[c.at[k]] += (float)(value * unit) * c.share[k];
            }
    haze_smooth(h);
    return ST_OK;
}

st_status view_voxels(const view *v, const st_liver *liver, voxel_amount amount, const void *context, float *add_to,
                      st_error *err) {
    haze h = {0};
    st_status status = haze_voxels(&h, v, liver, amount, context, err);
    for (size_t j = 0; status == ST_OK && j < v->height; j++)
        for (size_t i = 0; i < v->width; i++) {
            corners c;
            if (!haze_corners(&h, ((double)i + HALF_PIXEL) * v->pixel / h.step,
                              ((double)j + HALF_PIXEL) * v->pixel / h.step, &c))
                continue;
            for (int k = 0; k < 4; k++)
                add_to[j * v->width + i] += h.value[c.at[k]] * c.share[k];
        }
    free(h.value);
    return status;
}
