/* The numbers that were found, with their units and their kind.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "page.h"

#include <stasis/units.h>

#include <math.h>

static const double METRE = 1e3; /* mm */

static const char *const quantities[] = {"quantity", "#value", "unit"};

/* ---- liver and lesions ---------------------------------------------------------------- */

/* "hepatic artery 61, accessory left hepatic artery 39" */
static void reached_cell(FILE *out, const st_supply *supply, const double *share) {
    const double least = 0.005; /* rounds to nothing */
    const char *separator = "";
    fputs("<td>", out);
    for (size_t k = 0; k < supply->n; k++)
        if (share[k] >= least) {
            html_print(out, "%s%s %.0f", separator, supply->inlet[k].name, share[k] / ST_PERCENT);
            separator = ", ";
        }
    fputs("</td>", out);
}

static void lesion_rows(FILE *out, const st_result *r) {
    for (size_t i = 0; i < r->liver.n_lesions; i++) {
        const st_lesion *lesion = &r->liver.lesions[i];
        row_open(out, NULL);
        cell(out, "L%u", lesion->id);
        cell(out, "%s", st_lobe_name(lesion->lobe));
        cell_number(out, lesion->volume / ST_ML, 2);
        cell_number(out, lesion->longest_axial_diameter, 1);
        cell_number(out, lesion->perpendicular_diameter, 1);
        cell_number(out, r->summary.lesion_arterial_left[i] / ST_PERCENT, 1);
        cell_number(out, r->summary.lesion_necrosis[i] / ST_PERCENT, 1);
        reached_cell(out, &r->supply, r->reached_through + i * r->supply.n);
        row_close(out);
    }
}

static void arteries_table(FILE *out, const st_supply *supply) {
    static const char *const columns[] = {"artery", "#supplies, mL", "#diameter, mm"};
    char title[64];
    snprintf(title, sizeof title, "Arteries, variant %s", supply->variant);
    table_open(out, title, KIND_ASSUMED, columns, COUNT(columns));
    for (size_t k = 0; k < supply->n; k++) {
        row_open(out, NULL);
        cell(out, "%s", supply->inlet[k].name);
        cell_number(out, supply->inlet[k].volume / ST_ML, 1);
        cell_number(out, supply->inlet[k].diameter, 2);
        row_close(out);
    }
    table_close(out);
}

void page_liver(FILE *out, const st_result *r) {
    static const char *const columns[] = {"lesion",
                                          "lobe",
                                          "#volume, mL",
                                          "#longest axial diameter, mm",
                                          "#perpendicular, mm",
                                          "#arterial flow left, % (simulated)",
                                          "#dead, % (simulated)",
                                          "reached through, % of arterial flow (simulated)"};
    const st_liver *liver = &r->liver;
    html_element(out, "h3", "Liver and lesions");
    table_open(out, "Liver", KIND_MEASURED, quantities, COUNT(quantities));
    quantity(out, "liver with tumour", liver->volume / ST_ML, 1, "mL");
    quantity(out, "tumour", liver->tumour_volume / ST_ML, 2, "mL");
    quantity(out, "tumour burden", st_liver_burden(liver) / ST_PERCENT, 2, "%");
    quantity(out, "right lobe", liver->lobe_volume[ST_LOBE_RIGHT] / ST_ML, 1, "mL");
    quantity(out, "tumour in the right lobe", liver->lobe_tumour_volume[ST_LOBE_RIGHT] / ST_ML, 2, "mL");
    quantity(out, "left lobe", liver->lobe_volume[ST_LOBE_LEFT] / ST_ML, 1, "mL");
    quantity(out, "tumour in the left lobe", liver->lobe_tumour_volume[ST_LOBE_LEFT] / ST_ML, 2, "mL");
    table_close(out);
    if (r->supply.variant[0] != '\0')
        arteries_table(out, &r->supply);
    html_element(out, "p", "Lobes: %s. Artery's entry: %s.", liver->lobe_rule, liver->hilum_rule);
    if (liver->n_lesions == 0)
        return;
    table_open(out, "Lesions", liver->synthetic ? "synthetic" : KIND_MEASURED, columns, COUNT(columns));
    lesion_rows(out, r);
    table_close(out);
}

/* ---- tree and flow ---------------------------------------------------------------------- */

static void flow_rows(FILE *out, const st_result *r) {
    double tumour_before, tumour_after, normal_before, normal_after;
    st_tree_supply(&r->tree, r->flow_before, &tumour_before, &normal_before);
    st_tree_supply(&r->tree, r->flow_after, &tumour_after, &normal_after);
    quantity(out, "hepatic artery before", (tumour_before + normal_before) / ST_ML_MIN, 1, "mL/min");
    quantity(out, "hepatic artery after", (tumour_after + normal_after) / ST_ML_MIN, 1, "mL/min");
    quantity(out, "of it to tumour before", tumour_before / ST_ML_MIN, 1, "mL/min");
    quantity(out, "of it to tumour after", tumour_after / ST_ML_MIN, 1, "mL/min");
    quantity(out, "portal vein", st_demand_portal_total(&r->demand, &r->liver) / ST_ML_MIN, 1, "mL/min, held constant");
}

void page_tree(FILE *out, const st_result *r) {
    const st_tree_measures *m = &r->measures;
    html_element(out, "h3", "Arterial tree and flow");
    table_open(out, "Tree", KIND_SIMULATED, quantities, COUNT(quantities));
    quantity(out, "terminals", r->tree.n_terminals, 0, "");
    quantity(out, "segments", r->tree.n, 0, "");
    quantity(out, "volume", m->volume / ST_ML, 2, "mL");
    quantity(out, "length of all vessels", m->length / METRE, 1, "m");
    quantity(out, "diameter at the root", m->root_diameter, 2, "mm");
    quantity(out, "smallest diameter", m->smallest_diameter / ST_UM, 1, "um");
    quantity(out, "Strahler orders", m->orders, 0, "");
    quantity(out, "pairs of vessels that cross", (double)m->crossings, 0, "");
    quantity(out, "vessels that leave the organ", (double)m->outside, 0, "");
    table_close(out);
    table_open(out, "Flow", "assumed per tissue volume, simulated in the vessels", quantities, COUNT(quantities));
    flow_rows(out, r);
    table_close(out);
}

/* ---- tissue -------------------------------------------------------------------------------------- */

void page_tissue(FILE *out, const st_result *r) {
    static const char *const columns[] = {"after session", "#tumour's arterial flow left, %",
                                          "#normal liver's arterial flow left, %", "#normal liver killed, mL"};
    html_element(out, "h3", "Tissue");
    table_open(out, "At the end", KIND_SIMULATED, quantities, COUNT(quantities));
    if (r->liver.n_lesions > 0)
        quantity(out, "tumour dead", r->summary.tumour_necrosis / ST_PERCENT, 1, "%");
    quantity(out, "normal liver dead", r->summary.normal_necrosis / ST_PERCENT, 2, "%");
    quantity(out, "normal liver dead", r->summary.normal_necrotic_volume / ST_ML, 1, "mL");
    table_close(out);
    if (r->plan.n_sessions == 0)
        return;
    table_open(out, "Session by session", KIND_SIMULATED, columns, COUNT(columns));
    for (size_t s = 0; s < r->plan.n_sessions; s++) {
        const st_session_result *session = &r->sessions[s];
        row_open(out, NULL);
        cell(out, "%zu", s + 1);
        cell_number(out, session->tumour_arterial_left / ST_PERCENT, 1);
        cell_number(out, session->normal_arterial_left / ST_PERCENT, 1);
        cell_number(out, session->normal_necrotic_volume / ST_ML, 1);
        row_close(out);
    }
    table_close(out);
}

/* ---- follow-up -------------------------------------------------------------------------------------- */

static void visit_row(FILE *out, const st_visit *v) {
    row_open(out, NULL);
    cell_number(out, v->time / ST_WEEK, 1);
    cell_number(out, v->sum_of_diameters, 1);
    cell(out, "%s", st_response_name(v->recist));
    cell_number(out, v->sum_of_viable_diameters, 1);
    cell(out, "%s", st_response_name(v->mrecist));
    cell_number(out, v->sum_of_products, 0);
    cell(out, "%s", st_response_name(v->who));
    cell_number(out, v->viable_volume / ST_ML, 2);
    cell_number(out, v->marker_5hiaa / ST_PERCENT, 1);
    cell_number(out, v->marker_cga / ST_PERCENT, 1);
    cell(out, "%s", st_response_name(v->biochemical));
    row_close(out);
}

void page_follow_up(FILE *out, const st_result *r) {
    static const char *const columns[] = {"#week",
                                          "#sum of diameters, mm",
                                          "RECIST 1.1",
                                          "#viable sum, mm",
                                          "mRECIST",
                                          "#sum of products, mm²",
                                          "WHO",
                                          "#viable tumour, mL",
                                          "#5-HIAA, % of baseline",
                                          "#CgA, % of baseline",
                                          "biochemical"};
    const st_course *course = &r->course;
    if (course->n_visits == 0)
        return;
    html_element(out, "h3", "Follow-up");
    table_open(out, "Visits", KIND_COURSE, columns, COUNT(columns));
    for (size_t i = 0; i < course->n_visits; i++)
        visit_row(out, &course->visits[i]);
    table_close(out);
    table_open(out, "Course", KIND_COURSE, quantities, COUNT(quantities));
    quantity(out, "doubling time of living tumour", course->doubling_time / ST_MONTH, 1, "months");
    quantity(out, "AST at its peak", course->ast_peak, 2, "times baseline");
    quantity(out, "time of the AST peak", course->ast_peak > 1 ? course->ast_peak_time / ST_HOUR : NAN, 0,
             "h after the first session");
    quantity(out, "ALT at its peak", course->alt_peak, 2, "times baseline");
    quantity(out, "time of the ALT peak", course->alt_peak > 1 ? course->alt_peak_time / ST_HOUR : NAN, 0,
             "h after the first session");
    table_close(out);
    if (course->doubling_note[0] != 0)
        html_element(out, "p", "Doubling time: %s", course->doubling_note);
    html_element(out, "p",
                 "CR complete response, PR partial response, MR minor response, SD stable disease, PD "
                 "progression, NE not evaluable.");
}
