/* The scales of an axis, its round ticks, and how numbers are written beside it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_AXIS_H
#define STASIS_AXIS_H

#include <stasis/figures.h>

/* 1, 2 or 5 times a power of ten: about `wanted` steps in the range, rather fewer. */
double axis_step(double range, double wanted);
/* Digits behind the point that tell multiples of `step` apart. */
int axis_digits(double step);

enum { AXIS_TICKS_MOST = 32, AXIS_TEXT = 40 };

/* Ticks ascend; both they and the ends are coordinates, which are evenly spaced on the paper. */
typedef struct axis {
    st_axis_scale scale;
    bool even;       /* logistic: percents are evenly spaced, rather than logits */
    double from, to; /* from < to */
    size_t n;
    double tick[AXIS_TICKS_MOST];
    char text[AXIS_TICKS_MOST][AXIS_TEXT]; /* with the marks of type.h */
} axis;

/* What the scale shows of a value: odds ratio of its logarithm, percent of a logit or a proportion. */
double axis_shown(st_axis_scale scale, double value);
/* The values that can be drawn: |value| up to this (1e100 plain, e to the 230). */
double axis_most(st_axis_scale scale);

/* An axis that shows low..high (scale of the model, finite, in any order) with at most `wanted` ticks (2 or more). The
 * ends are ticks, save where logits are evenly spaced. Ratios have ticks at 1, 2, 5 times powers of ten or powers of
 * ten alone, narrow ranges of them equal steps. */
axis axis_choose(st_axis_scale scale, bool even, double low, double high, size_t wanted);
/* From 0 to `high` in multiples of 1, 2, 3, 6 or 12: months. */
axis axis_choose_months(double high, size_t wanted);
/* Where a value lies: 0 at `from`, 1 at `to`, beyond them outside. */
double axis_share(const axis *a, double value);
double axis_share_of_tick(const axis *a, size_t tick);

/* Number with its minus sign and groups of three from 10 000 on; "10" with a raised exponent beside a factor where
 * digits would be too many or too few; infinity as its sign. */
void axis_number(double value, int digits, char text[AXIS_TEXT]);
/* An estimate in a table: digits that suit the scale and, on a plain one, the span of what is shown. */
void axis_estimate(st_axis_scale scale, double value, double span, char text[AXIS_TEXT]);

#endif
