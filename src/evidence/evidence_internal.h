/* What the files of this room share: the rows of the tables, selections of them, and texts that are put together.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_EVIDENCE_INTERNAL_H
#define STASIS_EVIDENCE_INTERNAL_H

#include <stasis/evidence.h>

typedef struct st_evidence_study {
    size_t row; /* of its table */
    const char *id, *year, *ref, *tae_unit, *tae_only, *overlaps;
    double patients, carcinoid, pnen, other;
    double tae, tace, procedures; /* as printed, NaN where not; tae_unit tells what the first two count */
} st_evidence_study;

typedef struct st_evidence_cell {
    size_t row, study; /* rows of the table; index of the study */
    const char *table, *arm, *modality, *outcome, *item, *category, *percent_text, *unit, *line, *confidence, *verbatim,
        *note;
    double numerator, denominator, percent, months, evaluable;
} st_evidence_cell;

/* ---- reading ------------------------------------------------------------------- */

/* A column that goes into a member of a record: a double, or a const char * that points into the table. */
typedef struct field {
    const char *name;
    bool number;
    size_t offset;
} field;
st_status fields_read(const st_table *table, const field *fields, size_t n, size_t row, void *record, st_error *err);

/* Fills evidence->study and evidence->cell, and refuses what cannot be (check.c). */
st_status evidence_records(st_evidence *evidence, st_error *err);
/* Index of a study, SIZE_MAX when there is none. */
size_t evidence_study(const st_evidence *evidence, const char *id);
/* The study's embolized patients: those counted as TAE and TACE where these count patients, else all. */
double study_treated(const st_evidence_study *study);
/* TAE and TACE procedures together: as printed, or the sum where they count procedures (or may); NaN else. */
double study_procedures(const st_evidence_study *study);
/* "carcinoid", "PNEN" or "mixed": of an arm, by its name or by what its study consists of. */
const char *study_type(const st_evidence_study *study, const char *arm);

/* Whether `word` stands in `list`, separated by '|'. */
bool listed(const char *list, const char *word);
/* Whether a table's row passes `filter`: "key=a|b;key!=c". A key is a column of the table or, for outcomes, of the
 * studies. An unknown key is ST_VALUE at the place given. */
typedef struct place {
    const char *file;
    size_t line;
} place;
st_status filter_row(const st_evidence *evidence, st_evidence_table table, size_t row, const char *filter, place at,
                     bool *passes, st_error *err);

/* ---- texts ----------------------------------------------------------------------- */

/* A text that grows; memory that is out is remembered and told once, at the end. */
typedef struct words {
    char *text;
    size_t length, capacity;
    bool failed;
} words;
ST_PRINTF(2, 3) void words_add(words *w, const char *format, ...);
/* A copy in the arena, "" when nothing was added; the builder is empty again. NULL with err when memory is out. */
const char *words_keep(words *w, st_arena *arena, st_error *err);
/* A word of a table without its underscores. */
void put_plain(words *w, const char *word);

/* ---- series: numbers that a claim is about ------------------------------------------ */

typedef struct series_item {
    const char *label, *study, *unit, *type;
    const char *outcome; /* of its cell, several separated by | */
    double value;
    double x, n, x2, n2; /* counts behind a percentage; NaN where there are none */
} series_item;

typedef struct series {
    series_item *item;
    size_t n;
    st_pool pool; /* when the series is one */
    bool is_pool;
} series;

/* "studies.n_patients", "outcomes.months[outcome=overall_survival]", "pool.objective-response[type=PNEN]". A percent of
 * outcomes is recomputed from the counts where there are some. Rows without a number are left out. */
st_status series_init(const st_evidence *evidence, const char *text, place at, series *s, st_arena *arena,
                      st_error *err);
void series_fini(series *s);

/* ---- the audit ------------------------------------------------------------------------ */

/* A row of claims.csv. */
typedef struct claim {
    size_t row;
    const char *claim, *where, *printed, *origin, *topic, *operation, *series_text, *series2_text, *basis, *low_text,
        *high_text, *note;
    double low, high, slack;
} claim;

/* A row of the audit while it is being made. */
typedef struct finding {
    words recomputed, arithmetic, note;
    st_audit_verdict verdict;
    const char *rounding;
    st_audit_way *way;
    size_t n_ways, room;
    st_arena *arena;
    bool failed;
} finding;
/* One more way to the printed figure; the first 12 are kept. */
ST_PRINTF(3, 4) void finding_way(finding *f, double value, const char *format, ...);
/* The row that it became; what it held is freed. */
st_status finding_keep(finding *f, st_audit_row *row, st_error *err);
/* Sentences of a note are separated. */
ST_PRINTF(2, 3) void finding_note(finding *f, const char *format, ...);

/* The rounding under which `value` prints as `target` with so many decimals; ST_ROUNDINGS when none does. */
st_rounding rounding_of(double value, double target, int decimals);
/* The same for a count of n, in whole numbers. */
st_rounding rounding_of_count(double x, double n, double target, int decimals);
int decimals_of(const char *number);
/* Verdict of a figure that is reached by that rounding. */
st_audit_verdict verdict_of(st_rounding rounding, st_audit_verdict otherwise);

st_status audit_claim(const st_evidence *evidence, const claim *c, place at, finding *f, st_error *err);
/* Operations on one series, and on two (audit_compare.c). `ran` is false for a name that is none of them. */
st_status audit_numbers(const claim *c, const series *s, const series *s2, const st_evidence *evidence, finding *f,
                        bool *ran);
void audit_compare(const claim *c, const series *s, const series *s2, const st_evidence *evidence, finding *f,
                   bool *ran);
void audit_average(const claim *c, const series *s, finding *f);
void audit_range(const claim *c, const series *s, const st_evidence *evidence, finding *f);

/* Rows of the other kinds, appended to the audit, whose rows have room for them. */
st_status audit_cells(const st_evidence *evidence, st_audit *audit, st_error *err);
st_status audit_references(const st_evidence *evidence, st_audit *audit, st_error *err);
/* At most this many rows. */
size_t audit_cells_most(const st_evidence *evidence);

#endif
