/* What was planned, and through which vessels each lesion is reached.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "page.h"

#include <stasis/units.h>

/* ---- plan ---------------------------------------------------------------------------------- */

/* "L1 61, L4 27" */
static void lesions_cell(FILE *out, const st_result *r, const st_tip *tip) {
    const double least = 0.005; /* rounds to nothing */
    const char *separator = "";
    fputs("<td>", out);
    for (size_t l = 0; tip->lesion_share != NULL && l < r->liver.n_lesions; l++)
        if (tip->lesion_share[l] >= least) {
            html_print(out, "%sL%u %.0f", separator, r->liver.lesions[l].id, tip->lesion_share[l] / ST_PERCENT);
            separator = ", ";
        }
    fputs("</td>", out);
}

void page_plan(FILE *out, const st_case *c, const st_result *r) {
    static const char *const columns[] = {"session",
                                          "#week",
                                          "lobe",
                                          "tip",
                                          "#segment",
                                          "#diameter, mm",
                                          "#of the lobe's tumour flow, %",
                                          "#of the liver's normal arterial flow, %",
                                          "lesions it reaches, % of their arterial flow"};
    size_t number = 0;
    if (r->plan.n_sessions == 0)
        return;
    html_element(out, "h3", "Plan");
    table_open(out, c->tips_auto ? "Tips, chosen by the program" : "Tips, as the case names them", KIND_SIMULATED,
               columns, COUNT(columns));
    for (size_t s = 0; s < r->plan.n_sessions; s++) {
        const st_session *session = &r->plan.sessions[s];
        for (size_t t = 0; t < session->n_tips; t++) {
            const st_tip *tip = &session->tips[t];
            row_open(out, NULL);
            cell(out, "%zu", s + 1);
            cell_number(out, session->time / ST_WEEK, 1);
            cell(out, "%s", session->lobe == ST_LOBE_NONE ? "any" : st_lobe_name(session->lobe));
            cell_tip(out, ++number);
            cell_number(out, tip->segment, 0); /* a name: no spaces */
            cell_number(out, tip->diameter, 2);
            cell_number(out, tip->tumour_share / ST_PERCENT, 1);
            cell_number(out, tip->normal_share / ST_PERCENT, 1);
            lesions_cell(out, r, tip);
            row_close(out);
        }
    }
    table_close(out);
    for (size_t s = 0; s < r->plan.n_sessions; s++)
        html_element(out, "p", "Session %zu: its tips embolise %.1f %% of the tumour's arterial flow%s.", s + 1,
                     r->plan.sessions[s].coverage / ST_PERCENT,
                     r->plan.sessions[s].lobe == ST_LOBE_NONE ? "" : " in its lobe");
}

/* ---- feeders -------------------------------------------------------------------------------- */

#define FEEDERS_SHOWN 3 /* of each lesion; result.json has all */

static void feeder_row(FILE *out, const st_result *r, size_t l, const st_feeder *feeder) {
    const uint32_t segment = r->reach.segment[feeder->entry];
    const double tumour = r->reach.tumour[feeder->entry], normal = r->reach.normal[feeder->entry];
    row_open(out, NULL);
    cell(out, "L%u", r->liver.lesions[l].id);
    cell_number(out, segment, 0); /* a name: no spaces */
    cell_number(out, 2 * (double)r->tree.radius[segment], 2);
    cell_number(out, feeder->share / ST_PERCENT, 1);
    cell_number(out, feeder->through / ST_PERCENT, 1);
    cell_number(out, tumour / (tumour + normal) / ST_PERCENT, 1);
    cell_number(out, normal / r->reach.normal_total / ST_PERCENT, 1);
    row_close(out);
}

/* A share of the lesion's flow that no single vessel stands for. */
static void rest_row(FILE *out, const st_result *r, size_t l, const char *what, double share) {
    row_open(out, NULL);
    cell(out, "L%u", r->liver.lesions[l].id);
    fprintf(out, "<td class=\"n\">%s</td>", what);
    cell(out, "%s", "");
    cell_number(out, share / ST_PERCENT, 1);
    for (int k = 0; k < 3; k++)
        cell(out, "%s", "");
    row_close(out);
}

static void feeder_rows(FILE *out, const st_result *r, size_t l) {
    const st_feeders *feeders = &r->feeders;
    const double narrow = 1 - feeders->reached[l], least = 0.0005; /* rounds to nothing */
    const size_t first = feeders->first[l], n = feeders->first[l + 1] - first;
    double rest = feeders->reached[l];
    char others[32];
    for (size_t k = 0; k < n && k < FEEDERS_SHOWN; k++) {
        feeder_row(out, r, l, &feeders->feeder[first + k]);
        rest -= feeders->feeder[first + k].share;
    }
    snprintf(others, sizeof others, "%zu more", n > FEEDERS_SHOWN ? n - FEEDERS_SHOWN : 0);
    if (n > FEEDERS_SHOWN)
        rest_row(out, r, l, others, rest);
    if (narrow >= least)
        rest_row(out, r, l, "out of reach", narrow);
}

void page_feeders(FILE *out, const st_case *c, const st_result *r) {
    static const char *const columns[] = {"lesion",
                                          "#segment",
                                          "#diameter, mm",
                                          "#its part, % of the lesion's flow",
                                          "#an infusion here takes, % of the lesion's flow",
                                          "#to tumour, % of the vessel's own flow",
                                          "#of the liver's normal arterial flow, %"};
    if (r->reach.n_lesions == 0)
        return;
    table_open(out, "Feeders of each lesion, ranked by flow", KIND_SIMULATED, columns, COUNT(columns));
    for (size_t l = 0; l < r->reach.n_lesions; l++)
        feeder_rows(out, r, l);
    table_close(out);
    html_element(out, "p",
                 "A microcatheter of %.2f mm enters %zu vessels. A vessel stands here for the blood on whose way it is "
                 "the first that gives %.0f %% of its flow to the lesion or, where there is none, the last that the "
                 "catheter enters.",
                 st_parameter_value(&c->parameters, ST_P_MICROCATHETER_DIAMETER), r->reach.n,
                 st_parameter_value(&c->parameters, ST_P_FEEDER_PURITY) / ST_PERCENT);
}
