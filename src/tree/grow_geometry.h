/* Geometry of one insertion: the best joint, and distances between segments.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_GROW_GEOMETRY_H
#define STASIS_TREE_GROW_GEOMETRY_H

#include <stdbool.h>

#include "vec.h"

typedef struct segment_ends {
    vec a, b;
} segment_ends;

/* Joint that makes weight_a |ja| + weight_b |jb| + weight_p |jp| smallest; returns that sum. When
 * the smallest sum lies at one of the corners a, b, the joint is kept a little off it on ab. */
double joint_best(vec a, vec b, vec p, double weight_a, double weight_b, double weight_p, vec *joint);

/* ---- distances: inline, since a growth asks for hundreds of them for each terminal --------- */

static inline double clamp01(double t) {
    return t < 0 ? 0 : t > 1 ? 1 : t;
}

/* Squared distance of a point from a segment. */
static inline double point_segment_distance2(vec p, segment_ends s) {
    const vec d = vec_sub(s.b, s.a), e = vec_sub(p, s.a);
    const double dd = vec_dot(d, d);
    const double t = dd > 0 ? clamp01(vec_dot(e, d) / dd) : 0;
    const vec r = vec_sub(e, vec_scale(d, t));
    return vec_dot(r, r);
}

/* The nearest points of two lines, each then held inside its segment in turn. */
static inline double segment_distance2(segment_ends s, segment_ends t) {
    const vec u = vec_sub(s.b, s.a), v = vec_sub(t.b, t.a), w = vec_sub(s.a, t.a);
    const double uu = vec_dot(u, u), vv = vec_dot(v, v), uv = vec_dot(u, v);
    const double uw = vec_dot(u, w), vw = vec_dot(v, w);
    const double det = uu * vv - uv * uv;
    double x = det > 1e-12 * uu * vv ? clamp01((uv * vw - vv * uw) / det) : 0;
    double y = vv > 0 ? clamp01((uv * x + vw) / vv) : 0;
    x = uu > 0 ? clamp01((uv * y - uw) / uu) : 0;
    const vec r = vec_sub(vec_add(w, vec_scale(u, x)), vec_scale(v, y));
    return vec_dot(r, r);
}

/* Smallest distance between two segments. */
static inline double segment_distance(segment_ends s, segment_ends t) {
    return sqrt(segment_distance2(s, t));
}

static inline bool ranges_apart(double a, double b, double c, double d, double reach) {
    return lesser(a, b) - reach > greater(c, d) || greater(a, b) + reach < lesser(c, d);
}

/* Whether two segments are nearer than `reach`, which is sooner told than how near they are. */
static inline bool segments_nearer(segment_ends s, segment_ends t, double reach) {
    if (ranges_apart(s.a.x, s.b.x, t.a.x, t.b.x, reach) || ranges_apart(s.a.y, s.b.y, t.a.y, t.b.y, reach) ||
        ranges_apart(s.a.z, s.b.z, t.a.z, t.b.z, reach))
        return false; /* most are */
    return segment_distance2(s, t) < reach * reach;
}

#endif
