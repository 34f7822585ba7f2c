/* Selections of rows, and the series of numbers that a claim is about.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "evidence_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* ---- filters ------------------------------------------------------------------- */

/* One condition of a filter, "key=a|b" or "key!=a|b", taken off its front. */
typedef struct condition {
    char key[64], values[256];
    bool negated;
} condition;

static st_status next_condition(const char **filter, place at, condition *c, st_error *err) {
    const size_t length = strcspn(*filter, ";"), key = strcspn(*filter, "=!;");
    const char *after = *filter + key;
    c->negated = after[0] == '!';
    const size_t mark = c->negated ? 2 : 1;
    if (key == 0 || key >= sizeof c->key || length < key + mark || after[mark - 1] != '=' ||
        length - key - mark >= sizeof c->values)
        return st_fail_at(err, ST_VALUE, at.file, at.line, 0, "\"%.80s\" is no condition; key=a|b or key!=a|b is",
                          *filter);
    snprintf(c->key, sizeof c->key, "%.*s", (int)key, *filter);
    snprintf(c->values, sizeof c->values, "%.*s", (int)(length - key - mark), after + mark);
    *filter += length + ((*filter)[length] == ';');
    return ST_OK;
}

static st_status unknown_key(const condition *c, place at, st_error *err) {
    return st_fail_at(err, ST_VALUE, at.file, at.line, 0, "there is no column \"%s\" to select by", c->key);
}

/* The cell that a key names, in the table or, for outcomes, in the row of the study; NULL when there is none. */
static const char *value_of_key(const st_evidence *evidence, st_evidence_table which, size_t row, const char *key) {
    const st_table *table = &evidence->table[which], *studies = &evidence->table[ST_EVIDENCE_STUDIES];
    size_t column = st_table_column(table, key);
    if (column != ST_NO_COLUMN)
        return st_table_cell(table, row, column);
    if (which != ST_EVIDENCE_OUTCOMES)
        return NULL;
    column = st_table_column(studies, key);
    return column != ST_NO_COLUMN ? st_table_cell(studies, evidence->cell[row].study, column) : NULL;
}

st_status filter_row(const st_evidence *evidence, st_evidence_table table, size_t row, const char *filter, place at,
                     bool *passes, st_error *err) {
    st_status status = ST_OK;
    *passes = true;
    while (*filter != 0 && status == ST_OK) {
        condition c;
        status = next_condition(&filter, at, &c, err);
        const char *value = status == ST_OK ? value_of_key(evidence, table, row, c.key) : NULL;
        if (status == ST_OK && value == NULL)
            status = unknown_key(&c, at, err);
        if (status == ST_OK && (listed(c.values, value) || (*value == 0 && c.values[0] == 0)) == c.negated)
            *passes = false;
    }
    return status;
}

static st_status filter_pool_row(const st_pool_row *row, const char *filter, place at, bool *passes, st_error *err) {
    st_status status = ST_OK;
    *passes = true;
    while (*filter != 0 && status == ST_OK) {
        condition c;
        status = next_condition(&filter, at, &c, err);
        if (status != ST_OK)
            break;
        const char *value = strcmp(c.key, "study") == 0      ? row->study
                            : strcmp(c.key, "arm") == 0      ? row->arm
                            : strcmp(c.key, "type") == 0     ? row->type
                            : strcmp(c.key, "modality") == 0 ? row->modality
                                                             : NULL;
        if (value == NULL)
            status = unknown_key(&c, at, err);
        else if (listed(c.values, value) == c.negated)
            *passes = false;
    }
    return status;
}

/* ---- series ---------------------------------------------------------------------- */

/* "table.column[filter]" in its parts. */
typedef struct spelling {
    char table[32], column[64], filter[512];
} spelling;

static st_status spell(const char *text, place at, spelling *s, st_error *err) {
    const size_t table = strcspn(text, "."), rest = text[table] == '.' ? table + 1 : table;
    const size_t column = strcspn(text + rest, "[");
    const char *filter = text + rest + column;
    const size_t length = strlen(filter);
    if (table == 0 || column == 0 || table >= sizeof s->table || column >= sizeof s->column ||
        length >= sizeof s->filter || (length > 0 && (length < 2 || filter[length - 1] != ']')))
        return st_fail_at(err, ST_VALUE, at.file, at.line, 0,
                          "\"%.80s\" is no series; table.column or table.column[key=value] is", text);
    snprintf(s->table, sizeof s->table, "%.*s", (int)table, text);
    snprintf(s->column, sizeof s->column, "%.*s", (int)column, text + rest);
    snprintf(s->filter, sizeof s->filter, "%.*s", length > 2 ? (int)length - 2 : 0, length > 2 ? filter + 1 : "");
    return ST_OK;
}

static const char *label_of(const st_evidence *evidence, const st_evidence_cell *cell, st_arena *arena, st_error *err) {
    const st_evidence_study *study = &evidence->study[cell->study];
    words w = {0};
    words_add(&w, "%s %s", study->id, study->year);
    if (strcmp(cell->arm, "all") != 0 && strcmp(cell->arm, study_type(study, "all")) != 0)
        words_add(&w, " %s", cell->arm);
    if (cell->item[0] != 0)
        words_add(&w, ", %s", cell->item);
    if (strlen(cell->category) == 2) /* CR, PR, MR, SD, PD */
        words_add(&w, " %s", cell->category);
    return words_keep(&w, arena, err);
}

static double percent_of(const st_evidence_cell *cell) {
    const double computed = 100 * cell->numerator / cell->denominator;
    return isnan(computed) ? cell->percent : computed;
}

static st_status add_outcome(const st_evidence *evidence, size_t row, const spelling *sp, place at, series *s,
                             st_arena *arena, st_error *err) {
    const st_evidence_cell *cell = &evidence->cell[row];
    size_t column;
    st_status status = st_table_require(&evidence->table[ST_EVIDENCE_OUTCOMES], sp->column, &column, err);
    double value = percent_of(cell);
    if (status != ST_OK)
        return st_fail_at(err, ST_VALUE, at.file, at.line, 0, "there is no column \"%s\" of outcomes", sp->column);
    if (strcmp(sp->column, "percent") != 0)
        status = st_table_number(&evidence->table[ST_EVIDENCE_OUTCOMES], row, column, &value, err);
    if (status != ST_OK || isnan(value))
        return status;
    const char *label = label_of(evidence, cell, arena, err);
    s->item[s->n++] = (series_item){.label = label,
                                    .study = evidence->study[cell->study].id,
                                    .unit = cell->unit,
                                    .type = study_type(&evidence->study[cell->study], cell->arm),
                                    .outcome = cell->outcome,

                                    .value = value,
                                    .x = cell->numerator,
                                    .n = cell->denominator,
                                    .x2 = NAN,
                                    .n2 = NAN};
    return label != NULL ? ST_OK : ST_MEMORY;
}

/* A column of the studies, or what is derived from them: treated, all_procedures. */
static st_status add_study(const st_evidence *evidence, size_t row, const spelling *sp, place at, series *s,
                           st_arena *arena, st_error *err) {
    const st_evidence_study *study = &evidence->study[row];
    const st_table *table = &evidence->table[ST_EVIDENCE_STUDIES];
    const size_t column = st_table_column(table, sp->column);
    double value = NAN;
    st_status status = ST_OK;
    if (strcmp(sp->column, "treated") == 0)
        value = study_treated(study);
    else if (strcmp(sp->column, "all_procedures") == 0)
        value = strcmp(study->tae_unit, "procedures") == 0 || !isnan(study->procedures) ? study_procedures(study) : NAN;
    else if (column == ST_NO_COLUMN)
        status = st_fail_at(err, ST_VALUE, at.file, at.line, 0, "there is no column \"%s\" of studies", sp->column);
    else
        status = st_table_number(table, row, column, &value, err);
    if (status != ST_OK || isnan(value))
        return status;
    words w = {0};
    words_add(&w, "%s %s", study->id, study->year);
    const char *label = words_keep(&w, arena, err);
    const bool counts_tae = strcmp(sp->column, "tae") == 0 || strcmp(sp->column, "tace") == 0;
    s->item[s->n++] = (series_item){.label = label,
                                    .study = study->id,
                                    .unit = counts_tae ? study->tae_unit : "patients",
                                    .type = study_type(study, "all"),
                                    .outcome = "",

                                    .value = value,
                                    .x = NAN,
                                    .n = NAN,
                                    .x2 = NAN,
                                    .n2 = NAN};
    return label != NULL ? ST_OK : ST_MEMORY;
}

static st_status series_of_table(const st_evidence *evidence, st_evidence_table which, const spelling *sp, place at,
                                 series *s, st_arena *arena, st_error *err) {
    const size_t rows = evidence->table[which].rows;
    s->item = st_alloc(rows, sizeof *s->item, err);
    st_status status = s->item != NULL ? ST_OK : ST_MEMORY;
    for (size_t i = 0; i < rows && status == ST_OK; i++) {
        bool passes;
        status = filter_row(evidence, which, i, sp->filter, at, &passes, err);
        if (status == ST_OK && passes)
            status = which == ST_EVIDENCE_STUDIES ? add_study(evidence, i, sp, at, s, arena, err)
                                                  : add_outcome(evidence, i, sp, at, s, arena, err);
    }
    return status;
}

static st_status series_of_pool(const st_evidence *evidence, const spelling *sp, place at, series *s, st_error *err) {
    st_status status = st_pool_init(evidence, sp->column, &s->pool, err);
    if (status != ST_OK)
        return status;
    s->is_pool = true;
    s->item = st_alloc(s->pool.n, sizeof *s->item, err);
    status = s->item != NULL ? ST_OK : ST_MEMORY;
    for (size_t i = 0; i < s->pool.n && status == ST_OK; i++) {
        const st_pool_row *row = &s->pool.row[i];
        bool passes;
        status = filter_pool_row(row, sp->filter, at, &passes, err);
        if (status == ST_OK && passes && row->included)
            s->item[s->n++] =
                (series_item){.label = row->label,
                              .study = row->study,
                              .unit = row->unit,
                              .type = row->type,
                              .outcome = s->pool.outcome,

                              .value = s->pool.shape == ST_POOL_MEDIAN ? row->months : 100 * row->x / row->n,
                              .x = row->x,
                              .n = row->n,
                              .x2 = row->x2,
                              .n2 = row->n2};
    }
    return status;
}

st_status series_init(const st_evidence *evidence, const char *text, place at, series *s, st_arena *arena,
                      st_error *err) {
    spelling sp;
    *s = (series){0};
    st_status status = spell(text, at, &sp, err);
    if (status == ST_OK && strcmp(sp.table, "pool") == 0)
        status = series_of_pool(evidence, &sp, at, s, err);
    else if (status == ST_OK && strcmp(sp.table, "studies") == 0)
        status = series_of_table(evidence, ST_EVIDENCE_STUDIES, &sp, at, s, arena, err);
    else if (status == ST_OK && strcmp(sp.table, "outcomes") == 0)
        status = series_of_table(evidence, ST_EVIDENCE_OUTCOMES, &sp, at, s, arena, err);
    else if (status == ST_OK)
        status = st_fail_at(err, ST_VALUE, at.file, at.line, 0,
                            "a series is of studies, outcomes or pool, not of \"%s\"", sp.table);
    if (status != ST_OK)
        series_fini(s);
    return status;
}

void series_fini(series *s) {
    free(s->item);
    if (s->is_pool)
        st_pool_fini(&s->pool);
    *s = (series){0};
}
