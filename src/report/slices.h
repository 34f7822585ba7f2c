/* Slices through the patient: where they lie.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_SLICES_H
#define STASIS_SLICES_H

#include "report_internal.h"

#define SLICES 4 /* three axial, from the head down, and one coronal */

typedef struct slice {
    bool coronal;
    double position;      /* mm LPS: z of an axial slice, y of a coronal one */
    double left, top;     /* mm LPS of the corner: x, and y (axial) or z (coronal) */
    double width, height; /* mm */
} slice;

/* Through the largest lesions where there are enough of them, else spread over the organ; `margin` mm around it. */
void slices_choose(const st_liver *liver, double margin, slice slices[SLICES]);

/* The place `across` and `down` mm from the corner. */
static inline void slice_place(const slice *s, double across, double down, double lps[3]) {
    lps[0] = s->left + across;
    lps[1] = s->coronal ? s->position : s->top + down;
    lps[2] = s->coronal ? s->top - down : s->position;
}

#endif
