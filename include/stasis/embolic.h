/* stasis/embolic.h - the infusion of an agent through a catheter tip, to stasis.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_EMBOLIC_H
#define STASIS_EMBOLIC_H

#include <stasis/agent.h>
#include <stasis/bed.h>

typedef enum { ST_ENDPOINT_STASIS, ST_ENDPOINT_NEAR_STASIS, ST_ENDPOINT_SUBSTASIS, ST_ENDPOINT_DOSE } st_endpoint;
ST_API const char *st_endpoint_name(st_endpoint endpoint); /* "stasis", "near-stasis", "substasis", "dose" */
#define ST_ENDPOINTS 4

/* Every injected particle is in exactly one of the last four. */
typedef struct st_particles {
    uint64_t injected, lodged_tumour, lodged_normal, refluxed, passed;
} st_particles;

/* Where the oil is, mm^3; the last four add up to the first. */
typedef struct st_oil {
    double injected, tumour, normal, portal, refluxed;
} st_oil;

ST_API void st_particles_add(st_particles *sum, const st_particles *particles);
ST_API void st_oil_add(st_oil *sum, const st_oil *oil);

/* One point of the curve that the operator sees. */
typedef struct st_infusion_point {
    uint64_t injected;       /* particles */
    double suspension;       /* mm^3 */
    double tip_flow;         /* mm^3/s */
    double clearance_beats;  /* heartbeats to clear the visible column; infinite at no flow */
} st_infusion_point;

/* One infusion: what, where, until when. */
typedef struct st_injection {
    const st_agent *agent;
    uint32_t tip;            /* segment of the tree; the catheter tip stands halfway along it */
    st_endpoint endpoint;
    double dose;             /* mm^3 as infused (particles: of suspension), at most; 0: to the endpoint alone */
    uint64_t seed, item;     /* `item` keys the random stream, so that sessions, tips and steps differ */
} st_injection;

/* A step of a regimen as it goes through one tip of `tips_share` of the blood of its session's tips: such a share of the
 * dose. Oil is given until the flow slows, at most; the endpoint of the treatment is for the particles. */
ST_API st_injection st_regimen_injection(const st_regimen *regimen, size_t step, st_endpoint endpoint, double tips_share,
                                         uint32_t tip, const st_parameters *parameters);

typedef struct st_infusion {
    uint32_t tip;
    char agent[48];
    st_agent_kind kind;
    st_endpoint endpoint;    /* that was waited for */
    st_particles particles;
    st_oil oil;
    double embolic_volume;   /* mm^3 of particles or oil that left the catheter */
    double suspension_volume;/* mm^3 injected */
    double seconds;          /* of infusion, simulated, with the pauses */
    double tip_flow_before, tip_flow_after; /* mm^3/s beside the catheter, when nothing is injected */
    double clearance_beats;  /* at the end */
    st_infusion_point *curve;
    size_t n_curve;
    const char *stopped_by;  /* "endpoint", or why not there: "dose", "dose limit", "plug at the catheter", "nothing
                                lodges any more" */
} st_infusion;

/* Infuses through a tip, and the bed answers at once (docs/embolic.md). Particles take branches by the flow, by their
 * place in the cross-section (`mixing` below 1) or by a fixed share; each stops in the first vessel narrower than its
 * deformed diameter, or at a plug, and makes a plug there, porous or (`plug_porosity` 0) tight. When more is injected
 * than flows on, the rest goes back past the tip: such particles count as refluxed wherever they stop. A vessel counts
 * as tumour-feeding when more than half of its baseline flow ends in tumour.
 * ST_VALUE when the tip does not exist, the catheter does not reach it, no blood flows there, the agent is wider than
 * its vessel or narrower than the bed is made for, or the rate is above the flow of the whole artery. */
ST_API ST_MUST_CHECK st_status st_infuse(st_bed *bed, const st_injection *injection, const st_progress *progress,
                                         st_infusion *infusion, st_error *err);
ST_API void st_infusion_fini(st_infusion *infusion);

/* ST_VALUE unless the segment exists, and it and every vessel on the way to it are as wide as the microcatheter. */
ST_API ST_MUST_CHECK st_status st_catheter_check(const st_tree *tree, const st_parameters *parameters, uint32_t segment,
                                                 st_error *err);
/* Laminar flow beside a catheter in a vessel, as a part of that in the open vessel; diameters in one unit.
 * eccentricity 0: concentric, 1: at the wall. */
ST_API double st_catheter_flow(double inner, double outer, double eccentricity);

#endif
