/* Where vessels and organ meet: the way between two points is looked at voxel by voxel.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "trunk_near.h"

bool trunk_is_inside(const st_liver *liver, vec p) {
    return st_liver_class_at(liver, (const double[3]){p.x, p.y, p.z}) != ST_OUTSIDE;
}

/* Steps of at most half the smallest side of a voxel. */
static uint32_t steps_of(const st_liver *liver, vec a, vec b) {
    const double *h = liver->geometry.spacing;
    return (uint32_t)fmin(2 * vec_distance(a, b) / fmin(h[0], fmin(h[1], h[2])), 1e6) + 1;
}

double trunk_length_inside(const st_liver *liver, vec a, vec b) {
    const uint32_t steps = steps_of(liver, a, b);
    uint32_t inside = 0;
    for (uint32_t i = 0; i < steps; i++)
        inside += trunk_is_inside(liver, vec_along(a, b, (i + 0.5) / steps));
    return vec_distance(a, b) * inside / steps;
}

/* The voxels of the box that may be within `within` mm of a point, `high` excluded. */
static void voxels_around(const st_liver *liver, vec p, double within, uint32_t low[3], uint32_t high[3]) {
    double voxel[3];
    st_geometry_to_voxel(&liver->geometry, (const double[3]){p.x, p.y, p.z}, voxel);
    for (int i = 0; i < 3; i++) {
        const double far = within / liver->geometry.spacing[i] + 1, n = liver->geometry.n[i];
        low[i] = (uint32_t)fmin(fmax(voxel[i] - far, 0), n);
        high[i] = (uint32_t)fmin(fmax(voxel[i] + far + 1, 0), n);
    }
}

static bool point_is_near(const st_liver *liver, vec p, double within) {
    uint32_t low[3], high[3];
    voxels_around(liver, p, within, low, high);
    for (uint32_t z = low[2]; z < high[2]; z++)
        for (uint32_t y = low[1]; y < high[1]; y++)
            for (uint32_t x = low[0]; x < high[0]; x++) {
                double q[3];
                if (liver->tissue[((size_t)z * liver->geometry.n[1] + y) * liver->geometry.n[0] + x] == ST_OUTSIDE)
                    continue;
                st_geometry_to_lps(&liver->geometry, (const double[3]){x, y, z}, q);
                if (vec_distance(p, (vec){q[0], q[1], q[2]}) <= within)
                    return true;
            }
    return false;
}

bool trunk_is_near(const st_liver *liver, vec a, vec b, double within) {
    const uint32_t steps = steps_of(liver, a, b);
    for (uint32_t i = 0; i <= steps; i++)
        if (point_is_near(liver, vec_along(a, b, (double)i / steps), within))
            return true;
    return false;
}
