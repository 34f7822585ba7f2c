/* How the plane of a joint lies to that of the joint before.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bed_internal.h"

#include <math.h>

static void between(const float a[3], const float b[3], double v[3]) {
    for (int k = 0; k < 3; k++)
        v[k] = (double)b[k] - (double)a[k];
}

static void cross(const double a[3], const double b[3], double v[3]) {
    for (int k = 0; k < 3; k++)
        v[k] = a[(k + 1) % 3] * b[(k + 2) % 3] - a[(k + 2) % 3] * b[(k + 1) % 3];
}

static double dot(const double a[3], const double b[3]) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

/* Across the first two vessels that leave a segment. */
static bool plane_of(const st_tree *tree, uint32_t segment, double normal[3]) {
    const uint32_t first = tree->first_child[segment];
    const uint32_t second = first == ST_NONE ? ST_NONE : tree->next_sibling[first];
    double a[3], b[3];
    if (second == ST_NONE)
        return false;
    between(tree->proximal[first], tree->distal[first], a);
    between(tree->proximal[second], tree->distal[second], b);
    cross(a, b, normal);
    return dot(normal, normal) > 0;
}

double bed_azimuth(const st_tree *tree, uint32_t segment) {
    const uint32_t parent = tree->parent[segment];
    double above[3], here[3], axis[3], turned[3];
    if (parent == ST_NONE || !plane_of(tree, parent, above) || !plane_of(tree, segment, here))
        return 0;
    between(tree->proximal[segment], tree->distal[segment], axis);
    cross(above, here, turned);
    return atan2(dot(turned, axis) / sqrt(dot(axis, axis)), dot(above, here));
}
