/* report.html: the findings, the figures, then the tables.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "page.h"

#include <stasis/units.h>

#include <math.h>
#include <string.h>

static const st_visit *last_visit(const st_result *r) {
    return r->course.n_visits > 0 ? &r->course.visits[r->course.n_visits - 1] : NULL;
}

/* ---- head ------------------------------------------------------------------------------ */

/* "5 mL of lipiodol, then pva-75-150 (75 to 150 um) to stasis" */
static void regimen_text(FILE *out, const st_case *c) {
    for (size_t k = 0; k < c->regimen.n; k++) {
        const st_agent *agent = &c->regimen.step[k].agent;
        const double dose = c->regimen.step[k].dose / ST_ML;
        html_print(out, "%s", k > 0 ? ", then " : "");
        if (dose > 0)
            html_print(out, "%.3g mL of ", dose);
        html_print(out, "%s", agent->name);
        if (agent->kind == ST_AGENT_PARTICLES)
            html_print(out, " (%.0f to %.0f um)%s%s", agent->d_min / ST_UM, agent->d_max / ST_UM,
                       dose > 0 ? "" : " to ", dose > 0 ? "" : st_endpoint_name(c->endpoint));
    }
}

static void page_title(FILE *out, const st_case *c, const st_result *r) {
    const size_t sessions = r->plan.n_sessions, tips = report_tips(r);
    html_element(out, "h1", "%s", c->id);
    fputs("<p class=\"sub\">", out);
    html_print(out, "Simulated %s, protocol %s: ",
               c->modality == ST_TACE ? "transarterial chemoembolization (TACE)" : "transarterial embolization (TAE)",
               c->regimen.protocol);
    regimen_text(out, c);
    if (sessions == 0)
        html_print(out, "; no session.");
    else
        html_print(out, "; %zu session%s, %zu catheter tip%s.", sessions, sessions == 1 ? "" : "s", tips,
                   tips == 1 ? "" : "s");
    fputs("</p>\n", out);
}

/* ---- verdict and findings ------------------------------------------------------------------ */

static void verdict_eligibility(FILE *out, const st_result *r) {
    static const char *const sentence[] = {
        [ST_VERDICT_ELIGIBLE] = "Eligible by the review's rules",
        [ST_VERDICT_CAUTION] = "Eligible with caution by the review's rules",
        [ST_VERDICT_UNDETERMINED] = "Eligibility undetermined: the record lacks what decides",
        [ST_VERDICT_NOT_ELIGIBLE] = "Not eligible by the review's rules",
        [ST_VERDICT_CONTRAINDICATED] = "Contraindicated by the review's rules",
    };
    html_print(out, "%s; grade %s. ", sentence[r->eligibility.verdict], st_grade_name(r->grade));
}

static void page_verdict(FILE *out, const st_result *r) {
    const st_visit *last = last_visit(r);
    fputs("<p class=\"verdict\">", out);
    verdict_eligibility(out, r);
    if (r->plan.n_sessions > 0)
        html_print(out, "In the simulation %.0f %% of the tumour and %.1f %% of the normal liver died",
                   r->summary.tumour_necrosis / ST_PERCENT, r->summary.normal_necrosis / ST_PERCENT);
    else
        html_print(out, "No session was simulated");
    if (last != NULL)
        html_print(out, "; at week %.3g the response is %s by RECIST 1.1 and %s by mRECIST", last->time / ST_WEEK,
                   st_response_name(last->recist), st_response_name(last->mrecist));
    fputs(".</p>\n", out);
    for (size_t i = 0; i < r->eligibility.n_rules && r->eligibility.verdict != ST_VERDICT_ELIGIBLE; i++) {
        const st_rule_result *rule = &r->eligibility.rule[i];
        if (rule->decides)
            html_element(out, "p", "Decided by %s (%s): %s", rule->rule, rule->text, rule->finding);
    }
    if (r->liver.synthetic)
        fputs("<p class=\"warn\">The lesions of this case are synthetic: they were placed by a program, not found in "
              "a patient.</p>\n",
              out);
}

ST_PRINTF(3, 4) static void card(FILE *out, const char *what, const char *format, ...) {
    char value[64];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(value, sizeof value, format, arguments);
    va_end(arguments);
    fputs("<li><b>", out);
    html_text(out, value);
    fputs("</b><span>", out);
    html_text(out, what);
    fputs("</span></li>\n", out);
}

static void cards_of_sessions(FILE *out, const st_result *r) {
    const st_session_result *last = &r->sessions[r->plan.n_sessions - 1];
    st_particles p = {0};
    for (size_t s = 0; s < r->plan.n_sessions; s++) {
        p.injected += r->sessions[s].particles.injected;
        p.lodged_tumour += r->sessions[s].particles.lodged_tumour;
    }
    card(out, "of the tumour dead", "%.0f %%", r->summary.tumour_necrosis / ST_PERCENT);
    card(out, "of the normal liver dead", "%.1f %%", r->summary.normal_necrosis / ST_PERCENT);
    card(out, "of the tumour's arterial flow left", "%.0f %%", last->tumour_arterial_left / ST_PERCENT);
    card(out, "of the normal liver's arterial flow left", "%.0f %%", last->normal_arterial_left / ST_PERCENT);
    if (p.injected > 0)
        card(out, "of the particles in tumour vessels", "%.0f %%",
             (double)p.lodged_tumour / (double)p.injected / ST_PERCENT);
}

static void page_findings(FILE *out, const st_result *r) {
    const st_visit *last = last_visit(r);
    fputs("<ul class=\"cards\">\n", out);
    card(out, r->liver.n_lesions == 1 ? "lesion, of the liver's volume" : "lesions, of the liver's volume",
         "%zu, %.1f %%", r->liver.n_lesions, st_liver_burden(&r->liver) / ST_PERCENT);
    if (r->plan.n_sessions > 0)
        cards_of_sessions(out, r);
    if (last != NULL) {
        char what[80];
        snprintf(what, sizeof what, "RECIST 1.1, mRECIST at week %.3g", last->time / ST_WEEK);
        card(out, what, "%s, %s", st_response_name(last->recist), st_response_name(last->mrecist));
        card(out, "AST at its peak, times baseline", "%.1f", r->course.ast_peak);
    }
    fputs("</ul>\n", out);
}

/* ---- figures -------------------------------------------------------------------------------------- */

static void image(FILE *out, const figure *f, figure_id id, const char *alternative) {
    const bool svg = strstr(figure_files[id], ".svg") != NULL;
    fprintf(out, "<img width=\"%.0f\" height=\"%.0f\" alt=\"", f->width, f->height);
    html_text(out, alternative);
    fputs("\" src=\"", out);
    html_data_uri(out, svg ? "image/svg+xml" : "image/png", f->bytes, f->size);
    fputs("\">", out);
}

static void page_figure(FILE *out, const figure *figures, figure_id id, const char *heading, const char *caption) {
    if (figures[id].bytes == NULL)
        return;
    html_element(out, "h2", "%s", heading);
    fputs("<figure>", out);
    image(out, &figures[id], id, heading);
    html_element(out, "figcaption", "%s", caption);
    fputs("</figure>\n", out);
}

static void page_angiograms(FILE *out, const figure *figures) {
    fputs("<h2>Angiogram</h2>\n<figure>\n<div class=\"pair\">\n<div>", out);
    image(out, &figures[FIGURE_BEFORE], FIGURE_BEFORE, "Simulated angiogram before treatment");
    fputs("</div>\n", out);
    if (figures[FIGURE_AFTER].bytes != NULL) {
        fputs("<div>", out);
        image(out, &figures[FIGURE_AFTER], FIGURE_AFTER, "Simulated angiogram after treatment");
        fputs("</div>\n", out);
    }
    fputs("</div>\n", out);
    html_element(out, "figcaption", "%s",
                 "Drawn from the simulated tree. Contrast moves with the simulated blood; its length along the ray "
                 "darkens the picture, in vessels and, as a blush, in the tissue beyond them. Vessels without flow do "
                 "not fill. Rings: catheter tips. Blue: outline of the lesions. Grey: outline of the liver. Both "
                 "pictures have the same window.");
    fputs("</figure>\n", out);
}

static void page_figures(FILE *out, const figure *figures) {
    page_angiograms(out, figures);
    page_figure(out, figures, FIGURE_TERRITORIES, "Territories of the tips",
                "Tissue supplied through each catheter tip, on slices through the largest lesions. Positions in mm "
                "LPS. Simulated.");
    page_figure(out, figures, FIGURE_NECROSIS, "Necrosis",
                "Dead fraction of each voxel after the last session; living normal liver is grey. Simulated from "
                "arterial and portal flow and oxygen.");
    page_figure(
        out, figures, FIGURE_OIL_CT, "CT after treatment, simulated",
        "The liver as a CT without contrast would show it after the last session. Simulated: how much of the oil "
        "comes to rest in the tissue of each terminal vessel, portal side included. Assumed: the CT numbers of "
        "liver, tumour and oil, how much oil tissue holds, that it spreads evenly over the tissue of a terminal, "
        "and that none is washed out between the sessions or after, while from normal liver oil clears in weeks. "
        "Speckle inside a lesion is that of vessels that feed a voxel or two.");
    page_figure(out, figures, FIGURE_INFUSION, "Infusion",
                "What the operator follows while he infuses through each tip: flow at the tip beside the catheter, and "
                "the heartbeats that a column of contrast takes to clear. Dotted: oil; solid: particles, diluted in "
                "contrast. The dot is where the infusion stopped. Simulated.");
    page_figure(out, figures, FIGURE_COURSE, "Follow-up",
                "One simulated course on pooled and assumed rates of growth, resorption and clearance; no interval. "
                "Both markers follow the volume of living tumour.");
}

/* ---- the page ---------------------------------------------------------------------------------------- */

static void page_notes(FILE *out, const st_result *r) {
    if (r->n_notes == 0)
        return;
    fputs("<h2>Notes</h2>\n<ul class=\"notes\">\n", out);
    for (size_t i = 0; i < r->n_notes; i++)
        html_element(out, "li", "%s", r->notes[i]);
    fputs("</ul>\n", out);
}

static void page_body(FILE *out, const st_case *c, const st_result *r, const figure *figures) {
    html_open(out, "%s: simulated embolization", c->id);
    page_title(out, c, r);
    page_verdict(out, r);
    page_findings(out, r);
    page_figures(out, figures);
    page_notes(out, r);
    html_element(out, "h2", "Numbers");
    page_liver(out, r);
    page_tree(out, r);
    page_plan(out, c, r);
    page_feeders(out, c, r);
    page_oil(out, c, r);
    page_particles(out, c, r);
    page_samples(out, r);
    page_tissue(out, r);
    page_follow_up(out, r);
    html_element(out, "h2", "What it rests on");
    page_eligibility(out, r);
    page_parameters(out, c);
    page_provenance(out, c, r);
    html_close(out);
}

st_status page_write(const char *path, const st_case *c, const st_result *result, const figure *figures,
                     st_error *err) {
    st_writer writer;
    st_status status = st_writer_open(&writer, path, err);
    if (status != ST_OK)
        return status;
    page_body(writer.stream, c, result, figures);
    return st_writer_commit(&writer, err);
}
