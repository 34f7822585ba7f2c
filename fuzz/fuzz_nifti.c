/* A NIfTI label map, and the liver that is made of it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

enum { VOXELS_MOST = 1 << 16 }; /* beyond that a liver takes longer than it teaches */

static st_parameters parameters;
static st_label_map map;

static void build_liver(const st_labels *labels) {
    st_error err = {0};
    st_liver liver;
    if (parameters.item[0].name == NULL &&
        (st_parameters_init(&parameters, &err) != ST_OK || st_label_map_preset("stasis", &map, &err) != ST_OK))
        abort();
    if (st_liver_from_labels(labels, &map, &parameters, &liver, &err) != ST_OK) {
        if (err.what[0] == 0)
            abort(); /* a refusal without a word */
        return;
    }
    if (!(liver.volume > 0) || st_liver_class_at(&liver, liver.hilum) == ST_OUTSIDE)
        abort(); /* a root outside the organ */
    st_liver_fini(&liver);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    st_error err = {0};
    st_labels labels;
    if (st_labels_read(fuzz_file(".nii", bytes, size), &labels, &err) != ST_OK) {
        if (err.what[0] == 0 || labels.label != NULL)
            abort();
        return 0;
    }
    if (st_geometry_voxels(&labels.geometry) <= VOXELS_MOST)
        build_liver(&labels);
    st_labels_fini(&labels);
    return 0;
}
