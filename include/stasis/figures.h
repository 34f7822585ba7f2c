/* stasis/figures.h - pictures of evidence: forest, funnel, Baujat, L'Abbe, Kaplan and Meier.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_FIGURES_H
#define STASIS_FIGURES_H

#include <stasis/base.h>

/* How the numbers of an axis are shown: as they are; e to the x (log odds ratios); logistic in percent; a proportion in
 * percent. */
typedef enum { ST_SCALE_PLAIN, ST_SCALE_EXP, ST_SCALE_LOGISTIC, ST_SCALE_PERCENT } st_axis_scale;

/* A study in a forest plot. Values on the scale of the model. */
typedef struct st_forest_row {
    const char *label;
    const char *counts; /* "16/22", shown in a column of its own; NULL: none */
    double estimate, lower, upper;
    double weight;  /* percent of its pool */
    uint32_t group; /* index into `groups`; 0 where there are none */
} st_forest_row;

/* A pooled estimate: a diamond. */
typedef struct st_forest_pool {
    const char *label; /* "Random effects (REML, Hartung-Knapp)" */
    const char *note;  /* "tau2 = 0.61, I2 = 82 %, Q(11) = 60.3, p < 0.001"; NULL: none */
    double estimate, lower, upper;
    double predict_lower, predict_upper; /* NaN: none */
} st_forest_pool;

typedef struct st_forest {
    const char *title;          /* NULL: none */
    const char *estimate_label; /* "Objective response, %" */
    const char *counts_label;   /* "events / n" */
    st_axis_scale scale;
    double reference;                     /* vertical line on the scale of the model (0 for log ratios); NaN: none */
    const char *left_label, *right_label; /* what lies on either side of it; NULL: none */
    const st_forest_row *rows;
    size_t n_rows;
    const char *const *groups;         /* names, in order; NULL: no groups */
    const st_forest_pool *group_pools; /* [n_groups] */
    size_t n_groups;
    const char *groups_note;    /* "test between groups: Q(1) = 3.4, p = 0.07" */
    const st_forest_pool *pool; /* over all; NULL: none */
    double level;               /* of the intervals; 0: 0.95 */
} st_forest;

/* Writes .svg, .pdf or .png by the ending of `path` (ST_USAGE for another). Atomic. */
ST_API ST_MUST_CHECK st_status st_figure_forest(const char *path, const st_forest *forest, st_error *err);

typedef struct st_funnel {
    const char *title, *estimate_label;
    st_axis_scale scale;
    const double *estimate, *se; /* [n] */
    size_t n;
    double centre;    /* pooled estimate */
    double reference; /* centre of the contours of significance (0 for log ratios); NaN: around the pool */
    const double *filled_estimate, *filled_se; /* [n_filled] studies that trim and fill adds */
    size_t n_filled;
} st_funnel;
ST_API ST_MUST_CHECK st_status st_figure_funnel(const char *path, const st_funnel *funnel, st_error *err);

/* x: contribution to Q; y: influence on the pooled estimate. */
typedef struct st_baujat {
    const char *title;
    const char *const *label;
    const double *x, *y; /* [n] */
    size_t n;
} st_baujat;
ST_API ST_MUST_CHECK st_status st_figure_baujat(const char *path, const st_baujat *baujat, st_error *err);

/* Proportions of two arms against each other. */
typedef struct st_labbe {
    const char *title, *x_label, *y_label;
    const char *const *label;
    const double *x, *y;  /* [n] proportions, 0 to 1 */
    const double *weight; /* [n] sets the areas */
    size_t n;
    st_axis_scale effect_scale; /* ST_SCALE_EXP: */
    double log_odds_ratio;      /* line of the pooled effect; NaN: none */
} st_labbe;
ST_API ST_MUST_CHECK st_status st_figure_labbe(const char *path, const st_labbe *labbe, st_error *err);

typedef struct st_survival_line {
    const char *name;
    const double *time, *survival, *lower, *upper; /* [n] steps; lower, upper may be NULL */
    size_t n;
    const double *censored_at; /* [n_censored] ticks; may be NULL */
    size_t n_censored;
    const double *event_or_censored_at; /* [n_subjects] ascending: for the numbers at risk */
    size_t n_subjects;
} st_survival_line;

typedef struct st_survival_figure {
    const char *title, *x_label, *y_label;
    const char *note; /* "log-rank chi2(1) = 10.3, p = 0.001" */
    const st_survival_line *lines;
    size_t n_lines;
    bool rising; /* cumulative incidence rather than survival */
} st_survival_figure;
ST_API ST_MUST_CHECK st_status st_figure_survival(const char *path, const st_survival_figure *figure, st_error *err);

#endif
