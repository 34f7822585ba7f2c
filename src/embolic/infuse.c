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
    double rate; /* mm^3/s injected */
    double beats_per_s;
    double visible_radius; /* mm */
    bool *reached;         /* [n] segments of the column */
    double column;         /* mm^3 of them */
    double tip_flow;       /* mm^3/s now */
    uint32_t *lodged;
    double *lodged_volume;
    st_infusion *out;
} infusing;

static double segment_volume(const st_tree *tree, uint32_t i) {
    const double r = (double)tree->radius[i];
    return M_PI * r * r * st_tree_length(tree, i);
}

/* The column holds the visible vessels that are open and are reached from the tip through such. */
static void fill_column(infusing *in) {
    const st_tree *tree = in->tree;
    for (uint32_t i = in->tip; i < tree->n; i++) {
        in->reached[i] = (i == in->tip || (tree->parent[i] != ST_NONE && in->reached[tree->parent[i]])) &&
                         (double)tree->radius[i] >= in->visible_radius && in->flow->conductance[i] > 0;
        if (in->reached[i])
            in->column += segment_volume(tree, i);
    }
}

/* A vessel that closes leaves the column with all that was reached through it. */
static void cut_column(infusing *in, uint32_t closed) {
    const st_tree *tree = in->tree;
    for (uint32_t i = closed;;) {
        if (in->reached[i]) {
            in->reached[i] = false;
            in->column -= segment_volume(tree, i);
            if (!st_tree_is_terminal(tree, i)) {
                i = tree->first_child[i];
                continue;
            }
        }
        while (i != closed && tree->next_sibling[i] == ST_NONE)
            i = tree->parent[i];
        if (i == closed)
            return;
        i = tree->next_sibling[i];
    }
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

/* Back past the tip to the first other branch with flow; out of the tree when there is none. */
static fate follow_reflux(const infusing *in, double width, st_rng *rng, uint32_t *rest) {
    uint32_t from = in->tip, branch = ST_NONE;
    while (branch == ST_NONE && in->tree->parent[from] != ST_NONE) {
        branch = route(in, in->tree->parent[from], from, rng);
        from = in->tree->parent[from];
    }
    return branch == ST_NONE ? WASHED_BACK : follow(in, branch, width, rng, rest);
}

static void lodge(infusing *in, uint32_t segment, double diameter) {
    cut_column(in, segment);
    in->lodged[segment]++;
    in->lodged_volume[segment] += M_PI / 6 * diameter * diameter * diameter;
    st_flow_set(in->flow, in->tree, segment, 0);
    in->tip_flow = st_flow_at(in->flow, in->tree, in->tip);
}

static void inject(infusing *in, st_rng *rng) {
    const double d = st_agent_draw(in->agent, rng);
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
        return in->tip_flow <= st_parameter_value(parameters, ST_P_SUBSTASIS_FLOW_LEFT) * in->out->tip_flow_before;
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
    in.reached = st_alloc(tree->n, sizeof *in.reached, err);
    if (!infusion->curve || !in.reached) {
        st_infusion_fini(infusion);
        free(in.reached);
        return ST_MEMORY;
    }
    fill_column(&in);
    infuse_all(&in, parameters, endpoint, seed, item, progress);
    infusion->tip_flow_after = in.tip_flow;
    infusion->clearance_beats = clearance_beats(&in);
    infusion->suspension_volume = (double)infusion->particles.injected / st_agent_concentration(agent, parameters);
    infusion->seconds = infusion->suspension_volume / in.rate;
    free(in.reached);
    return ST_OK;
}

void st_infusion_fini(st_infusion *infusion) {
    free(infusion->curve);
    *infusion = (st_infusion){0};
}
