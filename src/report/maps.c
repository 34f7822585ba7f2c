/* The maps, on the geometry of the label map as it was read: 0 outside the organ.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "report_internal.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* 1/s = (mm^3/s)/mm^3 -> mL/min per 100 mL */
#define PERFUSION (ST_MINUTE / ST_PERCENT)

const report_map report_maps[REPORT_MAPS] = {
    {"maps/arterial_baseline.nii.gz", "arterial perfusion before treatment, mL/min/100 mL (simulated)"},
    {"maps/arterial_remaining.nii.gz", "arterial perfusion after the last session, mL/min/100 mL (simulated)"},
    {"maps/portal.nii.gz", "portal perfusion, mL/min/100 mL (assumed per tissue)"},
    {"maps/oxygen.nii.gz", "mean oxygen partial pressure after the last session, mmHg (simulated)"},
    {"maps/necrosis.nii.gz", "dead fraction, 0 to 1 (simulated)"},
    {"maps/lipiodol_ct.nii.gz", "CT number with the oil that stays, HU (simulated; the tissue's own number is assumed)"},
    {"maps/lodged.nii.gz", "particles that rest in the voxel, refluxed ones too (simulated)"},
};
#define MAP_LODGED (REPORT_MAPS - 1)
#define MAP_OIL    (REPORT_MAPS - 2)

/* A map of the box into the input grid, times `factor`. */
static void paste(const st_liver *liver, const float *box, double factor, float *value) {
    const uint32_t *n = liver->geometry.n, *m = liver->input.n, *origin = liver->origin;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++) {
            const float *from = box + ((size_t)z * n[1] + y) * n[0];
            float *to = value + ((size_t)(z + origin[2]) * m[1] + y + origin[1]) * m[0] + origin[0];
            for (uint32_t x = 0; x < n[0]; x++)
                to[x] = (float)(from[x] * factor);
        }
}

/* Voxel of the input grid nearest to a point; what lies beyond the grid counts at its edge, so that none is lost. */
static size_t nearest_voxel(const st_geometry *geometry, const double lps[3]) {
    double voxel[3];
    size_t at[3];
    st_geometry_to_voxel(geometry, lps, voxel);
    for (int i = 0; i < 3; i++)
        at[i] = (size_t)fmin(fmax(floor(voxel[i] + 0.5), 0), geometry->n[i] - 1.0);
    return (at[2] * geometry->n[1] + at[1]) * geometry->n[0] + at[0];
}

/* Particles rest somewhere in their segment: its middle stands for it. */
static void count_lodged(const st_result *r, float *value) {
    for (uint32_t i = 0; i < r->tree.n; i++) {
        if (r->lodged[i] == 0)
            continue;
        double middle[3];
        for (int k = 0; k < 3; k++)
            middle[k] = 0.5 * ((double)r->tree.proximal[i][k] + r->tree.distal[i][k]);
        value[nearest_voxel(&r->liver.input, middle)] += (float)r->lodged[i];
    }
}

/* The oil of a terminal spreads evenly over the voxels that it feeds. */
st_status report_oil_ct(const st_case *c, const st_result *r, float *hu, st_error *err) {
    const st_parameters *p = &c->parameters;
    const double per_oil = st_parameter_value(p, ST_P_CT_OIL);
    const double tissue[2] = {st_parameter_value(p, ST_P_CT_LIVER), st_parameter_value(p, ST_P_CT_TUMOUR)};
    const double voxel = st_geometry_voxel_volume(&r->liver.geometry);
    uint32_t *fed = st_alloc(r->tree.n, sizeof *fed, err);
    if (fed == NULL)
        return ST_MEMORY;
    for (size_t i = 0; i < r->tissue.voxels; i++)
        if (r->tissue.terminal[i] != ST_NONE)
            fed[r->tissue.terminal[i]]++;
    for (size_t i = 0; i < r->tissue.voxels; i++) {
        const uint32_t t = r->tissue.terminal[i];
        const double part = t != ST_NONE ? r->oil[t] / (fed[t] * voxel) : 0;
        hu[i] = t != ST_NONE ? (float)((1 - part) * tissue[r->liver.tissue[i] == ST_TUMOUR] + part * per_oil) : 0;
    }
    free(fed);
    return ST_OK;
}

static st_status write_map(const store *s, const st_case *c, const st_result *r, size_t map, st_error *err) {
    const st_tissue *t = &r->tissue;
    const float *const box[REPORT_MAPS] = {t->arterial_baseline, t->arterial, t->portal, t->oxygen, t->necrosis, NULL, NULL};
    const double factor[REPORT_MAPS] = {PERFUSION, PERFUSION, PERFUSION, 1, 1, 1, 1};
    char *path = store_path(s, report_maps[map].file, err);
    float *value = path != NULL ? st_alloc(st_geometry_voxels(&r->liver.input), sizeof *value, err) : NULL;
    float *oil = map == MAP_OIL ? st_alloc(t->voxels, sizeof *oil, err) : NULL;
    st_status status = value != NULL && (map != MAP_OIL || oil != NULL) ? ST_OK : ST_MEMORY;
    if (status == ST_OK && map == MAP_OIL)
        status = report_oil_ct(c, r, oil, err);
    if (status == ST_OK) {
        if (map == MAP_LODGED)
            count_lodged(r, value);
        else
            paste(&r->liver, map == MAP_OIL ? oil : box[map], factor[map], value);
        status = st_map_write(path, &r->liver.input, value, report_maps[map].description, err);
    }
    free(oil);
    free(value);
    free(path);
    return status;
}

typedef struct maps_job {
    const store *store;
    const st_case *c;
    const st_result *result;
    st_status status[REPORT_MAPS];
    st_error err[REPORT_MAPS];
} maps_job;

static void write_some(void *context, size_t begin, size_t end) {
    maps_job *job = context;
    for (size_t i = begin; i < end; i++)
        job->status[i] = write_map(job->store, job->c, job->result, i, &job->err[i]);
}

/* Packing is most of the work, and the maps do not wait for each other. */
st_status report_write_maps(const store *s, const st_case *c, const st_result *result, int threads, st_error *err) {
    maps_job job = {.store = s, .c = c, .result = result};
    st_parallel_for(REPORT_MAPS, threads, write_some, &job);
    for (size_t i = 0; i < REPORT_MAPS; i++)
        if (job.status[i] != ST_OK) {
            if (err != NULL)
                *err = job.err[i];
            return job.status[i];
        }
    return ST_OK;
}
