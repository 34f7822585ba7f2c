/* What measures and checks share; nothing here is shared with the code that grows a tree.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_MEASURE_INTERNAL_H
#define STASIS_TREE_MEASURE_INTERNAL_H

#include <stasis/tree.h>

/* Pairs of segments without a common joint that are closer than the sum of their radii, and the first of them. Two
 * measured segments are no pair. */
typedef struct tree_contacts {
    uint64_t pairs;
    uint32_t first, second; /* ST_NONE when there is none */
} tree_contacts;

/* Within one tree, or, unless `other` is NULL, between the two. */
st_status tree_crossings(const st_tree *tree, const st_tree *other, int threads, tree_contacts *contacts,
                         st_error *err);

/* Adds the vessels up: volume, length and the two diameters. */
void tree_sum_vessels(const st_tree *tree, int threads, st_tree_measures *measures);

/* How wrong is segment i? Above `limit` it is a fault. */
typedef struct tree_question {
    const st_tree *tree;
    const st_liver *liver;
    double exponent; /* of Murray's law */
    double limit;
    double (*error_of)(const struct tree_question *question, uint32_t i);
} tree_question;

/* Every segment asked, on some threads; the answer does not depend on their number. */
st_tree_fault tree_ask(const tree_question *question, int threads);

/* Questions: a part of segment i outside the organ (a root and a measured vessel may have one) is 1; the relative error of Murray's law at
 * the end of segment i, 0 where a vessel that meets there was measured; the relative difference between the flow of
 * segment i and the flows that leave it. */
double tree_error_outside(const tree_question *question, uint32_t i);
double tree_error_murray(const tree_question *question, uint32_t i);
double tree_error_balance(const tree_question *question, uint32_t i);

/* Whether a vessel that meets others at the end of segment i was measured. */
bool tree_joint_is_measured(const st_tree *tree, uint32_t i);

/* Of a tree just read whose `demand` still is what the file said of each vessel: fills tree->reading. Overwrites
 * tumour_demand. */
void tree_note_imbalance(st_tree *tree);

#endif
