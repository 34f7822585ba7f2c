/* Rules as data: each rule of a file of data/rules/ is one or more tests on named
 * variables, joined by all or any, and gives met, not met or unknown.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#ifndef STASIS_PATIENT_RULES_H
#define STASIS_PATIENT_RULES_H

#include "record.h"

/* Columns: id, group, kind, combine (all, any), variable, operator (< <= > >= = recorded), value, unit, text, place,
 * ambiguity, source. A row without id adds a test to the rule above it; a rule without a variable always holds. */
typedef struct st_rules {
    st_table table;
    size_t id, group, kind, combine, variable, op, value, unit, text, place, source;
} st_rules;

ST_MUST_CHECK st_status st_rules_load(const char *name, st_rules *rules, st_error *err);
void st_rules_fini(st_rules *rules);

/* The rule that begins at *row; *row moves on to the next one (table.rows: no more). `parameters` may be NULL
 * when no value of the file names one. */
ST_MUST_CHECK st_status st_rules_next(const st_rules *rules, size_t *row, const st_facts *facts,
                                      const st_parameters *parameters, st_rule_result *result, st_error *err);

#endif
