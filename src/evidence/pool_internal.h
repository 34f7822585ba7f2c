/* A row of pools.csv, and what is made from it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_POOL_INTERNAL_H
#define STASIS_POOL_INTERNAL_H

#include "evidence_internal.h"

/* The columns are described in docs/evidence/tables.md. */
typedef struct pool_rule {
    const char *name, *title, *shape, *measure, *table, *outcome, *filter, *events, *needs, *several, *prefer, *per,
        *denominator, *groups, *doubtful, *exclude, *unit, *certainty, *note;
    place at;
} pool_rule;

st_status pool_review(const st_evidence *evidence, const pool_rule *rule, st_pool *pool, st_error *err);
st_status pool_newer(const st_evidence *evidence, const pool_rule *rule, st_pool *pool, st_error *err);

#endif
