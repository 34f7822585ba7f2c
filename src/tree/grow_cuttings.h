/* Branches taken off a tree, whose terminals are joined to it anew.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_TREE_GROW_CUTTINGS_H
#define STASIS_TREE_GROW_CUTTINGS_H

#include "grow_internal.h"

typedef struct grow_cuttings {
    grower *g;
    terminal_site *site; /* [n] of the terminals that were taken off */
    uint32_t n;
} grow_cuttings;

st_status grow_cuttings_init(grow_cuttings *cuttings, grower *g, st_error *err);
void grow_cuttings_fini(grow_cuttings *cuttings);

/* Takes a branch off its joint, which stays behind as a bend of the other branch; false when it may not be: without
 * another branch at its joint, without room for the bend, or when it carries what must stay. */
bool grow_take_off(grow_cuttings *cuttings, uint32_t vessel);

/* Joins them all again. `item` keys the random streams; *relocated counts. */
st_status grow_rejoin(grow_cuttings *cuttings, uint64_t seed, uint64_t item, uint32_t *relocated, st_error *err);

#endif
