/* The porta hepatis by shape: the deepest place under the organ's convex hull that a ball reaches from outside.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "liver_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIRECTIONS = 400 };

/* Supporting planes of the organ in directions spread evenly over the sphere. */
typedef struct hull {
    double way[DIRECTIONS][3], reach[DIRECTIONS];
} hull;

static double along(const double way[3], const double p[3]) {
    return way[0] * p[0] + way[1] * p[1] + way[2] * p[2];
}

/* Only the ends of each row of the organ can be on the hull. */
static void hull_of(const st_liver *liver, hull *h) {
    const uint32_t *n = liver->geometry.n;
    for (int k = 0; k < DIRECTIONS; k++) {
        sphere_point(k, DIRECTIONS, h->way[k]);
        h->reach[k] = -INFINITY;
    }
    for (size_t row = 0; row < (size_t)n[1] * n[2]; row++) {
        const uint8_t *line = liver->tissue + row * n[0];
        uint32_t first = 0, last = n[0];
        while (first < last && line[first] == ST_OUTSIDE)
            first++;
        while (last > first && line[last - 1] == ST_OUTSIDE)
            last--;
        for (int end = 0; end < 2 && first < last; end++) {
            double p[3];
            voxel_centre(&liver->geometry, row * n[0] + (end ? last - 1 : first), p);
            for (int k = 0; k < DIRECTIONS; k++)
                h->reach[k] = fmax(h->reach[k], along(h->way[k], p));
        }
    }
}

/* mm from a point to the hull, or to `enough` as soon as it is less; below 0 outside. */
static double depth_in(const hull *h, const double p[3], double enough) {
    double depth = INFINITY;
    for (int k = 0; k < DIRECTIONS && depth > enough; k++)
        depth = fmin(depth, h->reach[k] - along(h->way[k], p));
    return depth;
}

/* The organ sampled on a grid that is fine enough for the ball, with room around it. */
typedef struct sample {
    st_geometry geometry;
    uint8_t *mask;       /* 1 outside the organ, later 1 where a ball's centre may be */
    float *distance;     /* mm to the organ */
    uint32_t *component; /* 1: the space around the organ */
} sample;

static void sample_fini(sample *s) {
    free(s->mask);
    free(s->distance);
    free(s->component);
}

static st_status sample_init(const st_liver *liver, double radius, sample *s, st_error *err) {
    const st_geometry *from = &liver->geometry;
    double to_lps[3][4], corner[3], first[3];
    uint32_t n[3], step[3], pad[3];
    for (int i = 0; i < 3; i++) {
        step[i] = (uint32_t)fmax(radius / 4 / from->spacing[i], 1);
        pad[i] = (uint32_t)ceil(3 * radius / (step[i] * from->spacing[i])) + 1;
        n[i] = (from->n[i] + step[i] - 1) / step[i] + 2 * pad[i];
        first[i] = -(double)pad[i] * step[i];
    }
    st_geometry_to_lps(from, first, corner);
    for (int i = 0; i < 3; i++) {
        for (int j = 0; j < 3; j++)
            to_lps[i][j] = from->to_lps[i][j] * step[j];
        to_lps[i][3] = corner[i];
    }
    const st_status status = st_geometry_init(&s->geometry, n, (const double(*)[4])to_lps, err);
    if (status != ST_OK)
        return status;
    const size_t voxels = st_geometry_voxels(&s->geometry);
    s->mask = st_alloc(voxels, 1, err);
    s->distance = st_alloc(voxels, sizeof *s->distance, err);
    s->component = st_alloc(voxels, sizeof *s->component, err);
    if (!s->mask || !s->distance || !s->component)
        return ST_MEMORY;
    memset(s->mask, 1, voxels);
    for (uint32_t z = 0; z < from->n[2]; z += step[2])
        for (uint32_t y = 0; y < from->n[1]; y += step[1])
            for (uint32_t x = 0; x < from->n[0]; x += step[0]) {
                const size_t to =
                    ((size_t)(z / step[2] + pad[2]) * n[1] + y / step[1] + pad[1]) * n[0] + x / step[0] + pad[0];
                s->mask[to] = liver->tissue[((size_t)z * from->n[1] + y) * from->n[0] + x] == ST_OUTSIDE;
            }
    return ST_OK;
}

/* The deepest of the ball centres that touch the organ. */
static bool deepest(const sample *s, const hull *h, double radius, double place[3]) {
    const double *d = s->geometry.spacing;
    const double touching = radius + sqrt(d[0] * d[0] + d[1] * d[1] + d[2] * d[2]);
    const size_t voxels = st_geometry_voxels(&s->geometry);
    double best = -INFINITY;
    for (size_t i = 0; i < voxels; i++) {
        if (s->component[i] != 1 || (double)s->distance[i] > touching)
            continue;
        double p[3];
        voxel_centre(&s->geometry, i, p);
        const double depth = depth_in(h, p, best);
        if (depth > best) {
            best = depth;
            memcpy(place, p, sizeof p);
        }
    }
    return isfinite(best);
}

st_status porta_find(const st_liver *liver, double radius, double place[3], bool *found, st_error *err) {
    sample s = {0};
    uint32_t n = 0;
    *found = false;
    hull *h = st_alloc(1, sizeof *h, err);
    st_status status = h ? sample_init(liver, radius, &s, err) : ST_MEMORY;
    if (status == ST_OK)
        status = st_distance(s.geometry.n, s.geometry.spacing, s.mask, s.distance, err);
    if (status != ST_OK)
        goto done;
    const size_t voxels = st_geometry_voxels(&s.geometry);
    for (size_t i = 0; i < voxels; i++)
        s.mask[i] = (double)s.distance[i] > radius;
    status = st_components(s.geometry.n, s.mask, s.component, &n, err);
    if (status == ST_OK) {
        hull_of(liver, h);
        *found = deepest(&s, h, radius, place);
    }
done:
    sample_fini(&s);
    free(h);
    return status;
}
