/* stasis/embolic.h - the infusion of an agent through a catheter tip, to stasis.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_EMBOLIC_H
#define STASIS_EMBOLIC_H

#include <stasis/agent.h>
#include <stasis/flow.h>

typedef enum { ST_ENDPOINT_STASIS, ST_ENDPOINT_NEAR_STASIS, ST_ENDPOINT_SUBSTASIS } st_endpoint;
ST_API const char *st_endpoint_name(st_endpoint endpoint); /* "stasis", "near-stasis", "substasis" */
#define ST_ENDPOINTS 3

/* Every injected particle is in exactly one of the last four. */
typedef struct st_particles {
    uint64_t injected, lodged_tumour, lodged_normal, refluxed, passed;
} st_particles;

/* One point of the curve that the operator sees. */
typedef struct st_infusion_point {
    uint64_t injected;
    double tip_flow;         /* mm^3/s */
    double clearance_beats;  /* heartbeats to clear the visible column; infinite at no flow */
} st_infusion_point;

typedef struct st_infusion {
    uint32_t tip;
    st_particles particles;
    double embolic_volume;   /* mm^3 of particles that left the catheter */
    double suspension_volume;/* mm^3 injected */
    double seconds;          /* of infusion, simulated */
    double tip_flow_before, tip_flow_after; /* mm^3/s */
    double clearance_beats;  /* at the end */
    st_infusion_point *curve;
    size_t n_curve;
    const char *stopped_by;  /* "endpoint" or "dose limit" */
} st_infusion;

/* Infuse through `tip` until the endpoint. Every particle goes where the flow goes (probability =
 * share of the flow at each bifurcation), stops in the first segment narrower than its deformed
 * diameter and closes it, and the network answers at once. When the injection exceeds the flow
 * left, the excess goes back to the parent, or as far as the first other branch with flow, and on
 * into it: those particles count as refluxed wherever they stop. A segment counts as tumour-feeding when more than half
 * of its baseline flow ends in tumour.
 * Changes `flow`; adds to lodged[n] (particles that rest in a segment) and to lodged_volume[n]
 * (mm^3 of them). `item` keys the random stream, so that sessions and tips differ.
 * ST_VALUE when the tip does not exist or carries no flow. */
ST_API ST_MUST_CHECK st_status st_infuse(const st_tree *tree, st_flow *flow, const st_parameters *parameters,
                                         const st_agent *agent, uint32_t tip, st_endpoint endpoint, uint64_t seed,
                                         uint64_t item, const st_progress *progress, uint32_t *lodged,
                                         double *lodged_volume, st_infusion *infusion, st_error *err);
ST_API void st_infusion_fini(st_infusion *infusion);

#endif
