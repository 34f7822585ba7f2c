/* stasis run: a whole case, from the labels to the report.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"

#include <stasis/report.h>
#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

typedef struct run_options {
    const char *file, *output, *uncertainty;
    int64_t threads, seed, samples;
    st_option_list set;
    bool json, quiet;
} run_options;

static void run_defaults(void *options) {
    ((run_options *)options)->seed = ((run_options *)options)->samples = -1;
}

/* ---- the findings a reader wants first ------------------------------------ */

static void print_eligibility(const st_result *r) {
    printf("eligibility   %s, grade %s\n", st_verdict_name(r->eligibility.verdict), st_grade_name(r->grade));
    for (size_t i = 0; i < r->eligibility.n_rules; i++) {
        const st_rule_result *rule = &r->eligibility.rule[i];
        if (rule->decides && r->eligibility.verdict != ST_VERDICT_ELIGIBLE)
            printf("              %s %s: %s\n", rule->rule, st_rule_status_name(rule->status), rule->finding);
    }
}

static void print_liver(const st_result *r) {
    printf("liver         %.0f mL, %zu %slesion%s, burden %.1f %%\n", r->liver.volume / ST_ML, r->liver.n_lesions,
           r->liver.synthetic ? "synthetic " : "", r->liver.n_lesions == 1 ? "" : "s",
           st_liver_burden(&r->liver) / ST_PERCENT);
}

/* The agents of one kind, in the order in which they are given. */
static void print_agents(const st_case *c, st_agent_kind kind) {
    const char *separator = "";
    for (size_t k = 0; k < c->regimen.n; k++)
        if (c->regimen.step[k].agent.kind == kind) {
            printf("%s%s", separator, c->regimen.step[k].agent.name);
            separator = " and ";
        }
}

static void print_oil(const st_case *c, const st_oil *oil) {
    if (!(oil->injected > 0))
        return;
    printf("  oil         %.3g mL of ", oil->injected / ST_ML);
    print_agents(c, ST_AGENT_OIL);
    const double given = oil->injected * ST_PERCENT;
    printf(": %.0f %% in tumour, %.0f %% in normal liver, %.0f %% on its portal side, %.0f %% refluxed (simulated)\n",
           oil->tumour / given, oil->normal / given, oil->portal / given, oil->refluxed / given);
}

static void print_particles(const st_case *c, const st_particles *p) {
    if (!isfinite(st_regimen_smallest(&c->regimen))) /* oil alone */
        return;
    const double injected = p->injected > 0 ? (double)p->injected * ST_PERCENT : 1;
    printf("  particles   %.3g of ", (double)p->injected);
    print_agents(c, ST_AGENT_PARTICLES);
    printf(" to %s: %.0f %% in tumour vessels, %.0f %% in normal liver, %.0f %% refluxed, %.0f %% passed (simulated)\n",
           st_endpoint_name(c->endpoint), (double)p->lodged_tumour / injected, (double)p->lodged_normal / injected,
           (double)p->refluxed / injected, (double)p->passed / injected);
}

static void print_session(const st_case *c, const st_result *r, size_t s) {
    const st_session *plan = &r->plan.sessions[s];
    const st_session_result *found = &r->sessions[s];
    printf("session %zu     week %.3g, %s: %zu tip%s on %.0f %% of the %stumour flow and %.0f %% of the normal "
           "arterial flow\n",
           s + 1, plan->time / ST_WEEK, plan->lobe == ST_LOBE_NONE ? "tips as given" : st_lobe_name(plan->lobe),
           plan->n_tips, plan->n_tips == 1 ? "" : "s", plan->coverage / ST_PERCENT,
           plan->lobe == ST_LOBE_NONE ? "" : "lobe's ", plan->normal_share / ST_PERCENT);
    print_oil(c, &found->oil);
    print_particles(c, &found->particles);
    printf("  flow left   tumour %.1f %%, normal liver %.1f %% of the baseline arterial flow (simulated)\n",
           found->tumour_arterial_left / ST_PERCENT, found->normal_arterial_left / ST_PERCENT);
}

static void print_necrosis(const st_result *r) {
    if (r->liver.n_lesions == 0)
        return;
    double least = 1, most = 0;
    for (size_t l = 0; l < r->liver.n_lesions; l++) {
        least = fmin(least, r->summary.lesion_necrosis[l]);
        most = fmax(most, r->summary.lesion_necrosis[l]);
    }
    printf("necrosis      %.0f %% of the tumour", r->summary.tumour_necrosis / ST_PERCENT);
    if (r->liver.n_lesions > 1)
        printf(", %.0f to %.0f %% by lesion", least / ST_PERCENT, most / ST_PERCENT);
    puts(" (simulated)");
}

static void print_normal_loss(const st_result *r) {
    printf("normal liver  %.1f mL lost, %.1f %% (simulated)\n", r->summary.normal_necrotic_volume / ST_ML,
           r->summary.normal_necrosis / ST_PERCENT);
}

static void print_response(const st_result *r) {
    if (r->course.n_visits == 0)
        return;
    const st_visit *last = &r->course.visits[r->course.n_visits - 1];
    printf("response      week %.3g: RECIST %s, mRECIST %s, WHO %s, biochemical %s\n"
           "              (one simulated course on pooled and assumed rates; no interval)\n",
           last->time / ST_WEEK, st_response_name(last->recist), st_response_name(last->mrecist),
           st_response_name(last->who), st_response_name(last->biochemical));
}

static void print_findings(const st_case *c, const st_result *r, const char *directory) {
    print_eligibility(r);
    print_liver(r);
    for (size_t s = 0; s < r->plan.n_sessions; s++)
        print_session(c, r, s);
    print_necrosis(r);
    print_normal_loss(r);
    print_response(r);
    if (r->samples.n > 0)
        common_print_samples(&r->samples);
    for (size_t i = 0; i < r->n_notes; i++)
        printf("note          %s\n", r->notes[i]);
    printf("report        %s/report.html\n", directory);
}

/* ---- run.log ---------------------------------------------------------------- */

static st_status write_log(const char *directory, const st_case *c, const st_result *r, int threads, st_error *err) {
    char path[4096];
    st_writer writer;
    if (snprintf(path, sizeof path, "%s/run.log", directory) >= (int)sizeof path)
        return st_fail(err, ST_IO, "%s: the name of the folder is too long", directory);
    st_status status = st_writer_open(&writer, path, err);
    if (status != ST_OK)
        return status;
    const st_timing *t = &r->timing;
    fprintf(writer.stream, "stasis %s\ncase %s from %s\nlabels %s\nseed %llu\nthreads %d\n", st_version(), c->id,
            c->file, c->labels_file, (unsigned long long)c->seed, threads);
    for (size_t i = 0; i < ST_PARAMETER_COUNT; i++) {
        const st_parameter *p = &c->parameters.item[i];
        if (p->changed)
            fprintf(writer.stream, "parameter %s = %.17g %s (default %.17g)\n", p->name, p->value, p->unit,
                    p->standard);
    }
    fprintf(writer.stream,
            "seconds: tree %.3f, flow %.3f, plan %.3f, infusion %.3f, tissue %.3f, follow-up %.3f, "
            "samples %.3f, report %.3f, total %.3f\n",
            t->tree, t->flow, t->plan, t->infusion, t->tissue, t->course, t->samples, t->report, t->total);
    for (size_t i = 0; i < r->n_notes; i++)
        fprintf(writer.stream, "note: %s\n", r->notes[i]);
    return st_writer_commit(&writer, err);
}

/* ---- the subcommand ----------------------------------------------------------- */

static st_status override(const run_options *o, st_case *c, st_error *err) {
    if (o->seed >= 0)
        c->seed = (uint64_t)o->seed;
    st_status status = ST_OK;
    for (size_t i = 0; i < o->set.n && status == ST_OK; i++)
        status = st_parameters_set_text(&c->parameters, o->set.item[i], err);
    if (o->samples >= 0)
        c->samples = (unsigned)o->samples;
    if (status != ST_OK || o->uncertainty == NULL)
        return status;
    st_uncertainty_fini(&c->uncertainty);
    return common_uncertainty(o->uncertainty, &c->parameters, &c->uncertainty, err);
}

static st_status print_result(const st_case *c, const st_result *result, st_error *err) {
    json_t *root = NULL;
    st_status status = st_result_json(c, result, &root, err);
    return status == ST_OK ? common_print_json(root, err) : status;
}

static st_status run_run(const void *options, st_error *err) {
    const run_options *o = options;
    st_case c = {0};
    st_result result = {0};
    st_meter *meter = st_meter_new(stderr, o->quiet);
    const st_progress progress = st_meter_progress(meter);
    st_status status = st_case_read(o->file, &c, err);
    if (status != ST_OK)
        goto done;
    const char *directory = o->output != NULL ? o->output : c.id;
    if ((status = override(o, &c, err)) != ST_OK || (status = st_directory_make(directory, err)) != ST_OK ||
        (status = st_case_run(&c, (int)o->threads, &progress, common_catch_interrupt(), &result, err)) != ST_OK ||
        (status = st_report_write(directory, &c, &result, (int)o->threads, &progress, err)) != ST_OK ||
        (status = write_log(directory, &c, &result, (int)o->threads, err)) != ST_OK)
        goto done;
    if (o->json)
        status = print_result(&c, &result, err);
    else
        print_findings(&c, &result, directory);
done:
    st_meter_free(meter);
    st_result_fini(&result);
    st_case_fini(&c);
    return status;
}

static const st_argument run_arguments[] = {
    {"CASE", "case file, .json (docs/formats.md)", offsetof(run_options, file), false}, {0}};

static const st_option run_option[] = {
    {"output", 'o', ST_OPTION_FILE, "DIR",
     "folder for the report and everything behind it; the case's name when not "
     "given",
     offsetof(run_options, output), 0, 0, NULL},
    {"threads", 0, ST_OPTION_INTEGER, "N", "threads; 0: all; the result does not depend on it",
     offsetof(run_options, threads), 0, 1024, NULL},
    {"seed", 0, ST_OPTION_INTEGER, "S", "seed of the random numbers; that of the case file when not given",
     offsetof(run_options, seed), 0, 9e18, NULL},
    {"samples", 0, ST_OPTION_INTEGER, "N",
     "infuse all tips N times more with uncertain numbers drawn anew: median, 90 % interval and driver of each result; "
     "0: "
     "none; the number in the case file when not given",
     offsetof(run_options, samples), 0, ST_SAMPLES_MOST, NULL},
    {"uncertainty", 0, ST_OPTION_FILE, "FILE",
     "what varies and how, .csv, in place of the built-in table (docs/embolic.md)", offsetof(run_options, uncertainty),
     0, 0, NULL},
    {"set", 0, ST_OPTION_LIST, "NAME=VALUE", "change a parameter (see stasis parameters)", offsetof(run_options, set),
     0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print result.json instead of the findings", offsetof(run_options, json), 0, 0,
     NULL},
    {"quiet", 'q', ST_OPTION_FLAG, NULL, "no progress on standard error", offsetof(run_options, quiet), 0, 0, NULL},
    {0}};

const st_command command_run = {
    .name = "run",
    .summary = "run a whole case, from the label map to the report",
    .description = "Reads a case file, then: eligibility, anatomy, arterial tree, flow, plan of tips and sessions, "
                   "infusion to the endpoint, ischaemia, follow-up. Writes report.html, result.json, labels, maps, "
                   "tree and figures. A simulation for research: it recommends nothing for a patient.",
    .example = "stasis run examples/single-lesion/case.json -o single-lesion",
    .arguments = run_arguments,
    .options = run_option,
    .size = sizeof(run_options),
    .defaults = run_defaults,
    .run = run_run,
};
