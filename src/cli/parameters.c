/* stasis parameters: every number of the model, with unit, range, trust and source.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"

#include <string.h>

typedef struct parameters_options {
    const char *room;
    st_option_list set;
    bool json, csv;
} parameters_options;

static bool wanted(const parameters_options *o, const st_parameter *p) {
    return o->room == NULL || strcmp(o->room, p->room) == 0;
}

static st_status print_json(const parameters_options *o, const st_parameters *parameters, st_error *err) {
    json_t *all = json_array();
    for (size_t i = 0; i < ST_PARAMETER_COUNT; i++) {
        const st_parameter *p = &parameters->item[i];
        if (wanted(o, p))
            json_array_append_new(all, json_pack("{s:s, s:s, s:s, s:f, s:f, s:f, s:f, s:s, s:s, s:s}", "name", p->name,
                                                 "room", p->room, "unit", p->unit, "value", p->value, "default",
                                                 p->standard, "low", p->low, "high", p->high, "trust", p->trust,
                                                 "source", p->source, "description", p->description));
    }
    return common_print_json(all, err);
}

/* The columns of data/parameters. */
static void print_csv(const parameters_options *o, const st_parameters *parameters) {
    puts("room,name,unit,value,default,low,high,trust,source,description");
    for (size_t i = 0; i < ST_PARAMETER_COUNT; i++) {
        const st_parameter *p = &parameters->item[i];
        if (!wanted(o, p))
            continue;
        printf("%s,%s,%s,%.17g,%.17g,%.17g,%.17g,%s,", p->room, p->name, p->unit, p->value, p->standard, p->low,
               p->high, p->trust);
        st_csv_put(stdout, p->source);
        putchar(',');
        st_csv_put(stdout, p->description);
        putchar('\n');
    }
}

static void print_text(const parameters_options *o, const st_parameters *parameters) {
    const char *room = "";
    for (size_t i = 0; i < ST_PARAMETER_COUNT; i++) {
        const st_parameter *p = &parameters->item[i];
        if (!wanted(o, p))
            continue;
        if (strcmp(room, p->room) != 0)
            printf("%s%s\n", room[0] ? "\n" : "", p->room);
        room = p->room;
        printf("  %s = %g %s%s   (%g to %g, %s)\n      %s\n      source: %s\n", p->name, p->value,
               strcmp(p->unit, "1") == 0 ? "" : p->unit, p->changed ? ", changed" : "", p->low, p->high, p->trust,
               p->description, p->source);
    }
}

static st_status parameters_run(const void *options, st_error *err) {
    const parameters_options *o = options;
    st_parameters parameters = {0};
    st_status status = common_parameters(&o->set, &parameters, err);
    if (status == ST_OK && o->json)
        status = print_json(o, &parameters, err);
    else if (status == ST_OK && o->csv)
        print_csv(o, &parameters);
    else if (status == ST_OK)
        print_text(o, &parameters);
    st_parameters_fini(&parameters);
    return status;
}

static const st_argument parameters_arguments[] = {{0}};

static const st_option parameters_option[] = {
    {"room", 0, ST_OPTION_CHOICE, "ROOM", "only the parameters of one part of the model",
     offsetof(parameters_options, room), 0, 0, "patient,liver,supply,tree,flow,embolic,tissue,plan,course,case,report"},
    {"set", 0, ST_OPTION_LIST, "NAME=VALUE", "change a parameter, to see whether it is accepted",
     offsetof(parameters_options, set), 0, 0, NULL},
    {"csv", 0, ST_OPTION_FLAG, NULL, "print a CSV table", offsetof(parameters_options, csv), 0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print JSON", offsetof(parameters_options, json), 0, 0, NULL},
    {0}};

const st_command command_parameters = {
    .name = "parameters",
    .summary = "list every parameter with unit, range, trust and source",
    .description = "Lists the numbers the model rests on. Any of them can be changed for one case, in the case file's "
                   "\"parameters\" or by --set name=value; trust says whether a value was measured, derived from "
                   "measurements, or assumed.",
    .example = "stasis parameters --room embolic",
    .arguments = parameters_arguments,
    .options = parameters_option,
    .size = sizeof(parameters_options),
    .run = parameters_run,
};
