/* The hilum: where the artery enters the organ, and the stump from which it comes.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "liver_internal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { DIRECTIONS = 200 }; /* looked at for a way out of the organ */

static double distance2(const double a[3], const double b[3]) {
    return (a[0] - b[0]) * (a[0] - b[0]) + (a[1] - b[1]) * (a[1] - b[1]) + (a[2] - b[2]) * (a[2] - b[2]);
}

static bool in_organ(const st_liver *liver, const double lps[3]) {
    return st_liver_class_at(liver, lps) != ST_OUTSIDE;
}

static void organ_centre(const st_liver *liver, double centre[3]) {
    const uint32_t *n = liver->geometry.n;
    double sum[3] = {0}, count = 0;
    size_t i = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++)
            for (uint32_t x = 0; x < n[0]; x++, i++) {
                if (liver->tissue[i] == ST_OUTSIDE)
                    continue;
                sum[0] += x;
                sum[1] += y;
                sum[2] += z;
                count++;
            }
    for (int k = 0; k < 3; k++)
        sum[k] /= count;
    st_geometry_to_lps(&liver->geometry, sum, centre);
}

/* ---- the place inside ------------------------------------------------------- */

bool has_room(const st_liver *liver, const uint32_t at[3], double radius, const uint8_t *domain, uint8_t index) {
    const st_geometry *g = &liver->geometry;
    int64_t reach[3];
    for (int i = 0; i < 3; i++)
        reach[i] = (int64_t)ceil(radius / g->spacing[i]);
    for (int64_t z = -reach[2]; z <= reach[2]; z++)
        for (int64_t y = -reach[1]; y <= reach[1]; y++)
            for (int64_t x = -reach[0]; x <= reach[0]; x++) {
                const int64_t step[3] = {x, y, z};
                double d2 = 0;
                bool in = true;
                for (int i = 0; i < 3; i++) {
                    const double d =
                        g->to_lps[i][0] * (double)x + g->to_lps[i][1] * (double)y + g->to_lps[i][2] * (double)z;
                    d2 += d * d;
                    in = in && at[i] + step[i] >= 0 && at[i] + step[i] < g->n[i];
                }
                if (d2 > radius * radius)
                    continue;
                const int64_t voxel = in ? ((at[2] + z) * g->n[1] + at[1] + y) * (int64_t)g->n[0] + at[0] + x : -1;
                if (voxel < 0 || liver->tissue[voxel] == ST_OUTSIDE || (domain && domain[voxel] != index))
                    return false;
            }
    return true;
}

/* The voxel nearest to `from` with room for a vessel of that radius; false when there is none. */
static bool nearest_with_room(const st_liver *liver, const double from[3], double radius, double place[3]) {
    const uint32_t *n = liver->geometry.n;
    double best = INFINITY;
    size_t i = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++)
            for (uint32_t x = 0; x < n[0]; x++, i++) {
                if (liver->tissue[i] == ST_OUTSIDE)
                    continue;
                const double index[3] = {x, y, z};
                const uint32_t at[3] = {x, y, z};
                double p[3];
                st_geometry_to_lps(&liver->geometry, index, p);
                const double d2 = distance2(p, from);
                if (d2 < best && has_room(liver, at, radius, NULL, 0)) {
                    best = d2;
                    memcpy(place, p, sizeof p);
                }
            }
    return isfinite(best);
}

/* The hilum is the nearest place where the artery fits; in an organ too thin for it, where half of it fits, and so on.
 */
static void settle_hilum(st_liver *liver, const double entry[3], const st_parameters *parameters) {
    double radius = st_parameter_value(parameters, ST_P_ROOT_DIAMETER) / 2;
    const double least = 1e-3 * radius;
    while (!nearest_with_room(liver, entry, radius, liver->hilum))
        radius = radius > least ? radius / 2 : 0; /* with 0 every voxel of the organ will do */
}

/* ---- the stump outside ------------------------------------------------------ */

double way_out(const st_liver *liver, const double from[3], const double d[3], double length, double *end) {
    const double step = way_step(liver);
    double within = 0, exit = INFINITY;
    for (double t = step; t < exit + length; t += step) {
        const double p[3] = {from[0] + t * d[0], from[1] + t * d[1], from[2] + t * d[2]};
        if (in_organ(liver, p)) {
            within += step;
            exit = INFINITY;
        } else if (!isfinite(exit))
            exit = t;
    }
    *end = exit + length;
    return within;
}

static void set_stump(st_liver *liver, const double d[3], double length) {
    double end;
    way_out(liver, liver->hilum, d, length, &end);
    for (int i = 0; i < 3; i++)
        liver->stump[i] = liver->hilum[i] + end * d[i];
}

/* The direction that leaves through the least of the organ; among equals the one nearest to where the coeliac trunk
 * lies from the liver: to the left, behind and below. */
static void stump_by_shape(st_liver *liver, const st_parameters *parameters) {
    const double length = st_parameter_value(parameters, ST_P_STUMP_LENGTH);
    const double coeliac[3] = {st_parameter_value(parameters, ST_P_COELIAC_LEFT),
                               st_parameter_value(parameters, ST_P_COELIAC_BEHIND),
                               -st_parameter_value(parameters, ST_P_COELIAC_BELOW)};
    double best = INFINITY, way[3] = {0};
    for (int k = 0; k < DIRECTIONS; k++) {
        double d[3], end;
        sphere_point(k, DIRECTIONS, d);
        const double cosine = d[0] * coeliac[0] + d[1] * coeliac[1] + d[2] * coeliac[2];
        const double cost = way_out(liver, liver->hilum, d, length, &end) - length * cosine;
        if (cost < best) {
            best = cost;
            memcpy(way, d, sizeof way);
        }
    }
    set_stump(liver, way, length);
}

/* Towards a point outside; by shape when there is none. */
static void stump_towards(st_liver *liver, const double from[3], const st_parameters *parameters) {
    const double apart = sqrt(distance2(from, liver->hilum));
    if (!(apart > 0)) {
        stump_by_shape(liver, parameters);
        return;
    }
    const double d[3] = {(from[0] - liver->hilum[0]) / apart, (from[1] - liver->hilum[1]) / apart,
                         (from[2] - liver->hilum[2]) / apart};
    set_stump(liver, d, st_parameter_value(parameters, ST_P_STUMP_LENGTH));
}
/* ---- from vessel labels ------------------------------------------------------ */

/* Whether a voxel inside the organ has one of the same vessel outside it among its neighbours. */
static bool crosses(const organ *o, size_t i, const uint32_t at[3], st_role role) {
    const uint32_t *n = o->geometry.n;
    const size_t stride[3] = {1, n[0], (size_t)n[0] * n[1]};
    for (int side = 0; side < 6; side++) {
        const int axis = side / 2;
        if (side % 2 ? at[axis] + 1 == n[axis] : at[axis] == 0)
            continue;
        const size_t j = side % 2 ? i + stride[axis] : i - stride[axis];
        if (o->role[j] == role && !o->inside[j])
            return true;
    }
    return false;
}

/* Where a vessel is at least `least` mm thick: the place nearest to `centre` where it crosses the organ's surface, or,
 * unless `crossing`, anywhere. SIZE_MAX when there is none; *thickest is the largest thickness at such places. */
static size_t nearest_thick(const organ *o, st_role role, const float *thickness, bool crossing, double least,
                            const double centre[3], double *thickest) {
    const uint32_t *n = o->geometry.n;
    size_t best = SIZE_MAX, i = 0;
    double best2 = INFINITY;
    *thickest = 0;
    for (uint32_t z = 0; z < n[2]; z++)
        for (uint32_t y = 0; y < n[1]; y++)
            for (uint32_t x = 0; x < n[0]; x++, i++) {
                const uint32_t at[3] = {x, y, z};
                if (o->role[i] != role || (crossing && !(o->inside[i] && crosses(o, i, at, role))))
                    continue;
                double p[3];
                voxel_centre(&o->geometry, i, p);
                *thickest = fmax(*thickest, (double)thickness[i]);
                if ((double)thickness[i] < least || distance2(p, centre) >= best2)
                    continue;
                best = i;
                best2 = distance2(p, centre);
            }
    return best;
}

/* The thickest place where a vessel crosses the organ's surface; of places as thick to half a voxel, the one nearest to
 * the organ's centre. A vessel that does not cross: its thickest place. */
static size_t find_entry(const st_liver *liver, const organ *o, st_role role, const float *thickness) {
    const double *h = o->geometry.spacing;
    const double slack = 0.5 * fmax(h[0], fmax(h[1], h[2]));
    double centre[3] = {0}, thickest, unused;
    organ_centre(liver, centre);
    const bool crossing = nearest_thick(o, role, thickness, true, 0, centre, &thickest) != SIZE_MAX;
    if (!crossing)
        nearest_thick(o, role, thickness, false, 0, centre, &thickest);
    return nearest_thick(o, role, thickness, crossing, thickest - slack, centre, &unused);
}

/* The middle of the vessel's part outside the organ within `reach` mm of a point; false when there is none. */
static bool middle_outside(const organ *o, st_role role, const double from[3], double reach, double middle[3]) {
    const size_t voxels = st_geometry_voxels(&o->geometry);
    double sum[3] = {0}, n = 0;
    for (size_t i = 0; i < voxels; i++) {
        if (o->role[i] != role || o->inside[i])
            continue;
        double p[3];
        voxel_centre(&o->geometry, i, p);
        if (distance2(p, from) > reach * reach)
            continue;
        for (int k = 0; k < 3; k++)
            sum[k] += p[k];
        n++;
    }
    for (int k = 0; k < 3 && n > 0; k++)
        middle[k] = sum[k] / n;
    return n > 0;
}

static st_status by_vessel(st_liver *liver, const organ *o, st_role role, const st_parameters *parameters, bool *found,
                           st_error *err) {
    const size_t voxels = st_geometry_voxels(&o->geometry);
    const double length = st_parameter_value(parameters, ST_P_STUMP_LENGTH);
    uint8_t *mask = st_alloc(voxels, 1, err);
    float *thickness = st_alloc(voxels, sizeof *thickness, err);
    st_status status = mask && thickness ? ST_OK : ST_MEMORY;
    for (size_t i = 0; i < voxels && status == ST_OK; i++)
        *found = (mask[i] = o->role[i] == role) || *found;
    if (status == ST_OK && *found)
        status = st_distance(o->geometry.n, o->geometry.spacing, mask, thickness, err);
    if (status == ST_OK && *found) {
        double entry[3], middle[3];
        voxel_centre(&o->geometry, find_entry(liver, o, role, thickness), entry);
        settle_hilum(liver, entry, parameters);
        if (middle_outside(o, role, entry, length, middle))
            stump_towards(liver, middle, parameters);
        else
            stump_by_shape(liver, parameters);
    }
    free(mask);
    free(thickness);
    return status;
}

/* ---- from the organ's shape --------------------------------------------------- */

static st_status by_shape(st_liver *liver, const st_parameters *parameters, st_error *err) {
    double place[3];
    bool found;
    const st_status status = porta_find(liver, st_parameter_value(parameters, ST_P_VESSEL_CLOSING), place, &found, err);
    if (status != ST_OK)
        return status;
    if (!found)
        organ_centre(liver, place);
    settle_hilum(liver, place, parameters);
    stump_by_shape(liver, parameters);
    return ST_OK;
}

st_status hilum_find(st_liver *liver, const organ *o, const st_parameters *parameters, st_error *err) {
    bool found = false;
    liver->hilum_rule = "where the artery label is thickest on its way into the organ";
    st_status status = by_vessel(liver, o, ST_ROLE_ARTERY, parameters, &found, err);
    if (status == ST_OK && !found) {
        liver->hilum_rule = "no artery label: where the portal vein label is thickest on its way into the organ";
        status = by_vessel(liver, o, ST_ROLE_PORTAL_VEIN, parameters, &found, err);
    }
    if (status == ST_OK && !found) {
        liver->hilum_rule = "no artery or portal vein label: at the deepest hollow of the organ's surface";
        status = by_shape(liver, parameters, err);
    }
    return status;
}

/* ---- given by the user ---------------------------------------------------------- */

st_status st_liver_set_root(st_liver *liver, const double lps[3], const st_parameters *parameters, st_error *err) {
    const double tolerance = st_parameter_value(parameters, ST_P_ROOT_TOLERANCE);
    double nearest[3] = {0};
    for (int i = 0; i < 3; i++)
        if (!isfinite(lps[i]))
            return st_fail(err, ST_VALUE, "the root is no point in space");
    nearest_with_room(liver, lps, 0, nearest);
    const double apart = sqrt(distance2(nearest, lps));
    if (!in_organ(liver, lps) && apart > tolerance)
        return st_fail(err, ST_ANATOMY,
                       "the root at %g, %g, %g mm (LPS) lies %.1f mm outside the organ; at most %g mm are taken "
                       "(parameter root_tolerance)",
                       lps[0], lps[1], lps[2], apart, tolerance);
    settle_hilum(liver, lps, parameters);
    if (in_organ(liver, lps))
        stump_by_shape(liver, parameters);
    else
        stump_towards(liver, lps, parameters);
    liver->hilum_rule = "given by the user";
    return ST_OK;
}
