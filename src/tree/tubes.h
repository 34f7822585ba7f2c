/* A tree as tubes of triangles.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_TUBES_H
#define STASIS_TREE_TUBES_H

#include <stasis/tree.h>

enum { TUBE_SIDES = 12, TUBE_SIDES_LEAST = 4 };

typedef struct tubes {
    const st_tree *tree;
    double widest; /* radius, mm */
    uint32_t n;    /* vertices, and as many triangles */
} tubes;

/* Counts the vertices. ST_VALUE when a signed 32-bit index does not count them. */
st_status tubes_init(tubes *t, const st_tree *tree, st_error *err);

unsigned tube_sides(const tubes *t, uint32_t segment);

/* The vertices of a segment, mm LPS: `sides` around its proximal point, then as many around its distal point. */
void tube_vertices(const tubes *t, uint32_t segment, double vertex[2 * TUBE_SIDES][3]);

/* Its triangles, outward, when its vertices count from `first`; as many as vertices. */
void tube_triangles(unsigned sides, uint32_t first, uint32_t triangle[2 * TUBE_SIDES][3]);

#endif
