/* The voxels of one vessel system, cut out of a label map.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "trunk_mask.h"

#include <stdlib.h>
#include <string.h>

enum { LABELS = UINT16_MAX + 1 };

static const char *name_of(st_role role) {
    return role == ST_ROLE_ARTERY ? "artery" : role == ST_ROLE_PORTAL_VEIN ? "portal vein" : "hepatic vein";
}

/* ---- the box ---------------------------------------------------------------------------------- */

typedef struct extent {
    uint32_t low[3], high[3]; /* `high` included */
    size_t n;
} extent;

static extent extent_of(const st_labels *labels, const bool *wanted) {
    const uint32_t *n = labels->geometry.n;
    extent e = {.low = {n[0], n[1], n[2]}};
    size_t i = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++)
            for (uint32_t x = 0; x < n[0]; x++, i++) {
                if (!wanted[labels->label[i]])
                    continue;
                const uint32_t at[3] = {x, y, z};
                e.n++;
                for (int k = 0; k < 3; k++) {
                    e.low[k] = at[k] < e.low[k] ? at[k] : e.low[k];
                    e.high[k] = at[k] > e.high[k] ? at[k] : e.high[k];
                }
            }
    return e;
}

static st_status refuse_empty(const st_label_map *map, st_role role, st_error *err) {
    for (size_t i = 0; i < map->n; i++)
        if (map->entry[i].role == role)
            return st_fail(err, ST_ANATOMY, "no voxel is %s: the label map \"%s\" looks for label %u", name_of(role),
                           map->name, map->entry[i].label);
    return st_fail(err, ST_ANATOMY,
                   "the label map \"%s\" has no label for the %s; give the meaning of its labels as a map", map->name,
                   name_of(role));
}

static st_status lay_out(trunk_mask *mask, const st_geometry *from, const extent *e, st_error *err) {
    uint32_t n[3];
    double first[3], corner[3], to_lps[3][4];
    uint64_t voxels = 1;
    for (int k = 0; k < 3; k++) {
        first[k] = (double)e->low[k] - 1;
        n[k] = e->high[k] - e->low[k] + 3;
        voxels *= n[k];
    }
    if (voxels >= UINT32_MAX)
        return st_fail(err, ST_VALUE, "the vessels lie in a box of %llu voxels; fewer than %u are taken",
                       (unsigned long long)voxels, UINT32_MAX);
    st_geometry_to_lps(from, first, corner);
    for (int k = 0; k < 3; k++) {
        memcpy(to_lps[k], from->to_lps[k], sizeof to_lps[k]);
        to_lps[k][3] = corner[k];
    }
    return st_geometry_init(&mask->geometry, n, (const double(*)[4])to_lps, err);
}

static void find_neighbours(trunk_mask *mask) {
    const st_geometry *g = &mask->geometry;
    const vec centre = mask_point(mask, 0);
    mask->side = fmax(g->spacing[0], fmax(g->spacing[1], g->spacing[2]));
    for (int i = 0; i < 27; i++) {
        const int d[3] = {i % 3 - 1, i / 3 % 3 - 1, i / 9 - 1};
        double p[3];
        st_geometry_to_lps(g, (const double[3]){d[0], d[1], d[2]}, p);
        mask->step[i] = ((ptrdiff_t)d[2] * g->n[1] + d[1]) * (ptrdiff_t)g->n[0] + d[0];
        mask->far[i] = vec_distance(centre, (vec){p[0], p[1], p[2]});
    }
}

/* ---- what is inside ---------------------------------------------------------------------------- */

static void fill_in(trunk_mask *mask, const st_labels *labels, const extent *e, const bool *wanted) {
    const uint32_t *n = labels->geometry.n, *m = mask->geometry.n;
    for (uint32_t z = e->low[2]; z <= e->high[2]; z++)
        for (uint32_t y = e->low[1]; y <= e->high[1]; y++)
            for (uint32_t x = e->low[0]; x <= e->high[0]; x++) {
                const size_t to =
                    ((size_t)(z - e->low[2] + 1) * m[1] + (y - e->low[1] + 1)) * m[0] + (x - e->low[0] + 1);
                mask->inside[to] = wanted[labels->label[((size_t)z * n[1] + y) * n[0] + x]];
            }
}

/* What cannot be reached from the box's corner across the sides of voxels is a cavity. */
static st_status fill_cavities(trunk_mask *mask, st_error *err) {
    enum { SEEN = 2 };
    const uint32_t *n = mask->geometry.n;
    const size_t stride[3] = {1, n[0], (size_t)n[0] * n[1]}, voxels = stride[2] * n[2];
    uint32_t *stack = st_alloc(voxels, sizeof *stack, err);
    if (!stack)
        return ST_MEMORY;
    size_t depth = 0;
    mask->inside[0] = SEEN;
    stack[depth++] = 0;
    while (depth > 0) {
        const size_t i = stack[--depth];
        for (int side = 0; side < 6; side++) {
            const size_t at = i / stride[side / 2] % n[side / 2];
            if (side % 2 ? at + 1 == n[side / 2] : at == 0)
                continue;
            const size_t j = side % 2 ? i + stride[side / 2] : i - stride[side / 2];
            if (mask->inside[j] != 0)
                continue;
            mask->inside[j] = SEEN;
            stack[depth++] = (uint32_t)j;
        }
    }
    for (size_t i = 0; i < voxels; i++)
        mask->inside[i] = mask->inside[i] != SEEN;
    free(stack);
    return ST_OK;
}

static st_status list_voxels(trunk_mask *mask, st_error *err) {
    const size_t voxels = st_geometry_voxels(&mask->geometry);
    st_status status = st_components(mask->geometry.n, mask->inside, mask->rank, &mask->n_pieces, err);
    for (size_t i = 0; i < voxels && status == ST_OK; i++)
        mask->n += mask->inside[i];
    mask->voxel = st_alloc(mask->n, sizeof *mask->voxel, err);
    mask->piece = st_alloc(mask->n, sizeof *mask->piece, err);
    if (status != ST_OK || !mask->voxel || !mask->piece)
        return status != ST_OK ? status : ST_MEMORY;
    for (size_t i = 0, n = 0; i < voxels; i++)
        if (mask->inside[i]) {
            mask->voxel[n] = (uint32_t)i;
            mask->piece[n] = mask->rank[i] - 1;
            mask->rank[i] = (uint32_t)n++;
        }
    return ST_OK;
}

st_status mask_init(trunk_mask *mask, const st_labels *labels, const st_label_map *map, st_role role, st_error *err) {
    *mask = (trunk_mask){0};
    bool *wanted = st_alloc(LABELS, sizeof *wanted, err);
    if (!wanted)
        return ST_MEMORY;
    for (size_t i = 0; i < map->n; i++)
        wanted[map->entry[i].label] = map->entry[i].role == role;
    const extent e = extent_of(labels, wanted);
    st_status status = e.n > 0 ? lay_out(mask, &labels->geometry, &e, err) : refuse_empty(map, role, err);
    if (status == ST_OK) {
        const size_t voxels = st_geometry_voxels(&mask->geometry);
        find_neighbours(mask);
        mask->inside = st_alloc(voxels, 1, err);
        mask->depth = st_alloc(voxels, sizeof *mask->depth, err);
        mask->rank = st_alloc(voxels, sizeof *mask->rank, err);
        status = mask->inside && mask->depth && mask->rank ? ST_OK : ST_MEMORY;
    }
    if (status == ST_OK) {
        fill_in(mask, labels, &e, wanted);
        status = fill_cavities(mask, err);
    }
    if (status == ST_OK)
        status = st_distance(mask->geometry.n, mask->geometry.spacing, mask->inside, mask->depth, err);
    if (status == ST_OK)
        status = list_voxels(mask, err);
    free(wanted);
    return status;
}

void mask_fini(trunk_mask *mask) {
    free(mask->inside);
    free(mask->depth);
    free(mask->rank);
    free(mask->voxel);
    free(mask->piece);
    *mask = (trunk_mask){0};
}

vec mask_point(const trunk_mask *mask, uint32_t voxel) {
    const uint32_t *n = mask->geometry.n, row = voxel / n[0];
    double p[3];
    st_geometry_to_lps(&mask->geometry, (const double[3]){voxel % n[0], row % n[1], row / n[1]}, p);
    return (vec){p[0], p[1], p[2]};
}

bool mask_holds(const trunk_mask *mask, vec p) {
    const uint32_t *n = mask->geometry.n;
    double voxel[3];
    size_t at[3];
    st_geometry_to_voxel(&mask->geometry, (const double[3]){p.x, p.y, p.z}, voxel);
    for (int k = 0; k < 3; k++) {
        if (!(voxel[k] >= -0.5 && voxel[k] < n[k] - 0.5))
            return false;
        at[k] = (size_t)(voxel[k] + 0.5);
    }
    return mask->inside[(at[2] * n[1] + at[1]) * n[0] + at[0]];
}
