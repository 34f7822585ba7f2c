/* Particles of several sizes in one liver: what was computed, and its figure.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_SIZES_H
#define STASIS_SIZES_H

#include <stasis/stasis.h>

enum { SIZES = 4, SEEDS = 8 };
extern const double size_um[SIZES][2];

/* One infusion to stasis. */
typedef struct size_result {
    uint32_t tip;
    double tip_diameter; /* mm */
    double tip_share;    /* 0..1 of the liver's arterial flow */
    double depth[3];     /* mm, quartiles over the particles: diameter of the vessel that each lodged in */
    double particles;
    double settled;          /* mm^3 of settled particles */
    double tip_flow_left;    /* 0..1 */
    double tumour_flow_left; /* 0..1 of the arterial flow to tumour beyond the tip */
    double normal_flow_lost; /* 0..1 of the arterial flow to the normal liver, all of it */
} size_result;

typedef struct size_study {
    size_result result[SIZES][SEEDS];
} size_study;

ST_MUST_CHECK st_status draw_sizes(const size_study *study, const char *path, st_error *err);

#endif
