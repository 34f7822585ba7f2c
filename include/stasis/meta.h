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

ST_API const char *st_measure_name(st_measure measure);    /* "PLO" */
ST_API const char *st_measure_columns(st_measure measure); /* "xi,ni" */
ST_API const char *st_measure_text(st_measure measure);    /* "logit of a proportion" */
/* By its name; ST_USAGE with the list of those known. */
ST_API ST_MUST_CHECK st_status st_measure_find(const char *name, st_measure *measure, st_error *err);

/* To which studies `add` goes where a table has a zero cell (metafor's names): all studies; those with a zero; those
 * with a zero in one cell if any study has one (if0all); none. */
typedef enum { ST_ADD_ALL, ST_ADD_ONLY0, ST_ADD_IF0ALL, ST_ADD_NONE } st_add_to;

#define ST_MEASURE_ADD 0.5 /* metafor's default */

typedef struct st_effect_options {
    double add;   /* to each cell, >= 0; st_measure_add */
    st_add_to to; /* default only0 */
    bool drop00;  /* drop studies without or with only events in both arms */
} st_effect_options;

/* What is added by default: ST_MEASURE_ADD, 0 for PAS and PFT, which need nothing. */
ST_API double st_measure_add(st_measure measure);
/* Whether it counts events, so that `add` and `to` have a meaning; whether in two arms, so that drop00 has. */
ST_API bool st_measure_has_cells(st_measure measure);
ST_API bool st_measure_has_arms(st_measure measure);

/* What cannot be so in one study, "is more than ni", with the culprit's place among the columns; NULL: nothing. Missing
 * values (NaN) are none. `value` has the order of st_measure_columns. */
ST_API const char *st_measure_fault(st_measure measure, const double *value, size_t *column);

/* Estimates and their sampling variances, as escalc of metafor 3.8-1 defines them (variances of large samples, its
 * vtype "LS"). column[j][i] is column j of study i, j in the order of st_measure_columns; yi[k], vi[k]. Both are NaN
 * where a value is missing, where drop00 drops, and where no estimate with a positive, finite variance exists (metafor
 * keeps a variance of 0, which has no weight in a pool). With cells after `add`, p = x / n, q = 1 - p:
 *   PLO   log p/q               1/x + 1/(n - x)
 *   PR    p                     pq/n
 *   PLN   log p                 1/x - 1/n
 *   PAS   arcsin sqrt p         1/(4n)
 *   PFT   (arcsin sqrt(x/(n+1)) + arcsin sqrt((x+1)/(n+1)))/2, 1/(4n+2)      Freeman & Tukey, Ann Math Stat 1950;21:607
 *   OR    log ad/bc             1/a + 1/b + 1/c + 1/d                        Woolf, Ann Hum Genet 1955;19:251
 *   RR    log p1/p2             1/a - 1/n1 + 1/c - 1/n2
 *   RD    p1 - p2               p1q1/n1 + p2q2/n2
 *   PETO  (O - E)/V             1/V, hypergeometric                          Yusuf et al, Prog Cardiovasc Dis
 * 1985;27:335 MD    m1 - m2               s1^2/n1 + s2^2/n2 SMD   J(m) (m1 - m2)/s      1/n1 + 1/n2 + g^2/(2(n1 + n2)),
 * J exact      Hedges, J Educ Stat 1981;6:107 ROM   log m1/m2             s1^2/(n1 m1^2) + s2^2/(n2 m2^2) Hedges et al,
 * Ecology 1999;80:1150 COR   r                     (1 - r^2)^2/(n - 1), n > 3 ZCOR  artanh r              1/(n - 3), n
 * > 3                             Fisher, Metron 1921;1:3 IRR   log (x1/t1)/(x2/t2)   1/x1 + 1/x2 IRLN  log x/t 1/x GEN
 * yi, vi as they are. ST_VALUE: a fault, with its study. */
ST_API ST_MUST_CHECK st_status st_effects_compute(st_measure measure, const double *const *column, size_t k,
                                                  const st_effect_options *options, double *yi, double *vi,
                                                  st_error *err);

/* From the scale of the model to that of the reader: logistic, e to the x, sine squared, tanh, or as it is. PFT by
 * Miller's inverse (Am Stat 1978;32:138) for a sample of `n`, the harmonic mean of those pooled; others ignore n. */
ST_API double st_measure_back(st_measure measure, double value, double n);

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

ST_API const char *st_method_name(st_method method); /* "REML" */
ST_API const char *st_method_text(st_method method); /* "restricted maximum likelihood" */
/* By its name; ST_USAGE with the list of those known. */
ST_API ST_MUST_CHECK st_status st_method_find(const char *name, st_method *method, st_error *err);
/* Whether it weights estimates by the inverse of their variances: every method before MH. */
ST_API bool st_method_is_inverse_variance(st_method method);

/* Knapp and Hartung's (Stat Med 2003;22:2693): covariance times the weighted mean square of the residuals, t and F with
 * k - p degrees of freedom. */
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
    double *b, *se, *zval, *pval, *ci_lb, *ci_ub; /* [p]; zval is t where test is knha; one allocation, that of b */
    double *vb;                                   /* [p * p] covariance of b */
    double df;                                    /* of t; infinite for z */
    double tau2, se_tau2;
    double vt;     /* typical sampling variance s2 of I2 and H2, (k - p) / trace of P; 0 where k = p */
    double I2, H2; /* I2 in percent */
    double QE, QEp, QM, QMp;
    size_t QM_df; /* coefficients that QM tests: all but the intercept, or it alone; F with df where test is knha */
    double pi_lb, pi_ub; /* prediction interval; intercept alone, not for FE */
    double loglik;       /* restricted for REML, full for every other method */
} st_meta_fit;

/* Fits y = X b + u + e, var(u) = tau2, var(e) = vi, by an inverse-variance method. With W = diag(1 / (vi + tau2)) and
 * P = W - W X (X'WX)^-1 X'W, b is weighted least squares and tau2, never below 0, is
 *   DL    (y'Py - (k - p)) / tr P, P at tau2 = 0              DerSimonian & Laird, Control Clin Trials 1986;7:177
 *   HS    (y'Py - k) / tr W, W at tau2 = 0                    Hunter & Schmidt 1990; Viechtbauer, JEBS 2005;30:261
 *   HE    (y'Py - tr PV) / (k - p), W = I                     Hedges & Olkin 1985
 *   SJ    t0 y'Py / (k - p), P at t0 = mean square of y       Sidik & Jonkman, J R Stat Soc C 2005;54:367
 *   PM    y'Py = k - p                                        Paule & Mandel, J Res NBS 1982;87:377
 *   EB    the same equation                                   Morris, JASA 1983;78:47; Berkey et al, Stat Med
 * 1995;14:395 ML    y'PPy = tr W    REML  y'PPy = tr P                  Raudenbush 1994; Viechtbauer 2005 FE has tau2 =
 * 0. The likelihood's equation is solved from HE by Fisher scoring, then Newton's steps, kept within what the signs of
 * the score enclose, and halved where that is slow: it always ends. Where the likelihood is higher at 0 than at the
 * solution, tau2 is 0. se_tau2, I2 = 100 tau2 / (tau2 + vt), H2 = tau2 / vt + 1 (of FE by QE; Higgins & Thompson, Stat
 * Med 2002;21:1539) and the statistics are defined as rma.uni of metafor 3.8-1 defines them; the prediction interval is
 * b +- c sqrt(se^2 + tau2) with c of t on k - p degrees of freedom for knha, normal for z (its predict.rma). With k = 1
 * tau2 is 0 and the test is z. The first column of x is the intercept when it is all 1. ST_VALUE: no study, an estimate
 * that is not finite, a variance not finite or <= 0, p > k (p >= k where tau2 is estimated, but for k = p = 1), columns
 * of x that depend on each other, a level outside (0, 1), a method that is none of inverse variance. ST_NUMERIC:
 * numbers so large or small that sums leave the range of double. ST_MEMORY. */
ST_API ST_MUST_CHECK st_status st_meta_fit_run(const st_meta_data *data, const st_meta_options *options,
                                               st_meta_fit *fit, st_error *err);
ST_API void st_meta_fit_fini(st_meta_fit *fit);

/* The value that a standard normal number exceeds in size with probability 1 - level; 1.96 for 0.95. */
ST_API double st_critical_z(double level);

/* Limits of heterogeneity by the Q-profile method (Viechtbauer, Stat Med 2007;26:37): the tau2 at which y'Py equals a
 * quantile of chi2 on k - p degrees of freedom. NaN for FE and for k = p; both tau2 0 where even at 0 it is below. */
typedef struct st_meta_limits {
    double tau2_lb, tau2_ub, I2_lb, I2_ub, H2_lb, H2_ub;
} st_meta_limits;
ST_API ST_MUST_CHECK st_status st_meta_limits_compute(const st_meta_data *data, const st_meta_fit *fit,
                                                      st_meta_limits *limits, st_error *err);

/* Intervals without a formula: the studies drawn again, k of k with replacement, n times, and pooled (Efron, Ann Stat
 * 1979;7:1); limits are percentiles of what came out. */
typedef struct st_meta_bootstrap {
    size_t n;
    uint64_t seed;
    double b_lb, b_ub, b_se; /* of the pooled estimate; b_se is the standard deviation of the draws */
    double tau2_lb, tau2_ub;
} st_meta_bootstrap;

/* Intercept alone. A draw has a stream of its own (ST_RNG_BOOTSTRAP), so that threads (0: all) change nothing.
 * ST_VALUE as st_meta_fit_run, and where there are moderators, one study, or no draws. */
ST_API ST_MUST_CHECK st_status st_meta_bootstrap_run(const st_meta_data *data, const st_meta_options *options, size_t n,
                                                     uint64_t seed, int threads, st_meta_bootstrap *result,
                                                     st_error *err);

#endif
