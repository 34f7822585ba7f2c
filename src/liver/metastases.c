/* Synthetic metastases: spheroids of log-normal volume placed at random in the organ.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "liver_internal.h"

#include <stasis/units.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Places drawn for one metastasis: anywhere, and then where its width is known to fit. */
enum { TRIES_ANYWHERE = 5000, TRIES_FITTING = 2000 };

typedef struct offset {
    double norm2; /* squared distance from the centre, along the axis counted shorter */
    int32_t step[3];
} offset;

typedef struct placer {
    const st_geometry *geometry;
    uint8_t *open;    /* [box] 1: liver that no metastasis takes or touches */
    uint8_t *taken;   /* [box] 1: metastasis */
    float *depth;     /* [box] mm to what is not open, when last measured: never less than now */
    uint32_t *centre; /* voxels of the organ, for a while those with room */
    size_t organ;     /* voxels of it */
    offset *shape;    /* [room] voxels of the metastasis being placed, from its centre outwards */
    size_t room;
} placer;

/* ---- sizes -------------------------------------------------------------------- */

static int by_size(const void *x, const void *y) {
    const uint64_t a = *(const uint64_t *)x, b = *(const uint64_t *)y;
    return a < b ? 1 : a > b ? -1 : 0;
}

/* Shares `total` voxels out by log-normal weights, largest first; cuts are made on the running sum, so that nothing is
 * lost to rounding. */
static st_status draw_sizes(unsigned count, uint64_t total, uint64_t seed, const st_parameters *parameters,
                            uint64_t *voxels, st_error *err) {
    const double sigma = st_parameter_value(parameters, ST_P_METASTASIS_SIZE_SPREAD);
    double *weight = st_alloc(count, sizeof *weight, err);
    if (!weight)
        return ST_MEMORY;
    double sum = 0, reached = 0;
    for (unsigned k = 0; k < count; k++) {
        st_rng rng = st_rng_stream(seed, ST_RNG_METASTASES, k);
        weight[k] = exp(sigma * st_rng_normal(&rng));
        sum += weight[k];
    }
    uint64_t cut = 0;
    for (unsigned k = 0; k < count; k++) {
        reached += weight[k];
        const uint64_t next = k + 1 == count ? total : (uint64_t)llround((double)total * fmin(reached / sum, 1));
        voxels[k] = next - cut;
        cut = next;
    }
    free(weight);
    qsort(voxels, count, sizeof *voxels, by_size);
    if (voxels[count - 1] == 0)
        return st_fail(err, ST_ANATOMY,
                       "the smallest of %u metastases would be smaller than a voxel; take fewer, or a larger burden",
                       count);
    return ST_OK;
}

/* ---- shapes ------------------------------------------------------------------- */

static int by_norm(const void *x, const void *y) {
    const offset *a = x, *b = y;
    if (a->norm2 != b->norm2)
        return a->norm2 < b->norm2 ? -1 : 1;
    return memcmp(a->step, b->step, sizeof a->step);
}

static st_status make_room(placer *p, size_t n, st_error *err) {
    if (n <= p->room)
        return ST_OK;
    free(p->shape);
    p->shape = st_alloc(n, sizeof *p->shape, err);
    p->room = p->shape ? n : 0;
    return p->shape ? ST_OK : ST_MEMORY;
}

/* The `voxels` steps nearest to the centre of a spheroid with that axis and ratio of length to width. */
static st_status shape_spheroid(placer *p, uint64_t voxels, const double axis[3], double ratio, st_error *err) {
    const st_geometry *g = p->geometry;
    const double volume = (double)voxels * st_geometry_voxel_volume(g);
    const double width = cbrt(0.75 * volume / (M_PI * ratio)); /* half of it */
    double rim = 0;
    int32_t reach[3];
    for (int i = 0; i < 3; i++)
        rim += g->spacing[i];
    size_t box = 1;
    for (int i = 0; i < 3; i++) {
        double lean = 0; /* a sheared grid needs more steps to get as far */
        for (int j = 0; j < 3; j++)
            lean += g->to_voxel[i][j] * g->to_voxel[i][j];
        reach[i] = (int32_t)ceil((width * ratio + rim) * sqrt(lean));
        box *= (size_t)(2 * reach[i] + 1);
    }
    const st_status status = make_room(p, box, err);
    if (status != ST_OK)
        return status;
    size_t n = 0;
    for (int32_t z = -reach[2]; z <= reach[2]; z++)
        for (int32_t y = -reach[1]; y <= reach[1]; y++)
            for (int32_t x = -reach[0]; x <= reach[0]; x++) {
                double d2 = 0, along = 0;
                for (int i = 0; i < 3; i++) {
                    const double d = g->to_lps[i][0] * x + g->to_lps[i][1] * y + g->to_lps[i][2] * z;
                    d2 += d * d;
                    along += d * axis[i];
                }
                p->shape[n++] = (offset){d2 - along * along * (1 - 1 / (ratio * ratio)), {x, y, z}};
            }
    qsort(p->shape, n, sizeof *p->shape, by_norm);
    return ST_OK;
}

/* ---- places ------------------------------------------------------------------- */

static void index_of(const placer *p, uint32_t voxel, int64_t at[3]) {
    const uint32_t *n = p->geometry->n;
    at[0] = voxel % n[0];
    at[1] = voxel / n[0] % n[1];
    at[2] = voxel / n[0] / n[1];
}

/* Voxel beside `at`, SIZE_MAX beyond the box. */
static size_t beside(const placer *p, const int64_t at[3], const int32_t step[3]) {
    const uint32_t *n = p->geometry->n;
    int64_t to[3];
    for (int i = 0; i < 3; i++) {
        to[i] = at[i] + step[i];
        if (to[i] < 0 || to[i] >= n[i])
            return SIZE_MAX;
    }
    return ((size_t)to[2] * n[1] + (size_t)to[1]) * n[0] + (size_t)to[0];
}

/* From the rim inwards, where most places fail. */
static bool fits(const placer *p, uint32_t voxel, uint64_t voxels) {
    int64_t at[3];
    index_of(p, voxel, at);
    for (size_t k = (size_t)voxels; k-- > 0;) {
        const size_t i = beside(p, at, p->shape[k].step);
        if (i == SIZE_MAX || !p->open[i])
            return false;
    }
    return true;
}

/* Takes the voxels and closes them and all their neighbours to others. */
static void take(placer *p, uint32_t voxel, uint64_t voxels) {
    int64_t at[3];
    index_of(p, voxel, at);
    for (uint64_t k = 0; k < voxels; k++) {
        int64_t in[3];
        for (int i = 0; i < 3; i++)
            in[i] = at[i] + p->shape[k].step[i];
        for (int side = 0; side < 27; side++) {
            const int32_t next[3] = {side % 3 - 1, side / 3 % 3 - 1, side / 9 - 1};
            const size_t i = beside(p, in, next);
            if (i != SIZE_MAX)
                p->open[i] = 0;
        }
        p->taken[beside(p, at, p->shape[k].step)] = 1;
    }
}

/* The depth of now, and the voxels with at least `least` mm of it, the deepest first among them. */
static st_status find_room(placer *p, double least, size_t *n, st_error *err) {
    const size_t voxels = st_geometry_voxels(p->geometry);
    const st_status status = st_distance(p->geometry->n, p->geometry->spacing, p->open, p->depth, err);
    if (status != ST_OK)
        return status;
    *n = 0;
    for (size_t i = 0; i < voxels; i++) {
        if (!p->open[i] || (double)p->depth[i] < least)
            continue;
        p->centre[*n] = (uint32_t)i;
        if (p->depth[i] > p->depth[p->centre[0]]) {
            p->centre[*n] = p->centre[0];
            p->centre[0] = (uint32_t)i;
        }
        ++*n;
    }
    return ST_OK;
}

/* All voxels of the organ: what places are drawn from first. */
static void list_organ(placer *p, const st_liver *liver) {
    const size_t voxels = st_geometry_voxels(p->geometry);
    size_t n = 0;
    for (size_t i = 0; i < voxels; i++)
        if (liver->tissue[i] != ST_OUTSIDE)
            p->centre[n++] = (uint32_t)i;
    p->organ = n;
}

static bool draw_place(const placer *p, st_rng *rng, size_t n, int tries, uint64_t voxels, uint32_t *place) {
    bool found = false;
    for (int k = 0; k < tries && n > 0 && !found; k++) {
        *place = p->centre[st_rng_below(rng, (uint32_t)n)];
        found = fits(p, *place, voxels);
    }
    return found;
}

/* A spheroid at a random place; where none is found in time, a ball where there is most room. */
static st_status place_one(placer *p, const st_liver *liver, unsigned item, uint64_t voxels, uint64_t seed,
                           const st_parameters *parameters, st_error *err) {
    const double longest = st_parameter_value(parameters, ST_P_METASTASIS_ELONGATION);
    const double volume = (double)voxels * st_geometry_voxel_volume(p->geometry), *h = p->geometry->spacing;
    st_rng rng = st_rng_stream(seed, ST_RNG_METASTASES, (uint64_t)1 << 32 | item);
    const double z = 2 * st_rng_uniform(&rng) - 1, turn = 2 * M_PI * st_rng_uniform(&rng), r = sqrt(1 - z * z);
    const double axis[3] = {r * cos(turn), r * sin(turn), z}, ratio = 1 + (longest - 1) * st_rng_uniform(&rng);
    const double width = cbrt(0.75 * volume / (M_PI * ratio)), slack = fmax(h[0], fmax(h[1], h[2]));
    uint32_t place = 0;
    size_t n = 0;
    st_status status = shape_spheroid(p, voxels, axis, ratio, err);
    if (status != ST_OK)
        return status;
    bool found = draw_place(p, &rng, p->organ, TRIES_ANYWHERE, voxels, &place);
    if (!found) {
        status = find_room(p, width - slack, &n, err);
        found = status == ST_OK && draw_place(p, &rng, n, TRIES_FITTING, voxels, &place);
        if (status == ST_OK && !found && n > 0) {
            place = p->centre[0];
            status = shape_spheroid(p, voxels, axis, 1, err);
            found = status == ST_OK && fits(p, place, voxels);
        }
        list_organ(p, liver);
    }
    if (found)
        take(p, place, voxels);
    else if (status == ST_OK)
        status = st_fail(err, ST_ANATOMY,
                         "metastasis %u, of %.3g mL, finds no room in the liver; take a smaller burden, or another count "
                         "or seed",
                         item + 1, volume / ST_ML);
    return status;
}

/* ---- all ---------------------------------------------------------------------- */

/* Index in the label map of a voxel of the box. */
static size_t in_input(const placer *p, const st_liver *liver, const st_labels *labels, size_t voxel) {
    const uint32_t *n = labels->geometry.n;
    int64_t at[3];
    index_of(p, (uint32_t)voxel, at);
    return ((size_t)(at[2] + liver->origin[2]) * n[1] + (size_t)(at[1] + liver->origin[1])) * n[0] +
           (size_t)(at[0] + liver->origin[0]);
}

/* The whole organ is open, labelled vessels too: with their network left out, nothing large would fit. */
static st_status placer_init(placer *p, const st_liver *liver, st_error *err) {
    const size_t voxels = st_geometry_voxels(&liver->geometry);
    *p = (placer){.geometry = &liver->geometry};
    p->open = st_alloc(voxels, 1, err);
    p->taken = st_alloc(voxels, 1, err);
    p->depth = st_alloc(voxels, sizeof *p->depth, err);
    p->centre = st_alloc(voxels, sizeof *p->centre, err);
    if (!p->open || !p->taken || !p->depth || !p->centre)
        return ST_MEMORY;
    for (size_t i = 0; i < voxels; i++)
        p->open[i] = liver->tissue[i] != ST_OUTSIDE;
    list_organ(p, liver);
    return ST_OK;
}

static void placer_fini(placer *p) {
    free(p->open);
    free(p->taken);
    free(p->depth);
    free(p->centre);
    free(p->shape);
}

static st_status check(const st_liver *liver, const st_label_map *map, unsigned count, double burden,
                       uint16_t tumour_label, st_error *err) {
    bool known = false;
    for (size_t k = 0; k < map->n; k++)
        known = known || (map->entry[k].label == tumour_label && map->entry[k].role == ST_ROLE_TUMOUR);
    if (!known)
        return st_fail(err, ST_VALUE, "label %u does not mean tumour in the label map \"%s\"", tumour_label, map->name);
    if (count < 1 || count > UINT16_MAX)
        return st_fail(err, ST_VALUE, "%u metastases: 1 to %u can be placed", count, UINT16_MAX);
    if (!(burden > 0 && burden < 1))
        return st_fail(err, ST_VALUE, "a burden of %g %% is not between 0 and 100 %%", burden * 100);
    if (liver->n_lesions > 0)
        return st_fail(err, ST_ANATOMY,
                       "the liver has lesions already (%zu); synthetic ones are placed in a liver without",
                       liver->n_lesions);
    return ST_OK;
}

st_status st_metastases_place(st_labels *labels, const st_label_map *map, unsigned count, double burden, uint64_t seed,
                              const st_parameters *parameters, uint16_t tumour_label, st_error *err) {
    st_liver liver;
    placer p = {0};
    uint64_t *voxels = NULL;
    st_status status = st_liver_from_labels(labels, map, parameters, &liver, err);
    if (status == ST_OK)
        status = check(&liver, map, count, burden, tumour_label, err);
    if (status == ST_OK)
        status = placer_init(&p, &liver, err);
    if (status == ST_OK && !(voxels = st_alloc(count, sizeof *voxels, err)))
        status = ST_MEMORY;
    if (status == ST_OK)
        status = draw_sizes(count, (uint64_t)llround(burden * (double)p.organ), seed, parameters, voxels, err);
    for (unsigned k = 0; k < count && status == ST_OK; k++)
        status = place_one(&p, &liver, k, voxels[k], seed, parameters, err);
    for (size_t i = 0; status == ST_OK && i < st_geometry_voxels(&liver.geometry); i++)
        if (p.taken[i])
            labels->label[in_input(&p, &liver, labels, i)] = tumour_label;
    if (status == ST_OK)
        snprintf(labels->description, sizeof labels->description, ST_SYNTHETIC_MARK ": %u, %.4g %%, seed %llu", count,
                 burden * 100, (unsigned long long)seed);
    free(voxels);
    placer_fini(&p);
    st_liver_fini(&liver);
    return status;
}
