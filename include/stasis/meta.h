/* stasis/meta.h - meta-analysis: effect sizes, pooling, heterogeneity. Numbers in, numbers out.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_META_H
#define STASIS_META_H

#include <stasis/base.h>

/* ---- effect sizes ---------------------------------------------------------- */

/* Names, columns of the input and what is measured, from one list. */
#define ST_MEASURE_LIST(X)                                                                                             \
    X(PLO, "xi,ni", "logit of a proportion")                                                                           \
    X(PR, "xi,ni", "proportion")                                                                                       \
    X(PLN, "xi,ni", "log of a proportion")                                                                             \
    X(PAS, "xi,ni", "arcsine of the root of a proportion")                                                             \
    X(PFT, "xi,ni", "Freeman and Tukey's double arcsine of a proportion")                                              \
    X(OR, "ai,bi,ci,di", "log odds ratio")                                                                             \
    X(RR, "ai,bi,ci,di", "log risk ratio")                                                                             \
    X(RD, "ai,bi,ci,di", "risk difference")                                                                            \
    X(PETO, "ai,bi,ci,di", "log odds ratio by Peto's method")                                                          \
    X(MD, "m1i,sd1i,n1i,m2i,sd2i,n2i", "difference of means")                                                          \
    X(SMD, "m1i,sd1i,n1i,m2i,sd2i,n2i", "standardized difference of means")                                            \
    X(ROM, "m1i,sd1i,n1i,m2i,sd2i,n2i", "log ratio of means")                                                          \
    X(COR, "ri,ni", "correlation")                                                                                     \
    X(ZCOR, "ri,ni", "Fisher's z of a correlation")                                                                    \
    X(IRR, "x1i,t1i,x2i,t2i", "log incidence rate ratio")                                                              \
    X(IRLN, "xi,ti", "log incidence rate")                                                                             \
    X(GEN, "yi,vi", "any estimate with its variance")

typedef enum {
#define ST_MEASURE_ENUM(name, columns, text) ST_MEASURE_##name,
    ST_MEASURE_LIST(ST_MEASURE_ENUM)
#undef ST_MEASURE_ENUM
        ST_MEASURES
} st_measure;

#define ST_MEASURE_COLUMNS_MOST 6

/* To which studies `add` goes where a table has a zero cell (metafor's names): all studies; those with a zero; those
 * with a zero in one cell if any study has one (if0all); none. */
typedef enum { ST_ADD_ALL, ST_ADD_ONLY0, ST_ADD_IF0ALL, ST_ADD_NONE } st_add_to;

#define ST_MEASURE_ADD 0.5 /* metafor's default */

typedef struct st_effect_options {
    double add;   /* to each cell, default 0.5 */
    st_add_to to; /* default only0 */
    bool drop00;  /* drop studies without or with only events in both arms */
} st_effect_options;

/* ---- models ----------------------------------------------------------------- */

#define ST_METHOD_LIST(X)                                                                                              \
    X(FE, "equal effects, inverse variance")                                                                           \
    X(DL, "DerSimonian and Laird")                                                                                     \
    X(REML, "restricted maximum likelihood")                                                                           \
    X(ML, "maximum likelihood")                                                                                        \
    X(PM, "Paule and Mandel")                                                                                          \
    X(EB, "empirical Bayes (Morris)")                                                                                  \
    X(SJ, "Sidik and Jonkman")                                                                                         \
    X(HE, "Hedges and Olkin")                                                                                          \
    X(HS, "Hunter and Schmidt")                                                                                        \
    X(MH, "Mantel and Haenszel")                                                                                       \
    X(PETO, "Peto, Yusuf and others")                                                                                  \
    X(GLMM, "generalized linear mixed model, adaptive quadrature")

typedef enum {
#define ST_METHOD_ENUM(name, text) ST_METHOD_##name,
    ST_METHOD_LIST(ST_METHOD_ENUM)
#undef ST_METHOD_ENUM
        ST_METHODS
} st_method;

typedef enum { ST_TEST_Z, ST_TEST_KNHA } st_meta_test;

/* What was observed: k studies, p coefficients. All arrays belong to the caller. */
typedef struct st_meta_data {
    size_t k, p;
    const double *yi; /* [k] estimates */
    const double *vi; /* [k] sampling variances, > 0 */
    const double *x;  /* [k * p] model matrix, row by row, intercept first; NULL: intercept alone, p = 1 */
} st_meta_data;

typedef struct st_meta_options {
    st_method method;
    st_meta_test test;
    double level; /* of intervals, 0.95 */
} st_meta_options;

/* One fitted model. NaN: not defined for this method or k. Free with st_meta_fit_fini. */
typedef struct st_meta_fit {
    st_method method;
    st_meta_test test;
    double level;
    size_t k, p;
    double *b, *se, *zval, *pval, *ci_lb, *ci_ub; /* [p]; zval is t where test is knha */
    double *vb;                                   /* [p * p] covariance of b */
    double df;                                    /* of t; infinite for z */
    double tau2, se_tau2;
    double I2, H2; /* I2 in percent */
    double QE, QEp, QM, QMp;
    size_t QM_df;        /* coefficients that QM tests: all but the intercept, or it alone */
    double pi_lb, pi_ub; /* prediction interval; p = 1 */
    double loglik;       /* ML of FE and ML, restricted of REML; NaN for others */
} st_meta_fit;

ST_API void st_meta_fit_fini(st_meta_fit *fit);

#endif
