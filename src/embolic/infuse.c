/* The infusion of an agent through a tip: particle after particle, to the endpoint.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/embolic.h>

#include <math.h>
#include <stdlib.h>

/* A point of the curve for every this part of the tip's baseline flow that is lost. */
static const double CURVE_STEP = 0.005;

typedef struct infusing {
    const st_tree *tree;
    st_flow *flow;
    const st_agent *agent;
    uint32_t tip;
    double rate;           /* mm^3/s injected */
    double beats_per_s;
    double visible_radius; /* mm */
    double column;         /* mm^3 of open visible vessels beyond the tip */
    double tip_flow;       /* mm^3/s now */
    uint32_t *lodged;
    double *lodged_volume;
    st_infusion *out;
} infusing;

static bool below_tip(const infusing *in, uint32_t segment) {
    while (segment != ST_NONE && segment > in->tip)
        segment = in->tree->parent[segment];
    return segment == in->tip;
}

static double segment_volume(const st_tree *tree, uint32_t i) {
    const double r = (double)tree->radius[i];
    return M_PI * r * r * st_tree_length(tree, i);
}

static bool in_column(const infusing *in, uint32_t segment) {
    return (double)in->tree->radius[segment] >= in->visible_radius && in->flow->conductance[segment] > 0;
}

/* The column holds the visible vessels that are open and are reached through open ones. */
static double column_volume(const infusing *in) {
    double volume = 0;
    for (uint32_t i = in->tip; i < in->tree->n; i++)
        if (in_column(in, i) && below_tip(in, i))
            volume += segment_volume(in->tree, i);
    return volume;
}

static double clearance_beats(const infusing *in) {
    if (in->column <= 0)
        return in->tip_flow > 0 ? 0 : INFINITY;
    return in->column / in->tip_flow * in->beats_per_s;
}

/* One child of `segment` by flow; `not` is left out. ST_NONE when nothing flows. */
static uint32_t route(const infusing *in, uint32_t segment, uint32_t not, st_rng *rng) {
    const st_tree *tree = in->tree;
    const double *g = in->flow->equivalent;
    double all = 0;
    for (uint32_t c = tree->first_child[segment]; c != ST_NONE; c = tree->next_sibling[c])
        all += c == not ? 0 : g[c];
    double draw = st_rng_uniform(rng) * all;
    uint32_t chosen = ST_NONE;
    for (uint32_t c = tree->first_child[segment]; c != ST_NONE && draw >= 0; c = tree->next_sibling[c]) {
        if (c == not || g[c] <= 0)
            continue; /* never into a closed vessel, not even by rounding */
        chosen = c;
        draw -= g[c];
    }
    return chosen;
}

typedef enum { PASSED, LODGED, WASHED_BACK } fate;

/* Follows a particle from the entry of `segment` to where it ends. */
static fate follow(const infusing *in, uint32_t segment, double width, st_rng *rng, uint32_t *rest) {
    while (2 * (double)in->tree->radius[segment] >= width) {
        if (st_tree_is_terminal(in->tree, segment))
            return PASSED;
        segment = route(in, segment, ST_NONE, rng);
    }
    *rest = segment;
    return LODGED;
}

/* Back past the tip into the parent's other branches; out of the tree when there is none with flow. */
static fate follow_reflux(const infusing *in, double width, st_rng *rng, uint32_t *rest) {
    const uint32_t parent = in->tree->parent[in->tip];
    const uint32_t branch = parent == ST_NONE ? ST_NONE : route(in, parent, in->tip, rng);
    return branch == ST_NONE ? WASHED_BACK : follow(in, branch, width, rng, rest);
}

static void lodge(infusing *in, uint32_t segment, double diameter) {
    if (in_column(in, segment) && below_tip(in, segment))
        in->column -= segment_volume(in->tree, segment);
    in->lodged[segment]++;
    in->lodged_volume[segment] += M_PI / 6 * diameter * diameter * diameter;
    st_flow_set(in->flow, in->tree, segment, 0);
    in->tip_flow = st_flow_at(in->flow, in->tree, in->tip);
}

static void inject(infusing *in, st_rng *rng) {
    const double d = in->agent->d_min + (in->agent->d_max - in->agent->d_min) * st_rng_uniform(rng);
    const double width = (1 - in->agent->deformation) * d;
    st_particles *count = &in->out->particles;
    const bool reflux = st_rng_uniform(rng) * in->rate >= in->tip_flow;
    uint32_t rest = ST_NONE;
    const fate f = reflux ? follow_reflux(in, width, rng, &rest) : follow(in, in->tip, width, rng, &rest);
    count->injected++;
    in->out->embolic_volume += M_PI / 6 * d * d * d;
    if (reflux)
        count->refluxed++;
    else if (f == PASSED)
        count->passed++;
    else if (in->tree->tumour_demand[rest] > 0.5 * in->tree->demand[rest])
        count->lodged_tumour++;
    else
        count->lodged_normal++;
    if (f == LODGED)
        lodge(in, rest, d);
}

static bool at_endpoint(const infusing *in, const st_parameters *parameters, st_endpoint endpoint) {
    switch (endpoint) {
    case ST_ENDPOINT_NEAR_STASIS:
        return clearance_beats(in) >= st_parameter_value(parameters, ST_P_NEAR_STASIS_BEATS);
    case ST_ENDPOINT_SUBSTASIS:
        return in->tip_flow <=
               st_parameter_value(parameters, ST_P_SUBSTASIS_FLOW_LEFT) * in->out->tip_flow_before;
    case ST_ENDPOINT_STASIS:
    default:
        return clearance_beats(in) >= st_parameter_value(parameters, ST_P_STASIS_BEATS);
    }
}

static void record(infusing *in) {
    st_infusion *out = in->out;
    out->curve[out->n_curve++] = (st_infusion_point){
        .injected = out->particles.injected, .tip_flow = in->tip_flow, .clearance_beats = clearance_beats(in)};
}

/* Flow at the tip can rise a little when reflux closes a neighbour, so a point is due on a fall alone: at
 * most 1 / CURVE_STEP of them, plus the first and the last. */
static bool record_due(const infusing *in) {
    const st_infusion_point *last = &in->out->curve[in->out->n_curve - 1];
    return in->tip_flow <= last->tip_flow - CURVE_STEP * in->out->tip_flow_before;
}

static void infuse_all(infusing *in, const st_parameters *parameters, st_endpoint endpoint, uint64_t seed,
                       uint64_t item, const st_progress *progress) {
    const uint64_t limit = (uint64_t)st_parameter_value(parameters, ST_P_DOSE_LIMIT);
    st_infusion *out = in->out;
    record(in);
    while (!at_endpoint(in, parameters, endpoint) && out->particles.injected < limit) {
        st_rng rng = st_rng_stream(seed, ST_RNG_INFUSION, item << 40 | out->particles.injected);
        inject(in, &rng);
        if (record_due(in)) {
            record(in);
            st_progress_report(progress, "infusion", 1 - in->tip_flow / out->tip_flow_before);
        }
    }
    if (out->curve[out->n_curve - 1].injected != out->particles.injected)
        record(in);
    out->stopped_by = at_endpoint(in, parameters, endpoint) ? "endpoint" : "dose limit";
}

st_status st_infuse(const st_tree *tree, st_flow *flow, const st_parameters *parameters, const st_agent *agent,
                    uint32_t tip, st_endpoint endpoint, uint64_t seed, uint64_t item, const st_progress *progress,
                    uint32_t *lodged, double *lodged_volume, st_infusion *infusion, st_error *err) {
    *infusion = (st_infusion){.tip = tip, .stopped_by = "endpoint"};
    if (tip >= tree->n)
        return st_fail(err, ST_VALUE, "tip %u is no segment of the tree, which has segments 0 to %u", tip, tree->n - 1);
    infusing in = {
        .tree = tree,
        .flow = flow,
        .agent = agent,
        .tip = tip,
        .rate = st_parameter_value(parameters, ST_P_INJECTION_RATE),
        .beats_per_s = st_parameter_value(parameters, ST_P_HEART_RATE),
        .visible_radius = st_parameter_value(parameters, ST_P_VISIBLE_DIAMETER) / 2,
        .tip_flow = st_flow_at(flow, tree, tip),
        .lodged = lodged,
        .lodged_volume = lodged_volume,
        .out = infusion,
    };
    if (!(in.tip_flow > 0))
        return st_fail(err, ST_VALUE, "no blood flows at tip %u any more, so nothing can be infused there", tip);
    infusion->tip_flow_before = in.tip_flow;
    infusion->curve = st_alloc((size_t)(1 / CURVE_STEP) + 8, sizeof *infusion->curve, err);
    if (!infusion->curve)
        return ST_MEMORY;
    in.column = column_volume(&in);
    infuse_all(&in, parameters, endpoint, seed, item, progress);
    infusion->tip_flow_after = in.tip_flow;
    infusion->clearance_beats = clearance_beats(&in);
    infusion->suspension_volume =
        (double)infusion->particles.injected / st_agent_concentration(agent, parameters);
    infusion->seconds = infusion->suspension_volume / in.rate;
    return ST_OK;
}

void st_infusion_fini(st_infusion *infusion) {
    free(infusion->curve);
    *infusion = (st_infusion){0};
}
