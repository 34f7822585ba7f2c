/* An infusion under way, as its files see it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_EMBOLIC_INFUSE_INTERNAL_H
#define STASIS_EMBOLIC_INFUSE_INTERNAL_H

#include "bed_internal.h"

#include <stasis/embolic.h>

/* The catheter on its way from the root, and what it leaves of the flow. The tip stands halfway along its vessel. */
typedef struct catheter {
    uint32_t tip;       /* branch */
    uint32_t *path;     /* [n] branches from the root to that above the tip's */
    double *resistance; /* [n] of each beside the catheter */
    size_t n;
    double tip_upstream; /* resistance of the tip's vessel beside the catheter */
    double tip_behind;   /* of the same half, open: what the vessel's own resistance counts too much beyond the tip */
    double pressure;     /* Pa over the back pressure that would stand at the tip if nothing flowed there */
    double conductance;  /* of all that feeds the tip */
} catheter;
st_status catheter_init(catheter *c, const st_bed *bed, uint32_t segment, st_error *err);
void catheter_fini(catheter *c);
/* After a change of the flow in other branches than those beyond the tip. */
void catheter_refresh(catheter *c, const st_bed *bed);
/* Conductance of all beyond the tip. */
double catheter_beyond(const catheter *c, const st_bed *bed);
/* Flow beyond the tip while `rate` (mm^3/s) is injected. */
double catheter_flow(const catheter *c, const st_bed *bed, double rate);

/* The most that can be injected, mm^3/s, before some of it goes back. */
double catheter_taken(const catheter *c, const st_bed *bed);

/* Place of a particle in the cross-section, in measures of flow (docs/embolic.md, "Routing"). */
typedef struct section {
    double across; /* 0..1: part of the flow that passes on its one side, across the plane of the next joint */
    double along;  /* -1..1: place along the chord there */
} section;
section section_draw(st_rng *rng, double low, double high);
/* Turns the plane by an angle in radians. */
section section_turn(section s, double angle);
/* Part of a Poiseuille flow on the one side of the chord at x = -1..1, and back. */
double section_flow(double x);
double section_chord(double flow);

/* The visible vessels beyond the tip that contrast reaches through such. */
typedef struct column {
    double visible; /* mm, the smallest diameter */
    double volume;  /* mm^3 */
    uint32_t tip;
    uint32_t *stack;
    size_t room;
} column;
st_status column_init(column *c, st_bed *bed, uint32_t tip, double visible, st_error *err);
void column_fini(column *c, st_bed *bed);
/* `particles` mm^3 came to rest in a branch. */
void column_plug(column *c, st_bed *bed, uint32_t branch, double particles);

typedef struct infusing {
    st_bed *bed;
    const st_parameters *parameters;
    const st_injection *order;
    catheter catheter;
    column column;
    double rate;             /* mm^3/s injected now */
    double fastest, slowest; /* mm^3/s between which the operator keeps it */
    double beats_per_s;
    double porosity; /* of a plug, 0: tight */
    double mixing, release_low, release_high, fixed_share;
    double shunt_share, shunt_diameter;
    double tip_flow; /* mm^3/s when nothing is injected */
    uint64_t idle;   /* particles since the last that lodged */
    st_infusion *out;
} infusing;

/* What is injected at once and stays together: one particle, or a clump of several. */
typedef struct unit {
    double diameter; /* mm of a particle */
    double width;    /* mm of the narrowest vessel that lets it pass */
    unsigned n;
} unit;

typedef enum { PASSED, LODGED, WASHED_BACK } fate;
/* From the tip to where it ends; *rest is the branch. *refluxed: it went back past the tip first. */
fate route(const infusing *in, const unit *u, st_rng *rng, uint32_t *rest, bool *refluxed);
/* It rests in `branch`, and the network answers. */
void lodge(infusing *in, uint32_t branch, const unit *u, bool refluxed);

/* Sets the rate for the flow that there is. */
void infusing_pace(infusing *in);
double infusing_clearance(const infusing *in); /* heartbeats */
bool infusing_at_endpoint(const infusing *in);
/* A point on the curve, if the flow fell enough since the last or `always`. */
void infusing_record(infusing *in, bool always);
/* Oil instead of particles (docs/embolic.md, "Lipiodol"). */
st_status infuse_oil(infusing *in, const st_progress *progress, st_error *err);

#endif
