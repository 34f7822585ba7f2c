/* Where a vessel enters the organ: a place under the surface with room for it, a way out, and no other vessel near.
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "supply_internal.h"

#include <stdlib.h>
#include <string.h>

enum { DIRECTIONS = 200 }; /* looked at for a way out of the organ */

st_status inlet_search_init(const st_liver *liver, const st_parameters *parameters, inlet_search *search,
                            st_error *err) {
    *search = (inlet_search){.liver = liver, .parameters = parameters};
    search->depth = st_alloc(st_geometry_voxels(&liver->geometry), sizeof *search->depth, err);
    if (!search->depth)
        return ST_MEMORY;
    return st_distance(liver->geometry.n, liver->geometry.spacing, liver->tissue, search->depth, err);
}

void inlet_search_fini(inlet_search *search) {
    free(search->depth);
    search->depth = NULL;
}

/* ---- the layer under the surface ---------------------------------------------- */

typedef struct candidate {
    double d2; /* mm^2 to the target */
    size_t voxel;
} candidate;

static int by_distance(const void *a, const void *b) {
    const candidate *p = a, *q = b;
    if (p->d2 != q->d2)
        return p->d2 < q->d2 ? -1 : 1;
    return p->voxel < q->voxel ? -1 : p->voxel > q->voxel;
}

/* How thick the layer is: a step from voxel to voxel, corners too. */
static double layer(const st_liver *liver) {
    const double *h = liver->geometry.spacing;
    return sqrt(h[0] * h[0] + h[1] * h[1] + h[2] * h[2]);
}

/* The places where a ball of `radius` fits and hardly a larger one, near enough to the target; nearest first.
 * With `out` NULL they are only counted. */
static size_t collect(const inlet_search *s, const inlet_wish *wish, double radius, candidate *out) {
    const st_liver *liver = s->liver;
    const size_t voxels = st_geometry_voxels(&liver->geometry);
    const double reach = st_parameter_value(s->parameters, ST_P_INLET_REACH), most = radius + layer(liver);
    size_t n = 0;
    for (size_t i = 0; i < voxels; i++) {
        if (!((double)s->depth[i] > radius && (double)s->depth[i] <= most) ||
            (wish->domain && wish->domain[i] != wish->index))
            continue;
        double p[3], d2 = 0;
        voxel_centre(&liver->geometry, i, p);
        for (int k = 0; k < 3; k++)
            d2 += (p[k] - wish->target[k]) * (p[k] - wish->target[k]);
        if (d2 > reach * reach)
            continue;
        if (out)
            out[n] = (candidate){d2, i};
        n++;
    }
    if (out)
        qsort(out, n, sizeof *out, by_distance);
    return n;
}

/* ---- clearance ------------------------------------------------------------------ */

static double point_distance(const double p[3], const st_inlet *inlet) {
    double along = 0, length2 = 0, d2 = 0;
    for (int k = 0; k < 3; k++) {
        const double way = inlet->stump[k] - inlet->hilum[k];
        along += (p[k] - inlet->hilum[k]) * way;
        length2 += way * way;
    }
    const double t = length2 > 0 ? fmin(fmax(along / length2, 0), 1) : 0;
    for (int k = 0; k < 3; k++) {
        const double d = p[k] - inlet->hilum[k] - t * (inlet->stump[k] - inlet->hilum[k]);
        d2 += d * d;
    }
    return sqrt(d2);
}

/* Whether the way of `length` mm from a place in direction d keeps clear of all inlets. It is looked at step by step;
 * between two steps it comes no nearer than half a step. */
static bool keeps_clear(const inlet_search *s, const double from[3], const double d[3], double length, double diameter,
                        const st_inlet *placed, size_t n_placed) {
    const double clearance = st_parameter_value(s->parameters, ST_P_INLET_CLEARANCE), step = way_step(s->liver);
    for (size_t j = 0; j < n_placed; j++) {
        const double least = clearance * (diameter + placed[j].diameter) / 2 + step / 2;
        for (double t = 0; t < length + step; t += step) {
            const double p[3] = {from[0] + t * d[0], from[1] + t * d[1], from[2] + t * d[2]};
            if (point_distance(p, &placed[j]) < least)
                return false;
        }
    }
    return true;
}

/* ---- the way out ------------------------------------------------------------------ */

/* From a place: the way that leaves the organ once, soon, and rather towards where the vessel comes from. */
static bool find_way(const inlet_search *s, const inlet_wish *wish, const double from[3], double radius,
                     const st_inlet *placed, size_t n_placed, double stump[3]) {
    const double length = st_parameter_value(s->parameters, ST_P_STUMP_LENGTH), step = way_step(s->liver);
    const double deepest = 2 * (radius + layer(s->liver)); /* of a way that leaves at a slant of 60 degrees */
    double best = INFINITY;
    for (int k = 0; k < DIRECTIONS; k++) {
        double d[3], end;
        sphere_point(k, DIRECTIONS, d);
        const double cosine = d[0] * wish->towards[0] + d[1] * wish->towards[1] + d[2] * wish->towards[2];
        if (cosine <= 0 || -length * cosine >= best)
            continue;
        const double within = way_out(s->liver, from, d, length, &end), cost = within - length * cosine;
        const bool once = end - length <= within + 1.5 * step;
        if (cost >= best || within > deepest || !once ||
            !keeps_clear(s, from, d, end, wish->diameter, placed, n_placed))
            continue;
        best = cost;
        for (int i = 0; i < 3; i++)
            stump[i] = from[i] + end * d[i];
    }
    return isfinite(best);
}

/* ---- both ------------------------------------------------------------------------- */

static st_status place_in_layer(const inlet_search *s, const inlet_wish *wish, double radius, const st_inlet *placed,
                                size_t n_placed, st_inlet *inlet, bool *found, st_error *err) {
    static const double nowhere[3] = {0};
    const size_t n = collect(s, wish, radius, NULL);
    candidate *list = st_alloc(n, sizeof *list, err);
    if (!list)
        return ST_MEMORY;
    collect(s, wish, radius, list);
    for (size_t i = 0; i < n && !*found; i++) {
        double p[3];
        uint32_t at[3];
        voxel_index(&s->liver->geometry, list[i].voxel, at);
        voxel_centre(&s->liver->geometry, list[i].voxel, p);
        if (!has_room(s->liver, at, radius, wish->domain, wish->index) ||
            !keeps_clear(s, p, nowhere, 0, wish->diameter, placed, n_placed) ||
            !find_way(s, wish, p, radius, placed, n_placed, inlet->stump))
            continue;
        memcpy(inlet->hilum, p, sizeof p);
        *found = true;
    }
    free(list);
    return ST_OK;
}

st_status inlet_place(const inlet_search *search, const inlet_wish *wish, const st_inlet *placed, size_t n_placed,
                      st_inlet *inlet, st_error *err) {
    const double least = 1e-3 * wish->diameter;
    bool found = false;
    inlet->diameter = wish->diameter;
    /* in an organ too thin for the vessel, where half of it fits, and so on */
    for (double radius = wish->diameter / 2; radius > least && !found; radius /= 2) {
        const st_status status = place_in_layer(search, wish, radius, placed, n_placed, inlet, &found, err);
        if (status != ST_OK)
            return status;
    }
    if (found)
        return ST_OK;
    return st_fail(err, ST_ANATOMY,
                   "the liver has no place for the %s within %g mm of (%.1f, %.1f, %.1f) mm LPS that is clear of the "
                   "other vessels (parameters inlet_reach, inlet_clearance)",
                   inlet->name, st_parameter_value(search->parameters, ST_P_INLET_REACH), wish->target[0],
                   wish->target[1], wish->target[2]);
}
