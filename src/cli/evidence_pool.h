/* stasis evidence pool: the pool, and the parts of its answer. Read the file (evidence_pool_read.c), estimates, fit
 * (evidence_pool.c); then each part adds members to the JSON or lines to the text, whichever is wanted.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_CLI_EVIDENCE_POOL_H
#define STASIS_CLI_EVIDENCE_POOL_H

#include <jansson.h>
#include <stasis/frame.h>
#include <stasis/meta_bayes.h>

typedef struct pool_options {
    const char *file, *measure, *method, *test, *mods, *subgroup, *label, *to;
    const char *levels, *prior_mu, *prior_tau;
    double add; /* < 0: not given */
    double level, rho;
    int64_t bootstrap, seed;
    const char *model; /* of GLMM */
    int64_t points;    /* of its quadrature */
    bool drop00, skip_missing, no_continuity, bayes, json;
    const char *cumulative, *forest, *funnel, *baujat, *labbe;
    bool influence, bias;
} pool_options;

/* A term of --mods. */
enum { POOL_TERMS_MOST = 32 };
typedef struct pool_term {
    const st_frame_column *column;
    bool factor;
} pool_term;

/* What one run pools. Every array has k places, one a study that is pooled. */
typedef struct pool {
    const pool_options *options;
    st_measure measure;
    st_effect_options effects;
    st_meta_options model;
    st_frame frame;
    size_t n_values;
    const double *value[ST_MEASURE_COLUMNS_MOST]; /* in the order of st_measure_columns: counts, sizes, ... */
    const st_frame_column *label, *group, *order, *cluster; /* NULL: none */
    pool_term term[POOL_TERMS_MOST];
    size_t n_terms;
    size_t k, p;
    double *yi, *vi;
    double *x;                   /* [k * p]; NULL without moderators */
    double *estimates;           /* what yi and vi point to; NULL where they are columns of the frame */
    const char **coefficient;    /* [p] names */
    size_t missing, no_estimate; /* rows left out: a value missing or infinite; no estimate */
    st_meta_data data;
    st_meta_fit fit;
    st_meta_limits limits;
    st_arena arena; /* of names */
} pool;

/* One of the two is NULL. */
typedef struct pool_answer {
    json_t *root;
    FILE *text;
} pool_answer;

/* Adds what it has to the answer; nothing where its option was not given. */
typedef st_status pool_part(const pool *pool, const pool_answer *answer, st_error *err);
pool_part pool_model, pool_studies, pool_subgroups, pool_bootstrap, pool_by_levels, pool_by_bayes, pool_influence,
    pool_cumulative, pool_bias, pool_figures;
/* Of MH, PETO and GLMM all of the answer. */
pool_part pool_counts;

/* What --prior-mu and --prior-tau say; ST_USAGE also for options that do not go together. */
ST_MUST_CHECK st_status pool_prior(const pool *pool, st_bayes_prior *prior, st_error *err);

/* Rows with every value that the options need, estimates and model matrix. Refuses what cannot be so by line and
 * column. Free with pool_fini, also when it fails. */
ST_MUST_CHECK st_status pool_read(pool *pool, st_error *err);
void pool_fini(pool *pool);
/* x and the names of its columns; called by pool_read. */
ST_MUST_CHECK st_status pool_matrix(pool *pool, st_error *err);

/* The levels of a factor that occur among the pooled: by their value where all are numbers, else by their bytes. Free
 * with free(). */
typedef struct pool_level {
    const char *name;
    uint32_t index; /* as in column->level */
} pool_level;
ST_MUST_CHECK st_status pool_levels(const pool *pool, const st_frame_column *column, pool_level **levels, size_t *n,
                                    st_error *err);

/* A model for each level of --subgroup, each with its own tau2. */
typedef struct pool_groups {
    pool_level *level; /* [n] */
    size_t n;
    st_meta_fit *fit; /* [n] */
    double QM, QMp;   /* between levels; NaN where there is one, or one without a standard error */
} pool_groups;
ST_MUST_CHECK st_status pool_groups_init(const pool *pool, pool_groups *groups, st_error *err);
void pool_groups_fini(pool_groups *groups);

/* "Smith 2003", or its number where there is no column of labels. */
const char *pool_label(const pool *pool, size_t study, char *buffer, size_t size);

/* The harmonic mean of ni, where PFT goes back from, of all studies or of those of one level of the subgroups; NaN for
 * other measures. */
double pool_harmonic_n(const pool *pool, const pool_level *level);

/* The members of a fit: k, b, se, ... pi_ub, and estimate, estimate_lb, ... on the scale of the reader, for studies of
 * that harmonic mean. */
json_t *pool_fit_json(const pool *pool, const st_meta_fit *fit, double harmonic_n);

/* Whether the pictures that are asked for can be drawn of this measure and model. */
ST_MUST_CHECK st_status pool_figures_check(const pool *pool, st_error *err);

/* "p = 0.012" or "p < 0.0001". */
const char *pool_p(double p, char *buffer, size_t size);

#endif
