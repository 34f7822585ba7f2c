/* An INRIMAGE volume.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size) {
    st_error err = {0};
    st_labels labels;
    if (st_inrimage_read(fuzz_file(".inr", bytes, size), "LPS", &labels, &err) != ST_OK) {
        if (err.what[0] == 0 || labels.label != NULL)
            abort(); /* a refusal without a word */
        return 0;
    }
    st_labels_fini(&labels);
    return 0;
}
