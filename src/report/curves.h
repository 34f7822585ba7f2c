/* The layout of curves of survival or cumulative incidence, with the numbers at risk.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_CURVES_H
#define STASIS_CURVES_H

#include "evidence.h"

enum { CURVES_MOST = 16 };

typedef struct curves_layout {
    double height;
    panel frame; /* its canvas is set by whoever draws */
    bool risk;   /* whether there is a table */
    double risk_top, risk_pitch;
    char name[CURVES_MOST][TYPE_TEXT], risk_name[CURVES_MOST][TYPE_TEXT];
    /* Names and the note of the test: in the frame where no curve is, else above it. */
    bool key; /* more than one curve, or one with a name */
    double key_left, key_top, key_width, key_height, key_pitch;
    char note[TYPE_TEXT];
    const char *note_line[4];
    size_t notes;
} curves_layout;

st_status curves_layout_init(curves_layout *l, const st_survival_figure *s, st_error *err);

/* Where a curve ends: the last observation. */
double curves_end(const st_survival_line *line);
/* Its height at a time: 1 (0 where it rises) before its first step. */
double curves_at(const st_survival_line *line, bool rising, double time);
/* Subjects observed until `time` or beyond it. */
size_t curves_at_risk(const st_survival_line *line, double time);
/* Time at which half are left: the middle of the stretch where the curve is at one half, if there is one; NaN where it
 * stays above. */
double curves_median(const st_survival_line *line);

#endif
