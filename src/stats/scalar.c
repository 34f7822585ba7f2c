/* Functions of one number: where one crosses zero, where one is highest.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "scalar.h"

#include <float.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>

enum { GRID = 64, STEPS = 400, EXTENSIONS = 200 };

/* What two numbers near a and b differ by at least, where that counts. */
static double grain(double a, double b) {
    return 2 * DBL_EPSILON * fmax(fabs(a), fabs(b));
}

static bool near(double a, double b) {
    return fabs(b - a) <= 2 * grain(a, b);
}

/* Where the next step goes: the line through both ends, of which the caller halves one that stays twice (Illinois);
 * every third time the middle, so that the bracket shrinks whatever the curve; and a grain away from either end, so
 * that it closes on both sides once the zero is found. */
static double step(double a, double fa, double b, double fb, int turn) {
    const double low = fmin(a, b) + grain(a, b), high = fmax(a, b) - grain(a, b);
    const double x = a - fa * (b - a) / (fb - fa);
    return turn % 3 == 2 || isnan(x) ? a + (b - a) / 2 : fmin(fmax(x, low), high);
}

double scalar_root(scalar_curve curve, void *context, double a, double fa, double b, double fb) {
    if (fa == 0 || fb == 0)
        return fa == 0 ? a : b;
    for (int turn = 0; turn < STEPS && !near(a, b); turn++) {
        const double x = step(a, fa, b, fb, turn), fx = curve(context, x, NULL);
        if (fx == 0)
            return x;
        if ((fx > 0) == (fb > 0)) {
            fa /= 2;
        } else {
            a = b;
            fa = fb;
        }
        b = x;
        fb = fx;
    }
    return b;
}

/* The peak in [a, b]: the curve rises at a; at b it falls, or is lower. */
static double climb(scalar_curve curve, void *context, double a, double b, double slope_b) {
    double slope_a, value_a = curve(context, a, &slope_a);
    int moved = 0; /* -1: a, 1: b, by the step before */
    for (int turn = 0; turn < STEPS && !near(a, b); turn++) {
        const double x = slope_b < 0 ? step(a, slope_a, b, slope_b, turn) : a + (b - a) / 2;
        double slope;
        const double value = curve(context, x, &slope);
        if (slope == 0)
            return x;
        if (slope > 0 && (slope_b < 0 || value >= value_a)) {
            slope_b /= moved < 0 ? 2 : 1;
            a = x;
            slope_a = slope;
            value_a = value;
            moved = -1;
        } else {
            slope_a /= moved > 0 ? 2 : 1;
            b = x;
            slope_b = slope;
            moved = 1;
        }
    }
    return a + (b - a) / 2;
}

double scalar_peak(scalar_curve curve, void *context, double lo, double hi, double *highest) {
    double x[GRID + EXTENSIONS], value[GRID + EXTENSIONS], slope[GRID + EXTENSIONS];
    const double factor = fmax(2, exp(log(hi / lo) / (GRID - 2)));
    size_t n = 1;
    x[0] = 0;
    for (double at = lo; n < GRID && at <= hi; at *= factor)
        x[n++] = at;
    for (size_t i = 0; i < n; i++)
        value[i] = curve(context, x[i], &slope[i]);
    for (; slope[n - 1] > 0 && n < GRID + EXTENSIONS && isfinite(4 * x[n - 1]); n++) {
        x[n] = 4 * x[n - 1];
        value[n] = curve(context, x[n], &slope[n]);
    }
    double best = 0;
    *highest = value[0];
    for (size_t i = 0; i < n; i++) {
        if ((i > 0 && value[i] < value[i - 1]) || (i + 1 < n && value[i] < value[i + 1]))
            continue;
        double at = x[i];
        if (slope[i] > 0 && i + 1 < n)
            at = climb(curve, context, x[i], x[i + 1], slope[i + 1]);
        else if (slope[i] < 0 && i > 0)
            at = climb(curve, context, x[i - 1], x[i], slope[i]);
        const double top = curve(context, at, NULL);
        if (top > *highest) {
            *highest = top;
            best = at;
        }
    }
    return best;
}
