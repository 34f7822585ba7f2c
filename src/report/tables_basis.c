/* What the numbers rest on: the record and its rules, the parameters with their sources, the run.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "page.h"

/* The parameters whose value decides most, for the reader who looks at a few only. */
static const st_parameter_id key_parameters[] = {
    ST_P_HEPATIC_FLOW,           ST_P_ARTERIAL_SHARE_NORMAL, ST_P_ARTERIAL_SHARE_TUMOUR, ST_P_TUMOUR_FLOW_RATIO,
    ST_P_ROOT_DIAMETER,          ST_P_MURRAY_EXPONENT,       ST_P_INLET_PRESSURE,        ST_P_ARTERIAL_BACK_PRESSURE,
    ST_P_INJECTION_RATE,         ST_P_SUSPENSION_DILUTION,   ST_P_STASIS_BEATS,          ST_P_PLUG_POROSITY,
    ST_P_MICROCATHETER_DIAMETER, ST_P_TUMOUR_VESSEL_SHARE,   ST_P_OIL_PORTAL_SHARE,      ST_P_DOUBLING_TIME_G1,
    ST_P_DOUBLING_TIME_G2,       ST_P_DOUBLING_TIME_G3,      ST_P_NECROSIS_HALF_TIME,
};

void page_eligibility(FILE *out, const st_result *r) {
    static const char *const columns[] = {"rule", "asks", "status", "finding", "source"};
    html_element(out, "h3", "Eligibility");
    html_element(out, "p", "Verdict: %s. Grade: %s (%s).", st_verdict_name(r->eligibility.verdict),
                 st_grade_name(r->grade), r->grade_reason);
    table_open(out, "Rules", "recorded, completed from the image", columns, COUNT(columns));
    for (size_t i = 0; i < r->eligibility.n_rules; i++) {
        const st_rule_result *rule = &r->eligibility.rule[i];
        row_open(out, rule->decides ? "mark" : NULL);
        cell(out, "%s", rule->rule);
        cell(out, "%s", rule->text);
        cell(out, "%s", rule->status == ST_RULE_NOT_MET ? "not met" : st_rule_status_name(rule->status));
        cell(out, "%s", rule->finding);
        cell(out, "%s", rule->source);
        row_close(out);
    }
    table_close(out);
}

/* ---- parameters -------------------------------------------------------------------------- */

static void parameter_row(FILE *out, const st_parameter *p) {
    row_open(out, p->changed ? "mark" : NULL);
    cell(out, "%s", p->name);
    cell(out, "%.6g", p->value);
    cell(out, "%s", p->unit);
    if (p->changed)
        cell(out, "%.6g", p->standard);
    else
        cell(out, "%s", "");
    cell(out, "%.6g to %.6g", p->low, p->high);
    cell(out, "%s", p->trust);
    cell(out, "%s", p->source);
    cell(out, "%s", p->description);
    row_close(out);
}

static void parameters_open(FILE *out, const char *title) {
    static const char *const columns[] = {"name",  "value", "unit",   "default, where changed",
                                          "range", "trust", "source", "what it is"};
    table_open(out, title, NULL, columns, COUNT(columns));
}

void page_parameters(FILE *out, const st_case *c) {
    const st_parameters *parameters = &c->parameters;
    size_t changed = 0;
    html_element(out, "h3", "Parameters");
    for (size_t i = 0; i < ST_PARAMETER_COUNT; i++)
        changed += parameters->item[i].changed;
    if (changed == 0) {
        html_element(out, "p", "All parameters have their defaults.");
    } else {
        parameters_open(out, "Changed for this case");
        for (size_t i = 0; i < ST_PARAMETER_COUNT; i++)
            if (parameters->item[i].changed)
                parameter_row(out, &parameters->item[i]);
        table_close(out);
    }
    parameters_open(out, "Those that decide most");
    for (size_t i = 0; i < COUNT(key_parameters); i++)
        parameter_row(out, &parameters->item[key_parameters[i]]);
    table_close(out);
    fputs("<details><summary>All parameters</summary>\n", out);
    parameters_open(out, "All parameters");
    for (size_t i = 0; i < ST_PARAMETER_COUNT; i++)
        parameter_row(out, &parameters->item[i]);
    table_close(out);
    fputs("</details>\n", out);
}

/* ---- the run -------------------------------------------------------------------------------- */

ST_PRINTF(3, 4) static void fact(FILE *out, const char *name, const char *format, ...) {
    char value[1024];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    row_open(out, NULL);
    cell(out, "%s", name);
    cell(out, "%s", value);
    row_close(out);
}

void page_provenance(FILE *out, const st_case *c, const st_result *r) {
    static const char *const columns[] = {"", ""};
    const uint32_t *n = r->labels.geometry.n;
    const double *spacing = r->labels.geometry.spacing;
    const st_timing *t = &r->timing;
    html_element(out, "h3", "Provenance");
    table_open(out, "This run", NULL, columns, COUNT(columns));
    fact(out, "program", "stasis %s", st_version());
    fact(out, "case file", "%s", c->file);
    fact(out, "label map", "%s, %u x %u x %u voxels of %.3g x %.3g x %.3g mm, read as %s", c->labels_file, n[0], n[1],
         n[2], spacing[0], spacing[1], spacing[2], c->map.name);
    fact(out, "seed", "%llu", (unsigned long long)c->seed);
    fact(out, "protocol", "%s", c->regimen.protocol);
    for (size_t k = 0; k < c->regimen.n; k++) {
        const st_agent *agent = &c->regimen.step[k].agent;
        fact(out, st_agent_kind_name(agent->kind), "%s: %s (%s)", agent->name, agent->description, agent->source);
    }
    fact(out, "files beside this page", "result.json, labels.nii.gz, tree.vtp, figures/");
    for (size_t i = 0; i < REPORT_MAPS; i++)
        if (i != REPORT_MAP_OIL || report_shows_oil(c, r))
            fact(out, report_maps[i].file, "%s", report_maps[i].description);
    fact(out, "time",
         "tree %.1f s, flow %.1f s, plan %.1f s, infusion %.1f s, tissue %.1f s, follow-up %.1f s, report "
         "%.1f s, total %.1f s",
         t->tree, t->flow, t->plan, t->infusion, t->tissue, t->course, t->report, t->total);
    table_close(out);
}
