/* Convex outline (Andrew's monotone chain) and its diameters.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "outline.h"

#include <math.h>
#include <stdlib.h>

static int by_place(const void *x, const void *y) {
    const outline_point *a = x, *b = y;
    if (a->x != b->x)
        return a->x < b->x ? -1 : 1;
    return a->y < b->y ? -1 : a->y > b->y;
}

/* Above 0 when a, b, c turn left. */
static double turn(outline_point a, outline_point b, outline_point c) {
    return (b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x);
}

/* The corners of the convex outline, in order around it. */
static size_t corners(outline_point *point, size_t n, outline_point *hull) {
    qsort(point, n, sizeof *point, by_place);
    size_t k = 0;
    for (size_t i = 0; i < n; i++) {
        while (k >= 2 && turn(hull[k - 2], hull[k - 1], point[i]) <= 0)
            k--;
        hull[k++] = point[i];
    }
    const size_t lower = k;
    for (size_t i = n - 1; i-- > 0;) {
        while (k > lower && turn(hull[k - 2], hull[k - 1], point[i]) <= 0)
            k--;
        hull[k++] = point[i];
    }
    return k > 1 ? k - 1 : k; /* the first point came again */
}

/* Length of the outline's chord through `p` at right angles to the unit vector `d`. */
static double chord(const outline_point *hull, size_t n, outline_point p, outline_point d) {
    double low = INFINITY, high = -INFINITY;
    const double t = d.x * p.x + d.y * p.y;
    for (size_t i = 0; i < n; i++) {
        const outline_point a = hull[i], b = hull[(i + 1) % n];
        const double ta = d.x * a.x + d.y * a.y - t, tb = d.x * b.x + d.y * b.y - t;
        if ((ta > 0 && tb > 0) || (ta < 0 && tb < 0))
            continue;
        const double wa = d.x * a.y - d.y * a.x, wb = d.x * b.y - d.y * b.x;
        const double w = ta != tb ? wa + (wb - wa) * ta / (ta - tb) : wa;
        low = fmin(low, fmin(w, ta == tb ? wb : w));
        high = fmax(high, fmax(w, ta == tb ? wb : w));
    }
    return fmax(high - low, 0);
}

outline_size outline_measure(outline_point *point, size_t n, outline_point *hull) {
    const size_t k = corners(point, n, hull);
    outline_size size = {0, 0};
    outline_point d = {1, 0};
    for (size_t i = 0; i < k; i++)
        for (size_t j = i + 1; j < k; j++) {
            const double dx = hull[j].x - hull[i].x, dy = hull[j].y - hull[i].y;
            const double length = sqrt(dx * dx + dy * dy);
            if (length > size.longest) {
                size.longest = length;
                d = (outline_point){dx / length, dy / length};
            }
        }
    for (size_t i = 0; i < k; i++) /* the chord's length is concave, so it is longest at a corner */
        size.perpendicular = fmax(size.perpendicular, chord(hull, k, hull[i], d));
    return size;
}
