/* stasis/trunk.h - vessels that an image or a file shows: where a tree begins that is grown on.
 *
 * A trunk is an st_tree with measured[i] = 1 and demand 0 in every segment. It
 * has one root, and no segment has more than two children. Rules: docs/trunk.md.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_TRUNK_H
#define STASIS_TRUNK_H

#include <stasis/tree.h>

#define ST_TRUNK_PLACES_MOST 64

/* A gap that was bridged, or a loop that was cut. */
typedef struct st_trunk_place {
    double lps[3]; /* mm LPS, its middle */
    double length; /* mm: of the gap; of the ring before it was cut */
} st_trunk_place;

/* What had to be done to make a tree of it. Lengths in mm. */
typedef struct st_trunk_report {
    uint32_t pieces;          /* that do not touch each other */
    uint32_t pieces_left_out; /* of these, too far from the others or pointing elsewhere */
    double length_left_out;   /* of their centrelines; a piece of one voxel has none */
    uint32_t bridges;         /* gaps bridged */
    double bridged_length;
    uint32_t loops; /* cut */
    uint32_t spurs; /* side branches that did not come out of the vessel's wall, pruned */
    double spur_length;
    uint32_t forks_split; /* joints with more than two branches, taken apart */
    uint64_t touching; /* pairs of segments without a common joint that are closer than the sum of their radii */
    double length, organ_length;                /* of the trunk; of its part in the organ */
    st_trunk_place bridge[ST_TRUNK_PLACES_MOST]; /* the first of them */
    st_trunk_place loop[ST_TRUNK_PLACES_MOST];
} st_trunk_report;

/* The centrelines of the voxels with a role (ST_ROLE_ARTERY, ST_ROLE_PORTAL_VEIN or
 * ST_ROLE_HEPATIC_VEIN): homotopic thinning (Bertrand & Malandain 1994) between the
 * ends of the label, radii from the voxels around them, gaps bridged, loops cut.
 * Parameters trunk_*, root_tolerance, coeliac_*. ST_ANATOMY: no voxel has the role;
 * the vessel does not come near the organ; it is too short to have a centreline. */
ST_API ST_MUST_CHECK st_status st_trunk_from_labels(const st_labels *labels, const st_label_map *map, st_role role,
                                                    const st_liver *liver, const st_parameters *parameters,
                                                    st_tree *trunk, st_trunk_report *report, st_error *err);

/* Centrelines from a .vtp or .swc (as of st_tree_read) or a .csv, with their points and radii as they are. A .csv has
 * columns x, y, z and radius (or x_mm, y_mm, z_mm, radius_mm), in mm; `axes` names the patient directions in which its
 * x, y, z grow, such as "LPS", and NULL is that. Its rows make one line, or with `element` and `ring` a line
 * per element, or with `id` and `parent` (empty or negative at a root) a tree. The first point is the root where it is
 * an end. Gaps, loops and forks as of labels; ST_ANATOMY when no vessel comes near the organ; else ST_FORMAT, ST_VALUE
 * (line and column) and ST_IO. */
ST_API ST_MUST_CHECK st_status st_trunk_read(const char *path, const char *axes, const st_liver *liver,
                                             const st_parameters *parameters, st_tree *trunk, st_trunk_report *report,
                                             st_error *err);
/* The .csv alone, from memory and without an organ; `name` stands in messages. */
ST_API ST_MUST_CHECK st_status st_trunk_parse_csv(const char *name, const char *bytes, size_t size, const char *axes,
                                                  const st_parameters *parameters, st_tree *trunk,
                                                  st_trunk_report *report, st_error *err);

#endif
