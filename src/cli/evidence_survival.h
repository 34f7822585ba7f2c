/* stasis evidence survival: what is asked, what was read, what was found.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_CLI_EVIDENCE_SURVIVAL_H
#define STASIS_CLI_EVIDENCE_SURVIVAL_H

#include <stasis/frame.h>
#include <stasis/survival.h>

typedef struct survival_question {
    const char *file, *time, *start, *status, *group, *strata, *cox, *ties, *limits, *zph, *figure;
    double level; /* of limits, percent */
    double rmean; /* below 0: up to the largest time */
    double rho;
    bool competing, skip_missing, json;
} survival_question;

/* Levels of a column that occur, in order: by number where all are numbers, else by bytes. */
typedef struct survival_levels {
    uint32_t n;
    const char **name; /* [n] */
    uint32_t *level;   /* [rows] */
} survival_levels;

/* One term of the Cox model and its columns. */
typedef struct survival_term {
    char *name;   /* as given: "age", "factor(site)" */
    char *column; /* "site" */
    bool factor;
    survival_levels levels; /* of a factor */
    size_t first, n;        /* columns */
} survival_term;

typedef struct survival_input {
    st_frame frame;
    size_t skipped; /* rows with a missing value */
    st_survival_data data;
    uint32_t *status;              /* [rows] 0, or 1 .. causes */
    uint32_t causes, *code;        /* [causes] as the file has them */
    survival_levels group, strata; /* n 0: not asked */
    survival_term *term;
    size_t terms, p;
    const double **x; /* [p] */
    char **x_name;    /* [p] "age", "factor(site)2" */
    size_t *x_term;   /* [p] */
    double **made;    /* [p] columns of factors, owned; NULL else */
    st_arena arena;   /* names */
} survival_input;

/* Columns read, checked row by row, levels in order. Errors name line and column. */
ST_MUST_CHECK st_status survival_input_read(const survival_question *q, survival_input *input, st_error *err);
void survival_input_fini(survival_input *input);
/* The levels of a factor among the rows; factor columns of the terms. */
ST_MUST_CHECK st_status survival_levels_init(const st_frame *frame, const st_frame_column *column,
                                             survival_levels *levels, st_arena *arena, st_error *err);
void survival_levels_fini(survival_levels *levels);
/* "age,factor(site)" into the terms of `input`. */
ST_MUST_CHECK st_status survival_terms_parse(const char *text, survival_input *input, st_error *err);
/* Their columns, once the rows are read; column[i] is that of term i. */
ST_MUST_CHECK st_status survival_terms_expand(survival_input *input, const st_frame_column *column, st_error *err);

enum { SURVIVAL_NOTES = 64 };

typedef struct survival_answer {
    st_survival survival;
    st_survival_parts all, groups, strata;
    double upto;                       /* of restricted means */
    st_survival_curve overall, *curve; /* [groups] */
    st_logrank logrank;                /* groups 0: none */
    st_cox cox;                        /* p 0: none */
    st_zph zph;                        /* terms 0: none */
    st_incidence incidence, *of_group; /* causes 0: none */
    char note[SURVIVAL_NOTES][320];
    size_t notes;
} survival_answer;

ST_MUST_CHECK st_status survival_print_json(const survival_question *q, const survival_input *input,
                                            const survival_answer *answer, st_error *err);
/* Curves, or the incidence of causes that compete, into q->figure. */
ST_MUST_CHECK st_status survival_draw(const survival_question *q, const survival_input *input,
                                      const survival_answer *answer, st_error *err);
void survival_print_text(const survival_question *q, const survival_input *input, const survival_answer *answer);

#endif
