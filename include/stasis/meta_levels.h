/* stasis/meta_levels.h - three-level meta-analysis: arms within studies.
 *
 * y = X b + study + arm + error: a random effect of each study (variance sigma2[0], shared by its arms), one of each
 * arm (sigma2[1]) and a sampling error of known variance v. Arms of one study have the covariance V = diag(v) +
 * sigma2[1] I + sigma2[0] 11'  (+ rho sqrt(v_i v_j) between sampling errors), whose inverse and determinant have a
 * closed form (Sherman & Morrison, Ann Math Stat 1950;21:124), so that one likelihood costs O(k p^2). The model:
 * Konstantopoulos, Res Synth Methods 2011;2:61; Van den Noortgate et al., Behav Res Methods 2013;45:576. The same as
 * rma.mv(yi, vi, random = ~ 1 | study/arm) of R's metafor.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_META_LEVELS_H
#define STASIS_META_LEVELS_H

#include <stasis/meta.h>

typedef struct st_levels_options {
    st_method method; /* ST_METHOD_REML or ST_METHOD_ML */
    bool t_test;      /* t with k - p degrees of freedom, and F; else z and chi squared */
    double level;     /* of intervals, 0.95 */
    double rho;       /* correlation of sampling errors within a study, in [0, 1); 0 */
} st_levels_options;

/* The fit. Index 0: between studies, 1: between the arms of a study. NaN: not defined. Free with st_levels_fit_fini. */
typedef struct st_levels_fit {
    st_levels_options options;
    size_t k, p, studies;
    double *b, *se, *zval, *pval, *ci_lb, *ci_ub; /* [p] */
    double *vb;                                   /* [p * p] covariance of b */
    double df;                                    /* of t; infinite for z */
    double sigma2[2];
    double sigma2_lb[2], sigma2_ub[2]; /* by profile likelihood; 0 and infinity where it does not reach */
    /* False: the data do not tell this variance apart. Every study has one arm: sigma2[1] is 0 and sigma2[0] the sum of
     * both. X has every study's own mean in it (one study and an intercept), by REML: sigma2[0] is 0. */
    bool identified[2];
    double loglik;      /* with all constants, as metafor has it */
    double lrt, lrt_p;  /* against sigma2[0] = 0, arms as if independent; chi squared, 1 df */
    double lrt_p_mixed; /* against half chi squared with 0, half with 1 df (Self & Liang, JASA 1987;82:605) */
    double QE, QEp;     /* residual heterogeneity; k - p df */
    double QM, QMp;     /* all coefficients but the intercept, or it alone; F where t_test */
    size_t QM_df;
    double I2[2]; /* percent of the variance of an estimate (Nakagawa & Santos, Evol Ecol 2012;26:1253, with the typical
                   * sampling variance of Higgins & Thompson, Stat Med 2002;21:1539 as (k - p) / trace P) */
    double I2_total;
    double icc;          /* sigma2[0] / (sigma2[0] + sigma2[1]) */
    double pi_lb, pi_ub; /* prediction interval of an arm of a new study; p = 1 */
    /* Robust to what correlates within a study: sandwich with the factor m / (m - p) for m studies and t with m - p
     * degrees of freedom (Hedges, Tipton & Johnson, Res Synth Methods 2010;1:39). NaN where m <= p. */
    double *robust_se, *robust_t, *robust_p, *robust_lb, *robust_ub; /* [p] */
    double robust_df;
    /* The same with the bias-reduced linearization of Bell & McCaffrey (Surv Methodol 2002;28:169; Pustejovsky &
     * Tipton, J Bus Econ Stat 2018;36:672), called CR2, and the degrees of freedom by Satterthwaite of each
     * coefficient. */
    double *cr2_se, *cr2_t, *cr2_df, *cr2_p, *cr2_lb, *cr2_ub; /* [p] */
} st_levels_fit;

/* study[k]: any numbers; arms with the same one belong to one study. ST_VALUE: k <= p, a variance that is not positive,
 * a number that is not finite, columns of x that depend on each other, another method, rho or level out of range.
 * ST_MEMORY. */
ST_API ST_MUST_CHECK st_status st_levels_fit_init(const st_meta_data *data, const uint32_t *study,
                                                  const st_levels_options *options, st_levels_fit *fit, st_error *err);
ST_API void st_levels_fit_fini(st_levels_fit *fit);

#endif
