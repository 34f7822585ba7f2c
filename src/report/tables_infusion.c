/* What was infused, tip by tip, and where it stayed.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "page.h"

#include <stasis/units.h>

#include <math.h>

static void particle_cells(FILE *out, const st_particles *p) {
    cell_count(out, p->injected);
    cell_count(out, p->lodged_tumour);
    cell_count(out, p->lodged_normal);
    cell_count(out, p->refluxed);
    cell_count(out, p->passed);
}

static void infusion_row(FILE *out, size_t session, size_t number, const st_infusion *i) {
    row_open(out, NULL);
    cell(out, "%zu", session + 1);
    cell_tip(out, number);
    particle_cells(out, &i->particles);
    cell_number(out, i->embolic_volume / ST_ML, 3);
    cell_number(out, i->suspension_volume / ST_ML, 2);
    cell_number(out, i->seconds / ST_MINUTE, 1);
    cell_number(out, i->tip_flow_before / ST_ML_MIN, 2);
    cell_number(out, i->tip_flow_after / ST_ML_MIN, 2);
    cell_number(out, i->clearance_beats, 1);
    cell(out, "%s", i->stopped_by);
    row_close(out);
}

static void oil_cells(FILE *out, const st_oil *oil) {
    cell_number(out, oil->injected / ST_ML, 2);
    cell_number(out, oil->tumour / ST_ML, 2);
    cell_number(out, oil->normal / ST_ML, 2);
    cell_number(out, oil->portal / ST_ML, 2);
    cell_number(out, oil->refluxed / ST_ML, 2);
}

static void oil_row(FILE *out, size_t session, size_t number, const st_infusion *i) {
    row_open(out, NULL);
    cell(out, "%zu", session + 1);
    cell_tip(out, number);
    cell(out, "%s", i->agent);
    oil_cells(out, &i->oil);
    cell_number(out, i->tip_flow_before / ST_ML_MIN, 2);
    cell_number(out, i->tip_flow_after / ST_ML_MIN, 2);
    row_close(out);
}

/* The infusions of one kind, a row each; the tips are numbered over all sessions. */
static void infusion_rows(FILE *out, const st_case *c, const st_result *r, size_t session, st_agent_kind kind,
                          void (*row)(FILE *, size_t, size_t, const st_infusion *)) {
    const st_session_result *found = &r->sessions[session];
    size_t before = 0;
    for (size_t s = 0; s < session; s++)
        before += r->plan.sessions[s].n_tips;
    for (size_t i = 0; i < found->n_infusions; i++)
        if (found->infusions[i].kind == kind)
            row(out, session, before + i / c->regimen.n + 1, &found->infusions[i]);
}

void page_oil(FILE *out, const st_case *c, const st_result *r) {
    static const char *const columns[] = {"session",
                                          "tip",
                                          "agent",
                                          "#given, mL",
                                          "#in tumour, mL",
                                          "#in normal liver, mL",
                                          "#to the portal side, mL",
                                          "#refluxed, mL",
                                          "#flow before, mL/min",
                                          "#flow after, mL/min"};
    if (!report_shows_oil(c, r))
        return;
    html_element(out, "h3", "Oil");
    table_open(out, "Where the oil stayed", KIND_SIMULATED, columns, COUNT(columns));
    for (size_t s = 0; s < r->plan.n_sessions; s++) {
        infusion_rows(out, c, r, s, ST_AGENT_OIL, oil_row);
        row_open(out, "sum");
        cell(out, "%zu", s + 1);
        cell(out, "all");
        cell(out, "%s", "");
        oil_cells(out, &r->sessions[s].oil);
        cell(out, "%s", "");
        cell(out, "%s", "");
        row_close(out);
    }
    table_close(out);
    html_element(out, "p",
                 "Given = tumour + normal liver + portal side + refluxed. How much oil tissue holds, and what passes "
                 "to the portal side, is assumed (docs/embolic.md).");
}

void page_particles(FILE *out, const st_case *c, const st_result *r) {
    static const char *const columns[] = {"session",
                                          "tip",
                                          "#injected",
                                          "#tumour vessels",
                                          "#normal liver",
                                          "#refluxed",
                                          "#passed",
                                          "#particles, mL",
                                          "#suspension, mL",
                                          "#infusion, min",
                                          "#flow before, mL/min",
                                          "#flow after, mL/min",
                                          "#heartbeats to clear",
                                          "stopped by"};
    enum { AFTER_PARTICLES = 6 };
    if (r->plan.n_sessions == 0 || !isfinite(st_regimen_smallest(&c->regimen))) /* oil alone */
        return;
    html_element(out, "h3", "Particles and endpoint");
    table_open(out, "Where each particle stopped", KIND_SIMULATED, columns, COUNT(columns));
    for (size_t s = 0; s < r->plan.n_sessions; s++) {
        const st_session_result *session = &r->sessions[s];
        infusion_rows(out, c, r, s, ST_AGENT_PARTICLES, infusion_row);
        row_open(out, "sum");
        cell(out, "%zu", s + 1);
        cell(out, "all");
        particle_cells(out, &session->particles);
        cell_number(out, session->embolic_volume / ST_ML, 3);
        for (int k = 0; k < AFTER_PARTICLES; k++)
            cell(out, "%s", "");
        row_close(out);
    }
    table_close(out);
    html_element(out, "p",
                 "Injected = tumour vessels + normal liver + refluxed + passed, exactly. A vessel counts as "
                 "tumour's when more than half of its flow before treatment ends in tumour.");
    html_element(
        out, "p",
        "Blood seeps on through the pores of a plug, the less the longer it is. Beyond the vessels of the tree "
        "stand random ones that divide as the tree's own do, down to the size in which the narrowest particle "
        "stops. Flow before and after is that through the tip with the catheter in place, which narrows its "
        "vessels, before this infusion and after it (docs/embolic.md).");
}
