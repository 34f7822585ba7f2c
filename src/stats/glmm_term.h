/* What one arm of one study, or one study given its margins, says about its linear predictor.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_STATS_GLMM_TERM_H
#define STASIS_STATS_GLMM_TERM_H

#include <stasis/base.h>

/* NONE says nothing. All are concave in eta. */
typedef enum { TERM_NONE, TERM_BINOMIAL, TERM_POISSON, TERM_HYPERGEOMETRIC } term_family;

/* Which way its own best eta lies. */
typedef enum { TERM_LOWER, TERM_INSIDE, TERM_UPPER } term_side;

typedef struct term {
    term_family family;
    double x;        /* events */
    double n;        /* BINOMIAL: trials; POISSON: 1; HYPERGEOMETRIC: low .. n is the range of x */
    double offset;   /* is added to eta */
    double constant; /* the part of the log likelihood in which there is no eta */
    /* HYPERGEOMETRIC: of the value low + u, its log weight and the weight of the next value over its own. */
    double low;
    double *log_weight, *ratio;
} term;

/* Log likelihood without constant, its first derivative and minus its second. */
typedef struct jet {
    double value, slope, curvature;
} jet;

term term_binomial(double x, double n, double offset);
term term_poisson(double x, double time);
/* Events `a` of n1 in arm 1 given a + c in both; eta is the log odds ratio. ST_VALUE: more than 1e7 tables have these
 * margins. Free with term_fini. */
ST_MUST_CHECK st_status term_hypergeometric(double a, double n1, double c, double n2, term *t, st_error *err);
void term_fini(term *t);

jet term_jet(const term *t, double eta);
term_side term_own_side(const term *t);
/* Its own best eta, the curvature there, and the log likelihood with its constant; at a side eta is infinite, the
 * curvature zero and the log likelihood what it tends to. */
double term_best(const term *t, double *eta, double *curvature);

#endif
