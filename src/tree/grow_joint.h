/* A joint: the end of a vessel and the beginning of its children.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_GROW_JOINT_H
#define STASIS_TREE_GROW_JOINT_H

#include "grow_internal.h"

/* The vessels that meet at the end of `joint`: itself and its children. Returns how many. */
unsigned grow_meeting(const grower *g, uint32_t joint, uint32_t vessel[3]);
/* The end of a root, of a terminal and of what is fixed or measured stays where it is. */
bool grow_may_move(const grower *g, uint32_t joint);
/* Whether all that meets there is longer than wide and stays where it may run. */
bool grow_is_sound_at(const grower *g, uint32_t joint);

/* How deep vessels overlap `vessel`, in sum (mm); one of its own tree in *other, itself when there is none. */
double grow_overlap(grower *g, uint32_t vessel, uint32_t *other);
double grow_overlap_at(grower *g, uint32_t joint);

/* Brings the index up to date after the joint has moved. */
st_status grow_index_at(grower *g, uint32_t joint, st_error *err);

#endif
