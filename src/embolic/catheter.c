/* The catheter in its vessels: what it leaves of their lumen, and the pressure and flow at its tip.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "infuse_internal.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>

/* Laminar flow between two eccentric cylinders: Piercy, Hooper & Winny, Phil Mag 1933;15:647, as in White, Viscous
 * Fluid Flow, 3rd ed., eq. 3-52. */
double st_catheter_flow(double inner, double outer, double eccentricity) {
    const double k = inner / outer, k2 = k * k;
    if (k >= 1)
        return 0;
    const double c = eccentricity * (1 - k); /* radii in units of the vessel's */
    if (c < 1e-4)
        return 1 - k2 * k2 - (1 - k2) * (1 - k2) / -log(k);
    const double f = (1 - k2 + c * c) / (2 * c), m = sqrt(f * f - 1);
    const double alpha = 0.5 * log((f + m) / (f - m)), beta = 0.5 * log((f - c + m) / (f - c - m));
    double sum = 0;
    for (int n = 1; n < 10000; n++) {
        const double term = n * exp(-n * (beta + alpha)) / sinh(n * (beta - alpha));
        sum += term;
        if (term < 1e-12 * sum)
            break;
    }
    const double open = 1 - k2 * k2 - 4 * c * c * m * m / (beta - alpha) - 8 * c * c * m * m * sum;
    return fmax(0, open);
}

/* What leaks past a catheter as wide as its vessel, as a part of the open flow. */
static const double LEAK = 1e-9;

static double open_resistance(const st_bed *bed, uint32_t branch) {
    return bed_resistance(bed->parameters, (double)bed->joint[joint_of(branch)].width[side_of(branch)]) *
           (double)bed->length[branch];
}

/* Of a whole branch that the catheter lies in. */
static double narrowed(const st_bed *bed, uint32_t branch) {
    const st_parameters *p = bed->parameters;
    const double left = st_catheter_flow(st_parameter_value(p, ST_P_MICROCATHETER_DIAMETER),
                                         (double)bed->joint[joint_of(branch)].width[side_of(branch)],
                                         st_parameter_value(p, ST_P_CATHETER_ECCENTRICITY));
    return open_resistance(bed, branch) / fmax(LEAK, left);
}

/* What an earlier infusion left in it. */
static double plugged(const st_bed *bed, uint32_t branch) {
    return bed->joint[joint_of(branch)].resistance[side_of(branch)] - open_resistance(bed, branch);
}

st_status st_catheter_check(const st_tree *tree, const st_parameters *parameters, uint32_t segment, st_error *err) {
    const double diameter = st_parameter_value(parameters, ST_P_MICROCATHETER_DIAMETER);
    uint32_t narrow = ST_NONE; /* the first on the way of the catheter */
    if (segment >= tree->n)
        return st_fail(err, ST_VALUE, "tip %u is no segment of the tree, which has segments 0 to %u", segment,
                       tree->n - 1);
    for (uint32_t i = segment; i != ST_NONE; i = tree->parent[i])
        if (!(2 * (double)tree->radius[i] >= diameter))
            narrow = i;
    if (narrow == ST_NONE)
        return ST_OK;
    return st_fail(err, ST_VALUE,
                   "tip %u cannot be reached: segment %u%s is %.4g mm wide, and a microcatheter takes %.4g mm "
                   "(microcatheter_diameter)",
                   segment, narrow, narrow == segment ? "" : ", on the way to it,", 2 * (double)tree->radius[narrow],
                   diameter);
}

st_status catheter_init(catheter *c, const st_bed *bed, uint32_t segment, st_error *err) {
    *c = (catheter){0};
    st_status status = st_catheter_check(bed->tree, bed->parameters, segment, err);
    if (status != ST_OK)
        return status;
    c->tip = bed_branch_of(bed, segment);
    if (c->tip == ST_NONE)
        return st_fail(err, ST_VALUE,
                       "no particle of this agent fits through segment %u, in which the tip stands; it is %.3g mm wide",
                       segment, 2 * (double)bed->tree->radius[segment]);
    for (uint32_t b = bed->joint[joint_of(c->tip)].above; b != ST_NONE; b = bed->joint[joint_of(b)].above)
        c->n++;
    c->path = st_alloc(c->n, sizeof *c->path, err);
    c->resistance = st_alloc(c->n, sizeof *c->resistance, err);
    if (!c->path || !c->resistance) {
        catheter_fini(c);
        return ST_MEMORY;
    }
    size_t k = c->n;
    for (uint32_t b = bed->joint[joint_of(c->tip)].above; b != ST_NONE; b = bed->joint[joint_of(b)].above) {
        c->path[--k] = b;
        c->resistance[k] = bed->length[b] > 0 ? narrowed(bed, b) + plugged(bed, b) : 0;
    }
    c->tip_upstream = narrowed(bed, c->tip) / 2;
    c->tip_behind = open_resistance(bed, c->tip) / 2;
    catheter_refresh(c, bed);
    return ST_OK;
}

void catheter_fini(catheter *c) {
    free(c->path);
    free(c->resistance);
    *c = (catheter){0};
}

/* Thevenin's equivalent of the network at the tip, from the root down. */
void catheter_refresh(catheter *c, const st_bed *bed) {
    double pressure = bed->pressure, resistance = 0;
    for (size_t k = 0; k < c->n; k++) {
        const uint32_t below = k + 1 < c->n ? c->path[k + 1] : c->tip;
        const double beside = bed->joint[joint_of(below)].conductance[side_of(below) ^ 1];
        resistance += c->resistance[k];
        pressure /= 1 + beside * resistance;
        resistance /= 1 + beside * resistance;
    }
    c->pressure = pressure;
    c->conductance = 1 / (resistance + c->tip_upstream);
}

double catheter_beyond(const catheter *c, const st_bed *bed) {
    const double r = bed->joint[joint_of(c->tip)].resistance[side_of(c->tip)], beyond = bed_beyond(bed, c->tip);
    return isinf(r) ? 0 : beyond / (1 + (r - c->tip_behind) * beyond);
}

double catheter_flow(const catheter *c, const st_bed *bed, double rate) {
    const double beyond = catheter_beyond(c, bed);
    return beyond * (c->conductance * c->pressure + rate) / (c->conductance + beyond);
}

/* At that rate nothing comes from upstream: the pressure at the tip is that without flow. */
double catheter_taken(const catheter *c, const st_bed *bed) {
    return catheter_beyond(c, bed) * c->pressure;
}
