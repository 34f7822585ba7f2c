/* stasis/meta_checks.h - what a pool rests on: refits without a study or study by study, influence, small-study
 * effects.
 *
 * Everything here fits the model of stasis/meta.h again. Studies keep the order in which they came.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_META_CHECKS_H
#define STASIS_META_CHECKS_H

#include <stasis/meta.h>

/* ---- refits ------------------------------------------------------------------ */

/* Fits some of the studies: which[n], ascending or not. So that the refits below serve every kind of model: that of yi
 * and vi, Mantel and Haenszel's, Peto's. */
typedef st_status (*st_meta_refit)(const void *context, const size_t *which, size_t n, st_meta_fit *fit, st_error *err);

/* The refit by st_meta_fit_run; context is an st_meta_model. */
typedef struct st_meta_model {
    const st_meta_data *data;
    const st_meta_options *options;
} st_meta_model;
ST_API ST_MUST_CHECK st_status st_meta_model_refit(const void *model, const size_t *which, size_t n, st_meta_fit *fit,
                                                   st_error *err);

/* A pool as a line of a table: the intercept of one fit. Everything NaN where the model cannot be fitted. */
typedef struct st_meta_line {
    double b, se, zval, pval, ci_lb, ci_ub;
    double QE, QEp, tau2, I2, H2;
} st_meta_line;

/* line[k]: the pool without each study in turn. All NaN at k = 1. */
ST_API ST_MUST_CHECK st_status st_meta_leave_one_out(st_meta_refit refit, const void *context, size_t k,
                                                     st_meta_line *line, st_error *err);

/* line[k]: the pool of the first, the first two ... all studies by ascending `order` [k] (NULL: as they came); equal
 * ones stay as they came. place[k]: which study each line adds. Lau and others, J Clin Epidemiol 1995;48:45. */
ST_API ST_MUST_CHECK st_status st_meta_cumulative(st_meta_refit refit, const void *context, size_t k,
                                                  const double *order, size_t *place, st_meta_line *line,
                                                  st_error *err);

/* ---- influence ----------------------------------------------------------------- */

/* What the fit says of one study, and does without it. Viechtbauer and Cheung, Res Synth Methods 2010;1:112.
 * (-i): of the fit without study i; s2: the factor of its covariance for knha, 1 for z. A fit that cannot be made
 * leaves NaN in what rests on it. */
typedef struct st_influence_row {
    double rstudent; /* (y - x b(-i)) / sqrt(s2 (v + tau2(-i)) + x V(-i) x'), externally standardized residual */
    double dffits;   /* x (b - b(-i)) / sqrt(s2 h (v + tau2(-i))), in units of the standard error of the fit */
    double cook_d;   /* (b - b(-i))' V^-1 (b - b(-i)) */
    double cov_r;    /* det V(-i) / det V; below 1: the pool is more precise without the study */
    double tau2_del, QE_del;
    double hat, weight; /* diagonal of the hat matrix; percent of the weights */
    /* |dffits| > 3 sqrt(p / (k - p)), or chi-square of p degrees of freedom (cook_d) > 1/2, or hat > 3 p / k, or any
     * |dfbs| > 1 */
    bool influential;
    /* Baujat and others, Stat Med 2002;21:2641, as Viechtbauer carries it over to random effects: */
    double baujat_x; /* (y - x b)^2 / (v + tau2): what the study adds to Q */
    double baujat_y; /* (x b - x b(-i))^2 / (x V(-i) x'): how far it draws the pool */
    st_meta_line left_out;
} st_influence_row;

typedef struct st_influence {
    size_t k, p;
    st_influence_row *row; /* [k] */
    double *dfbs;          /* [k * p] shift of each coefficient in units of its standard error */
} st_influence;

/* For models of yi and vi, with or without moderators. Numbers are NaN at k = p. */
ST_API ST_MUST_CHECK st_status st_meta_influence(const st_meta_data *data, const st_meta_options *options,
                                                 st_influence *influence, st_error *err);
ST_API void st_influence_fini(st_influence *influence);

/* ---- small-study effects --------------------------------------------------------- */

/* Fewer studies than this give tests for asymmetry of a funnel too little power to tell chance from asymmetry (Sterne
 * and others, BMJ 2011;343:d4002, recommendation 3). */
#define ST_ASYMMETRY_STUDIES_LEAST 10

/* Kendall's rank correlation and the test that it is 0. Exact where no two values of x or of y are equal and
 * n <= ST_KENDALL_EXACT_MOST (the count of inversions of a random order, Knuth, TAOCP 3, 5.1.1); else z, with the
 * variance for ties of Kendall, Rank correlation methods, 1970, 4.4, without correction for continuity. */
#define ST_KENDALL_EXACT_MOST 500
typedef struct st_kendall {
    double tau; /* tau-b; NaN below 2 pairs or where x or y does not vary */
    double z;   /* NaN where exact */
    double p;   /* two-sided */
    bool exact;
} st_kendall;
ST_API ST_MUST_CHECK st_status st_kendall_test(const double *x, const double *y, size_t n, st_kendall *kendall,
                                               st_error *err);

/* Begg and Mazumdar, Biometrics 1994;50:1088: Kendall's correlation of vi[k] and (yi - b) / sqrt(vi - var b), where b
 * is the pool with weights 1 / vi. */
ST_API ST_MUST_CHECK st_status st_meta_begg(const double *yi, const double *vi, size_t k, st_kendall *begg,
                                            st_error *err);

/* What the estimates are regressed on. */
typedef enum {
    ST_ASYMMETRY_SEI,  /* standard error: Egger and others, BMJ 1997;315:629 */
    ST_ASYMMETRY_VI,   /* its square */
    ST_ASYMMETRY_NI,   /* number of patients: Macaskill and others, Stat Med 2001;20:641 */
    ST_ASYMMETRY_NINV, /* 1 / ni: Peters and others, JAMA 2006;295:676 */
} st_asymmetry_predictor;

typedef enum {
    ST_ASYMMETRY_LM,  /* weights 1 / vi, dispersion estimated as a factor: the classical test, Student's t */
    ST_ASYMMETRY_RMA, /* the model of the options with the predictor as a moderator: Sterne and Egger, 2005 */
} st_asymmetry_model;

typedef struct st_asymmetry {
    double slope, se;
    double statistic, df, p;          /* t, or z with infinite df */
    double limit, limit_lb, limit_ub; /* intercept: estimate of a study without error; NaN for ST_ASYMMETRY_NI and
                                         for a model with moderators */
    double tau2;                      /* NaN for lm */
} st_asymmetry;

/* ni[k] may be NULL where the predictor does not ask for it. The predictor joins the moderators of data->x. All NaN
 * where k is not above the number of coefficients; ST_VALUE where the predictor is the same for all studies, or in line
 * with moderators. With lm, se, test and limits are NaN where the line goes through every estimate. */
ST_API ST_MUST_CHECK st_status st_meta_asymmetry(const st_meta_data *data, const double *ni,
                                                 const st_meta_options *options, st_asymmetry_model model,
                                                 st_asymmetry_predictor predictor, st_asymmetry *asymmetry,
                                                 st_error *err);

/* Number of studies that are missing on one side: Duval and Tweedie, J Am Stat Assoc 2000;95:89, and Biometrics
 * 2000;56:455. */
typedef enum { ST_TRIM_L0, ST_TRIM_R0, ST_TRIM_Q0 } st_trim_estimator;
typedef enum { ST_SIDE_AUTO, ST_SIDE_LEFT, ST_SIDE_RIGHT } st_trim_side;

typedef struct st_trim_fill {
    st_trim_estimator estimator;
    st_trim_side side;  /* where studies are missing; never auto */
    size_t k0;          /* how many */
    double se_k0, p_k0; /* p: of none missing, R0 alone */
    unsigned rounds;
    size_t *mirror;  /* [k0] the study that each filled one mirrors */
    double *yi, *vi; /* [k0] filled */
    st_meta_fit fit; /* of all k + k0 */
} st_trim_fill;

/* Trims the k0 most extreme studies, pools the others, counts k0 again from the ranks about that pool until it stays;
 * then mirrors them about it and pools all. Auto: studies are missing on the right where the regression on the standard
 * error (st_meta_asymmetry, rma) has a negative slope, else on the left. ST_NUMERIC where k0 does not settle within 100
 * rounds or would trim all; ST_VALUE for k < 3 or a model with moderators. */
ST_API ST_MUST_CHECK st_status st_meta_trim_fill(const st_meta_data *data, const st_meta_options *options,
                                                 st_trim_estimator estimator, st_trim_side side, st_trim_fill *trim,
                                                 st_error *err);
ST_API void st_trim_fill_fini(st_trim_fill *trim);

#endif
