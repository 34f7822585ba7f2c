/* stasis/plan.h - which tips, which order, how many sessions.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_PLAN_H
#define STASIS_PLAN_H

#include <stasis/flow.h>

typedef struct st_tip {
    uint32_t segment;
    double diameter;      /* mm */
    double tumour_flow;   /* mm^3/s of arterial flow to tumour that it embolises */
    double normal_flow;   /* the same to normal liver */
    double tumour_share;  /* of the session's lobe's tumour arterial flow, 0..1 */
    double normal_share;  /* of the whole liver's normal arterial flow, 0..1 */
} st_tip;

typedef struct st_session {
    double time;          /* s from the first session */
    st_lobe lobe;         /* NONE: tips given by the user */
    st_tip *tips;
    size_t n_tips;
    double coverage;      /* share of the lobe's tumour arterial flow its tips embolise */
} st_session;

typedef struct st_plan {
    st_session *sessions;
    size_t n_sessions;
} st_plan;

/* For every segment a microcatheter enters: what it would embolise. Out: tumour and normal flow
 * [n] (0 in smaller vessels), and, when lesion_share is not NULL, lesion_share[n_lesions * n_tips]
 * is left to st_plan_lesion_shares. One pass over the tree. */
ST_API ST_MUST_CHECK st_status st_plan_auto(const st_liver *liver, const st_tree *tree, const st_flow *flow,
                                            const st_parameters *parameters, unsigned sessions /* 0: by need */,
                                            st_plan *plan, st_error *err);
/* Tips the user names: one session for each list of segments. */
ST_API ST_MUST_CHECK st_status st_plan_given(const st_liver *liver, const st_tree *tree,
                                             const st_parameters *parameters, const uint32_t *segments, size_t n,
                                             st_plan *plan, st_error *err);
/* Share of each lesion's arterial flow that a set of tips embolises: share[n_lesions], 0..1. */
ST_API void st_plan_lesion_shares(const st_liver *liver, const st_tree *tree, const uint32_t *tips, size_t n_tips,
                                  double *share);
/* The vessel that a lobar tip stands in: the farthest one downstream that still carries at least
 * `lobar_share` of the lobe's arterial flow; ST_NONE when none does. */
ST_API ST_MUST_CHECK st_status st_plan_lobar_tip(const st_liver *liver, const st_tree *tree,
                                                 const st_parameters *parameters, st_lobe lobe, uint32_t *tip,
                                                 st_error *err);
ST_API void st_plan_fini(st_plan *plan);

#endif
