/* stasis tree: grow the arterial tree of a label map.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"
#include "tree_verify.h"

#include <string.h>
#include <sys/resource.h>

typedef struct tree_options {
    const char *labels, *output, *preset, *map, *root, *verify;
    int64_t terminals, seed, threads;
    st_option_list set;
    bool json, quiet;
} tree_options;

static void tree_defaults(void *options) {
    tree_options *o = options;
    o->output = "tree.vtp";
    o->preset = ST_DEFAULT_PRESET;
    o->seed = 1;
}

static double peak_mb(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (double)usage.ru_maxrss / 1024;
}

static st_status answer(const tree_options *o, const st_tree *tree, const st_tree_growth *growth,
                        const st_tree_measures *measures, const char *unsolved, st_error *err) {
    if (!o->json) {
        printf("terminals    %u, %u segments, Strahler order up to %u\n"
               "diameters    root %.2f mm, smallest %.0f um\n"
               "volume       %.4g mm3\n"
               "checks       %llu crossings, %llu segments outside the organ, %u terminals relocated\n"
               "time         %.2f s\n"
               "written to   %s (simulated tree)\n",
               tree->n_terminals, tree->n, measures->orders, measures->root_diameter, measures->smallest_diameter * 1e3,
               measures->volume, (unsigned long long)measures->crossings, (unsigned long long)measures->outside,
               growth->relocated, growth->seconds, o->output);
        if (unsolved)
            printf("no pressure  %s\n", unsolved);
        return ST_OK;
    }
    return common_print_json(
        json_pack("{s:s, s:I, s:I, s:I, s:f, s:f, s:f, s:f, s:f, s:f, s:I, s:I, s:I, s:I, s:s, s:s?}", "stasis_version",
                  st_version(), "seed", (json_int_t)o->seed, "terminals", (json_int_t)tree->n_terminals, "segments",
                  (json_int_t)tree->n, "volume_mm3", measures->volume, "length_mm", measures->length,
                  "root_diameter_mm", measures->root_diameter, "smallest_diameter_um",
                  measures->smallest_diameter * 1e3, "seconds", growth->seconds, "peak_mb", peak_mb(), "crossings",
                  (json_int_t)measures->crossings, "outside", (json_int_t)measures->outside, "relocated",
                  (json_int_t)growth->relocated, "orders", (json_int_t)measures->orders, "output", o->output,
                  "unsolved", unsolved),
        err);
}

static st_status set_root(const tree_options *o, const st_parameters *parameters, st_liver *liver, st_error *err) {
    double root[3];
    if (o->root == NULL)
        return ST_OK;
    st_status status = common_numbers("root", o->root, root, 3, err);
    return status == ST_OK ? st_liver_set_root(liver, root, parameters, err) : status;
}

/* The organ is optional: without it, nothing is said of what leaves it. */
static st_status verify(const tree_options *o, st_error *err) {
    st_parameters parameters = {0};
    st_liver liver = {0};
    st_status status = common_parameters(&o->set, &parameters, err);
    if (status == ST_OK && o->labels != NULL)
        status = common_liver(o->labels, o->preset, o->map, &parameters, &liver, err);
    if (status == ST_OK)
        status = tree_verify(&(tree_verify_request){.tree = o->verify,
                                                    .liver = o->labels != NULL ? &liver : NULL,
                                                    .threads = (int)o->threads,
                                                    .json = o->json},
                             &parameters, err);
    st_liver_fini(&liver);
    st_parameters_fini(&parameters);
    return status;
}

static st_status grow(const tree_options *o, st_error *err) {
    st_parameters parameters = {0};
    st_liver liver = {0};
    st_tree tree = {0};
    st_tree_growth growth;
    st_tree_measures measures;
    st_agent agent;
    common_solution solution = {0};
    st_meter *meter = st_meter_new(stderr, o->quiet);
    const st_progress progress = st_meter_progress(meter);
    st_status status;
    if ((status = st_tree_name_check(o->output, err)) != ST_OK ||
        (status = common_parameters(&o->set, &parameters, err)) != ST_OK ||
        (status = st_agent_find(ST_DEFAULT_AGENT, &agent, err)) != ST_OK ||
        (status = common_liver(o->labels, o->preset, o->map, &parameters, &liver, err)) != ST_OK ||
        (status = set_root(o, &parameters, &liver, err)) != ST_OK)
        goto done;
    const st_tree_options growing = {
        .terminals = (uint32_t)o->terminals, .smallest_particle = st_agent_smallest(&agent), .seed = (uint64_t)o->seed};
    if ((status = st_tree_grow(&liver, &parameters, &growing, &progress, &tree, &growth, err)) != ST_OK ||
        (status = st_tree_measure(&tree, &liver, &parameters, (int)o->threads, &measures, err)) != ST_OK ||
        ((status = common_solve(&tree, &parameters, &solution, err)) != ST_OK && status != ST_NUMERIC))
        goto done;
    const bool solved = status == ST_OK; /* a tree too narrow for its demand is a tree still */
    const st_tree_fields fields = {.flow = solved ? solution.q : NULL, .pressure = solved ? solution.pressure : NULL};
    if ((status = st_tree_write(o->output, &tree, &fields, err)) != ST_OK)
        goto done;
    status = answer(o, &tree, &growth, &measures, solved ? NULL : err->what, err);
done:
    st_meter_free(meter);
    common_solution_fini(&solution);
    st_tree_fini(&tree);
    st_liver_fini(&liver);
    st_parameters_fini(&parameters);
    return status;
}

static st_status tree_run(const void *options, st_error *err) {
    const tree_options *o = options;
    if (o->verify != NULL)
        return verify(o, err);
    if (o->labels == NULL)
        return st_fail(err, ST_USAGE, "LABELS is missing: label map of the organ, .nii or .nii.gz");
    return grow(o, err);
}

static const st_argument tree_arguments[] = {{"LABELS",
                                              "label map of the organ, .nii or .nii.gz; --verify can do without",
                                              offsetof(tree_options, labels), true},
                                             {0}};

static const st_option tree_option[] = {
    {"output", 'o', ST_OPTION_FILE, "FILE", "tree to write, .vtp or .swc", offsetof(tree_options, output), 0, 0, NULL},
    {"terminals", 0, ST_OPTION_INTEGER, "N",
     "terminal vessels to grow; 0: as many as particles of 75 um need to stop in a resolved vessel",
     offsetof(tree_options, terminals), 0, 5e6, NULL},
    {"seed", 0, ST_OPTION_INTEGER, "S", "seed of the random numbers", offsetof(tree_options, seed), 0, 9e18, NULL},
    {"preset", 0, ST_OPTION_TEXT, "NAME", "meaning of the labels, by name (docs/formats.md)",
     offsetof(tree_options, preset), 0, 0, NULL},
    {"map", 0, ST_OPTION_FILE, "FILE", "meaning of the labels, from a JSON file instead", offsetof(tree_options, map),
     0, 0, NULL},
    {"root", 0, ST_OPTION_TEXT, "X,Y,Z", "where the artery enters, mm LPS; found from the organ when not given",
     offsetof(tree_options, root), 0, 0, NULL},
    {"verify", 0, ST_OPTION_FILE, "FILE",
     "check this tree instead of growing one: crossings, and with LABELS what leaves the organ; exit code 7 when it "
     "does",
     offsetof(tree_options, verify), 0, 0, NULL},
    {"threads", 0, ST_OPTION_INTEGER, "N", "threads of the checks; 0: all", offsetof(tree_options, threads), 0, 1024,
     NULL},
    {"set", 0, ST_OPTION_LIST, "NAME=VALUE", "change a parameter (see stasis parameters)", offsetof(tree_options, set),
     0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print the measures as JSON", offsetof(tree_options, json), 0, 0, NULL},
    {"quiet", 'q', ST_OPTION_FLAG, NULL, "no progress on standard error", offsetof(tree_options, quiet), 0, 0, NULL},
    {0}};

const st_command command_tree = {
    .name = "tree",
    .summary = "grow the arterial tree of a liver",
    .description = "Grows a tree of arteries into the organ of a label map by constrained constructive optimisation, "
                   "terminals placed by arterial demand, and writes it as VTK PolyData (mm LPS) with its baseline flow "
                   "and pressure. The tree is "
                   "simulated: it has the measures of an arterial tree, not the course of this patient's arteries.",
    .example = "stasis tree liver.nii.gz --terminals 20000 -o tree.vtp",
    .arguments = tree_arguments,
    .options = tree_option,
    .size = sizeof(tree_options),
    .defaults = tree_defaults,
    .run = tree_run,
};
