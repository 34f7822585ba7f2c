/* A trunk from the voxels of a label map.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "trunk_mask.h"

/* The voxels that are left, and links between those that touch. */
static st_status web_of(const trunk_mask *mask, const bool *left, trunk_web *web, st_error *err) {
    enum { HALF = 13 }; /* of the neighbours those that come before a voxel, so that each pair is met once */
    uint32_t *number = st_alloc(mask->n, sizeof *number, err);
    size_t n = 0;
    for (uint32_t i = 0; i < mask->n && number; i++)
        n += left[i];
    const st_status status = number ? web_init(web, n, HALF * n, err) : ST_MEMORY;
    n = 0;
    for (uint32_t i = 0; i < mask->n && status == ST_OK; i++) {
        if (!left[i])
            continue;
        number[i] = (uint32_t)n;
        web->point[n] = mask_point(mask, mask->voxel[i]);
        web->width[n] = (double)mask->depth[mask->voxel[i]];
        for (int k = 0; k < HALF; k++) {
            const size_t j = (size_t)((ptrdiff_t)mask->voxel[i] + mask->step[k]);
            if (mask->inside[j] && left[mask->rank[j]])
                web->link[web->n_links++] = (graph_vessel){.from = number[mask->rank[j]], .to = (uint32_t)n};
        }
        n++;
    }
    web->voxel = mask->side;
    free(number);
    return status;
}

static st_status skeleton_of(const trunk_mask *mask, trunk_web *web, st_error *err) {
    bool *end = st_alloc(mask->n, sizeof *end, err), *left = st_alloc(mask->n, sizeof *left, err);
    st_status status = end && left ? mask_find_ends(mask, end, err) : ST_MEMORY;
    if (status == ST_OK)
        status = mask_thin(mask, end, left, err);
    if (status == ST_OK)
        status = web_of(mask, left, web, err);
    free(end);
    free(left);
    return status;
}

static st_status courses_of(trunk_web *web, const trunk_mask *mask, st_trunk_report *report, st_error *err) {
    st_status status = web_cut_loops(web, report, err);
    if (status == ST_OK)
        status = course_prune(web, report, err);
    if (status == ST_OK)
        status = course_smooth(web, err);
    if (status == ST_OK)
        status = course_centre(web, mask, err);
    if (status == ST_OK)
        status = course_smooth(web, err);
    if (status == ST_OK)
        status = course_straighten_ends(web, mask, err);
    if (status == ST_OK) /* what was a side branch by its steps from voxel to voxel only */
        status = course_prune(web, report, err);
    return status == ST_OK ? course_measure(web, mask, err) : status;
}

st_status st_trunk_from_labels(const st_labels *labels, const st_label_map *map, st_role role, const st_liver *liver,
                               const st_parameters *parameters, st_tree *trunk, st_trunk_report *report,
                               st_error *err) {
    trunk_mask mask = {0};
    trunk_web web = {0};
    *trunk = (st_tree){0};
    *report = (st_trunk_report){0};
    st_status status = mask_init(&mask, labels, map, role, err);
    if (status == ST_OK)
        status = skeleton_of(&mask, &web, err);
    if (status == ST_OK)
        status = courses_of(&web, &mask, report, err);
    if (status == ST_OK)
        status = web_finish(&web, map->name, liver, parameters, trunk, report, err);
    web_fini(&web);
    mask_fini(&mask);
    return status;
}
