/* stasis tree: grow the vessels of a label map, or check a tree.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "tree_grow.h"
#include "tree_verify.h"

typedef struct tree_options {
    const char *labels, *output, *preset, *map, *system, *root, *variant, *trunk, *trunk_axes, *avoid, *portal,
        *feeders;
    const char *verify, *beside;
    int64_t terminals, seed, threads;
    st_option_list set;
    bool json, quiet;
} tree_options;

static void tree_defaults(void *options) {
    tree_options *o = options;
    o->output = "tree.vtp";
    o->preset = ST_DEFAULT_PRESET;
    o->system = "artery";
    o->seed = 1;
}

/* The organ is optional: without it, nothing is said of what leaves it. */
static st_status verify(const tree_options *o, const st_parameters *parameters, st_error *err) {
    st_liver liver = {0};
    st_status status = ST_OK;
    if (o->labels != NULL)
        status = common_liver(o->labels, o->preset, o->map, parameters, &liver, err);
    if (status == ST_OK)
        status = tree_verify(&(tree_verify_request){.tree = o->verify,
                                                    .beside = o->beside,
                                                    .liver = o->labels != NULL ? &liver : NULL,
                                                    .threads = (int)o->threads,
                                                    .json = o->json},
                             parameters, err);
    st_liver_fini(&liver);
    return status;
}

static st_status grow(const tree_options *o, const st_parameters *parameters, st_error *err) {
    if (o->labels == NULL)
        return st_fail(err, ST_USAGE, "LABELS is missing: label map of the organ, .nii or .nii.gz");
    if (o->beside != NULL)
        return st_fail(err, ST_USAGE, "--beside goes with --verify; a growing tree keeps off another with --avoid");
    return tree_grow(&(tree_grow_request){.labels = o->labels,
                                          .preset = o->preset,
                                          .map = o->map,
                                          .output = o->output,
                                          .system = o->system,
                                          .root = o->root,
                                          .variant = o->variant,
                                          .trunk = o->trunk,
                                          .axes = o->trunk_axes,
                                          .avoid = o->avoid,
                                          .portal = o->portal,
                                          .feeders = o->feeders,
                                          .terminals = (uint32_t)o->terminals,
                                          .seed = (uint64_t)o->seed,
                                          .threads = (int)o->threads,
                                          .json = o->json,
                                          .quiet = o->quiet},
                     parameters, err);
}

static st_status tree_run(const void *options, st_error *err) {
    const tree_options *o = options;
    st_parameters parameters = {0};
    st_status status = common_parameters(&o->set, &parameters, err);
    if (status == ST_OK)
        status = (o->verify != NULL ? verify : grow)(o, &parameters, err);
    st_parameters_fini(&parameters);
    return status;
}

static const st_argument tree_arguments[] = {{"LABELS",
                                              "label map of the organ, .nii or .nii.gz; --verify can do without",
                                              offsetof(tree_options, labels), true},
                                             {0}};

#define AT(member) offsetof(tree_options, member)
static const st_option tree_option[] = {
    {"output", 'o', ST_OPTION_FILE, "FILE",
     "tree to write: .vtp, or any format that stasis convert writes, .json aside", AT(output), 0, 0, NULL},
    {"terminals", 0, ST_OPTION_INTEGER, "N",
     "terminal vessels to grow; 0: such that they are as wide as terminal_diameter", AT(terminals), 0,
     1e7, NULL},
    {"seed", 0, ST_OPTION_INTEGER, "S", "seed of the random numbers", AT(seed), 0, 9e18, NULL},
    {"preset", 0, ST_OPTION_TEXT, "NAME", "meaning of the labels, by name (docs/formats.md)", AT(preset), 0, 0, NULL},
    {"map", 0, ST_OPTION_FILE, "FILE", "meaning of the labels, from a JSON file instead", AT(map), 0, 0, NULL},
    {"system", 0, ST_OPTION_TEXT, "NAME", "vessels to grow: artery, or portal for the portal vein", AT(system), 0, 0,
     NULL},
    {"root", 0, ST_OPTION_TEXT, "X,Y,Z", "where the artery enters, mm LPS; found from the organ when not given",
     AT(root), 0, 0, NULL},
    {"variant", 0, ST_OPTION_TEXT, "NAME",
     "course of the arteries, michels-1 to michels-10 (docs/variants.md), or drawn by published frequency", AT(variant),
     0, 0, NULL},
    {"trunk", 0, ST_OPTION_FILE, "FILE",
     "measured vessels to go on from: centrelines (.vtp, .swc, .csv), or \"labels\" for those of LABELS "
     "(docs/trunk.md)",
     AT(trunk), 0, 0, NULL},
    {"trunk-axes", 0, ST_OPTION_TEXT, "XYZ",
     "directions in which x, y, z of a .csv trunk grow, such as RAS; LPS when "
     "not given",
     AT(trunk_axes), 0, 0, NULL},
    {"avoid", 0, ST_OPTION_FILE, "FILE", "tree of the other system that is not to be touched", AT(avoid), 0, 0, NULL},
    {"portal", 0, ST_OPTION_FILE, "FILE", "grow the portal vein too, not touching the arteries, and write it there",
     AT(portal), 0, 0, NULL},
    {"feeders", 0, ST_OPTION_FILE, "FILE",
     "arteries of single lesions, a .csv of lesion, feeders, shared; drawn for lesions that it does not name",
     AT(feeders), 0, 0, NULL},
    {"verify", 0, ST_OPTION_FILE, "FILE",
     "check this tree instead of growing one, and with LABELS what of it takes the organ; exit code 7 when a promise "
     "is broken",
     AT(verify), 0, 0, NULL},
    {"beside", 0, ST_OPTION_FILE, "FILE", "with --verify: a tree that it must not touch", AT(beside), 0, 0, NULL},
    {"threads", 0, ST_OPTION_INTEGER, "N", "threads; 0: all; the tree does not depend on them", AT(threads), 0, 1024,
     NULL},
    {"set", 0, ST_OPTION_LIST, "NAME=VALUE", "change a parameter (see stasis parameters)", AT(set), 0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print the measures as JSON", AT(json), 0, 0, NULL},
    {"quiet", 'q', ST_OPTION_FLAG, NULL, "no progress on standard error", AT(quiet), 0, 0, NULL},
    {0}};
#undef AT

const st_command command_tree = {
    .name = "tree",
    .summary = "grow the arteries or the portal vein of a liver",
    .description = "Grows a tree of vessels into the organ of a label map by constrained constructive optimisation, "
                   "terminals placed by demand, lesions with arteries of their own, and writes it as VTK PolyData (mm "
                   "LPS) with its baseline flow and pressure (docs/tree.md). The tree is "
                   "simulated: it has the measures of an arterial tree, not the course of this patient's arteries.",
    .example = "stasis tree liver.nii.gz --terminals 20000 -o tree.vtp",
    .arguments = tree_arguments,
    .options = tree_option,
    .size = sizeof(tree_options),
    .defaults = tree_defaults,
    .run = tree_run,
};
