/* stasis/survival.h - times to events: Kaplan and Meier, log-rank, Cox, competing risks. Numbers in, numbers out.
 *
 * What R's package survival computes by survfit, survdiff, coxph and cox.zph is computed here by the same equations;
 * the differences that are meant stand beside the functions. All events are alike except in cumulative incidence.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_SURVIVAL_H
#define STASIS_SURVIVAL_H

#include <stasis/base.h>

/* ---- observations ----------------------------------------------------------------------------- */

/* What was observed of n subjects. All arrays belong to the caller. */
typedef struct st_survival_data {
    size_t n;
    const double *start;    /* [n] entry under observation (left truncation), start < time; NULL: from the beginning */
    const double *time;     /* [n] event or end of observation, >= 0 */
    const uint32_t *status; /* [n] 0: censored at that time; 1, 2, ...: event, by cause */
} st_survival_data;

/* The same in ascending order of time; equal times keep the order of the data. */
typedef struct st_survival {
    size_t n;
    double *start, *time; /* [n] start NULL where the data have none */
    uint32_t *status;     /* [n] */
    uint32_t *row;        /* [n] place in the data */
    size_t events;        /* of any cause */
    size_t joined;        /* distinct times that were taken for the one before them */
} st_survival;

/* Sorts. Distinct times that differ by less than 1.5e-8 (root of the machine epsilon), absolutely or relative to the
 * mean of the distinct times, are what arithmetic has made of one time (0.1 + 0.2 and 0.3): they become the earliest of
 * their chain, as in R (timefix). ST_VALUE: a time is negative or not finite, an entry is not before its end, n is 0 or
 * above 2^32 - 2. ST_MEMORY. */
ST_API ST_MUST_CHECK st_status st_survival_init(const st_survival_data *data, st_survival *survival, st_error *err);
ST_API void st_survival_fini(st_survival *survival);

/* Parts of the observations: groups or strata. */
typedef struct st_survival_parts {
    uint32_t n;
    size_t *first;    /* [n + 1] part i has the members first[i] .. first[i + 1] - 1 */
    uint32_t *member; /* [subjects] places in the st_survival, ascending within a part */
} st_survival_parts;

/* level[row of the data] < n_levels names the part of each; NULL: one part of all. */
ST_API ST_MUST_CHECK st_status st_survival_split(const st_survival *survival, const uint32_t *level, uint32_t n_levels,
                                                 st_survival_parts *parts, st_error *err);
ST_API void st_survival_parts_fini(st_survival_parts *parts);

/* ---- Kaplan and Meier --------------------------------------------------------------------------- */

/* Scale on which limits are symmetric (Borgan & Liestol, Scand J Stat 1990;17:35): the logarithm of S, the logarithm of
 * the cumulative hazard, S itself. */
typedef enum { ST_LIMITS_LOG, ST_LIMITS_LOG_LOG, ST_LIMITS_PLAIN } st_survival_limits;

/* Steps at the distinct times, those of censoring too. */
typedef struct st_survival_curve {
    size_t n, events, steps;
    double *time, *n_risk, *n_event, *n_censor; /* [steps] */
    double *survival;                           /* [steps] just after the time */
    double *std_err;                            /* [steps] of S; NaN once S is 0 */
    double *lower, *upper;                      /* [steps] NaN where the scale has no limit: S = 0; S = 1 by log-log */
    double *hazard_variance;                    /* [steps] the increment d / (n (n - d)); 0 where d = n */
} st_survival_curve;

/* Product-limit estimate (Kaplan & Meier, J Am Stat Assoc 1958;53:457) with the variance of Greenwood (Rep Public
 * Health Med Subj 1926;33) of one part. level: of the limits, 0.95. */
ST_API ST_MUST_CHECK st_status st_survival_curve_fit(const st_survival *survival, const st_survival_parts *parts,
                                                     uint32_t part, st_survival_limits limits, double level,
                                                     st_survival_curve *curve, st_error *err);
ST_API void st_survival_curve_fini(st_survival_curve *curve);

typedef struct st_survival_estimate {
    double estimate, se, lower, upper; /* NaN: not reached, or not defined */
} st_survival_estimate;

/* The time by which a part `share` (0 to 1) of the subjects has had the event, with limits: where a horizontal line at
 * 1 - share first meets the curve and the curves of its limits (Brookmeyer & Crowley, Biometrics 1982;38:29). A curve
 * that stays at exactly that height (within 1.5e-8) gives the middle of its stay; se is NaN. Where it stays there to
 * its end, the median is the beginning of the stay and every other quantile the middle to the last time: so do R's
 * summary.survfit (median) and quantile.survfit (others). Upper limits can rise again late; R's quantile then may take
 * a later crossing, we take the first, as R's summary does. */
ST_API st_survival_estimate st_survival_quantile(const st_survival_curve *curve, double share);

/* Mean time within 0 .. upto: the area under the curve (Irwin, J Hyg 1949;47:188) with the standard error of Klein &
 * Moeschberger (Survival Analysis, 2nd ed, 4.5.2) and normal limits at `level`. The curve goes on at its last height
 * beyond its last time. */
ST_API st_survival_estimate st_survival_mean(const st_survival_curve *curve, double upto, double level);

/* ---- log-rank ------------------------------------------------------------------------------------ */

typedef struct st_logrank {
    uint32_t groups;
    double *observed, *expected; /* [groups] events, weighted where rho is not 0 */
    double chisq;
    size_t df; /* groups with an expectation, less one, less what their covariance lacks in rank */
    double p;  /* NaN where df is 0 */
} st_logrank;

/* Difference of the groups' hazards (Mantel, Cancer Chemother Rep 1966;50:163), events weighted by S(t-)^rho
 * (Harrington & Fleming, Biometrika 1982;69:553; 0: log-rank; 1: Peto and Peto's Wilcoxon), summed over strata.
 * group[row of the data] < n_groups. ST_VALUE: more than ST_LOGRANK_GROUPS_MOST groups. */
#define ST_LOGRANK_GROUPS_MOST 1000
ST_API ST_MUST_CHECK st_status st_logrank_test(const st_survival *survival, const uint32_t *group, uint32_t n_groups,
                                               const st_survival_parts *strata, double rho, st_logrank *test,
                                               st_error *err);
ST_API void st_logrank_fini(st_logrank *test);

/* ---- Cox ------------------------------------------------------------------------------------------ */

typedef enum { ST_TIES_EFRON, ST_TIES_BRESLOW } st_ties;

/* Covariates; the arrays belong to the caller. */
typedef struct st_cox_data {
    size_t p;
    const double *const *x; /* [p][n] by row of the data; finite */
    const size_t *term;     /* [p] ascending from 0: columns that are tested together; NULL: each alone */
} st_cox_data;

/* What the data say of a coefficient. */
typedef enum {
    ST_COX_FINITE,
    ST_COX_INFINITE, /* the likelihood rises without end as it grows, or says nothing of it where others have grown */
    ST_COX_REDUNDANT /* earlier columns (or the strata) say the same: NaN */
} st_cox_kind;

/* A fitted model. Statistics are those of the p columns that are not redundant. */
typedef struct st_cox {
    size_t n, events, p;
    st_cox_kind *kind;                    /* [p] */
    double *coef, *se, *z, *pval;         /* [p] infinite coefficients have infinite se and no z */
    double *hazard_ratio, *lower, *upper; /* [p] with limits at `level` by Wald */
    double *reached;                      /* [p] finite in any case: where the search ended; 0 where redundant */
    double *covariance;                   /* [p * p] 0 where redundant */
    double loglik_null, loglik;
    size_t df;
    double score, score_p, wald, wald_p, lrt, lrt_p; /* wald NaN where a coefficient is infinite */
    size_t iterations;
    double concordance, concordance_se; /* Harrell's; NaN without a comparable pair */
} st_cox;

/* Proportional hazards (Cox, J R Stat Soc B 1972;34:187) by partial likelihood, ties after Efron (J Am Stat Assoc
 * 1977;72:557) or Breslow (Biometrics 1974;30:89), by Newton and Raphson with step halving on centred, scaled columns.
 * Converged when a step moves no coefficient by 1e-8 mean absolute deviations of its column. A likelihood that rises
 * without end (Bryson & Johnson, Technometrics 1981;23:381) is told from one that converges by a step that stays long
 * while the gain is below 1e-8, or by information that shrinks to 1e-10 of that at no effect; R goes on to a finite
 * number and warns. A column that adds less than 2e-12 of information beside the earlier ones is redundant. level: of
 * the limits, 0.95. ST_VALUE: a covariate that is not finite. ST_NUMERIC: no convergence. */
ST_API ST_MUST_CHECK st_status st_cox_fit(const st_survival *survival, const st_survival_parts *strata,
                                          const st_cox_data *data, st_ties ties, double level, st_cox *cox,
                                          st_error *err);
ST_API void st_cox_fini(st_cox *cox);

/* g(t) of the test for proportional hazards: 1 - S(t-) over all subjects, t, its rank, its logarithm. */
typedef enum { ST_ZPH_KM, ST_ZPH_IDENTITY, ST_ZPH_RANK, ST_ZPH_LOG } st_zph_transform;

typedef struct st_zph {
    size_t terms;
    double *chisq, *p; /* [terms + 1] the last: all together; NaN where times or columns leave nothing to test */
    size_t *df;        /* [terms + 1] 0 of a term without a column that counts */
} st_zph;

/* Score test of coefficients that change with g(t) (Grambsch & Therneau, Biometrika 1994;81:515, in the exact form of
 * survival 3: with the covariance of each event time), at the fitted coefficients, each term and all. ST_VALUE: the
 * logarithm of a time 0; an infinite coefficient. */
ST_API ST_MUST_CHECK st_status st_zph_test(const st_survival *survival, const st_survival_parts *strata,
                                           const st_cox_data *data, const st_cox *cox, st_ties ties,
                                           st_zph_transform transform, st_zph *zph, st_error *err);
ST_API void st_zph_fini(st_zph *zph);

/* ---- competing risks ---------------------------------------------------------------------------------- */

typedef struct st_incidence {
    size_t n, steps;
    uint32_t causes;       /* 1 .. causes */
    double *time, *n_risk; /* [steps] */
    double *n_event, *cif; /* [causes * steps], cause after cause */
    double *std_err;       /* [causes * steps] */
    double *lower, *upper; /* [causes * steps] NaN where the scale has no limit */
} st_incidence;

/* Cumulative incidence of each cause (Aalen & Johansen, Scand J Stat 1978;5:141) of one part, with the variance of the
 * infinitesimal jackknife: the sum of squares of the subjects' influences, as survfit gives it. Status 1 .. causes.
 * ST_VALUE: left-truncated data, a status above causes. */
ST_API ST_MUST_CHECK st_status st_incidence_fit(const st_survival *survival, const st_survival_parts *parts,
                                                uint32_t part, uint32_t causes, st_survival_limits limits, double level,
                                                st_incidence *incidence, st_error *err);
ST_API void st_incidence_fini(st_incidence *incidence);

#endif
