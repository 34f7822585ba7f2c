/* Where vessels may run: the organ's voxels, each in one region.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_GROW_SPACE_H
#define STASIS_TREE_GROW_SPACE_H

#include <stasis/liver.h>

#include "grow_geometry.h"

#define REGION_OUTSIDE UINT16_MAX /* no organ */
#define REGION_ANY     (UINT16_MAX - 1) /* in a passage: wherever there is organ */
#define REGIONS_MOST   (UINT16_MAX - 1)

typedef struct grow_space {
    const st_liver *liver;
    uint16_t *region; /* [box] */
    uint8_t *rings;   /* [box] steps to the nearest voxel of another region, diagonal ones too; at most 255 */
    double least;     /* mm, the smallest spacing */
} grow_space;

/* The regions that a vessel may pass. */
typedef struct passage {
    uint16_t home, also;
} passage;

/* One region per inlet, as `domain` says ([box]; NULL: one region, 0). */
st_status grow_space_init(grow_space *space, const st_liver *liver, const uint8_t *domain, st_error *err);
void grow_space_fini(grow_space *space);
/* To be called when the regions are there, and when they have changed. */
void grow_space_measure(grow_space *space);

/* Whether a segment stays in the regions of its passage, and no voxel of another region of the organ is nearer to it
 * than `pad` mm. */
bool grow_space_holds(const grow_space *space, segment_ends s, passage pass, double pad);

/* Calls visit for every voxel that the segment touches, until it returns false; false when that happened or the
 * segment left the box. */
bool grow_space_walk(const grow_space *space, segment_ends s, bool (*visit)(void *context, size_t voxel),
                     void *context);

#endif
