/* The infusion of an agent through a tip: unit after unit, to the endpoint.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "infuse_internal.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>

/* A point of the curve for every this part of the tip's baseline flow that is lost. */
static const double CURVE_STEP = 0.005;

double infusing_clearance(const infusing *in) {
    if (in->column.volume <= 0)
        return in->tip_flow > 0 ? 0 : INFINITY;
    return in->column.volume / in->tip_flow * in->beats_per_s;
}

/* He injects as fast as he likes and the flow takes it. */
void infusing_pace(infusing *in) {
    const double taken = catheter_taken(&in->catheter, in->bed);
    in->rate = fmax(in->slowest, fmin(in->fastest, taken));
}

bool infusing_at_endpoint(const infusing *in) {
    const st_parameters *p = in->parameters;
    switch (in->order->endpoint) {
    case ST_ENDPOINT_NEAR_STASIS:
        return infusing_clearance(in) >= st_parameter_value(p, ST_P_NEAR_STASIS_BEATS);
    case ST_ENDPOINT_SUBSTASIS:
        return in->tip_flow <= st_parameter_value(p, ST_P_SUBSTASIS_FLOW_LEFT) * in->out->tip_flow_before;
    case ST_ENDPOINT_DOSE:
        return false; /* the dose alone ends it */
    case ST_ENDPOINT_STASIS:
    default:
        return infusing_clearance(in) >= st_parameter_value(p, ST_P_STASIS_BEATS);
    }
}

/* Flow at the tip can rise a little when reflux closes a neighbour, so a point is due on a fall alone: at most
 * 1 / CURVE_STEP of them, plus the first and the last. */
void infusing_record(infusing *in, bool always) {
    st_infusion *out = in->out;
    const st_infusion_point *last = out->n_curve > 0 ? &out->curve[out->n_curve - 1] : NULL;
    if (last && (always ? last->injected == out->particles.injected && last->suspension == out->suspension_volume
                        : in->tip_flow > last->tip_flow - CURVE_STEP * out->tip_flow_before))
        return;
    out->curve[out->n_curve++] = (st_infusion_point){.injected = out->particles.injected,
                                                     .suspension = out->suspension_volume,
                                                     .tip_flow = in->tip_flow,
                                                     .clearance_beats = infusing_clearance(in)};
}

/* ---- particles -------------------------------------------------------------- */

/* Of a mean of `clump` particles that stay together, geometrically distributed. */
static unsigned clump_size(double clump, st_rng *rng) {
    if (clump <= 1)
        return 1;
    const double n = 1 + floor(log(1 - st_rng_uniform(rng)) / log(1 - 1 / clump));
    return (unsigned)fmin(n, 1e6);
}

static unit draw_unit(const infusing *in, st_rng *rng) {
    const st_agent *agent = in->order->agent;
    unit u = {.diameter = st_agent_draw(agent, rng), .n = clump_size(agent->clump, rng)};
    /* a clump is as wide as a sphere of its packed volume */
    const double wide = u.n > 1 ? cbrt(u.n / agent->packing) : 1;
    u.width = (1 - agent->deformation) * u.diameter * wide;
    return u;
}

static void count(infusing *in, const unit *u, fate f, bool refluxed, bool tumour) {
    st_particles *p = &in->out->particles;
    p->injected += u->n;
    in->out->embolic_volume += u->n * M_PI / 6 * u->diameter * u->diameter * u->diameter;
    *(refluxed ? &p->refluxed : f == PASSED ? &p->passed : tumour ? &p->lodged_tumour : &p->lodged_normal) += u->n;
}

static void inject(infusing *in, st_rng *rng) {
    const unit u = draw_unit(in, rng);
    uint32_t rest = ST_NONE;
    bool refluxed;
    fate f = route(in, &u, rng, &rest, &refluxed);
    const bool tumour = f == LODGED && in->bed->tumour[rest];
    /* a shunt inside tumour leads past the vessels that would stop it */
    if (tumour && in->shunt_share > 0 && u.width < in->shunt_diameter && st_rng_uniform(rng) < in->shunt_share)
        f = PASSED;
    count(in, &u, f, refluxed, tumour);
    in->idle = f == LODGED ? 0 : in->idle + u.n;
    if (f != LODGED)
        return;
    lodge(in, rest, &u, refluxed);
    in->tip_flow = catheter_flow(&in->catheter, in->bed, 0);
    infusing_pace(in);
}

/* The operator looks at the end of every pulse; without pulses, all the time. */
static bool looks(const infusing *in, double pulse, uint64_t *pulses) {
    if (pulse <= 0)
        return true;
    const uint64_t ended = (uint64_t)(in->out->suspension_volume / pulse);
    const bool looked = ended > *pulses;
    *pulses = ended;
    return looked;
}

static const char *stopped(const infusing *in, uint64_t limit, bool looked) {
    const bed_joint *tip = &in->bed->joint[joint_of(in->catheter.tip)];
    const st_infusion *out = in->out;
    if (looked && infusing_at_endpoint(in))
        return "endpoint";
    if (in->order->dose > 0 && out->suspension_volume >= in->order->dose)
        return in->order->endpoint == ST_ENDPOINT_DOSE ? "endpoint" : "dose";
    if (tip->full & (1u << side_of(in->catheter.tip)))
        return "plug at the catheter";
    if ((double)in->idle >= st_parameter_value(in->parameters, ST_P_IDLE_LIMIT))
        return "nothing lodges any more";
    return out->particles.injected >= limit ? "dose limit" : NULL;
}

static void infuse_particles(infusing *in, const st_progress *progress) {
    const st_injection *order = in->order;
    const uint64_t limit = (uint64_t)st_parameter_value(in->parameters, ST_P_DOSE_LIMIT);
    const double pulse = st_parameter_value(in->parameters, ST_P_PULSE_VOLUME);
    const double per_particle = 1 / st_agent_concentration(order->agent, in->parameters);
    st_infusion *out = in->out;
    uint64_t units = 0, pulses = 0;
    bool looked = true;
    infusing_record(in, true);
    while ((out->stopped_by = stopped(in, limit, looked)) == NULL) {
        st_rng rng = st_rng_stream(order->seed, ST_RNG_INFUSION, order->item << 40 | units++);
        const double rate = in->rate;
        inject(in, &rng);
        const double volume = (double)out->particles.injected * per_particle;
        out->seconds += (volume - out->suspension_volume) / rate;
        out->suspension_volume = volume;
        looked = looks(in, pulse, &pulses);
        const size_t points = out->n_curve;
        infusing_record(in, false);
        if (out->n_curve > points)
            st_progress_report(progress, "infusion", 1 - in->tip_flow / out->tip_flow_before);
    }
    infusing_record(in, true);
}

/* ---- the whole --------------------------------------------------------------- */

static void finish(infusing *in) {
    st_infusion *out = in->out;
    const double pulse = st_parameter_value(in->parameters, ST_P_PULSE_VOLUME);
    out->tip_flow_after = in->tip_flow;
    out->clearance_beats = infusing_clearance(in);
    if (pulse > 0)
        out->seconds += floor(out->suspension_volume / pulse) * st_parameter_value(in->parameters, ST_P_PULSE_PAUSE);
    bed_update(in->bed, in->catheter.tip, ST_NONE); /* the catheter is out */
}

/* The tip stands halfway along its vessel: particles have the half beyond it, and afterwards the whole again. */
static void halve_tip(const infusing *in, double sign) {
    const uint32_t tip = in->catheter.tip;
    bed_joint *joint = &in->bed->joint[joint_of(tip)];
    const unsigned side = side_of(tip), bit = 1u << side;
    joint->room[side] += (float)(sign * (double)in->bed->length[tip] / 2);
    if (isfinite(joint->resistance[side])) /* a tight plug leaves no room at all */
        joint->full = (uint8_t)(joint->room[side] > 0 ? joint->full & ~bit : joint->full | bit);
}

static st_status check(const infusing *in, st_error *err) {
    const st_agent *agent = in->order->agent;
    const st_bed *bed = in->bed;
    const uint32_t tip = in->catheter.tip;
    const double width = (double)bed->joint[joint_of(tip)].width[side_of(tip)],
                 largest = (1 - agent->deformation) * agent->d_max;
    if (!(in->tip_flow > 0))
        return st_fail(err, ST_VALUE, "no blood flows at tip %u any more, so nothing can be infused there",
                       in->order->tip);
    if (agent->kind == ST_AGENT_PARTICLES && largest >= width)
        return st_fail(
            err, ST_VALUE,
            "particles of %s are up to %.0f um wide; the vessel of the tip, segment %u, is %.0f um: they would "
            "stop at the catheter",
            agent->name, largest / ST_UM, in->order->tip, width / ST_UM);
    if (agent->kind == ST_AGENT_PARTICLES && st_agent_smallest(agent) < bed->width * (1 - 1e-12))
        return st_fail(err, ST_VALUE, "%s has particles of %.3g um; the bed was made for %.3g um and more", agent->name,
                       st_agent_smallest(agent) / ST_UM, bed->width / ST_UM);
    if (in->fastest > bed->pressure * bed->joint[bed->root[0]].conductance[0])
        return st_fail(err, ST_VALUE,
                       "an injection_rate of %.3g mL/min is more than the %.3g mL/min that flow in the whole artery",
                       in->fastest / ST_ML_MIN, bed->pressure * bed->joint[bed->root[0]].conductance[0] / ST_ML_MIN);
    return ST_OK;
}

static void settings(infusing *in) {
    const st_parameters *p = in->parameters;
    in->fastest = st_parameter_value(p, ST_P_INJECTION_RATE);
    in->slowest = fmin(in->fastest, st_parameter_value(p, ST_P_SLOWEST_RATE));
    in->beats_per_s = st_parameter_value(p, ST_P_HEART_RATE);
    in->porosity = st_parameter_value(p, ST_P_PLUG_POROSITY);
    in->mixing = st_parameter_value(p, ST_P_MIXING);
    in->fixed_share = st_parameter_value(p, ST_P_FIXED_SHARE);
    in->shunt_share = st_parameter_value(p, ST_P_SHUNT_SHARE);
    in->shunt_diameter = st_parameter_value(p, ST_P_SHUNT_DIAMETER);
    const double width = st_parameter_value(p, ST_P_RELEASE_WIDTH), place = st_parameter_value(p, ST_P_RELEASE_PLACE);
    in->release_low = place * (1 - width);
    in->release_high = in->release_low + width;
}

st_status st_infuse(st_bed *bed, const st_injection *order, const st_progress *progress, st_infusion *infusion,
                    st_error *err) {
    *infusion = (st_infusion){
        .tip = order->tip, .kind = order->agent->kind, .endpoint = order->endpoint, .stopped_by = "endpoint"};
    snprintf(infusion->agent, sizeof infusion->agent, "%s", order->agent->name);
    infusing in = {.bed = bed, .parameters = bed->parameters, .order = order, .out = infusion};
    settings(&in);
    st_status status = catheter_init(&in.catheter, bed, order->tip, err);
    if (status != ST_OK)
        return status;
    in.tip_flow = catheter_flow(&in.catheter, bed, 0);
    infusing_pace(&in);
    status = check(&in, err);
    infusion->tip_flow_before = in.tip_flow;
    halve_tip(&in, -1);
    if (status == ST_OK)
        status = column_init(&in.column, bed, in.catheter.tip,
                             st_parameter_value(bed->parameters, ST_P_VISIBLE_DIAMETER), err);
    if (status == ST_OK && !(infusion->curve = st_alloc((size_t)(1 / CURVE_STEP) + 8, sizeof *infusion->curve, err)))
        status = ST_MEMORY;
    if (status == ST_OK) {
        if (order->agent->kind == ST_AGENT_OIL)
            status = infuse_oil(&in, progress, err);
        else
            infuse_particles(&in, progress);
        finish(&in);
    }
    halve_tip(&in, 1);
    column_fini(&in.column, bed);
    catheter_fini(&in.catheter);
    return status;
}

void st_infusion_fini(st_infusion *infusion) {
    free(infusion->curve);
    *infusion = (st_infusion){0};
}
