/* result.json: every number that was found, in the user's units (docs/formats.md).
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "put.h"
#include "run_internal.h"

#include <stasis/text.h>
#include <stasis/units.h>

#include <math.h>
#include <string.h>

static json_t *treatment_json(const st_case *c) {
    json_t *treatment = json_object(), *agent = json_object(), *steps = json_array();
    for (size_t k = 0; k < c->regimen.n; k++) {
        json_t *step = json_object();
        const double dose = c->regimen.step[k].dose;
        put_text(step, "agent", c->regimen.step[k].agent.name);
        put_text(step, "kind", st_agent_kind_name(c->regimen.step[k].agent.kind));
        const double infused = c->regimen.step[k].infused;
        put(step, "dose_ml", dose > 0 ? dose / ST_ML : NAN);
        put(step, "infused_ml", infused > 0 ? infused / ST_ML : NAN);
        json_array_append_new(steps, step);
    }
    put_text(agent, "name", c->agent.name);
    put(agent, "smallest_um", c->agent.d_min / ST_UM);
    put(agent, "largest_um", c->agent.d_max / ST_UM);
    put_text(treatment, "modality", st_modality_name(c->modality));
    put_text(treatment, "protocol", c->regimen.protocol);
    json_object_set_new(treatment, "steps", steps);
    json_object_set_new(treatment, "agent", agent);
    put_text(treatment, "endpoint", st_endpoint_name(c->endpoint));
    put_text(treatment, "tips", c->tips_auto ? "auto" : "given");
    return treatment;
}

/* The arteries: how they come, and what each supplies. */
static json_t *anatomy_json(const st_case *c, const st_supply *supply) {
    json_t *object = json_object(), *arteries = json_array();
    const bool asked = supply->variant[0] != '\0';
    json_object_set_new(object, "variant", asked ? json_string(supply->variant) : json_null());
    json_object_set_new(object, "drawn", json_boolean(strcmp(c->variant, ST_VARIANT_DRAWN) == 0));
    for (size_t k = 0; k < supply->n; k++) {
        const st_inlet *inlet = &supply->inlet[k];
        json_t *item = json_object(), *point = json_array();
        for (int i = 0; i < 3; i++)
            json_array_append_new(point, st_json_real(inlet->hilum[i]));
        put_text(item, "artery", inlet->name);
        put_text(item, "from", st_origin_name(inlet->origin));
        put(item, "supplies_ml", inlet->volume / ST_ML);
        json_object_set_new(item, "entry_lps_mm", point);
        json_array_append_new(arteries, item);
    }
    json_object_set_new(object, "arteries", arteries);
    return object;
}

/* The arteries that bring blood to a lesion, with their share of it. */
static json_t *reached_json(const st_supply *supply, const double *share) {
    json_t *list = json_array();
    for (size_t k = 0; k < supply->n; k++) {
        if (!(share[k] > 0))
            continue;
        json_t *item = json_object();
        put_text(item, "artery", supply->inlet[k].name);
        put(item, "share_percent", share[k] / ST_PERCENT);
        json_array_append_new(list, item);
    }
    return list;
}

static json_t *liver_json(const st_result *r) {
    const st_liver *liver = &r->liver;
    json_t *object = json_object(), *lesions = json_array();
    put(object, "volume_ml", liver->volume / ST_ML);
    put(object, "tumour_volume_ml", liver->tumour_volume / ST_ML);
    put(object, "tumour_burden_percent", st_liver_burden(liver) / ST_PERCENT);
    json_object_set_new(object, "synthetic_lesions", json_boolean(liver->synthetic));
    put_text(object, "lobe_rule", liver->lobe_rule);
    put_text(object, "hilum_rule", liver->hilum_rule);
    for (size_t i = 0; i < liver->n_lesions; i++) {
        const st_lesion *lesion = &liver->lesions[i];
        json_t *item = json_object();
        put_count(item, "id", lesion->id);
        put(item, "volume_ml", lesion->volume / ST_ML);
        put(item, "longest_axial_diameter_mm", lesion->longest_axial_diameter);
        put(item, "perpendicular_diameter_mm", lesion->perpendicular_diameter);
        put_text(item, "lobe", st_lobe_name(lesion->lobe));
        json_object_set_new(item, "reached_through", reached_json(&r->supply, r->reached_through + i * r->supply.n));
        json_array_append_new(lesions, item);
    }
    json_object_set_new(object, "lesions", lesions);
    return object;
}

static json_t *tree_json(const st_result *r) {
    json_t *tree = json_object();
    put_count(tree, "terminals", r->tree.n_terminals);
    put_count(tree, "segments", r->tree.n);
    put(tree, "volume_ml", r->measures.volume / ST_ML);
    put(tree, "length_mm", r->measures.length);
    put(tree, "root_diameter_mm", r->measures.root_diameter);
    put(tree, "smallest_diameter_um", r->measures.smallest_diameter / ST_UM);
    put_count(tree, "orders", r->measures.orders);
    put_count(tree, "crossings", r->measures.crossings);
    put_count(tree, "outside", r->measures.outside);
    put_count(tree, "relocated", r->growth.relocated);
    return tree;
}

static json_t *flow_json(const st_result *r) {
    json_t *flow = json_object();
    double tumour, normal;
    st_tree_supply(&r->tree, r->flow_before, &tumour, &normal);
    put(flow, "hepatic_artery_ml_min", (tumour + normal) / ST_ML_MIN);
    put(flow, "tumour_arterial_ml_min", tumour / ST_ML_MIN);
    put(flow, "portal_ml_min", st_demand_portal_total(&r->demand, &r->liver) / ST_ML_MIN);
    return flow;
}

static json_t *particles_json(const st_particles *particles) {
    json_t *object = json_object();
    put_count(object, "injected", particles->injected);
    put_count(object, "lodged_tumour", particles->lodged_tumour);
    put_count(object, "lodged_normal", particles->lodged_normal);
    put_count(object, "refluxed", particles->refluxed);
    put_count(object, "passed", particles->passed);
    return object;
}

static json_t *oil_json(const st_oil *oil) {
    json_t *object = json_object();
    put(object, "injected_ml", oil->injected / ST_ML);
    put(object, "tumour_ml", oil->tumour / ST_ML);
    put(object, "normal_ml", oil->normal / ST_ML);
    put(object, "portal_ml", oil->portal / ST_ML);
    put(object, "refluxed_ml", oil->refluxed / ST_ML);
    return object;
}

static json_t *infusion_json(const st_infusion *infusion) {
    json_t *object = json_object(), *curve = json_object();
    json_t *injected = json_array(), *suspension = json_array(), *flow = json_array(), *beats = json_array();
    put_count(object, "segment", infusion->tip);
    put_text(object, "agent", infusion->agent);
    json_object_set_new(object, "particles", particles_json(&infusion->particles));
    json_object_set_new(object, "oil", oil_json(&infusion->oil));
    put(object, "embolic_volume_ml", infusion->embolic_volume / ST_ML);
    put(object, "suspension_ml", infusion->suspension_volume / ST_ML);
    put(object, "infusion_min", infusion->seconds / ST_MINUTE);
    put(object, "tip_flow_before_ml_min", infusion->tip_flow_before / ST_ML_MIN);
    put(object, "tip_flow_after_ml_min", infusion->tip_flow_after / ST_ML_MIN);
    put(object, "tip_flow_left_percent", infusion->tip_flow_after / infusion->tip_flow_before / ST_PERCENT);
    put(object, "clearance_heartbeats", infusion->clearance_beats);
    put_text(object, "stopped_by", infusion->stopped_by);
    for (size_t i = 0; i < infusion->n_curve; i++) {
        json_array_append_new(injected, json_integer((json_int_t)infusion->curve[i].injected));
        json_array_append_new(suspension, st_json_real(infusion->curve[i].suspension / ST_ML));
        json_array_append_new(flow, st_json_real(infusion->curve[i].tip_flow / ST_ML_MIN));
        json_array_append_new(beats, st_json_real(infusion->curve[i].clearance_beats));
    }
    json_object_set_new(curve, "injected", injected);
    json_object_set_new(curve, "suspension_ml", suspension);
    json_object_set_new(curve, "tip_flow_ml_min", flow);
    json_object_set_new(curve, "clearance_heartbeats", beats);
    json_object_set_new(object, "curve", curve);
    return object;
}

json_t *st_infusions_json(const st_infusion *infusion, size_t n) {
    const st_infusion *first = &infusion[0], *last = &infusion[n - 1];
    json_t *object = infusion_json(last), *steps = json_array();
    st_particles particles = {0};
    st_oil oil = {0};
    for (size_t k = 0; k < n; k++) {
        st_particles_add(&particles, &infusion[k].particles);
        st_oil_add(&oil, &infusion[k].oil);
        json_array_append_new(steps, infusion_json(&infusion[k]));
    }
    json_object_set_new(object, "particles", particles_json(&particles));
    json_object_set_new(object, "oil", oil_json(&oil));
    put(object, "tip_flow_before_ml_min", first->tip_flow_before / ST_ML_MIN);
    put(object, "tip_flow_left_percent", last->tip_flow_after / first->tip_flow_before / ST_PERCENT);
    json_object_set_new(object, "infusions", steps);
    return object;
}

/* `infusion` is the first of the n steps through the tip. */
static json_t *tip_json(const st_tip *tip, const st_infusion *infusion, size_t n, size_t n_lesions) {
    json_t *object = st_tip_json(tip, n_lesions), *given = st_infusions_json(infusion, n);
    json_object_update_missing(object, given);
    json_decref(given);
    return object;
}

static json_t *session_json(const st_case *c, const st_session *plan, const st_session_result *found,
                            size_t n_lesions) {
    json_t *session = json_object(), *tips = json_array(), *necrosis = json_array();
    const size_t steps = c->regimen.n;
    for (size_t t = 0; t < plan->n_tips; t++)
        json_array_append_new(tips, tip_json(&plan->tips[t], &found->infusions[t * steps], steps, n_lesions));
    for (size_t l = 0; l < n_lesions; l++)
        json_array_append_new(necrosis, st_json_real(found->lesion_necrosis[l] / ST_PERCENT));
    put(session, "week", plan->time / ST_WEEK);
    put_text(session, "lobe", st_lobe_name(plan->lobe));
    put(session, "coverage_percent", plan->coverage / ST_PERCENT);
    json_object_set_new(session, "tips", tips);
    json_object_set_new(session, "particles", particles_json(&found->particles));
    json_object_set_new(session, "oil", oil_json(&found->oil));
    put(session, "embolic_volume_ml", found->embolic_volume / ST_ML);
    put_text(session, "endpoint", st_endpoint_name(c->endpoint));
    put(session, "tip_flow_left_percent", found->tip_flow_left / ST_PERCENT);
    put(session, "tumour_arterial_flow_left_percent", found->tumour_arterial_left / ST_PERCENT);
    put(session, "normal_arterial_flow_left_percent", found->normal_arterial_left / ST_PERCENT);
    json_object_set_new(session, "lesion_necrosis_of_viable_percent", necrosis);
    put(session, "normal_necrotic_volume_ml", found->normal_necrotic_volume / ST_ML);
    return session;
}

static json_t *sessions_json(const st_case *c, const st_result *r) {
    json_t *sessions = json_array();
    for (size_t s = 0; s < r->plan.n_sessions; s++)
        json_array_append_new(sessions, session_json(c, &r->plan.sessions[s], &r->sessions[s], r->liver.n_lesions));
    return sessions;
}

static json_t *plan_json(const st_case *c, const st_result *r) {
    if (r->reach.n_lesions == 0)
        return json_null();
    json_t *plan = json_object();
    put(plan, "microcatheter_diameter_mm", st_parameter_value(&c->parameters, ST_P_MICROCATHETER_DIAMETER));
    put_count(plan, "vessels_entered", r->reach.n);
    json_object_set_new(plan, "feeders", st_feeders_json(&r->tree, &r->reach, &r->feeders));
    return plan;
}

/* Without a tumour there is no necrosis of it to speak of: null. */
static json_t *tissue_json(const st_result *r) {
    json_t *tissue = json_object(), *lesions = json_array();
    const st_tissue_summary *summary = &r->summary;
    put(tissue, "tumour_necrosis_percent", r->liver.n_lesions > 0 ? summary->tumour_necrosis / ST_PERCENT : NAN);
    put(tissue, "normal_liver_necrosis_percent", summary->normal_necrosis / ST_PERCENT);
    put(tissue, "normal_liver_necrosis_ml", summary->normal_necrotic_volume / ST_ML);
    for (size_t l = 0; l < r->liver.n_lesions; l++) {
        json_t *lesion = json_object();
        put_count(lesion, "id", r->liver.lesions[l].id);
        put(lesion, "necrosis_percent", summary->lesion_necrosis[l] / ST_PERCENT);
        json_array_append_new(lesions, lesion);
    }
    json_object_set_new(tissue, "lesions", lesions);
    return tissue;
}

static json_t *follow_up_json(const st_course *course) {
    json_t *visits = json_array();
    for (size_t i = 0; i < course->n_visits; i++) {
        const st_visit *visit = &course->visits[i];
        json_t *item = json_object();
        put(item, "week", visit->time / ST_WEEK);
        put_text(item, "recist", st_response_name(visit->recist));
        put_text(item, "mrecist", st_response_name(visit->mrecist));
        put_text(item, "who", st_response_name(visit->who));
        put(item, "sum_of_diameters_mm", visit->sum_of_diameters);
        put(item, "sum_of_viable_diameters_mm", visit->sum_of_viable_diameters);
        put(item, "sum_of_products_mm2", visit->sum_of_products);
        put(item, "viable_tumour_ml", visit->viable_volume / ST_ML);
        put_text(item, "biochemical_response", st_response_name(visit->biochemical));
        put(item, "urinary_5hiaa_of_baseline", visit->marker_5hiaa);
        put(item, "chromogranin_a_of_baseline", visit->marker_cga);
        json_array_append_new(visits, item);
    }
    return visits;
}

static json_t *course_json(const st_course *course) {
    if (course->n_visits == 0) /* no tumour, no course */
        return json_null();
    json_t *object = json_object();
    put(object, "doubling_time_month", course->doubling_time / ST_MONTH);
    put_text(object, "doubling_note", course->doubling_note);
    put(object, "ast_peak_of_baseline", course->ast_peak);
    put(object, "ast_peak_h", course->ast_peak_time / ST_HOUR);
    put(object, "alt_peak_of_baseline", course->alt_peak);
    put(object, "alt_peak_h", course->alt_peak_time / ST_HOUR);
    return object;
}

/* What kind of number each block holds. */
static json_t *kinds_json(const st_liver *liver) {
    json_t *kinds = json_object();
    put_text(kinds, "patient", "recorded, completed from the image");
    put_text(kinds, "anatomy", "the arteries' parts and places of entry are assumed");
    put_text(kinds, "liver",
             liver->synthetic ? "measured on the image; its lesions are synthetic" : "measured on the image");
    put_text(kinds, "tree", "simulated");
    put_text(kinds, "flow", "assumed per tissue volume, simulated in the vessels");
    put_text(kinds, "plan", "simulated");
    put_text(kinds, "sessions", "simulated");
    put_text(kinds, "tissue", "simulated");
    put_text(kinds, "follow_up", "simulated from pooled and assumed rates");
    put_text(kinds, "uncertainty", "simulated, from measured and assumed ranges");
    put_text(kinds, "course", "simulated from pooled and assumed rates");
    return kinds;
}

static json_t *parameters_json(const st_parameters *parameters) {
    json_t *changed = json_object();
    for (size_t i = 0; i < ST_PARAMETER_COUNT; i++)
        if (parameters->item[i].changed)
            put(changed, parameters->item[i].name, parameters->item[i].value);
    return changed;
}

static json_t *notes_json(const st_result *r) {
    json_t *notes = json_array();
    for (size_t i = 0; i < r->n_notes; i++)
        json_array_append_new(notes, json_string(r->notes[i]));
    return notes;
}

static json_t *timing_json(const st_timing *timing) {
    json_t *object = json_object();
    put(object, "tree", timing->tree);
    put(object, "flow", timing->flow);
    put(object, "plan", timing->plan);
    put(object, "infusion", timing->infusion);
    put(object, "tissue", timing->tissue);
    put(object, "course", timing->course);
    put(object, "samples", timing->samples);
    put(object, "report", timing->report);
    put(object, "total", timing->total);
    return object;
}

st_status st_result_json(const st_case *c, const st_result *result, json_t **root, st_error *err) {
    json_t *patient = NULL;
    st_status status = st_patient_check_json(&result->patient, &c->parameters, &patient, err);
    if (status != ST_OK)
        return status;
    struct {
        const char *key;
        json_t *value;
    } const part[] = {
        {"stasis_version", json_string(st_version())},
        {"seed", json_integer((json_int_t)c->seed)},
        {"case_id", json_string(c->id)},
        {"patient", patient},
        {"anatomy", anatomy_json(c, &result->supply)},
        {"liver", liver_json(result)},
        {"treatment", treatment_json(c)},
        {"tree", tree_json(result)},
        {"flow", flow_json(result)},
        {"plan", plan_json(c, result)},
        {"sessions", sessions_json(c, result)},
        {"tissue", tissue_json(result)},
        {"follow_up", follow_up_json(&result->course)},
        {"course", course_json(&result->course)},
        {"uncertainty", result->samples.n > 0 ? st_samples_json(&result->samples) : json_null()},
        {"kinds", kinds_json(&result->liver)},
        {"parameters_changed", parameters_json(&c->parameters)},
        {"notes", notes_json(result)},
        {"timing_s", timing_json(&result->timing)},
    };
    bool complete = (*root = json_object()) != NULL;
    for (size_t i = 0; i < sizeof part / sizeof part[0]; i++)
        complete = json_object_set_new(*root, part[i].key, part[i].value) == 0 && complete;
    if (complete)
        return ST_OK;
    json_decref(*root);
    *root = NULL;
    return st_fail(err, ST_MEMORY, "not enough memory for the result");
}
