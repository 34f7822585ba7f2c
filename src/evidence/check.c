/* Rows of the tables as records, and what is refused in them.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_internal.h"

#include <math.h>
#include <string.h>

#define STUDY(name, number, member)                                                                                    \
    { name, number, offsetof(st_evidence_study, member) }
static const field study_fields[] = {STUDY("study_id", false, id),
                                     STUDY("year", false, year),
                                     STUDY("ref", false, ref),
                                     STUDY("tae_unit", false, tae_unit),
                                     STUDY("tae_only", false, tae_only),
                                     STUDY("overlaps", false, overlaps),
                                     STUDY("n_patients", true, patients),
                                     STUDY("n_carcinoid", true, carcinoid),
                                     STUDY("n_pnen", true, pnen),
                                     STUDY("n_other", true, other),
                                     STUDY("tae", true, tae),
                                     STUDY("tace", true, tace),
                                     STUDY("procedures", true, procedures)};

#define CELL(name, number, member)                                                                                     \
    { name, number, offsetof(st_evidence_cell, member) }
static const field cell_fields[] = {CELL("table", false, table),
                                    CELL("arm", false, arm),
                                    CELL("modality", false, modality),
                                    CELL("outcome", false, outcome),
                                    CELL("item", false, item),
                                    CELL("category", false, category),
                                    CELL("percent", false, percent_text),
                                    CELL("unit", false, unit),
                                    CELL("line", false, line),
                                    CELL("confidence", false, confidence),
                                    CELL("verbatim", false, verbatim),
                                    CELL("note", false, note),
                                    CELL("numerator", true, numerator),
                                    CELL("denominator", true, denominator),
                                    CELL("percent", true, percent),
                                    CELL("months", true, months),
                                    CELL("evaluable", true, evaluable)};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Above this no count is meant, and products of counts stay whole. */
static const double COUNT_MOST = 1e9;

static st_status refuse(const st_table *table, size_t row, const char *column, st_error *err, const char *what) {
    const st_status status = st_fail_at(err, ST_VALUE, table->name, table->line[row], 0, "%s", what);
    if (err != NULL)
        snprintf(err->field, sizeof err->field, "%s", column);
    return status;
}

static st_status check_count(const st_table *table, size_t row, const char *column, double value, st_error *err) {
    if (isnan(value) || (value >= 0 && value <= COUNT_MOST && floor(value) == value))
        return ST_OK;
    return refuse(table, row, column, err, "is no count: a whole number from 0 to 1e9 is");
}

static st_status check_word(const st_table *table, size_t row, const char *column, const char *word, const char *words_,
                            st_error *err) {
    char what[256];
    if (listed(words_, word))
        return ST_OK;
    snprintf(what, sizeof what, "\"%.40s\" is none of %s", word, words_);
    return refuse(table, row, column, err, what);
}

static st_status check_study(const st_evidence *evidence, size_t i, st_error *err) {
    const st_evidence_study *study = &evidence->study[i];
    const st_table *table = &evidence->table[ST_EVIDENCE_STUDIES];
    const double counts[] = {study->patients, study->carcinoid, study->pnen,      study->other,
                             study->tae,      study->tace,      study->procedures};
    static const char *const names[] = {"n_patients", "n_carcinoid", "n_pnen", "n_other", "tae", "tace", "procedures"};
    st_status status = ST_OK;
    for (size_t k = 0; k < COUNT(counts) && status == ST_OK; k++)
        status = check_count(table, i, names[k], counts[k], err);
    if (status == ST_OK && study->id[0] == 0)
        status = refuse(table, i, "study_id", err, "is empty; a study needs a name");
    if (status == ST_OK && evidence_study(evidence, study->id) != i)
        status = refuse(table, i, "study_id", err, "the study is listed twice");
    if (status == ST_OK && !(study->patients > 0))
        status = refuse(table, i, "n_patients", err, "is not above 0");
    if (status == ST_OK && study->carcinoid + study->pnen + study->other > study->patients)
        status = refuse(table, i, "n_patients", err, "is less than carcinoids, PNENs and others together");
    if (status == ST_OK)
        status = check_word(table, i, "tae_unit", study->tae_unit, "patients|procedures|unclear", err);
    if (status == ST_OK)
        status = check_word(table, i, "tae_only", study->tae_only, "yes|no", err);
    return status;
}

static st_status check_cell(const st_evidence *evidence, const st_evidence_cell *cell, st_error *err) {
    const st_table *table = &evidence->table[ST_EVIDENCE_OUTCOMES];
    const double counts[] = {cell->numerator, cell->denominator, cell->evaluable};
    static const char *const names[] = {"numerator", "denominator", "evaluable"};
    st_status status = ST_OK;
    for (size_t k = 0; k < COUNT(counts) && status == ST_OK; k++)
        status = check_count(table, cell->row, names[k], counts[k], err);
    if (status == ST_OK && cell->numerator > cell->denominator)
        status = refuse(table, cell->row, "numerator", err, "is above its denominator");
    if (status == ST_OK && !(isnan(cell->denominator) || cell->denominator > 0))
        status = refuse(table, cell->row, "denominator", err, "is 0");
    if (status == ST_OK && !(isnan(cell->percent) || (cell->percent >= 0 && cell->percent <= 100)))
        status = refuse(table, cell->row, "percent", err, "is beyond 0 to 100");
    if (status == ST_OK &&
        !(isnan(cell->percent) || strspn(cell->percent_text, "0123456789.") == strlen(cell->percent_text)))
        status = refuse(table, cell->row, "percent", err, "is not written in plain digits");
    if (status == ST_OK && decimals_of(cell->percent_text) > 4)
        status = refuse(table, cell->row, "percent", err, "has more than 4 decimals");
    if (status == ST_OK && !(isnan(cell->months) || cell->months >= 0))
        status = refuse(table, cell->row, "months", err, "is below 0");
    if (status == ST_OK)
        status = check_word(table, cell->row, "confidence", cell->confidence, "high|medium|low", err);
    return status;
}

static st_status read_studies(st_evidence *evidence, st_error *err) {
    const st_table *table = &evidence->table[ST_EVIDENCE_STUDIES];
    evidence->study = st_alloc(table->rows, sizeof *evidence->study, err);
    st_status status = evidence->study != NULL ? ST_OK : ST_MEMORY;
    for (size_t i = 0; i < table->rows && status == ST_OK; i++) {
        st_evidence_study *study = &evidence->study[i];
        study->row = i;
        status = fields_read(table, study_fields, COUNT(study_fields), i, study, err);
        evidence->n_studies = i + 1;
        if (status == ST_OK)
            status = check_study(evidence, i, err);
    }
    return status;
}

static st_status read_cells(st_evidence *evidence, st_error *err) {
    const st_table *table = &evidence->table[ST_EVIDENCE_OUTCOMES];
    size_t column = 0;
    evidence->cell = st_alloc(table->rows, sizeof *evidence->cell, err);
    st_status status = evidence->cell != NULL ? st_table_require(table, "study_id", &column, err) : ST_MEMORY;
    for (size_t i = 0; i < table->rows && status == ST_OK; i++) {
        st_evidence_cell *cell = &evidence->cell[i];
        status = fields_read(table, cell_fields, COUNT(cell_fields), i, cell, err);
        cell->row = i;
        cell->study = status == ST_OK ? evidence_study(evidence, st_table_cell(table, i, column)) : SIZE_MAX;
        if (status == ST_OK && cell->study == SIZE_MAX)
            status = refuse(table, i, "study_id", err, "the study is not in studies.csv");
        if (status == ST_OK)
            status = check_cell(evidence, cell, err);
        evidence->n_cells = i + 1;
    }
    return status;
}

/* What newer studies may not have: a count above its denominator. */
static st_status check_newer(const st_table *table, st_error *err) {
    static const char *const outcomes[] = {"response", "control", "symptoms", "markers", "complications", "death30"};
    st_status status = ST_OK;
    for (size_t i = 0; i < table->rows * COUNT(outcomes) && status == ST_OK; i++) {
        const size_t row = i / COUNT(outcomes);
        const char *outcome = outcomes[i % COUNT(outcomes)];
        char x_name[32], n_name[32];
        double x = NAN, n = NAN;
        snprintf(x_name, sizeof x_name, "%s_x", outcome);
        snprintf(n_name, sizeof n_name, "%s_n", outcome);
        const field fields[] = {{x_name, true, 0}};
        const field others[] = {{n_name, true, 0}};
        status = fields_read(table, fields, 1, row, &x, err);
        if (status == ST_OK)
            status = fields_read(table, others, 1, row, &n, err);
        if (status == ST_OK)
            status = check_count(table, row, x_name, x, err);
        if (status == ST_OK)
            status = check_count(table, row, n_name, n, err);
        if (status == ST_OK && (x > n || n <= 0 || isnan(x) != isnan(n)))
            status =
                refuse(table, row, x_name, err, "a count and its denominator belong together, and it is not above it");
    }
    return status;
}

st_status evidence_records(st_evidence *evidence, st_error *err) {
    st_status status = read_studies(evidence, err);
    if (status == ST_OK)
        status = read_cells(evidence, err);
    if (status == ST_OK)
        status = check_newer(&evidence->table[ST_EVIDENCE_NEWER], err);
    return status;
}

double study_treated(const st_evidence_study *study) {
    const double counted = study->tae + (isnan(study->tace) ? 0 : study->tace);
    return strcmp(study->tae_unit, "patients") == 0 && counted > 0 ? counted : study->patients;
}

double study_procedures(const st_evidence_study *study) {
    if (!isnan(study->procedures))
        return study->procedures;
    if (strcmp(study->tae_unit, "patients") == 0)
        return NAN;
    return study->tae + (isnan(study->tace) ? 0 : study->tace);
}

const char *study_type(const st_evidence_study *study, const char *arm) {
    if (strcmp(arm, "carcinoid") == 0 || strcmp(arm, "PNEN") == 0)
        return arm;
    if (study->carcinoid >= study->patients)
        return "carcinoid";
    return study->pnen >= study->patients ? "PNEN" : "mixed";
}
