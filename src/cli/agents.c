/* stasis agents: every embolic agent and protocol, with sizes, drug, trust and source.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"

#include <stasis/units.h>

#include <math.h>
#include <string.h>

static const double MG_ML = 1e-3 / ST_ML; /* mg/mL -> g/mm^3 */

typedef struct agents_options {
    const char *agents;
    bool json;
} agents_options;

static json_t *agent_json(const st_agent *a, const char *trust) {
    return json_pack("{s:s, s:s, s:s, s:f, s:f, s:s, s:f, s:f, s:f, s:f, s:f, s:f, s:s?, s:f, s:o, s:s, s:s}", "name",
                     a->name, "description", a->description, "kind", st_agent_kind_name(a->kind), "d_min_um",
                     a->d_min / ST_UM, "d_max_um", a->d_max / ST_UM, "distribution", a->d_sd > 0 ? "normal" : "uniform",
                     "mean_um", st_agent_moment(a, 1) / ST_UM, "sd_um", st_agent_sd(a) / ST_UM, "deformation",
                     a->deformation, "clump", a->clump, "packing", a->packing, "particles_per_ml",
                     st_agent_per_volume(a) * ST_ML, "drug", a->drug[0] != 0 ? a->drug : NULL, "drug_mg_per_ml",
                     a->drug_load / MG_ML, "resorption_days", st_json_real(a->resorption / ST_DAY), "trust", trust,
                     "source", a->source);
}

static json_t *protocol_json(const st_protocol *p) {
    json_t *steps = json_array();
    for (size_t i = 0; i < p->n; i++) {
        const st_protocol_step *step = &p->steps[i];
        json_array_append_new(steps, json_pack("{s:s, s:o, s:s, s:s}", "agent", step->agent, "dose_ml",
                                               step->dose > 0 ? json_real(step->dose / ST_ML) : json_null(), "trust",
                                               step->trust, "note", step->note));
    }
    return json_pack("{s:s, s:s, s:s, s:o}", "name", p->name, "description", p->description, "source", p->source,
                     "steps", steps);
}

static st_status print_json(const st_agents *agents, const st_protocols *protocols, st_error *err) {
    json_t *all = json_array(), *orders = json_array();
    for (size_t i = 0; i < agents->n; i++)
        json_array_append_new(all, agent_json(&agents->item[i], agents->trust[i]));
    for (size_t i = 0; i < protocols->n; i++)
        json_array_append_new(orders, protocol_json(&protocols->item[i]));
    return common_print_json(json_pack("{s:o, s:o}", "agents", all, "protocols", orders), err);
}

static void print_agent(const st_agent *a, const char *trust) {
    char sizes[32], spread[32], drug[80] = "-", stays[32] = "stays";
    snprintf(sizes, sizeof sizes, a->d_max > a->d_min ? "%g-%g" : "%g", a->d_min / ST_UM, a->d_max / ST_UM);
    snprintf(spread, sizeof spread, "%.0f +- %.0f", st_agent_moment(a, 1) / ST_UM, st_agent_sd(a) / ST_UM);
    if (a->drug[0] != 0)
        snprintf(drug, sizeof drug, "%s %.3g mg/mL", a->drug, a->drug_load / MG_ML);
    if (isfinite(a->resorption))
        snprintf(stays, sizeof stays, "%g d", a->resorption / ST_DAY);
    printf("%-22s  %-9s  %-8s  %-10s  %6.2f  %5g  %9.2g  %-22s  %-9s  %s\n      %s\n      source: %s\n", a->name,
           st_agent_kind_name(a->kind), sizes, spread, a->deformation, a->clump, st_agent_per_volume(a) * ST_ML, drug,
           stays, trust, a->description, a->source);
}

static void print_protocol(const st_protocol *p) {
    printf("%s: %s\n      source: %s\n", p->name, p->description, p->source);
    for (size_t i = 0; i < p->n; i++) {
        const st_protocol_step *step = &p->steps[i];
        printf("  %zu.  %s, ", i + 1,
               strcmp(step->agent, ST_PROTOCOL_PARTICLES) == 0 ? "the agent of the treatment" : step->agent);
        if (step->dose > 0)
            printf("%g mL (%s)\n      %s\n", step->dose / ST_ML, step->trust, step->note);
        else
            printf("to the endpoint (%s)\n      %s\n", step->trust, step->note);
    }
}

static void print_text(const st_agents *agents, const st_protocols *protocols) {
    printf("%-22s  %-9s  %-8s  %-10s  %6s  %5s  %9s  %-22s  %-9s  %s\n", "agent", "kind", "um", "mean +- SD", "deform",
           "clump", "per mL", "drug", "half gone", "trust");
    for (size_t i = 0; i < agents->n; i++)
        print_agent(&agents->item[i], agents->trust[i]);
    puts("\nper mL: particles in a mL of settled agent; deform: part of its diameter by which a particle gives way;\n"
         "clump: mean number of particles that travel as one\n\nprotocols");
    for (size_t i = 0; i < protocols->n; i++)
        print_protocol(&protocols->item[i]);
}

static st_status agents_run(const void *options, st_error *err) {
    const agents_options *o = options;
    st_agents agents = {0};
    st_protocols protocols = {0};
    st_status status = st_agents_init(&agents, err);
    if (status == ST_OK && o->agents != NULL)
        status = st_agents_add_file(&agents, o->agents, err);
    if (status == ST_OK)
        status = st_protocols_init(&protocols, err);
    if (status == ST_OK && o->json)
        status = print_json(&agents, &protocols, err);
    else if (status == ST_OK)
        print_text(&agents, &protocols);
    st_protocols_fini(&protocols);
    st_agents_fini(&agents);
    return status;
}

static const st_argument agents_arguments[] = {{0}};

static const st_option agents_option[] = {
    {"agents", 0, ST_OPTION_FILE, "FILE", "agents of your own, .csv (docs/embolic.md); checks the file too",
     offsetof(agents_options, agents), 0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print JSON", offsetof(agents_options, json), 0, 0, NULL},
    {0}};

const st_command command_agents = {
    .name = "agents",
    .summary = "list every embolic agent and protocol with trust and source",
    .description = "Lists what can be infused, particles, oils and drug-eluting beads, and the protocols that give "
                   "several of them in order. Agents of a file of your own are added; one of the same name takes the "
                   "place of a built-in one. Trust is that of an agent's weakest number.",
    .example = "stasis agents --agents examples/agents.csv",
    .arguments = agents_arguments,
    .options = agents_option,
    .size = sizeof(agents_options),
    .run = agents_run,
};
