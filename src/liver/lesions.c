/* Lesions: connected pieces of tumour, and what is measured on them.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "liver_internal.h"
#include "outline.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>

static void count_voxels(st_liver *liver) {
    const st_geometry *g = &liver->geometry;
    const double volume = st_geometry_voxel_volume(g);
    size_t i = 0;
    uint64_t whole = 0, tumour = 0;
    for (uint32_t z = 0; z < g->n[2]; z++)
        for (uint32_t y = 0; y < g->n[1]; y++)
            for (uint32_t x = 0; x < g->n[0]; x++, i++) {
                whole += liver->tissue[i] != ST_OUTSIDE;
                tumour += liver->tissue[i] == ST_TUMOUR;
                if (liver->lesion[i] == 0)
                    continue;
                st_lesion *lesion = &liver->lesions[liver->lesion[i] - 1];
                lesion->voxels++;
                lesion->centroid[0] += x;
                lesion->centroid[1] += y;
                lesion->centroid[2] += z;
            }
    liver->volume = (double)whole * volume;
    liver->tumour_volume = (double)tumour * volume;
    for (size_t k = 0; k < liver->n_lesions; k++) {
        st_lesion *lesion = &liver->lesions[k];
        for (int c = 0; c < 3; c++)
            lesion->centroid[c] /= (double)lesion->voxels;
        st_geometry_to_lps(g, lesion->centroid, lesion->centroid);
        lesion->volume = (double)lesion->voxels * volume;
        lesion->id = (uint16_t)(k + 1);
    }
}

/* A row of a lesion's voxels in one slice: from `begin` to `end` along the slice's first axis. */
typedef struct slice_run {
    uint16_t id;
    uint32_t row, begin, end;
} slice_run;

static int by_lesion(const void *x, const void *y) {
    const slice_run *a = x, *b = y;
    if (a->id != b->id)
        return a->id < b->id ? -1 : 1;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return a->begin < b->begin ? -1 : a->begin > b->begin;
}

/* The voxel grid seen as a stack of axial slices: `axis` runs from slice to slice. */
typedef struct axial {
    int axis, u, v;
    double frame[2][2]; /* mm in the slice: index (u, v) -> frame . (u, v) */
} axial;

static axial axial_of(const st_geometry *g) {
    axial a = {0};
    for (int i = 1; i < 3; i++)
        if (fabs(g->to_lps[2][i]) / g->spacing[i] > fabs(g->to_lps[2][a.axis]) / g->spacing[a.axis])
            a.axis = i;
    a.u = a.axis == 0 ? 1 : 0;
    a.v = 3 - a.axis - a.u;
    double along = 0;
    for (int i = 0; i < 3; i++)
        along += g->to_lps[i][a.u] * g->to_lps[i][a.v] / g->spacing[a.u];
    a.frame[0][0] = g->spacing[a.u];
    a.frame[0][1] = along;
    a.frame[1][1] = sqrt(fmax(0, g->spacing[a.v] * g->spacing[a.v] - along * along));
    return a;
}

static size_t find_runs(const st_liver *liver, const axial *a, uint32_t slice, slice_run *run) {
    const uint32_t *n = liver->geometry.n;
    const size_t stride[3] = {1, n[0], (size_t)n[0] * n[1]};
    size_t count = 0;
    for (uint32_t row = 0; row < n[a->v]; row++) {
        const uint16_t *line = liver->lesion + slice * stride[a->axis] + row * stride[a->v];
        for (uint32_t at = 0; at < n[a->u]; at++) {
            const uint16_t id = line[at * stride[a->u]];
            if (id == 0)
                continue;
            const uint32_t begin = at;
            while (at + 1 < n[a->u] && line[(at + 1) * stride[a->u]] == id)
                at++;
            run[count++] = (slice_run){id, row, begin, at};
        }
    }
    return count;
}

/* The middles of a voxel's sides, so that the outline of a ball is as wide as the ball. */
static size_t add_voxel(const axial *a, double u, double v, outline_point *point) {
    static const double side[4][2] = {{-0.5, 0}, {0.5, 0}, {0, -0.5}, {0, 0.5}};
    for (int i = 0; i < 4; i++) {
        const double p = u + side[i][0], q = v + side[i][1];
        point[i] = (outline_point){a->frame[0][0] * p + a->frame[0][1] * q, a->frame[1][1] * q};
    }
    return 4;
}

static void measure_slice(st_liver *liver, const axial *a, uint32_t slice, slice_run *run, outline_point *point,
                          outline_point *hull) {
    const size_t n = find_runs(liver, a, slice, run);
    qsort(run, n, sizeof *run, by_lesion);
    for (size_t i = 0, next; i < n; i = next) {
        size_t points = 0;
        for (next = i; next < n && run[next].id == run[i].id; next++) {
            points += add_voxel(a, run[next].begin, run[next].row, point + points);
            points += add_voxel(a, run[next].end, run[next].row, point + points);
        }
        st_lesion *lesion = &liver->lesions[run[i].id - 1];
        const outline_size size = outline_measure(point, points, hull);
        if (size.longest > lesion->longest_axial_diameter) {
            lesion->longest_axial_diameter = size.longest;
            lesion->perpendicular_diameter = size.perpendicular;
        }
    }
}

static st_status measure_diameters(st_liver *liver, st_error *err) {
    const axial a = axial_of(&liver->geometry);
    const uint32_t *n = liver->geometry.n;
    const size_t most = ((size_t)n[a.u] + 1) / 2 * n[a.v]; /* runs are apart: lesions do not touch */
    slice_run *run = st_alloc(most, sizeof *run, err);
    outline_point *point = st_alloc(8 * most, sizeof *point, err), *hull = st_alloc(16 * most, sizeof *hull, err);
    const bool ready = run && point && hull;
    for (uint32_t slice = 0; ready && slice < n[a.axis]; slice++)
        measure_slice(liver, &a, slice, run, point, hull);
    free(run);
    free(point);
    free(hull);
    return ready ? ST_OK : ST_MEMORY;
}

st_status lesions_find(st_liver *liver, st_error *err) {
    const size_t voxels = st_geometry_voxels(&liver->geometry);
    uint32_t n = 0;
    uint32_t *component = st_alloc(voxels, sizeof *component, err);
    uint8_t *mask = st_alloc(voxels, 1, err);
    st_status status = component && mask ? ST_OK : ST_MEMORY;
    if (status != ST_OK)
        goto done;
    for (size_t i = 0; i < voxels; i++)
        mask[i] = liver->tissue[i] == ST_TUMOUR;
    status = st_components(liver->geometry.n, mask, component, &n, err);
    if (status == ST_OK && n > UINT16_MAX)
        status =
            st_fail(err, ST_ANATOMY, "the tumour label is in %u pieces; at most %u lesions are read", n, UINT16_MAX);
    if (status == ST_OK && !(liver->lesions = st_alloc(n, sizeof *liver->lesions, err)))
        status = ST_MEMORY;
    if (status != ST_OK)
        goto done;
    liver->n_lesions = n;
    for (size_t i = 0; i < voxels; i++)
        liver->lesion[i] = (uint16_t)component[i];
    count_voxels(liver);
    if (n > 0)
        status = measure_diameters(liver, err);
done:
    free(component);
    free(mask);
    return status;
}
