/* Flow in the bed: from scratch, after one change, and back onto the tree.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "bed_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static double conductance_of(const st_bed *bed, uint32_t branch) {
    const double beyond = bed_beyond(bed, branch), r = bed->joint[joint_of(branch)].resistance[side_of(branch)];
    return isinf(r) ? 0 : beyond / (1 + r * beyond);
}

/* Joints come after the one above them. */
void bed_refresh(st_bed *bed, uint32_t first, uint32_t end) {
    for (uint32_t branch = 2 * end; branch-- > 2 * first;)
        bed->joint[joint_of(branch)].conductance[side_of(branch)] = conductance_of(bed, branch);
}

/* Conductances go up the path as fractions, num / den: the divisions that each joint's own number takes do not wait for
 * one another. Measured with a million terminals: 1.2 times the lodgings per second. */
void bed_update(st_bed *bed, uint32_t branch, uint32_t last) {
    uint32_t j = joint_of(branch);
    double num = bed_beyond(bed, branch), den = 1;
    if (isinf(bed->joint[j].resistance[side_of(branch)]))
        num = 0;
    else
        den += bed->joint[j].resistance[side_of(branch)] * num;
    for (;;) {
        bed_joint *joint = &bed->joint[j];
        joint->conductance[side_of(branch)] = num / den;
        if (j == last || joint->above == ST_NONE)
            return;
        num += joint->conductance[side_of(branch) ^ 1] * den;
        branch = joint->above;
        j = joint_of(branch);
        den += bed->joint[j].resistance[side_of(branch)] * num;
    }
}

/* Flow of every branch, q[2 * n_joints], mm^3/s. */
static void solve(const st_bed *bed, double *q) {
    for (uint32_t j = 0; j < bed->n_joints; j++) {
        const bed_joint *joint = &bed->joint[j];
        const double all = joint->conductance[0] + joint->conductance[1];
        const double in = joint->above == ST_NONE ? all * bed->pressure : q[joint->above];
        for (unsigned side = 0; side < 2; side++)
            q[2 * j + side] = all > 0 ? in * (joint->conductance[side] / all) : 0;
    }
}

/* The part `left` of the flow from `start` to `end` in the sum over terminals goes to those that stand there. */
static void give_terminals(const st_bed *bed, double start, double end, double left, double *q) {
    double at = start;
    for (uint32_t k = bed_terminal_at(bed, start); k < bed->tree->n_terminals && at < end; k++) {
        const double to = fmin(bed->terminal_end[k], end);
        q[bed->terminal[k]] += left * (to - at);
        at = to;
    }
}

/* At the end of every segment: over what lodged in those that are branches themselves; the others are open. */
static void set_pressures(const st_bed *bed, const double *q, double *pressure) {
    const st_tree *tree = bed->tree;
    const double back = st_parameter_value(bed->parameters, ST_P_ARTERIAL_BACK_PRESSURE);
    for (uint32_t i = 0; i < tree->n; i++)
        pressure[i] = bed_resistance(bed->parameters, 2 * (double)tree->radius[i]) * st_tree_length(tree, i);
    for (uint32_t b = 2 * bed->n_joints;
         b-- > 0;) /* the branch that is the segment comes before those that stand in it */
        if (bed->segment[b] != ST_NONE && bed->length[b] > 0)
            pressure[bed->segment[b]] = bed->joint[joint_of(b)].resistance[side_of(b)];
    for (uint32_t i = 0; i < tree->n; i++) {
        const double before = tree->parent[i] == ST_NONE ? bed->pressure + back : pressure[tree->parent[i]];
        pressure[i] = q[i] > 0 ? fmax(back, before - q[i] * pressure[i]) : back;
    }
}

st_status st_bed_flow(const st_bed *bed, double *q, double *pressure, st_error *err) {
    double *branch_flow = st_alloc(2 * (size_t)bed->n_joints, sizeof *branch_flow, err);
    if (!branch_flow)
        return ST_MEMORY;
    solve(bed, branch_flow);
    memset(q, 0, bed->tree->n * sizeof *q);
    for (uint32_t b = 0; b < 2 * bed->n_joints; b++)
        if (bed->joint[joint_of(b)].below[side_of(b)] == ST_NONE && bed->flow[b] > 0)
            give_terminals(bed, bed->start[b], bed->start[b] + bed->flow[b], branch_flow[b] / bed->flow[b], q);
    st_tree_sum_up(bed->tree, q);
    if (pressure)
        set_pressures(bed, q, pressure);
    free(branch_flow);
    return ST_OK;
}

uint32_t bed_branch_of(const st_bed *bed, uint32_t segment) {
    for (uint32_t b = 0; b < 2 * bed->n_joints; b++)
        if (bed->segment[b] == segment)
            return b;
    return ST_NONE;
}

st_status st_bed_flow_at(const st_bed *bed, uint32_t segment, double *flow, st_error *err) {
    uint32_t b = bed_branch_of(bed, segment);
    if (b == ST_NONE)
        return st_fail(
            err, ST_VALUE,
            "segment %u is no vessel of the bed: the tree has segments 0 to %u, and no particle enters those beyond",
            segment, bed->tree->n - 1);
    double share = 1;
    for (; bed->joint[joint_of(b)].above != ST_NONE; b = bed->joint[joint_of(b)].above) {
        const bed_joint *joint = &bed->joint[joint_of(b)];
        const double all = joint->conductance[0] + joint->conductance[1];
        share *= all > 0 ? joint->conductance[side_of(b)] / all : 0;
    }
    *flow = share * bed->pressure * bed->joint[joint_of(b)].conductance[side_of(b)];
    return ST_OK;
}

void st_bed_lodged(const st_bed *bed, uint32_t *lodged, double *volume) {
    memset(lodged, 0, bed->tree->n * sizeof *lodged);
    memset(volume, 0, bed->tree->n * sizeof *volume);
    for (uint32_t b = 0; b < 2 * bed->n_joints; b++)
        if (bed->lodged[b] > 0) {
            lodged[bed->segment[b]] += bed->lodged[b];
            volume[bed->segment[b]] += bed->lodged_volume[b];
        }
}

void st_bed_oil(const st_bed *bed, double *oil) {
    memset(oil, 0, bed->tree->n * sizeof *oil);
    for (uint32_t b = 0; bed->oil && b < 2 * bed->n_joints; b++)
        if (bed->oil[b] + bed->oil_portal[b] > 0)
            give_terminals(bed, bed->start[b], bed->start[b] + bed->flow[b],
                           (bed->oil[b] + bed->oil_portal[b]) / bed->flow[b], oil);
}

st_status st_bed_error(const st_bed *bed, double *error, st_error *err) {
    st_bed again = *bed;
    again.joint = st_alloc(bed->n_joints, sizeof *again.joint, err);
    if (!again.joint)
        return ST_MEMORY;
    memcpy(again.joint, bed->joint, bed->n_joints * sizeof *again.joint);
    bed_refresh(&again, 0, bed->n_joints);
    *error = 0;
    for (uint32_t b = 0; b < 2 * bed->n_joints; b++) {
        const double is = bed->joint[joint_of(b)].conductance[side_of(b)];
        const double should = again.joint[joint_of(b)].conductance[side_of(b)];
        if (is > 0 || should > 0)
            *error = fmax(*error, fabs(is - should) / fmax(is, should));
    }
    free(again.joint);
    return ST_OK;
}
