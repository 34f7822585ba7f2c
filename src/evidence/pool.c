/* Pools: their list, their rows out of the review's cells, their output.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "pool_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define RULE(name, member)                                                                                             \
    { name, false, offsetof(pool_rule, member) }
static const field rule_fields[] = {RULE("name", name),
                                    RULE("title", title),
                                    RULE("shape", shape),
                                    RULE("measure", measure),
                                    RULE("table", table),
                                    RULE("outcome", outcome),
                                    RULE("filter", filter),
                                    RULE("events", events),
                                    RULE("needs", needs),
                                    RULE("several", several),
                                    RULE("prefer", prefer),
                                    RULE("per", per),
                                    RULE("denominator", denominator),
                                    RULE("groups", groups),
                                    RULE("doubtful", doubtful),
                                    RULE("exclude", exclude),
                                    RULE("unit", unit),
                                    RULE("certainty", certainty),
                                    RULE("note", note)};

size_t st_evidence_pools(const st_evidence *evidence) {
    return evidence->table[ST_EVIDENCE_POOLS].rows;
}

const char *st_evidence_pool_name(const st_evidence *evidence, size_t i) {
    const st_table *table = &evidence->table[ST_EVIDENCE_POOLS];
    const size_t column = st_table_column(table, "name");
    return column != ST_NO_COLUMN && i < table->rows ? st_table_cell(table, i, column) : "";
}

static st_status no_such_pool(const st_evidence *evidence, const char *name, st_error *err) {
    const size_t n = st_evidence_pools(evidence);
    const char **known = st_alloc(n, sizeof *known, err);
    if (known == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < n; i++)
        known[i] = st_evidence_pool_name(evidence, i);
    const char *near = st_nearest_name(name, known, n);
    const st_status status =
        st_fail(err, ST_VALUE, "there is no pool \"%.80s\"%s%s%s", name, near != NULL ? "; did you mean \"" : "",
                near != NULL ? near : "", near != NULL ? "\"?" : "");
    free(known);
    return status;
}

static st_status check_rule(const pool_rule *rule, st_error *err) {
    static const struct {
        const char *column, *words;
        size_t offset;
    } choices[] = {{"shape", "one|two|median", offsetof(pool_rule, shape)},
                   {"table", "outcomes|newer", offsetof(pool_rule, table)},
                   {"several", "sum|once|partition", offsetof(pool_rule, several)},
                   {"per", "arm|study", offsetof(pool_rule, per)},
                   {"denominator", "printed|treated|procedures", offsetof(pool_rule, denominator)},
                   {"doubtful", "drop|keep", offsetof(pool_rule, doubtful)}};
    for (size_t i = 0; i < sizeof choices / sizeof choices[0]; i++) {
        const char *word = *(const char *const *)(const void *)((const char *)rule + choices[i].offset);
        if (!listed(choices[i].words, word))
            return st_fail_at(err, ST_VALUE, rule->at.file, rule->at.line, 0, "%s is one of %s, not \"%.40s\"",
                              choices[i].column, choices[i].words, word);
    }
    if (strcmp(rule->shape, "two") == 0 && strchr(rule->groups, '|') == NULL)
        return st_fail_at(err, ST_VALUE, rule->at.file, rule->at.line, 0, "two groups are wanted, as in TAE|TACE");
    return ST_OK;
}

static st_status find_rule(const st_evidence *evidence, const char *name, pool_rule *rule, st_error *err) {
    const st_table *table = &evidence->table[ST_EVIDENCE_POOLS];
    for (size_t i = 0; i < table->rows; i++) {
        const st_status status =
            fields_read(table, rule_fields, sizeof rule_fields / sizeof rule_fields[0], i, rule, err);
        rule->at = (place){table->name, table->line[i]};
        if (status != ST_OK || strcmp(rule->name, name) == 0)
            return status == ST_OK ? check_rule(rule, err) : status;
    }
    return no_such_pool(evidence, name, err);
}

/* The names of the two groups, or "" where there are none. */
static st_status name_groups(st_pool *pool, const pool_rule *rule, st_error *err) {
    const size_t first = strcspn(rule->groups, "|");
    const char *second = rule->groups + first + (rule->groups[first] == '|');
    pool->group[0] = st_arena_copy(&pool->arena, rule->groups, first, err);
    pool->group[1] = second;
    return pool->group[0] != NULL ? ST_OK : ST_MEMORY;
}

st_status st_pool_init(const st_evidence *evidence, const char *name, st_pool *pool, st_error *err) {
    pool_rule rule;
    *pool = (st_pool){0};
    st_status status = find_rule(evidence, name, &rule, err);
    if (status != ST_OK)
        return status;
    const bool newer = strcmp(rule.table, "newer") == 0;
    pool->name = rule.name;
    pool->title = rule.title;
    pool->measure = rule.measure;
    pool->outcome = rule.outcome;
    pool->source = newer ? "newer" : "review";
    pool->unit = rule.unit;
    pool->certainty = rule.certainty;
    pool->note = rule.note;
    pool->shape = strcmp(rule.shape, "two") == 0      ? ST_POOL_TWO
                  : strcmp(rule.shape, "median") == 0 ? ST_POOL_MEDIAN
                                                      : ST_POOL_ONE;
    status = name_groups(pool, &rule, err);
    if (status == ST_OK)
        status = newer ? pool_newer(evidence, &rule, pool, err) : pool_review(evidence, &rule, pool, err);
    if (status != ST_OK)
        st_pool_fini(pool);
    for (size_t i = 0; i < pool->n; i++)
        pool->n_included += pool->row[i].included;
    return status;
}

void st_pool_fini(st_pool *pool) {
    free(pool->row);
    st_arena_fini(&pool->arena);
    *pool = (st_pool){0};
}

/* ---- output ---------------------------------------------------------------------- */

static void put_numbers(const st_pool *pool, const st_pool_row *row, FILE *stream) {
    if (pool->shape == ST_POOL_TWO)
        fprintf(stream, "%.10g,%.10g,%.10g,%.10g,%.10g,%.10g", row->x, row->n - row->x, row->x2, row->n2 - row->x2,
                row->n, row->n2);
    else
        fprintf(stream, "%.10g,%.10g", pool->shape == ST_POOL_MEDIAN ? row->months : row->x, row->n);
}

void st_pool_put_csv(const st_pool *pool, FILE *stream) {
    static const char *const columns[] = {"xi,ni", "ai,bi,ci,di,n1i,n2i", "months,ni"};
    fprintf(stream, "label,study,%s,arm,modality,type,unit,note\n", columns[pool->shape]);
    for (size_t i = 0; i < pool->n; i++) {
        const st_pool_row *row = &pool->row[i];
        const char *const texts[] = {row->arm, row->modality, row->type, row->unit, row->note};
        if (!row->included)
            continue;
        st_csv_put(stream, row->label);
        fputc(',', stream);
        st_csv_put(stream, row->study);
        fputc(',', stream);
        put_numbers(pool, row, stream);
        for (size_t k = 0; k < sizeof texts / sizeof texts[0]; k++) {
            fputc(',', stream);
            st_csv_put(stream, texts[k]);
        }
        fputc('\n', stream);
    }
}

static json_t *row_json(const st_pool *pool, const st_pool_row *row) {
    json_t *o = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s}", "label", row->label, "study", row->study, "arm", row->arm,
                          "modality", row->modality, "type", row->type, "unit", row->unit);
    if (o == NULL)
        return NULL;
    if (pool->shape == ST_POOL_MEDIAN)
        json_object_set_new(o, "months", st_json_real(row->months));
    if (pool->shape == ST_POOL_TWO) {
        json_object_set_new(o, "ai", st_json_real(row->x));
        json_object_set_new(o, "n1i", st_json_real(row->n));
        json_object_set_new(o, "ci", st_json_real(row->x2));
        json_object_set_new(o, "n2i", st_json_real(row->n2));
    } else {
        if (pool->shape == ST_POOL_ONE)
            json_object_set_new(o, "xi", st_json_real(row->x));
        json_object_set_new(o, "ni", st_json_real(row->n));
    }
    json_object_set_new(o, "included", json_boolean(row->included));
    json_object_set_new(o, "note", json_string(row->note));
    return o;
}

json_t *st_pool_json(const st_pool *pool) {
    json_t *rows = json_array();
    for (size_t i = 0; i < pool->n; i++)
        json_array_append_new(rows, row_json(pool, &pool->row[i]));
    json_t *root = json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s}", "name", pool->name, "title", pool->title, "measure",
                             pool->measure, "source", pool->source, "unit", pool->unit, "certainty", pool->certainty,
                             "note", pool->note);
    if (root == NULL || rows == NULL) {
        json_decref(rows);
        json_decref(root);
        return NULL;
    }
    if (pool->shape == ST_POOL_TWO)
        json_object_set_new(root, "groups", json_pack("[s, s]", pool->group[0], pool->group[1]));
    json_object_set_new(root, "included", json_integer((json_int_t)pool->n_included));
    json_object_set_new(root, "rows", rows);
    return root;
}
