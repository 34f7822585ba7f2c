/* stasis/bed.h - the arterial bed: the tree as an embolic meets it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_BED_H
#define STASIS_BED_H

#include <stasis/flow.h>

/* The vessels of a tree down to those in which the narrowest particle stops, with the flow in them and what lodged
 * where. Where the tree ends before, and just above its ends, where every vessel divides into equals because there is
 * nothing smaller, stand random vessels that divide as the tree's own do further up (docs/embolic.md, "The closure").
 * What lies beyond the first vessel that no particle enters and no contrast shows is one conductance. A bed is changed
 * by infusions and outlives them: what one closes is closed for the next. */
typedef struct st_bed st_bed;

/* `width`: the smallest deformed particle that will be infused, mm. `tree` and `parameters` must outlive the bed.
 * `seed` draws the random vessels; those above a wider `width` do not depend on it. Errors as of st_flow_init; ST_VALUE
 * unless width > 0. */
ST_API ST_MUST_CHECK st_status st_bed_new(const st_tree *tree, const st_parameters *parameters, double width,
                                          uint64_t seed, st_bed **bed, st_error *err);
ST_API void st_bed_free(st_bed *bed);

ST_API uint32_t st_bed_joints(const st_bed *bed);
/* Flow in every segment of the tree now, q[n], mm^3/s, and unless NULL pressure[n] (Pa) at its distal point, the back
 * pressure where nothing flows. A terminal has what its part of the bed has. */
ST_API ST_MUST_CHECK st_status st_bed_flow(const st_bed *bed, double *q, double *pressure, st_error *err);
/* Of one segment that is a branch of the bed, as every vessel is that a catheter enters; ST_VALUE for another. */
ST_API ST_MUST_CHECK st_status st_bed_flow_at(const st_bed *bed, uint32_t segment, double *flow, st_error *err);
/* lodged[n]: particles that rest in each segment of the tree, those of random vessels in the segment of their size that
 * they stand in; volume[n]: their mm^3. */
ST_API void st_bed_lodged(const st_bed *bed, uint32_t *lodged, double *volume);
/* A vessel that holds particles. */
typedef struct st_plug {
    uint32_t segment; /* of the tree that it is, or stands in */
    double width;     /* mm, of the open vessel */
    uint32_t particles;
    double volume;    /* mm^3 of particles */
    uint32_t cluster; /* number from 0; plugs of one number touch */
} st_plug;
/* plugs[n], freed by the caller. Two plugs touch where their vessels meet at a joint and the one beyond it, or both of
 * two beyond it, take no more particles: such a plug reaches up to the joint. */
ST_API ST_MUST_CHECK st_status st_bed_plugs(const st_bed *bed, st_plug **plugs, size_t *n, st_error *err);
/* oil[n]: mm^3 of oil in the tissue of each terminal, on both sides of the sinusoids. */
ST_API void st_bed_oil(const st_bed *bed, double *oil);
/* Largest relative difference between the conductances that the infusions left and those of a solution from scratch. */
ST_API ST_MUST_CHECK st_status st_bed_error(const st_bed *bed, double *error, st_error *err);

#endif
