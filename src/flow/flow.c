/* The network: baseline, one change at a time, and the two sweeps that solve it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/flow.h>
#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>

static double poiseuille(const st_tree *tree, uint32_t segment, double haematocrit, double plasma) {
    const double r = (double)tree->radius[segment];
    const double viscosity = st_viscosity(2 * r / ST_UM, haematocrit, plasma);
    return M_PI * r * r * r * r / (8 * viscosity * st_tree_length(tree, segment));
}

/* Conductance of `a` in series with `b`. */
static double series(double a, double b) {
    return a > 0 && b > 0 ? a * b / (a + b) : 0;
}

/* Everything that hangs at the distal point of a segment. */
static double beyond(const st_flow *flow, const st_tree *tree, uint32_t segment) {
    double sum = flow->outlet[segment];
    for (uint32_t c = tree->first_child[segment]; c != ST_NONE; c = tree->next_sibling[c])
        sum += flow->equivalent[c];
    return sum;
}

static st_status check_segment(const st_tree *tree, uint32_t i, st_error *err) {
    const double radius = (double)tree->radius[i], length = st_tree_length(tree, i);
    if (!(2 * radius > ST_VISCOSITY_WALL_UM * ST_UM) || !(length > 0))
        return st_fail(err, ST_VALUE,
                       "segment %u has radius %g mm and length %g mm; the diameter must be above %g um (is the tree in "
                       "mm?) and the length above 0",
                       i, radius, length, ST_VISCOSITY_WALL_UM);
    return ST_OK;
}

static st_status set_conductances(const st_tree *tree, const st_parameters *parameters, double *conductance,
                                  st_error *err) {
    const double haematocrit = st_parameter_value(parameters, ST_P_HAEMATOCRIT);
    const double plasma = st_parameter_value(parameters, ST_P_PLASMA_VISCOSITY);
    st_status status = ST_OK;
    for (uint32_t i = 0; i < tree->n && status == ST_OK; i++) {
        status = check_segment(tree, i, err);
        if (status == ST_OK)
            conductance[i] = poiseuille(tree, i, haematocrit, plasma);
    }
    return status;
}

/* Pressures at distal points that baseline flow leaves, from the roots down. Both arrays may be the same. */
static st_status set_pressures(const st_tree *tree, const st_parameters *parameters, const double *conductance,
                               double *pressure, st_error *err) {
    const double inlet = st_parameter_value(parameters, ST_P_INLET_PRESSURE);
    const double back = st_parameter_value(parameters, ST_P_ARTERIAL_BACK_PRESSURE);
    for (uint32_t i = 0; i < tree->n; i++) {
        const double upstream = tree->parent[i] == ST_NONE ? inlet : pressure[tree->parent[i]];
        pressure[i] = upstream - tree->demand[i] / conductance[i];
        if (st_tree_is_terminal(tree, i) && !(pressure[i] > back))
            return st_fail(err, ST_NUMERIC,
                           "the demand needs more pressure than there is: %.1f mmHg would be left at terminal %u at "
                           "(%.1f, %.1f, %.1f) mm, not more than the back pressure of %.1f mmHg; a wider root_diameter "
                           "or a higher inlet_pressure would do",
                           pressure[i] / ST_MMHG, i, (double)tree->distal[i][0], (double)tree->distal[i][1],
                           (double)tree->distal[i][2], back / ST_MMHG);
    }
    return ST_OK;
}

st_status st_flow_baseline(const st_tree *tree, const st_parameters *parameters, double *pressure, st_error *err) {
    const st_status status = set_conductances(tree, parameters, pressure, err);
    return status == ST_OK ? set_pressures(tree, parameters, pressure, pressure, err) : status;
}

/* Such that every terminal has its demand. */
static st_status set_outlets(const st_tree *tree, const st_parameters *parameters, st_flow *flow, st_error *err) {
    double *pressure = st_alloc(tree->n, sizeof *pressure, err);
    st_status status = pressure ? set_pressures(tree, parameters, flow->conductance, pressure, err) : ST_MEMORY;
    for (uint32_t i = 0; i < tree->n && status == ST_OK; i++)
        if (st_tree_is_terminal(tree, i))
            flow->outlet[i] = tree->demand[i] / (pressure[i] - flow->back_pressure);
    free(pressure);
    return status;
}

st_status st_flow_init(const st_tree *tree, const st_parameters *parameters, st_flow *flow, st_error *err) {
    *flow = (st_flow){
        .n = tree->n,
        .conductance = st_alloc(tree->n, sizeof(double), err),
        .outlet = st_alloc(tree->n, sizeof(double), err),
        .equivalent = st_alloc(tree->n, sizeof(double), err),
        .inlet_pressure = st_parameter_value(parameters, ST_P_INLET_PRESSURE),
        .back_pressure = st_parameter_value(parameters, ST_P_ARTERIAL_BACK_PRESSURE),
    };
    st_status status = flow->conductance && flow->outlet && flow->equivalent ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        status = set_conductances(tree, parameters, flow->conductance, err);
    if (status == ST_OK)
        status = set_outlets(tree, parameters, flow, err);
    if (status == ST_OK)
        st_flow_refresh(flow, tree);
    else
        st_flow_fini(flow);
    return status;
}

void st_flow_fini(st_flow *flow) {
    free(flow->conductance);
    free(flow->outlet);
    free(flow->equivalent);
    *flow = (st_flow){0};
}

/* Children come after their parent, so one pass from the last segment to the first. */
void st_flow_refresh(st_flow *flow, const st_tree *tree) {
    for (uint32_t i = tree->n; i-- > 0;)
        flow->equivalent[i] = series(flow->conductance[i], beyond(flow, tree, i));
}

void st_flow_set(st_flow *flow, const st_tree *tree, uint32_t segment, double conductance) {
    flow->conductance[segment] = conductance;
    for (uint32_t i = segment; i != ST_NONE; i = tree->parent[i])
        flow->equivalent[i] = series(flow->conductance[i], beyond(flow, tree, i));
}

/* The part of the flow through its parent that enters a segment. */
static double share_of_parent(const st_flow *flow, const st_tree *tree, uint32_t segment) {
    const double all = beyond(flow, tree, tree->parent[segment]);
    return all > 0 ? flow->equivalent[segment] / all : 0;
}

static double root_flow(const st_flow *flow, uint32_t root) {
    return flow->equivalent[root] * (flow->inlet_pressure - flow->back_pressure);
}

void st_flow_solve(const st_flow *flow, const st_tree *tree, double *q, double *distal_pressure) {
    for (uint32_t i = 0; i < tree->n; i++) {
        const uint32_t parent = tree->parent[i];
        q[i] = parent == ST_NONE ? root_flow(flow, i) : q[parent] * share_of_parent(flow, tree, i);
        if (!distal_pressure)
            continue;
        const double upstream = parent == ST_NONE ? flow->inlet_pressure : distal_pressure[parent];
        distal_pressure[i] = flow->conductance[i] > 0 ? upstream - q[i] / flow->conductance[i] : flow->back_pressure;
    }
}

double st_flow_at(const st_flow *flow, const st_tree *tree, uint32_t segment) {
    double share = 1;
    uint32_t i = segment;
    for (; tree->parent[i] != ST_NONE; i = tree->parent[i])
        share *= share_of_parent(flow, tree, i);
    return share * root_flow(flow, i);
}
