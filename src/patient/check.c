/* The answer of `stasis check`: grade, work-up, eligibility, and what speaks for and against each option.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "rules.h"

#include <string.h>

/* What the review's work-up asks for and the record does not show. */
static st_status missing_work_up(const st_facts *facts, json_t *missing, st_error *err) {
    st_rules rules;
    st_status status = st_rules_load("rules/workup2014.csv", &rules, err);
    if (status)
        return status;
    for (size_t row = 0; row < rules.table.rows && !status;) {
        st_rule_result rule;
        status = st_rules_next(&rules, &row, facts, NULL, &rule, err);
        if (!status && rule.status != ST_RULE_MET)
            json_array_append_new(missing, json_string(rule.rule));
    }
    st_rules_fini(&rules);
    return status;
}

/* The option of that name, added at the end when it is new: file order is the review's order. */
static json_t *find_option(json_t *options, const char *name) {
    for (size_t i = 0; i < json_array_size(options); i++) {
        json_t *option = json_array_get(options, i);
        if (!strcmp(json_string_value(json_object_get(option, "option")), name))
            return option;
    }
    json_t *option = json_pack("{s:s, s:[], s:[], s:[]}", "option", name, "for", "against", "unclear");
    json_array_append_new(options, option);
    return option;
}

static st_status list_options(const st_facts *facts, const st_parameters *parameters, json_t *options, st_error *err) {
    st_rules rules;
    st_status status = st_rules_load("rules/options2014.csv", &rules, err);
    if (status)
        return status;
    for (size_t row = 0; row < rules.table.rows && !status;) {
        st_rule_result rule;
        status = st_rules_next(&rules, &row, facts, parameters, &rule, err);
        if (status)
            break;
        json_t *option = find_option(options, rule.group);
        if (rule.status == ST_RULE_MET)
            json_array_append_new(json_object_get(option, rule.kind), json_string(rule.text));
        else if (rule.status == ST_RULE_UNKNOWN)
            json_array_append_new(json_object_get(option, "unclear"),
                                  json_sprintf("%s: %s is not recorded", rule.text, rule.missing));
    }
    st_rules_fini(&rules);
    return status;
}

static json_t *eligibility_json(const st_eligibility *eligibility) {
    json_t *reasons = json_array(), *decided_by = json_array();
    for (size_t i = 0; i < eligibility->n_rules; i++) {
        const st_rule_result *rule = &eligibility->rule[i];
        json_array_append_new(reasons, json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:s*}", "rule", rule->rule, "status",
                                                 st_rule_status_name(rule->status), "text", rule->text, "finding",
                                                 rule->finding, "kind", rule->kind, "source", rule->source, "missing",
                                                 *rule->missing ? rule->missing : NULL));
        if (rule->decides)
            json_array_append_new(decided_by, json_string(rule->rule));
    }
    return json_pack("{s:s, s:o, s:o}", "verdict", st_verdict_name(eligibility->verdict), "decided_by", decided_by,
                     "reasons", reasons);
}

st_status st_patient_check_json(const st_patient *patient, const st_parameters *parameters, json_t **answer,
                                st_error *err) {
    char reason[400];
    st_grade grade = st_patient_grade(patient, reason, sizeof reason);
    json_t *missing = json_array(), *options = json_array();
    st_facts facts = {.patient = patient, .grade = grade ? st_grade_name(grade) : NULL};
    st_eligibility eligibility;
    *answer = NULL;
    st_status status = st_patient_eligibility(patient, parameters, &eligibility, err);
    if (status)
        goto done;
    facts.verdict = st_verdict_name(eligibility.verdict);
    status = missing_work_up(&facts, missing, err);
    if (!status)
        status = list_options(&facts, parameters, options, err);
    if (status)
        goto done;
    *answer = json_pack("{s:s, s:s, s:s, s:{s:O}, s:o, s:O}", "id", patient->id, "grade", st_grade_name(grade),
                        "grade_reason", reason, "work_up", "missing", missing, "eligibility",
                        eligibility_json(&eligibility), "options", options);
    if (!*answer)
        status = st_fail(err, ST_MEMORY, "not enough memory for the answer");
done:
    json_decref(missing);
    json_decref(options);
    return status;
}
