/* stasis plan: the territories of the tips as a label map.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "plan_answer.h"

#include <stdlib.h>

/* The tip of a voxel is that of the terminal which feeds it. The liver's box goes into the grid of the input. */
static void paint(planning *p, const uint32_t *terminal, uint16_t *label) {
    const st_liver *liver = &p->liver;
    const uint32_t *n = liver->geometry.n, *m = liver->input.n, *origin = liver->origin;
    const double voxel_volume = st_geometry_voxel_volume(&liver->geometry);
    size_t i = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++) {
            uint16_t *row = label + ((size_t)(z + origin[2]) * m[1] + y + origin[1]) * m[0] + origin[0];
            for (uint32_t x = 0; x < n[0]; x++, i++) {
                const uint32_t tip = terminal[i] != ST_NONE ? p->territory[terminal[i]] : 0;
                row[x] = (uint16_t)tip;
                if (tip > 0)
                    *(liver->tissue[i] == ST_TUMOUR ? &p->volume[tip - 1].tumour : &p->volume[tip - 1].normal) +=
                        voxel_volume;
            }
        }
}

st_status plan_write_territory(planning *p, int threads, st_error *err) {
    st_labels labels = {.geometry = p->liver.input, .description = "territories of the tips (simulated)"};
    if (p->n_tips > UINT16_MAX)
        return st_fail(err, ST_VALUE, "a label map counts %u territories at most, and there are %zu tips", UINT16_MAX,
                       p->n_tips);
    uint32_t *terminal = st_alloc(st_geometry_voxels(&p->liver.geometry), sizeof *terminal, err);
    labels.label = st_alloc(st_geometry_voxels(&labels.geometry), sizeof *labels.label, err);
    p->volume = st_alloc(p->n_tips, sizeof *p->volume, err);
    st_status status = ST_MEMORY;
    if (terminal != NULL && labels.label != NULL && p->volume != NULL)
        status = st_territory_assign(&p->liver, &p->tree, threads, terminal, err);
    if (status == ST_OK) {
        paint(p, terminal, labels.label);
        status = st_labels_write(p->territory_file, &labels, err);
    }
    free(terminal);
    st_labels_fini(&labels);
    return status;
}
