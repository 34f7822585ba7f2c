/* The liver that the pages speak of: an ellipsoid with twelve balls of tumour.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_MADE_UP_H
#define STASIS_MADE_UP_H

#include "phantom.h"

static inline st_status made_up_liver(const st_parameters *parameters, st_liver *liver, st_error *err) {
    static const double half_axes[3] = {85, 65, 65}, voxel = 2;
    static const phantom_ball metastases[] = {
        {{-50, 5, 15}, 20},   {{-25, -25, -20}, 16}, {{-15, 30, 10}, 12}, {{-20, -10, 40}, 9},
        {{-45, -5, -35}, 8},  {{-60, 20, -15}, 6},   {{-30, 35, -20}, 5}, {{30, 10, 10}, 18},
        {{50, -15, -10}, 10}, {{25, -30, 20}, 7},    {{20, 25, -30}, 6},  {{60, 15, 10}, 5},
    };
    return phantom_liver(half_axes, voxel, metastases, sizeof metastases / sizeof *metastases, parameters, liver, err);
}

/* The vessel whose flow is nearest to such a part of the whole. Where to put a tip "for a lobe", half, is not left to
 * the lobes: a tree grown without a trunk that was measured does not keep to them. */
static inline uint32_t vessel_of_share(const st_tree *tree, double share) {
    uint32_t nearest = 0;
    for (uint32_t i = 1; i < tree->n; i++)
        if (fabs(tree->demand[i] / tree->demand[0] - share) < fabs(tree->demand[nearest] / tree->demand[0] - share))
            nearest = i;
    return nearest;
}
#define LOBAR 0.5

#endif
