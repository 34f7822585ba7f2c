/* The partial likelihood of a Cox model and its derivatives.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_STATS_COX_INTERNAL_H
#define STASIS_STATS_COX_INTERNAL_H

#include "survival_internal.h"

/* Subjects in the order of the strata, ascending in time within each; columns centred and scaled. */
typedef struct cox_model {
    const st_survival *survival;
    const st_survival_parts *strata;
    size_t n, p;
    st_ties ties;
    double *z;            /* [n * p] (x - mean) / scale, 0 where a column does not vary */
    double *mean, *scale; /* [p] */
    uint32_t *enters;     /* [n] places within each stratum in ascending order of entry; NULL */
    double *lp, *weight;  /* [n] work: linear predictor below its largest, and its exponential */
    double *sums;         /* work of the pass */
} cox_model;

ST_MUST_CHECK st_status cox_model_init(const st_survival *survival, const st_survival_parts *strata,
                                       const st_cox_data *data, st_ties ties, cox_model *model, st_error *err);
void cox_model_fini(cox_model *model);

/* What an event time adds: `last` is the place (in the model's order) of one of its events. */
typedef struct cox_moment {
    size_t last;
    double loglik;
    const double *u;    /* [p] score */
    const double *info; /* [p * p] lower triangle */
} cox_moment;
typedef void cox_visitor(void *context, const cox_moment *moment);

/* Visits the event times of every stratum, the last first, at the coefficients beta[p] of z. */
void cox_pass(const cox_model *model, const double *beta, cox_visitor *visit, void *context);

/* Harrell's concordance of `score` (higher: earlier events), [n] by row of the data, within strata. */
ST_MUST_CHECK st_status cox_concordance(const st_survival *survival, const st_survival_parts *strata,
                                        const double *score, double *concordance, double *se, st_error *err);

#endif
