/* The evaluator of rules: three truth values, and the name of the field that is missing.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "rules.h"

#include <stdlib.h>
#include <string.h>

st_status st_rules_load(const char *name, st_rules *rules, st_error *err) {
    *rules = (st_rules){0};
    size_t size = 0;
    const char *bytes = st_data_find(name, &size);
    if (!bytes)
        return st_fail(err, ST_IO, "the program was built without data/%s", name);
    st_status status = st_table_parse(name, bytes, size, &rules->table, err);
    if (status)
        return status;
    const struct {
        const char *name;
        size_t *column;
    } columns[] = {{"id", &rules->id},           {"group", &rules->group},       {"kind", &rules->kind},
                   {"combine", &rules->combine}, {"variable", &rules->variable}, {"operator", &rules->op},
                   {"value", &rules->value},     {"unit", &rules->unit},         {"text", &rules->text},
                   {"place", &rules->place},     {"source", &rules->source}};
    for (size_t i = 0; i < sizeof columns / sizeof columns[0] && !status; i++)
        status = st_table_require(&rules->table, columns[i].name, columns[i].column, err);
    if (status)
        st_rules_fini(rules);
    return status;
}

void st_rules_fini(st_rules *rules) {
    st_table_fini(&rules->table);
}

const char *st_rule_status_name(st_rule_status status) {
    static const char *const name[] = {"not_met", "met", "unknown"};
    return name[status];
}

static st_status fail_row(const st_rules *rules, size_t row, st_error *err, const char *what, const char *cell) {
    return st_fail_at(err, ST_VALUE, rules->table.name, rules->table.line[row], 0, "%s \"%s\"", what, cell);
}

/* The value a numeric variable is held against: a number, or the name of a parameter. */
static st_status threshold(const st_rules *rules, size_t row, const st_parameters *parameters, double *value,
                           st_error *err) {
    const char *cell = st_table_cell(&rules->table, row, rules->value);
    char *end = NULL;
    *value = strtod(cell, &end);
    if (end != cell && !*end)
        return ST_OK;
    for (size_t i = 0; parameters && i < ST_PARAMETER_COUNT; i++)
        if (!strcmp(parameters->item[i].name, cell)) {
            *value = parameters->item[i].value;
            return ST_OK;
        }
    return fail_row(rules, row, err, "the value is neither a number nor a parameter:", cell);
}

static st_status compare(const st_rules *rules, size_t row, const st_fact *fact, double value, bool *holds,
                         st_error *err) {
    const char *op = st_table_cell(&rules->table, row, rules->op);
    if (!strcmp(op, "<"))
        *holds = fact->number < value;
    else if (!strcmp(op, "<="))
        *holds = fact->number <= value;
    else if (!strcmp(op, ">"))
        *holds = fact->number > value;
    else if (!strcmp(op, ">="))
        *holds = fact->number >= value;
    else if (!strcmp(op, "="))
        *holds = fact->number == value;
    else
        return fail_row(rules, row, err, "the operator must be < <= > >= = or recorded, not", op);
    return ST_OK;
}

/* One test of the finding, appended: "labs.bilirubin_mg_dl 0.8 (< 2 mg/dL: yes)". */
static void note_test(st_rule_result *result, const char *variable, const st_fact *fact, const char *op,
                      const char *value, const char *unit, st_rule_status status) {
    const char *answer = status == ST_RULE_UNKNOWN ? "unknown" : status == ST_RULE_MET ? "yes" : "no";
    const size_t used = strlen(result->finding);
    snprintf(result->finding + used, sizeof result->finding - used, "%s%s %s (%s%s%s%s%s: %s)", used ? "; " : "",
             variable, fact->known ? fact->text : "not recorded", op, *value ? " " : "", value, *unit ? " " : "", unit,
             answer);
}

/* How a variable compares with the rule's value, and that value as text. */
static st_status compare_fact(const st_rules *rules, size_t row, const st_fact *fact, const st_parameters *parameters,
                              char *value, size_t size, bool *holds, st_error *err) {
    const char *op = st_table_cell(&rules->table, row, rules->op);
    const char *cell = st_table_cell(&rules->table, row, rules->value);
    double limit = 0;
    snprintf(value, size, "%s", cell);
    if (!fact->numeric) {
        *holds = !strcmp(fact->text, cell);
        return strcmp(op, "=") ? fail_row(rules, row, err, "a text or a truth takes = or recorded, not", op) : ST_OK;
    }
    st_status status = threshold(rules, row, parameters, &limit, err);
    if (!status)
        status = compare(rules, row, fact, limit, holds, err);
    snprintf(value, size, "%.6g", limit);
    return status;
}

static st_status evaluate_test(const st_rules *rules, size_t row, const st_facts *facts,
                               const st_parameters *parameters, st_rule_result *result, st_rule_status *test,
                               st_error *err) {
    const char *variable = st_table_cell(&rules->table, row, rules->variable);
    const char *op = st_table_cell(&rules->table, row, rules->op);
    char value[64] = "";
    st_fact fact;
    if (!st_facts_get(facts, variable, &fact))
        return st_fail_at(err, ST_VALUE, rules->table.name, rules->table.line[row], 0,
                          "there is no variable \"%s\"; the nearest is %s", variable, st_facts_nearest(variable));
    bool holds = fact.known, needs_value = strcmp(op, "recorded") != 0;
    if (needs_value) {
        st_status status = compare_fact(rules, row, &fact, parameters, value, sizeof value, &holds, err);
        if (status)
            return status;
    }
    *test = needs_value && !fact.known ? ST_RULE_UNKNOWN : holds ? ST_RULE_MET : ST_RULE_NOT_MET;
    note_test(result, variable, &fact, op, value, st_table_cell(&rules->table, row, rules->unit), *test);
    if (*test == ST_RULE_UNKNOWN && !*result->missing)
        snprintf(result->missing, sizeof result->missing, "%s", variable);
    return ST_OK;
}

static void describe(const st_rules *rules, size_t row, st_rule_result *result) {
    const st_table *table = &rules->table;
    snprintf(result->rule, sizeof result->rule, "%s", st_table_cell(table, row, rules->id));
    snprintf(result->group, sizeof result->group, "%s", st_table_cell(table, row, rules->group));
    snprintf(result->kind, sizeof result->kind, "%s", st_table_cell(table, row, rules->kind));
    snprintf(result->text, sizeof result->text, "%s", st_table_cell(table, row, rules->text));
    snprintf(result->source, sizeof result->source, "%s, %s", st_table_cell(table, row, rules->source),
             st_table_cell(table, row, rules->place));
}

st_status st_rules_next(const st_rules *rules, size_t *row, const st_facts *facts, const st_parameters *parameters,
                        st_rule_result *result, st_error *err) {
    const st_table *table = &rules->table;
    const char *combine = st_table_cell(table, *row, rules->combine);
    bool any = !strcmp(combine, "any");
    if (!any && strcmp(combine, "all"))
        return fail_row(rules, *row, err, "tests are combined by all or any, not", combine);
    *result = (st_rule_result){.status = any ? ST_RULE_NOT_MET : ST_RULE_MET};
    describe(rules, *row, result);
    /* One test that decides (met under any, not met under all) beats the unknown ones. */
    const st_rule_status decisive = any ? ST_RULE_MET : ST_RULE_NOT_MET;
    do {
        st_rule_status test = result->status;
        if (*st_table_cell(table, *row, rules->variable)) {
            st_status status = evaluate_test(rules, *row, facts, parameters, result, &test, err);
            if (status)
                return status;
        }
        if (test == decisive || (test == ST_RULE_UNKNOWN && result->status != decisive))
            result->status = test;
        (*row)++;
    } while (*row < table->rows && !*st_table_cell(table, *row, rules->id));
    if (result->status != ST_RULE_UNKNOWN)
        *result->missing = '\0';
    return ST_OK;
}
