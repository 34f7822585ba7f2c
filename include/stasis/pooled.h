/* stasis/pooled.h - the pools of a review, pooled: one headline model, others beside it, and what each rests on.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_POOLED_H
#define STASIS_POOLED_H

#include <stasis/evidence.h>
#include <stasis/meta.h>
#include <stasis/meta_checks.h>
#include <stasis/meta_levels.h>
#include <stasis/meta_medians.h>

/* An estimate on the scale of the reader: a proportion (0 to 1), an odds ratio, months. NaN: this way does not apply.
 */
typedef struct st_pooled_way {
    const char *name; /* "REML, Knapp and Hartung" */
    double estimate, lb, ub;
    double tau2;
    const char *note; /* why it does not apply, or "" */
} st_pooled_way;

#define ST_POOLED_WAYS_MOST 9

/* Rows of one kind within a pool. */
typedef struct st_pooled_group {
    const char *name;
    size_t k;
    st_meta_fit fit; /* REML, Knapp and Hartung; k = 1: the study itself */
} st_pooled_group;

#define ST_POOLED_GROUPS_MOST 8

/* Do groups differ? Each has its own tau2; Q = sum of w (b - mean)^2 with w = 1/se^2, se of the group's own fit,
 * chi-square of groups - 1 degrees of freedom (Borenstein and others, Introduction to Meta-Analysis, 2009, chapter 19).
 */
typedef struct st_pooled_groups {
    st_pooled_group group[ST_POOLED_GROUPS_MOST];
    size_t n;
    uint32_t *of; /* [k] group of each row */
    double Q, p;
} st_pooled_groups;

typedef enum { ST_BY_TYPE, ST_BY_MODALITY } st_pooled_key;

/* One pool, pooled. The headline is REML with Knapp and Hartung's limits; its prediction interval is where a new series
 * would lie. */
typedef struct st_pooled {
    const st_pool *pool;
    st_measure measure;
    size_t k, studies; /* rows with an estimate; different series among them */
    size_t *row;       /* [k] of the pool */
    double *yi, *vi;   /* [k] on the scale of the model */
    double *column[4]; /* [k] counts as st_effects_compute takes them */
    double events, n;  /* sums of the first arm: what adding up would give */
    double harmonic_n; /* harmonic mean of n */
    st_meta_fit fit;
    double normal_lb, normal_ub; /* of the same fit without Knapp and Hartung's factor, on the scale of the model */
    st_meta_limits limits;
    st_pooled_way way[ST_POOLED_WAYS_MOST];
    size_t n_ways;
    size_t lowest, highest; /* places in row[] whose leaving out gives the lowest and the highest pool */
    double without_lowest, without_highest;
    st_asymmetry egger;   /* all NaN below ST_ASYMMETRY_STUDIES_LEAST rows */
    st_levels_fit levels; /* arms within series; k is 0 where every series has one arm */
} st_pooled;

/* Pools the included rows of a pool of PLO or OR (ST_VALUE for another). k is 0, and nothing else is set, where no row
 * is left. ST_VALUE, ST_NUMERIC, ST_MEMORY as the models have them. */
ST_API ST_MUST_CHECK st_status st_pooled_init(const st_pool *pool, st_pooled *pooled, st_error *err);
ST_API void st_pooled_fini(st_pooled *pooled);

/* By type of tumour or modality; rows keep the pool's own words. */
ST_API ST_MUST_CHECK st_status st_pooled_groups_init(const st_pooled *pooled, st_pooled_key key,
                                                     st_pooled_groups *groups, st_error *err);
ST_API void st_pooled_groups_fini(st_pooled_groups *groups);

/* Median survival by every method of meta_medians.h. */
typedef struct st_pooled_medians {
    const st_pool *pool;
    size_t k;
    size_t *row;
    st_medians_order order;
    st_medians_fit exponential;
    st_pooled_way way[ST_POOLED_WAYS_MOST];
    size_t n_ways;
} st_pooled_medians;
ST_API ST_MUST_CHECK st_status st_pooled_medians_init(const st_pool *pool, st_pooled_medians *pooled, st_error *err);
ST_API void st_pooled_medians_fini(st_pooled_medians *pooled);

#endif
