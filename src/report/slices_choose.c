/* Which slices to show.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "slices.h"

#include <math.h>
#include <stdlib.h>

enum { AXIAL = SLICES - 1 };
static const double APART = 10; /* mm between axial slices, at least */

typedef struct extent {
    double low[3], high[3]; /* mm LPS, of the organ's voxels */
} extent;

static extent organ_extent(const st_liver *liver) {
    extent e = {{INFINITY, INFINITY, INFINITY}, {-INFINITY, -INFINITY, -INFINITY}};
    const uint32_t *n = liver->geometry.n;
    size_t index = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++)
            for (uint32_t x = 0; x < n[0]; x++, index++) {
                if (liver->tissue[index] == ST_OUTSIDE)
                    continue;
                const double voxel[3] = {x, y, z};
                double p[3];
                st_geometry_to_lps(&liver->geometry, voxel, p);
                for (int k = 0; k < 3; k++) {
                    e.low[k] = fmin(e.low[k], p[k]);
                    e.high[k] = fmax(e.high[k], p[k]);
                }
            }
    return e;
}

static int from_the_head(const void *a, const void *b) {
    const double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

static bool free_of(const double *z, size_t n, double candidate) {
    for (size_t i = 0; i < n; i++)
        if (fabs(z[i] - candidate) < APART)
            return false;
    return true;
}

/* Lesions stand in order of size; the quarters of the organ fill up. */
static void axial_positions(const st_liver *liver, const extent *e, double z[AXIAL]) {
    size_t n = 0;
    for (size_t l = 0; l < liver->n_lesions && n < AXIAL; l++)
        if (free_of(z, n, liver->lesions[l].centroid[2]))
            z[n++] = liver->lesions[l].centroid[2];
    static const double quarters[] = {0.5, 0.25, 0.75, 0.375, 0.625};
    for (size_t i = 0; i < sizeof quarters / sizeof quarters[0] && n < AXIAL; i++) {
        const double candidate = e->low[2] + quarters[i] * (e->high[2] - e->low[2]);
        if (free_of(z, n, candidate))
            z[n++] = candidate;
    }
    while (n < AXIAL) /* an organ too flat for all */
        z[n++] = 0.5 * (e->low[2] + e->high[2]);
    qsort(z, AXIAL, sizeof *z, from_the_head);
}

void slices_choose(const st_liver *liver, double margin, slice slices[SLICES]) {
    const extent e = organ_extent(liver);
    double z[AXIAL];
    axial_positions(liver, &e, z);
    for (size_t i = 0; i < SLICES; i++) {
        slice *s = &slices[i];
        s->coronal = i == AXIAL;
        s->position = !s->coronal            ? z[i]
                      : liver->n_lesions > 0 ? liver->lesions[0].centroid[1]
                                             : 0.5 * (e.low[1] + e.high[1]);
        s->left = e.low[0] - margin;
        s->width = e.high[0] - e.low[0] + 2 * margin;
        s->top = s->coronal ? e.high[2] + margin : e.low[1] - margin;
        s->height = s->coronal ? e.high[2] - e.low[2] + 2 * margin : e.high[1] - e.low[1] + 2 * margin;
    }
}
