/* Iodised oil: droplets so small and so soft that they pass the arteries and fill the microcirculation.
 *
 * A dose has some 10^8 droplets, so it goes as a volume, by the flow, in steps. In tumour it stays. In normal liver a
 * part meets ways to the portal side, and of that the droplets pass that the pressure can deform so far; everywhere
 * what finds no room passes. Oil in the place of blood slows the flow by its viscosity.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "infuse_internal.h"

#include <math.h>
#include <stdlib.h>

static const int STEPS = 64;
enum { SIZES = 65 };

typedef struct oiling {
    infusing *in;
    uint32_t first, end;               /* joints beyond the tip stand in a row */
    double *share;                     /* [2 * (end - first)] of the flow at the tip */
    double density;                    /* 1/s, arterial flow per volume of normal liver */
    double flow_ratio;                 /* of tumour to that */
    double space_normal, space_tumour; /* part of the tissue that oil can fill */
    double portal_share, thickening;
    double passage, tension; /* mm, g/s^2 */
    double smaller[SIZES];   /* part of the volume in droplets up to each of as many sizes from d_min to d_max */
} oiling;

static uint32_t end_of(const st_bed *bed, uint32_t first) {
    uint32_t j = first + 1;
    while (j < bed->n_joints && bed->joint[j].above != ST_NONE && joint_of(bed->joint[j].above) >= first)
        j++;
    return j;
}

static void divide(const oiling *o) {
    const st_bed *bed = o->in->bed;
    for (uint32_t j = o->first; j < o->end; j++) {
        const bed_joint *joint = &bed->joint[j];
        const double all = joint->conductance[0] + joint->conductance[1];
        const double in = j == o->first ? 1 : o->share[joint->above - 2 * o->first];
        for (unsigned side = 0; side < 2; side++)
            o->share[2 * (j - o->first) + side] = all > 0 ? in * (joint->conductance[side] / all) : 0;
    }
}

/* Volume below each size, by Simpson's rule on d^3 times the density. */
static void sum_sizes(oiling *o) {
    const st_agent *a = o->in->order->agent;
    const double step = (a->d_max - a->d_min) / (SIZES - 1);
    for (int i = 1; i < SIZES; i++) {
        double part = 0;
        for (int k = 0; k < 3; k++) {
            const double d = a->d_min + (i - 1 + 0.5 * k) * step, z = a->d_sd > 0 ? (d - a->d_mean) / a->d_sd : 0;
            part += (k == 1 ? 4 : 1) * d * d * d * exp(-z * z / 2);
        }
        o->smaller[i] = o->smaller[i - 1] + part;
    }
    for (int i = 0; i < SIZES && o->smaller[SIZES - 1] > 0; i++)
        o->smaller[i] /= o->smaller[SIZES - 1];
}

/* Part of the droplets that `pressure` (Pa) drives into the passages: Laplace, 4 tension (1/passage - 1/d) for one of
 * diameter d. */
static double part_that_passes(const oiling *o, double pressure) {
    const st_agent *a = o->in->order->agent;
    const double left = 1 / o->passage - pressure / (4 * o->tension), largest = left > 0 ? 1 / left : INFINITY;
    if (largest >= a->d_max)
        return 1;
    if (largest <= a->d_min)
        return 0;
    const double at = (largest - a->d_min) / (a->d_max - a->d_min) * (SIZES - 1);
    const int i = (int)at;
    return o->smaller[i] + (at - i) * (o->smaller[i + 1] - o->smaller[i]);
}

/* What arrives at the end of a branch: kept, as far as there is room, or passed on. */
static void arrive(const oiling *o, uint32_t branch, double volume, double passing, double tumour_part, double room) {
    st_bed *bed = o->in->bed;
    st_oil *oil = &o->in->out->oil;
    const double to_portal = (1 - tumour_part) * volume * o->portal_share * passing;
    const double kept = fmin(volume - to_portal, fmax(0, room - bed->oil[branch]));
    const double tumour = volume > to_portal ? kept * tumour_part * volume / (volume - to_portal) : 0;
    bed->oil[branch] += kept;
    bed->oil_portal[branch] += volume - kept;
    oil->tumour += tumour;
    oil->normal += kept - tumour;
    oil->portal += volume - kept;
}

static void fill_end(const oiling *o, uint32_t branch, double share, double volume) {
    st_bed *bed = o->in->bed;
    const double tumour = bed_tumour_flow(bed, bed->start[branch], bed->flow[branch]);
    const double room = (bed->flow[branch] - tumour) / o->density * o->space_normal +
                        tumour / (o->density * o->flow_ratio) * o->space_tumour;
    const double before = 1 + o->thickening * bed->oil[branch] / room;
    const double pressure = share * o->in->tip_flow / bed->outlet[branch];
    arrive(o, branch, share * volume, part_that_passes(o, pressure), tumour / bed->flow[branch], room);
    bed->outlet[branch] *= before / (1 + o->thickening * bed->oil[branch] / room);
}

static void step(const oiling *o, double volume) {
    st_bed *bed = o->in->bed;
    divide(o);
    for (uint32_t b = 2 * o->first; b < 2 * o->end; b++)
        if (bed->joint[joint_of(b)].below[side_of(b)] == ST_NONE && o->share[b - 2 * o->first] > 0)
            fill_end(o, b, o->share[b - 2 * o->first], volume);
    bed_refresh(bed, o->first, o->end);
}

static void infuse_steps(const oiling *o, double dose, const st_progress *progress) {
    infusing *in = o->in;
    st_infusion *out = in->out;
    infusing_record(in, true);
    for (int i = 0; i < STEPS && !infusing_at_endpoint(in); i++) {
        const bool taken = in->rate > in->slowest; /* the pace is then the flow's */
        const double forward = taken ? 1 : fmin(1, catheter_flow(&in->catheter, in->bed, in->rate) / in->rate);
        step(o, dose / STEPS * forward);
        out->oil.injected += dose / STEPS;
        out->oil.refluxed += dose / STEPS * (1 - forward);
        out->seconds += dose / STEPS / in->rate;
        out->embolic_volume = out->suspension_volume = out->oil.injected;
        in->tip_flow = catheter_flow(&in->catheter, in->bed, 0);
        infusing_pace(in);
        infusing_record(in, false);
        st_progress_report(progress, "infusion", (i + 1.0) / STEPS);
    }
    const bool wanted = infusing_at_endpoint(in) || in->order->endpoint == ST_ENDPOINT_DOSE;
    out->stopped_by = wanted ? "endpoint" : "dose";
    infusing_record(in, true);
}

static st_status reserve(st_bed *bed, st_error *err) {
    if (!bed->oil)
        bed->oil = st_alloc(2 * (size_t)bed->n_joints, sizeof *bed->oil, err);
    if (!bed->oil_portal)
        bed->oil_portal = st_alloc(2 * (size_t)bed->n_joints, sizeof *bed->oil_portal, err);
    return bed->oil && bed->oil_portal ? ST_OK : ST_MEMORY;
}

st_status infuse_oil(infusing *in, const st_progress *progress, st_error *err) {
    st_bed *bed = in->bed;
    const st_parameters *p = in->parameters;
    const uint32_t tip = in->catheter.tip, first = bed->joint[joint_of(tip)].below[side_of(tip)];
    oiling o = {
        .in = in,
        .first = first,
        .density = st_parameter_value(p, ST_P_HEPATIC_FLOW) * st_parameter_value(p, ST_P_ARTERIAL_SHARE_NORMAL),
        .flow_ratio = st_parameter_value(p, ST_P_TUMOUR_FLOW_RATIO),
        .space_normal = st_parameter_value(p, ST_P_SINUSOID_POROSITY),
        .space_tumour = st_parameter_value(p, ST_P_TUMOUR_VESSEL_SHARE),
        .portal_share = st_parameter_value(p, ST_P_OIL_PORTAL_SHARE),
        .passage = st_parameter_value(p, ST_P_OIL_PASSAGE_DIAMETER),
        .tension = st_parameter_value(p, ST_P_OIL_TENSION),
        .thickening = st_parameter_value(p, ST_P_OIL_VISCOSITY_RATIO) - 1,
    };
    if (first == ST_NONE)
        return st_fail(err, ST_VALUE, "no vessel is known beyond the tip, segment %u, that oil could go to",
                       in->order->tip);
    o.end = end_of(bed, first);
    sum_sizes(&o);
    o.share = st_alloc(2 * (size_t)(o.end - first), sizeof *o.share, err);
    st_status status = o.share ? reserve(bed, err) : ST_MEMORY;
    if (status == ST_OK)
        infuse_steps(&o, in->order->dose > 0 ? in->order->dose : st_parameter_value(p, ST_P_OIL_DOSE_LIMIT), progress);
    free(o.share);
    return status;
}
