/* The likelihood of a three-level meta-analysis.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_STATS_LEVELS_INTERNAL_H
#define STASIS_STATS_LEVELS_INTERNAL_H

#include <stasis/meta_levels.h>

/* Arms sorted by study, y less its fit by least squares; and room to work. Rows of z are x and then y: q = p + 1. The
 * columns of x are made orthonormal, so that moderators far from zero lose no digits: coefficients of the columns that
 * were given are `back` times those in here. */
typedef struct levels {
    size_t k, p, q, m;
    bool reml;
    double rho;
    double *z;     /* [k * q] */
    double *v;     /* [k] */
    double *root;  /* [k] of v */
    size_t *begin; /* [m + 1] of each study's arms */
    size_t widest; /* arms of the largest study */
    double *ols;   /* [p] coefficients that y is less of */
    double *back;  /* [p * p] R^-1 with X = Q R */
    double spread; /* what X leaves of the studies' own means: 0 where they lie in X */

    /* Of the last evaluation. */
    double *centred; /* [k * q] z less the mean of its study */
    double *solved;  /* [k * q] V^-1 z */
    double *one;     /* [k] A^-1 1, where V = A + sigma2[0] 11' */
    double *mean;    /* [m * q] of z in the study, weighted by A^-1 1 */
    double *gain;    /* [m] 1' V^-1 1 */
    double *b;       /* [p] on top of ols */
    double *vb;      /* [p * p] */
    double rss;      /* r' V^-1 r */
    double trace_p;  /* of P */

    double *cross;            /* [q * q] Z' V^-1 Z */
    double *cross_arm;        /* [p * p] X' V^-2 X */
    double *cross_study;      /* [p * p] sum over studies of X' V^-1 11' V^-1 X */
    double *factor, *product; /* [p * p], [q] */
    double *memory;
} levels;

ST_MUST_CHECK st_status levels_init(const st_meta_data *data, const uint32_t *study, const st_levels_options *options,
                                    levels *l, st_error *err);
void levels_fini(levels *l);

/* The (restricted) log likelihood and its derivatives; the coefficients stay in `l`. */
double levels_evaluate(levels *l, const double sigma2[2], double slope[2]);

/* a = L L' in its lower half; false where it is not positive definite. */
bool levels_cholesky(double *a, size_t n);
/* From L: the inverse of a. */
void levels_invert(const double *factor, size_t n, double *inverse);

/* The two sandwiches of the last evaluation into `fit`. */
ST_MUST_CHECK st_status levels_robust(const levels *l, const double sigma2[2], st_levels_fit *fit, st_error *err);

#endif
