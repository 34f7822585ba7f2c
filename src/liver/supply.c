/* The vessels that supply the organ: where each enters and what it supplies (docs/variants.md).
 * SPDX-License-Identifier: GPL-3.0-or-later */
#include "supply_internal.h"

#include <stdlib.h>
#include <string.h>

static double dot(const double a[3], const double b[3]) {
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

static void normalise(double v[3]) {
    const double length = sqrt(dot(v, v));
    for (int i = 0; i < 3; i++)
        v[i] /= length;
}

const char *st_system_name(st_system system) {
    return system == ST_PORTAL ? "portal" : "artery";
}

double st_system_exponent(const st_parameters *parameters, st_system system) {
    return st_parameter_value(parameters, system == ST_PORTAL ? ST_P_PORTAL_MURRAY_EXPONENT : ST_P_MURRAY_EXPONENT);
}

double st_system_diameter(const st_parameters *parameters, st_system system, double flow) {
    const bool portal = system == ST_PORTAL;
    const double diameter = st_parameter_value(parameters, portal ? ST_P_PORTAL_ROOT_DIAMETER : ST_P_ROOT_DIAMETER);
    const double at_flow = st_parameter_value(parameters, portal ? ST_P_PORTAL_ROOT_FLOW : ST_P_ROOT_FLOW);
    return diameter * pow(flow / at_flow, 1 / st_system_exponent(parameters, system));
}

/* ---- where vessels are looked for ------------------------------------------------- */

/* The way from an inlet towards where it comes from. */
static void way_of(const st_inlet *inlet, double way[3]) {
    for (int i = 0; i < 3; i++)
        way[i] = inlet->stump[i] - inlet->hilum[i];
    normalise(way);
}

/* The part of a direction across a way, of length 1; false when there is none. */
static bool across(const double direction[3], const double way[3], double aside[3]) {
    const double along = dot(direction, way);
    for (int i = 0; i < 3; i++)
        aside[i] = direction[i] - along * way[i];
    if (!(dot(aside, aside) > 1e-6 * dot(direction, direction)))
        return false;
    normalise(aside);
    return true;
}

/* Beside an inlet, in a direction as far as it is across that inlet's way, as near as clearance lets it. */
static void beside(const st_inlet *inlet, const double direction[3], double diameter, const st_parameters *parameters,
                   double place[3]) {
    const double turned[3] = {direction[1], direction[2], direction[0]}; /* for one that is the way itself */
    const double apart = st_parameter_value(parameters, ST_P_INLET_CLEARANCE) * (inlet->diameter + diameter) / 2;
    double way[3], aside[3];
    way_of(inlet, way);
    if (!across(direction, way, aside))
        across(turned, way, aside);
    for (int i = 0; i < 3; i++)
        place[i] = inlet->hilum[i] + apart * aside[i];
}

/* The middle of one segment, and of another the place nearest to it; false when one of them is not there. */
static bool fissure_by_segments(const st_liver *liver, double place[3]) {
    const size_t voxels = liver->couinaud ? st_geometry_voxels(&liver->geometry) : 0;
    double middle[3] = {0}, n = 0, best = INFINITY;
    for (size_t i = 0; i < voxels; i++) {
        double p[3];
        if (liver->couinaud[i] != 1)
            continue;
        voxel_centre(&liver->geometry, i, p);
        for (int k = 0; k < 3; k++)
            middle[k] += p[k];
        n++;
    }
    for (int k = 0; k < 3 && n > 0; k++)
        middle[k] /= n;
    for (size_t i = 0; i < voxels && n > 0; i++) {
        double p[3];
        if (liver->couinaud[i] != 2 && liver->couinaud[i] != 3)
            continue;
        voxel_centre(&liver->geometry, i, p);
        const double d[3] = {p[0] - middle[0], p[1] - middle[1], p[2] - middle[2]};
        if (dot(d, d) >= best)
            continue;
        best = dot(d, d);
        memcpy(place, p, sizeof p);
    }
    return isfinite(best);
}

/* The fissure for the ligamentum venosum: between segment 1 and segments 2 and 3, or, without their labels, at a place
 * that is told from the hilum. */
static void wish_in_fissure(const st_liver *liver, const st_parameters *parameters, inlet_wish *wish) {
    if (!fissure_by_segments(liver, wish->target)) {
        wish->target[0] = liver->hilum[0] + st_parameter_value(parameters, ST_P_VENOUS_FISSURE_LEFT);
        wish->target[1] = liver->hilum[1] + st_parameter_value(parameters, ST_P_VENOUS_FISSURE_BEHIND);
        wish->target[2] = liver->hilum[2] + st_parameter_value(parameters, ST_P_VENOUS_FISSURE_ABOVE);
    }
    wish->towards[0] = st_parameter_value(parameters, ST_P_LEFT_GASTRIC_LEFT);
    wish->towards[1] = st_parameter_value(parameters, ST_P_LEFT_GASTRIC_BEHIND);
    wish->towards[2] = -st_parameter_value(parameters, ST_P_LEFT_GASTRIC_BELOW);
    normalise(wish->towards);
}

/* Behind the portal vein and to its right, on the same way. */
static void wish_behind_portal(const st_inlet *portal, const st_parameters *parameters, inlet_wish *wish) {
    const double direction[3] = {-st_parameter_value(parameters, ST_P_REPLACED_RIGHT_ASIDE),
                                 st_parameter_value(parameters, ST_P_REPLACED_RIGHT_BEHIND), 0};
    beside(portal, direction, wish->diameter, parameters, wish->target);
    way_of(portal, wish->towards);
}

/* ---- the vessels of every liver ------------------------------------------------- */

/* The artery that supplies all of the organ, at the liver's own hilum. */
static st_inlet whole_artery(const st_liver *liver, const st_parameters *parameters) {
    const st_demand demand = st_demand_from_parameters(parameters);
    st_inlet inlet = {.name = "hepatic artery",
                      .origin = ST_FROM_COELIAC,
                      .diameter = st_system_diameter(parameters, ST_ARTERIAL, st_demand_arterial_total(&demand, liver)),
                      .volume = liver->volume};
    memcpy(inlet.hilum, liver->hilum, sizeof inlet.hilum);
    memcpy(inlet.stump, liver->stump, sizeof inlet.stump);
    return inlet;
}

/* Behind that artery, on the same way. */
static st_status portal_vein(const inlet_search *search, st_inlet *portal, st_error *err) {
    static const double behind[3] = {0, 1, 0};
    const st_liver *liver = search->liver;
    const st_demand demand = st_demand_from_parameters(search->parameters);
    const st_inlet artery = whole_artery(liver, search->parameters);
    const double flow = st_demand_portal_total(&demand, liver);
    inlet_wish wish = {.diameter = st_system_diameter(search->parameters, ST_PORTAL, flow)};
    *portal = (st_inlet){.name = "portal vein", .origin = ST_FROM_GUT, .volume = liver->volume};
    beside(&artery, behind, wish.diameter, search->parameters, wish.target);
    way_of(&artery, wish.towards);
    return inlet_place(search, &wish, &artery, 1, portal, err);
}

st_status st_supply_portal(const st_liver *liver, const st_parameters *parameters, st_supply *supply, st_error *err) {
    inlet_search search;
    *supply = (st_supply){.n = 1};
    st_status status = inlet_search_init(liver, parameters, &search, err);
    if (status == ST_OK)
        status = portal_vein(&search, &supply->inlet[0], err);
    inlet_search_fini(&search);
    return status;
}

/* ---- the arteries of a variant ---------------------------------------------------- */

/* Whether an artery has room at the liver's hilum in the part that it supplies. */
static bool stays_at_hilum(const st_liver *liver, const st_supply *supply, uint8_t k) {
    const st_inlet *artery = &supply->inlet[k];
    const size_t voxel = st_liver_voxel_at(liver, liver->hilum);
    uint32_t at[3];
    if (artery->origin != ST_FROM_COELIAC || voxel == SIZE_MAX)
        return false;
    voxel_index(&liver->geometry, voxel, at);
    return has_room(liver, at, artery->diameter / 2, supply->domain, k);
}

/* vessels[0] is the portal vein, the k arteries before this one follow. */
static st_status place_artery(const inlet_search *search, const st_supply *supply, uint8_t k, st_inlet *vessels,
                              st_error *err) {
    const st_liver *liver = search->liver;
    st_inlet *artery = &vessels[k + 1];
    *artery = supply->inlet[k];
    if (stays_at_hilum(liver, supply, k)) {
        memcpy(artery->hilum, liver->hilum, sizeof artery->hilum);
        memcpy(artery->stump, liver->stump, sizeof artery->stump);
        return ST_OK;
    }
    inlet_wish wish = {.diameter = artery->diameter, .domain = supply->domain, .index = k};
    if (artery->origin == ST_FROM_MESENTERIC) {
        wish_behind_portal(&vessels[0], search->parameters, &wish);
    } else if (artery->origin == ST_FROM_GASTRIC) {
        wish_in_fissure(liver, search->parameters, &wish);
    } else {
        const st_inlet whole = whole_artery(liver, search->parameters);
        memcpy(wish.target, liver->hilum, sizeof wish.target);
        way_of(&whole, wish.towards);
    }
    return inlet_place(search, &wish, vessels, (size_t)k + 1, artery, err);
}

static st_status place_arteries(const st_liver *liver, const st_parameters *parameters, st_supply *supply,
                                st_error *err) {
    inlet_search search;
    st_inlet vessels[1 + ST_INLETS_MOST];
    st_status status = inlet_search_init(liver, parameters, &search, err);
    if (status == ST_OK)
        status = portal_vein(&search, &vessels[0], err);
    for (uint8_t k = 0; k < supply->n && status == ST_OK; k++)
        status = place_artery(&search, supply, k, vessels, err);
    if (status == ST_OK)
        memcpy(supply->inlet, vessels + 1, supply->n * sizeof *vessels);
    inlet_search_fini(&search);
    return status;
}

static void name_inlets(const st_variant *variant, st_supply *supply) {
    snprintf(supply->variant, sizeof supply->variant, "%s", variant->name);
    supply->n = variant->n;
    for (size_t k = 0; k < variant->n; k++) {
        supply->inlet[k].origin = variant->artery[k].origin;
        snprintf(supply->inlet[k].name, sizeof supply->inlet[k].name, "%.48s from the %.36s", variant->artery[k].name,
                 st_origin_name(variant->artery[k].origin));
    }
}

static void measure_inlets(const double (*volume)[3], const st_parameters *parameters, st_supply *supply) {
    const st_demand demand = st_demand_from_parameters(parameters);
    for (size_t k = 0; k < supply->n; k++) {
        const double *part = volume[k];
        supply->inlet[k].volume = part[ST_NORMAL] + part[ST_TUMOUR];
        supply->inlet[k].diameter = st_system_diameter(parameters, ST_ARTERIAL, demand.arterial[ST_NORMAL] * part[ST_NORMAL] +
                                                                    demand.arterial[ST_TUMOUR] * part[ST_TUMOUR]);
    }
}

st_status st_supply_init(const st_liver *liver, const st_variant *variant, const st_parameters *parameters,
                         st_supply *supply, st_error *err) {
    double volume[ST_INLETS_MOST][3] = {{0}};
    *supply = (st_supply){.n = 1, .inlet = {whole_artery(liver, parameters)}};
    if (variant == NULL)
        return ST_OK;
    name_inlets(variant, supply);
    if (variant->n == 1) /* it enters at the liver's hilum wherever it comes from */
        return ST_OK;
    st_status status = domains_find(liver, variant, parameters, &supply->domain, volume, err);
    if (status == ST_OK) {
        measure_inlets((const double(*)[3])volume, parameters, supply);
        status = place_arteries(liver, parameters, supply, err);
    }
    if (status != ST_OK)
        st_supply_fini(supply);
    return status;
}

void st_supply_fini(st_supply *supply) {
    free(supply->domain);
    *supply = (st_supply){0};
}
