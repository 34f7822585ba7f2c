/* A tree as tubes of triangles.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "tubes.h"

#include "vec.h"

st_status tubes_init(tubes *t, const st_tree *tree, st_error *err) {
    uint64_t n = 0;
    *t = (tubes){.tree = tree};
    for (uint32_t i = 0; i < tree->n; i++)
        t->widest = fmax(t->widest, (double)tree->radius[i]);
    for (uint32_t i = 0; i < tree->n; i++)
        n += 2 * tube_sides(t, i);
    if (n > INT32_MAX)
        return st_fail(err, ST_VALUE, "a mesh of this tree has %llu vertices; a mesh file counts up to %ld",
                       (unsigned long long)n, (long)INT32_MAX);
    t->n = (uint32_t)n;
    return ST_OK;
}

/* The eye sees corners of a tube the less the thinner it is. */
unsigned tube_sides(const tubes *t, uint32_t segment) {
    const double sides = round(TUBE_SIDES * sqrt((double)t->tree->radius[segment] / t->widest));
    return (unsigned)fmax(sides, TUBE_SIDES_LEAST);
}

static vec cross(vec a, vec b) {
    return (vec){a.y * b.z - a.z * b.y, a.z * b.x - a.x * b.z, a.x * b.y - a.y * b.x};
}

static vec unit(vec a) {
    const double length = vec_length(a);
    return length > 0 ? vec_scale(a, 1 / length) : (vec){0, 0, 1};
}

/* The axis of the grid that is farthest from a direction. */
static vec far_axis(vec d) {
    const double x = fabs(d.x), y = fabs(d.y), z = fabs(d.z);
    return x <= y && x <= z ? (vec){1, 0, 0} : y <= z ? (vec){0, 1, 0} : (vec){0, 0, 1};
}

void tube_vertices(const tubes *t, uint32_t segment, double vertex[2 * TUBE_SIDES][3]) {
    const vec end[2] = {vec_of(t->tree->proximal[segment]), vec_of(t->tree->distal[segment])};
    const vec d = unit(vec_sub(end[1], end[0])), u = unit(cross(far_axis(d), d)), v = cross(d, u);
    const double r = (double)t->tree->radius[segment];
    const unsigned sides = tube_sides(t, segment);
    for (unsigned k = 0; k < sides; k++) {
        const double angle = 2 * M_PI * k / sides;
        const vec out = vec_add(vec_scale(u, r * cos(angle)), vec_scale(v, r * sin(angle)));
        for (unsigned e = 0; e < 2; e++)
            for (int axis = 0; axis < 3; axis++)
                vertex[e * sides + k][axis] = vec_get(end[e], axis) + vec_get(out, axis);
    }
}

void tube_triangles(unsigned sides, uint32_t first, uint32_t triangle[2 * TUBE_SIDES][3]) {
    for (unsigned k = 0; k < sides; k++) {
        const uint32_t a = first + k, b = first + (k + 1) % sides;
        const uint32_t lower[3] = {a, b, a + sides}, upper[3] = {b, b + sides, a + sides};
        for (int i = 0; i < 3; i++) {
            triangle[2 * k][i] = lower[i];
            triangle[2 * k + 1][i] = upper[i];
        }
    }
}
