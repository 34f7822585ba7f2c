/* stasis flow: pressures and flows of a tree.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>

typedef struct flow_options {
    const char *tree, *output;
    double inflow;
    st_option_list set;
    bool json;
} flow_options;

static void flow_defaults(void *options) {
    ((flow_options *)options)->output = "flow.vtp";
}

typedef struct flow_found {
    double root_flow, smallest_terminal_pressure; /* mm^3/s, Pa */
    uint32_t without_demand;
} flow_found;

static flow_found look(const st_tree *tree, const double *q, const double *pressure) {
    flow_found found = {.smallest_terminal_pressure = INFINITY};
    for (uint32_t i = 0; i < tree->n; i++) {
        if (tree->parent[i] == ST_NONE)
            found.root_flow += q[i];
        if (st_tree_is_terminal(tree, i))
            found.smallest_terminal_pressure = fmin(found.smallest_terminal_pressure, pressure[i]);
    }
    return found;
}

static st_status answer(const flow_options *o, const st_tree *tree, const st_flow *flow, const flow_found *found,
                        st_error *err) {
    if (o->json)
        return common_print_json(
            json_pack("{s:s, s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:s}", "stasis_version", st_version(), "terminals",
                      (json_int_t)tree->n_terminals, "segments", (json_int_t)tree->n, "terminals_without_demand",
                      (json_int_t)found->without_demand, "root_flow_ml_min", found->root_flow / ST_ML_MIN,
                      "inlet_pressure_mmhg", flow->inlet_pressure / ST_MMHG, "back_pressure_mmhg",
                      flow->back_pressure / ST_MMHG, "smallest_terminal_pressure_mmhg",
                      found->smallest_terminal_pressure / ST_MMHG, "output", o->output),
            err);
    printf("root flow          %.4g mL/min (simulated)\n"
           "pressure           %.4g mmHg at the root, %.4g mmHg behind the terminals (assumed)\n"
           "smallest terminal  %.4g mmHg (simulated)\n",
           found->root_flow / ST_ML_MIN, flow->inlet_pressure / ST_MMHG, flow->back_pressure / ST_MMHG,
           found->smallest_terminal_pressure / ST_MMHG);
    if (found->without_demand > 0)
        puts("demand             assumed: shares of the inflow by radius");
    printf("written to         %s\n", o->output);
    return ST_OK;
}

static st_status flow_run(const void *options, st_error *err) {
    const flow_options *o = options;
    st_parameters parameters = {0};
    st_tree tree = {0};
    common_solution solution = {0};
    uint32_t without;
    st_status status;
    if ((status = st_tree_name_check(o->output, err)) != ST_OK ||
        (status = common_parameters(&o->set, &parameters, err)) != ST_OK ||
        (status = st_tree_read(o->tree, &tree, err)) != ST_OK ||
        (status = common_share_demand(&tree, &parameters, common_inflow(o->inflow, &parameters), &without, err)) !=
            ST_OK ||
        (status = common_solve(&tree, &parameters, &solution, err)) != ST_OK ||
        (status = st_tree_write(o->output, &tree, &(st_tree_fields){.flow = solution.q, .pressure = solution.pressure},
                                err)) != ST_OK)
        goto done;
    flow_found found = look(&tree, solution.q, solution.pressure);
    found.without_demand = without;
    status = answer(o, &tree, &solution.flow, &found, err);
done:
    common_solution_fini(&solution);
    st_tree_fini(&tree);
    st_parameters_fini(&parameters);
    return status;
}

static const st_argument flow_arguments[] = {
    {"TREE", "tree of stasis, or a VMTK or SimVascular centreline, .vtp; or another format that stasis convert reads",
     offsetof(flow_options, tree), false},
    {0}};

static const st_option flow_option[] = {
    {"output", 'o', ST_OPTION_FILE, "FILE", "tree with Flow and Pressure to write, .vtp; or .nodes.csv",
     offsetof(flow_options, output), 0, 0, NULL},
    {"inflow", 0, ST_OPTION_NUMBER, "ML/MIN",
     "mL/min that the terminals share by radius when the file has no flow; 0: that of a liver of the reference volume",
     offsetof(flow_options, inflow), 0, 5000, NULL},
    {"set", 0, ST_OPTION_LIST, "NAME=VALUE", "change a parameter (see stasis parameters)", offsetof(flow_options, set),
     0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print the findings as JSON", offsetof(flow_options, json), 0, 0, NULL},
    {0}};

const st_command command_flow = {
    .name = "flow",
    .summary = "solve the flow and the pressure of a tree",
    .description = "Poiseuille flow with the viscosity of blood in small vessels (Pries 1994), solved exactly. Each "
                   "terminal ends in a resistance chosen so that it carries its demand: the Flow of the file or, where "
                   "the file has none, a share of the inflow by its radius.",
    .example = "stasis flow tree.vtp -o flow.vtp",
    .arguments = flow_arguments,
    .options = flow_option,
    .size = sizeof(flow_options),
    .defaults = flow_defaults,
    .run = flow_run,
};
