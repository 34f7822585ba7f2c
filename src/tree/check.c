/* The promises of a tree, looked up in the tree alone.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <string.h>

#include "measure_internal.h"

/* Radii are stored in float and written in decimal by some formats; flows are sums of many. */
static const double MURRAY_LIMIT = 1e-4;
static const double BALANCE_LIMIT = 1e-6;

static const char *const names[] = {
#define NAME(kind, word, what) word,
    ST_TREE_FAULT_LIST(NAME)
#undef NAME
};
static const char *const texts[] = {
#define TEXT(kind, word, what) what,
    ST_TREE_FAULT_LIST(TEXT)
#undef TEXT
};

const char *st_tree_fault_name(st_tree_fault_kind kind) {
    return names[kind];
}

const char *st_tree_fault_text(st_tree_fault_kind kind) {
    return texts[kind];
}

/* ---- questions ---------------------------------------------------------------- */

static double error_apart(const tree_question *q, uint32_t i) {
    const uint32_t parent = q->tree->parent[i];
    return parent != ST_NONE && memcmp(q->tree->proximal[i], q->tree->distal[parent], sizeof q->tree->proximal[i]) != 0
               ? 1
               : 0;
}

/* A measured vessel may begin where its image does. */
static double error_orphan(const tree_question *q, uint32_t i) {
    const float *p = q->tree->proximal[i];
    return q->tree->parent[i] == ST_NONE && !q->tree->measured[i] &&
                   st_liver_class_at(q->liver, (const double[3]){(double)p[0], (double)p[1], (double)p[2]}) !=
                       ST_OUTSIDE
               ? 1
               : 0;
}

static double error_length(const tree_question *q, uint32_t i) {
    return st_tree_length(q->tree, i) > 0 ? 0 : 1;
}

static double error_radius(const tree_question *q, uint32_t i) {
    return q->tree->radius[i] > 0 ? 0 : 1;
}

static double error_flow(const tree_question *q, uint32_t i) {
    return st_tree_is_terminal(q->tree, i) && !(q->tree->demand[i] > 0) ? 1 : 0;
}

static double difference(double flow, double sum) {
    const double most = fmax(fabs(flow), fabs(sum));
    return most > 0 ? fabs(flow - sum) / most : 0;
}

double tree_error_balance(const tree_question *q, uint32_t i) {
    if (st_tree_is_terminal(q->tree, i))
        return 0;
    double sum = 0;
    for (uint32_t child = q->tree->first_child[i]; child != ST_NONE; child = q->tree->next_sibling[child])
        sum += q->tree->demand[child];
    return difference(q->tree->demand[i], sum);
}

static double error_lesion(const tree_question *q, uint32_t i) {
    if (q->tree->lesion[i] == 0)
        return 0;
    const float *p = q->tree->distal[i];
    const size_t voxel = st_liver_voxel_at(q->liver, (const double[3]){(double)p[0], (double)p[1], (double)p[2]});
    return voxel != SIZE_MAX && q->liver->lesion[voxel] == q->tree->lesion[i] ? 0 : 1;
}

static double measured_joint(const tree_question *q, uint32_t i) {
    return !st_tree_is_terminal(q->tree, i) && tree_joint_is_measured(q->tree, i) ? 1 : 0;
}

/* ---- what reading saw ------------------------------------------------------------ */

void tree_note_imbalance(st_tree *tree) {
    double *leaving = tree->tumour_demand; /* not filled yet */
    for (uint32_t i = 0; i < tree->n; i++)
        leaving[i] = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        if (tree->parent[i] != ST_NONE)
            leaving[tree->parent[i]] += tree->demand[i];
    for (uint32_t i = 0; i < tree->n; i++) {
        /* a tree is read depth first: a parent's first child stands right after it, and a terminal has none */
        const bool joint = i + 1 < tree->n && tree->parent[i + 1] == i;
        const double error = joint ? difference(tree->demand[i], leaving[i]) : 0;
        tree->reading.imbalance = fmax(tree->reading.imbalance, error);
        if (error > BALANCE_LIMIT && tree->reading.unbalanced++ == 0)
            tree->reading.first_unbalanced = i;
    }
}

static void add_reading(const st_tree_reading *reading, st_tree_check *check) {
    st_tree_fault *length = &check->fault[ST_FAULT_LENGTH], *balance = &check->fault[ST_FAULT_BALANCE];
    length->n += reading->no_length; /* none of the tree's segments, so first stays */
    balance->worst = fmax(balance->worst, reading->imbalance);
    if (reading->unbalanced == 0)
        return;
    balance->n += reading->unbalanced;
    balance->first = reading->first_unbalanced < balance->first ? reading->first_unbalanced : balance->first;
}

/* ---- all of them -------------------------------------------------------------------- */

static bool has_flow(const st_tree *tree) {
    for (uint32_t i = 0; i < tree->n; i++)
        if (tree->parent[i] == ST_NONE && tree->demand[i] > 0)
            return true;
    return false;
}

static const struct asked {
    st_tree_fault_kind kind;
    double (*error_of)(const tree_question *question, uint32_t i);
    const double *limit; /* NULL: 0 */
    bool of_organ, of_flow;
} asked[] = {
    {ST_FAULT_OUTSIDE, tree_error_outside, NULL, true, false},
    {ST_FAULT_APART, error_apart, NULL, false, false},
    {ST_FAULT_ORPHAN, error_orphan, NULL, true, false},
    {ST_FAULT_LENGTH, error_length, NULL, false, false},
    {ST_FAULT_RADIUS, error_radius, NULL, false, false},
    {ST_FAULT_MURRAY, tree_error_murray, &MURRAY_LIMIT, false, false},
    {ST_FAULT_FLOW, error_flow, NULL, false, true},
    {ST_FAULT_BALANCE, tree_error_balance, &BALANCE_LIMIT, false, true},
    {ST_FAULT_LESION, error_lesion, NULL, true, false},
};

static void ask_all(const st_tree *tree, const st_liver *liver, const st_parameters *parameters, int threads,
                    st_tree_check *check) {
    tree_question q = {.tree = tree, .liver = liver, .exponent = st_parameter_value(parameters, ST_P_MURRAY_EXPONENT)};
    const bool flow = has_flow(tree);
    for (size_t k = 0; k < sizeof asked / sizeof *asked; k++) {
        if ((asked[k].of_organ && !liver) || (asked[k].of_flow && !flow))
            continue;
        q.error_of = asked[k].error_of;
        q.limit = asked[k].limit ? *asked[k].limit : 0;
        check->fault[asked[k].kind] = tree_ask(&q, threads);
    }
    q.error_of = measured_joint;
    q.limit = 0;
    check->measured_joints = (uint32_t)tree_ask(&q, threads).n;
    add_reading(&tree->reading, check);
}

static st_tree_fault fault_of(const tree_contacts *contacts) {
    return (st_tree_fault){
        .checked = true, .n = contacts->pairs, .first = contacts->first, .worst = contacts->pairs > 0 ? 1 : 0};
}

st_status st_tree_check_all(const st_tree *tree, const st_liver *liver, const st_tree *beside,
                            const st_parameters *parameters, int threads, st_tree_check *check, st_error *err) {
    tree_contacts contacts;
    *check = (st_tree_check){.crossed = ST_NONE};
    for (int k = 0; k < ST_TREE_FAULTS; k++)
        check->fault[k].first = ST_NONE;
    ask_all(tree, liver, parameters, threads, check);
    st_status status = tree_crossings(tree, NULL, threads, &contacts, err);
    if (status == ST_OK) {
        check->fault[ST_FAULT_CROSSING] = fault_of(&contacts);
        check->crossed = contacts.second;
    }
    if (status == ST_OK && beside) {
        status = tree_crossings(tree, beside, threads, &contacts, err);
        check->fault[ST_FAULT_BESIDE] = fault_of(&contacts);
    }
    return status;
}

st_status st_tree_check_verdict(const st_tree *tree, const st_tree_check *check, st_error *err) {
    for (int kind = 0; kind < ST_TREE_FAULTS; kind++) {
        const st_tree_fault *fault = &check->fault[kind];
        if (fault->n == 0)
            continue;
        if (fault->first == ST_NONE)
            return st_fail(err, ST_NUMERIC, "%s: %llu; none is right", texts[kind], (unsigned long long)fault->n);
        const float *p = tree->distal[fault->first];
        return st_fail(
            err, ST_NUMERIC, "%s: %llu, the first of them segment %u, which ends at %g, %g, %g mm; none is right",
            texts[kind], (unsigned long long)fault->n, fault->first, (double)p[0], (double)p[1], (double)p[2]);
    }
    return ST_OK;
}
