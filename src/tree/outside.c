/* Vessels that leave the organ.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>

#include "measure_internal.h"

/* Does the segment pass a voxel that is no tissue? Every voxel it touches is visited, from wall to wall
 * (Amanatides & Woo, Eurographics 1987). */
static bool leaves(const st_liver *liver, const float from[3], const float to[3]) {
    double a[3], b[3], next[3], step[3];
    int64_t voxel[3], last[3], direction[3];
    st_geometry_to_voxel(&liver->geometry, (const double[3]){(double)from[0], (double)from[1], (double)from[2]}, a);
    st_geometry_to_voxel(&liver->geometry, (const double[3]){(double)to[0], (double)to[1], (double)to[2]}, b);
    int64_t walls = 0;
    for (int i = 0; i < 3; i++) {
        voxel[i] = (int64_t)floor(a[i] + 0.5); /* voxel v reaches from v - 0.5 to v + 0.5 */
        last[i] = (int64_t)floor(b[i] + 0.5);
        direction[i] = last[i] > voxel[i] ? 1 : -1;
        walls += direction[i] * (last[i] - voxel[i]);
        const double d = b[i] - a[i];
        step[i] = voxel[i] == last[i] ? INFINITY : 1 / fabs(d);
        next[i] = voxel[i] == last[i] ? INFINITY : ((double)voxel[i] + 0.5 * (double)direction[i] - a[i]) / d;
    }
    for (;; walls--) {
        for (int i = 0; i < 3; i++)
            if (voxel[i] < 0 || voxel[i] >= (int64_t)liver->geometry.n[i])
                return true;
        const size_t at =
            ((size_t)voxel[2] * liver->geometry.n[1] + (size_t)voxel[1]) * liver->geometry.n[0] + (size_t)voxel[0];
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
    return q->tree->parent[i] != ST_NONE && leaves(q->liver, q->tree->proximal[i], q->tree->distal[i]) ? 1 : 0;
}
