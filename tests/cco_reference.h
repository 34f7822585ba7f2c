/* Constrained constructive optimisation as it was first published, plain and slow: what the grown tree is measured by.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TESTS_CCO_REFERENCE_H
#define STASIS_TESTS_CCO_REFERENCE_H

#include <stasis/tree.h>

typedef struct cco_problem {
    uint32_t n;              /* terminals */
    const float (*point)[3]; /* [n] mm, in the order in which they are joined, in a convex organ */
    float start[3], end[3];  /* the stump of the root; nothing joins it */
    double root_radius;      /* mm */
    double exponent;         /* of Murray's law */
} cco_problem;

/* Schreiner & Buxbaum (IEEE Trans Biomed Eng 1993;40:482): each point is tried on every vessel of the tree, with the
 * joint where the volume of the whole tree is least and all radii rescaled, and joined where that volume is least of
 * all. Terminals have equal flow, so a vessel that feeds k of m has the radius R (k/m)^(1/g). As there, a vessel is at
 * least as long as it is wide and vessels do not intersect; a point for which no vessel is free waits for the end of
 * the queue, and is joined in the way of others where none gets free. Takes n^2 joints and some n^2 distances. */
ST_MUST_CHECK st_status cco_reference(const cco_problem *problem, st_tree *tree, st_error *err);

/* The same on the ends of a tree's terminals, joined in a random order, from that tree's root. */
ST_MUST_CHECK st_status cco_reference_of(const st_tree *tree, double exponent, uint64_t seed, st_tree *reference,
                                         st_error *err);

#endif
