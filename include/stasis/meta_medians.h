/* stasis/meta_medians.h - pooling of median survival times where medians are all that was printed.
 *
 * By a model: within a study survival is exponential, or Weibull with a shape that is assumed. T^shape is then
 * exponential, and the log of a median estimated from d deaths has the variance 1 / (shape^2 d) (the log rate's is 1 /
 * d: Cox & Oakes, Analysis of Survival Data, 1984, section 3.3). The log medians are pooled with random effects by
 * maximum likelihood; a median that was not reached within a follow-up F is the statement "above F", as in Tobit's
 * model (Econometrica 1958;26:24): its likelihood is P(log median > log F), in closed form. Where d is not known it is
 * taken as fraction * n, and the default, 0.5, is the least that a reached median implies: half have died. For complete
 * follow-up under the exponential, the product-limit median has the variance 1 / (n (ln 2)^2) = 1 / (0.48 n) on the log
 * scale, about the same.
 *
 * Without a model: the weighted median of the medians (McGrath et al., Stat Med 2019;38:969), each as often as it has
 * patients, with limits by inverting the sign test.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_META_MEDIANS_H
#define STASIS_META_MEDIANS_H

#include <stasis/base.h>

typedef struct st_median_arm {
    double median; /* any unit of time, > 0; where not_reached: the follow-up within which it was not */
    bool not_reached;
    double n;      /* patients: a whole number, >= 1 */
    double events; /* deaths, 0 < events <= n; NaN: not known */
} st_median_arm;

#define ST_MEDIANS_FRACTION 0.5

/* Assumed shapes of Weibull that show what the assumption matters: hazards that fall and that rise. */
#define ST_MEDIANS_SHAPE_LOW  0.7
#define ST_MEDIANS_SHAPE_HIGH 1.5

typedef struct st_medians_options {
    double shape;    /* of Weibull; 1: exponential */
    double fraction; /* of n that died, where events are not known; 0 < fraction <= 1 */
    double level;    /* of the limits */
} st_medians_options;

/* Limits by profile likelihood (Hardy & Thompson, Stat Med 1996;15:619). */
typedef struct st_medians_fit {
    st_medians_options options;
    size_t k, not_reached;
    double median, lb, ub; /* of the average study, in the unit of the medians; infinite where not bounded */
    double mu, se;         /* log median; se from the observed information, tau2 estimated */
    double tau2, tau2_lb, tau2_ub;
    double pi_lb, pi_ub; /* of the median of a new study: mu +- z sqrt(se^2 + tau2) */
    double loglik;
} st_medians_fit;

/* ST_VALUE: no arm with a reached median, a number out of its range (the arm is counted from 1). */
ST_API ST_MUST_CHECK st_status st_medians_pool(const st_median_arm *arm, size_t k, const st_medians_options *options,
                                               st_medians_fit *fit, st_error *err);
/* The log likelihood that st_medians_pool makes highest. */
ST_API double st_medians_loglik(const st_median_arm *arm, size_t k, const st_medians_options *options, double mu,
                                double tau2);

/* An arm that did not reach its median ranks above every other for `median` and `ub`, at its follow-up for
 * `median_least` and `lb`: both limits are then the wider ones. */
typedef struct st_medians_order {
    double level;
    size_t k, not_reached;
    double median, median_least;
    double lb, ub;   /* 0 and infinite where k is too small for the level */
    double coverage; /* of the limits, where each study's median lies above the pooled one with probability 1/2 */
    double plain, plain_lb, plain_ub; /* every study once: the median of medians and its binomial limits */
} st_medians_order;

/* The sign test is exact, also with weights: the weight below the true median is the sum of n_i times fair coins, whose
 * distribution is summed up patient by patient. (McGrath et al. take quantiles of the weighted medians at the levels of
 * unweighted ones.) ST_VALUE as above, and where k times all patients exceeds 1e9. ST_MEMORY. */
ST_API ST_MUST_CHECK st_status st_medians_pool_order(const st_median_arm *arm, size_t k, double level,
                                                     st_medians_order *fit, st_error *err);

#endif
