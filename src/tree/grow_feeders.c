/* Feeders: a metastasis is supplied by arteries of its own, and at its rim by the vessels of the liver around it.
 * Each lesion is divided into a rim, which stays with the liver, and a part for each of its feeders.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "growth.h"

/* A feeder that would end in fewer terminals than this is none: the liver around supplies the lesion. */
#define TERMINALS_OF_A_FEEDER 8u

typedef struct lesion_voxel {
    uint32_t voxel;
    float key; /* mm, by which it is sorted: depth below the nearest normal liver, or place along an axis */
} lesion_voxel;

static int largest_first(const void *x, const void *y) {
    const lesion_voxel *a = x, *b = y;
    if (a->key != b->key)
        return a->key > b->key ? -1 : 1;
    return a->voxel < b->voxel ? -1 : a->voxel > b->voxel;
}

/* ---- the voxels of all lesions ------------------------------------------------------- */

typedef struct division {
    growth *w;
    lesion_voxel *voxel; /* of all lesions, one after the other */
    size_t *begin;       /* [n_lesions + 1] */
    uint32_t *queue;     /* room for the voxels of one lesion */
} division;

static void division_fini(division *d) {
    free(d->voxel);
    free(d->begin);
    free(d->queue);
}

static st_status division_init(division *d, growth *w, st_error *err) {
    const st_liver *liver = w->liver;
    const size_t voxels = st_geometry_voxels(&liver->geometry);
    *d = (division){.w = w, .begin = st_alloc(liver->n_lesions + 2, sizeof *d->begin, err)};
    if (!d->begin)
        return ST_MEMORY;
    for (size_t i = 0; i < voxels; i++)
        if (liver->lesion[i] > 0)
            d->begin[liver->lesion[i] + 1]++;
    for (size_t k = 1; k <= liver->n_lesions; k++)
        d->begin[k + 1] += d->begin[k];
    d->voxel = st_alloc(d->begin[liver->n_lesions + 1], sizeof *d->voxel, err);
    d->queue = st_alloc(d->begin[liver->n_lesions + 1], sizeof *d->queue, err);
    if (!d->voxel || !d->queue)
        return ST_MEMORY;
    for (size_t i = 0; i < voxels; i++)
        if (liver->lesion[i] > 0) /* filing moves each beginning to its end: begin[lesion] then ends lesion */
            d->voxel[d->begin[liver->lesion[i]]++] = (lesion_voxel){(uint32_t)i, 0};
    return ST_OK;
}

/* The keys become depths: mm to the nearest normal liver, in the box around the lesion, beyond which all counts as
 * normal liver. */
static st_status set_depths(const st_liver *liver, lesion_voxel *v, size_t count, st_error *err) {
    const uint32_t *n = liver->geometry.n;
    uint32_t low[3] = {UINT32_MAX, UINT32_MAX, UINT32_MAX}, high[3] = {0}, size[3];
    for (size_t i = 0; i < count; i++) {
        const uint32_t at[3] = {v[i].voxel % n[0], v[i].voxel / n[0] % n[1], v[i].voxel / n[0] / n[1]};
        for (int k = 0; k < 3; k++) {
            low[k] = at[k] < low[k] ? at[k] : low[k];
            high[k] = at[k] > high[k] ? at[k] : high[k];
        }
    }
    size_t voxels = 1;
    for (int k = 0; k < 3; k++)
        voxels *= size[k] = high[k] - low[k] + 1;
    uint8_t *mask = st_alloc(voxels, sizeof *mask, err);
    float *depth = st_alloc(voxels, sizeof *depth, err);
    st_status status = mask && depth ? ST_OK : ST_MEMORY;
    for (size_t i = 0; i < voxels && status == ST_OK; i++) {
        const size_t x = low[0] + i % size[0], y = low[1] + i / size[0] % size[1], z = low[2] + i / size[0] / size[1];
        mask[i] = liver->tissue[(z * n[1] + y) * n[0] + x] != ST_NORMAL;
    }
    if (status == ST_OK)
        status = st_distance(size, liver->geometry.spacing, mask, depth, err);
    for (size_t i = 0; i < count && status == ST_OK; i++) {
        const size_t x = v[i].voxel % n[0] - low[0], y = v[i].voxel / n[0] % n[1] - low[1],
                     z = v[i].voxel / n[0] / n[1] - low[2];
        v[i].key = depth[(z * size[1] + y) * size[0] + x];
    }
    free(mask);
    free(depth);
    return status;
}

/* ---- one lesion ------------------------------------------------------------------------ */

static void place_of(const st_geometry *g, uint32_t voxel, double at[3]) {
    at[0] = (voxel % g->n[0]) * g->spacing[0];
    at[1] = (voxel / g->n[0] % g->n[1]) * g->spacing[1];
    at[2] = ((double)voxel / g->n[0] / g->n[1]) * g->spacing[2];
}

/* The voxel nearest to the middle of all. */
static uint32_t middle_of(const st_geometry *g, const lesion_voxel *v, size_t n) {
    double sum[3] = {0}, at[3], least = INFINITY;
    uint32_t best = v[0].voxel;
    for (size_t i = 0; i < n; i++) {
        place_of(g, v[i].voxel, at);
        for (int k = 0; k < 3; k++)
            sum[k] += at[k] / (double)n;
    }
    for (size_t i = 0; i < n; i++) {
        place_of(g, v[i].voxel, at);
        const double d2 = (at[0] - sum[0]) * (at[0] - sum[0]) + (at[1] - sum[1]) * (at[1] - sum[1]) +
                          (at[2] - sum[2]) * (at[2] - sum[2]);
        if (d2 < least) {
            least = d2;
            best = v[i].voxel;
        }
    }
    return best;
}

/* Voxels of `region` that are connected to the first one in the queue, which are marked by rings of 1. */
static void flood(growth *w, uint16_t region, uint32_t *queue) {
    const uint32_t *n = w->liver->geometry.n;
    size_t last = 1;
    w->space.rings[queue[0]] = 1;
    for (size_t next = 0; next < last; next++) {
        const st_block b = st_geometry_around(&w->liver->geometry, queue[next]);
        for (uint32_t z = b.low[2]; z <= b.high[2]; z++)
            for (uint32_t y = b.low[1]; y <= b.high[1]; y++)
                for (uint32_t x = b.low[0]; x <= b.high[0]; x++) {
                    const uint32_t j = (z * n[1] + y) * n[0] + x;
                    if (w->space.region[j] == region && w->space.rings[j] == 0) {
                        w->space.rings[j] = 1;
                        queue[last++] = j;
                    }
                }
    }
}

/* One part becomes the region of a feeder, but for pieces of it that hang together with nothing. */
static void make_feeder(division *d, const lesion_voxel *v, size_t n) {
    growth *w = d->w;
    feeder *f = &w->feeder[w->n_feeders];
    *f = (feeder){.region = (uint16_t)(w->supply->n + w->n_feeders),
                  .voxel = middle_of(&w->liver->geometry, v, n),
                  .vessel = ST_NONE};
    f->domain = w->space.region[f->voxel];
    w->n_feeders++;
    for (size_t i = 0; i < n; i++) {
        w->space.region[v[i].voxel] = f->region;
        w->space.rings[v[i].voxel] = 0;
    }
    d->queue[0] = f->voxel;
    flood(w, f->region, d->queue);
    for (size_t i = 0; i < n; i++)
        if (w->space.rings[v[i].voxel] == 0)
            w->space.region[v[i].voxel] = f->domain;
}

/* Halves across the longest way through the voxels, as unequal as the feeders of both sides are, until each part has
 * one. */
static void divide(division *d, lesion_voxel *v, size_t n, unsigned feeders) {
    if (feeders == 1) {
        make_feeder(d, v, n);
        return;
    }
    double low[3] = {INFINITY, INFINITY, INFINITY}, high[3] = {-INFINITY, -INFINITY, -INFINITY}, at[3];
    for (size_t i = 0; i < n; i++) {
        place_of(&d->w->liver->geometry, v[i].voxel, at);
        for (int k = 0; k < 3; k++) {
            low[k] = fmin(low[k], at[k]);
            high[k] = fmax(high[k], at[k]);
        }
    }
    int axis = 0;
    for (int k = 1; k < 3; k++)
        axis = high[k] - low[k] > high[axis] - low[axis] ? k : axis;
    for (size_t i = 0; i < n; i++) {
        place_of(&d->w->liver->geometry, v[i].voxel, at);
        v[i].key = (float)at[axis];
    }
    qsort(v, n, sizeof *v, largest_first);
    const unsigned half = feeders / 2;
    const size_t cut = n * half / feeders;
    divide(d, v, cut, half);
    divide(d, v + cut, n - cut, feeders - half);
}

static double draw_between(st_rng *rng, double least, double most) {
    return least + (most - least) * st_rng_uniform(rng);
}

st_feeding st_feeding_draw(const st_parameters *parameters, uint64_t seed, uint16_t lesion) {
    const double least = st_parameter_value(parameters, ST_P_FEEDERS_LEAST);
    const double most = fmax(least, st_parameter_value(parameters, ST_P_FEEDERS_MOST));
    const double shared_least = st_parameter_value(parameters, ST_P_FEEDER_SHARED_LEAST);
    const double shared_most = fmax(shared_least, st_parameter_value(parameters, ST_P_FEEDER_SHARED_MOST));
    st_rng rng = st_rng_stream(seed, ST_RNG_FEEDERS, lesion);
    const double feeders = draw_between(&rng, least, most + 1);
    return (st_feeding){(unsigned)feeders, draw_between(&rng, shared_least, shared_most)};
}

static st_status divide_lesion(division *d, uint16_t lesion, st_error *err) {
    growth *w = d->w;
    lesion_voxel *v = d->voxel + d->begin[lesion - 1];
    const size_t n = d->begin[lesion] - d->begin[lesion - 1];
    const st_feeding feeding = w->options->feeding ? w->options->feeding[lesion - 1]
                                                   : st_feeding_draw(w->parameters, w->options->seed, lesion);
    const double terminal = w->inflow / w->terminals; /* mm^3/s */
    const size_t core = (size_t)((double)n * (1 - feeding.shared));
    const double sites = (double)core * st_geometry_voxel_volume(&w->liver->geometry) * w->demand[ST_TUMOUR] / terminal;
    const double room = floor(fmin(sites / TERMINALS_OF_A_FEEDER, (double)core));
    const unsigned feeders = (unsigned)fmin(feeding.feeders, room);
    if (feeders == 0 || w->n_feeders + feeders > FEEDERS_MOST)
        return ST_OK;
    const st_status status = set_depths(w->liver, v, n, err);
    if (status != ST_OK)
        return status;
    qsort(v, n, sizeof *v, largest_first);
    divide(d, v, core, feeders);
    return ST_OK;
}

/* A part may hold fewer sites than its volume promised; without any site outside them all, none is a feeder. */
static void count_sites(growth *w) {
    uint32_t own = 0;
    for (uint32_t i = 0; i < w->terminals; i++) {
        const uint16_t region = w->space.region[w->site[i].voxel];
        if (region >= w->supply->n && region != REGION_OUTSIDE) {
            w->feeder[region - w->supply->n].sites++;
            own++;
        }
    }
    const bool none_left = own == w->terminals;
    for (uint16_t k = 0; k < w->n_feeders; k++)
        if (none_left || w->feeder[k].sites < TERMINALS_OF_A_FEEDER / 2)
            growth_give_up_feeder(w, &w->feeder[k]);
}

st_status growth_find_feeders(growth *w, st_error *err) {
    if (w->liver->n_lesions == 0 || w->options->system == ST_PORTAL)
        return ST_OK;
    division d;
    st_status status = division_init(&d, w, err);
    w->feeder = st_alloc(FEEDERS_MOST, sizeof *w->feeder, err);
    if (!w->feeder)
        status = ST_MEMORY;
    for (size_t lesion = 1; lesion <= w->liver->n_lesions && status == ST_OK; lesion++)
        status = divide_lesion(&d, (uint16_t)lesion, err);
    division_fini(&d);
    if (status == ST_OK)
        count_sites(w);
    return status;
}

void growth_give_up_feeder(growth *w, feeder *f) {
    const size_t voxels = st_geometry_voxels(&w->liver->geometry);
    for (size_t i = 0; i < voxels; i++)
        if (w->space.region[i] == f->region)
            w->space.region[i] = f->domain;
    f->sites = 0;
}
