/* Regions of the organ, and the walk of a segment through its voxels.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "grow_space.h"

#include <stdlib.h>

st_status grow_space_init(grow_space *space, const st_liver *liver, const uint8_t *domain, st_error *err) {
    const size_t voxels = st_geometry_voxels(&liver->geometry);
    const double *h = liver->geometry.spacing;
    *space = (grow_space){.liver = liver,
                          .region = st_alloc(voxels, sizeof *space->region, err),
                          .rings = st_alloc(voxels, sizeof *space->rings, err),
                          .least = fmin(h[0], fmin(h[1], h[2]))};
    if (!space->region || !space->rings) {
        grow_space_fini(space);
        return ST_MEMORY;
    }
    for (size_t i = 0; i < voxels; i++)
        space->region[i] = liver->tissue[i] == ST_OUTSIDE ? REGION_OUTSIDE : domain ? domain[i] : 0;
    return ST_OK;
}

void grow_space_fini(grow_space *space) {
    free(space->region);
    free(space->rings);
    *space = (grow_space){0};
}

/* Half of the 26 neighbours, as steps in the array: those before a voxel, or those after it. */
typedef struct neighbours {
    int8_t d[13][3];
    ptrdiff_t step[13];
} neighbours;

static neighbours neighbours_before(const uint32_t n[3]) {
    neighbours b;
    int k = 0;
    for (int8_t z = -1; z <= 0; z++)
        for (int8_t y = -1; y <= 1; y++)
            for (int8_t x = -1; x <= 1 && k < 13; x++, k++) {
                b.d[k][0] = x;
                b.d[k][1] = y;
                b.d[k][2] = z;
                b.step[k] = ((ptrdiff_t)z * n[1] + y) * (ptrdiff_t)n[0] + x;
            }
    return b;
}

/* One more than the fewest rings of the neighbours on one side (sign 1: before, -1: after), 1 beside another region. */
static unsigned rings_from(const grow_space *space, const neighbours *b, int sign, const uint32_t at[3], size_t voxel) {
    const uint32_t *n = space->liver->geometry.n;
    const bool inner = at[0] > 0 && at[1] > 0 && at[2] > 0 && at[0] + 1 < n[0] && at[1] + 1 < n[1] && at[2] + 1 < n[2];
    unsigned least = UINT8_MAX - 1;
    for (int k = 0; k < 13; k++) {
        if (!inner)
            for (int i = 0; i < 3; i++) {
                const int64_t there = (int64_t)at[i] + sign * b->d[k][i];
                if (there < 0 || there >= n[i])
                    return 1;
            }
        const size_t other = (size_t)((ptrdiff_t)voxel + sign * b->step[k]);
        if (space->region[other] != space->region[voxel])
            return 1;
        least = space->rings[other] < least ? space->rings[other] : least;
    }
    return least + 1;
}

/* Chessboard distance in two passes (Rosenfeld & Pfaltz 1968). */
void grow_space_measure(grow_space *space) {
    const uint32_t *n = space->liver->geometry.n;
    const neighbours b = neighbours_before(n);
    size_t voxel = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++)
            for (uint32_t x = 0; x < n[0]; x++, voxel++)
                if (space->region[voxel] != REGION_OUTSIDE)
                    space->rings[voxel] = (uint8_t)rings_from(space, &b, 1, (const uint32_t[3]){x, y, z}, voxel);
    for (uint32_t z = n[2]; z-- > 0;)
        for (uint32_t y = n[1]; y-- > 0;)
            for (uint32_t x = n[0]; x-- > 0;) {
                if (space->region[--voxel] == REGION_OUTSIDE)
                    continue;
                const unsigned after = rings_from(space, &b, -1, (const uint32_t[3]){x, y, z}, voxel);
                if (after < space->rings[voxel])
                    space->rings[voxel] = (uint8_t)after;
            }
}

/* ---- the walk ------------------------------------------------------------------ */

/* From wall to wall along a + t d, t in 0..1, in voxel units (Amanatides & Woo, Eurographics 1987). */
typedef struct voxel_walk {
    double a[3], d[3], wall[3]; /* t at the next wall across each axis */
    int64_t voxel[3];
} voxel_walk;

static void enter_at(voxel_walk *w, double t) {
    for (int i = 0; i < 3; i++) {
        w->voxel[i] = floor_to_integer(w->a[i] + t * w->d[i] + 0.5); /* voxel v reaches from v - 0.5 to v + 0.5 */
        w->wall[i] = w->d[i] == 0 ? INFINITY : ((double)w->voxel[i] + (w->d[i] > 0 ? 0.5 : -0.5) - w->a[i]) / w->d[i];
    }
}

static voxel_walk walk_of(const grow_space *space, segment_ends s) {
    voxel_walk w;
    double b[3];
    st_geometry_to_voxel(&space->liver->geometry, (const double[3]){s.a.x, s.a.y, s.a.z}, w.a);
    st_geometry_to_voxel(&space->liver->geometry, (const double[3]){s.b.x, s.b.y, s.b.z}, b);
    for (int i = 0; i < 3; i++)
        w.d[i] = b[i] - w.a[i];
    enter_at(&w, 0);
    return w;
}

static double next_wall(const voxel_walk *w) {
    return lesser(w->wall[0], lesser(w->wall[1], w->wall[2]));
}

static void cross_wall(voxel_walk *w) {
    const int i = w->wall[0] <= w->wall[1] ? (w->wall[0] <= w->wall[2] ? 0 : 2) : w->wall[1] <= w->wall[2] ? 1 : 2;
    w->voxel[i] += w->d[i] > 0 ? 1 : -1;
    w->wall[i] = ((double)w->voxel[i] + (w->d[i] > 0 ? 0.5 : -0.5) - w->a[i]) / w->d[i];
}

/* Index of the voxel that the walk stands in, SIZE_MAX beyond the box. */
static size_t voxel_of(const grow_space *space, const voxel_walk *w) {
    const uint32_t *n = space->liver->geometry.n;
    for (int i = 0; i < 3; i++)
        if (w->voxel[i] < 0 || w->voxel[i] >= (int64_t)n[i])
            return SIZE_MAX;
    return ((size_t)w->voxel[2] * n[1] + (size_t)w->voxel[1]) * n[0] + (size_t)w->voxel[0];
}

bool grow_space_walk(const grow_space *space, segment_ends s, bool (*visit)(void *context, size_t voxel),
                     void *context) {
    for (voxel_walk w = walk_of(space, s);; cross_wall(&w)) {
        const size_t voxel = voxel_of(space, &w);
        if (voxel == SIZE_MAX || !visit(context, voxel))
            return false;
        if (next_wall(&w) >= 1)
            return true;
    }
}

/* ---- the distance from other regions --------------------------------------------- */

static bool admits(passage pass, uint16_t region) {
    return region == pass.home || region == pass.also || (pass.home == REGION_ANY && region != REGION_OUTSIDE);
}

static bool is_foreign(const grow_space *space, passage pass, const int64_t at[3]) {
    const uint32_t *n = space->liver->geometry.n;
    for (int i = 0; i < 3; i++)
        if (at[i] < 0 || at[i] >= (int64_t)n[i])
            return false;
    const uint16_t region = space->region[((size_t)at[2] * n[1] + (size_t)at[1]) * n[0] + (size_t)at[0]];
    return region != REGION_OUTSIDE && !admits(pass, region);
}

/* Whether a voxel of a foreign region is nearer than `pad` to the part of the walk, t0..t1, that lies in its voxel.
 * Each axis takes the nearest end for itself, so that it errs on the side of caution. */
static bool is_near_foreign(const grow_space *space, const voxel_walk *w, double t0, double t1, passage pass,
                            double pad) {
    const double *h = space->liver->geometry.spacing;
    double below[3], above[3]; /* mm from the walls of the voxel */
    int reach[3];
    bool near = false;
    for (int i = 0; i < 3; i++) {
        const double p = w->a[i] + t0 * w->d[i] - (double)w->voxel[i], q = w->a[i] + t1 * w->d[i] - (double)w->voxel[i];
        below[i] = (lesser(p, q) + 0.5) * h[i];
        above[i] = (0.5 - greater(p, q)) * h[i];
        reach[i] = 1 + (int)(pad / h[i]);
        near = near || below[i] < pad || above[i] < pad;
    }
    if (!near)
        return false; /* of any other voxel */
    for (int z = -reach[2]; z <= reach[2]; z++)
        for (int y = -reach[1]; y <= reach[1]; y++)
            for (int x = -reach[0]; x <= reach[0]; x++) {
                const int step[3] = {x, y, z};
                int64_t at[3];
                double d2 = 0;
                for (int i = 0; i < 3; i++) {
                    const double apart =
                        step[i] == 0 ? 0 : greater(0, (step[i] < 0 ? below[i] : above[i]) + (abs(step[i]) - 1) * h[i]);
                    d2 += apart * apart;
                    at[i] = w->voxel[i] + step[i];
                }
                if (d2 < pad * pad && is_foreign(space, pass, at))
                    return true;
            }
    return false;
}

/* Whether no voxel of another region can be within `reach` of a point: what most segments are, and soon told. */
static bool is_deep(const grow_space *space, vec p, passage pass, double reach) {
    double at[3];
    voxel_walk w;
    st_geometry_to_voxel(&space->liver->geometry, (const double[3]){p.x, p.y, p.z}, at);
    for (int i = 0; i < 3; i++)
        w.voxel[i] = floor_to_integer(at[i] + 0.5);
    const size_t voxel = voxel_of(space, &w);
    return voxel != SIZE_MAX && admits(pass, space->region[voxel]) && (space->rings[voxel] - 1) * space->least > reach;
}

/* Every voxel that the segment touches is looked at, but for those that are too deep inside to matter. */
bool grow_space_holds(const grow_space *space, segment_ends s, passage pass, double pad) {
    const double length = vec_distance(s.a, s.b);
    if (is_deep(space, s.a, pass, length + pad))
        return true;
    voxel_walk w = walk_of(space, s);
    for (double t = 0;;) {
        const size_t voxel = voxel_of(space, &w);
        if (voxel == SIZE_MAX || !admits(pass, space->region[voxel]))
            return false;
        const double wall = next_wall(&w), clear = (space->rings[voxel] - 1) * space->least;
        if (clear - pad > 2 * space->least) { /* a long way in the open at once */
            t += (clear - pad) / length;
            if (t >= 1)
                return true;
            enter_at(&w, t);
            continue;
        }
        if (clear < pad && is_near_foreign(space, &w, t, lesser(wall, 1), pass, pad))
            return false;
        if (wall >= 1)
            return true;
        t = wall;
        cross_wall(&w);
    }
}
