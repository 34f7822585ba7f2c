/* What the files of this room share: the organ cut out of its label map.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_LIVER_INTERNAL_H
#define STASIS_LIVER_INTERNAL_H

#include <math.h>
#include <stasis/liver.h>

/* Roles on a box around the organ that is as wide as vessels need it; it may reach beyond the input's grid. */
typedef struct organ {
    st_geometry geometry;
    int64_t origin[3];        /* the box's first voxel in the input */
    uint8_t *role;            /* [box] st_role */
    uint8_t *segment;         /* [box] Couinaud 1..8, 0 unknown */
    uint8_t *inside;          /* [box] 1 in the organ */
    uint32_t low[3], high[3]; /* the organ's own box in this one, `high` excluded */
} organ;

/* Finds the organ (docs/anatomy.md has the rules). `note` receives what was left out, "" for nothing. */
st_status organ_find(const st_labels *labels, const st_label_map *map, const st_parameters *parameters, organ *o,
                     char *note, size_t size, st_error *err);
void organ_fini(organ *o);

/* tissue -> lesion ids, the list of lesions and the volumes. */
st_status lesions_find(st_liver *liver, st_error *err);

/* Couinaud labels, where there are any, spread to the rest of the organ; then lobes, their volumes, and those of
 * lesions. */
st_status lobes_find(st_liver *liver, const st_parameters *parameters, st_error *err);

/* Every voxel of the organ whose label[box] is 0 takes the one that is fewest voxels away through the organ. */
st_status labels_spread(const st_liver *liver, uint8_t *label, st_error *err);

/* Points with normal . p < offset lie before it. */
typedef struct organ_plane {
    double normal[3], offset;
} organ_plane;
static inline double plane_across(const organ_plane *plane, const double p[3]) {
    return plane->normal[0] * p[0] + plane->normal[1] * p[1] + plane->normal[2] * p[2];
}
/* The one with that normal that has the share `before` (0..1) of a lobe, or with NONE of the organ, before it. */
st_status plane_find(const st_liver *liver, const double normal[3], st_lobe lobe, double before, organ_plane *plane,
                     st_error *err);
/* Of the plane between the lobes: the right one lies before it. */
void lobe_plane_normal(const st_parameters *parameters, double normal[3]);

/* Where the artery enters, and from where it comes: from vessel labels, else from the organ's shape. */
st_status hilum_find(st_liver *liver, const organ *o, const st_parameters *parameters, st_error *err);

/* Whether all voxels within `radius` mm of a voxel are in the organ, and, unless it is NULL, where domain is `index`. */
bool has_room(const st_liver *liver, const uint32_t at[3], double radius, const uint8_t *domain, uint8_t index);

/* How finely straight ways are looked at: half the smallest side of a voxel, mm. */
static inline double way_step(const st_liver *liver) {
    const double *h = liver->geometry.spacing;
    return 0.5 * fmin(h[0], fmin(h[1], h[2]));
}
/* mm of organ on the straight way from a place in direction d to its end, where it has been outside for `length` mm. */
double way_out(const st_liver *liver, const double from[3], const double d[3], double length, double *end);

/* By the organ's shape: the deepest place under its convex hull that a ball of `radius` mm reaches from outside. */
st_status porta_find(const st_liver *liver, double radius, double place[3], bool *found, st_error *err);

/* Number k of n unit vectors spread evenly over the sphere (Fibonacci lattice). */
static inline void sphere_point(int k, int n, double way[3]) {
    const double golden = 2.399963229728653; /* radians */
    const double z = 1 - (2 * k + 1.0) / n, r = sqrt(1 - z * z);
    way[0] = r * cos(golden * k);
    way[1] = r * sin(golden * k);
    way[2] = z;
}

static inline void voxel_index(const st_geometry *geometry, size_t voxel, uint32_t index[3]) {
    const size_t row = voxel / geometry->n[0];
    index[0] = (uint32_t)(voxel % geometry->n[0]);
    index[1] = (uint32_t)(row % geometry->n[1]);
    index[2] = (uint32_t)(row / geometry->n[1]);
}

/* mm LPS of a voxel's centre. */
static inline void voxel_centre(const st_geometry *geometry, size_t voxel, double lps[3]) {
    uint32_t at[3];
    voxel_index(geometry, voxel, at);
    const double index[3] = {at[0], at[1], at[2]};
    st_geometry_to_lps(geometry, index, lps);
}

#endif
