/* The network as svZeroDSolver reads it: resistances in cgs units, a pressure at each root, a resistance behind each
 * terminal. (github.com/SimVascular/svZeroDSolver)
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stasis/flow.h>
#include <stasis/units.h>

/* dyn s / cm^5 of a conductance in mm^3 / (s Pa). */
static double resistance_cgs(double conductance) {
    return ST_ML / ST_DYN_CM2 / conductance;
}

/* A resistance cannot be infinite. */
static st_status check_open(const st_tree *tree, const st_flow *flow, st_error *err) {
    for (uint32_t i = 0; i < tree->n; i++)
        if (!(flow->conductance[i] > 0))
            return st_fail(err, ST_VALUE, "segment %u is blocked; a network of resistances has none that is", i);
    return ST_OK;
}

static void put_parameters(FILE *s) {
    fprintf(
        s,
        "{\n\"description\": {\"description\": \"arterial tree by stasis %s: steady resistances, cgs units\"},\n"
        "\"simulation_parameters\": {\"number_of_cardiac_cycles\": 1, \"number_of_time_pts_per_cardiac_cycle\": 2},\n",
        st_version());
}

/* Two times make a constant. */
static void put_constant(FILE *s, const char *before, const char *kind, uint32_t segment, const char *type,
                         const char *quantity, double value) {
    fprintf(s, "%s{\"bc_name\": \"%s%u\", \"bc_type\": \"%s\", \"bc_values\": {\"%s\": [%.17g, %.17g], \"t\": [0, 1]}}",
            before, kind, segment, type, quantity, value, value);
}

/* The first segment is a root, so that an outlet is never the first condition. A terminal without demand is closed: no
 * flow leaves it. */
static void put_outlet(FILE *s, const st_flow *flow, uint32_t segment) {
    if (flow->outlet[segment] > 0)
        fprintf(
            s, ",\n{\"bc_name\": \"OUT%u\", \"bc_type\": \"RESISTANCE\", \"bc_values\": {\"R\": %.17g, \"Pd\": %.17g}}",
            segment, resistance_cgs(flow->outlet[segment]), flow->back_pressure / ST_DYN_CM2);
    else
        put_constant(s, ",\n", "OUT", segment, "FLOW", "Q", 0);
}

static void put_boundaries(FILE *s, const st_tree *tree, const st_flow *flow) {
    fputs("\"boundary_conditions\": [", s);
    for (uint32_t i = 0; i < tree->n; i++) {
        if (tree->parent[i] == ST_NONE)
            put_constant(s, i > 0 ? ",\n" : "\n", "IN", i, "PRESSURE", "P", flow->inlet_pressure / ST_DYN_CM2);
        if (st_tree_is_terminal(tree, i))
            put_outlet(s, flow, i);
    }
    fputs("],\n", s);
}

static void put_vessel_boundaries(FILE *s, const st_tree *tree, uint32_t i) {
    const bool root = tree->parent[i] == ST_NONE, terminal = st_tree_is_terminal(tree, i);
    if (!root && !terminal)
        return;
    fputs(", \"boundary_conditions\": {", s);
    if (root)
        fprintf(s, "\"inlet\": \"IN%u\"%s", i, terminal ? ", " : "");
    if (terminal)
        fprintf(s, "\"outlet\": \"OUT%u\"", i);
    putc('}', s);
}

static void put_vessels(FILE *s, const st_tree *tree, const st_flow *flow) {
    fputs("\"vessels\": [", s);
    for (uint32_t i = 0; i < tree->n; i++) {
        fprintf(s,
                "%s\n{\"vessel_id\": %u, \"vessel_name\": \"branch%u_seg0\", \"vessel_length\": %.9g, "
                "\"zero_d_element_type\": \"BloodVessel\", \"zero_d_element_values\": {\"R_poiseuille\": %.17g}",
                i > 0 ? "," : "", i, i, st_tree_length(tree, i) / ST_CM, resistance_cgs(flow->conductance[i]));
        put_vessel_boundaries(s, tree, i);
        putc('}', s);
    }
    fputs("],\n", s);
}

/* One behind each segment that goes on. */
static void put_junctions(FILE *s, const st_tree *tree) {
    const char *before = "\n";
    fputs("\"junctions\": [", s);
    for (uint32_t i = 0; i < tree->n; i++) {
        if (st_tree_is_terminal(tree, i))
            continue;
        fprintf(s,
                "%s{\"junction_name\": \"J%u\", \"junction_type\": \"NORMAL_JUNCTION\", \"inlet_vessels\": [%u], "
                "\"outlet_vessels\": [%u",
                before, i, i, tree->first_child[i]);
        for (uint32_t c = tree->next_sibling[tree->first_child[i]]; c != ST_NONE; c = tree->next_sibling[c])
            fprintf(s, ", %u", c);
        fputs("]}", s);
        before = ",\n";
    }
    fputs("]\n}\n", s);
}

st_status st_flow_write_svzerod(const char *path, const st_tree *tree, const st_flow *flow, st_error *err) {
    st_writer writer;
    st_status status = check_open(tree, flow, err);
    if (status == ST_OK)
        status = st_writer_open(&writer, path, err);
    if (status != ST_OK)
        return status;
    put_parameters(writer.stream);
    put_boundaries(writer.stream, tree, flow);
    put_vessels(writer.stream, tree, flow);
    put_junctions(writer.stream, tree);
    return st_writer_commit(&writer, err);
}
