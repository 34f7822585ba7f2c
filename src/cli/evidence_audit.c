/* stasis evidence audit: every figure of the review against its tables.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"

#include <stasis/evidence_report.h>

typedef struct audit_options {
    const char *data, *page;
    bool json;
} audit_options;

static void print_counts(const st_audit *audit, st_audit_kind kind, const char *title) {
    printf("%-12s", title);
    for (int v = 0; v < ST_AUDIT_VERDICTS; v++)
        printf("  %s %zu", st_audit_verdict_name((st_audit_verdict)v), audit->count[kind][v]);
    puts("");
}

static void print_row(const st_audit_row *r) {
    printf("%-18s  %s%s  [%s]\n", st_audit_verdict_name(r->verdict), r->claim, r->added ? " (added)" : "", r->where);
    printf("    printed %s", r->printed);
    if (r->recomputed[0] != 0)
        printf(", recomputed %s", r->recomputed);
    if (r->verdict == ST_AUDIT_ROUNDS)
        printf(" (by %s)", r->rounding);
    puts("");
    if (r->arithmetic[0] != 0)
        printf("    %s\n", r->arithmetic);
    for (size_t i = 0; i < r->n_ways; i++)
        printf("    follows if: %s\n", r->way[i].text);
    if (r->note[0] != 0)
        printf("    note: %s\n", r->note);
}

static void print_text(const st_audit *audit) {
    static const char *const titles[] = {"claims of the text", "printed percentages", "categories",
                                         "reference numbers"};
    for (int k = 0; k < ST_AUDIT_KINDS; k++)
        print_counts(audit, (st_audit_kind)k, st_audit_kind_name((st_audit_kind)k));
    for (int k = 0; k < ST_AUDIT_KINDS; k++) {
        printf("\n%s\n\n", titles[k]);
        for (size_t i = 0; i < audit->n; i++)
            if (audit->row[i].kind == (st_audit_kind)k)
                print_row(&audit->row[i]);
    }
}

static st_status audit_run(const void *options, st_error *err) {
    const audit_options *o = options;
    st_evidence evidence;
    st_audit audit = {0};
    st_status status = st_evidence_init(&evidence, o->data, err);
    if (status != ST_OK)
        return status;
    status = st_audit_init(&evidence, &audit, err);
    if (status == ST_OK && o->page != NULL)
        status = st_audit_page_write(o->page, &evidence, &audit, err);
    if (status == ST_OK && o->json)
        status = common_print_json(st_audit_json(&audit), err);
    else if (status == ST_OK && o->page == NULL)
        print_text(&audit);
    st_audit_fini(&audit);
    st_evidence_fini(&evidence);
    return status;
}

static const st_argument audit_arguments[] = {{0}};

static const st_option audit_option[] = {
    {"data", 0, ST_OPTION_FILE, "DIR", "tables of another review, as docs/evidence/tables.md describes them",
     offsetof(audit_options, data), 0, 0, NULL},
    {"output", 'o', ST_OPTION_FILE, "PAGE.html", "write the audit as a page instead", offsetof(audit_options, page), 0,
     0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print JSON: an array with one object for each claim",
     offsetof(audit_options, json), 0, 0, NULL},
    {0}};

const st_command command_evidence_audit = {
    .name = "evidence audit",
    .summary = "recompute every figure of the review from its tables",
    .description =
        "Recomputes every quantitative claim of the review's text, every percentage of its tables and every reference "
        "number, with the arithmetic and a verdict: reproduces; rounds (by truncation or ceiling alone); "
        "does_not_reproduce; contradicts_table; not_recomputable. Where a figure does not follow, every single series "
        "left out, counted twice or counted otherwise that would give it is listed.\n\n"
        "Each object of the JSON has claim, where, printed, recomputed, verdict, arithmetic; kind (claim, percentage, "
        "categories, reference), origin (listed or added), rounding (the rule that reproduces a percentage), ways "
        "(text "
        "and value of each change that would give the printed figure), note, topic.",
    .output = "JSON, a list; of each row claim (the key), where, printed, recomputed, verdict (reproduces, rounds, "
              "does_not_reproduce, "
              "contradicts_table, not_recomputable), arithmetic, kind (claim, percentage, categories, reference), "
              "origin (listed or added), "
              "rounding, ways (text and value: each single change that would give the printed figure), note, topic "
              "(docs/evidence/audit.md).",
    .example = "stasis evidence audit -o audit.html",
    .arguments = audit_arguments,
    .options = audit_option,
    .size = sizeof(audit_options),
    .run = audit_run,
};
