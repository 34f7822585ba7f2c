/* stasis convert: a tree from one format to another.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"

#include <string.h>

typedef struct convert_options {
    const char *tree, *output;
    double inflow;
    st_option_list set;
    bool json;
} convert_options;

static bool is_network(const char *path) {
    const size_t n = strlen(path);
    return n > 5 && strcmp(path + n - 5, ".json") == 0;
}

/* A network of resistances: the flow is what decides those behind the terminals. */
static st_status write_network(const convert_options *o, st_tree *tree, st_error *err) {
    st_parameters parameters = {0};
    st_flow flow = {0};
    uint32_t without;
    st_status status;
    if ((status = common_parameters(&o->set, &parameters, err)) != ST_OK ||
        (status = common_share_demand(tree, &parameters, common_inflow(o->inflow, &parameters), &without, err)) !=
            ST_OK ||
        (status = st_flow_init(tree, &parameters, &flow, err)) != ST_OK)
        goto done;
    status = st_flow_write_svzerod(o->output, tree, &flow, err);
done:
    st_flow_fini(&flow);
    st_parameters_fini(&parameters);
    return status;
}

static st_status answer(const convert_options *o, const st_tree *tree, st_error *err) {
    if (o->json)
        return common_print_json(json_pack("{s:s, s:I, s:I, s:s, s:s}", "stasis_version", st_version(), "terminals",
                                           (json_int_t)tree->n_terminals, "segments", (json_int_t)tree->n, "tree",
                                           o->tree, "output", o->output),
                                 err);
    printf("terminals   %u\nsegments    %u\nwritten to  %s\n", tree->n_terminals, tree->n, o->output);
    return ST_OK;
}

static st_status convert_run(const void *options, st_error *err) {
    const convert_options *o = options;
    const bool network = is_network(o->output);
    st_tree tree = {0};
    st_status status = network ? ST_OK : st_tree_name_check(o->output, err);
    if (status == ST_OK)
        status = st_tree_read(o->tree, &tree, err);
    if (status == ST_OK)
        status = network ? write_network(o, &tree, err) : st_tree_write(o->output, &tree, &(st_tree_fields){0}, err);
    if (status == ST_OK)
        status = answer(o, &tree, err);
    st_tree_fini(&tree);
    return status;
}

static const st_argument convert_arguments[] = {
    {"IN", "tree to read: .vtp, .swc, .gxl (or .xml), .nodes.csv or .edges.csv", offsetof(convert_options, tree),
     false},
    {"OUT", "file to write: the same, or a mesh, .obj or .mz3, or a network for svZeroDSolver, .json",
     offsetof(convert_options, output), false},
    {0}};

static const st_option convert_option[] = {
    {"inflow", 0, ST_OPTION_NUMBER, "ML/MIN",
     "of .json: mL/min that the terminals share by radius when the file has no flow; 0: that of a liver of the "
     "reference volume",
     offsetof(convert_options, inflow), 0, 5000, NULL},
    {"set", 0, ST_OPTION_LIST, "NAME=VALUE", "of .json: change a parameter (see stasis parameters)",
     offsetof(convert_options, set), 0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print the findings as JSON", offsetof(convert_options, json), 0, 0, NULL},
    {0}};

const st_command command_convert = {
    .name = "convert",
    .summary = "write a tree in another format",
    .description =
        "Reads a tree and writes it in the format that the name of OUT ends in: .vtp for ParaView, 3D Slicer "
        "and VMTK; .swc; .gxl as VascuSynth and OpenCCO have it; NAME.nodes.csv with NAME.edges.csv; .obj or "
        ".mz3, tubes to look at; .json, the resistances of the network for svZeroDSolver. What each format "
        "keeps stands in docs/formats.md.",
    .example = "stasis convert tree.vtp tree.swc",
    .arguments = convert_arguments,
    .options = convert_option,
    .size = sizeof(convert_options),
    .run = convert_run,
};
