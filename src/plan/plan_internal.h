/* What the files of this room share.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_PLAN_INTERNAL_H
#define STASIS_PLAN_INTERNAL_H

#include <stasis/plan.h>

/* The reach of the n ascending segments. */
st_status reach_of(const st_tree *tree, size_t n_lesions, const uint32_t *segment, size_t n, st_reach *reach,
                   st_error *err);

/* ST_VALUE when a terminal feeds a lesion beyond n_lesions. */
st_status check_lesions(const st_tree *tree, size_t n_lesions, st_error *err);

/* Order of segments and of entries, for qsort and bsearch. */
int by_number(const void *a, const void *b);

/* Flow to lesion `l` (from 0) beyond entry `i`, mm^3/s. */
double reach_lesion(const st_reach *reach, size_t l, size_t i);
/* tumour[n]: flow to the lesions of one lobe beyond each entry, mm^3/s. */
void reach_lobe(const st_reach *reach, const st_liver *liver, st_lobe lobe, double *tumour);

/* Picks from the reach the tips for a lobe: chosen[n] is set. Entries none below another, worth
 * most at an exchange rate that is the highest at which they still cover `coverage` of `total` (mm^3/s). */
typedef struct selection_rule {
    double total;    /* mm^3/s to the lobe's tumour */
    double coverage; /* 0..1 of it */
    double tip_cost; /* 0..1 of it */
    double largest;  /* mm^3/s that a tip may carry */
} selection_rule;
st_status select_tips(const st_reach *reach, const double *tumour, const selection_rule *rule, bool *chosen,
                      st_error *err);

#endif
