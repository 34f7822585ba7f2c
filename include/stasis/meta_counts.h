/* stasis/meta_counts.h - pooling of counts as they are, without a normal approximation in each study: Mantel and
 * Haenszel, Peto, and generalized linear mixed models (binomial-normal, Poisson-normal, hypergeometric-normal).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_META_COUNTS_H
#define STASIS_META_COUNTS_H

#include <stasis/meta.h>

/* What was counted in k studies. column[j] has k numbers; their order is that of the measure in ST_MEASURE_LIST:
 * OR, RR, RD and PETO: ai, bi (with and without the event in arm 1), ci, di (in arm 2);
 * IRR: x1i, t1i, x2i, t2i (events and person-time of either arm); PLO: xi, ni; IRLN: xi, ti. */
typedef struct st_counts {
    st_measure measure;
    size_t k;
    const double *column[4];
} st_counts;

/* Models of two arms, metafor's names. */
#define ST_COUNTS_MODEL_LIST(X)                                                                                        \
    X(UM_FS, "UM.FS", "both arms, a fixed effect for each study")                                                      \
    X(UM_RS, "UM.RS", "both arms, a random effect for each study")                                                     \
    X(CM_EL, "CM.EL", "given the events of both arms together, exact likelihood")                                      \
    X(CM_AL, "CM.AL", "given the events of both arms together, binomial likelihood (events are rare)")

typedef enum {
#define ST_COUNTS_MODEL_ENUM(name, title, text) ST_COUNTS_##name,
    ST_COUNTS_MODEL_LIST(ST_COUNTS_MODEL_ENUM)
#undef ST_COUNTS_MODEL_ENUM
        ST_COUNTS_MODELS
} st_counts_model;

typedef struct st_counts_options {
    st_method method;          /* ST_METHOD_MH, ST_METHOD_PETO or ST_METHOD_GLMM */
    st_counts_model model;     /* of GLMM with two arms */
    double level;              /* of intervals, 0.95 */
    bool continuity;           /* Yates' correction of the Cochran-Mantel-Haenszel test; metafor's default is yes */
    st_effect_options effects; /* for the estimates of the single studies, on which QE of MH and I2 and H2 of GLMM rest;
                                  the pooled estimate is of the raw counts */
    size_t points;             /* of quadrature for each random effect: 0 as many as the accuracy wants, 1 Laplace's
                                  approximation (metafor's choice for UM.RS), at most ST_COUNTS_POINTS_MOST */
} st_counts_options;

#define ST_COUNTS_POINTS_MOST 100

/* A test by chi-square; NaN where it is not defined. */
typedef struct st_counts_test {
    double stat, df, p;
} st_counts_test;

/* What came out. `note` is "" or says in one sentence why the estimate is NaN. Free with st_counts_fit_fini. */
typedef struct st_counts_fit {
    st_meta_fit pooled;         /* p = 1; the logarithm of a ratio, the logit of a proportion, the difference of risks.
                                   QE is Cochran's of MH and Peto, NaN of GLMM; loglik is that of the model */
    double QE_df;               /* of QE */
    size_t k;                   /* studies that took part */
    size_t k_left_out;          /* those that say nothing (no event, or only events, in both arms) and that the method
                                   leaves out: GLMM only */
    st_counts_test cmh;         /* MH of OR and IRR: no association at all */
    st_counts_test tarone;      /* MH of OR: the same odds ratio everywhere */
    st_counts_test breslow_day; /* the same, without Tarone's correction */
    st_counts_test QE_wald;     /* GLMM: the same effect everywhere, by the estimates of the saturated model */
    st_counts_test QE_lrt;      /* the same by the likelihoods of the saturated model and that with tau2 = 0 */
    double sigma2;              /* UM.RS: variance of the study effects */
    double loglik_equal;        /* GLMM with tau2 = 0 */
    double loglik_saturated;    /* GLMM with an effect for each study */
    size_t points;              /* of quadrature that were used for each random effect: 0 where steps were equal */
    double quadrature_error;    /* by which log likelihood changes with the next finer rule; NaN where not tried */
    char note[256];
} st_counts_fit;

/* Pools. The defaults of metafor: {.level = 0.95, .continuity = true, .effects = {0.5, ST_ADD_ONLY0, true}}.
 * ST_VALUE: a measure or model that the method does not have, k = 0, a count that is negative, not finite or (GLMM) not
 * whole, more events than people, an arm without people or time; the sentence names study and column; CM.EL of a study
 * with more than 1e7 possible tables. ST_NUMERIC: the search for the maximum did not end. A maximum at infinity is no
 * error: estimates are NaN and `note` says why.
 *
 * MH: OR with the variance of Robins, Breslow & Greenland (Biometrics 1986;42:311), RR of Greenland & Robins
 * (Biometrics 1985;41:55), RD with the variance of Sato (Biometrics 1989;45:1323), IRR of Rothman & Greenland (Modern
 * epidemiology, 1998); test of Mantel & Haenszel (J Natl Cancer Inst 1959;22:719); homogeneity by Breslow & Day (IARC
 * 1980;32) and Tarone (Biometrika 1985;72:91). PETO: Yusuf and others, Prog Cardiovasc Dis 1985;27:335. GLMM: maximum
 * likelihood of the models of Stijnen, Hamza & Ozdemir (Stat Med 2010;29:3046) and Jackson and others (Stat Med
 * 2018;37:1059), the random effects integrated by adaptive quadrature (Liu & Pierce, Biometrika 1994;81:624; Pinheiro &
 * Bates, J Comput Graph Stat 1995;4:12). */
ST_API ST_MUST_CHECK st_status st_counts_pool(const st_counts *counts, const st_counts_options *options,
                                              st_counts_fit *fit, st_error *err);
ST_API void st_counts_fit_fini(st_counts_fit *fit);

/* "UM.FS" and so on; the model of that name; ST_USAGE lists them. */
ST_API const char *st_counts_model_name(st_counts_model model);
ST_API ST_MUST_CHECK st_status st_counts_model_find(const char *name, st_counts_model *model, st_error *err);

#endif
