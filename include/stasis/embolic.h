/* stasis/embolic.h - agents, and the infusion of one through a catheter tip, to stasis.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_EMBOLIC_H
#define STASIS_EMBOLIC_H

#include <stasis/flow.h>

typedef enum { ST_AGENT_PARTICLES, ST_AGENT_OIL } st_agent_kind;

/* An agent of data/agents.csv, or of the user's file of the same form. */
typedef struct st_agent {
    char name[48], description[160], source[400], drug[48];
    st_agent_kind kind;       /* particles lodge one by one; oil goes as droplets into the microcirculation */
    double d_min, d_max;      /* mm */
    double d_mean, d_sd;      /* mm: normal, cut at d_min and d_max; uniform between them when d_sd is 0 */
    double deformation;       /* delta: lodges where D < (1 - delta) d */
    double clump;             /* mean number of particles that go as one, geometrically distributed; 1: each alone */
    double packing;           /* particle volume per volume of settled particles, 0..1 */
    double drug_load;         /* g of drug per mm^3 of settled agent; 0: none */
    double resorption;        /* s after which half of it is gone; infinite: it stays */
} st_agent;
/* ST_VALUE names the nearest agent when there is none of that name. */
ST_API ST_MUST_CHECK st_status st_agent_find(const char *name, st_agent *agent, st_error *err);
/* An agent given by its sizes alone (mm), rigid. ST_VALUE unless 0 < d_min <= d_max. */
ST_API ST_MUST_CHECK st_status st_agent_sized(double d_min, double d_max, st_agent *agent, st_error *err);
ST_API double st_agent_smallest(const st_agent *agent); /* (1 - delta) d_min, mm */
/* Particles per mm^3 of suspension: settled particles, diluted. */
ST_API double st_agent_concentration(const st_agent *agent, const st_parameters *parameters);

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
