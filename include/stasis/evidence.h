/* stasis/evidence.h - a published review as data: its tables cell by cell, pools made from them, an audit of its
 * figures.
 *
 * The review is that of Del Prete and others (2014), compiled in from data/evidence, or any other in a folder with
 * the same files (docs/evidence/tables.md).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_EVIDENCE_H
#define STASIS_EVIDENCE_H

#include <stasis/text.h>

/* ---- the tables ---------------------------------------------------------------- */

/* Name of the table and its file (NAME.csv), whether a folder must have it, what it holds. */
#define ST_EVIDENCE_TABLE_LIST(X)                                                                                      \
    X(STUDIES, "studies", true, "the series of the review")                                                            \
    X(OUTCOMES, "outcomes", true, "the cells of its tables of outcomes")                                               \
    X(CLAIMS, "claims", true, "what its text states, and how each is recomputed")                                      \
    X(NEWER, "newer", false, "studies outside the review, with what was read of each")                                 \
    X(UNREAD, "unread", false, "studies known to exist and not read: no numbers")                                      \
    X(INDICATIONS, "indications", false, "its table of indications and contraindications")                             \
    X(REFERENCES, "references", false, "its reference numbers in tables and text")                                     \
    X(POOLS, "pools", false, "how pools are made from the tables")                                                     \
    X(RULES, "rules", false, "its rules of eligibility, as `stasis check` evaluates them")

typedef enum {
#define ST_EVIDENCE_ENUM(name, file, needed, text) ST_EVIDENCE_##name,
    ST_EVIDENCE_TABLE_LIST(ST_EVIDENCE_ENUM)
#undef ST_EVIDENCE_ENUM
        ST_EVIDENCE_TABLES
} st_evidence_table;

ST_API const char *st_evidence_table_name(st_evidence_table table);
ST_API const char *st_evidence_table_text(st_evidence_table table);

struct st_evidence_study;
struct st_evidence_cell;

typedef struct st_evidence {
    st_table table[ST_EVIDENCE_TABLES]; /* as read, every cell as text; no rows where a folder lacks the file */
    struct st_evidence_study *study;    /* [n_studies] */
    struct st_evidence_cell *cell;      /* [n_cells] of the outcomes */
    size_t n_studies, n_cells;
    bool compiled_in; /* the review that the program carries, not a folder's */
} st_evidence;

/* Reads the tables compiled in or, unless it is NULL, those of `folder`; where that has no pools.csv, the definitions
 * compiled in. ST_IO: a file that is needed is not there. ST_FORMAT: malformed, or a column is missing. ST_VALUE, with
 * file and line: a study that is not listed or listed twice, a count above its denominator or not whole, a percentage
 * beyond 0 to 100, a word that is none of its column's. */
ST_API ST_MUST_CHECK st_status st_evidence_init(st_evidence *evidence, const char *folder, st_error *err);
ST_API void st_evidence_fini(st_evidence *evidence);

/* ---- pools ------------------------------------------------------------------------ */

typedef enum {
    ST_POOL_ONE,    /* events of one arm: x of n */
    ST_POOL_TWO,    /* two arms of a study: x of n against x2 of n2 */
    ST_POOL_MEDIAN, /* median survival */
} st_pool_shape;

typedef struct st_pool_row {
    const char *label, *study;         /* "Gupta 2003 PNEN", "Gupta" */
    const char *arm, *modality, *type; /* as the table has them; type is carcinoid, PNEN or mixed */
    const char *unit;                  /* patients, procedures or unclear */
    double x, n, x2, n2;               /* NaN where the table has none */
    double months;                     /* median, NaN unless the shape is ST_POOL_MEDIAN */
    bool included;
    const char *note; /* why it is out, or what to know; "" */
} st_pool_row;

/* All texts live as long as the pool and its evidence. */
typedef struct st_pool {
    const char *name, *title;
    const char *measure;   /* as `stasis evidence pool` takes it: PLO, OR; "median" */
    const char *outcome;   /* of the table, separated by | */
    const char *source;    /* "review" or "newer" */
    const char *unit;      /* of its denominators; "mixed" */
    const char *certainty; /* in words */
    const char *note;
    const char *group[2]; /* names of the two arms; "" unless the shape is ST_POOL_TWO */
    st_pool_shape shape;
    st_pool_row *row; /* [n] in the order of the table */
    size_t n, n_included;
    st_arena arena;
} st_pool;

/* How many pools are defined, and the name of each. */
ST_API size_t st_evidence_pools(const st_evidence *evidence);
ST_API const char *st_evidence_pool_name(const st_evidence *evidence, size_t i);
/* Makes a pool from the cells by the rules of its row in pools.csv. ST_VALUE with the nearest name for an unknown one,
 * and with line for a definition that makes no sense. */
ST_API ST_MUST_CHECK st_status st_pool_init(const st_evidence *evidence, const char *name, st_pool *pool,
                                            st_error *err);
ST_API void st_pool_fini(st_pool *pool);
/* The rows that are included, with the columns that `stasis evidence pool` reads: label, study, xi, ni, or ai, bi, ci,
 * di, or months, ni; then arm, modality, type, unit, note. */
ST_API void st_pool_put_csv(const st_pool *pool, FILE *stream);
/* All of it, rows that are out included; NULL when memory is out. */
ST_API json_t *st_pool_json(const st_pool *pool);

/* ---- percentages -------------------------------------------------------------------- */

typedef enum { ST_ROUND_HALF_UP, ST_ROUND_DOWN, ST_ROUND_UP, ST_ROUNDINGS } st_rounding;
ST_API const char *st_rounding_name(st_rounding rounding); /* "half up", "truncation", "ceiling" */

/* 100 x / n in units of the last of `decimals` (0 to 4) places, rounded in whole numbers: 2 of 3 with one decimal is
 * 667. x and n up to 1e9, n not 0. */
ST_API uint64_t st_percent_scaled(uint64_t x, uint64_t n, int decimals, st_rounding rounding);

/* Whether a count of n (0 to n) prints as `scaled`, and the smallest and largest that do: the test of granularity of
 * Brown and Heathers (2017, Soc Psychol Personal Sci 8:363), for proportions. */
ST_API bool st_percent_feasible(uint64_t scaled, uint64_t n, int decimals, st_rounding rounding, uint64_t *first,
                                uint64_t *last);

/* ---- which change would give a figure --------------------------------------------------- */

typedef enum { ST_CHANGE_LEFT_OUT, ST_CHANGE_TWICE, ST_CHANGE_REPLACED } st_change_kind;

typedef struct st_change {
    st_change_kind kind;
    size_t item;  /* index into the values */
    double value; /* what takes its place, for ST_CHANGE_REPLACED */
} st_change;

/* Another value that an item might have been counted with. */
typedef struct st_alternative {
    size_t item;
    double value;
} st_alternative;

/* Every single change after which the sum of value[k] is `target`: an item left out, counted twice, or replaced by one
 * of its alternatives (each value once). Returns how many there are; the first `room` are in `change`. */
ST_API size_t st_changes_of_sum(const double *value, size_t k, const st_alternative *alternative, size_t n_alternatives,
                                double target, st_change *change, size_t room);

/* ---- the audit --------------------------------------------------------------------------- */

#define ST_VERDICT_LIST(X)                                                                                             \
    X(REPRODUCES, "reproduces", "follows from the tables")                                                             \
    X(ROUNDS, "rounds", "follows by truncation or by rounding up alone")                                               \
    X(DOES_NOT_REPRODUCE, "does_not_reproduce", "the arithmetic gives another figure")                                 \
    X(CONTRADICTS_TABLE, "contradicts_table", "a cell of the tables says otherwise")                                   \
    X(NOT_RECOMPUTABLE, "not_recomputable", "the tables do not hold what it takes")

typedef enum {
#define ST_AUDIT_ENUM(name, word, text) ST_AUDIT_##name,
    ST_VERDICT_LIST(ST_AUDIT_ENUM)
#undef ST_AUDIT_ENUM
        ST_AUDIT_VERDICTS
} st_audit_verdict;
ST_API const char *st_audit_verdict_name(st_audit_verdict verdict); /* "does_not_reproduce" */
ST_API const char *st_audit_verdict_text(st_audit_verdict verdict);

typedef enum {
    ST_AUDIT_CLAIM,      /* of claims.csv */
    ST_AUDIT_PERCENTAGE, /* a printed percentage of a table */
    ST_AUDIT_CATEGORIES, /* the categories of a cell against its patients */
    ST_AUDIT_REFERENCE,  /* a reference number */
    ST_AUDIT_KINDS
} st_audit_kind;
ST_API const char *st_audit_kind_name(st_audit_kind kind);

/* What would give the printed figure: "Fiore 2014 TACE left out", "of 21". */
typedef struct st_audit_way {
    const char *text;
    double value; /* what the figure becomes */
} st_audit_way;

typedef struct st_audit_row {
    st_audit_kind kind;
    st_audit_verdict verdict;
    bool added;        /* a claim of ours that the list did not have */
    const char *topic; /* of a claim: "safety"; else "" */
    const char *claim, *where, *printed, *recomputed, *arithmetic, *note;
    const char *rounding; /* rule under which a percentage reproduces, or "" */
    st_audit_way *way;    /* [n_ways] */
    size_t n_ways;
} st_audit_row;

typedef struct st_audit {
    st_audit_row *row;
    size_t n;
    size_t count[ST_AUDIT_KINDS][ST_AUDIT_VERDICTS];
    st_arena arena;
} st_audit;

/* Claims first, in the order of their file, then percentages and categories table by table, then references. ST_VALUE
 * with line: a claim whose operation or series makes no sense. */
ST_API ST_MUST_CHECK st_status st_audit_init(const st_evidence *evidence, st_audit *audit, st_error *err);
ST_API void st_audit_fini(st_audit *audit);
/* An array with one object a row; NULL when memory is out. */
ST_API json_t *st_audit_json(const st_audit *audit);

#endif
