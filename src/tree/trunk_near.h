/* Where vessels and organ meet.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_TRUNK_NEAR_H
#define STASIS_TREE_TRUNK_NEAR_H

#include <stasis/liver.h>

#include "vec.h"

bool trunk_is_inside(const st_liver *liver, vec p);
/* mm of the way from a to b that lie in the organ, to a voxel. */
double trunk_length_inside(const st_liver *liver, vec a, vec b);
/* Whether a voxel of the organ has its centre within `within` mm of the way from a to b. */
bool trunk_is_near(const st_liver *liver, vec a, vec b, double within);

#endif
