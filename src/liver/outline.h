/* Diameters of a set of points in a plane.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_LIVER_OUTLINE_H
#define STASIS_LIVER_OUTLINE_H

#include <stddef.h>

typedef struct outline_point {
    double x, y;
} outline_point;

typedef struct outline_size {
    double longest;       /* between two points of the convex outline */
    double perpendicular; /* longest chord of the outline at right angles to that */
} outline_size;

/* Of n >= 1 points; they are put in order. `hull` is work space for 2 n points. */
outline_size outline_measure(outline_point *point, size_t n, outline_point *hull);

#endif
