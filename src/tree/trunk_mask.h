/* The voxels of one vessel system, in a box around them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_TRUNK_MASK_H
#define STASIS_TREE_TRUNK_MASK_H

#include "trunk_web.h"

typedef struct trunk_mask {
    st_geometry geometry; /* of the box: one voxel wider than the vessels on every side */
    uint8_t *inside;      /* [box] 1 in a vessel */
    float *depth;         /* [box] mm to the nearest voxel centre outside */
    uint32_t *rank;       /* [box] of a voxel inside: its place in voxel[] */
    uint32_t *voxel;      /* [n] box index, ascending */
    uint32_t *piece;      /* [n] 0 .. n_pieces - 1, largest first */
    uint32_t n, n_pieces;
    double side;        /* mm, largest side of a voxel */
    ptrdiff_t step[27]; /* box index of a neighbour (x fastest, the voxel itself is 13) less the voxel's own */
    double far[27];     /* mm to it */
} trunk_mask;

/* The voxels with a role; cavities within them are filled. ST_ANATOMY when there is none. */
st_status mask_init(trunk_mask *mask, const st_labels *labels, const st_label_map *map, st_role role, st_error *err);
void mask_fini(trunk_mask *mask);
vec mask_point(const trunk_mask *mask, uint32_t voxel); /* mm LPS, of a box index */
bool mask_holds(const trunk_mask *mask, vec p);

/* ---- trunk_ends.c */

/* end[n] becomes true for the voxels in which vessels end: at least one in every piece. */
st_status mask_find_ends(const trunk_mask *mask, bool *end, st_error *err);

/* ---- trunk_thin.c */

/* Takes voxels away from the outside in as long as no piece, ring or cavity comes or goes with them and they are no
 * ends; left[n] is what stays: lines one voxel wide. */
st_status mask_thin(const trunk_mask *mask, const bool *end, bool *left, st_error *err);

/* ---- trunk_course.c */

/* From lines of voxels to courses: pruned of spurs, smooth, straight at the tips. */
st_status course_prune(trunk_web *web, st_trunk_report *report, st_error *err);
st_status course_smooth(trunk_web *web, st_error *err);
st_status course_straighten_ends(trunk_web *web, const trunk_mask *mask, st_error *err);

/* ---- trunk_radius.c */

/* Nodes moved to the middle of the voxels around them; the radius of every vessel from their volume. */
st_status course_centre(trunk_web *web, const trunk_mask *mask, st_error *err);
st_status course_measure(trunk_web *web, const trunk_mask *mask, st_error *err);

#endif
