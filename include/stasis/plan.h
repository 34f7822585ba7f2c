/* stasis/plan.h - which tips, which order, how many sessions.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_PLAN_H
#define STASIS_PLAN_H

#include <stasis/tree.h>

typedef struct st_tip {
    uint32_t segment;
    double diameter;      /* mm */
    double tumour_flow;   /* mm^3/s of arterial flow to tumour that it embolises */
    double normal_flow;   /* the same to normal liver */
    double tumour_share;  /* of the session's lobe's tumour arterial flow, 0..1 */
    double normal_share;  /* of the whole liver's normal arterial flow, 0..1 */
    double *lesion_share; /* [n_lesions] of each lesion's arterial flow, 0..1 */
} st_tip;

typedef struct st_session {
    double time;  /* s from the first session */
    st_lobe lobe; /* NONE: tips given by the user */
    st_tip *tips;
    size_t n_tips;
    double coverage; /* share of the lobe's tumour arterial flow its tips embolise, 0..1 */
    double normal_share; /* the same of the whole liver's normal arterial flow */
} st_session;

typedef struct st_plan {
    st_session *sessions;
    size_t n_sessions;
} st_plan;

/* What an infusion into each of some segments, the entries, would embolise, at baseline. */
typedef struct st_reach_part {
    uint32_t entry;
    double flow;   /* mm^3/s to the lesion beyond the entry */
    double direct; /* of it, what passes no further entry */
} st_reach_part;

typedef struct st_reach {
    size_t n, n_lesions;
    uint32_t *segment;    /* [n] ascending */
    uint32_t *above;      /* [n] the nearest entry on the way to the root, ST_NO_REACH when there is none */
    double *normal;       /* [n] mm^3/s to normal liver */
    double *tumour;       /* [n] mm^3/s to all lesions */
    size_t *first;        /* [n_lesions + 1] the entries that reach lesion l are part[first[l]] .. part[first[l + 1]] */
    st_reach_part *part;  /* of each lesion ascending by entry */
    double *lesion_total; /* [n_lesions] mm^3/s that the whole tree brings to each lesion */
    double normal_total;  /* and to normal liver */
} st_reach;
#define ST_NO_REACH UINT32_MAX
/* Every vessel that a microcatheter enters: as wide as `microcatheter_diameter` all the way from the root.
 * One pass over the tree. */
ST_API ST_MUST_CHECK st_status st_plan_reach(const st_tree *tree, size_t n_lesions, const st_parameters *parameters,
                                             st_reach *reach, st_error *err);
ST_API void st_reach_fini(st_reach *reach);


/* A vessel in which the way of a catheter to some of a lesion's blood ends: the first that gives at least
 * `feeder_purity` of its flow to the lesion or, where there is none, the last that a catheter enters. */
typedef struct st_feeder {
    uint32_t entry; /* of the reach */
    double share;   /* of the lesion's arterial flow, that for which the way ends here, 0..1 */
    double through; /* of the same, all that passes here: what an infusion here embolises, 0..1 */
} st_feeder;

typedef struct st_feeders {
    size_t n_lesions;
    size_t *first;      /* [n_lesions + 1] those of lesion l are feeder[first[l]] .. feeder[first[l + 1]] */
    st_feeder *feeder;  /* of each lesion by falling share */
    double *reached;    /* [n_lesions] sum of the shares: what a catheter can reach of the lesion, 0..1 */
} st_feeders;
/* Of each lesion, from the reach of all vessels that a catheter enters. */
ST_API ST_MUST_CHECK st_status st_plan_feeders(const st_reach *reach, const st_parameters *parameters,
                                               st_feeders *feeders, st_error *err);
ST_API void st_feeders_fini(st_feeders *feeders);

/* Sessions lobe by lobe, that with the larger tumour volume first, `session_interval` apart; as many as there are
 * lobes with tumour, or `sessions` of them in turn. In each the set of vessels, none below another, that a
 * microcatheter enters and that carry no more than `segmental_share` of the organ's flow, which covers
 * `planned_coverage` of the lobe's tumour flow at the least cost to normal liver and in tips (docs/plan.md).
 * Flows are those at baseline. */
ST_API ST_MUST_CHECK st_status st_plan_auto(const st_liver *liver, const st_tree *tree, const st_parameters *parameters,
                                            unsigned sessions /* 0: by need */, st_plan *plan, st_error *err);
/* Tips the user names, in one session; shares are of the tumour flow of the whole liver. ST_VALUE when a segment
 * does not exist or is named twice. */
ST_API ST_MUST_CHECK st_status st_plan_given(const st_tree *tree, size_t n_lesions, const uint32_t *segments, size_t n,
                                             st_plan *plan, st_error *err);
/* The vessel that a lobar tip stands in: the farthest one downstream that still carries at least
 * `lobar_share` of the lobe's arterial flow; ST_NONE when none does. */
ST_API ST_MUST_CHECK st_status st_plan_lobar_tip(const st_liver *liver, const st_tree *tree,
                                                 const st_parameters *parameters, st_lobe lobe, uint32_t *tip,
                                                 st_error *err);
ST_API void st_plan_fini(st_plan *plan);

/* territory[tree->n]: the number of the tip that a segment is or lies behind, the nearest of them, 0 when there is
 * none. Tips count 1.. over all sessions. */
ST_API void st_plan_territories(const st_plan *plan, const st_tree *tree, uint32_t *territory);

/* share[n_lesions * supply->n]: of each lesion's arterial flow at baseline, 0..1, what comes through each inlet; the
 * k-th root of the tree is inlet k. 0 throughout for a lesion without a terminal. ST_VALUE when there are not as many
 * roots as inlets, or a terminal feeds a lesion that the liver does not have. */
ST_API ST_MUST_CHECK st_status st_supply_of_lesions(const st_tree *tree, const st_supply *supply, size_t n_lesions,
                                                    double *share, st_error *err);

#endif
