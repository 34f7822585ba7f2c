/* What stasis evidence pool --bias computes, apart from how it is shown.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_CLI_EVIDENCE_POOL_BIAS_H
#define STASIS_CLI_EVIDENCE_POOL_BIAS_H

#include "evidence_pool.h"

#include <stasis/meta_checks.h>

/* Sizes of studies and of their arms, and events; NULL where the measure has none. */
typedef struct bias_sizes {
    double *ni, *events;       /* [k] of both arms */
    double *x1, *n1, *x2, *n2; /* [k] where there are events; x2, n2: of measures with two arms */
    double *room;
} bias_sizes;
ST_MUST_CHECK st_status bias_sizes_init(const pool *p, bias_sizes *sizes, st_error *err);
void bias_sizes_fini(bias_sizes *sizes);

typedef struct bias_regression {
    bool made;          /* false: not for this measure */
    char reason[256];   /* "": none; why there are no numbers */
    st_asymmetry by[2]; /* st_asymmetry_model */
} bias_regression;

enum { BIAS_TRIMS = 3 };
typedef struct bias {
    bias_regression egger, vi, ni, ninv, peters, arcsine;
    st_kendall begg;
    st_trim_fill trim[BIAS_TRIMS]; /* st_trim_estimator */
    bool trimmed[BIAS_TRIMS];
    char trim_reason[BIAS_TRIMS][256];
} bias;
/* Needs two studies and more for most; what cannot be computed says why. */
ST_MUST_CHECK st_status bias_compute(const pool *p, bias *b, st_error *err);
void bias_fini(bias *b);

#endif
