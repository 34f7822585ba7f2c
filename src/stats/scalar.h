/* Functions of one number: where one crosses zero, where one is highest.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_STATS_SCALAR_H
#define STASIS_STATS_SCALAR_H

/* The value at x; *slope, its derivative, where the caller asks for it (not NULL). */
typedef double (*scalar_curve)(void *context, double x, double *slope);

/* A zero of the curve's value between a and b, where it has opposite signs (fa, fb): to the last bits of x. */
double scalar_root(scalar_curve curve, void *context, double a, double fa, double b, double fb);

/* The highest point at x >= 0 of a curve that falls in the end. Every rise that shows on a grid (0, and factors of 2 or
 * more from `lo` to `hi`) is followed to where the slope is zero, so that several peaks are told apart. */
double scalar_peak(scalar_curve curve, void *context, double lo, double hi, double *highest);

#endif
