/* The liver of a label map: organ, lesions, lobes and hilum put together; places in it.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "liver_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* The organ on its own box: tissue, and the segments where a label tells one. */
static st_status cut_out(const organ *o, const st_labels *labels, st_liver *liver, st_error *err) {
    uint32_t n[3];
    for (int i = 0; i < 3; i++) {
        n[i] = o->high[i] - o->low[i];
        liver->origin[i] = (uint32_t)(o->origin[i] + o->low[i]);
    }
    liver->input = labels->geometry;
    liver->geometry = st_geometry_crop(&labels->geometry, liver->origin, n);
    const size_t voxels = st_geometry_voxels(&liver->geometry);
    liver->tissue = st_alloc(voxels, 1, err);
    liver->lesion = st_alloc(voxels, sizeof *liver->lesion, err);
    liver->lobe = st_alloc(voxels, 1, err);
    liver->couinaud = st_alloc(voxels, 1, err);
    if (!liver->tissue || !liver->lesion || !liver->lobe || !liver->couinaud)
        return ST_MEMORY;
    size_t to = 0;
    bool told = false;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++) {
            const size_t row = ((size_t)(z + o->low[2]) * o->geometry.n[1] + y + o->low[1]) * o->geometry.n[0];
            for (uint32_t x = 0; x < n[0]; x++, to++) {
                const size_t from = row + x + o->low[0];
                if (!o->inside[from])
                    continue;
                liver->tissue[to] = o->role[from] == ST_ROLE_TUMOUR ? ST_TUMOUR : ST_NORMAL;
                liver->couinaud[to] = o->segment[from];
                told = told || o->segment[from] != 0;
            }
        }
    if (!told) {
        free(liver->couinaud);
        liver->couinaud = NULL;
    }
    return ST_OK;
}

st_status st_liver_from_labels(const st_labels *labels, const st_label_map *map, const st_parameters *parameters,
                               st_liver *liver, st_error *err) {
    organ o;
    *liver = (st_liver){.synthetic = strstr(labels->description, ST_SYNTHETIC_MARK) != NULL};
    st_status status = organ_find(labels, map, parameters, &o, liver->note, sizeof liver->note, err);
    if (status == ST_OK)
        status = cut_out(&o, labels, liver, err);
    if (status == ST_OK)
        status = lesions_find(liver, err);
    if (status == ST_OK)
        status = lobes_find(liver, parameters, err);
    if (status == ST_OK)
        status = hilum_find(liver, &o, parameters, err);
    organ_fini(&o);
    if (status != ST_OK)
        st_liver_fini(liver);
    return status;
}

void st_liver_fini(st_liver *liver) {
    free(liver->tissue);
    free(liver->lesion);
    free(liver->lobe);
    free(liver->couinaud);
    free(liver->lesions);
    *liver = (st_liver){0};
}

double st_liver_burden(const st_liver *liver) {
    return liver->tumour_volume / liver->volume;
}

size_t st_liver_voxel_at(const st_liver *liver, const double lps[3]) {
    const uint32_t *n = liver->geometry.n;
    double at[3];
    st_geometry_to_voxel(&liver->geometry, lps, at);
    size_t index[3];
    for (int i = 0; i < 3; i++) {
        const double nearest = floor(at[i] + 0.5);
        if (!(nearest >= 0 && nearest < n[i]))
            return SIZE_MAX;
        index[i] = (size_t)nearest;
    }
    return (index[2] * n[1] + index[1]) * n[0] + index[0];
}

st_tissue_class st_liver_class_at(const st_liver *liver, const double lps[3]) {
    const size_t voxel = st_liver_voxel_at(liver, lps);
    return voxel == SIZE_MAX ? ST_OUTSIDE : (st_tissue_class)liver->tissue[voxel];
}

st_demand st_demand_from_parameters(const st_parameters *parameters) {
    const double flow = st_parameter_value(parameters, ST_P_HEPATIC_FLOW);
    const double share = st_parameter_value(parameters, ST_P_ARTERIAL_SHARE_NORMAL);
    const double tumour_share = st_parameter_value(parameters, ST_P_ARTERIAL_SHARE_TUMOUR);
    st_demand demand = {{0}, {0}};
    demand.arterial[ST_NORMAL] = flow * share;
    demand.portal[ST_NORMAL] = flow * (1 - share);
    demand.arterial[ST_TUMOUR] = demand.arterial[ST_NORMAL] * st_parameter_value(parameters, ST_P_TUMOUR_FLOW_RATIO);
    demand.portal[ST_TUMOUR] = demand.arterial[ST_TUMOUR] * (1 - tumour_share) / tumour_share;
    return demand;
}

static double total(const double flow[3], const st_liver *liver) {
    return flow[ST_NORMAL] * (liver->volume - liver->tumour_volume) + flow[ST_TUMOUR] * liver->tumour_volume;
}

double st_demand_arterial_total(const st_demand *demand, const st_liver *liver) {
    return total(demand->arterial, liver);
}

double st_demand_portal_total(const st_demand *demand, const st_liver *liver) {
    return total(demand->portal, liver);
}
