/* The way of a particle from the catheter to where it ends.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "infuse_internal.h"

/* In (0, 1): a branch without flow is never taken, not even by rounding. */
static double draw(st_rng *rng) {
    return (st_rng_u32(rng) + 0.5) * 0x1p-32;
}

/* Flow into the branches of a joint that still take a particle, in any unit common to both. */
static void weigh(const bed_joint *joint, double weight[2]) {
    weight[0] = joint->full & 1 ? 0 : joint->conductance[0];
    weight[1] = joint->full & 2 ? 0 : joint->conductance[1];
}

/* How a particle chooses, and where in the cross-section it is when that decides. */
typedef struct chooser {
    const infusing *in;
    st_rng *rng;
    section place;
    bool placed; /* false: mixed anew at the next joint */
} chooser;

static unsigned choose_by_flow(const double weight[2], st_rng *rng) {
    return draw(rng) * (weight[0] + weight[1]) >= weight[0];
}

static unsigned choose_by_section(chooser *c, uint32_t joint, const double weight[2]) {
    const double share = weight[0] / (weight[0] + weight[1]);
    const bool mixed = !c->placed || draw(c->rng) < c->in->mixing;
    c->place = mixed ? section_draw(c->rng, 0, 1) : section_turn(c->place, (double)c->in->bed->azimuth[joint]);
    c->placed = true;
    const unsigned side = weight[0] <= 0 || (weight[1] > 0 && c->place.across >= share);
    c->place.across = side == 0 ? c->place.across / share : (c->place.across - share) / (1 - share);
    return side;
}

/* The wider branch takes `fixed_share` of the particles, whatever flows (lattice models). */
static unsigned choose_fixed(const chooser *c, const bed_joint *joint, const double weight[2]) {
    if (!(weight[0] > 0) || !(weight[1] > 0))
        return !(weight[0] > 0);
    const unsigned wider = joint->width[1] > joint->width[0];
    return draw(c->rng) < c->in->fixed_share ? wider : wider ^ 1;
}

static unsigned choose(chooser *c, uint32_t joint, const double weight[2]) {
    if (c->in->fixed_share > 0)
        return choose_fixed(c, &c->in->bed->joint[joint], weight);
    return c->in->mixing < 1 ? choose_by_section(c, joint, weight) : choose_by_flow(weight, c->rng);
}

/* Follows it from the mouth of a branch that takes it. It stops in the first vessel narrower than it is, at a plug, or
 * where none of the branches beyond takes it. */
static fate follow(const infusing *in, uint32_t branch, double width, chooser *c, uint32_t *rest) {
    const bed_joint *all = in->bed->joint, *joint = &all[joint_of(branch)];
    unsigned side = side_of(branch);
    for (;;) {
        *rest = (uint32_t)(2 * (joint - all)) + side;
        if ((double)joint->width[side] < width || (joint->plugged & (1u << side)))
            return LODGED;
        const uint32_t below = joint->below[side];
        if (below == ST_NONE)
            return PASSED;
        joint = &all[below];
        double weight[2];
        weigh(joint, weight);
        if (!(weight[0] + weight[1] > 0))
            return LODGED;
        side = choose(c, below, weight);
    }
}

/* Back past the tip, and into the branches passed there as they take up what comes back; out of the tree when they
 * do not. */
static fate go_back(const infusing *in, double width, double pressure, chooser *c, uint32_t *rest) {
    const catheter *k = &in->catheter;
    double back = (pressure - k->pressure) * k->conductance; /* mm^3/s */
    pressure -= back * k->tip_upstream;
    uint32_t from = k->tip;
    for (size_t i = k->n; i-- > 0;) {
        const uint32_t beside = from ^ 1;
        const bed_joint *joint = &in->bed->joint[joint_of(beside)];
        const double aside = joint->full & (1u << side_of(beside)) ? 0 : joint->conductance[side_of(beside)] * pressure;
        if (draw(c->rng) * back < aside)
            return follow(in, beside, width, c, rest);
        back -= aside;
        pressure -= back * k->resistance[i];
        from = k->path[i];
    }
    return WASHED_BACK;
}

fate route(const infusing *in, const unit *u, st_rng *rng, uint32_t *rest, bool *refluxed) {
    chooser c = {.in = in, .rng = rng};
    const catheter *k = &in->catheter;
    const double beyond = catheter_beyond(k, in->bed);
    const double pressure = (k->conductance * k->pressure + in->rate) / (k->conductance + beyond);
    *refluxed =
        draw(rng) * in->rate >= beyond * pressure || (in->bed->joint[joint_of(k->tip)].full & (1u << side_of(k->tip)));
    if (*refluxed)
        return go_back(in, u->width, pressure, &c, rest);
    if (in->mixing < 1) {
        c.place = section_draw(rng, in->release_low, in->release_high);
        c.placed = true;
    }
    return follow(in, k->tip, u->width, &c, rest);
}
