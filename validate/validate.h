/* The published checks: what they share, and the rows they add to the page.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_VALIDATE_H
#define STASIS_VALIDATE_H

#include "statistics.h"

#include <stasis/stasis.h>

/* Where a publication gives no interval, computed has to lie within this of it. */
#define TOLERANCE 0.2

typedef enum { MISSED, MET, NOT_COMPUTED } verdict;

typedef struct finding {
    const char *id, *what;
    char published[64];
    double computed; /* NaN when not computed */
    const char *unit;
    verdict met;
    char note[480];
} finding;

typedef struct validation {
    st_parameters parameters;
    st_liver liver;
    st_tree tree;
    st_flow baseline;
    double *q; /* [segments] baseline flow, mm^3/s */
    st_plan plan;
    uint32_t lobar_tip; /* the vessel whose flow is nearest to half of the whole */
    finding rows[60];
    size_t n;
    st_error err;
} validation;

/* A number against its published interval, or within TOLERANCE of `published` when low and high are equal. */
ST_PRINTF(9, 10)
void add_interval(validation *v, const char *id, const char *what, double published, double low, double high,
                  double computed, const char *unit, const char *note, ...);
/* A number against a limit that it has to stay below. */
ST_PRINTF(7, 8)
void add_below(validation *v, const char *id, const char *what, double limit, double computed, const char *unit,
               const char *note, ...);
/* A finding that a publication states in words, and whether the number agrees with them. */
ST_PRINTF(8, 9)
void add_judged(validation *v, const char *id, const char *what, const char *published, double computed,
                const char *unit, bool met, const char *note, ...);
void add_open(validation *v, const char *id, const char *what, const char *published, const char *unit,
              const char *why);

/* ---- treatments ------------------------------------------------------------ */

/* One treatment of the shared liver, from its untouched state: every tip of the plan to the endpoint. */
typedef struct treatment {
    st_particles particles;
    double tips_before, tips_after;                 /* mm^3/s, sums of the flow at the tips */
    double *q;                                      /* [segments] flow afterwards, mm^3/s */
    double tumour_perfusion, tumour_perfusion_left; /* 1/s, mean over the tumour, both supplies */
    double *lesion_necrosis;                        /* [n_lesions] 0..1 */
} treatment;
ST_MUST_CHECK st_status treat(validation *v, const st_plan *plan, const st_agent *agent, st_endpoint endpoint,
                              treatment *t);
void treatment_fini(treatment *t);

/* ---- the checks ------------------------------------------------------------ */

ST_MUST_CHECK st_status check_routing(validation *v);  /* V1, V2, V5 */
ST_MUST_CHECK st_status check_pressure(validation *v); /* V6 */
ST_MUST_CHECK st_status check_infusion(validation *v); /* V4, V8, V9 */
ST_MUST_CHECK st_status check_clusters(validation *v); /* V12 */
ST_MUST_CHECK st_status check_velocity(validation *v); /* V19 */
ST_MUST_CHECK st_status check_tissue(validation *v);   /* V10 */
ST_MUST_CHECK st_status check_course(validation *v);   /* V13, V14, V20 */
ST_MUST_CHECK st_status check_tree(validation *v);     /* V21 */

ST_MUST_CHECK st_status write_page(const validation *v, const char *path, st_error *err);
ST_MUST_CHECK st_status write_json(const validation *v, const char *path, st_error *err);

#endif
