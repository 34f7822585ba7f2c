/* What the benchmarks are compared with: work that the figure cannot do without, timed in the same run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_BENCH_FLOORS_H
#define STASIS_BENCH_FLOORS_H

#include <stasis/stasis.h>

/* Every number here ends up in `sink`, so that no compiler leaves the work out. */
extern volatile double floor_sink;

/* One walk from each terminal to the root of the finished tree: an insertion changes the flow of that path. Seconds. */
double floor_tree_walk(const st_tree *tree);
/* The arrays that a solve reads and writes, each swept once from end to end. Seconds. */
double floor_flow_sweep(const st_tree *tree, const st_flow *flow, double *q);
/* What a vessel needs to know of the one before it, and what each terminal takes, each read once in one walk over the
 * tree. Seconds. */
double floor_tree_sweep(const st_tree *tree);
/* The infusion as it is done without a bed: through every segment of the tree, each lodging answered by a walk to the
 * root. Lodgings per second; NaN when there is no flow. */
double floor_plain_walk(const st_tree *tree, const st_parameters *parameters, const st_agent *agent, uint32_t tip);
/* The organ's voxels read once and every map of the tissue written once. Seconds. */
double floor_tissue_sweep(const st_liver *liver, st_tissue *tissue);

#endif
