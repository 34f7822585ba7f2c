/* Posterior of tau, and mixtures of normals over it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_STATS_BAYES_INTERNAL_H
#define STASIS_STATS_BAYES_INTERNAL_H

#include <stasis/meta_bayes.h>

#define GAUSS 16

/* The posterior of tau on panels of GAUSS points. */
typedef struct tau_grid {
    const st_meta_data *data;
    const st_bayes_prior *prior;
    double peak;   /* highest log density (prior times likelihood) */
    double mode;   /* where */
    double *edge;  /* [panels + 1] */
    double *below; /* [panels + 1] probability below an edge */
    size_t panels, room;
    double *tau;       /* [panels * GAUSS] */
    double *weight;    /* [panels * GAUSS] probability; sums to 1 */
    double *mean, *sd; /* [panels * GAUSS] of mu given tau */
    double log_total;  /* log of the integral of prior times likelihood */
} tau_grid;

ST_MUST_CHECK st_status tau_grid_init(const st_meta_data *data, const st_bayes_prior *prior, tau_grid *grid,
                                      st_error *err);
/* Every panel in two. */
ST_MUST_CHECK st_status tau_grid_halve(tau_grid *grid, st_error *err);
void tau_grid_fini(tau_grid *grid);

/* Log of prior times likelihood; mean and sd of mu given tau. */
double tau_log_density(const st_meta_data *data, const st_bayes_prior *prior, double tau, double *mean, double *sd,
                       double *slope);
/* Log likelihood of tau alone, mu integrated out. */
double tau_log_likelihood(const st_meta_data *data, const st_bayes_prior *prior, double tau);
/* Posterior density, and quantile. */
double tau_density(const void *grid, double tau);
double tau_quantile(const void *grid, double probability);

/* Normals with weights. */
typedef struct mixture {
    size_t n;
    double *weight, *mean, *sd;
} mixture;
double mixture_density(const void *m, double x);
double mixture_quantile(const void *m, double probability);

/* The shortest interval of content `level`, of a distribution with `quantile` and `density`; `from` is the probability
 * below the least lower end to try: 0 where the distribution begins at a number. */
void shortest_interval(double (*quantile)(const void *, double), double (*density)(const void *, double),
                       const void *distribution, double level, double from, double *lb, double *ub);

#endif
