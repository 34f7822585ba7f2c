/* Geometry of one insertion: the best joint, and distances between segments.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_GROW_GEOMETRY_H
#define STASIS_TREE_GROW_GEOMETRY_H

#include "vec.h"

typedef struct segment_ends {
    vec a, b;
} segment_ends;

/* Joint that makes weight_a |ja| + weight_b |jb| + weight_p |jp| smallest; returns that sum. When
 * the smallest sum lies at one of the corners a, b, the joint is kept a little off it on ab. */
double joint_best(vec a, vec b, vec p, double weight_a, double weight_b, double weight_p, vec *joint);

/* Squared distance of a point from a segment. */
double point_segment_distance2(vec p, segment_ends s);

/* Smallest distance between two segments. */
double segment_distance(segment_ends s, segment_ends t);

#endif
