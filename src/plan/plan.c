/* Sessions and their tips (docs/plan.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan_internal.h"

#include <stdlib.h>

void st_plan_fini(st_plan *plan) {
    for (size_t s = 0; s < plan->n_sessions; s++) {
        for (size_t t = 0; t < plan->sessions[s].n_tips; t++)
            free(plan->sessions[s].tips[t].lesion_share);
        free(plan->sessions[s].tips);
    }
    free(plan->sessions);
    *plan = (st_plan){0};
}

/* What the shares of a session refer to. */
typedef struct baseline {
    const st_tree *tree;
    double tumour; /* mm^3/s to the session's lobe's tumour */
} baseline;

static double share(double part, double whole) {
    return whole > 0 ? part / whole : 0;
}

static st_status fill_tip(const baseline *b, const st_reach *reach, size_t i, double lobe_flow, st_tip *tip,
                          st_error *err) {
    const size_t n = reach->n_lesions;
    *tip = (st_tip){.segment = reach->segment[i],
                    .diameter = 2 * (double)b->tree->radius[reach->segment[i]],
                    .tumour_flow = reach->tumour[i],
                    .normal_flow = reach->normal[i],
                    .tumour_share = share(lobe_flow, b->tumour),
                    .normal_share = share(reach->normal[i], reach->normal_total),
                    .lesion_share = st_alloc(n, sizeof *tip->lesion_share, err)};
    if (!tip->lesion_share)
        return ST_MEMORY;
    for (size_t l = 0; l < n; l++)
        tip->lesion_share[l] = share(reach_lesion(reach, l, i), reach->lesion_total[l]);
    return ST_OK;
}

/* ---- tips that the user names --------------------------------------------- */

static st_status in_order(const st_tree *tree, const uint32_t *segments, size_t n, uint32_t *sorted, st_error *err) {
    for (size_t i = 0; i < n; i++) {
        if (segments[i] >= tree->n)
            return st_fail(err, ST_VALUE, "tip %u is not a segment of the tree; it has 0 to %u", segments[i],
                           tree->n - 1);
        sorted[i] = segments[i];
    }
    qsort(sorted, n, sizeof *sorted, by_number);
    for (size_t i = 1; i < n; i++)
        if (sorted[i] == sorted[i - 1])
            return st_fail(err, ST_VALUE, "segment %u is named twice as a tip", sorted[i]);
    return ST_OK;
}

static size_t entry_of(const st_reach *reach, uint32_t segment) {
    const uint32_t *found = bsearch(&segment, reach->segment, reach->n, sizeof segment, by_number);
    return (size_t)(found - reach->segment);
}

/* One session with the reach's entries in the order the user gave. */
static st_status fill_given(const baseline *b, const st_reach *reach, const uint32_t *segments, st_plan *plan,
                            st_error *err) {
    plan->sessions = st_alloc(1, sizeof *plan->sessions, err);
    if (!plan->sessions)
        return ST_MEMORY;
    plan->n_sessions = 1;
    st_session *session = plan->sessions;
    if (!(session->tips = st_alloc(reach->n, sizeof *session->tips, err)))
        return ST_MEMORY;
    for (size_t t = 0; t < reach->n; t++) {
        const size_t i = entry_of(reach, segments[t]);
        const st_status status = fill_tip(b, reach, i, reach->tumour[i], &session->tips[session->n_tips], err);
        if (status != ST_OK)
            return status;
        session->n_tips++;
        if (reach->above[i] == ST_NO_REACH) { /* a tip below another one adds nothing */
            session->coverage += share(reach->tumour[i], b->tumour);
            session->normal_share += share(reach->normal[i], reach->normal_total);
        }
    }
    return ST_OK;
}

st_status st_plan_given(const st_tree *tree, size_t n_lesions, const uint32_t *segments, size_t n, st_plan *plan,
                        st_error *err) {
    *plan = (st_plan){0};
    st_reach reach = {0};
    uint32_t *sorted = st_alloc(n, sizeof *sorted, err);
    st_status status = sorted ? in_order(tree, segments, n, sorted, err) : ST_MEMORY;
    if (status == ST_OK)
        status = reach_of(tree, n_lesions, sorted, n, &reach, err);
    if (status == ST_OK) {
        baseline b = {.tree = tree};
        for (size_t l = 0; l < n_lesions; l++)
            b.tumour += reach.lesion_total[l];
        status = fill_given(&b, &reach, segments, plan, err);
    }
    if (status != ST_OK)
        st_plan_fini(plan);
    st_reach_fini(&reach);
    free(sorted);
    return status;
}

/* ---- sessions by lobe ------------------------------------------------------- */

/* The lobes that hold lesions, the one with more tumour first. */
static size_t lobes_by_bulk(const st_liver *liver, st_lobe lobe[2]) {
    double bulk[3] = {0};
    for (size_t l = 0; l < liver->n_lesions; l++)
        bulk[liver->lesions[l].lobe] += liver->lesions[l].volume;
    const bool left_first = bulk[ST_LOBE_LEFT] > bulk[ST_LOBE_RIGHT];
    lobe[0] = left_first ? ST_LOBE_LEFT : ST_LOBE_RIGHT;
    lobe[1] = left_first ? ST_LOBE_RIGHT : ST_LOBE_LEFT;
    return bulk[lobe[1]] > 0 ? 2 : bulk[lobe[0]] > 0 ? 1 : 0;
}

static int by_tumour_flow(const void *a, const void *b) {
    const st_tip *x = a, *y = b;
    if (x->tumour_share != y->tumour_share)
        return x->tumour_share < y->tumour_share ? 1 : -1;
    return (x->segment > y->segment) - (x->segment < y->segment);
}

static st_status fill_session(const baseline *b, const st_reach *reach, const double *tumour, const bool *chosen,
                              st_session *session, st_error *err) {
    size_t n = 0;
    for (size_t i = 0; i < reach->n; i++)
        n += chosen[i];
    if (!(session->tips = st_alloc(n, sizeof *session->tips, err)))
        return ST_MEMORY;
    for (size_t i = 0; i < reach->n; i++) {
        if (!chosen[i])
            continue;
        const st_status status = fill_tip(b, reach, i, tumour[i], &session->tips[session->n_tips], err);
        if (status != ST_OK)
            return status;
        session->n_tips++;
        session->coverage += share(tumour[i], b->tumour);
        session->normal_share += share(reach->normal[i], reach->normal_total);
    }
    if (n > 0)
        qsort(session->tips, n, sizeof *session->tips, by_tumour_flow);
    return ST_OK;
}

static st_status plan_session(const st_liver *liver, const st_reach *reach, const st_parameters *parameters,
                              baseline *b, st_session *session, st_error *err) {
    double *tumour = st_alloc(reach->n, sizeof *tumour, err);
    bool *chosen = st_alloc(reach->n, sizeof *chosen, err);
    st_status status = tumour && chosen ? ST_OK : ST_MEMORY;
    if (status == ST_OK) {
        double all = reach->normal_total;
        b->tumour = 0;
        for (size_t l = 0; l < liver->n_lesions; l++) {
            all += reach->lesion_total[l];
            b->tumour += liver->lesions[l].lobe == session->lobe ? reach->lesion_total[l] : 0;
        }
        reach_lobe(reach, liver, session->lobe, tumour);
        const selection_rule rule = {.total = b->tumour,
                                     .coverage = st_parameter_value(parameters, ST_P_PLANNED_COVERAGE),
                                     .tip_cost = st_parameter_value(parameters, ST_P_TIP_COST),
                                     .largest = st_parameter_value(parameters, ST_P_SEGMENTAL_SHARE) * all};
        status = select_tips(reach, tumour, &rule, chosen, err);
    }
    if (status == ST_OK)
        status = fill_session(b, reach, tumour, chosen, session, err);
    free(tumour);
    free(chosen);
    return status;
}

st_status st_plan_auto(const st_liver *liver, const st_tree *tree, const st_parameters *parameters, unsigned sessions,
                       st_plan *plan, st_error *err) {
    *plan = (st_plan){0};
    st_lobe lobe[2];
    const size_t lobes = lobes_by_bulk(liver, lobe), n = lobes > 0 && sessions > 0 ? sessions : lobes;
    st_reach reach = {0};
    plan->sessions = st_alloc(n, sizeof *plan->sessions, err);
    st_status status = plan->sessions ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        status = st_plan_reach(tree, liver->n_lesions, parameters, &reach, err);
    if (status == ST_OK) { /* and the lesions of the tree are those of the liver */
        baseline b = {.tree = tree};
        for (; plan->n_sessions < n && status == ST_OK; plan->n_sessions++) {
            st_session *session = &plan->sessions[plan->n_sessions];
            session->lobe = lobe[plan->n_sessions % lobes];
            session->time = (double)plan->n_sessions * st_parameter_value(parameters, ST_P_SESSION_INTERVAL);
            status = plan_session(liver, &reach, parameters, &b, session, err);
        }
    }
    if (status != ST_OK)
        st_plan_fini(plan);
    st_reach_fini(&reach);
    return status;
}

/* ---- territories -------------------------------------------------------------- */

void st_plan_territories(const st_plan *plan, const st_tree *tree, uint32_t *territory) {
    uint32_t number = 0;
    for (uint32_t i = 0; i < tree->n; i++)
        territory[i] = 0;
    for (size_t s = 0; s < plan->n_sessions; s++)
        for (size_t t = 0; t < plan->sessions[s].n_tips; t++)
            territory[plan->sessions[s].tips[t].segment] = ++number;
    for (uint32_t i = 0; i < tree->n; i++)
        if (territory[i] == 0 && tree->parent[i] != ST_NONE)
            territory[i] = territory[tree->parent[i]];
}

/* ---- a lobar tip -------------------------------------------------------------- */

st_status st_plan_lobar_tip(const st_liver *liver, const st_tree *tree, const st_parameters *parameters, st_lobe lobe,
                            uint32_t *tip, st_error *err) {
    double *flow = st_alloc(tree->n, sizeof *flow, err), total = 0;
    *tip = ST_NONE;
    if (!flow)
        return ST_MEMORY;
    for (uint32_t i = 0; i < tree->n; i++) {
        if (!st_tree_is_terminal(tree, i))
            continue;
        const double distal[3] = {(double)tree->distal[i][0], (double)tree->distal[i][1], (double)tree->distal[i][2]};
        const size_t voxel = st_liver_voxel_at(liver, distal);
        flow[i] = voxel != SIZE_MAX && liver->lobe[voxel] == lobe ? tree->demand[i] : 0;
        total += flow[i];
    }
    st_tree_sum_up(tree, flow);
    for (uint32_t i = 0; i < tree->n && total > 0; i++) /* one path carries half of it or more: the last on it */
        if (flow[i] >= st_parameter_value(parameters, ST_P_LOBAR_SHARE) * total)
            *tip = i;
    free(flow);
    return ST_OK;
}
