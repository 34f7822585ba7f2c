/* What the files of meta-analysis share: quadratic forms of the projection P at a given tau2.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef STASIS_STATS_META_INTERNAL_H
#define STASIS_STATS_META_INTERNAL_H

#include <stasis/meta.h>

/* A model while it is fitted. y is taken from `centre`, which takes from large estimates nothing that counts. */
typedef struct meta_work {
    size_t k, p;
    const double *yi, *vi, *x;
    bool scalar;      /* intercept alone: no matrix */
    bool intercept;   /* the first column of x is 1 */
    double centre;    /* mean of y with an intercept, else 0 */
    double *mean;     /* [p] of the columns of x but the first with an intercept, else 0; b is moved back in the end */
    double *u;        /* [p][k] orthonormal columns of sqrt(W) (X - mean) */
    double *r;        /* [p][p] upper triangle with sqrt(W) X = U R */
    double *uz;       /* [p] U' sqrt(W) y */
    double *gram;     /* [p][p] U' W U */
    double *residual; /* [k] sqrt(w) (y - X b) */
} meta_work;

/* With W = diag(1 / (v + t)). */
typedef struct meta_moments {
    double q;   /* y'Py */
    double pp;  /* y'PPy */
    double ppp; /* y'PPPy */
    double s1, s2;
    double trp, trpp;
} meta_moments;

/* Checks the data; takes memory only where there are moderators. */
ST_MUST_CHECK st_status meta_work_init(const st_meta_data *data, meta_work *work, st_error *err);
/* The options suit the data. */
ST_MUST_CHECK st_status meta_check_options(const st_meta_data *data, const st_meta_options *options, st_error *err);
void meta_work_fini(meta_work *work);

void meta_moments_at(meta_work *work, double t, meta_moments *m);
/* P = I - X (X'X)^-1 X': y'Py, tr PV, tr PVPV. */
void meta_moments_plain(meta_work *work, double *rss, double *trpv, double *trpvpv);

/* Of the parts of the log-likelihood that change with t: sum of log(v + t) and log det X'WX. */
void meta_log_terms(meta_work *work, double t, double *sum_log, double *log_det);
double meta_log_det_plain(meta_work *work); /* log det X'X */

/* b [p], covariance [p * p] and the square length of what the last `tested` coefficients explain. */
void meta_coefficients(meta_work *work, double t, size_t tested, double *b, double *vb, double *qm);

/* tau2 by the method and its standard error. */
void meta_tau2(meta_work *work, st_method method, double *tau2, double *se);
/* The t at which y'Py = target; 0 where it is less even at 0. */
double meta_tau2_of_q(meta_work *work, double target);

#endif
