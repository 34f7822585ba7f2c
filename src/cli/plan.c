/* stasis plan: what an infusion into each vessel would take, and which vessels are worth it.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "plan_answer.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

typedef struct plan_options {
    const char *input, *labels, *preset, *map, *tips, *territory, *output;
    int64_t terminals, seed, threads;
    st_option_list set;
    bool json, quiet;
} plan_options;

static void plan_defaults(void *options) {
    plan_options *o = options;
    o->preset = ST_DEFAULT_PRESET;
    o->seed = 1;
}

static void planning_fini(planning *p) {
    free(p->territory);
    free(p->volume);
    st_plan_fini(&p->plan);
    st_feeders_fini(&p->feeders);
    st_reach_fini(&p->reach);
    st_tree_fini(&p->tree);
    st_supply_fini(&p->supply);
    st_liver_fini(&p->liver);
    st_parameters_fini(&p->parameters);
}

/* ---- what is asked for --------------------------------------------------------------- */

static bool ends_in(const char *name, const char *suffix) {
    const size_t n = strlen(name), m = strlen(suffix);
    return n > m && strcmp(name + n - m, suffix) == 0;
}

static bool names_label_map(const char *name) {
    return ends_in(name, ".nii") || ends_in(name, ".nii.gz");
}

/* Before anything is grown. */
static st_status refuse(const plan_options *o, st_error *err) {
    const bool grows = names_label_map(o->input);
    if (grows && o->labels != NULL)
        return st_fail(err, ST_USAGE, "--labels goes with a tree; %.200s is a label map itself", o->input);
    if (!grows && o->terminals > 0)
        return st_fail(err, ST_USAGE, "--terminals is for a tree that is grown; %.200s is one already", o->input);
    if (o->territory != NULL && !grows && o->labels == NULL)
        return st_fail(err, ST_USAGE, "--territory is a map of the liver: the tree needs its label map, with --labels");
    if (o->territory != NULL && !names_label_map(o->territory))
        return st_fail_at(err, ST_VALUE, o->territory, 0, 0,
                          "a label map is written under a name that ends in .nii or .nii.gz");
    return o->output != NULL ? st_tree_name_check(o->output, err) : ST_OK;
}

#define TIPS_MOST 256 /* as many as a case takes */

static st_status read_tips(const char *text, uint32_t *tip, size_t *n, st_error *err) {
    const char *at = text;
    for (*n = 0; *n < TIPS_MOST; at++) {
        char *end;
        errno = 0;
        const unsigned long number = strtoul(at, &end, 10);
        if (*at < '0' || *at > '9' || errno != 0 || number >= ST_NONE || (*end != ',' && *end != '\0'))
            return st_fail(err, ST_USAGE, "--tips takes numbers of segments separated by commas, not \"%.80s\"", text);
        tip[(*n)++] = (uint32_t)number;
        if (*end == '\0')
            return ST_OK;
        at = end;
    }
    return st_fail(err, ST_USAGE, "--tips takes %d segments at most", TIPS_MOST);
}

/* ---- from the input to the answer ------------------------------------------------------ */

static st_status grow(const plan_options *o, planning *p, const st_progress *progress, st_error *err) {
    const st_tree_options options = {.supply = &p->supply,
                                     .terminals = (uint32_t)o->terminals,
                                     .threads = (int)o->threads,
                                     .seed = (uint64_t)o->seed};
    st_tree_growth growth;
    st_status status = st_supply_init(&p->liver, NULL, &p->parameters, &p->supply, err);
    if (status == ST_OK)
        status = st_tree_grow(&p->liver, &p->parameters, &options, progress, &p->tree, &growth, err);
    p->grown = true;
    p->seed = (uint64_t)o->seed;
    return status;
}

/* Lesions are the liver's where a label map knows them, else as many as the tree names. */
static st_status load(const plan_options *o, planning *p, const st_progress *progress, st_error *err) {
    const bool grows = names_label_map(o->input);
    const char *labels = grows ? o->input : o->labels;
    st_status status = ST_OK;
    p->mapped = labels != NULL;
    if (p->mapped)
        status = common_liver(labels, o->preset, o->map, &p->parameters, &p->liver, err);
    if (status == ST_OK)
        status = grows
                     ? grow(o, p, progress, err)
                     : common_tree(o->input, p->mapped ? &p->liver : NULL, &p->parameters, &p->tree, &p->without, err);
    p->n_lesions = p->liver.n_lesions;
    for (uint32_t i = 0; i < p->tree.n && !p->mapped && status == ST_OK; i++)
        if (p->tree.lesion[i] > p->n_lesions)
            p->n_lesions = p->tree.lesion[i];
    return status;
}

static st_status evaluate(planning *p, st_error *err) {
    const double begun = st_clock();
    st_status status = st_plan_reach(&p->tree, p->n_lesions, &p->parameters, &p->reach, err);
    if (status == ST_OK)
        status = st_plan_feeders(&p->reach, &p->parameters, &p->feeders, err);
    p->seconds = st_clock() - begun;
    return status;
}

static st_status choose_tips(const plan_options *o, planning *p, st_error *err) {
    uint32_t tip[TIPS_MOST];
    size_t n = 0;
    st_status status = ST_OK;
    p->given = o->tips != NULL;
    if (!p->given)
        return p->mapped ? st_plan_auto(&p->liver, &p->tree, &p->parameters, 0, &p->plan, err) : ST_OK;
    status = read_tips(o->tips, tip, &n, err);
    for (size_t i = 0; i < n && status == ST_OK; i++)
        status = st_catheter_check(&p->tree, &p->parameters, tip[i], err);
    return status == ST_OK ? st_plan_given(&p->tree, p->n_lesions, tip, n, &p->plan, err) : status;
}

static st_status write_files(const plan_options *o, planning *p, st_error *err) {
    st_status status = ST_OK;
    for (size_t s = 0; s < p->plan.n_sessions; s++)
        p->n_tips += p->plan.sessions[s].n_tips;
    p->territory_file = o->territory;
    p->output = o->output;
    if (o->territory == NULL && o->output == NULL)
        return ST_OK;
    if (o->territory != NULL && p->n_tips == 0)
        return st_fail(err, ST_VALUE,
                       "there is no territory to write: no vessel that a microcatheter enters feeds a lesion");
    if ((p->territory = st_alloc(p->tree.n, sizeof *p->territory, err)) == NULL)
        return ST_MEMORY;
    st_plan_territories(&p->plan, &p->tree, p->territory);
    if (o->territory != NULL)
        status = plan_write_territory(p, (int)o->threads, err);
    if (status == ST_OK && o->output != NULL)
        status = st_tree_write(o->output, &p->tree, &(st_tree_fields){.territory = p->territory}, err);
    return status;
}

static st_status plan_run(const void *options, st_error *err) {
    const plan_options *o = options;
    planning p = {0};
    st_meter *meter = st_meter_new(stderr, o->quiet);
    const st_progress progress = st_meter_progress(meter);
    st_status status;
    if ((status = refuse(o, err)) != ST_OK || (status = common_parameters(&o->set, &p.parameters, err)) != ST_OK ||
        (status = load(o, &p, &progress, err)) != ST_OK || (status = evaluate(&p, err)) != ST_OK ||
        (status = choose_tips(o, &p, err)) != ST_OK || (status = write_files(o, &p, err)) != ST_OK)
        goto done;
    if (o->json)
        status = plan_print_json(&p, err);
    else
        plan_print_text(&p);
done:
    st_meter_free(meter);
    planning_fini(&p);
    return status;
}

static const st_argument plan_arguments[] = {
    {"INPUT", "label map, .nii or .nii.gz, to grow a tree in; or a tree in a format that stasis convert reads",
     offsetof(plan_options, input), false},
    {0}};

#define AT(member) offsetof(plan_options, member)
static const st_option plan_option[] = {
    {"labels", 0, ST_OPTION_FILE, "FILE",
     "label map that a tree belongs to: where its lesions are; without one, those that the tree names", AT(labels), 0,
     0, NULL},
    {"tips", 0, ST_OPTION_TEXT, "SEG,...", "evaluate these segments as tips instead of choosing some", AT(tips), 0, 0,
     NULL},
    {"territory", 0, ST_OPTION_FILE, "FILE",
     "label map to write, .nii or .nii.gz: 1, 2, ... where a tip supplies the liver, 0 elsewhere", AT(territory), 0, 0,
     NULL},
    {"output", 'o', ST_OPTION_FILE, "FILE", "tree to write, with the tips' territories: any format of stasis tree",
     AT(output), 0, 0, NULL},
    {"terminals", 0, ST_OPTION_INTEGER, "N", "terminal vessels of a tree to grow; 0: as many as stasis tree grows",
     AT(terminals), 0, 1e7, NULL},
    {"preset", 0, ST_OPTION_TEXT, "NAME", "meaning of the labels, by name (docs/formats.md)", AT(preset), 0, 0, NULL},
    {"map", 0, ST_OPTION_FILE, "FILE", "meaning of the labels, from a JSON file instead", AT(map), 0, 0, NULL},
    {"seed", 0, ST_OPTION_INTEGER, "S", "seed of the random numbers", AT(seed), 0, 9e18, NULL},
    {"threads", 0, ST_OPTION_INTEGER, "N", "threads; 0: all; the answer does not depend on them", AT(threads), 0, 1024,
     NULL},
    {"set", 0, ST_OPTION_LIST, "NAME=VALUE", "change a parameter (see stasis parameters)", AT(set), 0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print everything as JSON, every vessel that the catheter enters too", AT(json),
     0, 0, NULL},
    {"quiet", 'q', ST_OPTION_FLAG, NULL, "no progress on standard error", AT(quiet), 0, 0, NULL},
    {0}};
#undef AT

const st_command command_plan = {
    .name = "plan",
    .summary = "what an infusion into each vessel would take; which tips are worth it",
    .description =
        "Evaluates every vessel that a microcatheter enters, all at once, on the flow before treatment: what "
        "of each lesion and of normal liver lies beyond it. Prints the tips that cover the tumour at the "
        "least cost to the liver, and the feeders of each lesion, ranked by flow (docs/plan.md).",
    .example = "stasis plan liver.nii.gz --terminals 20000 --territory territory.nii.gz -o tree.vtp",
    .arguments = plan_arguments,
    .options = plan_option,
    .size = sizeof(plan_options),
    .defaults = plan_defaults,
    .run = plan_run,
};
