/* Eligibility for TAE by the rules of the review.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "rules.h"

#include <string.h>

const char *st_verdict_name(st_verdict verdict) {
    static const char *const name[] = {"eligible", "caution", "undetermined", "not_eligible", "contraindicated"};
    return name[verdict];
}

/* Marks the rules of a kind that have a status as those that decide; returns how many there are. */
static size_t decide(st_eligibility *eligibility, const char *kind, st_rule_status status) {
    size_t n = 0;
    for (size_t i = 0; i < eligibility->n_rules; i++) {
        st_rule_result *rule = &eligibility->rule[i];
        if (!strcmp(rule->kind, kind) && rule->status == status) {
            rule->decides = true;
            n++;
        }
    }
    return n;
}

static size_t count(const st_eligibility *eligibility, const char *kind, st_rule_status status) {
    size_t n = 0;
    for (size_t i = 0; i < eligibility->n_rules; i++)
        n += !strcmp(eligibility->rule[i].kind, kind) && eligibility->rule[i].status == status;
    return n;
}

/* The first that applies, from the worst. */
static st_verdict verdict(st_eligibility *eligibility) {
    bool indicated = count(eligibility, "indication", ST_RULE_MET) > 0;
    bool may_be_indicated = count(eligibility, "indication", ST_RULE_UNKNOWN) > 0;
    if (decide(eligibility, "absolute", ST_RULE_MET))
        return ST_VERDICT_CONTRAINDICATED;
    size_t refused = decide(eligibility, "required", ST_RULE_NOT_MET);
    if (!indicated && !may_be_indicated)
        refused += decide(eligibility, "indication", ST_RULE_NOT_MET);
    if (refused)
        return ST_VERDICT_NOT_ELIGIBLE;
    size_t open = decide(eligibility, "absolute", ST_RULE_UNKNOWN) + decide(eligibility, "required", ST_RULE_UNKNOWN);
    if (!indicated)
        open += decide(eligibility, "indication", ST_RULE_UNKNOWN);
    if (open)
        return ST_VERDICT_UNDETERMINED;
    if (decide(eligibility, "relative", ST_RULE_MET))
        return ST_VERDICT_CAUTION;
    decide(eligibility, "required", ST_RULE_MET);
    decide(eligibility, "indication", ST_RULE_MET);
    return ST_VERDICT_ELIGIBLE;
}

st_status st_patient_eligibility(const st_patient *patient, const st_parameters *parameters,
                                 st_eligibility *eligibility, st_error *err) {
    st_rules rules;
    st_facts facts = {.patient = patient};
    memset(eligibility, 0, sizeof *eligibility);
    st_status status = st_rules_load("rules/review2014.csv", &rules, err);
    if (status)
        return status;
    for (size_t row = 0; row < rules.table.rows && !status;) {
        if (eligibility->n_rules == ST_RULES_MAX)
            status = st_fail_at(err, ST_VALUE, rules.table.name, rules.table.line[row], 0,
                                "there are more rules than %d", ST_RULES_MAX);
        else
            status = st_rules_next(&rules, &row, &facts, parameters, &eligibility->rule[eligibility->n_rules++], err);
    }
    if (!status)
        eligibility->verdict = verdict(eligibility);
    st_rules_fini(&rules);
    return status;
}
