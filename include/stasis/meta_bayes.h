/* stasis/meta_bayes.h - Bayesian random-effects meta-analysis by quadrature, without sampling.
 *
 * The normal-normal hierarchical model: y_i ~ N(theta_i, v_i), theta_i ~ N(mu, tau^2). Given tau everything is normal
 * (Roever, J Stat Softw 2020;93(6), section 2), so that one integral over tau is left: panels of 16 Gauss and Legendre
 * points, halved until they agree, and halved once more to see how far the results still move (`change`).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_META_BAYES_H
#define STASIS_META_BAYES_H

#include <stasis/meta.h>

/* Priors of tau, the standard deviation between studies; each has one number. */
#define ST_TAU_PRIOR_LIST(X)                                                                                           \
    X(HALFNORMAL, "halfnormal", "half normal with this scale")                                                         \
    X(HALFCAUCHY, "halfcauchy", "half Cauchy with this scale")                                                         \
    X(UNIFORM, "uniform", "even from 0 to this number")

typedef enum {
#define ST_TAU_PRIOR_ENUM(name, word, text) ST_TAU_##name,
    ST_TAU_PRIOR_LIST(ST_TAU_PRIOR_ENUM)
#undef ST_TAU_PRIOR_ENUM
        ST_TAU_PRIORS
} st_tau_prior;

/* For measures on the scale of log odds: half normal with scale 0.5 (Roever et al., Res Synth Methods 2021;12:448,
 * Friede et al., Res Synth Methods 2017;8:79). */
#define ST_TAU_SCALE 0.5

typedef struct st_bayes_prior {
    bool mu_flat; /* even over all numbers: improper; else normal with */
    double mu_mean, mu_sd;
    st_tau_prior tau;
    double tau_number; /* scale, or the largest tau */
} st_bayes_prior;

/* What is known about one number. Moments that do not exist are NaN (mean) or infinite (sd). */
typedef struct st_posterior {
    double mean, sd, median;
    double lb, ub;                   /* as much outside on either side */
    double shortest_lb, shortest_ub; /* the shortest interval of that content */
} st_posterior;

/* Free with st_bayes_fit_fini. */
typedef struct st_bayes_fit {
    st_bayes_prior prior;
    double level;
    size_t k;
    st_posterior mu, tau;
    double tau_mode;
    st_posterior predict; /* theta of a new study */
    st_posterior *theta;  /* [k] of each study, shrunk; without shortest intervals (NaN) */
    double log_marginal;  /* log density of the data; NaN where mu_flat, which has no scale */
    double bayes_factor;  /* of tau = 0 against the prior of tau: density of the data with tau = 0 over that without */
    size_t points;        /* of the quadrature */
    double change;        /* largest change of any result above, in posterior sd (or relative), when points doubled */
} st_bayes_fit;

/* data->x must be NULL: mu alone. level of the intervals, 0 to 1. ST_VALUE: no study, variances not positive, numbers
 * not finite, a prior out of range. ST_NUMERIC: the quadrature does not settle to 1e-8. ST_MEMORY. */
ST_API ST_MUST_CHECK st_status st_bayes_fit_init(const st_meta_data *data, const st_bayes_prior *prior, double level,
                                                 st_bayes_fit *fit, st_error *err);
ST_API void st_bayes_fit_fini(st_bayes_fit *fit);

#endif
