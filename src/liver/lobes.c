/* Lobes: from Couinaud labels, or by a plane.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "liver_internal.h"

#include <math.h>
#include <stdlib.h>

const char *st_lobe_name(st_lobe lobe) {
    switch (lobe) {
    case ST_LOBE_RIGHT:
        return "right";
    case ST_LOBE_LEFT:
        return "left";
    default:
        return "none";
    }
}

static st_lobe lobe_of_segment(uint8_t segment) {
    return segment == 0 ? ST_LOBE_NONE : segment >= 5 ? ST_LOBE_RIGHT : ST_LOBE_LEFT; /* the caudate goes left */
}

/* ---- Couinaud ------------------------------------------------------------- */

/* The voxels of the organ without a label beside voxel i take its label and join the queue. */
static void spread_from(const st_liver *liver, uint8_t *label, uint32_t i, uint32_t *queue, size_t *last) {
    const uint32_t *n = liver->geometry.n;
    const st_block b = st_geometry_around(&liver->geometry, i);
    for (uint32_t z = b.low[2]; z <= b.high[2]; z++)
        for (uint32_t y = b.low[1]; y <= b.high[1]; y++)
            for (uint32_t x = b.low[0]; x <= b.high[0]; x++) {
                const uint32_t j = (z * n[1] + y) * n[0] + x;
                if (liver->tissue[j] == ST_OUTSIDE || label[j] != 0)
                    continue;
                label[j] = label[i];
                queue[(*last)++] = j;
            }
}

st_status labels_spread(const st_liver *liver, uint8_t *label, st_error *err) {
    const uint32_t voxels = (uint32_t)st_geometry_voxels(&liver->geometry); /* images have at most 2^31 */
    uint32_t whole = 0;
    for (uint32_t i = 0; i < voxels; i++)
        whole += liver->tissue[i] != ST_OUTSIDE;
    uint32_t *queue = st_alloc(whole, sizeof *queue, err);
    if (!queue)
        return ST_MEMORY;
    size_t last = 0;
    for (uint32_t i = 0; i < voxels; i++)
        if (label[i] != 0)
            queue[last++] = i;
    for (size_t next = 0; next < last; next++) /* breadth first */
        spread_from(liver, label, queue[next], queue, &last);
    free(queue);
    return ST_OK;
}

/* ---- plane ----------------------------------------------------------------- */

enum { BINS = 1 << 16 };

/* Calls for each voxel of the organ with its place across the plane. */
static void across_organ(const st_liver *liver, const organ_plane *plane,
                         void (*visit)(void *context, size_t voxel, double place), void *context) {
    const st_geometry *g = &liver->geometry;
    size_t i = 0;
    for (uint32_t z = 0; z < g->n[2]; z++)
        for (uint32_t y = 0; y < g->n[1]; y++)
            for (uint32_t x = 0; x < g->n[0]; x++, i++) {
                if (liver->tissue[i] == ST_OUTSIDE)
                    continue;
                const double index[3] = {x, y, z};
                double p[3];
                st_geometry_to_lps(g, index, p);
                visit(context, i, plane_across(plane, p));
            }
}

typedef struct histogram {
    const uint8_t *lobe; /* [box], NULL when all of the organ counts */
    st_lobe only;        /* the lobe that counts */
    double low, step;
    uint64_t total;
    uint64_t bin[BINS];
} histogram;

static void count_place(void *context, size_t voxel, double place) {
    histogram *h = context;
    if (h->lobe != NULL && h->lobe[voxel] != h->only)
        return;
    const double at = (place - h->low) / h->step;
    h->bin[at <= 0 ? 0 : at >= BINS - 1 ? BINS - 1 : (size_t)at]++;
    h->total++;
}

void lobe_plane_normal(const st_parameters *parameters, double normal[3]) {
    const double slope = st_parameter_value(parameters, ST_P_LOBE_PLANE_SLOPE), length = sqrt(1 + slope * slope);
    normal[0] = 1 / length; /* to the left, the more so in front */
    normal[1] = -slope / length;
    normal[2] = 0;
}

st_status plane_find(const st_liver *liver, const double normal[3], st_lobe lobe, double before, organ_plane *plane,
                     st_error *err) {
    for (int i = 0; i < 3; i++)
        plane->normal[i] = normal[i];
    histogram *h = st_alloc(1, sizeof *h, err);
    if (!h)
        return ST_MEMORY;
    double low = INFINITY, high = -INFINITY;
    for (unsigned corner = 0; corner < 8; corner++) {
        double index[3], p[3];
        for (unsigned i = 0; i < 3; i++)
            index[i] = corner >> i & 1 ? (double)liver->geometry.n[i] - 0.5 : -0.5;
        st_geometry_to_lps(&liver->geometry, index, p);
        low = fmin(low, plane_across(plane, p));
        high = fmax(high, plane_across(plane, p));
    }
    h->lobe = lobe == ST_LOBE_NONE ? NULL : liver->lobe;
    h->only = lobe;
    h->low = low;
    h->step = (high - low) / BINS;
    across_organ(liver, plane, count_place, h);
    uint64_t sum = 0;
    size_t bin = 0;
    while (bin < BINS && (double)(sum + h->bin[bin]) <= before * (double)h->total)
        sum += h->bin[bin++];
    plane->offset = low + (double)bin * h->step;
    free(h);
    return ST_OK;
}

typedef struct cut {
    uint8_t *lobe;
    double offset;
} cut;

static void cut_voxel(void *context, size_t voxel, double place) {
    cut *c = context;
    c->lobe[voxel] = place < c->offset ? ST_LOBE_RIGHT : ST_LOBE_LEFT;
}

static st_status lobes_by_plane(st_liver *liver, const st_parameters *parameters, st_error *err) {
    organ_plane lobar;
    double normal[3];
    lobe_plane_normal(parameters, normal);
    const st_status status = plane_find(liver, normal, ST_LOBE_NONE,
                                        st_parameter_value(parameters, ST_P_RIGHT_LOBE_SHARE), &lobar, err);
    if (status == ST_OK)
        across_organ(liver, &lobar, cut_voxel, &(cut){liver->lobe, lobar.offset});
    liver->lobe_rule =
        "no Couinaud labels: by a vertical plane like Cantlie's, placed so that the right lobe has its usual "
        "share of the volume";
    return status;
}

/* ---- both ------------------------------------------------------------------- */

static st_status measure(st_liver *liver, st_error *err) {
    const size_t voxels = st_geometry_voxels(&liver->geometry);
    const double volume = st_geometry_voxel_volume(&liver->geometry);
    uint64_t whole[3] = {0}, tumour[3] = {0};
    uint64_t(*in)[3] = st_alloc(liver->n_lesions + 1, sizeof *in, err);
    if (!in)
        return ST_MEMORY;
    for (size_t i = 0; i < voxels; i++) {
        if (liver->tissue[i] == ST_OUTSIDE)
            continue;
        whole[liver->lobe[i]]++;
        tumour[liver->lobe[i]] += liver->tissue[i] == ST_TUMOUR;
        in[liver->lesion[i]][liver->lobe[i]]++;
    }
    for (int lobe = 0; lobe < 3; lobe++) {
        liver->lobe_volume[lobe] = (double)whole[lobe] * volume;
        liver->lobe_tumour_volume[lobe] = (double)tumour[lobe] * volume;
    }
    for (size_t k = 0; k < liver->n_lesions; k++) {
        const uint64_t *lobes = in[k + 1];
        liver->lesions[k].lobe = lobes[ST_LOBE_LEFT] > lobes[ST_LOBE_RIGHT] ? ST_LOBE_LEFT : ST_LOBE_RIGHT;
    }
    free(in);
    return ST_OK;
}

st_status lobes_find(st_liver *liver, const st_parameters *parameters, st_error *err) {
    const size_t voxels = st_geometry_voxels(&liver->geometry);
    st_status status;
    if (liver->couinaud) {
        status = labels_spread(liver, liver->couinaud, err);
        for (size_t i = 0; i < voxels && status == ST_OK; i++)
            liver->lobe[i] = (uint8_t)lobe_of_segment(liver->couinaud[i]);
        liver->lobe_rule = "by the Couinaud labels: 5 to 8 right, 2 to 4 left, 1 counted with the left";
    } else {
        status = lobes_by_plane(liver, parameters, err);
    }
    return status == ST_OK ? measure(liver, err) : status;
}
