/* stasis/figures.h - pictures of evidence: forest, funnel, Baujat, L'Abbe, Kaplan and Meier.
 *
 * Arrays in, a file out. Each function writes .svg, .pdf or .png by the ending of `path` (ST_USAGE for another), 180 mm
 * wide and as high as the content; a PNG has 300 pixels to the inch. The file appears whole or not at all (ST_IO), and
 * the same input gives the same bytes with the same fonts and cairo. Values lie on the scale of the model: logits, log
 * ratios. Texts are UTF-8; longer labels than 50 characters end in an ellipsis; NULL is no text. ST_VALUE: there is
 * nothing to draw, or numbers contradict each other.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_FIGURES_H
#define STASIS_FIGURES_H

#include <stasis/base.h>

/* How the numbers of an axis are shown: as they are; e to the x (log odds ratios); logistic in percent; a proportion in
 * percent. */
typedef enum { ST_SCALE_PLAIN, ST_SCALE_EXP, ST_SCALE_LOGISTIC, ST_SCALE_PERCENT } st_axis_scale;

/* A study in a forest plot. Where an estimate or a limit is NaN, the line says "not estimable". A limit may be
 * infinite. */
typedef struct st_forest_row {
    const char *label;
    const char *counts; /* "16/22", in a column of its own, strokes in line; NULL: none */
    double estimate, lower, upper;
    double weight;  /* percent of its pool: sets the area of the square; NaN: not known */
    uint32_t group; /* index into `groups`; 0 where there are none */
} st_forest_row;

/* A pooled estimate: a diamond, its prediction interval a bar below. Statistics in notes are typeset: write "tau2",
 * "I2", "chi2", "Q(11)", "p <= 0.05", "-0.61", "0.40-0.80", "82 %". */
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
    double reference;                     /* vertical line (0 for log ratios); NaN: none */
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

/* At most 800 studies. The axis shows all estimates, pools and the reference; intervals that reach far beyond end in
 * arrows. A logistic scale shows percents evenly spaced, a ratio scale logarithms. */
ST_API ST_MUST_CHECK st_status st_figure_forest(const char *path, const st_forest *forest, st_error *err);

/* Standard errors downwards (Sterne and Egger, J Clin Epidemiol 2001;54:1046), the 95 % limits around the pool, and,
 * where a reference is given, contours of two-sided p = 0.1, 0.05 and 0.01 of the test against it (Peters and others, J
 * Clin Epidemiol 2008;61:991). Studies without a finite estimate and standard error are left out, and counted in the
 * picture. */
typedef struct st_funnel {
    const char *title, *estimate_label;
    st_axis_scale scale;
    const double *estimate, *se; /* [n] */
    size_t n;
    double centre;    /* pooled estimate */
    double reference; /* centre of the contours of significance (0 for log ratios); NaN: no contours */
    const double *filled_estimate, *filled_se; /* [n_filled] studies that trim and fill adds */
    size_t n_filled;
} st_funnel;
ST_API ST_MUST_CHECK st_status st_figure_funnel(const char *path, const st_funnel *funnel, st_error *err);

/* x: contribution to Q; y: influence on the pooled estimate (Baujat and others, Stat Med 2002;21:2641). The studies
 * farthest from the corner are labelled, as many as have room. */
typedef struct st_baujat {
    const char *title;
    const char *const *label;
    const double *x, *y; /* [n] */
    size_t n;
} st_baujat;
ST_API ST_MUST_CHECK st_status st_figure_baujat(const char *path, const st_baujat *baujat, st_error *err);

/* Proportions of two arms against each other (L'Abbe, Detsky and O'Rourke, Ann Intern Med 1987;107:224), axes in
 * percent. */
typedef struct st_labbe {
    const char *title, *x_label, *y_label;
    const char *const *label;
    const double *x, *y;  /* [n] proportions, 0 to 1 */
    const double *weight; /* [n] sets the areas; NULL: all alike */
    size_t n;
    st_axis_scale
        effect_scale;      /* how the key writes the next: ST_SCALE_EXP as an odds ratio, ST_SCALE_PLAIN as its log */
    double log_odds_ratio; /* pooled, of y against x: odds(y) = e^this odds(x) along its line; NaN: none */
} st_labbe;
ST_API ST_MUST_CHECK st_status st_figure_labbe(const char *path, const st_labbe *labbe, st_error *err);

/* A step function from 1 (0 where it rises) at time 0 on, to the last time that is given. Times ascend from 0. */
typedef struct st_survival_line {
    const char *name;
    const double *time, *survival, *lower, *upper; /* [n] steps; limits may be NULL or NaN */
    size_t n;
    const double *censored_at; /* [n_censored] ticks; may be NULL */
    size_t n_censored;
    const double *event_or_censored_at; /* [n_subjects] ascending; at risk at t: those >= t */
    size_t n_subjects;
} st_survival_line;

/* At most 16 curves (Kaplan and Meier, J Am Stat Assoc 1958;53:457), limits as bands, ticks where somebody is censored,
 * lines down from the medians, numbers at risk below the ticks (where subjects are given). Axes in percent; in steps of
 * months that make years where the label of x speaks of months. */
typedef struct st_survival_figure {
    const char *title, *x_label, *y_label;
    const char *note; /* "log-rank chi2(1) = 10.3, p = 0.001" */
    const st_survival_line *lines;
    size_t n_lines;
    bool rising; /* cumulative incidence rather than survival */
} st_survival_figure;
ST_API ST_MUST_CHECK st_status st_figure_survival(const char *path, const st_survival_figure *figure, st_error *err);

#endif
