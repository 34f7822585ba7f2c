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
    {"maps/lipiodol_ct.nii.gz", "CT number with the oil that stays, HU (simulated; numbers of tissue and oil assumed)"},
    {"maps/lodged.nii.gz", "particles that rest in the voxel, refluxed ones too (simulated)"},
};
#define MAP_LODGED (REPORT_MAPS - 1)

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

bool report_shows_oil(const st_case *c, const st_result *r) {
    bool oil = false;
    for (size_t k = 0; k < c->regimen.n; k++)
        oil = oil || c->regimen.step[k].agent.kind == ST_AGENT_OIL;
    return oil && r->plan.n_sessions > 0;
}

/* part[segments] of the tissue of each terminal that is oil, which spreads evenly over the voxels fed. Where a terminal
 * feeds no voxel, as several share one, its oil goes to those that its neighbours in the tree feed: none is lost. */
static void share_oil(const st_result *r, uint64_t *fed, double *part) {
    const st_tree *tree = &r->tree;
    const double voxel = st_geometry_voxel_volume(&r->liver.geometry);
    for (size_t i = 0; i < r->tissue.voxels; i++)
        if (r->tissue.terminal[i] != ST_NONE)
            fed[r->tissue.terminal[i]]++;
    for (uint32_t i = tree->n; i-- > 0;) { /* children stand after their parents */
        part[i] += r->oil[i];
        if (tree->parent[i] == ST_NONE)
            continue;
        fed[tree->parent[i]] += fed[i];
        part[tree->parent[i]] += fed[i] == 0 ? part[i] : 0;
    }
    for (uint32_t i = 0; i < tree->n; i++) {
        part[i] = fed[i] > 0 ? part[i] / ((double)fed[i] * voxel) : 0;
        part[i] += tree->parent[i] != ST_NONE ? part[tree->parent[i]] : 0;
    }
}

st_status report_oil_ct(const st_case *c, const st_result *r, float *hu, st_error *err) {
    const st_parameters *p = &c->parameters;
    const double per_oil = st_parameter_value(p, ST_P_CT_OIL);
    const double tissue[2] = {st_parameter_value(p, ST_P_CT_LIVER), st_parameter_value(p, ST_P_CT_TUMOUR)};
    uint64_t *fed = st_alloc(r->tree.n, sizeof *fed, err);
    double *part = st_alloc(r->tree.n, sizeof *part, err);
    const st_status status = fed != NULL && part != NULL ? ST_OK : ST_MEMORY;
    if (status == ST_OK)
        share_oil(r, fed, part);
    for (size_t i = 0; status == ST_OK && i < r->tissue.voxels; i++) {
        const uint32_t t = r->tissue.terminal[i];
        const double own = tissue[r->liver.tissue[i] == ST_TUMOUR];
        hu[i] = t != ST_NONE ? (float)(own + part[t] * (per_oil - own)) : 0;
    }
    free(fed);
    free(part);
    return status;
}

static st_status write_map(const store *s, const st_case *c, const st_result *r, size_t map, st_error *err) {
    const st_tissue *t = &r->tissue;
    const float *const box[REPORT_MAPS] = {t->arterial_baseline, t->arterial, t->portal, t->oxygen,
                                           t->necrosis,          NULL,        NULL};
    const double factor[REPORT_MAPS] = {PERFUSION, PERFUSION, PERFUSION, 1, 1, 1, 1};
    if (map == REPORT_MAP_OIL && !report_shows_oil(c, r))
        return ST_OK;
    char *path = store_path(s, report_maps[map].file, err);
    float *value = path != NULL ? st_alloc(st_geometry_voxels(&r->liver.input), sizeof *value, err) : NULL;
    float *oil = map == REPORT_MAP_OIL ? st_alloc(t->voxels, sizeof *oil, err) : NULL;
    st_status status = value != NULL && (map != REPORT_MAP_OIL || oil != NULL) ? ST_OK : ST_MEMORY;
    if (status == ST_OK && map == REPORT_MAP_OIL)
        status = report_oil_ct(c, r, oil, err);
    if (status == ST_OK) {
        if (map == MAP_LODGED)
            count_lodged(r, value);
        else
            paste(&r->liver, map == REPORT_MAP_OIL ? oil : box[map], factor[map], value);
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
