/* What vessels reach, as result.json and `stasis plan` tell it (docs/formats.md).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "put.h"

#include <stasis/units.h>

json_t *st_tip_json(const st_tip *tip, size_t n_lesions) {
    json_t *object = json_object(), *lesions = json_array();
    for (size_t l = 0; l < n_lesions; l++)
        json_array_append_new(lesions, st_json_real(tip->lesion_share[l] / ST_PERCENT));
    put_count(object, "segment", tip->segment);
    put(object, "diameter_mm", tip->diameter);
    put(object, "tumour_flow_share_percent", tip->tumour_share / ST_PERCENT);
    put(object, "normal_flow_share_percent", tip->normal_share / ST_PERCENT);
    json_object_set_new(object, "lesion_flow_share_percent", lesions);
    return object;
}

/* A vessel and what is beyond it, whichever lesion it is asked for. The middle of a segment names it and no other where
 * a tip is given as a point. */
static json_t *vessel_json(const st_tree *tree, const st_reach *reach, size_t entry) {
    const uint32_t segment = reach->segment[entry];
    const double tumour = reach->tumour[entry], normal = reach->normal[entry], all = tumour + normal;
    json_t *object = json_object(), *middle = json_array();
    for (int k = 0; k < 3; k++)
        json_array_append_new(
            middle, st_json_real(((double)tree->proximal[segment][k] + (double)tree->distal[segment][k]) / 2));
    put_count(object, "segment", segment);
    put(object, "diameter_mm", 2 * (double)tree->radius[segment]);
    json_object_set_new(object, "middle_lps_mm", middle);
    put(object, "flow_ml_min", all / ST_ML_MIN);
    put(object, "tumour_percent", tumour / all / ST_PERCENT);
    put(object, "normal_percent", normal / all / ST_PERCENT);
    put(object, "normal_flow_share_percent", normal / reach->normal_total / ST_PERCENT);
    return object;
}

json_t *st_feeders_json(const st_tree *tree, const st_reach *reach, const st_feeders *feeders) {
    json_t *list = json_array();
    for (size_t l = 0; l < feeders->n_lesions; l++) {
        json_t *item = json_object(), *vessels = json_array();
        for (size_t k = feeders->first[l]; k < feeders->first[l + 1]; k++) {
            const st_feeder *feeder = &feeders->feeder[k];
            json_t *vessel = vessel_json(tree, reach, feeder->entry);
            put(vessel, "share_percent", feeder->share / ST_PERCENT);
            put(vessel, "through_percent", feeder->through / ST_PERCENT);
            json_array_append_new(vessels, vessel);
        }
        put_count(item, "lesion", l + 1);
        put(item, "flow_ml_min", reach->lesion_total[l] / ST_ML_MIN);
        put(item, "reached_percent", feeders->reached[l] / ST_PERCENT);
        json_object_set_new(item, "vessels", vessels);
        json_array_append_new(list, item);
    }
    return list;
}

json_t *st_reach_json(const st_tree *tree, const st_reach *reach) {
    json_t *list = json_array();
    for (size_t i = 0; i < reach->n; i++) {
        const uint32_t above = reach->above[i];
        json_t *vessel = vessel_json(tree, reach, i);
        json_object_set_new(vessel, "above", above != ST_NO_REACH ? json_integer(reach->segment[above]) : json_null());
        json_object_set_new(vessel, "lesions", json_array());
        json_array_append_new(list, vessel);
    }
    for (size_t l = 0; l < reach->n_lesions; l++)
        for (size_t k = reach->first[l]; k < reach->first[l + 1]; k++) {
            json_t *share = json_object();
            put_count(share, "lesion", l + 1);
            put(share, "flow_ml_min", reach->part[k].flow / ST_ML_MIN);
            put(share, "share_percent", reach->part[k].flow / reach->lesion_total[l] / ST_PERCENT);
            json_array_append_new(json_object_get(json_array_get(list, reach->part[k].entry), "lesions"), share);
        }
    return list;
}
