/* A liver made on the spot, for tests, benchmark and validation: an ellipsoid with balls of tumour.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TESTS_PHANTOM_H
#define STASIS_TESTS_PHANTOM_H

#include <math.h>
#include <stasis/stasis.h>
#include <string.h>

typedef struct phantom_ball {
    double centre[3], radius; /* mm */
} phantom_ball;

static inline uint16_t phantom_label(const double p[3], const double half[3], const phantom_ball *ball, size_t n) {
    double sum = 0;
    for (int i = 0; i < 3; i++)
        sum += p[i] / half[i] * (p[i] / half[i]);
    if (sum > 1)
        return 0;
    for (size_t k = 0; k < n; k++) {
        double d2 = 0;
        for (int i = 0; i < 3; i++)
            d2 += (p[i] - ball[k].centre[i]) * (p[i] - ball[k].centre[i]);
        if (d2 <= ball[k].radius * ball[k].radius)
            return 2;
    }
    return 1;
}

/* Liver is 1 and tumour 2, as in the preset "lits"; half axes in mm around the origin, cubic voxels of `voxel` mm. */
static inline st_status phantom_labels(const double half[3], double voxel, const phantom_ball *ball, size_t n_balls,
                                       st_labels *labels, st_error *err) {
    uint32_t n[3];
    double to_lps[3][4] = {{0}};
    memset(labels, 0, sizeof *labels);
    for (int i = 0; i < 3; i++) {
        n[i] = (uint32_t)ceil(2 * half[i] / voxel) + 5;
        to_lps[i][i] = voxel;
        to_lps[i][3] = -0.5 * voxel * (n[i] - 1);
    }
    st_status status = st_geometry_init(&labels->geometry, n, (const double(*)[4])to_lps, err);
    if (status != ST_OK)
        return status;
    if ((labels->label = st_alloc(st_geometry_voxels(&labels->geometry), sizeof *labels->label, err)) == NULL)
        return ST_MEMORY;
    size_t i = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++)
            for (uint32_t x = 0; x < n[0]; x++) {
                double p[3];
                st_geometry_to_lps(&labels->geometry, (const double[3]){x, y, z}, p);
                labels->label[i++] = phantom_label(p, half, ball, n_balls);
            }
    return ST_OK;
}

static inline st_status phantom_liver(const double half[3], double voxel, const phantom_ball *ball, size_t n_balls,
                                      const st_parameters *parameters, st_liver *liver, st_error *err) {
    st_labels labels;
    st_label_map map;
    st_status status = phantom_labels(half, voxel, ball, n_balls, &labels, err);
    if (status == ST_OK)
        status = st_label_map_preset("lits", &map, err);
    if (status == ST_OK)
        status = st_liver_from_labels(&labels, &map, parameters, liver, err);
    st_labels_fini(&labels);
    return status;
}

#endif
