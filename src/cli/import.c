/* stasis import: an INRIMAGE label volume as NIfTI.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "commands.h"
#include "common.h"

#include <stasis/units.h>

typedef struct import_options {
    const char *image, *output, *axes;
    bool json;
} import_options;

static void import_defaults(void *options) {
    import_options *o = options;
    o->output = "labels.nii.gz";
}

/* Every label with its number of voxels: what one needs to write a map of meanings. */
static st_status count_labels(const st_labels *labels, json_t **counts, st_error *err) {
    const size_t voxels = st_geometry_voxels(&labels->geometry);
    uint64_t *n = st_alloc(UINT16_MAX + 1, sizeof *n, err);
    *counts = json_object();
    if (!n || !*counts) {
        free(n);
        return ST_MEMORY;
    }
    for (size_t i = 0; i < voxels; i++)
        n[labels->label[i]]++;
    for (unsigned label = 1; label <= UINT16_MAX; label++) {
        char name[8];
        snprintf(name, sizeof name, "%u", label);
        if (n[label] > 0)
            json_object_set_new(*counts, name, json_integer((json_int_t)n[label]));
    }
    free(n);
    return ST_OK;
}

static st_status answer(const import_options *o, const st_labels *labels, json_t *counts, st_error *err) {
    const st_geometry *g = &labels->geometry;
    if (o->json)
        return common_print_json(json_pack("{s:s, s:s, s:s, s:[i, i, i], s:[f, f, f], s:O, s:s}", "stasis_version",
                                           st_version(), "input", o->image, "axes", o->axes, "voxels", (int)g->n[0],
                                           (int)g->n[1], (int)g->n[2], "spacing_mm", g->spacing[0], g->spacing[1],
                                           g->spacing[2], "voxels_of_label", counts, "output", o->output),
                                 err);
    const char *label;
    json_t *n;
    printf("voxels       %u x %u x %u of %g x %g x %g mm, growing towards %s\n", g->n[0], g->n[1], g->n[2],
           g->spacing[0], g->spacing[1], g->spacing[2], o->axes);
    json_object_foreach(counts, label, n) {
        const double volume = (double)json_integer_value(n) * st_geometry_voxel_volume(g) / ST_ML;
        printf("label %-6s %lld voxels, %.2f mL\n", label, (long long)json_integer_value(n), volume);
    }
    printf("written to   %s\n", o->output);
    return ST_OK;
}

static st_status import_run(const void *options, st_error *err) {
    const import_options *o = options;
    st_labels labels = {0};
    json_t *counts = NULL;
    if (!o->axes)
        return st_fail(err, ST_USAGE,
                       "--axes is missing: INRIMAGE has no orientation, so say where x, y and z grow, "
                       "such as --axes LPS");
    st_status status = st_inrimage_read(o->image, o->axes, &labels, err);
    if (status == ST_OK)
        status = st_labels_write(o->output, &labels, err);
    if (status == ST_OK)
        status = count_labels(&labels, &counts, err);
    if (status == ST_OK)
        status = answer(o, &labels, counts, err);
    json_decref(counts);
    st_labels_fini(&labels);
    return status;
}

static const st_argument import_arguments[] = {
    {"FILE", "label volume, .inr or .inr.gz", offsetof(import_options, image), false}, {0}};

static const st_option import_option[] = {
    {"output", 'o', ST_OPTION_FILE, "FILE", "label map to write, .nii or .nii.gz", offsetof(import_options, output), 0,
     0, NULL},
    {"axes", 0, ST_OPTION_TEXT, "XYZ",
     "patient directions in which x, y and z grow: one of L and R, one of P and A, one of S and I",
     offsetof(import_options, axes), 0, 0, NULL},
    {"json", 0, ST_OPTION_FLAG, NULL, "print sizes and labels as JSON", offsetof(import_options, json), 0, 0, NULL},
    {0}};

const st_command command_import = {
    .name = "import",
    .summary = "make a NIfTI label map of an INRIMAGE volume",
    .description = "Reads an INRIMAGE-4 volume of labels (unsigned, 8 or 16 bits, plain or gzip) and writes it as "
                   "NIfTI, label by label. INRIMAGE does not say how the patient lies in it, so --axes does; how that "
                   "was found for the liver that Debian ships is told in docs/anatomy.md.",
    .example = "stasis import liver.inr.gz --axes LPS -o liver.nii.gz",
    .arguments = import_arguments,
    .options = import_option,
    .size = sizeof(import_options),
    .defaults = import_defaults,
    .run = import_run,
};
