/* stasis evidence report: one page on the review.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"

#include <stasis/evidence_report.h>

#include <stdlib.h>
#include <unistd.h>

typedef struct report_options {
    const char *output, *data;
    st_option_list simulated;
    bool quiet;
} report_options;

static void report_defaults(void *options) {
    *(report_options *)options = (report_options){.output = "evidence.html"};
}

static st_status read_cases(const st_option_list *files, st_simulated_case **cases, st_error *err) {
    *cases = st_alloc(files->n, sizeof **cases, err);
    st_status status = *cases ? ST_OK : ST_MEMORY;
    for (size_t i = 0; i < files->n && status == ST_OK; i++)
        status = st_simulated_case_read(files->item[i], &(*cases)[i], err);
    return status;
}

static st_status report_run(const void *options, st_error *err) {
    const report_options *o = options;
    st_evidence evidence = {0};
    st_simulated_case *cases = NULL;
    st_meter *meter = st_meter_new(stderr, o->quiet);
    const st_progress progress = st_meter_progress(meter);
    st_status status = read_cases(&o->simulated, &cases, err);
    if (status == ST_OK)
        status = st_evidence_init(&evidence, o->data, err);
    if (status == ST_OK)
        status = st_evidence_report_write(o->output, &evidence, cases, o->simulated.n, &progress, err);
    st_evidence_fini(&evidence);
    free(cases);
    st_meter_free(meter);
    if (status == ST_OK)
        printf("The page is %s\n", o->output);
    return status;
}

static const st_argument report_arguments[] = {{0}};

static const st_option report_option[] = {
    {"output", 'o', ST_OPTION_FILE, "FILE", "the page", offsetof(report_options, output), 0, 0, NULL},
    {"simulated", 0, ST_OPTION_LIST, "RESULT.json",
     "set the result of a run beside the pools; may be given more than once", offsetof(report_options, simulated), 0, 0,
     NULL},
    {"data", 0, ST_OPTION_FILE, "DIR",
     "tables of another review (docs/evidence/tables.md) instead of those compiled in", offsetof(report_options, data),
     0, 0, NULL},
    {"quiet", 'q', ST_OPTION_FLAG, NULL, "no progress", offsetof(report_options, quiet), 0, 0, NULL},
    {0}};

const st_command command_evidence_report = {
    .name = "evidence report",
    .summary = "one page on the review: audited, pooled again, with what is newer and what is simulated",
    .description =
        "Writes one HTML page that opens from disk: each outcome of the review as printed, added up and pooled by "
        "random effects with prediction intervals; its figures audited; what the data can carry; forest plots "
        "by tumour and by treatment; median survival; two-arm comparisons; newer studies within one criterion of "
        "response; the tables cell by cell. Simulated cases stand beside the pools and are never mixed in.",
    .output = "HTML, one file without scripts or network. Each table says what kind of number it holds: pooled from "
              "literature, read in the "
              "literature, simulated (docs/evidence.md).",
    .example = "stasis evidence report -o evidence.html",
    .arguments = report_arguments,
    .options = report_option,
    .size = sizeof(report_options),
    .defaults = report_defaults,
    .run = report_run,
};
