/* Which artery supplies which part of the organ: by lobes and Couinaud labels, or by planes; every part in one piece.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "supply_internal.h"

#include <stdlib.h>

/* The planes that stand in for Couinaud labels. */
typedef struct part_planes {
    organ_plane lateral;   /* segments 2 and 3 are the left lobe beyond it */
    organ_plane posterior; /* segments 6 and 7 are the right lobe beyond it */
} part_planes;

/* The plane with that normal beyond which a lobe holds `beyond` of the whole organ. */
static st_status plane_beyond(const st_liver *liver, const double normal[3], st_lobe lobe, double beyond,
                              organ_plane *plane, st_error *err) {
    const double of_lobe = liver->lobe_volume[lobe] > 0 ? beyond * liver->volume / liver->lobe_volume[lobe] : 0;
    return plane_find(liver, normal, lobe, fmax(0, 1 - of_lobe), plane, err);
}

static st_status find_planes(const st_liver *liver, const st_parameters *parameters, part_planes *planes,
                             st_error *err) {
    const double slope = st_parameter_value(parameters, ST_P_RIGHT_POSTERIOR_SLOPE), length = sqrt(1 + slope * slope);
    const double behind[3] = {-slope / length, 1 / length, 0}; /* and to the right, as the plane comes forward there */
    double left[3];
    lobe_plane_normal(parameters, left);
    const st_status status = plane_beyond(
        liver, left, ST_LOBE_LEFT, st_parameter_value(parameters, ST_P_LEFT_LATERAL_SHARE), &planes->lateral, err);
    if (status != ST_OK)
        return status;
    return plane_beyond(liver, behind, ST_LOBE_RIGHT, st_parameter_value(parameters, ST_P_RIGHT_POSTERIOR_SHARE),
                        &planes->posterior, err);
}

static bool beyond(const st_liver *liver, const organ_plane *plane, size_t voxel) {
    double p[3];
    voxel_centre(&liver->geometry, voxel, p);
    return plane_across(plane, p) >= plane->offset;
}

static bool in_part(const st_liver *liver, const part_planes *planes, st_part part, size_t voxel) {
    const uint8_t segment = liver->couinaud ? liver->couinaud[voxel] : 0;
    const uint8_t lobe = liver->lobe[voxel];
    switch (part) {
    case ST_RIGHT_LOBE:
        return lobe == ST_LOBE_RIGHT;
    case ST_LEFT_LOBE:
        return lobe == ST_LOBE_LEFT;
    case ST_RIGHT_POSTERIOR:
        return liver->couinaud ? segment == 6 || segment == 7
                               : lobe == ST_LOBE_RIGHT && beyond(liver, &planes->posterior, voxel);
    case ST_LEFT_LATERAL:
        return liver->couinaud ? segment == 2 || segment == 3
                               : lobe == ST_LOBE_LEFT && beyond(liver, &planes->lateral, voxel);
    case ST_WHOLE:
        break;
    }
    return true;
}

/* The number, from 1, of the artery with the finest part that holds the voxel; 0 for none. */
static uint8_t artery_of(const st_liver *liver, const part_planes *planes, const st_variant *variant, size_t voxel) {
    uint8_t best = 0;
    for (uint8_t k = 0; k < variant->n; k++)
        if ((best == 0 || variant->artery[k].part > variant->artery[best - 1].part) &&
            in_part(liver, planes, variant->artery[k].part, voxel))
            best = (uint8_t)(k + 1);
    return best;
}

/* Keeps the largest piece of what has number `k` and takes it from the others. */
static st_status keep_main_piece(const st_liver *liver, uint8_t *number, uint8_t k, uint8_t *mask, uint32_t *component,
                                 const char *artery, bool *strays, st_error *err) {
    const size_t voxels = st_geometry_voxels(&liver->geometry);
    uint32_t pieces = 0;
    for (size_t i = 0; i < voxels; i++)
        mask[i] = number[i] == k;
    const st_status status = st_components(liver->geometry.n, mask, component, &pieces, err);
    if (status != ST_OK)
        return status;
    if (pieces == 0)
        return st_fail(err, ST_ANATOMY, "the liver has nothing of what the %s supplies; another variant would do",
                       artery);
    for (size_t i = 0; i < voxels && pieces > 1; i++)
        if (component[i] > 1)
            number[i] = 0;
    *strays = *strays || pieces > 1;
    return ST_OK;
}

/* What lies apart from the main piece of its part goes to the neighbours. */
static st_status join_pieces(const st_liver *liver, const st_variant *variant, uint8_t *number, st_error *err) {
    const size_t voxels = st_geometry_voxels(&liver->geometry);
    uint8_t *mask = st_alloc(voxels, 1, err);
    uint32_t *component = st_alloc(voxels, sizeof *component, err);
    st_status status = mask && component ? ST_OK : ST_MEMORY;
    bool strays = false;
    for (uint8_t k = 0; k < variant->n && status == ST_OK; k++)
        status =
            keep_main_piece(liver, number, (uint8_t)(k + 1), mask, component, variant->artery[k].name, &strays, err);
    if (status == ST_OK && strays)
        status = labels_spread(liver, number, err);
    free(mask);
    free(component);
    return status;
}

st_status domains_find(const st_liver *liver, const st_variant *variant, const st_parameters *parameters,
                       uint8_t **domain, double (*volume)[3], st_error *err) {
    const size_t voxels = st_geometry_voxels(&liver->geometry);
    part_planes planes = {0};
    st_status status = liver->couinaud ? ST_OK : find_planes(liver, parameters, &planes, err);
    uint8_t *number = status == ST_OK ? st_alloc(voxels, 1, err) : NULL;
    if (!number)
        return status == ST_OK ? ST_MEMORY : status;
    for (size_t i = 0; i < voxels; i++)
        if (liver->tissue[i] != ST_OUTSIDE)
            number[i] = artery_of(liver, &planes, variant, i);
    status = join_pieces(liver, variant, number, err);
    const double each = st_geometry_voxel_volume(&liver->geometry);
    for (size_t i = 0; i < voxels && status == ST_OK; i++)
        if (liver->tissue[i] != ST_OUTSIDE)
            volume[--number[i]][liver->tissue[i]] += each;
    if (status == ST_OK)
        *domain = number;
    else
        free(number);
    return status;
}
