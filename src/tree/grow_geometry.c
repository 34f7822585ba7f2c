/* Geometry of one insertion: the weighted Fermat point and segment distances.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_geometry.h"

/* A joint at a corner would make a segment of no length: stay this part of ab away from it. */
static const double CORNER_CLEARANCE = 0.15;

static double joint_cost(vec j, vec a, vec b, vec p, double wa, double wb, double wp) {
    return wa * vec_distance(j, a) + wb * vec_distance(j, b) + wp * vec_distance(j, p);
}

/* The weights pull along the three branches; where they balance, the branches meet at angles that
 * depend on the weights alone. So the joint sees ab under a known angle: it lies on a circle
 * through a, b and an apex e beyond ab with |ae| : |be| : |ab| = wb : wa : wp, on the line pe
 * (Torricelli's construction with weights). */
double joint_best(vec a, vec b, vec p, double wa, double wb, double wp, vec *joint) {
    const vec ab = vec_sub(b, a);
    const double length = vec_length(ab);
    const vec ex = vec_scale(ab, length > 0 ? 1 / length : 0);
    const vec ap = vec_sub(p, a);
    const double px = vec_dot(ap, ex);
    const vec off = vec_sub(ap, vec_scale(ex, px));
    const double py = vec_length(off);

    const double ae = length * wb / wp, be = length * wa / wp;
    const double apex_x = length > 0 ? (ae * ae - be * be + length * length) / (2 * length) : 0;
    const double apex_y2 = ae * ae - apex_x * apex_x;
    double t = -1; /* place of the joint on ab when it degenerates */
    if (length > 0 && py > 0 && apex_y2 > 0) {
        const double apex_y = -sqrt(apex_y2);
        /* circle through (0,0), (length,0), (apex_x, apex_y): centre (length/2, cy) */
        const double cy = (apex_x * apex_x + apex_y * apex_y - length * apex_x) / (2 * apex_y);
        const double dx = px - apex_x, dy = py - apex_y;
        const double s = -2 * (dx * (apex_x - length / 2) + dy * (apex_y - cy)) / (dx * dx + dy * dy);
        const double jx = apex_x + s * dx, jy = apex_y + s * dy;
        if (jy > 0 && s < 1) {
            *joint = vec_add(vec_add(a, vec_scale(ex, jx)), vec_scale(off, jy / py));
            return joint_cost(*joint, a, b, p, wa, wb, wp);
        }
        t = jx / length;
    }
    if (t < 0)
        t = length > 0 ? px / length : 0;
    t = lesser(greater(t, CORNER_CLEARANCE), 1 - CORNER_CLEARANCE);
    *joint = vec_along(a, b, t);
    return joint_cost(*joint, a, b, p, wa, wb, wp);
}
