/* Slices through the patient: where they lie, and what they show.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_SLICES_H
#define STASIS_SLICES_H

#include "canvas.h"

#define SLICES 4 /* three axial, from the head down, and one coronal */

typedef struct slice {
    bool coronal;
    double position;      /* mm LPS: z of an axial slice, y of a coronal one */
    double left, top;     /* mm LPS of the corner: x, and y (axial) or z (coronal) */
    double width, height; /* mm */
} slice;

/* Through the largest lesions where there are enough of them, else spread over the organ; `margin` mm around it. */
void slices_choose(const st_liver *liver, double margin, slice slices[SLICES]);

/* Four slices of one kind. */
typedef enum { SHEET_TERRITORIES, SHEET_NECROSIS, SHEET_OIL_CT } sheet_kind;
typedef struct sheet {
    const st_result *result;
    const st_parameters *parameters;
    int threads;
    slice slices[SLICES];
    double pixels_per_mm;
    sheet_kind kind;
    const float *hu; /* [tissue.voxels] of a CT */
} sheet;

/* Of a place; `voxel` is SIZE_MAX beyond the box of the liver. */
colour sheet_colour(const sheet *s, size_t voxel, const double lps[3]);
colour sheet_outline(const sheet *s); /* of the lesions */
size_t sheet_tip(const sheet *s, size_t voxel); /* upstream of the terminal that feeds it; 0: none */
double sheet_legend_height(const sheet *s); /* CSS pixels */
/* In a figure `width` CSS pixels wide, below `top`. */
void sheet_legend(const sheet *s, const canvas *c, double width, double top);

/* The place `across` and `down` mm from the corner. */
static inline void slice_place(const slice *s, double across, double down, double lps[3]) {
    lps[0] = s->left + across;
    lps[1] = s->coronal ? s->position : s->top + down;
    lps[2] = s->coronal ? s->top - down : s->position;
}

#endif
