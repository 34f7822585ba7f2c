/* The chain: labels to liver, eligibility, tree, flow, plan, infusion, tissue, follow-up.
 *
 * SPDX-License-Identifier: GPL-3.0-or-later
 */
#include "run_internal.h"

#include <stasis/units.h>

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

void run_note(run *r, const char *format, ...) {
    st_result *result = r->result;
    if (result->n_notes == COUNT(result->notes)) {
        r->notes_left_out += r->notes_left_out == 0 ? 2 : 1;
        snprintf(result->notes[COUNT(result->notes) - 1], sizeof result->notes[0], "%zu more notes had no room here.",
                 r->notes_left_out);
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(result->notes[result->n_notes++], sizeof result->notes[0], format, arguments);
    va_end(arguments);
}

void run_report_span(void *context, const char *stage, double fraction) {
    const span *s = context;
    (void)stage;
    st_progress_report(s->outer, s->stage, s->from + (s->to - s->from) * fraction);
}

/* ---- anatomy and patient -------------------------------------------------- */

static st_status stage_anatomy(run *r) {
    const st_case *c = r->c;
    st_liver *liver = &r->result->liver;
    st_status status = st_labels_read(c->labels_file, &r->result->labels, r->err);
    if (status == ST_OK)
        status = st_liver_from_labels(&r->result->labels, &c->map, &c->parameters, liver, r->err);
    if (status == ST_OK && c->root_given)
        status = st_liver_set_root(liver, c->root, &c->parameters, r->err);
    if (status == ST_OK)
        status = run_supply(r);
    if (status != ST_OK && r->err != NULL && r->err->file[0] == 0)
        snprintf(r->err->file, sizeof r->err->file, "%s", c->labels_file);
    if (status != ST_OK)
        return status;
    r->result->demand = st_demand_from_parameters(&c->parameters);
    if (liver->note[0] != '\0')
        run_note(r, "Label map: %s.", liver->note);
    if (liver->synthetic)
        run_note(r, "The lesions are synthetic: they were placed by a program, not found in a patient.");
    return ST_OK;
}

/* A number of the record beside the same number of the image: the image fills what the record lacks; where
 * both speak and differ by more than the tolerance, the record stands and a note says so. */
static void complete(run *r, double *recorded, double imaged, double tolerance, const char *what, const char *unit) {
    if (isnan(*recorded)) {
        *recorded = imaged;
        run_note(r, "%s: not in the record, taken from the image (%.3g%s).", what, imaged, unit);
    } else if (fabs(*recorded - imaged) > tolerance * fmax(*recorded, imaged)) {
        run_note(
            r,
            "%s: the record says %.3g%s, the image %.3g%s. Eligibility follows the record, the simulation the image.",
            what, *recorded, unit, imaged, unit);
    }
}

static st_status stage_patient(run *r) {
    const st_parameters *parameters = &r->c->parameters;
    st_result *result = r->result;
    const st_liver *liver = &result->liver;
    result->patient = r->c->patient;
    st_patient *patient = &result->patient;
    double largest = 0, tolerance = st_parameter_value(parameters, ST_P_RECORD_TOLERANCE);
    for (size_t i = 0; i < liver->n_lesions; i++)
        largest = fmax(largest, liver->lesions[i].longest_axial_diameter);
    complete(r, &patient->liver.metastases_count, (double)liver->n_lesions, 0, "Number of metastases", "");
    complete(r, &patient->liver.largest_diameter_mm, largest, tolerance, "Largest diameter", " mm");
    complete(r, &patient->liver.tumour_burden_percent, st_liver_burden(liver) / ST_PERCENT, tolerance, "Tumour burden",
             " %");
    result->grade = st_patient_grade(patient, result->grade_reason, sizeof result->grade_reason);
    st_status status = st_patient_eligibility(patient, parameters, &result->eligibility, r->err);
    if (status == ST_OK && result->eligibility.verdict != ST_VERDICT_ELIGIBLE)
        run_note(r, "The verdict is \"%s\"; the simulation was run all the same and recommends nothing.",
                 st_verdict_name(result->eligibility.verdict));
    return status;
}

/* ---- tree and flow --------------------------------------------------------- */

static st_status stage_tree(run *r) {
    const st_case *c = r->c;
    st_result *result = r->result;
    const st_tree_options options = {.supply = &result->supply, .terminals = c->terminals, .seed = c->seed};
    span growth = {r->progress, "tree", 0, 0.9}; /* the rest of the bar is the measuring */
    const st_progress progress = {run_report_span, &growth};
    st_status status =
        st_tree_grow(&result->liver, &c->parameters, &options, &progress, &result->tree, &result->growth, r->err);
    if (status == ST_OK)
        status = st_tree_measure(&result->tree, &result->liver, &c->parameters, r->threads, &result->measures, r->err);
    if (status == ST_OK)
        status = run_reached(r);
    return status;
}

static st_status stage_flow(run *r) {
    st_result *result = r->result;
    const size_t n = result->tree.n;
    if ((result->flow_before = st_alloc(n, sizeof *result->flow_before, r->err)) == NULL ||
        (result->flow_after = st_alloc(n, sizeof *result->flow_after, r->err)) == NULL ||
        (result->pressure_before = st_alloc(n, sizeof *result->pressure_before, r->err)) == NULL ||
        (result->pressure_after = st_alloc(n, sizeof *result->pressure_after, r->err)) == NULL ||
        (result->lodged = st_alloc(n, sizeof *result->lodged, r->err)) == NULL ||
        (result->lodged_volume = st_alloc(n, sizeof *result->lodged_volume, r->err)) == NULL ||
        (result->oil = st_alloc(n, sizeof *result->oil, r->err)) == NULL ||
        (result->territory = st_alloc(n, sizeof *result->territory, r->err)) == NULL)
        return ST_MEMORY;
    const double width = st_regimen_width(&r->c->regimen, &r->c->parameters);
    st_status status = st_bed_new(&result->tree, &r->c->parameters, width, r->c->seed, &r->bed, r->err);
    if (status == ST_OK)
        status = st_bed_flow(r->bed, result->flow_before, result->pressure_before, r->err);
    if (status != ST_OK)
        return status;
    memcpy(result->flow_after, result->flow_before, n * sizeof *result->flow_after);
    memcpy(result->pressure_after, result->pressure_before, n * sizeof *result->pressure_after);
    return ST_OK;
}

/* ---- plan ------------------------------------------------------------------- */

static st_status find_tip(run *r, size_t index, uint32_t *segment) {
    const st_tip_request *request = &r->c->tips[index];
    const st_tree *tree = &r->result->tree;
    const st_parameters *parameters = &r->c->parameters;
    *segment = ST_NONE;
    if (request->kind == ST_TIP_LOBE) {
        st_status status = st_plan_lobar_tip(&r->result->liver, tree, parameters, request->lobe, segment, r->err);
        if (status == ST_OK && *segment == ST_NONE)
            return st_fail_at(r->err, ST_VALUE, r->c->file, 0, 0,
                              "treatment.tips[%zu]: no single vessel supplies the %s lobe of this tree", index,
                              st_lobe_name(request->lobe));
        return status;
    }
    if (request->kind == ST_TIP_POINT) {
        const double diameter = st_parameter_value(parameters, ST_P_MICROCATHETER_DIAMETER);
        const double within = st_parameter_value(parameters, ST_P_TIP_POINT_TOLERANCE);
        *segment = st_tree_nearest(tree, request->point, diameter, within);
        if (*segment == ST_NONE)
            return st_fail_at(r->err, ST_VALUE, r->c->file, 0, 0,
                              "treatment.tips[%zu]: within %.3g mm of (%.6g, %.6g, %.6g) mm LPS there is no vessel of "
                              "%.2g mm or more, which a microcatheter enters",
                              index, within, request->point[0], request->point[1], request->point[2], diameter);
        return ST_OK;
    }
    *segment = request->segment;
    const st_status status = st_catheter_check(tree, parameters, request->segment, r->err);
    if (status != ST_OK && r->err != NULL)
        snprintf(r->err->field, sizeof r->err->field, "treatment.tips[%zu]", index);
    return status;
}

static st_status plan_given(run *r) {
    uint32_t *segments = st_alloc(r->c->n_tips, sizeof *segments, r->err);
    if (segments == NULL)
        return ST_MEMORY;
    st_status status = ST_OK;
    for (size_t i = 0; i < r->c->n_tips && status == ST_OK; i++)
        status = find_tip(r, i, &segments[i]);
    if (status == ST_OK)
        status = st_plan_given(&r->result->tree, r->result->liver.n_lesions, segments, r->c->n_tips, &r->result->plan,
                               r->err);
    if (status != ST_OK && r->err != NULL && r->err->file[0] == 0)
        snprintf(r->err->file, sizeof r->err->file, "%s", r->c->file);
    free(segments);
    return status;
}

static st_status stage_plan(run *r) {
    st_result *result = r->result;
    if (result->liver.n_lesions == 0) {
        run_note(r, "The image has no tumour: nothing to embolise, no session was simulated.");
        return ST_OK;
    }
    const st_parameters *parameters = &r->c->parameters;
    st_status status = st_plan_reach(&result->tree, result->liver.n_lesions, parameters, &result->reach, r->err);
    if (status == ST_OK)
        status = st_plan_feeders(&result->reach, parameters, &result->feeders, r->err);
    if (status == ST_OK)
        status = r->c->tips_auto
                     ? st_plan_auto(&result->liver, &result->tree, parameters, r->c->sessions, &result->plan, r->err)
                     : plan_given(r);
    if (status != ST_OK)
        return status;
    size_t tips = 0;
    for (size_t s = 0; s < result->plan.n_sessions; s++)
        tips += result->plan.sessions[s].n_tips;
    if (tips == 0) {
        st_plan_fini(&result->plan);
        memset(&result->plan, 0, sizeof result->plan);
        run_note(
            r,
            "No vessel that a microcatheter enters feeds the tumour: nothing to embolise, no session was simulated.");
    }
    st_plan_territories(&result->plan, &result->tree, result->territory);
    return ST_OK;
}

static st_status stage_tissue(run *r) {
    st_result *result = r->result;
    st_status status =
        st_tissue_init(&result->liver, &result->tree, &r->c->parameters, r->threads, &result->tissue, r->err);
    if (status != ST_OK)
        return status;
    st_tissue_update(&result->tissue, &result->liver, &result->tree, &r->c->parameters, result->flow_before, 0,
                     r->threads);
    return st_tissue_summarise(&result->tissue, &result->liver, &result->summary, r->err);
}

/* ---- follow-up ----------------------------------------------------------------- */

static st_status stage_course(run *r) {
    st_result *result = r->result;
    const size_t n = result->plan.n_sessions;
    if (result->liver.n_lesions == 0)
        return ST_OK;
    st_insult *insults = st_alloc(n, sizeof *insults, r->err);
    if (insults == NULL)
        return ST_MEMORY;
    for (size_t s = 0; s < n; s++)
        insults[s] = (st_insult){.time = result->plan.sessions[s].time,
                                 .lesion_necrosis = result->sessions[s].lesion_necrosis,
                                 .normal_necrotic_volume = result->sessions[s].normal_necrotic_volume};
    st_status status = st_course_run(&result->liver, result->grade, &result->patient, insults, n, r->c->weeks,
                                     r->c->n_weeks, &r->c->parameters, &result->course, r->err);
    free(insults);
    return status;
}

/* ---- the chain ------------------------------------------------------------------- */

typedef struct stage {
    const char *name; /* NULL: reports and times itself, session by session */
    st_status (*body)(run *r);
    size_t seconds; /* offset in st_timing of the entry it adds to, NO_ENTRY for none */
} stage;

#define NO_ENTRY SIZE_MAX

static st_status run_stage(run *r, const stage *s) {
    if (r->stop != NULL && *r->stop)
        return st_fail(r->err, ST_INTERRUPTED, "stopped on request");
    const double begun = st_clock();
    if (s->name != NULL)
        st_progress_report(r->progress, s->name, 0);
    st_status status = s->body(r);
    if (s->name != NULL && status == ST_OK)
        st_progress_report(r->progress, s->name, 1);
    if (s->seconds != NO_ENTRY)
        *(double *)((char *)&r->result->timing + s->seconds) += st_clock() - begun;
    return status;
}

st_status st_case_run(const st_case *c, int threads, const st_progress *progress, const volatile int *stop,
                      st_result *result, st_error *err) {
    static const stage chain[] = {
        {"anatomy", stage_anatomy, NO_ENTRY},
        {"eligibility", stage_patient, NO_ENTRY},
        {"tree", stage_tree, offsetof(st_timing, tree)},
        {"flow", stage_flow, offsetof(st_timing, flow)},
        {"plan", stage_plan, offsetof(st_timing, plan)},
        {"territories", stage_tissue, offsetof(st_timing, tissue)},
        {NULL, run_sessions, NO_ENTRY},
        {"follow-up", stage_course, offsetof(st_timing, course)},
        {NULL, run_samples, offsetof(st_timing, samples)},
    };
    memset(result, 0, sizeof *result);
    run r = {.c = c, .threads = threads, .progress = progress, .stop = stop, .result = result, .err = err};
    const double begun = st_clock();
    st_status status = ST_OK;
    for (size_t i = 0; i < COUNT(chain) && status == ST_OK; i++)
        status = run_stage(&r, &chain[i]);
    result->timing.total = st_clock() - begun;
    st_bed_free(r.bed);
    if (status != ST_OK)
        st_result_fini(result);
    return status;
}

void st_result_fini(st_result *result) {
    for (size_t s = 0; result->sessions != NULL && s < result->plan.n_sessions; s++) {
        for (size_t i = 0; i < result->sessions[s].n_infusions; i++)
            st_infusion_fini(&result->sessions[s].infusions[i]);
        free(result->sessions[s].infusions);
        free(result->sessions[s].lesion_necrosis);
    }
    free(result->sessions);
    free(result->reached_through);
    free(result->flow_before);
    free(result->flow_after);
    free(result->pressure_before);
    free(result->pressure_after);
    free(result->lodged);
    free(result->lodged_volume);
    free(result->oil);
    free(result->territory);
    st_samples_fini(&result->samples);
    st_course_fini(&result->course);
    st_tissue_summary_fini(&result->summary);
    st_tissue_fini(&result->tissue);
    st_plan_fini(&result->plan);
    st_feeders_fini(&result->feeders);
    st_reach_fini(&result->reach);
    st_tree_fini(&result->tree);
    st_supply_fini(&result->supply);
    st_liver_fini(&result->liver);
    st_labels_fini(&result->labels);
    memset(result, 0, sizeof *result);
}
