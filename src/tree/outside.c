/* Vessels that leave the organ.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "measure_internal.h"

/* A voxel reaches from v - 0.5 to v + 0.5; false when the point is beyond the box. */
static bool voxel_of(const st_geometry *geometry, const float point[3], double at[3], int64_t voxel[3]) {
    st_geometry_to_voxel(geometry, (const double[3]){(double)point[0], (double)point[1], (double)point[2]}, at);
    for (int i = 0; i < 3; i++) {
        const double nearest = floor(at[i] + 0.5);
        if (!(nearest >= 0 && nearest < geometry->n[i]))
            return false;
        voxel[i] = (int64_t)nearest;
    }
    return true;
}

/* Does the segment pass a voxel that is no tissue? Every voxel it touches is visited, from wall to wall
 * (Amanatides & Woo, Eurographics 1987). */
static bool leaves(const st_liver *liver, const float from[3], const float to[3]) {
    const st_geometry *geometry = &liver->geometry;
    double a[3], b[3], next[3], step[3];
    int64_t voxel[3], last[3], direction[3], walls = 0;
    if (!voxel_of(geometry, from, a, voxel) || !voxel_of(geometry, to, b, last))
        return true;
    for (int i = 0; i < 3; i++) {
        direction[i] = last[i] > voxel[i] ? 1 : -1;
        walls += direction[i] * (last[i] - voxel[i]);
        const double d = b[i] - a[i];
        step[i] = voxel[i] == last[i] ? INFINITY : 1 / fabs(d);
        next[i] = voxel[i] == last[i] ? INFINITY : ((double)voxel[i] + 0.5 * (double)direction[i] - a[i]) / d;
    }
    for (;; walls--) {
        const size_t at = ((size_t)voxel[2] * geometry->n[1] + (size_t)voxel[1]) * geometry->n[0] + (size_t)voxel[0];
        if (liver->tissue[at] == ST_OUTSIDE)
            return true;
        if (walls == 0)
            return false;
        const int axis = next[0] <= next[1] ? (next[0] <= next[2] ? 0 : 2) : next[1] <= next[2] ? 1 : 2;
        voxel[axis] += direction[axis];
        next[axis] = voxel[axis] == last[axis] ? INFINITY : next[axis] + step[axis];
    }
}

double tree_error_outside(const tree_question *q, uint32_t i) {
    return q->tree->parent[i] != ST_NONE && !q->tree->measured[i] &&
                   leaves(q->liver, q->tree->proximal[i], q->tree->distal[i])
               ? 1
               : 0;
}
