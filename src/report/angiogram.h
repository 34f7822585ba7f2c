/* The angiogram: the view from the front, what contrast fills, and its sum along the rays.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_ANGIOGRAM_H
#define STASIS_ANGIOGRAM_H

#include "report_internal.h"

/* Seen from the front: the patient's right is on the left, the head on top. */
typedef struct view {
    size_t width, height; /* pixels */
    double pixel;         /* mm */
    double left, top;     /* mm LPS x and z of the upper left corner */
    float *thickness;     /* [width * height] undiluted contrast along the ray, mm */
} view;

/* Holds the organ and the roots with `margin` mm around, height_px pixels high. */
st_status view_init(view *v, const st_liver *liver, const st_tree *tree, double margin, double height_px,
                    st_error *err);
void view_fini(view *v);
double view_x(const view *v, double x); /* mm LPS -> pixels */
double view_y(const view *v, double z);

/* When contrast leaves each segment, s after it entered the root; infinite where nothing flows. */
void contrast_arrival(const st_tree *tree, const double *flow, double *leaves);
/* Share of a segment's length filled at `time`. */
double contrast_filled(const st_tree *tree, const double *leaves, uint32_t segment, double time);

/* Adds the filled vessels to v->thickness. */
st_status view_vessels(view *v, const st_tree *tree, const double *leaves, double time, st_error *err);

/* Adds to add_to[width * height] the sum over the organ's voxels of an amount per volume, along the rays, in mm. */
typedef double (*voxel_amount)(const void *context, size_t voxel);
st_status view_voxels(const view *v, const st_liver *liver, voxel_amount amount, const void *context, float *add_to,
                      st_error *err);

#endif
