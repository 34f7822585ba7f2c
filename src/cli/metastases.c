/* stasis metastases: synthetic lesions in a liver that has none.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"

#include <stasis/units.h>

#include <string.h>

typedef struct metastases_options {
    const char *labels, *output, *preset, *map;
    int64_t count, seed;
    double burden;
    st_option_list set;
    bool json;
} metastases_options;

static void metastases_defaults(void *options) {
    metastases_options *o = options;
    o->output = "metastases.nii.gz";
    o->preset = ST_DEFAULT_PRESET;
    o->count = 5;
    o->burden = 10;
    o->seed = 1;
}

static st_status free_label(const st_labels *labels, const st_label_map *map, uint16_t *label, st_error *err) {
    const size_t voxels = st_geometry_voxels(&labels->geometry);
    bool used[UINT8_MAX + 1] = {false};
    for (size_t i = 0; i < voxels; i++)
        if (labels->label[i] <= UINT8_MAX)
            used[labels->label[i]] = true;
    for (size_t k = 0; k < map->n; k++)
        if (map->entry[k].label <= UINT8_MAX)
            used[map->entry[k].label] = true;
    for (uint16_t free = UINT8_MAX; free > 0; free--)
        if (!used[free]) {
            *label = free;
            return ST_OK;
        }
    return st_fail(err, ST_VALUE, "the label map has no tumour label, and no label up to 255 is free for one");
}

/* The label that means tumour; a map that has none gets the highest free one of 8 bits. */
static st_status tumour_label(const st_labels *labels, st_label_map *map, uint16_t *label, st_error *err) {
    for (size_t k = 0; k < map->n; k++)
        if (map->entry[k].role == ST_ROLE_TUMOUR) {
            *label = map->entry[k].label;
            return ST_OK;
        }
    if (map->n == sizeof map->entry / sizeof *map->entry)
        return st_fail(err, ST_VALUE, "the label map \"%s\" has no tumour label and no room for one", map->name);
    const st_status status = free_label(labels, map, label, err);
    if (status == ST_OK)
        map->entry[map->n++] = (struct st_label_role){.label = *label, .role = ST_ROLE_TUMOUR};
    return status;
}

static void print_liver(const metastases_options *o, const st_liver *liver, unsigned label) {
    printf("%zu synthetic %s of %.1f mL, %.4g %% of %.0f mL of liver, seed %lld\n", liver->n_lesions,
           liver->n_lesions == 1 ? "metastasis" : "metastases", liver->tumour_volume / ST_ML,
           st_liver_burden(liver) / ST_PERCENT, liver->volume / ST_ML, (long long)o->seed);
    for (size_t i = 0; i < liver->n_lesions; i++) {
        const st_lesion *lesion = &liver->lesions[i];
        printf("%4u  %8.2f mL  %5.1f x %5.1f mm  %s\n", lesion->id, lesion->volume / ST_ML,
               lesion->longest_axial_diameter, lesion->perpendicular_diameter, st_lobe_name(lesion->lobe));
    }
    if (liver->note[0] != '\0')
        printf("note: %s\n", liver->note);
    printf("written to %s, tumour label %u (synthetic: made by a program, not found in a patient)\n", o->output, label);
}

static st_status answer(const metastases_options *o, const st_liver *liver, unsigned label, st_error *err) {
    if (!o->json) {
        print_liver(o, liver, label);
        return ST_OK;
    }
    json_t *lesions = json_array();
    for (size_t i = 0; i < liver->n_lesions; i++) {
        const st_lesion *lesion = &liver->lesions[i];
        json_array_append_new(lesions,
                              json_pack("{s:i, s:f, s:f, s:f, s:[f, f, f], s:s}", "id", (int)lesion->id, "volume_ml",
                                        lesion->volume / ST_ML, "longest_axial_diameter_mm",
                                        lesion->longest_axial_diameter, "perpendicular_diameter_mm",
                                        lesion->perpendicular_diameter, "centroid_lps_mm", lesion->centroid[0],
                                        lesion->centroid[1], lesion->centroid[2], "lobe", st_lobe_name(lesion->lobe)));
    }
    return common_print_json(
        json_pack("{s:s, s:b, s:I, s:I, s:f, s:f, s:f, s:i, s:o, s:s, s:s}", "stasis_version", st_version(),
                  "synthetic", 1, "seed", (json_int_t)o->seed, "count", (json_int_t)liver->n_lesions,
                  "tumour_burden_percent", st_liver_burden(liver) / ST_PERCENT, "tumour_volume_ml",
                  liver->tumour_volume / ST_ML, "liver_volume_ml", liver->volume / ST_ML, "tumour_label", (int)label,
                  "lesions", lesions, "note", liver->note, "output", o->output),
        err);
}

static st_status metastases_run(const void *options, st_error *err) {
    const metastases_options *o = options;
    st_parameters parameters = {0};
    st_labels labels = {0};
    st_label_map map;
    st_liver liver = {0};
    uint16_t label = 0;
    st_status status = common_parameters(&o->set, &parameters, err);
    if (status == ST_OK)
        status = common_map(o->preset, o->map, &map, err);
    if (status == ST_OK)
        status = st_labels_read(o->labels, &labels, err);
    if (status == ST_OK)
        status = tumour_label(&labels, &map, &label, err);
    if (status == ST_OK)
        status = st_metastases_place(&labels, &map, (unsigned)o->count, o->burden * ST_PERCENT, (uint64_t)o->seed,
                                     &parameters, label, err);
    if (status == ST_OK)
        status = st_liver_from_labels(&labels, &map, &parameters, &liver, err);
    if (status == ST_OK)
        status = st_labels_write(o->output, &labels, err);
    if (status == ST_OK)
        status = answer(o, &liver, label, err);
    st_liver_fini(&liver);
    st_labels_fini(&labels);
    st_parameters_fini(&parameters);
    return status;
}

static const st_argument metastases_arguments[] = {
    {"LABELS", "label map of a liver without lesions, .nii or .nii.gz", offsetof(metastases_options, labels), false},
    {0}};

static const st_option metastases_option[] = {
    {"output", 'o', ST_OPTION_FILE, "FILE", "label map to write, .nii or .nii.gz", offsetof(metastases_options, output),
     0, 0, NULL},
    {"count", 0, ST_OPTION_INTEGER, "N", "metastases to place", offsetof(metastases_options, count), 1, 65535, NULL},
    {"burden", 0, ST_OPTION_NUMBER, "PERCENT", "their share of the volume of the liver, %",
     offsetof(metastases_options, burden), 1e-6, 99, NULL},
    {"seed", 0, ST_OPTION_INTEGER, "S", "seed of the random numbers", offsetof(metastases_options, seed), 0, 9e18,
     NULL},
    {"preset", 0, ST_OPTION_TEXT, "NAME", "meaning of the labels, by name (docs/anatomy.md)",
     offsetof(metastases_options, preset), 0, 0, NULL},
    {"map", 0, ST_OPTION_FILE, "FILE", "meaning of the labels, from a JSON file instead",
     offsetof(metastases_options, map), 0, 0, NULL},
    {"set", 0, ST_OPTION_LIST, "NAME=VALUE", "change a parameter (see stasis parameters)",
     offsetof(metastases_options, set), 0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print the lesions as JSON", offsetof(metastases_options, json), 0, 0, NULL},
    {0}};

const st_command command_metastases = {
    .name = "metastases",
    .summary = "place synthetic metastases in a liver that has none",
    .description = "Places spheroids at random inside the liver, not touching each other, with volumes from a "
                   "log-normal distribution scaled to the burden, and writes the label map with the tumour label of "
                   "the preset (of a map that has none, the highest free one up to 255). They are synthetic: the "
                   "output says so in its description, and so does everything that is made from it.",
    .example = "stasis metastases liver.nii.gz --preset lits --count 9 --burden 15 --seed 1 -o sick.nii.gz",
    .arguments = metastases_arguments,
    .options = metastases_option,
    .size = sizeof(metastases_options),
    .defaults = metastases_defaults,
    .run = metastases_run,
};
