/* stasis check: grade, work-up, eligibility and options of one record.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"

#include <string.h>

typedef struct check_options {
    const char *patient;
    st_option_list set;
    bool json;
} check_options;

static const char *text_of(const json_t *object, const char *key) {
    const char *text = json_string_value(json_object_get(object, key));
    return text ? text : "";
}

/* "E.pop, E.bili" or `none`. */
static void print_list(const json_t *list, const char *none) {
    for (size_t i = 0; i < json_array_size(list); i++)
        printf("%s%s", i ? ", " : "", json_string_value(json_array_get(list, i)));
    puts(json_array_size(list) ? "" : none);
}

static void print_rules(const json_t *reasons, const char *status, const char *title) {
    size_t n = 0;
    for (size_t i = 0; i < json_array_size(reasons); i++) {
        const json_t *rule = json_array_get(reasons, i);
        if (strcmp(text_of(rule, "status"), status) != 0)
            continue;
        if (n++ == 0)
            printf("\n%s\n", title);
        printf("  %-11s %s (%s)\n", text_of(rule, "rule"), text_of(rule, "text"), text_of(rule, "kind"));
        if (*text_of(rule, "finding"))
            printf("  %-11s %s\n", "", text_of(rule, "finding"));
    }
}

static void print_side(const json_t *option, const char *side) {
    const json_t *list = json_object_get(option, side);
    for (size_t i = 0; i < json_array_size(list); i++)
        printf("    %-9s %s\n", side, json_string_value(json_array_get(list, i)));
}

static void print_answer(const json_t *answer) {
    const json_t *eligibility = json_object_get(answer, "eligibility"), *options = json_object_get(answer, "options");
    const json_t *reasons = json_object_get(eligibility, "reasons");
    printf("record      %s\n", *text_of(answer, "id") ? text_of(answer, "id") : "without a name");
    printf("grade       %s: %s\n", text_of(answer, "grade"), text_of(answer, "grade_reason"));
    printf("verdict     %s\n", text_of(eligibility, "verdict"));
    printf("decided by  ");
    print_list(json_object_get(eligibility, "decided_by"), "no rule");
    printf("work-up     ");
    if (json_array_size(json_object_get(json_object_get(answer, "work_up"), "missing")) > 0)
        printf("missing: ");
    print_list(json_object_get(json_object_get(answer, "work_up"), "missing"), "complete");
    print_rules(reasons, "met", "rules that are met");
    print_rules(reasons, "unknown", "rules that cannot be decided: a field is not recorded");
    print_rules(reasons, "not_met", "rules that are not met");
    puts("\noptions, with what the record says for and against each");
    for (size_t i = 0; i < json_array_size(options); i++) {
        const json_t *option = json_array_get(options, i);
        printf("  %s\n", text_of(option, "option"));
        print_side(option, "for");
        print_side(option, "against");
        print_side(option, "unclear");
    }
    puts("\nThe rules are those of a published review (Del Prete 2014); the program recommends nothing.");
}

static st_status check_run(const void *options, st_error *err) {
    const check_options *o = options;
    st_parameters parameters = {0};
    st_patient patient;
    json_t *answer = NULL;
    st_status status = common_parameters(&o->set, &parameters, err);
    if (status == ST_OK)
        status = st_patient_read(o->patient, &patient, err);
    if (status == ST_OK)
        status = st_patient_check_json(&patient, &parameters, &answer, err);
    if (status == ST_OK && o->json) {
        status = common_print_json(answer, err);
    } else if (status == ST_OK) {
        print_answer(answer);
        json_decref(answer);
    }
    st_parameters_fini(&parameters);
    return status;
}

static const st_argument check_arguments[] = {
    {"PATIENT.json", "record of one patient (docs/check.md)", offsetof(check_options, patient), false}, {0}};

static const st_option check_option[] = {
    {"set", 0, ST_OPTION_LIST, "NAME=VALUE", "change a parameter (see stasis parameters)", offsetof(check_options, set),
     0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print the answer as JSON", offsetof(check_options, json), 0, 0, NULL},
    {0}};

const st_command command_check = {
    .name = "check",
    .summary = "grade, work-up and eligibility of a patient record, rule by rule",
    .description = "Reads a patient record and tells the WHO 2010 grade, what the work-up lacks, the verdict on "
                   "embolization by the rules of a published review with each rule's finding, and what speaks for and "
                   "against each treatment. A missing field is unknown and never guessed. The rules are tables under "
                   "data/rules; the program recommends nothing.",
    .example = "stasis check examples/patient.json",
    .arguments = check_arguments,
    .options = check_option,
    .size = sizeof(check_options),
    .run = check_run,
};
