/* Mixed models of counts: from tables to terms, layouts and fitted models.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_STATS_COUNTS_MODELS_H
#define STASIS_STATS_COUNTS_MODELS_H

#include "counts.h"
#include "glmm.h"

/* How studies differ apart from the effect: not at all, because the model is conditional or has one arm; by a parameter
 * each; by a random effect. */
typedef enum { STUDY_NONE, STUDY_FIXED, STUDY_RANDOM } study_kind;

typedef struct counts_problem {
    study_kind study;
    size_t arms, k, k_left_out;
    term *terms;             /* [k * GLMM_ARMS] */
    double start[GLMM_ARMS]; /* crude linear predictor of either arm; of one arm, the crude effect */
    size_t at[GLMM_ARMS][3]; /* arms by term_side */
    size_t lower, upper;     /* studies by the side on which their own effect lies */
    glmm_rules rules;
} counts_problem;

/* Free with counts_problem_fini. */
ST_MUST_CHECK st_status counts_problem_init(const st_counts *c, const st_counts_options *o, counts_problem *p,
                                            st_error *err);
void counts_problem_fini(counts_problem *p);
/* Why the likelihood has no finite maximum with tau2 = 0; NULL where it has one. */
const char *counts_equal_infinite(const counts_problem *p);
/* What the log likelihood tends to as tau2 grows without end: minus infinity where anything needs a linear predictor
 * within bounds (with two arms the random effect moves both, so that one arm with events and non-events does); else
 * each study is explained by the side on which its effect falls. */
double counts_loglik_at_infinity(const counts_problem *p);

/* Models at their maximum; free with glmm_fini. Parameter 0 is the effect, 1 of UM.RS the mean of arm 2; standard
 * deviations follow: of the studies (UM.RS) and of the effect. Those that are zero are not in the layout; tau and sigma
 * are the index, or 0. */
typedef struct counts_model {
    glmm m;
    size_t sigma, tau;
} counts_model;
ST_MUST_CHECK st_status counts_fit_equal(counts_problem *p, counts_model *equal, st_error *err);
ST_MUST_CHECK st_status counts_fit_random(counts_problem *p, const counts_model *equal, counts_model *random,
                                          st_error *err);
/* An effect for each study: log likelihood, and Wald's statistic of their being the same. */
ST_MUST_CHECK st_status counts_fit_saturated(counts_problem *p, double *loglik, double *wald, st_error *err);

#endif
