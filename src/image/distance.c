/* Exact Euclidean distance transform: the lower envelope of parabolas along each
 * axis in turn (Felzenszwalb & Huttenlocher 2012, Theory of Computing 8:415).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/image.h>

#include <math.h>
#include <stdlib.h>

enum { BUNDLE = 16 }; /* neighbouring lines taken together, so that memory is read in rows */

/* One bundle's work space; sites -1 and n stand for the voxels beyond the grid. */
typedef struct envelope {
    double *height;    /* [n + 2] squared distance of each site so far */
    double *left;      /* [n + 2] where the site's parabola begins to be the lowest */
    uint32_t *site;    /* [n + 2] sites of the envelope */
    float *line;       /* [BUNDLE * n] */
} envelope;

/* height[0..n+1] -> squared distances at sites 1..n, written to out[0..n-1]. */
static void transform(envelope *e, uint32_t n, double spacing, float *out) {
    const double area = spacing * spacing;
    uint32_t top = 0;
    e->site[0] = 0;
    e->left[0] = -INFINITY;
    for (uint32_t q = 1; q < n + 2; q++) {
        double meet;
        for (;;) {
            const double p = e->site[top];
            meet = ((e->height[q] - e->height[e->site[top]]) / area + ((double)q * q - p * p)) / (2 * (q - p));
            if (meet > e->left[top])
                break;
            top--; /* left[0] is -inf, so the first site stays */
        }
        top++;
        e->site[top] = q;
        e->left[top] = meet;
    }
    for (uint32_t q = 1, k = 0; q <= n; q++) {
        while (k < top && e->left[k + 1] <= q)
            k++;
        const double apart = (double)q - (double)e->site[k];
        out[q - 1] = (float)(area * apart * apart + e->height[e->site[k]]);
    }
}

/* Along x the distance is to the nearest zero of the row, found by two scans. */
static void scan_rows(const uint32_t n[3], double spacing, const uint8_t *mask, float *squared) {
    const size_t rows = (size_t)n[1] * n[2];
    for (size_t row = 0; row < rows; row++) {
        const uint8_t *line = mask + row * n[0];
        float *out = squared + row * n[0];
        uint32_t steps = 0;
        for (uint32_t x = 0; x < n[0]; x++) {
            steps = line[x] ? steps + 1 : 0;
            out[x] = (float)steps;
        }
        steps = 0;
        for (uint32_t x = n[0]; x-- > 0;) {
            steps = line[x] ? steps + 1 : 0;
            const double apart = spacing * (out[x] < (float)steps ? (double)out[x] : steps);
            out[x] = (float)(apart * apart);
        }
    }
}

/* The lines along one axis of a slab: `lines` neighbours in x, `stride` between the voxels of a line. */
static void sweep(envelope *e, float *squared, uint32_t lines, uint32_t n, size_t stride, double spacing) {
    for (uint32_t first = 0; first < lines; first += BUNDLE) {
        const uint32_t m = lines - first < BUNDLE ? lines - first : BUNDLE;
        for (uint32_t q = 0; q < n; q++)
            for (uint32_t i = 0; i < m; i++)
                e->line[i * n + q] = squared[q * stride + first + i];
        for (uint32_t i = 0; i < m; i++) {
            float *line = e->line + (size_t)i * n;
            e->height[0] = e->height[n + 1] = 0;
            for (uint32_t q = 0; q < n; q++)
                e->height[q + 1] = (double)line[q];
            transform(e, n, spacing, line);
        }
        for (uint32_t q = 0; q < n; q++)
            for (uint32_t i = 0; i < m; i++)
                squared[q * stride + first + i] = e->line[i * n + q];
    }
}

st_status st_distance(const uint32_t n[3], const double spacing[3], const uint8_t *mask, float *distance,
                      st_error *err) {
    const size_t plane = (size_t)n[0] * n[1], voxels = plane * n[2];
    const size_t longest = (n[1] > n[2] ? n[1] : n[2]) + (size_t)2;
    envelope e = {.height = st_alloc(longest, sizeof(double), err),
                  .left = st_alloc(longest, sizeof(double), err),
                  .site = st_alloc(longest, sizeof(uint32_t), err),
                  .line = st_alloc(longest, BUNDLE * sizeof(float), err)};
    const bool ready = e.height && e.left && e.site && e.line;
    if (ready) {
        scan_rows(n, spacing[0], mask, distance);
        for (uint32_t z = 0; z < n[2]; z++)
            sweep(&e, distance + z * plane, n[0], n[1], n[0], spacing[1]);
        for (uint32_t y = 0; y < n[1]; y++)
            sweep(&e, distance + (size_t)y * n[0], n[0], n[2], plane, spacing[2]);
        for (size_t i = 0; i < voxels; i++)
            distance[i] = sqrtf(distance[i]);
    }
    free(e.height);
    free(e.left);
    free(e.site);
    free(e.line);
    return ready ? ST_OK : ST_MEMORY;
}
