/* The place of a particle in the cross-section of its vessel.
 *
 * Across the plane of a joint the flow divides along a chord: what runs on the one side enters the one branch. `across`
 * is the part of the flow on one side of the particle, so that it enters branch 0 when it is below that branch's share;
 * there it is stretched to the whole section again. Of a Poiseuille profile both measures are uniform and independent
 * of each other, and stay so when the plane turns: released over the whole section, particles divide as the flow does.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "infuse_internal.h"

#include <math.h>

double section_flow(double x) {
    const double root = sqrt(fmax(0, 1 - x * x));
    return 0.5 + (x / 3 * (5 - 2 * x * x) * root + asin(fmin(1, fmax(-1, x)))) / M_PI;
}

/* By Newton's method on the angle x = sin(t), where the slope is 8/3 cos(t)^4 / pi, kept in its bracket. */
double section_chord(double flow) {
    double low = -M_PI / 2, high = M_PI / 2, t = 0;
    for (int i = 0; i < 60 && high - low > 1e-15; i++) {
        const double error = section_flow(sin(t)) - flow, c = cos(t);
        *(error > 0 ? &high : &low) = t;
        const double next = t - error / (8 / (3 * M_PI) * c * c * c * c);
        if (fabs(error) < 1e-15)
            break;
        t = next > low && next < high ? next : (low + high) / 2;
    }
    return sin(t);
}

section section_draw(st_rng *rng, double low, double high) {
    const double across = low + (high - low) * st_rng_uniform(rng);
    /* along: density 3/4 (1 - s^2), by its inverse */
    return (section){across, 2 * sin(asin(2 * st_rng_uniform(rng) - 1) / 3)};
}

section section_turn(section s, double angle) {
    const double x = section_chord(s.across), y = s.along * sqrt(1 - x * x);
    const double turned = x * cos(angle) - y * sin(angle), half = sqrt(fmax(0, 1 - turned * turned));
    const double along = half > 0 ? (x * sin(angle) + y * cos(angle)) / half : 0;
    return (section){section_flow(turned), fmin(1, fmax(-1, along))};
}
