/* Three-vectors in double, for geometry that is stored in float.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_VEC_H
#define STASIS_TREE_VEC_H

#include <math.h>
#include <stdint.h>

/* Without the rules for NaN, which make fmin and fmax calls of a library; floor would be one too. */
static inline double lesser(double a, double b) { return a < b ? a : b; }
static inline double greater(double a, double b) { return a > b ? a : b; }
static inline int64_t floor_to_integer(double x) {
    const int64_t i = (int64_t)x;
    return i - (x < (double)i);
}

typedef struct vec {
    double x, y, z;
} vec;

static inline vec vec_of(const float p[3]) { return (vec){(double)p[0], (double)p[1], (double)p[2]}; }
static inline void vec_store(vec a, float p[3]) {
    p[0] = (float)a.x;
    p[1] = (float)a.y;
    p[2] = (float)a.z;
}
/* As it will be once it has been stored: what is checked must be what is kept. */
static inline vec vec_stored(vec a) {
    float p[3];
    vec_store(a, p);
    return vec_of(p);
}
static inline vec vec_add(vec a, vec b) { return (vec){a.x + b.x, a.y + b.y, a.z + b.z}; }
static inline vec vec_sub(vec a, vec b) { return (vec){a.x - b.x, a.y - b.y, a.z - b.z}; }
static inline vec vec_scale(vec a, double s) { return (vec){a.x * s, a.y * s, a.z * s}; }
static inline vec vec_along(vec a, vec b, double t) { return vec_add(a, vec_scale(vec_sub(b, a), t)); }
static inline double vec_dot(vec a, vec b) { return a.x * b.x + a.y * b.y + a.z * b.z; }
static inline double vec_length(vec a) { return sqrt(vec_dot(a, a)); }
static inline double vec_distance(vec a, vec b) { return vec_length(vec_sub(a, b)); }
static inline double vec_get(vec a, int i) { return i == 0 ? a.x : i == 1 ? a.y : a.z; }

#endif
