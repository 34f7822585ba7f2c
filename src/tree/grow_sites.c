/* Sites of the terminals: equal shares of arterial demand along a Morton curve.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_internal.h"

#define BLOCK        8u /* voxels on a side: the curve runs through blocks, and through the voxels of each */
#define BLOCK_VOXELS (BLOCK * BLOCK * BLOCK)
/* Of a voxel: a point this near to a wall might be stored, in float, as one beyond it. */
static const double ROUNDING = 1e-4;

/* Every third bit of a Morton code, packed. */
static uint32_t morton_axis(uint64_t code, unsigned axis) {
    uint32_t x = 0;
    for (unsigned bit = 0; bit < 21; bit++)
        x |= (uint32_t)(code >> (3 * bit + axis) & 1) << bit;
    return x;
}

typedef struct curve {
    const st_liver *liver;
    uint64_t blocks;                 /* codes to walk: 8^bits */
    uint32_t block[3];               /* blocks along each axis */
    uint32_t inner[BLOCK_VOXELS][3]; /* the way through a block: codes are slow to unpack, and every voxel has one */
} curve;

static curve curve_of(const st_liver *liver) {
    curve c = {.liver = liver, .blocks = 1};
    uint32_t widest = 1;
    for (int i = 0; i < 3; i++) {
        c.block[i] = (liver->geometry.n[i] + BLOCK - 1) / BLOCK;
        if (c.block[i] > widest)
            widest = c.block[i];
    }
    for (uint32_t side = 1; side < widest; side *= 2)
        c.blocks *= 8;
    for (uint32_t k = 0; k < BLOCK_VOXELS; k++)
        for (unsigned i = 0; i < 3; i++)
            c.inner[k][i] = morton_axis(k, i);
    return c;
}

/* Calls visit for every organ voxel in curve order. */
static void curve_walk(const curve *c, void (*visit)(void *context, size_t voxel, const uint32_t at[3]),
                       void *context) {
    const uint32_t *n = c->liver->geometry.n;
    for (uint64_t code = 0; code < c->blocks; code++) {
        uint32_t corner[3];
        bool valid = true;
        for (unsigned i = 0; i < 3; i++) {
            corner[i] = morton_axis(code, i);
            valid = valid && corner[i] < c->block[i];
        }
        if (!valid)
            continue;
        for (uint32_t k = 0; k < BLOCK_VOXELS; k++) {
            uint32_t at[3];
            bool in = true;
            for (unsigned i = 0; i < 3; i++) {
                at[i] = corner[i] * BLOCK + c->inner[k][i];
                in = in && at[i] < n[i];
            }
            const size_t voxel = in ? ((size_t)at[2] * n[1] + at[1]) * n[0] + at[0] : 0;
            if (in && c->liver->tissue[voxel] != ST_OUTSIDE)
                visit(context, voxel, at);
        }
    }
}

typedef struct placing {
    const st_liver *liver;
    const double *demand; /* by tissue */
    uint64_t seed;
    uint32_t n, next;
    double share, reached, target; /* demand per site; demand so far; demand at which the next site stands */
    terminal_site *site;
} placing;

static double target_of(const placing *p) {
    st_rng rng = st_rng_stream(p->seed, ST_RNG_TERMINALS, p->next);
    return (p->next + st_rng_uniform(&rng)) * p->share;
}

static void add_demand(void *context, size_t voxel, const uint32_t at[3]) {
    (void)at;
    placing *p = context;
    p->reached += p->demand[p->liver->tissue[voxel]];
}

static void place_site(placing *p, size_t voxel, const uint32_t at[3]) {
    st_rng rng = st_rng_stream(p->seed, ST_RNG_TERMINALS, p->next);
    (void)st_rng_uniform(&rng); /* the one that chose the voxel */
    double index[3], point[3];
    for (int i = 0; i < 3; i++)
        index[i] = at[i] + (1 - ROUNDING) * (st_rng_uniform(&rng) - 0.5);
    st_geometry_to_lps(&p->liver->geometry, index, point);
    for (int i = 0; i < 3; i++)
        p->site[p->next].point[i] = (float)point[i];
    p->site[p->next].voxel = (uint32_t)voxel; /* images have at most 2^31 */
    p->next++;
    p->target = target_of(p);
}

static void place_sites(void *context, size_t voxel, const uint32_t at[3]) {
    placing *p = context;
    p->reached += p->demand[p->liver->tissue[voxel]];
    while (p->next < p->n && p->target < p->reached)
        place_site(p, voxel, at);
}

st_status grow_sites(const st_liver *liver, const double demand[3], uint32_t n, uint64_t seed, terminal_site *site,
                     st_error *err) {
    const curve c = curve_of(liver);
    placing p = {.liver = liver, .demand = demand, .seed = seed, .n = n, .site = site};
    curve_walk(&c, add_demand, &p);
    if (!(p.reached > 0))
        return st_fail(err, ST_ANATOMY, "the organ has no demand for blood, so there is nothing to grow a tree for");
    p.share = p.reached / n;
    p.reached = 0;
    p.target = target_of(&p);
    curve_walk(&c, place_sites, &p);
    if (p.next != n)
        return st_fail(err, ST_NUMERIC, "only %u of %u terminal sites were found in the organ", p.next, n);
    return ST_OK;
}
