/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_MEASURE_INTERNAL_H
#define STASIS_TREE_MEASURE_INTERNAL_H

#include <stasis/tree.h>

/* Pairs of segments without a common joint that are closer than the sum of their radii. */
st_status tree_crossings(const st_tree *tree, int threads, uint64_t *pairs, st_error *err);

#endif
