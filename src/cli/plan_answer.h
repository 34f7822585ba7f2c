/* stasis plan: what was found, and how it is told.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_CLI_PLAN_ANSWER_H
#define STASIS_CLI_PLAN_ANSWER_H

#include "common.h"

/* The tissue behind one tip. */
typedef struct tip_volume {
    double normal, tumour; /* mm^3 */
} tip_volume;

typedef struct planning {
    st_parameters parameters;
    bool mapped;      /* a label map says where the liver and its lesions are */
    bool grown;       /* the tree was, by this command */
    bool given;       /* the tips were, by the user */
    uint64_t seed;    /* of a tree that was grown */
    uint32_t without; /* terminals to which the tree's file gives no flow */
    st_liver liver;
    st_supply supply;
    st_tree tree;
    size_t n_lesions;
    st_reach reach;
    st_feeders feeders;
    double seconds; /* from the tree to reach and feeders */
    st_plan plan;
    size_t n_tips;
    uint32_t *territory;                 /* [segments] 0, or the number of the tip */
    tip_volume *volume;                  /* [n_tips], NULL unless the territories were written */
    const char *output, *territory_file; /* or NULL */
} planning;

ST_MUST_CHECK st_status plan_print_json(const planning *p, st_error *err);
void plan_print_text(const planning *p);

/* The label map of the tips' territories, on the geometry of the liver's; fills `volume`. */
ST_MUST_CHECK st_status plan_write_territory(planning *p, int threads, st_error *err);

#endif
